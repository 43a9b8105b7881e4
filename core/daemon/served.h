/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A console that the server holds: open or to be opened again, logged, with what it said last, and
 * with the clients that are attached to it.
 */
#ifndef DAEMON_SERVED_H
#define DAEMON_SERVED_H

#include "daemon/backlog.h"
#include "daemon/logfile.h"
#include "daemon/retry.h"
#include "engine/console.h"

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

struct client;
struct fault;
struct machine;
struct permit;
struct server;

enum served_state {
	SERVED_CLOSED,		/* nobody wants it */
	SERVED_QUEUED,		/* it is opened when there are not too many others being opened */
	SERVED_OPENING,
	SERVED_OPEN,
	SERVED_ENDING,		/* we have closed it, and it is not over yet */
	SERVED_LOST,		/* it is tried again, after a while */
	SERVED_REFUSED,		/* it is tried again when somebody asks for it */
};

struct served {
	struct server *server;
	const struct machine *machine;
	struct console *console;	/* from OPENING to ENDING */
	enum served_state state;
	bool kept;			/* open without clients too */
	bool was_open;
	enum console_steal steal;	/* of the next try */
	struct retry retry;
	ev_timer timer;			/* the next try */
	double since;			/* the time of the day when it came to its state */
	double tried;			/* when it was last begun to open: likewise */
	struct backlog backlog;
	struct logfile log;
	uint64_t bytes;			/* that it has said */
	char *why;			/* why it is not open; NULL: it is, or nobody tried */
	struct client *clients;
	const struct permit *watch, *write;
	unsigned second;		/* of the server's, when it was last begun to open */
	struct served *next_queued;
};

/*
 * The console of a machine, made when it is first asked for. -ENOENT: the machine has none;
 * -ENOMEM, -EINVAL; with a sentence.
 */
int served_get(struct server *server, const struct machine *machine, struct served **served,
	       struct fault *f);
/* The same, where it is there already; NULL. */
struct served *served_find(const struct server *server, const struct machine *machine);

/* Opens it now, whatever was waited for: somebody asks for it. */
void served_want(struct served *served, enum console_steal steal);
/* The machine has just been switched on: opens it now, unless only the user can mend it. */
void served_hope(struct served *served);
/* Opens those that wait for others to be opened. */
void served_open_queued(struct server *server);
/* A second is over: those that are still being opened do not count any more. */
void served_next_second(struct server *server);
/* A client has left, or does not write any more: closes what nobody wants. It may be gone then. */
void served_left(struct served *served);
/* Ends it in good order; `server_is_over` follows when all are. */
void served_end(struct served *served);
/* Forgets it. The console must be over. */
void served_free(struct served *served);

/* Hands on what its clients have written, in turn, as much as the line takes. */
void served_pump(struct served *served);
/* A client has read on: forgets what nobody needs. */
void served_trim(struct served *served);

/* "open", "opening", "lost", "refused", "closed". */
const char *served_state_name(const struct served *served);
/* What it is, since when, and how it goes on, in a few sentences. */
void served_print(const struct served *served, char *text, size_t size);

#endif
