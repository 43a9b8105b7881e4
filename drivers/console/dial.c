/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TCP connections of consoles. See dial.h. Defined by: RFC 9293; keepalive and time limits: tcp(7).
 */
#include "dial.h"
#include "base/fault.h"
#include "base/inet.h"
#include "base/resolve.h"
#include "engine/console.h"
#include "model/address.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A console may be silent for days. After a minute of that the other end is asked, and after two
 * more without an answer, or with bytes that nobody acknowledges, it is gone.
 */
enum { IDLE_S = 60, ASK_AGAIN_S = 20, ASKS = 6, LOST_MS = (IDLE_S + ASK_AGAIN_S * ASKS) * 1000 };

static int parse(const char *to, uint16_t usual, struct endpoint *endpoint, struct fault *f)
{
	int err = endpoint_parse(to, endpoint, f);
	bool is_v6;

	if (err)
		return err;
	if (!endpoint->port)
		endpoint->port = usual;
	if (endpoint->port)
		return 0;
	is_v6 = strchr(endpoint->host, ':');
	return fault_set(f, EINVAL, "\"%s\" names no port: write for example \"%s%s%s:4001\"", to,
			 is_v6 ? "[" : "", endpoint->host, is_v6 ? "]" : "");
}

int dial_check(const char *to, uint16_t usual, struct fault *f)
{
	struct endpoint endpoint;

	return parse(to, usual, &endpoint, f);
}

static void finish(struct dial *d, int fd, int err, const char *sentence)
{
	dial_fn *done = d->done;

	d->done = NULL;
	done(d->data, fd, err, sentence);
}

static void failed(struct dial *d, int err)
{
	const char *why = strerror(err);
	struct fault f;

	if (err == ECONNREFUSED)
		fault_set(&f, err, "%s refuses the connection: no console is at that port, or "
			  "somebody else has it", d->to);
	else if (err == EMFILE || err == ENFILE)
		fault_set(&f, err, "too many files are open: raise the limit (ulimit -n)");
	else if (err == ENETUNREACH || err == EHOSTUNREACH || err == EADDRNOTAVAIL)
		fault_set(&f, err, "there is no way to %s: %s", d->to, why);
	else
		fault_set(&f, err, "cannot connect to %s: %s", d->to, why);
	/* a firewall says EACCES or EPERM; accounts do not lock for that */
	if (err == EACCES || err == EPERM)
		err = EHOSTUNREACH;
	finish(d, -1, -err, f.text);
}

/*
 * A port of this machine's own range on which nobody listens may be given to the caller: then the
 * connection is with itself (RFC 9293, simultaneous open).
 */
static bool is_with_itself(int fd)
{
	struct sockaddr_storage here = {0}, there = {0};
	socklen_t length = sizeof(here), other = sizeof(there);

	return !getsockname(fd, (struct sockaddr *)&here, &length) &&
	       !getpeername(fd, (struct sockaddr *)&there, &other) && length == other &&
	       !memcmp(&here, &there, length);
}

/* What cannot be set only makes a dead line known later. */
static void watch_line(int fd)
{
	static const struct { int level, name, value; } options[] = {
		{SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S},
		{IPPROTO_TCP, TCP_KEEPINTVL, ASK_AGAIN_S},
		{IPPROTO_TCP, TCP_KEEPCNT, ASKS},
		{IPPROTO_TCP, TCP_USER_TIMEOUT, LOST_MS},
		/* a key is not held back until the last one was acknowledged */
		{IPPROTO_TCP, TCP_NODELAY, 1},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		(void)setsockopt(fd, options[i].level, options[i].name, &options[i].value,
				 sizeof(options[i].value));
}

static void on_connected(struct ev_loop *loop, ev_io *w, int events)
{
	struct dial *d = w->data;
	socklen_t length = sizeof(int);
	int fd = w->fd, err = 0;

	(void)events;
	ev_io_stop(loop, w);
	w->fd = -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &length))
		err = errno;
	if (!err && is_with_itself(fd))
		err = ECONNREFUSED;
	if (err) {
		close(fd);
		failed(d, err);
		return;
	}
	watch_line(fd);
	finish(d, fd, 0, NULL);
}

static void begin(struct dial *d, const struct sockaddr_storage *address)
{
	struct sockaddr_storage to = *address;
	socklen_t length = sizeof(struct sockaddr_in);
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		failed(d, errno);
		return;
	}
	if (to.ss_family == AF_INET6) {
		length = sizeof(struct sockaddr_in6);
		((struct sockaddr_in6 *)&to)->sin6_port = htons(d->port);
	} else {
		((struct sockaddr_in *)&to)->sin_port = htons(d->port);
	}
	if (connect(fd, (struct sockaddr *)&to, length) && errno != EINPROGRESS) {
		int err = errno;

		close(fd);
		failed(d, err);
		return;
	}
	ev_io_init(&d->io, on_connected, fd, EV_WRITE);
	d->io.data = d;
	ev_io_start(d->loop, &d->io);
}

static void on_resolved(void *data, int err, const struct sockaddr_storage *address,
			const char *sentence)
{
	struct dial *d = data;

	d->lookup = NULL;
	if (err)
		finish(d, -1, err, sentence);
	else
		begin(d, address);
}

void dial_start(struct dial *d, struct ev_loop *loop, const char *to, uint16_t usual, dial_fn *done,
		void *data)
{
	struct sockaddr_storage address;
	struct endpoint endpoint;
	struct fault f;
	int err;

	*d = (struct dial){.loop = loop, .to = to, .done = done, .data = data, .io.fd = -1};
	err = parse(to, usual, &endpoint, &f);
	if (!err) {
		d->port = endpoint.port;
		err = inet_read(endpoint.host, &address, &f);
	}
	if (err == 1) {
		begin(d, &address);
		return;
	}
	if (!err)
		err = resolve_start(loop, endpoint.host, AF_UNSPEC, on_resolved, d, &d->lookup, &f);
	if (err)
		finish(d, -1, err, f.text);
}

void dial_cancel(struct dial *d)
{
	if (!d->done)
		return;
	d->done = NULL;
	if (d->lookup)
		resolve_cancel(d->lookup);
	d->lookup = NULL;
	if (d->io.fd < 0)
		return;
	ev_io_stop(d->loop, &d->io);
	close(d->io.fd);
	d->io.fd = -1;
}

void dial_lost(struct console *console, const char *to, int err)
{
	if (!err)
		console_closed(console, -EPIPE, "%s has hung up", to);
	else if (err == -ETIMEDOUT)
		console_closed(console, err, "%s does not answer any more", to);
	else
		console_closed(console, err, "the connection with %s was lost: %s", to,
			       strerror(-err));
}
