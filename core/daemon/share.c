/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients and consoles. See share.h, remote.h. */
#include "daemon/share.h"
#include "base/fault.h"
#include "daemon/client.h"
#include "daemon/served.h"
#include "daemon/server.h"
#include "model/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum { WHO_MAX = 128, INFO_MAX = 800 };

/* how long who attaches waits for a console that is being opened, before he is let in */
static const double open_wait_s = 20;

bool share_may_watch(const struct served *s, const struct peer *peer)
{
	return permit_has(s->watch, peer) || permit_has(s->write, peer);
}

/* Somebody who writes, other than this client; NULL: nobody does. */
static const struct client *writer_of(const struct served *s, const struct client *but)
{
	for (const struct client *c = s->clients; c; c = c->next_attached) {
		if (c->writes && c != but)
			return c;
	}
	return NULL;
}

/* Tells all who are attached, but this client: "alice (…) WHAT". */
static void tell_others(struct served *s, const struct client *but, const char *what)
{
	char who[WHO_MAX];
	struct fault note;

	peer_print(&but->peer, who, sizeof(who));
	fault_set(&note, 0, "%s %s", who, what);
	for (struct client *c = s->clients; c; c = c->next_attached) {
		if (c != but && !c->ending && !c->waits)
			client_note(c, note.text);
	}
}

/* --- attaching ------------------------------------------------------------------------------ */

static int tell_busy(const struct client *holder, struct fault *f)
{
	char who[WHO_MAX], since[32];

	peer_print(&holder->peer, who, sizeof(who));
	return fault_set(f, EBUSY, "%s has it since %s: join with --join, take it with --steal, "
			 "look with --monitor", who,
			 clock_text(holder->since, since, sizeof(since)));
}

static int check_permits(const struct client *c, const struct served *s, struct fault *f)
{
	if (!share_may_watch(s, &c->peer))
		return fault_set(f, EACCES, "you may not watch it: console-watch names %s, "
				 "console-write %s", permit_text(s->watch), permit_text(s->write));
	if (c->mode != REMOTE_MONITOR && !permit_has(s->write, &c->peer))
		return fault_set(f, EACCES, "you may not write to it, only look (--monitor): "
				 "console-write names %s", permit_text(s->write));
	return 0;
}

static void take_away(struct served *s, const struct client *thief)
{
	char who[WHO_MAX];
	struct fault f;

	peer_print(&thief->peer, who, sizeof(who));
	fault_set(&f, ESTALE, "%s took it", who);
	for (struct client *c = s->clients; c; c = c->next_attached) {
		if (c->writes && c != thief)
			client_end(c, -ESTALE, f.text);
	}
}

static void tell_arrival(struct served *s, const struct client *c)
{
	static const char *const what[] = {
		[REMOTE_WRITE] = "writes now", [REMOTE_JOIN] = "writes too now",
		[REMOTE_STEAL] = "has taken the console", [REMOTE_MONITOR] = "watches now",
	};

	tell_others(s, c, what[c->mode]);
}

static void enter(struct client *c, struct served *s)
{
	c->served = s;
	c->next_attached = s->clients;
	s->clients = c;
	c->since = ev_now(c->server->loop);
	c->position = s->backlog.end;
	c->writes = c->mode != REMOTE_MONITOR;
	if (c->mode == REMOTE_STEAL)
		take_away(s, c);
	tell_arrival(s, c);
	if (s->state == SERVED_OPEN) {
		client_opened(c, "");
		return;
	}
	c->waits = true;
	ev_timer_set(&c->timer, open_wait_s, 0);
	ev_timer_start(c->server->loop, &c->timer);
	served_want(s, c->mode == REMOTE_STEAL ? STEAL_ALWAYS : STEAL_CONFIGURED);
}

static int find(const struct client *c, const char *name, struct served **s, struct fault *f)
{
	const struct machine *machine = machine_find(c->server->model, name);

	if (!machine)
		return fault_set(f, ENOENT, "the server's configuration has no machine \"%s\": if "
				 "it is new, start `stoker daemon` again", name);
	return served_get(c->server, machine, s, f);
}

void share_attach(struct client *c, const struct wire_frame *frame)
{
	const struct client *holder;
	char name[NAME_LENGTH_MAX + 1];
	struct served *s = NULL;
	struct fault f;
	int err;

	if (frame->bytes[0] > REMOTE_MONITOR) {
		client_end(c, -EPROTO, "there is no such way to attach");
		return;
	}
	c->mode = frame->bytes[0];
	wire_text(frame, 1, name, sizeof(name));
	err = c->server->ending ? fault_set(&f, EPIPE, "the daemon ends") : find(c, name, &s, &f);
	if (!err)
		err = check_permits(c, s, &f);
	holder = err || c->mode != REMOTE_WRITE ? NULL : writer_of(s, c);
	if (holder)
		err = tell_busy(holder, &f);
	if (!err)
		enter(c, s);
	else
		client_end(c, err, f.text);
	if (err && s)
		served_left(s);
}

void share_leave(struct client *c)
{
	struct served *s = c->served;

	if (!s)
		return;
	for (struct client **place = &s->clients; *place; place = &(*place)->next_attached) {
		if (*place == c) {
			*place = c->next_attached;
			break;
		}
	}
	if (!c->ending)
		tell_others(s, c, "leaves");
	served_trim(s);
	served_left(s);
}

/* --- asking --------------------------------------------------------------------------------- */

static void tell_who(struct client *c)
{
	for (const struct client *o = c->served->clients; o; o = o->next_attached) {
		char who[WHO_MAX], since[32];
		struct fault note;

		if (o->ending)
			continue;
		peer_print(&o->peer, who, sizeof(who));
		fault_set(&note, 0, "%s%s %s, since %s", who, o == c ? ", you," : "",
			  o->writes ? "writes" : "watches",
			  clock_text(o->since, since, sizeof(since)));
		client_note(c, note.text);
	}
}

static void tell_info(struct client *c)
{
	char text[INFO_MAX];

	served_print(c->served, text, sizeof(text));
	client_note(c, text);
	if (c->served->why)
		client_note(c, c->served->why);
}

static void begin_to_write(struct client *c)
{
	const struct client *holder = c->mode == REMOTE_JOIN ? NULL : writer_of(c->served, c);
	struct fault f;

	if (c->writes) {
		client_note(c, "you write already");
	} else if (!permit_has(c->served->write, &c->peer)) {
		fault_set(&f, 0, "you may not write to it: console-write names %s",
			  permit_text(c->served->write));
		client_note(c, f.text);
	} else if (holder) {
		tell_busy(holder, &f);
		client_note(c, f.text);
	} else {
		c->writes = true;
		c->told_idle = false;
		client_note(c, "you write now");
		tell_others(c->served, c, "writes now");
	}
}

static void begin_to_watch(struct client *c)
{
	if (c->writes)
		tell_others(c->served, c, "only watches now");
	c->writes = false;
	client_note(c, "you only watch now");
}

/* What was said last comes again, and then goes on: for who has it all, nothing is missed. */
static void rewind_client(struct client *c)
{
	uint64_t from = backlog_replay(&c->served->backlog);

	if (c->flows && from < c->position)
		c->position = from;
	client_flush(c);
}

void share_ask(struct client *c, unsigned char request)
{
	switch (request) {
	case CONSOLE_WHO:
		tell_who(c);
		break;
	case CONSOLE_INFO:
		tell_info(c);
		break;
	case CONSOLE_REPLAY:
		rewind_client(c);
		break;
	case CONSOLE_WATCH:
		begin_to_watch(c);
		break;
	case CONSOLE_WRITE:
		begin_to_write(c);
		break;
	default:
		client_note(c, "this server cannot tell that");
	}
}
