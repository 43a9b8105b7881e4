/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consoles that are one descriptor. See channel.h. */
#include "channel.h"
#include "engine/console.h"

#include <errno.h>

/* Who leaves does not wait for a machine that does not listen. */
static const ev_tstamp close_limit = 1;

void channel_end(struct channel *c, int err)
{
	ev_timer_stop(c->console->loop, &c->limit);
	stream_stop(&c->stream);
	c->over(c, err);
}

static void on_data(void *data, const unsigned char *bytes, size_t length)
{
	struct channel *c = data;

	console_bytes(c->console, bytes, length);
}

static void on_writable(void *data)
{
	struct channel *c = data;

	console_writable(c->console);
}

static void on_end(void *data, int err)
{
	struct channel *c = data;

	channel_end(c, ev_is_active(&c->limit) ? -ECANCELED : err);
}

static void on_limit(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop, (void)revents;
	channel_end(timer->data, -ECANCELED);
}

static const struct stream_events channel_events = {on_data, on_writable, on_end};

void channel_init(struct channel *c, struct console *console,
		  void (*over)(struct channel *channel, int err))
{
	*c = (struct channel){.console = console, .over = over};
	ev_timer_init(&c->limit, on_limit, close_limit, 0);
	c->limit.data = c;
}

void channel_start(struct channel *c, int fd)
{
	stream_start(&c->stream, c->console->loop, fd, &channel_events, c);
}

size_t channel_write(struct console *console, const unsigned char *bytes, size_t length)
{
	struct channel *c = console->data;

	return stream_write(&c->stream, bytes, length);
}

void channel_pause(struct console *console, bool pause)
{
	struct channel *c = console->data;

	stream_pause(&c->stream, pause);
}

void channel_close(struct console *console)
{
	struct channel *c = console->data;

	if (!stream_waiting(&c->stream)) {
		channel_end(c, -ECANCELED);
		return;
	}
	ev_timer_start(console->loop, &c->limit);
	stream_finish(&c->stream);
}
