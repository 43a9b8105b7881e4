/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The escape character of an attach: what is typed, parted into bytes for the machine and requests
 * to ourselves. A pure machine of states: it knows neither terminals nor consoles.
 */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

struct fault;

enum { ESCAPE_NONE = -1, ESCAPE_DEFAULT = '&' };

/* What was asked for, by the character behind the escape character. */
enum escape_request {
	ESCAPE_NOTHING,
	ESCAPE_LEAVE,		/* . */
	ESCAPE_HELP,		/* ? */
	ESCAPE_BREAK,		/* B */
	ESCAPE_CYCLE,		/* C */
	ESCAPE_INFO,		/* I */
	ESCAPE_REPLAY,		/* L */
	ESCAPE_READ_ONLY,	/* M */
	ESCAPE_RESET,		/* R */
	ESCAPE_WHO,		/* W */
	ESCAPE_SUSPEND,		/* Z */
	ESCAPE_YES, ESCAPE_NO,	/* the answer to what escape_ask began */
};

/* Start with {.character = …}: ESCAPE_NONE, or the character. */
struct escape {
	int character;
	enum { ESCAPE_PLAIN, ESCAPE_BEGUN, ESCAPE_ASKED } state;
};

/* What escape_feed writes at most for so many bytes: one may be held from before. */
#define ESCAPE_ROOM(length) ((length) + 1)

/*
 * Reads what was typed up to the first request, or to its end; returns how many bytes it read. out,
 * with room for ESCAPE_ROOM(length): the *n bytes that are the machine's, and come before the
 * request. The escape character behind itself is the machine's, once; before a character that asks
 * for nothing both are.
 */
size_t escape_feed(struct escape *escape, const unsigned char *typed, size_t length,
		   unsigned char *out, size_t *n, enum escape_request *request);
/* The next byte is an answer: y or Y is ESCAPE_YES, everything else ESCAPE_NO. */
void escape_ask(struct escape *escape);

/*
 * "&", "^]" (a control character), "none". -EINVAL with a sentence for more than one character, and
 * for one that could not be typed any more or is one of the requests.
 */
int escape_parse(const char *text, int *character, struct fault *f);
/* As it is typed: "&", "^]". text: room for 3 bytes. */
const char *escape_name(int character, char text[3]);
/* The letter of a request. */
char escape_letter(enum escape_request request);

#endif
