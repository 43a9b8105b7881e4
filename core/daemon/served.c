/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A console that the server holds, from one state to the next. See served.h. */
#include "daemon/served.h"
#include "base/fault.h"
#include "daemon/client.h"
#include "daemon/keys.h"
#include "daemon/server.h"
#include "engine/credential.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is kept even where no replay is wanted: the last line, for the list. */
enum { KEEP_LEAST = 1024 };

/* For who looks from outside, one that is tried again and again is lost since it was lost. */
static void enter(struct served *s, enum served_state state)
{
	const char *before = served_state_name(s);

	s->state = state;
	if (served_state_name(s) != before || !s->since)
		s->since = ev_now(s->server->loop);
}

static void set_why(struct served *s, const char *why)
{
	free(s->why);
	s->why = why ? strdup(why) : NULL;
}

/* Whether it is to be open. */
static bool is_wanted(const struct served *s)
{
	if (s->kept || s->server->ending)
		return !s->server->ending;
	for (const struct client *c = s->clients; c; c = c->next_attached) {
		if (!c->ending)
			return true;
	}
	return false;
}

/* --- telling -------------------------------------------------------------------------------- */

static void tell_log(const struct served *s, int result, const struct fault *f)
{
	if (result)
		server_tell(s->machine, "%s", f->text);
}

static void note_all(struct served *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void note_all(struct served *s, const char *format, ...)
{
	struct fault note;
	va_list args;

	va_start(args, format);
	fault_vset(&note, 0, format, args);
	va_end(args);
	for (struct client *c = s->clients; c; c = c->next_attached) {
		if (!c->ending && !c->waits)
			client_note(c, note.text);
	}
}

/* --- opening -------------------------------------------------------------------------------- */

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents);
static const struct console_events console_events;
static void console_is_over(struct served *s, int err, const char *sentence);

static void enqueue(struct served *s)
{
	struct server *server = s->server;

	ev_timer_stop(server->loop, &s->timer);
	enter(s, SERVED_QUEUED);
	s->next_queued = NULL;
	*server->queue_end = s;
	server->queue_end = &s->next_queued;
}

/* It is not being opened any more, one way or the other. */
static void was_opening(struct served *s)
{
	if (s->second == s->server->second)
		s->server->opening--;
}

static void open_now(struct served *s)
{
	struct fault f;
	int err;

	enter(s, SERVED_OPENING);
	s->tried = ev_now(s->server->loop);
	s->second = s->server->second;
	s->server->opening++;
	err = console_open(s->server->loop, s->machine, s->steal, &console_events, s, &s->console,
			   &f);
	if (!err)
		s->server->busy++;
	else
		console_is_over(s, err, f.text);
}

void served_open_queued(struct server *server)
{
	while (server->queue && server->opening < OPENING_MOST) {
		struct served *s = server->queue;

		server->queue = s->next_queued;
		if (!server->queue)
			server->queue_end = &server->queue;
		if (is_wanted(s)) {
			open_now(s);
		} else {
			enter(s, SERVED_CLOSED);
			served_left(s);
		}
	}
	if (server->queue && !ev_is_active(&server->pace))
		ev_timer_again(server->loop, &server->pace);
}

void served_next_second(struct server *server)
{
	server->second++;
	server->opening = 0;
	served_open_queued(server);
	if (!server->queue)
		ev_timer_stop(server->loop, &server->pace);
}

void served_want(struct served *s, enum console_steal steal)
{
	if (steal == STEAL_ALWAYS)
		s->steal = steal;
	if (s->state != SERVED_CLOSED && s->state != SERVED_LOST && s->state != SERVED_REFUSED)
		return;
	/* who asks may have mended the password */
	if (s->state == SERVED_REFUSED)
		credential_read_again();
	retry_hope(&s->retry);
	enqueue(s);
	served_open_queued(s->server);
}

void served_hope(struct served *s)
{
	struct ev_loop *loop = s->server->loop;
	double ago = ev_now(loop) - s->tried;

	retry_hope(&s->retry);
	if (s->state != SERVED_LOST)
		return;
	/* however often we are told, it is not tried more often than that */
	ev_timer_stop(loop, &s->timer);
	ev_timer_set(&s->timer, ago < RETRY_FIRST_S ? RETRY_FIRST_S - ago : 0, 0);
	ev_timer_start(loop, &s->timer);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct served *s = timer->data;

	(void)loop, (void)revents;
	enqueue(s);
	served_open_queued(s->server);
}

/* --- what the console does ------------------------------------------------------------------ */

static void on_opened(void *data, const char *text)
{
	struct served *s = data;
	bool back = s->was_open && s->kept;
	struct fault f;

	was_opening(s);
	if (s->why)
		server_tell(s->machine, "console %s", s->was_open ? "back" : "open");
	enter(s, SERVED_OPEN);
	set_why(s, NULL);
	s->steal = STEAL_CONFIGURED;
	tell_log(s, logfile_note(&s->log, &f, back ? "console back" : "console open"), &f);
	note_all(s, back ? "the console is back" : "the console is open");
	s->was_open = true;
	for (struct client *c = s->clients; c; c = c->next_attached) {
		if (c->waits)
			client_opened(c, text);
	}
	served_open_queued(s->server);
}

static void on_bytes(void *data, const unsigned char *bytes, size_t length)
{
	struct served *s = data;
	struct fault f;

	tell_log(s, logfile_write(&s->log, bytes, length, &f), &f);
	s->bytes += length;
	if (backlog_add(&s->backlog, bytes, length))
		server_tell(s->machine, "out of memory: who watches its console misses %zu bytes",
			    length);
	for (struct client *c = s->clients; c; c = c->next_attached)
		client_flush(c);
	served_trim(s);
}

static void on_writable(void *data)
{
	served_pump(data);
}

static void on_note(void *data, const char *sentence)
{
	note_all(data, "%s", sentence);
}

/* It was open, or should be, and nobody keeps it: who is attached has to know and to go. */
static void end_clients(struct served *s, int err, const char *sentence)
{
	enter(s, SERVED_CLOSED);
	for (struct client *c = s->clients; c; c = c->next_attached) {
		if (!c->ending)
			client_end(c, err, sentence);
	}
	served_left(s);
}

/* Who waits for it need not wait any longer: he is attached, and sees it come. */
static void keep_clients(struct served *s, const char *note)
{
	note_all(s, "%s", note);
	for (struct client *c = s->clients; c; c = c->next_attached) {
		client_drop_input(c);
		if (c->waits) {
			client_opened(c, "");
			client_note(c, note);
		}
	}
}

static void wait_for_next_try(struct served *s, int err, double open_s, struct fault *note)
{
	double wait = retry_after(&s->retry, err, open_s);

	if (retry_is_refused(err)) {
		enter(s, SERVED_REFUSED);
		fault_set(note, 0, "%s: it is not tried again before somebody attaches, or SIGHUP",
			  s->why ? s->why : "");
		return;
	}
	enter(s, SERVED_LOST);
	ev_timer_set(&s->timer, wait, 0);
	ev_timer_start(s->server->loop, &s->timer);
	fault_set(note, 0, "%s: next try in %.0f s", s->why ? s->why : "", wait);
}

/* A console that is kept was lost, or could not be opened. */
static void lost(struct served *s, int err, const char *sentence)
{
	double open_s = s->state == SERVED_OPEN ? ev_now(s->server->loop) - s->since : 0;
	/* the operator hears of it once, and once more when it becomes his own affair */
	bool news = s->state == SERVED_OPEN || !s->why || retry_is_refused(err);
	struct fault note;

	set_why(s, sentence);
	if (retry_is_taken(err))
		s->steal = STEAL_NEVER;
	wait_for_next_try(s, err, open_s, &note);
	fault_prefix(&note, 0, "console %s", s->was_open ? "lost" : "not open");
	if (news)
		server_tell(s->machine, "%s", note.text);
	keep_clients(s, note.text);
}

/* Whoever had it open has closed it, or it never opened. */
static void console_is_over(struct served *s, int err, const char *sentence)
{
	struct server *server = s->server;
	enum served_state was = s->state;
	struct fault f;

	s->console = NULL;
	if (was == SERVED_OPENING)
		was_opening(s);
	if (was == SERVED_OPEN)
		tell_log(s, logfile_note(&s->log, &f, "console lost: %s", sentence), &f);
	if (was != SERVED_ENDING && s->kept && !server->ending) {
		lost(s, err, sentence);
	} else if (was == SERVED_ENDING || server->ending) {
		enter(s, SERVED_CLOSED);
		if (is_wanted(s))
			enqueue(s);
		else
			served_left(s);
	} else {
		end_clients(s, err, sentence);
	}
}

static void on_closed(void *data, int err, const char *sentence)
{
	struct served *s = data;
	struct server *server = s->server;

	server->busy--;
	console_is_over(s, err, sentence);
	served_open_queued(server);
	server_console_over(server);
}

static const struct console_events console_events = {
	.opened = on_opened, .bytes = on_bytes, .writable = on_writable, .note = on_note,
	.closed = on_closed,
};

/* --- clients -------------------------------------------------------------------------------- */

void served_pump(struct served *s)
{
	struct client **place, *c;

	for (place = &s->clients; s->state == SERVED_OPEN && *place; place = &c->next_attached) {
		c = *place;
		if (client_pump(c))
			continue;
		/* the line is full: the next time it comes behind the others */
		*place = c->next_attached;
		while (*place)
			place = &(*place)->next_attached;
		*place = c;
		c->next_attached = NULL;
		break;
	}
}

void served_trim(struct served *s)
{
	uint64_t needed = s->backlog.end;

	if (!backlog_has_spare(&s->backlog))
		return;
	for (const struct client *c = s->clients; c; c = c->next_attached) {
		if (c->flows && c->position < needed)
			needed = c->position;
	}
	backlog_trim(&s->backlog, needed);
}

static void close_console(struct served *s)
{
	bool opening = s->state == SERVED_OPENING;
	struct fault f;

	if (opening)
		was_opening(s);
	else
		tell_log(s, logfile_note(&s->log, &f, "console closed"), &f);
	enter(s, SERVED_ENDING);
	console_close(s->console);
	if (opening)
		served_open_queued(s->server);
}

void served_left(struct served *s)
{
	if (is_wanted(s))
		return;
	if (s->state == SERVED_OPENING || s->state == SERVED_OPEN)
		close_console(s);
	else if (s->state == SERVED_CLOSED && !s->clients && !s->server->ending)
		served_free(s);
}

void served_end(struct served *s)
{
	struct fault f;

	ev_timer_stop(s->server->loop, &s->timer);
	if (s->state == SERVED_OPENING || s->state == SERVED_OPEN)
		close_console(s);
	else if (s->state != SERVED_ENDING)
		enter(s, SERVED_CLOSED);
	if (s->kept)
		tell_log(s, logfile_note(&s->log, &f, "daemon ends"), &f);
}

/* --- beginning and end ---------------------------------------------------------------------- */

struct served *served_find(const struct server *server, const struct machine *machine)
{
	return server->served[machine->number];
}

static int read_keys(struct served *s, const struct machine *machine, struct fault *f)
{
	size_t keep = (size_t)machine_number(machine, &key_replay) << 10;
	int err = permit_of(&s->server->permits, machine, &key_watch, &s->watch, f);

	if (!err)
		err = permit_of(&s->server->permits, machine, &key_write, &s->write, f);
	s->backlog.keep = keep < KEEP_LEAST ? KEEP_LEAST : keep;
	s->kept = machine_flag(machine, &key_keep);
	logfile_init(&s->log, machine);
	return err;
}

int served_get(struct server *server, const struct machine *machine, struct served **served,
	       struct fault *f)
{
	struct served *s = served_find(server, machine);
	int err;

	*served = s;
	if (s)
		return 0;
	if (!console_exists(machine))
		return fault_set(f, ENOENT, "%s has no console: set console = in its section",
				 machine->name);
	s = calloc(1, sizeof(*s));
	if (!s)
		return fault_no_memory(f);
	s->server = server;
	s->machine = machine;
	ev_timer_init(&s->timer, on_timer, 0, 0);
	s->timer.data = s;
	enter(s, SERVED_CLOSED);
	err = read_keys(s, machine, f);
	if (err) {
		free(s);
		return err;
	}
	server->served[machine->number] = *served = s;
	if (s->kept) {
		server->kept++;
		tell_log(s, logfile_note(&s->log, f, "daemon starts"), f);
	}
	return 0;
}

void served_free(struct served *s)
{
	ev_timer_stop(s->server->loop, &s->timer);
	s->server->served[s->machine->number] = NULL;
	backlog_free(&s->backlog);
	logfile_close(&s->log);
	free(s->why);
	free(s);
}
