/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one of many machines says, a line at a time. See line.h. */
#include "cli/line.h"

enum { BELL = 7, ESCAPE = 0x1b, DELETE = 0x7f };

static void emit(struct line *l, line_fn *show, void *data)
{
	show(data, l->text, l->length);
	l->length = 0;
	l->anew = l->shown = false;
}

/* A character may be several bytes of UTF-8. */
static void take_back(struct line *l)
{
	while (l->length && (l->text[--l->length] & 0xc0) == 0x80)
		;
}

static void add(struct line *l, unsigned char c, line_fn *show, void *data)
{
	/* a control character of the second set, in UTF-8 */
	if (c >= 0x80 && c < 0xa0 && l->length && l->text[l->length - 1] == 0xc2) {
		l->length--;
		return;
	}
	if (l->anew)
		l->length = 0;
	l->anew = false;
	if (l->length == sizeof(l->text))
		emit(l, show, data);
	l->text[l->length++] = c;
}

static void text(struct line *l, unsigned char c, line_fn *show, void *data)
{
	if (c == '\n')
		emit(l, show, data);
	else if (c == '\r')
		l->anew = true;
	else if (c == '\b')
		take_back(l);
	else if (c == ESCAPE)
		l->state = LINE_ESCAPE;
	else if (c == '\t' || (c >= ' ' && c != DELETE))
		add(l, c, show, data);
}

/* ECMA-48, 5.4 (control sequences) and 5.6 (control strings); the end of a line ends them all. */
static bool is_in_sequence(struct line *l, unsigned char c)
{
	switch (l->state) {
	case LINE_TEXT:
		return false;
	case LINE_ESCAPE:
		l->state = c == '[' ? LINE_SEQUENCE :
			   c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_' ? LINE_STRING :
			   c >= ' ' && c < '0' ? LINE_ESCAPE : LINE_TEXT;
		return c >= ' ';
	case LINE_SEQUENCE:
		if (c >= '@' || c < ' ')
			l->state = LINE_TEXT;
		return c >= ' ';
	case LINE_STRING:
		if (c == BELL || c == '\n')
			l->state = LINE_TEXT;
		else if (c == ESCAPE)
			l->state = LINE_STRING_ESCAPE;
		return c != '\n';
	case LINE_STRING_ESCAPE:
		l->state = c == '\\' || c == '\n' ? LINE_TEXT : LINE_STRING;
		return c != '\n';
	}
	return false;
}

void line_feed(struct line *l, const unsigned char *bytes, size_t length, line_fn *show, void *data)
{
	for (size_t i = 0; i < length; i++) {
		if (!is_in_sequence(l, bytes[i]))
			text(l, bytes[i], show, data);
	}
}

bool line_is_waiting(const struct line *l)
{
	return l->length && !l->shown;
}

void line_show(struct line *l, line_fn *show, void *data)
{
	l->shown = true;
	show(data, l->text, l->length);
}
