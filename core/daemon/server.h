/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console server: its socket, its consoles, its clients. */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include "daemon/permit.h"

#include <ev.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct fault;
struct machine;
struct model;
struct served;
struct supervisor;
struct watchdog;

enum {
	/*
	 * Consoles that are being opened at a time; who takes longer than a second does not count
	 * any more, so that thousands that do not answer keep nobody waiting
	 */
	OPENING_MOST = 64,
	CLIENTS_MOST = 4096,		/* or a quarter of our descriptors */
	CLIENTS_OF_ONE = 256,		/* of one user, other than ours */
};

struct server {
	struct ev_loop *loop;
	struct model *model;
	struct served **served;		/* of each machine, by its number; NULL: nobody asked */
	struct client *clients;
	size_t nclients, most_clients;
	struct permits permits;
	struct served *queue, **queue_end;	/* to be opened */
	unsigned opening, second;	/* that are being opened and count; which second this is */
	ev_timer pace;			/* the next second, while some wait */
	struct supervisor *supervisor;	/* of guests; NULL: not yet */
	struct watchdog *watchdog;	/* of this machine; NULL: none */
	size_t kept, busy;		/* consoles that are kept; that are not over */
	bool ending;
	int socket, lock;		/* -1: none */
	ev_io listener;
	ev_timer pause;			/* no connections are taken: there was no room */
	ev_timer beat;			/* the next sign of life to the service manager */
	ev_timer end;			/* the end of patience with the end */
	ev_signal interrupt, terminate, hangup;
	char path[PATH_MAX];		/* of the socket */
};

/*
 * Checks the configuration (permits, names of logs), takes the run directory's lock, listens, and
 * begins to open what is kept. loop must be libev's default loop. -EAGAIN: a server runs already,
 * the sentence says which process; other errors; server_stop is to be called after them too.
 */
int server_start(struct server *server, struct ev_loop *loop, struct model *model,
		 struct fault *f);
/* Forgets all that is left; after the loop has ended. */
void server_stop(struct server *server);
/* Ends in good order: clients are told, consoles closed; then the loop is broken. */
void server_end(struct server *server);

/* A console is over: the end may have waited for it. */
void server_console_over(struct server *server);

/* A line of the daemon's own, on standard error: "stoker: rack01: …". machine may be NULL. */
void server_tell(const struct machine *machine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Tells the service manager, where there is one (NOTIFY_SOCKET): "READY=1". */
void notify_manager(const char *state);
/* Gives it the signs of life that it asks for (WATCHDOG_USEC), from the loop. */
void notify_begin(struct server *server);
void notify_end(struct server *server);

/* A time of the day for people: "12:03:11", with the date where it is not today's. */
const char *clock_text(double time, char *text, size_t size);

/* One line of the list into fields, of size bytes at most: see wire.h; their length. */
size_t listing_row(const struct served *served, char *fields, size_t size);

#endif
