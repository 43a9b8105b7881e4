/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client of the console server: its frames, and what goes out to it. See client.h, wire.h. */
#include "daemon/client.h"
#include "base/fault.h"
#include "config/VERSION.h"
#include "daemon/served.h"
#include "daemon/server.h"
#include "daemon/share.h"
#include "daemon/supervise.h"
#include "model/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TURN = 65536,			/* bytes that a client gets in one turn of the loop */
	TURN_MESSAGE = 1024,		/* and what a message or a row counts as */
	MESSAGES_MOST = 256,		/* behind that notes are dropped */
	MESSAGES_MANY = 64,		/* more than that are not asked for */
	MESSAGES_FEW = 16,
	TOLD_TAKEN = WIRE_WINDOW / 4,
};

static const double patience_s = 10;

struct message {
	struct message *next;
	uint64_t at;			/* goes out when the client has all up to there */
	enum wire_type type;
	size_t length;
	unsigned char bytes[];
};

/* --- going out ------------------------------------------------------------------------------ */

static void add_message(struct client *c, enum wire_type type, uint64_t at, const void *first,
			size_t nfirst, const char *text)
{
	size_t ntext = strnlen(text, FAULT_TEXT_MAX * 2 - 64);
	struct message *m;

	if (c->nmessages >= MESSAGES_MOST && type != WIRE_END)
		return;
	m = malloc(sizeof(*m) + nfirst + ntext);
	if (!m)
		return;
	*m = (struct message){NULL, at, type, nfirst + ntext};
	if (nfirst)
		memcpy(m->bytes, first, nfirst);
	memcpy(m->bytes + nfirst, text, ntext);
	*c->messages_end = m;
	c->messages_end = &m->next;
	c->nmessages++;
}

static void drop_message(struct client *c)
{
	struct message *m = c->messages;

	c->messages = m->next;
	if (!c->messages)
		c->messages_end = &c->messages;
	c->nmessages--;
	free(m);
	if (c->nmessages < MESSAGES_FEW)
		link_pause(&c->link, false);
}

static void tell_taken(struct client *c)
{
	unsigned char taken[4];

	if (c->untold < TOLD_TAKEN || link_waiting(&c->link))
		return;
	wire_put32(taken, (uint32_t)c->untold);
	c->untold = 0;
	link_send(&c->link, WIRE_TAKEN, taken, sizeof(taken), NULL, 0);
}

/* A message whose time has come. */
static bool send_message(struct client *c)
{
	const struct message *m = c->messages;

	if (!m || (c->flows && m->at > c->position))
		return false;
	link_send(&c->link, m->type, m->bytes, m->length, NULL, 0);
	drop_message(c);
	return true;
}

/* The next row of the list, or its end. */
static bool send_row(struct client *c)
{
	const struct server *server = c->server;
	char fields[WIRE_PAYLOAD];

	while (c->listing && c->list_next < server->model->nmachines) {
		const struct served *s = server->served[c->list_next++];
		size_t length = s && share_may_watch(s, &c->peer) ?
				listing_row(s, fields, sizeof(fields)) : 0;

		if (length) {
			link_send(&c->link, WIRE_ROW, fields, length, NULL, 0);
			return true;
		}
	}
	if (c->listing) {
		c->listing = false;
		client_end(c, 0, "");
	}
	return false;
}

/* Bytes of the console: how many were taken; what it missed since it was too slow is told. */
static size_t send_bytes(struct client *c)
{
	const unsigned char *bytes;
	uint64_t skipped, position = c->position;
	struct fault note;
	size_t n;

	/* while the socket is full, what it misses grows, and is not to be told bit by bit */
	if (!c->flows || c->link.wants_room)
		return 0;
	n = backlog_read(&c->served->backlog, &c->position, &bytes, &skipped);
	if (skipped) {
		fault_set(&note, 0, "%llu bytes were skipped: you were too slow",
			  (unsigned long long)(c->position - position));
		link_text(&c->link, WIRE_NOTE, note.text);
	}
	if (n > WIRE_PAYLOAD)
		n = WIRE_PAYLOAD;
	if (!n || link_waiting(&c->link) || !link_data(&c->link, bytes, n))
		return 0;
	c->position += n;
	return n;
}

void client_flush(struct client *c)
{
	size_t budget = TURN;

	while (budget && !link_waiting(&c->link)) {
		size_t n = TURN_MESSAGE;

		tell_taken(c);
		if (!send_message(c) && !send_row(c))
			n = send_bytes(c);
		if (!n)
			break;
		budget -= n < budget ? n : budget;
	}
	if (link_waiting(&c->link) || !budget || c->ending)
		link_want_room(&c->link);
}

static void on_room(void *data)
{
	struct client *c = data;

	client_flush(c);
	if (c->ending && !c->messages && !link_waiting(&c->link))
		client_free(c);
	else if (c->served)
		served_trim(c->served);
}

void client_note(struct client *c, const char *sentence)
{
	add_message(c, WIRE_NOTE, c->served ? c->served->backlog.end : 0, NULL, 0, sentence);
	client_flush(c);
}

static void on_patience(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct client *c = timer->data;

	(void)loop, (void)revents;
	if (c->waits) {
		client_opened(c, "");
		client_note(c, "the console is not open yet: the server goes on trying");
	} else if (c->ending && c->stalled_at == c->position) {
		client_free(c);
	} else {
		c->stalled_at = c->position;
	}
}

void client_end(struct client *c, int err, const char *sentence)
{
	const unsigned char reason = wire_reason(err);

	if (c->ending)
		return;
	c->ending = true;
	c->waits = c->writes = c->listing = false;
	c->stalled_at = c->position;
	ev_timer_stop(c->server->loop, &c->timer);
	ev_timer_set(&c->timer, patience_s, patience_s);
	ev_timer_start(c->server->loop, &c->timer);
	add_message(c, WIRE_END, c->flows ? c->served->backlog.end : 0, &reason, 1, sentence);
	client_flush(c);
}

void client_opened(struct client *c, const char *text)
{
	c->waits = false;
	ev_timer_stop(c->server->loop, &c->timer);
	add_message(c, WIRE_OPENED, 0, NULL, 0, text ? text : "");
	client_flush(c);
	c->flows = true;
	client_flush(c);
}

/* --- coming in ------------------------------------------------------------------------------ */

bool client_pump(struct client *c)
{
	size_t n = c->ninput ? console_write(c->served->console, c->input, c->ninput) : 0;

	if (!n)
		return !c->ninput;
	c->ninput -= n;
	memmove(c->input, c->input + n, c->ninput);
	c->untold += n;
	if (!c->ninput) {
		free(c->input);
		c->input = NULL;
	}
	tell_taken(c);
	if (c->untold >= TOLD_TAKEN)
		link_want_room(&c->link);
	return !c->ninput;
}

void client_drop_input(struct client *c)
{
	c->untold += c->ninput;
	c->ninput = 0;
	free(c->input);
	c->input = NULL;
	c->told_idle = false;
}

/* What it writes goes nowhere: told once, until that changes. */
static void refuse_input(struct client *c, size_t length)
{
	c->untold += length;
	if (!c->told_idle)
		client_note(c, c->writes ? "the console is not open: nothing was sent" :
					   "you only watch: nothing was sent");
	c->told_idle = true;
	client_flush(c);
}

static void wrong(struct client *c, const char *sentence)
{
	struct served *s = c->served;

	client_end(c, -EPROTO, sentence);
	if (s)
		served_left(s);
}

static void on_data(struct client *c, const struct wire_frame *frame)
{
	if (c->ninput + frame->length > WIRE_WINDOW) {
		wrong(c, "more was sent than the window has room for");
		return;
	}
	if (!c->writes || c->served->state != SERVED_OPEN) {
		refuse_input(c, frame->length);
		return;
	}
	c->told_idle = false;
	if (!c->input)
		c->input = malloc(WIRE_WINDOW);
	if (!c->input) {
		wrong(c, "the server is out of memory");
		return;
	}
	memcpy(c->input + c->ninput, frame->bytes, frame->length);
	c->ninput += frame->length;
	served_pump(c->served);
}

static void on_break(struct client *c)
{
	struct fault f;

	if (!c->writes)
		client_note(c, "you only watch: no break was sent");
	else if (c->served->state != SERVED_OPEN)
		client_note(c, "the console is not open: no break was sent");
	else if (console_break(c->served->console, &f))
		client_note(c, f.text);
}

static void on_resize(const struct client *c, const struct wire_frame *frame)
{
	if (c->writes && c->served->console)
		console_resize(c->served->console, wire_get16(frame->bytes),
			       wire_get16(frame->bytes + 2));
}

static void on_hello(struct client *c, const struct wire_frame *frame)
{
	unsigned char version[2];
	struct fault f;

	wire_put16(version, WIRE_VERSION);
	link_send(&c->link, WIRE_HELLO, version, sizeof(version), STOKER_VERSION,
		  strlen(STOKER_VERSION));
	c->greeted = true;
	if (wire_get16(frame->bytes) == WIRE_VERSION)
		return;
	fault_set(&f, EINVAL, "this server is stoker %s and does not understand your program: "
		  "start `stoker daemon` again", STOKER_VERSION);
	client_end(c, -EINVAL, f.text);
}

static void on_powered(const struct client *c, const struct wire_frame *frame)
{
	const char *name;
	size_t at = 0;

	while ((name = wire_field(frame, &at))) {
		const struct machine *machine = machine_find(c->server->model, name);
		struct served *s = machine ? served_find(c->server, machine) : NULL;

		if (s && share_may_watch(s, &c->peer))
			served_hope(s);
	}
}

/* Only from those who may do all: it keeps a guest from being started again. */
static void on_downed(const struct client *c, const struct wire_frame *frame)
{
	const char *name;
	size_t at = 0;

	while (permit_has(NULL, &c->peer) && (name = wire_field(frame, &at))) {
		const struct machine *machine = machine_find(c->server->model, name);

		if (machine)
			supervise_downed(c->server, machine);
	}
}

/* What only who is attached may send. */
static void on_attached_frame(struct client *c, const struct wire_frame *frame)
{
	if (!c->served)
		wrong(c, "no console is attached yet");
	else if (frame->type == WIRE_DATA)
		on_data(c, frame);
	else if (frame->type == WIRE_BREAK)
		on_break(c);
	else if (frame->type == WIRE_RESIZE)
		on_resize(c, frame);
	else if (frame->type == WIRE_ASK)
		share_ask(c, frame->bytes[0]);
	else
		wrong(c, "the client sends what is not for a server");
}

static void on_frame(void *data, const struct wire_frame *frame)
{
	struct client *c = data;

	/* what had been asked before the end was told is not answered any more */
	if (c->ending)
		return;
	if (frame->type == WIRE_HELLO)
		on_hello(c, frame);
	else if (!c->greeted)
		wrong(c, "the client does not say hello");
	else if (frame->type == WIRE_POWERED)
		on_powered(c, frame);
	else if (frame->type == WIRE_DOWNED)
		on_downed(c, frame);
	else if ((frame->type == WIRE_ATTACH || frame->type == WIRE_LIST) &&
		 (c->served || c->listing))
		wrong(c, "one connection does one thing");
	else if (frame->type == WIRE_ATTACH)
		share_attach(c, frame);
	else if (frame->type == WIRE_LIST)
		c->listing = true;
	else
		on_attached_frame(c, frame);
	if (c->nmessages > MESSAGES_MANY)
		link_pause(&c->link, true);
	if (c->listing)
		client_flush(c);
}

static void on_end(void *data, int err)
{
	(void)err;
	client_free(data);
}

static const struct link_events link_events = {.frame = on_frame, .room = on_room, .end = on_end};

/* --- beginning and end ---------------------------------------------------------------------- */

int client_new(struct server *server, int fd)
{
	struct client *c = calloc(1, sizeof(*c));
	int err = c ? peer_read(fd, &c->peer) : -ENOMEM;

	if (err) {
		free(c);
		close(fd);
		return err;
	}
	c->server = server;
	c->messages_end = &c->messages;
	ev_timer_init(&c->timer, on_patience, 0, 0);
	c->timer.data = c;
	c->next = server->clients;
	if (c->next)
		c->next->previous = c;
	server->clients = c;
	server->nclients++;
	link_start(&c->link, server->loop, fd, &link_events, c);
	return 0;
}

void client_free(struct client *c)
{
	struct server *server = c->server;

	if (c->next)
		c->next->previous = c->previous;
	*(c->previous ? &c->previous->next : &server->clients) = c->next;
	server->nclients--;
	ev_timer_stop(server->loop, &c->timer);
	link_stop(&c->link);
	while (c->messages)
		drop_message(c);
	share_leave(c);
	peer_free(&c->peer);
	free(c->input);
	free(c);
	server_console_over(server);
}
