/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is connected to the control socket: what he asks for, and how he is served. */
#ifndef DAEMON_CLIENT_H
#define DAEMON_CLIENT_H

#include "daemon/link.h"
#include "daemon/permit.h"
#include "daemon/remote.h"

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

struct message;
struct served;
struct server;

struct client {
	struct server *server;
	struct client *previous, *next;		/* of the server */
	struct client *next_attached;		/* of the console */
	struct link link;
	struct peer peer;
	struct served *served;			/* NULL: not attached */
	enum remote_mode mode;			/* what was asked for */
	bool greeted;
	bool waits;				/* until the console is open */
	bool flows;				/* gets what the console says, from position on */
	bool writes;				/* what comes from it goes to the console */
	bool ending;				/* nothing but what is queued goes out any more */
	bool told_idle;				/* that what it writes goes nowhere */
	bool listing;
	uint32_t list_next;			/* the machine that the list comes to next */
	double since;				/* when it was attached: time of the day */
	uint64_t position, stalled_at;
	struct message *messages, **messages_end;
	unsigned nmessages;
	unsigned char *input;			/* for the console: WIRE_WINDOW bytes, if any */
	size_t ninput, untold;			/* taken, and not told so yet */
	ev_timer timer;				/* the end of waiting, or of patience with it */
};

/* Takes a connection over. -errno: it is closed. */
int client_new(struct server *server, int fd);
/* Closes it at once. */
void client_free(struct client *client);
/* Ends it: it is told why when it has got all that its console has said until now. */
void client_end(struct client *client, int err, const char *sentence);

/* Sends what there is, as far as it is taken. */
void client_flush(struct client *client);
/* Tells a sentence, behind what its console has said until now. */
void client_note(struct client *client, const char *sentence);
/* The console is there, or it is not but is tried again: it was waited for. */
void client_opened(struct client *client, const char *text);
/* Hands on what it has written; whether the line took it all. */
bool client_pump(struct client *client);
/* Its input is for a console that is not open: it is dropped. */
void client_drop_input(struct client *client);

#endif
