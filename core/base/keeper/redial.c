/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A TCP connection that is made again and again until it stands. See redial.h. */
#include "base/keeper/redial.h"
#include "base/fault.h"
#include "base/inet.h"
#include "base/text.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const ev_tstamp first_wait = 0.02, longest_wait = 1;

static void on_again(struct ev_loop *loop, ev_timer *timer, int events);
static void on_writable(struct ev_loop *loop, ev_io *io, int events);

static void set_port(struct redial *d, uint16_t port)
{
	struct sockaddr_in six_or_four;

	/* the port has the same place in both */
	memcpy(&six_or_four, &d->address, sizeof(six_or_four));
	six_or_four.sin_port = htons(port);
	memcpy(&d->address, &six_or_four, sizeof(six_or_four));
	d->length = six_or_four.sin_family == AF_INET ? sizeof(struct sockaddr_in) :
							sizeof(struct sockaddr_in6);
}

int redial_init(struct redial *d, struct ev_loop *loop, const char *text,
		void (*stands)(void *data, int fd), void *data, struct fault *f)
{
	const char *colon = strrchr(text, ':');
	char host[64];
	uint64_t port;
	int err = 0;

	*d = (struct redial){.loop = loop, .fd = -1, .stands = stands, .data = data};
	ev_init(&d->io, on_writable);
	ev_timer_init(&d->again, on_again, 0, 0);
	d->io.data = d->again.data = d;
	if (!colon || colon - text >= (int)sizeof(host))
		return fault_set(f, EINVAL, "\"%s\" is no address with a port", text);
	if (*text == '[' && colon[-1] == ']')
		snprintf(host, sizeof(host), "%.*s", (int)(colon - text) - 2, text + 1);
	else
		snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	err = number_parse(colon + 1, "port", 1, 65535, &port, f);
	if (err)
		return err;
	err = inet_read(host, &d->address, f);
	if (err < 0)
		return err;
	if (!err)
		return fault_set(f, EINVAL, "\"%s\" is no address in figures", host);
	set_port(d, (uint16_t)port);
	return 0;
}

static void wait_longer(struct redial *d)
{
	double wait = d->again.repeat ? 2 * d->again.repeat : first_wait;

	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	d->again.repeat = wait < longest_wait ? wait : longest_wait;
	ev_timer_again(d->loop, &d->again);
}

static void done(struct redial *d)
{
	int fd = d->fd;

	d->fd = -1;
	ev_timer_stop(d->loop, &d->again);
	d->again.repeat = 0;
	d->stands(d->data, fd);
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
	struct redial *d = io->data;
	socklen_t length = sizeof(int);
	int err = 0;

	(void)events;
	ev_io_stop(loop, io);
	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &err, &length) || err)
		wait_longer(d);
	else
		done(d);
}

static void on_again(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct redial *d = timer->data;
	/*
	 * Closed without ceremony: where the other end closed first, as a program that ends does,
	 * its port would stay in TIME_WAIT for a minute, and SIMH cannot listen on it again.
	 */
	const struct linger at_once = {.l_onoff = 1};

	(void)events;
	ev_timer_stop(loop, timer);
	d->fd = socket(d->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd < 0 || setsockopt(d->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once))) {
		wait_longer(d);
	} else if (!connect(d->fd, (struct sockaddr *)&d->address, d->length)) {
		done(d);
	} else if (errno == EINPROGRESS) {
		ev_io_set(&d->io, d->fd, EV_WRITE);
		ev_io_start(loop, &d->io);
	} else {
		wait_longer(d);
	}
}

void redial_start(struct redial *d, double after)
{
	d->again.repeat = 0;
	ev_timer_stop(d->loop, &d->again);
	ev_timer_set(&d->again, after, 0);
	ev_timer_start(d->loop, &d->again);
}

void redial_stop(struct redial *d)
{
	ev_io_stop(d->loop, &d->io);
	ev_timer_stop(d->loop, &d->again);
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}
