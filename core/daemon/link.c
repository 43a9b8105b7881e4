/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection to the control socket. See link.h. Defined by: wire.h; unix(7). */
#include "daemon/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { READ_SIZE = 65536, TEXT_MOST = 1000 };

/* --- coming in ------------------------------------------------------------------------------ */

static void ended(struct link *l, int err)
{
	const struct link_events *events = l->events;
	void *data = l->data;

	link_stop(l);
	events->end(data, err);
}

/* Keeps what was not handed over; false: there was no memory, and the link has ended. */
static bool keep_part(struct link *l, const unsigned char *bytes, size_t n)
{
	unsigned char *part = NULL;

	if (n) {
		part = malloc(n);
		if (!part) {
			ended(l, -ENOMEM);
			return false;
		}
		memcpy(part, bytes, n);
	}
	free(l->part);
	l->part = part;
	l->npart = n;
	return true;
}

/* Hands whole frames over; false: the link is gone. */
static bool hand_over(struct link *l, const unsigned char *bytes, size_t n)
{
	struct wire_frame frame;
	bool gone = false;
	size_t done = 0;
	int size = 0;

	l->gone = &gone;
	while (!l->paused && (size = wire_read(bytes + done, n - done, &frame)) > 0) {
		l->events->frame(l->data, &frame);
		if (gone)
			return false;
		done += (size_t)size;
	}
	l->gone = NULL;
	if (size < 0) {
		ended(l, size);
		return false;
	}
	return keep_part(l, bytes + done, n - done);
}

/* One read a turn of the loop, so that who talks without end does not keep the others waiting. */
static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	static unsigned char bytes[READ_SIZE];
	struct link *l = w->data;
	size_t n = l->npart;
	ssize_t got = -1;
	int err = EAGAIN;

	(void)loop, (void)revents;
	if (n)
		memcpy(bytes, l->part, n);
	if (n < sizeof(bytes)) {
		got = read(l->fd, bytes + n, sizeof(bytes) - n);
		err = got < 0 ? errno : 0;
	}
	if (!hand_over(l, bytes, n + (got > 0 ? (size_t)got : 0)))
		return;
	/* what had come before the end was heard; now it counts that writing had failed */
	if (!got || (err && err != EAGAIN && err != EINTR) || (err && l->broken))
		ended(l, 0);
}

void link_pause(struct link *l, bool pause)
{
	if (!l->running || l->paused == pause)
		return;
	l->paused = pause;
	if (pause) {
		ev_io_stop(l->loop, &l->in);
		return;
	}
	ev_io_start(l->loop, &l->in);
	/* whole frames may be among what is kept */
	if (l->npart)
		ev_feed_event(l->loop, &l->in, EV_READ);
}

/* --- going out ------------------------------------------------------------------------------ */

/* That it ends is told from the loop, once all that had come is heard. */
static void break_link(struct link *l)
{
	l->broken = true;
	free(l->queue);
	l->queue = NULL;
	l->first = l->length = l->size = 0;
	ev_io_stop(l->loop, &l->out);
	ev_io_start(l->loop, &l->in);
	ev_feed_event(l->loop, &l->in, EV_READ);
}

/* Bytes that the socket took; a socket that takes none any more is broken. */
static size_t put(struct link *l, struct iovec *pieces, size_t n)
{
	const struct msghdr message = {.msg_iov = pieces, .msg_iovlen = n};
	ssize_t put;

	do
		put = sendmsg(l->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (put < 0 && errno == EINTR);
	if (put < 0 && errno != EAGAIN)
		break_link(l);
	return put > 0 ? (size_t)put : 0;
}

static void keep(struct link *l, const void *bytes, size_t length)
{
	if (l->broken)
		return;
	if (l->first && l->first + l->length + length > l->size) {
		memmove(l->queue, l->queue + l->first, l->length);
		l->first = 0;
	}
	if (l->length + length > l->size) {
		size_t size = l->length + length + 256;
		unsigned char *queue = realloc(l->queue, size);

		if (!queue) {
			break_link(l);
			return;
		}
		l->queue = queue;
		l->size = size;
	}
	memcpy(l->queue + l->first + l->length, bytes, length);
	l->length += length;
	ev_io_start(l->loop, &l->out);
}

static void on_writable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct link *l = w->data;

	(void)revents;
	if (l->length) {
		struct iovec rest = {l->queue + l->first, l->length};
		size_t n = put(l, &rest, 1);

		if (l->broken)
			return;
		l->first += n;
		l->length -= n;
	}
	if (l->length)
		return;
	ev_io_stop(loop, w);
	free(l->queue);
	l->queue = NULL;
	l->first = l->size = 0;
	if (l->wants_room) {
		l->wants_room = false;
		if (l->events->room)
			l->events->room(l->data);
	}
}

/* Writes what the socket takes of a frame, and keeps the rest. Bytes written. */
static size_t send_frame(struct link *l, struct iovec *pieces, size_t n)
{
	size_t done = l->length ? 0 : put(l, pieces, n), left = done;

	for (size_t i = 0; i < n; i++) {
		size_t written = left < pieces[i].iov_len ? left : pieces[i].iov_len;

		left -= written;
		if (written < pieces[i].iov_len)
			keep(l, (const char *)pieces[i].iov_base + written,
			     pieces[i].iov_len - written);
	}
	return done;
}

void link_send(struct link *l, enum wire_type type, const void *first, size_t nfirst,
	       const void *second, size_t nsecond)
{
	unsigned char head[WIRE_HEAD];
	struct iovec pieces[] = {
		{head, WIRE_HEAD}, {(void *)first, nfirst}, {(void *)second, nsecond},
	};

	if (!l->running || l->broken)
		return;
	wire_head(head, type, nfirst + nsecond);
	send_frame(l, pieces, 3);
}

void link_text(struct link *l, enum wire_type type, const char *text)
{
	link_send(l, type, text, strnlen(text, TEXT_MOST), NULL, 0);
}

bool link_data(struct link *l, const void *bytes, size_t length)
{
	unsigned char head[WIRE_HEAD];
	struct iovec pieces[] = {{head, WIRE_HEAD}, {(void *)bytes, length}};
	size_t n;

	if (!l->running || l->broken)
		return false;
	wire_head(head, WIRE_DATA, length);
	n = l->length ? 0 : put(l, pieces, 2);
	if (l->broken)
		return false;
	if (!n) {
		link_want_room(l);
		return false;
	}
	if (n < WIRE_HEAD)
		keep(l, head + n, WIRE_HEAD - n);
	n = n > WIRE_HEAD ? n - WIRE_HEAD : 0;
	if (n < length)
		keep(l, (const unsigned char *)bytes + n, length - n);
	return true;
}

size_t link_waiting(const struct link *l)
{
	return l->length;
}

void link_want_room(struct link *l)
{
	if (!l->running || l->broken)
		return;
	l->wants_room = true;
	ev_io_start(l->loop, &l->out);
}

/* --- beginning and end ---------------------------------------------------------------------- */

void link_start(struct link *l, struct ev_loop *loop, int fd, const struct link_events *events,
		void *data)
{
	int flags = fcntl(fd, F_GETFL);

	*l = (struct link){.loop = loop, .events = events, .data = data, .fd = fd, .running = true};
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	ev_io_init(&l->in, on_readable, fd, EV_READ);
	ev_io_init(&l->out, on_writable, fd, EV_WRITE);
	l->in.data = l->out.data = l;
	ev_io_start(loop, &l->in);
}

void link_stop(struct link *l)
{
	if (!l->running)
		return;
	l->running = false;
	if (l->gone)
		*l->gone = true;
	l->gone = NULL;
	ev_io_stop(l->loop, &l->in);
	ev_io_stop(l->loop, &l->out);
	ev_clear_pending(l->loop, &l->in);
	ev_clear_pending(l->loop, &l->out);
	close(l->fd);
	l->fd = -1;
	free(l->part);
	free(l->queue);
	l->part = l->queue = NULL;
	l->npart = l->first = l->length = l->size = 0;
}
