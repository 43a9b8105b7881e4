/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one of many machines says, a line at a time, as --broadcast shows it: what a terminal would
 * show of it without moving about. Escape sequences (ECMA-48) and control characters are left out;
 * a carriage return begins the line anew, a backspace takes a character back.
 */
#ifndef CLI_LINE_H
#define CLI_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* A longer line is shown in pieces; bytes. */
enum { LINE_MAX_LENGTH = 1024 };

/* Start with {0}. */
struct line {
	unsigned char text[LINE_MAX_LENGTH];
	size_t length;
	enum { LINE_TEXT, LINE_ESCAPE, LINE_SEQUENCE, LINE_STRING, LINE_STRING_ESCAPE } state;
	bool anew;			/* what comes next begins it anew */
	bool shown;			/* as far as it is there: by line_show */
	double touched;			/* the owner's: when something came last */
};

typedef void line_fn(void *data, const unsigned char *text, size_t length);

/* Each line that becomes complete is handed over, without its end. */
void line_feed(struct line *line, const unsigned char *bytes, size_t length, line_fn *show,
	       void *data);
/* Whether there is something of a line that was not handed over, not even in part. */
bool line_is_waiting(const struct line *line);
/* Hands over what is there of a line; the whole of it follows when it is complete. */
void line_show(struct line *line, line_fn *show, void *data);

#endif
