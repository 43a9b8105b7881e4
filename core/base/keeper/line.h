/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line that a keeper holds, a terminal or a telnet connection, and the socket by which others
 * see it: what the line says goes to all of them, what they type goes to the line.
 */
#ifndef KEEPER_LINE_H
#define KEEPER_LINE_H

#include "base/keeper/telnet.h"
#include "base/stream.h"
#include "base/text.h"

struct client;
struct fault;
struct line;

struct line_events {
	/* what the line has said, after its clients have it; may be NULL */
	void (*said)(void *data, const unsigned char *bytes, size_t length);
	/* it has ended, and can be given another descriptor */
	void (*ended)(void *data, int err);
	/* somebody sees it from now on; may be NULL */
	void (*joined)(void *data);
};

/* Start with {0}. */
struct line {
	struct ev_loop *loop;
	const struct line_events *events;
	void *data;
	struct stream stream;		/* the line itself */
	bool is_telnet;
	struct telnet telnet;
	int listener;			/* with listens */
	bool listens;
	ev_io accept;
	struct client *clients;
	unsigned nclients;
	struct buffer rest;		/* typed, and the line has no room for it yet */
	ev_timer patience;		/* how long a client may keep the line waiting */
};

void line_init(struct line *line, struct ev_loop *loop, const struct line_events *events,
	       void *data);
/*
 * Lets clients come by the socket NAME in a folder, open as a descriptor; for its owner alone. One
 * of a keeper that was killed is replaced. -errno with a sentence.
 */
int line_listen(struct line *line, int folder, const char *name, struct fault *f);
/* Takes a descriptor over. */
void line_start(struct line *line, int fd, bool is_telnet);
/* Types something itself, behind what clients have typed. */
void line_type(struct line *line, const char *text);
bool line_is_there(const struct line *line);
/* Ends all; twice is fine. What has been said is written to clients as far as they take it. */
void line_stop(struct line *line);

#endif
