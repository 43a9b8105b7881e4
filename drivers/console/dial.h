/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A TCP connection to where a method says, "ts1:2003", made without blocking. */
#ifndef CONSOLE_DIAL_H
#define CONSOLE_DIAL_H

#include <ev.h>
#include <stdint.h>

struct console;
struct fault;
struct resolve;

/*
 * It stands: fd is the receiver's, err is 0. Or it does not: fd is -1, err a negative errno, and
 * the sentence says why.
 */
typedef void dial_fn(void *data, int fd, int err, const char *sentence);

/* Start with {0}: nothing is under way. */
struct dial {
	struct ev_loop *loop;
	const char *to;			/* as it was written */
	uint16_t port;
	dial_fn *done;
	void *data;
	struct resolve *lookup;
	ev_io io;
};

/*
 * Whether a method may say so: "HOST:PORT", "[v6]:PORT"; and "HOST" where there is a usual port,
 * else 0. -EINVAL with a sentence.
 */
int dial_check(const char *to, uint16_t usual, struct fault *f);
/* Begins; done follows once, from here or from the loop. `to` must live until then. */
void dial_start(struct dial *dial, struct ev_loop *loop, const char *to, uint16_t usual,
		dial_fn *done, void *data);
/* done is not called any more. Twice is fine. */
void dial_cancel(struct dial *dial);

/* Tells that a connection is over; err as stream_events.end hears of it. */
void dial_lost(struct console *console, const char *to, int err);

#endif
