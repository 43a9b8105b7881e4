/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What consoles that are one descriptor have in common: its stream is the console's, and what has
 * been taken is written before it is closed.
 */
#ifndef CONSOLE_CHANNEL_H
#define CONSOLE_CHANNEL_H

#include "base/stream.h"

struct console;

/* What stands first in a driver's own struct, which the console's `data` points to. */
struct channel {
	struct console *console;
	struct stream stream;		/* stopped until channel_start */
	ev_timer limit;			/* while it closes: how long what waits is tried to be written */
	/*
	 * The stream has stopped, and so has the timer: the driver calls console_closed and frees
	 * its struct. err: 0 when the other end has closed, -ECANCELED after channel_close, others
	 * of reading and writing. Once.
	 */
	void (*over)(struct channel *channel, int err);
};

void channel_init(struct channel *channel, struct console *console,
		  void (*over)(struct channel *channel, int err));
/* Takes a descriptor over: from now on it is the console's. console_opened is the driver's to call. */
void channel_start(struct channel *channel, int fd);

/* Ends it at once, with this err. */
void channel_end(struct channel *channel, int err);

/* These are `write`, `pause` and `close` of such a console; close fits before the start too. */
size_t channel_write(struct console *console, const unsigned char *bytes, size_t length);
void channel_pause(struct console *console, bool pause);
void channel_close(struct console *console);

#endif
