/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Far ends that are somewhere else: a pseudo-terminal that is made here, a UNIX or TCP stream
 * socket to connect to, a UNIX socket where others connect. What comes while nobody listens is
 * gone; what the console sends while nobody is there too.
 */
#include "console.h"
#include "sol.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* Seconds until a connection is tried again while there is a session. */
static const double again = 1;

enum { PLACE_MAX = 128 };

struct device {
	struct sol *sol;
	int fd;				/* of the characters; -1: nobody is there */
	int other;			/* a pty's other side, or the socket that listens; -1 */
	bool connecting;
	ev_io readable, writable, listening;
	char where[PLACE_MAX];
};

static struct ev_loop *loop;

static struct device *device_make(struct sol *sol)
{
	struct device *device = loop ? calloc(1, sizeof(*device)) : NULL;

	if (!device)
		return NULL;
	device->sol = sol;
	device->fd = device->other = -1;
	sol->far_state = device;
	return device;
}

/* Nobody is there any more. */
static void hang_up(struct device *device)
{
	if (device->fd < 0)
		return;
	ev_io_stop(loop, &device->readable);
	ev_io_stop(loop, &device->writable);
	close(device->fd);
	device->fd = -1;
	device->connecting = false;
}

static void device_close(struct sol *sol)
{
	struct device *device = sol->far_state;

	if (!device)
		return;
	hang_up(device);
	ev_io_stop(loop, &device->listening);
	if (device->other >= 0)
		close(device->other);
	if (sol->console.far == &far_unix_listen)
		unlink(device->where);
	free(device);
}

static void on_readable(struct ev_loop *ev, ev_io *w, int events)
{
	struct device *device = w->data;
	struct sol *sol = device->sol;
	uint8_t bytes[SOL_BUFFER];
	size_t room = sol_room(sol);
	ssize_t n;

	(void)events;
	if (!room) {
		/* ready starts it again */
		ev_io_stop(ev, w);
		return;
	}
	n = read(w->fd, bytes, room < sizeof(bytes) ? room : sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		hang_up(device);
		return;
	}
	sol_put(sol, bytes, (size_t)n);
	sol_go(sol);
}

static void on_writable(struct ev_loop *ev, ev_io *w, int events)
{
	struct device *device = w->data;
	socklen_t length = sizeof(int);
	int err = 0;

	(void)events;
	ev_io_stop(ev, w);
	if (device->connecting) {
		device->connecting = false;
		if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &length) || err) {
			hang_up(device);
			return;
		}
		ev_io_start(ev, &device->readable);
	}
	sol_go(device->sol);
}

static void attach(struct device *device, int fd, bool connecting)
{
	device->fd = fd;
	device->connecting = connecting;
	ev_io_init(&device->readable, on_readable, fd, EV_READ);
	ev_io_init(&device->writable, on_writable, fd, EV_WRITE);
	device->readable.data = device->writable.data = device;
	ev_io_start(loop, connecting ? &device->writable : &device->readable);
}

static size_t device_take(struct sol *sol, const uint8_t *bytes, size_t length)
{
	struct device *device = sol->far_state;
	ssize_t n;

	if (device->fd < 0)
		return length;
	n = device->connecting ? 0 : write(device->fd, bytes, length);
	if (n > 0)
		return (size_t)n;
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		hang_up(device);
		return length;
	}
	ev_io_start(loop, &device->writable);
	return 0;
}

static void device_ready(struct sol *sol)
{
	struct device *device = sol->far_state;

	if (device->fd >= 0 && !device->connecting && sol_room(sol))
		ev_io_start(loop, &device->readable);
}

static const char *device_where(struct sol *sol)
{
	return ((struct device *)sol->far_state)->where;
}

/* -- pseudo-terminals -------------------------------------------------------------------------- */

/* The side that others open is held open and raw: the line is there when nobody is. */
static int hold(struct device *device, const char *name)
{
	struct termios settings;

	device->other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (device->other < 0 || tcgetattr(device->other, &settings))
		return -errno;
	cfmakeraw(&settings);
	return tcsetattr(device->other, TCSANOW, &settings) ? -errno : 0;
}

static int pty_open(struct sol *sol)
{
	struct device *device = device_make(sol);
	int fd, err;

	if (!device)
		return -ENOMEM;
	fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		goto failed;
	if (grantpt(fd) || unlockpt(fd) ||
	    (errno = ptsname_r(fd, device->where, sizeof(device->where))) ||
	    hold(device, device->where))
		goto failed;
	attach(device, fd, false);
	return 0;
failed:
	err = -errno;
	if (fd >= 0)
		close(fd);
	device_close(sol);
	return err;
}

const struct far_end far_pty = {
	.name = "pty",
	.open = pty_open,
	.close = device_close,
	.take = device_take,
	.ready = device_ready,
	.where = device_where,
};

/* -- sockets ----------------------------------------------------------------------------------- */

union name {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static bool unix_name(const char *path, union name *name, socklen_t *length)
{
	*name = (union name){.un.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(name->un.sun_path))
		return false;
	strcpy(name->un.sun_path, path);
	*length = sizeof(name->un);
	return true;
}

/* HOST:PORT, of numbers; a host of IPv6 in brackets. */
static bool tcp_name(const char *place, union name *name, socklen_t *length)
{
	const char *colon = strrchr(place, ':');
	char host[ADDRESS_TEXT_SIZE], *end;
	unsigned long port;
	size_t n;

	if (!colon)
		return false;
	port = strtoul(colon + 1, &end, 10);
	n = (size_t)(colon - place);
	if (*place == '[' && n > 1 && place[n - 1] == ']') {
		place++;
		n -= 2;
	}
	if (end == colon + 1 || *end || !port || port > UINT16_MAX || n >= sizeof(host))
		return false;
	memcpy(host, place, n);
	host[n] = '\0';
	*name = (union name){.in.sin_family = AF_INET};
	name->in.sin_port = htons((uint16_t)port);
	*length = sizeof(name->in);
	if (inet_pton(AF_INET, host, &name->in.sin_addr) == 1)
		return true;
	*name = (union name){.in6.sin6_family = AF_INET6};
	name->in6.sin6_port = htons((uint16_t)port);
	*length = sizeof(name->in6);
	return inet_pton(AF_INET6, host, &name->in6.sin6_addr) == 1;
}

static bool device_name(const struct device *device, union name *name, socklen_t *length)
{
	if (device->sol->console.far == &far_tcp)
		return tcp_name(device->where, name, length);
	return unix_name(device->where, name, length);
}

static void connect_to(struct device *device)
{
	union name name;
	socklen_t length;
	int fd;

	if (!device_name(device, &name, &length))
		return;
	fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (!connect(fd, &name.any, length))
		attach(device, fd, false);
	else if (errno == EINPROGRESS)
		attach(device, fd, true);
	else
		close(fd);
}

static int socket_open(struct sol *sol)
{
	struct device *device = device_make(sol);
	union name name;
	socklen_t length;

	if (!device)
		return -ENOMEM;
	if (!console_place(sol, device->where, sizeof(device->where)) ||
	    !device_name(device, &name, &length)) {
		device_close(sol);
		return -EINVAL;
	}
	connect_to(device);
	return 0;
}

/* Who went away is called again. */
static double socket_tick(struct sol *sol)
{
	struct device *device = sol->far_state;

	if (device->fd < 0)
		connect_to(device);
	return now + again;
}

const struct far_end far_unix = {
	.name = "unix",
	.value = PLACE,
	.open = socket_open,
	.close = device_close,
	.take = device_take,
	.ready = device_ready,
	.tick = socket_tick,
	.where = device_where,
};

const struct far_end far_tcp = {
	.name = "tcp",
	.value = PLACE,
	.open = socket_open,
	.close = device_close,
	.take = device_take,
	.ready = device_ready,
	.tick = socket_tick,
	.where = device_where,
};

/* The last one that comes has the line. */
static void on_connection(struct ev_loop *ev, ev_io *w, int events)
{
	struct device *device = w->data;
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)ev, (void)events;
	if (fd < 0)
		return;
	hang_up(device);
	attach(device, fd, false);
}

static int listen_open(struct sol *sol)
{
	struct device *device = device_make(sol);
	union name name;
	socklen_t length;
	int err;

	if (!device)
		return -ENOMEM;
	errno = ENAMETOOLONG;
	if (!console_place(sol, device->where, sizeof(device->where)) ||
	    !unix_name(device->where, &name, &length))
		goto failed;
	device->other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (device->other < 0)
		goto failed;
	unlink(device->where);
	if (bind(device->other, &name.any, length) || listen(device->other, 4))
		goto failed;
	ev_io_init(&device->listening, on_connection, device->other, EV_READ);
	device->listening.data = device;
	ev_io_start(loop, &device->listening);
	return 0;
failed:
	err = -errno;
	device_close(sol);
	return err;
}

const struct far_end far_unix_listen = {
	.name = "unix-listen",
	.value = PLACE,
	.open = listen_open,
	.close = device_close,
	.take = device_take,
	.ready = device_ready,
	.where = device_where,
};

void console_start(struct ev_loop *on)
{
	loop = on;
}

static void close_one(struct bmc *bmc, void *data)
{
	struct sol *sol = bmc->sol;

	(void)data;
	if (sol && sol->open && sol->console.far->close)
		sol->console.far->close(sol);
	if (sol)
		sol->open = false;
}

void console_stop(void)
{
	bmc_each(close_one, NULL);
	loop = NULL;
}
