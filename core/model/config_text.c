/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A configuration file's text, read once before libconfuse reads it. Comments become blanks, since
 * libconfuse 3.3 counts two lines too many for each; the lines on which sections begin are noted,
 * since it only tells where they end; and it takes the end of the file for a closing brace.
 * Comments are #, // and slash-star, outside of quotes.
 */
#include "model/config_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct scan {
	struct config_text *text;
	size_t at;
	unsigned line, depth;
	char before;			/* the last character that was no blank */
};

static int note_section(struct scan *s)
{
	struct config_text *t = s->text;
	size_t n = t->nsections;

	/* grows when the number is a power of two, or none */
	if ((n & (n - 1)) == 0) {
		unsigned *sections = realloc(t->sections, (n ? n * 2 : 1) * sizeof(*sections));

		if (!sections)
			return -ENOMEM;
		t->sections = sections;
	}
	t->sections[t->nsections++] = s->line;
	return 0;
}

static void skip_quoted(struct scan *s, char quote)
{
	const char *bytes = s->text->bytes;

	for (s->at++; s->at < s->text->length && bytes[s->at] != quote; s->at++) {
		if (bytes[s->at] == '\\' && s->at + 1 < s->text->length)
			s->at++;
		s->line += bytes[s->at] == '\n';
	}
}

static void blank(struct scan *s, size_t end)
{
	for (; s->at < end; s->at++) {
		if (s->text->bytes[s->at] == '\n')
			s->line++;
		else
			s->text->bytes[s->at] = ' ';
	}
	s->at = end - 1;
}

/* Where a comment that begins here ends; 0: none begins here. */
static size_t comment_end(const struct scan *s)
{
	const char *here = s->text->bytes + s->at, *end;
	size_t left = s->text->length - s->at;
	/* a slash in the middle of a bare word is part of the word */
	bool fresh = !s->at || isspace((unsigned char)here[-1]) || strchr("={}(),+", here[-1]);

	if (*here == '#' || (fresh && left > 1 && here[0] == '/' && here[1] == '/')) {
		end = memchr(here, '\n', left);
	} else if (fresh && left > 1 && here[0] == '/' && here[1] == '*') {
		/* not by memmem: it is 1 KB of a static program that needs it here alone */
		for (end = here + 2; end + 1 < here + left; end++) {
			if (end[0] == '*' && end[1] == '/')
				return (size_t)(end + 2 - s->text->bytes);
		}
		/* one that is not closed is left for libconfuse to complain about */
		return 0;
	} else {
		return 0;
	}
	return end ? (size_t)(end - s->text->bytes) : s->text->length;
}

static int scan_one(struct scan *s)
{
	char c = s->text->bytes[s->at];
	size_t end = comment_end(s);
	int err = 0;

	if (end) {
		blank(s, end);
		return 0;
	}
	if (c == '"' || c == '\'') {
		skip_quoted(s, c);
	} else if (c == '\n') {
		s->line++;
	} else if (c == '{') {
		/* behind an equal sign it opens a list */
		if (!s->depth++ && s->before != '=')
			err = note_section(s);
	} else if (c == '}' && s->depth) {
		s->depth--;
	}
	if (!isspace((unsigned char)c))
		s->before = c;
	return err;
}

int config_text_prepare(struct config_text *text, char *bytes, size_t length)
{
	struct scan s = {.text = text, .line = 1};

	*text = (struct config_text){.bytes = bytes, .length = length};
	for (; s.at < length; s.at++) {
		if (scan_one(&s)) {
			config_text_free(text);
			return -ENOMEM;
		}
	}
	text->unclosed = s.depth > 0;
	return 0;
}

void config_text_free(struct config_text *text)
{
	free(text->sections);
	text->sections = NULL;
}

unsigned config_text_section(const struct config_text *text, size_t n)
{
	return n < text->nsections ? text->sections[n] : 0;
}
