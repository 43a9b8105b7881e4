/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a console says as it stands in a log: the very bytes, or lines of text in which nothing
 * controls the terminal of who looks at them later. A byte at a time, with no byte held back: what
 * has come is in the file, whatever happens next.
 *
 * As text, a carriage return before or behind a line feed is dropped, one on its own ends the line;
 * other control characters become ^X, as conman writes them, and bytes that are no UTF-8 ~X, X
 * being what is left without the highest bit.
 */
#ifndef DAEMON_LOGTEXT_H
#define DAEMON_LOGTEXT_H

#include <stdbool.h>
#include <stddef.h>

/* "2026-11-25T22:59:53.123+00:00 " and the most that a byte becomes behind it. */
enum { STAMP_MAX = 40, LOGTEXT_MAX = STAMP_MAX + 4 };

/* Start with {.raw = …, .stamps = …, .line_start = true}. */
struct logtext {
	bool raw, stamps;
	bool line_start;		/* the next byte is the first of a line */
	bool after_return;		/* a line was ended by a carriage return */
	unsigned char need;		/* bytes that a UTF-8 character still wants */
	unsigned char lead;		/* its first one */
};

/* Writes what a byte becomes to out, at most LOGTEXT_MAX bytes; how many. stamp: text and blank. */
size_t logtext_byte(struct logtext *text, unsigned char byte, const char *stamp,
		    char out[LOGTEXT_MAX]);
/* A time as ISO 8601 has it, to the millisecond, in local time. */
void logtext_stamp(double time, char stamp[STAMP_MAX]);

#endif
