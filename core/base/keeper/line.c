/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line that is held, and those who see it. See line.h. Defined by: unix(7). */
#include "base/keeper/line.h"
#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS_MAX = 16 };

/* A machine waits so long for somebody who does not read what it says; then it goes on without. */
static const ev_tstamp patience = 2;

struct client {
	struct line *line;
	struct stream stream;
	struct buffer rest;		/* what it has no room for: the line waits */
	size_t lost;			/* bytes that it did not get, once the line waits no more */
	struct client *next;
};

static void client_drop(struct client *c)
{
	struct line *line = c->line;
	struct client **p = &line->clients;

	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	line->nclients--;
	stream_stop(&c->stream);
	buffer_free(&c->rest);
	free(c);
}

/* Drops what stands in front of a buffer. */
static void buffer_drop(struct buffer *b, size_t n)
{
	if (n == b->length) {
		buffer_free(b);
		*b = (struct buffer){0};
	} else if (n) {
		memmove(b->text, b->text + n, b->length - n);
		b->length -= n;
	}
}

/* --- from the line to its clients ------------------------------------------------------------ */

/* The line waits while some client has a rest. */
static void look_at_rests(struct line *line)
{
	bool waits = false;

	for (struct client *c = line->clients; c; c = c->next)
		waits = waits || c->rest.length;
	if (!waits)
		ev_timer_stop(line->loop, &line->patience);
	else if (!ev_is_active(&line->patience))
		ev_timer_again(line->loop, &line->patience);
	stream_pause(&line->stream, waits);
}

static void client_put(struct client *c, const unsigned char *bytes, size_t length)
{
	size_t n = c->lost || c->rest.length ? 0 : stream_write(&c->stream, bytes, length);

	if (c->lost)
		c->lost += length;
	else
		buffer_add_bytes(&c->rest, bytes + n, length - n);
}

static void say(struct line *line, const unsigned char *bytes, size_t length)
{
	for (struct client *c = line->clients; c; c = c->next)
		client_put(c, bytes, length);
	look_at_rests(line);
	if (line->events->said)
		line->events->said(line->data, bytes, length);
}

static void on_client_writable(void *data)
{
	struct client *c = data;
	char text[80];

	buffer_drop(&c->rest, stream_write(&c->stream, buffer_text(&c->rest), c->rest.length));
	if (!c->rest.length && c->lost) {
		snprintf(text, sizeof(text), "\r\n[%zu bytes were not read in time]\r\n", c->lost);
		c->lost = 0;
		client_put(c, (unsigned char *)text, strlen(text));
	}
	look_at_rests(c->line);
}

static void on_patience(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct line *line = timer->data;

	(void)loop, (void)events;
	for (struct client *c = line->clients; c; c = c->next) {
		c->lost += c->rest.length;
		buffer_drop(&c->rest, c->rest.length);
	}
	look_at_rests(line);
}

static void on_line_data(void *data, const unsigned char *bytes, size_t length)
{
	static unsigned char plain[STREAM_READ];
	struct line *line = data;
	struct buffer answers = {0};

	if (!line->is_telnet) {
		say(line, bytes, length);
		return;
	}
	length = telnet_read(&line->telnet, bytes, length, plain, &answers);
	/* an answer for which there is no room is as good as one that was lost on the way */
	stream_write(&line->stream, buffer_text(&answers), answers.length);
	buffer_free(&answers);
	if (length)
		say(line, plain, length);
}

/* --- from the clients to the line ------------------------------------------------------------ */

static void pause_clients(struct line *line, bool pause)
{
	for (struct client *c = line->clients; c; c = c->next)
		stream_pause(&c->stream, pause);
}

static void type(struct line *line, const unsigned char *bytes, size_t length)
{
	unsigned char escaped[2 * 1024];

	for (size_t n; line->stream.running && length; bytes += n, length -= n) {
		const unsigned char *out = bytes;
		size_t size, done = 0;

		n = length < sizeof(escaped) / 2 ? length : sizeof(escaped) / 2;
		size = n;
		if (line->is_telnet) {
			size = telnet_escape(&line->telnet, bytes, n, escaped);
			out = escaped;
		}
		if (!line->rest.length)
			done = stream_write(&line->stream, out, size);
		buffer_add_bytes(&line->rest, out + done, size - done);
	}
	pause_clients(line, line->rest.length);
}

static void on_line_writable(void *data)
{
	struct line *line = data;

	buffer_drop(&line->rest, stream_write(&line->stream, buffer_text(&line->rest),
					      line->rest.length));
	pause_clients(line, line->rest.length);
}

static void on_line_end(void *data, int err)
{
	struct line *line = data;

	buffer_drop(&line->rest, line->rest.length);
	pause_clients(line, false);
	line->events->ended(line->data, err);
}

static void on_client_data(void *data, const unsigned char *bytes, size_t length)
{
	struct client *c = data;

	type(c->line, bytes, length);
}

static void on_client_end(void *data, int err)
{
	struct client *c = data;
	struct line *line = c->line;

	(void)err;
	client_drop(c);
	look_at_rests(line);
}

/* --- the beginning and the end --------------------------------------------------------------- */

static void client_add(struct line *line, int fd)
{
	static const struct stream_events events = {
		.data = on_client_data, .writable = on_client_writable, .end = on_client_end,
	};
	struct client *c = line->nclients < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;

	if (!c) {
		close(fd);
		return;
	}
	c->line = line;
	c->next = line->clients;
	line->clients = c;
	line->nclients++;
	stream_start(&c->stream, line->loop, fd, &events, c);
	stream_pause(&c->stream, line->rest.length);
	if (line->events->joined)
		line->events->joined(line->data);
}

static void on_accept(struct ev_loop *loop, ev_io *io, int events)
{
	struct line *line = io->data;
	int fd = accept4(line->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)loop, (void)events;
	if (fd >= 0)
		client_add(line, fd);
}

void line_init(struct line *line, struct ev_loop *loop, const struct line_events *events,
	       void *data)
{
	*line = (struct line){.loop = loop, .events = events, .data = data};
	ev_init(&line->patience, on_patience);
	line->patience.repeat = patience;
	line->patience.data = line;
}

int line_listen(struct line *line, int folder, const char *name, struct fault *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* by way of the folder's descriptor: the path of a socket has room for 107 bytes only */
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", folder, name);
	unlinkat(folder, name, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    fchmodat(folder, name, 0600, 0) || listen(fd, CLIENTS_MAX)) {
		int err = fault_set(f, errno, "cannot make the socket \"%s\": %s", name,
				    strerror(errno));

		if (fd >= 0)
			close(fd);
		return err;
	}
	line->listener = fd;
	line->listens = true;
	ev_io_init(&line->accept, on_accept, fd, EV_READ);
	line->accept.data = line;
	ev_io_start(line->loop, &line->accept);
	return 0;
}

void line_start(struct line *line, int fd, bool is_telnet)
{
	static const struct stream_events events = {
		.data = on_line_data, .writable = on_line_writable, .end = on_line_end,
	};

	line->is_telnet = is_telnet;
	line->telnet = (struct telnet){0};
	stream_start(&line->stream, line->loop, fd, &events, line);
	look_at_rests(line);
}

void line_type(struct line *line, const char *text)
{
	type(line, (const unsigned char *)text, strlen(text));
}

bool line_is_there(const struct line *line)
{
	return line->stream.running;
}

void line_stop(struct line *line)
{
	while (line->clients)
		client_drop(line->clients);
	stream_stop(&line->stream);
	buffer_drop(&line->rest, line->rest.length);
	ev_timer_stop(line->loop, &line->patience);
	if (!line->listens)
		return;
	ev_io_stop(line->loop, &line->accept);
	close(line->listener);
	line->listens = false;
}
