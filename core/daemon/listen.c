/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's socket. See listen.h. Defined by: unix(7), fcntl(2) (locks). */
#include "daemon/listen.h"
#include "base/fault.h"
#include "base/file.h"
#include "daemon/client.h"
#include "daemon/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 256, LOCK_NAME_MAX = 32 };

static const double pause_s = 1;

/* --- one server in a run directory ---------------------------------------------------------- */

/* The lock goes away with its process, however that ends, and the kernel tells who holds it. */
static int take_lock(struct server *server, const char *folder, struct fault *f)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/daemon", folder);
	server->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (server->lock < 0)
		return fault_set(f, errno, "cannot open \"%s\": %s", path, strerror(errno));
	while (fcntl(server->lock, F_SETLK, &lock)) {
		struct flock other = lock;

		if ((errno != EAGAIN && errno != EACCES) ||
		    fcntl(server->lock, F_GETLK, &other))
			return fault_set(f, errno, "cannot lock \"%s\": %s", path, strerror(errno));
		if (other.l_type != F_UNLCK)
			return fault_set(f, EAGAIN, "a `stoker daemon` runs already in \"%s\": "
					 "process %ld", folder, (long)other.l_pid);
		/* it ended between the two calls */
	}
	return 0;
}

void listen_unlock(struct server *server)
{
	if (server->lock >= 0)
		close(server->lock);
	server->lock = -1;
}

/* --- the socket ----------------------------------------------------------------------------- */

/*
 * It gets its name when it is ready for everyone, in the place of what has that name: nobody finds
 * a socket that does not answer, or that he may not use yet.
 */
static int make_socket(struct server *server, const char *folder, struct fault *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path, sizeof(address.sun_path), "%s/control.new", folder);

	snprintf(server->path, sizeof(server->path), "%s/control", folder);
	if (length < 0 || (size_t)length >= sizeof(address.sun_path))
		return fault_set(f, ENAMETOOLONG, "\"%s\" is too long for the name of a socket: "
				 "set STOKER_RUN to a shorter folder", server->path);
	server->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->socket < 0)
		return fault_set(f, errno, "cannot make a socket: %s", strerror(errno));
	unlink(address.sun_path);
	/* everybody may connect: what he may do there is looked up by who he is */
	if (bind(server->socket, (const struct sockaddr *)&address, sizeof(address)) ||
	    chmod(address.sun_path, 0666) || listen(server->socket, BACKLOG) ||
	    rename(address.sun_path, server->path)) {
		int err = fault_set(f, errno, "cannot listen at \"%s\": %s", server->path,
				    strerror(errno));

		unlink(address.sun_path);
		close(server->socket);
		server->socket = -1;
		return err;
	}
	return 0;
}

/* --- connections ---------------------------------------------------------------------------- */

static void on_pause_over(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct server *server = timer->data;

	(void)events;
	ev_io_start(loop, &server->listener);
}

/* Whether one more of this user is too many. */
static bool is_too_many(const struct server *server)
{
	uid_t uid = server->clients->peer.uid;
	unsigned same = 0;

	if (server->nclients > server->most_clients)
		return true;
	if (!uid || uid == geteuid())
		return false;
	for (const struct client *c = server->clients; c; c = c->next)
		same += c->peer.uid == uid;
	return same > CLIENTS_OF_ONE;
}

static void on_connection(struct ev_loop *loop, ev_io *listener, int events)
{
	struct server *server = listener->data;
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		/* no descriptors: those who wait go on waiting, and do not keep us busy */
		ev_io_stop(loop, listener);
		ev_timer_set(&server->pause, pause_s, 0);
		ev_timer_start(loop, &server->pause);
		return;
	}
	if (!client_new(server, fd) && is_too_many(server))
		client_end(server->clients, -EAGAIN, "too many are connected to the server");
}

int listen_begin(struct server *server, struct fault *f)
{
	char folder[PATH_MAX - 16];
	int err = run_directory(folder, sizeof(folder), f);

	if (!err)
		err = take_lock(server, folder, f);
	if (!err)
		err = make_socket(server, folder, f);
	if (err)
		return err;
	ev_timer_init(&server->pause, on_pause_over, 0, 0);
	ev_io_init(&server->listener, on_connection, server->socket, EV_READ);
	server->pause.data = server->listener.data = server;
	ev_io_start(server->loop, &server->listener);
	return 0;
}

void listen_end(struct server *server)
{
	if (server->socket < 0)
		return;
	ev_io_stop(server->loop, &server->listener);
	ev_timer_stop(server->loop, &server->pause);
	unlink(server->path);
	close(server->socket);
	server->socket = -1;
}
