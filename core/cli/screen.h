/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is shown during an attach: bytes of machines on standard output, and notes of ours among
 * them, each on a line of its own: "[stoker: …]". Where standard output is no terminal the notes go
 * to standard error.
 */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "cli/inherited.h"

#include <ev.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct fault;

struct screen_events {
	/* too much waits to be shown: let the machines wait; or no more */
	void (*pressure)(void *data, bool pressed);
	/* standard output is gone: -EPIPE, -EIO … */
	void (*failed)(void *data, int err);
	/* all that waited is shown */
	void (*empty)(void *data);
};

/* Start with {.out.fd = -1}. */
struct screen {
	struct ev_loop *loop;
	const struct screen_events *events;
	void *data;
	struct inherited out;
	ev_io writable;
	unsigned char *queue;		/* what waits to be shown */
	size_t first, length, size;
	bool pressed, failed;
	bool line_open;			/* what was shown last is not the end of a line */
	size_t lost;			/* bytes for which there was no room */
};

/* -errno with a sentence. */
int screen_open(struct screen *screen, struct ev_loop *loop, const struct screen_events *events,
		void *data, struct fault *f);
/* What still waits is lost. */
void screen_close(struct screen *screen);

void screen_bytes(struct screen *screen, const void *bytes, size_t length);
/* A sentence, in brackets; control characters in it are shown as "?". */
void screen_note(struct screen *screen, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void screen_vnote(struct screen *screen, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/* A text of several lines, without brackets, where the notes go. */
void screen_text(struct screen *screen, const char *text);
/* A question, whose line stays open. */
void screen_ask(struct screen *screen, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What ends a line: the terminal itself adds the carriage return where it is not raw. */
const char *screen_line_end(const struct screen *screen);

/* Bytes that wait to be shown. */
size_t screen_waiting(const struct screen *screen);

#endif
