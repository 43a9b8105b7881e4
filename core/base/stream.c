/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A descriptor as a stream of bytes. See stream.h. Defined by: read(2), write(2), pty(7). */
#include "base/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void ended(struct stream *s, int err)
{
	const struct stream_events *events = s->events;
	void *data = s->data;

	stream_stop(s);
	events->end(data, err);
}

/* One read a turn of the loop, so that who talks without end does not keep the others waiting. */
static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	static unsigned char bytes[STREAM_READ];
	struct stream *s = w->data;
	ssize_t n = read(s->fd, bytes, sizeof(bytes));

	(void)revents;
	if (n > 0) {
		if (s->err)
			ev_feed_event(loop, w, EV_READ);
		s->events->data(s->data, bytes, (size_t)n);
	/* a pty whose other end is closed says EIO */
	} else if (!n || errno == EIO) {
		ended(s, 0);
	} else if (errno != EAGAIN && errno != EINTR) {
		ended(s, -errno);
	} else if (s->err) {
		ended(s, s->err);
	}
}

/* A socket's broken pipe must not be a signal; other descriptors have no such flag. */
static ssize_t put(int fd, const void *bytes, size_t length)
{
	ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

	return n < 0 && errno == ENOTSOCK ? write(fd, bytes, length) : n;
}

/* Writes what it can; bytes written, or -errno. */
static ssize_t try_to_write(struct stream *s, const unsigned char *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = put(s->fd, bytes + done, length - done);

		if (n > 0)
			done += (size_t)n;
		else if (!n || errno == EAGAIN)
			break;
		/* what is written is written: the next try meets the error again */
		else if (errno != EINTR)
			return done ? (ssize_t)done : -errno;
	}
	return (ssize_t)done;
}

static void drop_queue(struct stream *s)
{
	ev_io_stop(s->loop, &s->out);
	free(s->queue);
	s->queue = NULL;
	s->first = s->length = 0;
}

/*
 * Nothing can be written any more, but what the other end said before may be there to be read: who
 * hangs up mostly says why.
 */
static void write_failed(struct stream *s, int err)
{
	if (s->finishing) {
		ended(s, err);
		return;
	}
	drop_queue(s);
	s->err = err;
	if (!s->paused)
		ev_feed_event(s->loop, &s->in, EV_READ);
}

static void on_writable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct stream *s = w->data;
	ssize_t n = s->length ? try_to_write(s, s->queue + s->first, s->length) : 0;

	(void)loop, (void)revents;
	if (n < 0) {
		write_failed(s, (int)n);
		return;
	}
	s->first += (size_t)n;
	s->length -= (size_t)n;
	if (s->length)
		return;
	drop_queue(s);
	if (s->finishing) {
		ended(s, 0);
	} else if (s->short_write) {
		s->short_write = false;
		if (s->events->writable)
			s->events->writable(s->data);
	}
}

void stream_start(struct stream *s, struct ev_loop *loop, int fd,
		  const struct stream_events *events, void *data)
{
	int flags = fcntl(fd, F_GETFL);

	*s = (struct stream){.loop = loop, .events = events, .data = data, .fd = fd, .running = true};
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	ev_io_init(&s->in, on_readable, fd, EV_READ);
	ev_io_init(&s->out, on_writable, fd, EV_WRITE);
	s->in.data = s->out.data = s;
	ev_io_start(loop, &s->in);
}

void stream_stop(struct stream *s)
{
	if (!s->running)
		return;
	s->running = false;
	ev_io_stop(s->loop, &s->in);
	drop_queue(s);
	close(s->fd);
	s->fd = -1;
}

void stream_finish(struct stream *s)
{
	if (!s->running || s->finishing)
		return;
	s->finishing = true;
	ev_io_stop(s->loop, &s->in);
	ev_io_start(s->loop, &s->out);
	if (!s->length)
		ev_feed_event(s->loop, &s->out, EV_WRITE);
}

/* Keeps what could not be written; how much of it there was room for. */
static size_t keep(struct stream *s, const unsigned char *bytes, size_t length)
{
	size_t room;

	if (!length)
		return 0;
	if (!s->queue) {
		s->queue = malloc(STREAM_QUEUE);
		s->first = s->length = 0;
		if (!s->queue)
			return 0;
	}
	if (s->first && s->first + s->length + length > STREAM_QUEUE) {
		memmove(s->queue, s->queue + s->first, s->length);
		s->first = 0;
	}
	room = STREAM_QUEUE - s->first - s->length;
	if (length > room)
		length = room;
	memcpy(s->queue + s->first + s->length, bytes, length);
	s->length += length;
	return length;
}

size_t stream_write(struct stream *s, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;
	size_t done = 0;

	if (!s->running || s->finishing || s->err || !length)
		return 0;
	if (!s->length) {
		ssize_t n = try_to_write(s, p, length);

		if (n < 0) {
			write_failed(s, (int)n);
			return 0;
		}
		done = (size_t)n;
	}
	done += keep(s, p + done, length - done);
	if (done < length)
		s->short_write = true;
	if (s->length || s->short_write)
		ev_io_start(s->loop, &s->out);
	return done;
}

size_t stream_waiting(const struct stream *s)
{
	return s->length;
}

void stream_pause(struct stream *s, bool pause)
{
	if (!s->running || s->finishing || s->paused == pause)
		return;
	s->paused = pause;
	if (pause) {
		ev_io_stop(s->loop, &s->in);
		return;
	}
	ev_io_start(s->loop, &s->in);
	if (s->err)
		ev_feed_event(s->loop, &s->in, EV_READ);
}
