/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection to the control socket, on the loop: frames come and go. Both ends are made of it. */
#ifndef DAEMON_LINK_H
#define DAEMON_LINK_H

#include "daemon/wire.h"

#include <ev.h>

/* What happens, from the loop. Each may call link_stop; then nothing of the link is touched. */
struct link_events {
	void (*frame)(void *data, const struct wire_frame *frame);
	/* all that was given is written, as link_want_room asked to be told; may be NULL */
	void (*room)(void *data);
	/* 0: the other end has closed it; -EPROTO: it speaks something else. It is stopped. */
	void (*end)(void *data, int err);
};

/* Start with {0}: such a link is stopped. */
struct link {
	struct ev_loop *loop;
	const struct link_events *events;
	void *data;
	ev_io in, out;
	int fd;
	bool running, paused, broken, wants_room;
	bool *gone;			/* of who calls an event: set when it is stopped there */
	unsigned char *part;		/* what has come and is not handed over yet */
	size_t npart;
	unsigned char *queue;		/* what is to go out */
	size_t first, length, size;
};

/* Takes a socket over, which is made non-blocking, and begins to read. */
void link_start(struct link *link, struct ev_loop *loop, int fd, const struct link_events *events,
		void *data);
/* Stops and closes; what waits to be written is lost. Twice is fine. */
void link_stop(struct link *link);

/*
 * Sends a frame: two pieces, one behind the other; what the socket does not take is kept and
 * written later. Whether all of it is kept well is for `end` to tell.
 */
void link_send(struct link *link, enum wire_type type, const void *first, size_t nfirst,
	       const void *second, size_t nsecond);
/* The same for a text, cut to what a frame of this type holds. */
void link_text(struct link *link, enum wire_type type, const char *text);
/*
 * Sends DATA unless the socket is full. Whether it did; else nothing of it was taken, and room
 * follows.
 */
bool link_data(struct link *link, const void *bytes, size_t length);
/* Bytes that were sent and are not written yet. */
size_t link_waiting(const struct link *link);
/* `room` follows, once all is written and the socket takes more. */
void link_want_room(struct link *link);
/* While paused nothing is read. */
void link_pause(struct link *link, bool pause);

#endif
