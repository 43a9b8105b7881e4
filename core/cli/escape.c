/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The escape character. See escape.h. */
#include "cli/escape.h"
#include "base/fault.h"

#include <errno.h>
#include <string.h>

static const char letters[] = {
	[ESCAPE_LEAVE] = '.', [ESCAPE_HELP] = '?', [ESCAPE_BREAK] = 'B', [ESCAPE_CYCLE] = 'C',
	[ESCAPE_INFO] = 'I', [ESCAPE_REPLAY] = 'L', [ESCAPE_READ_ONLY] = 'M', [ESCAPE_RESET] = 'R',
	[ESCAPE_WHO] = 'W', [ESCAPE_SUSPEND] = 'Z',
};

enum { DELETE = 0x7f };

static enum escape_request request_of(unsigned char typed)
{
	for (unsigned i = ESCAPE_LEAVE; i < sizeof(letters); i++) {
		if (letters[i] == typed)
			return i;
	}
	return ESCAPE_NOTHING;
}

/* The byte behind the escape character. */
static enum escape_request finish(struct escape *e, unsigned char typed, unsigned char *out,
				  size_t *n)
{
	enum escape_request request = ESCAPE_NOTHING;

	if (typed != e->character)
		request = request_of(typed);
	if (request == ESCAPE_NOTHING) {
		out[(*n)++] = (unsigned char)e->character;
		if (typed != e->character)
			out[(*n)++] = typed;
	}
	e->state = ESCAPE_PLAIN;
	return request;
}

size_t escape_feed(struct escape *e, const unsigned char *typed, size_t length,
		   unsigned char *out, size_t *n, enum escape_request *request)
{
	size_t i = 0;

	*n = 0;
	*request = ESCAPE_NOTHING;
	while (i < length && *request == ESCAPE_NOTHING) {
		unsigned char c = typed[i++];

		if (e->state == ESCAPE_ASKED) {
			*request = c == 'y' || c == 'Y' ? ESCAPE_YES : ESCAPE_NO;
			e->state = ESCAPE_PLAIN;
		} else if (e->state == ESCAPE_BEGUN) {
			*request = finish(e, c, out, n);
		} else if (c == e->character) {
			e->state = ESCAPE_BEGUN;
		} else {
			out[(*n)++] = c;
		}
	}
	return i;
}

void escape_ask(struct escape *e)
{
	e->state = ESCAPE_ASKED;
}

int escape_parse(const char *text, int *character, struct fault *f)
{
	unsigned char c = (unsigned char)text[0];

	if (!strcmp(text, "none")) {
		*character = ESCAPE_NONE;
		return 0;
	}
	if (c == '^' && text[1] && !text[2]) {
		unsigned char of = (unsigned char)text[1];

		if (of >= 'a' && of <= 'z')
			of -= 'a' - 'A';
		if (of != '?' && (of < '@' || of > '_'))
			return fault_set(f, EINVAL, "\"%s\" is no control character: write ^A to "
					 "^Z, ^[, ^\\, ^], ^^ or ^_", text);
		c = of == '?' ? DELETE : of - '@';
	} else if (!c || text[1] || c > DELETE) {
		return fault_set(f, EINVAL, "\"%s\" is not one ASCII character: write for example "
				 "&, ^] or none", text);
	}
	if (!c || c == '\r' || c == '\n' || request_of(c))
		return fault_set(f, EINVAL, "\"%s\" means something else already: choose another, "
				 "for example & or ^]", text);
	*character = c;
	return 0;
}

const char *escape_name(int character, char text[3])
{
	bool control = character < ' ' || character == DELETE;

	text[0] = control ? '^' : (char)character;
	text[1] = control ? (char)(character ^ '@') : '\0';
	text[2] = '\0';
	return text;
}

char escape_letter(enum escape_request request)
{
	return (size_t)request < sizeof(letters) ? letters[request] : '\0';
}
