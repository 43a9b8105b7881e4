/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A descriptor as a stream of bytes on the event loop: what arrives is handed over, what is to go
 * out is taken as far as there is room and written when the descriptor lets it. For sockets, ttys,
 * ptys and pipes.
 */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes: of one read, and what waits to be written at most. */
enum { STREAM_READ = 16384, STREAM_QUEUE = 16384 };

/* What happens. Each may call stream_stop; then nothing of the stream is touched any more. */
struct stream_events {
	void (*data)(void *data, const unsigned char *bytes, size_t length);
	/* stream_write took less than it was given, and now has room again; may be NULL */
	void (*writable)(void *data);
	/*
	 * Nothing comes any more. err 0: the other end has closed, or stream_finish has come to its
	 * end; else a negative errno of reading or writing. What the other end had said until then
	 * has been handed over. The stream is stopped.
	 */
	void (*end)(void *data, int err);
};

/* Start with {0}: such a stream is stopped. */
struct stream {
	struct ev_loop *loop;
	const struct stream_events *events;
	void *data;
	ev_io in, out;
	int fd;
	bool running, paused, short_write;
	bool finishing;
	int err;			/* of writing: told when all is read */
	unsigned char *queue;		/* what waits to be written: made when it is first needed */
	size_t first, length;
};

/*
 * Takes a descriptor over, which is made non-blocking, and begins to read. The descriptor is closed
 * by stream_stop, and before `end` is called.
 */
void stream_start(struct stream *stream, struct ev_loop *loop, int fd,
		  const struct stream_events *events, void *data);
/* Stops and closes; what waits to be written is lost. Twice is fine. */
void stream_stop(struct stream *stream);

/*
 * Reads no more; `end` follows, from the loop, as soon as what waits is written. How long that may
 * take is the caller's to say: stream_stop ends it at any time.
 */
void stream_finish(struct stream *stream);

/*
 * Takes the first of these bytes, as many as there is room for, and returns how many; fewer than
 * length: `writable` follows. An error of writing comes by `end`, later, from the loop. 0 where the
 * stream is stopped or finishes.
 */
size_t stream_write(struct stream *stream, const void *bytes, size_t length);
/* Bytes that were taken and are not written yet. */
size_t stream_waiting(const struct stream *stream);
/*
 * While paused nothing is read: the other end has to wait. That it has closed is not seen either,
 * since what it said before is not read yet.
 */
void stream_pause(struct stream *stream, bool pause);

#endif
