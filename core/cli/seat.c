/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The consoles of an attach: opened, shown, and told when they end. See attach.h. */
#include "base/fault.h"
#include "cli/attach.h"
#include "cli/hold.h"
#include "cli/replay.h"
#include "cli/served.h"
#include "engine/console.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *seat_prefix(const struct seat *seat, char *text, size_t size)
{
	snprintf(text, size, "%s: ", seat->machine->name);
	return seat->attach->n > 1 ? text : "";
}

char *seats_names(const struct attach *a, unsigned state)
{
	const char **names = malloc(a->n * sizeof(*names));
	size_t n = 0;
	char *folded = NULL;

	for (size_t i = 0; names && i < a->n; i++) {
		if (state == SEAT_ANY || a->seats[i].state == state)
			names[n++] = a->seats[i].machine->name;
	}
	if (names)
		folded = n ? range_fold(names, n) : strdup("none");
	free(names);
	return folded;
}

/* --- what is shown -------------------------------------------------------------------------- */

static void show(struct attach *a, const void *bytes, size_t length)
{
	struct fault f;

	if (record_bytes(&a->record, bytes, length, &f))
		attach_note(a, "%s", f.text);
	screen_bytes(&a->screen, bytes, length);
}

static void show_line(void *data, const unsigned char *text, size_t length)
{
	const struct seat *seat = data;
	struct buffer line = {0};

	buffer_add(&line, "%s: ", seat->machine->name);
	buffer_add_bytes(&line, text, length);
	buffer_add_text(&line, screen_line_end(&seat->attach->screen));
	show(seat->attach, line.text, line.length);
	buffer_free(&line);
}

static void add_to_line(struct seat *seat, const unsigned char *bytes, size_t length)
{
	struct attach *a = seat->attach;

	line_feed(seat->line, bytes, length, show_line, seat);
	seat->line->touched = ev_now(a->loop);
	if (line_is_waiting(seat->line) && !ev_is_active(&a->lines))
		ev_timer_again(a->loop, &a->lines);
}

/* --- what happens --------------------------------------------------------------------------- */

static void on_opened(void *data, const char *text)
{
	struct seat *seat = data;
	struct attach *a = seat->attach;
	char escape[3] = "", prefix[NAME_LENGTH_MAX + 3];

	seat->state = SEAT_OPEN;
	seat->since = time(NULL);
	a->opening--;
	a->open++;
	if (a->escape.character != ESCAPE_NONE)
		escape_name(a->escape.character, escape);
	if (a->n == 1)
		attach_note(a, "console of %s %s %s%s%s%s%s", seat->machine->name,
			    seat->served ? "through" : "by",
			    seat->served ? "the server" : console_way(seat->console),
			    a->read_only ? ", read-only" : "", *escape ? ": " : "", escape,
			    *escape ? "? for help" : "");
	if (text)
		attach_note(a, "%s%s", seat_prefix(seat, prefix, sizeof(prefix)), text);
	attach_seat_settled(a);
}

static void on_bytes(void *data, const unsigned char *bytes, size_t length)
{
	struct seat *seat = data;

	seat->bytes += length;
	keyboard_heard(seat->attach);
	if (seat->replay)
		replay_add(seat->replay, bytes, length);
	if (seat->line)
		add_to_line(seat, bytes, length);
	else
		show(seat->attach, bytes, length);
}

static void on_writable(void *data)
{
	const struct seat *seat = data;

	keyboard_push(seat->attach);
}

static void on_note(void *data, const char *sentence)
{
	const struct seat *seat = data;
	char prefix[NAME_LENGTH_MAX + 3];

	attach_note(seat->attach, "%s%s", seat_prefix(seat, prefix, sizeof(prefix)), sentence);
}

static int open_direct(struct seat *seat, struct fault *f);

/* The end of one that a pipe has written all to is no loss. */
static bool is_wanted_end(const struct seat *seat, int err)
{
	const struct attach *a = seat->attach;

	return err == -EPIPE && !seat->served && !a->in.terminal && a->ended && !a->length &&
	       !a->pending.length;
}

static void tell_end(const struct seat *seat, bool was_open, int err, const char *sentence)
{
	struct attach *a = seat->attach;
	const char *name = seat->machine->name;
	size_t length = strlen(name);

	/* the server's sentences may begin with the name */
	if (!strncmp(sentence, name, length) && !strncmp(sentence + length, ": ", 2))
		sentence += length + 2;
	/* what was to be done is done: none was to stay open */
	if (err == -ECANCELED || (was_open && is_wanted_end(seat, err)))
		attach_note(a, "%s: %s", name, sentence);
	else
		attach_fail(a, "%s: %s%s%s", name, was_open ? "" : "its console cannot be opened: ",
			    sentence, a->verb_waits ? ": nothing was switched" : "");
}

/* The server knows another configuration than we do. */
static bool open_without_server(struct seat *seat, int err, const char *sentence)
{
	struct fault f;

	if (!seat->served || seat->state != SEAT_OPENING || err != -ENOENT ||
	    seat->attach->leaving)
		return false;
	seat->served = false;
	if (!open_direct(seat, &f)) {
		attach_note(seat->attach, "%s", sentence);
		return true;
	}
	attach_fail(seat->attach, "%s: %s", seat->machine->name, f.text);
	return false;
}

static void on_closed(void *data, int err, const char *sentence)
{
	struct seat *seat = data;
	struct attach *a = seat->attach;
	bool was_open = seat->state == SEAT_OPEN;

	seat->console = NULL;
	if (seat->held)
		hold_release(seat->machine->name);
	seat->held = false;
	if (open_without_server(seat, err, sentence))
		return;
	seat->state = SEAT_GONE;
	if (was_open)
		a->open--;
	else
		a->opening--;
	if (a->leaving) {
		attach_check_end(a);
		return;
	}
	if (seat->line && line_is_waiting(seat->line))
		line_show(seat->line, show_line, seat);
	tell_end(seat, was_open, err, sentence);
	attach_seat_settled(a);
}

static const struct console_events events = {
	.opened = on_opened, .bytes = on_bytes, .writable = on_writable, .note = on_note,
	.closed = on_closed,
};

/* --- begin and end ---------------------------------------------------------------------------- */

static int open_direct(struct seat *seat, struct fault *f)
{
	struct attach *a = seat->attach;
	int err = hold_take(seat->machine->name, f);

	if (err)
		return err;
	seat->held = true;
	err = console_open(a->loop, seat->machine,
			   a->options->mode == ATTACH_STEAL ? STEAL_ALWAYS : STEAL_CONFIGURED,
			   &events, seat, &seat->console, f);
	if (err) {
		hold_release(seat->machine->name);
		seat->held = false;
	}
	return err;
}

static int open_seat(struct seat *seat, struct fault *f)
{
	struct attach *a = seat->attach;

	if (a->n == 1)
		seat->replay = calloc(1, sizeof(*seat->replay));
	else
		seat->line = calloc(1, sizeof(*seat->line));
	if (!seat->replay && !seat->line)
		return fault_no_memory(f);
	if (!seat->served)
		return open_direct(seat, f);
	return served_open(a->loop, seat->machine->name, a->options->mode, &events, seat,
			   &seat->console, f);
}

/* Shows the begins of lines that have not gone on for a while: somebody is asked for something. */
static void on_lines(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct attach *a = timer->data;
	double now = ev_now(loop);
	bool waiting = false;

	(void)revents;
	for (size_t i = 0; i < a->n; i++) {
		struct line *line = a->seats[i].line;

		if (!line_is_waiting(line))
			continue;
		if (now - line->touched >= timer->repeat)
			line_show(line, show_line, &a->seats[i]);
		else
			waiting = true;
	}
	if (!waiting)
		ev_timer_stop(loop, timer);
}

int seats_open(struct attach *a, struct fault *f)
{
	static const double show_after = 0.5;
	bool served = !a->options->direct && served_is_there();

	a->seats = calloc(a->selection->n, sizeof(*a->seats));
	if (!a->seats)
		return fault_no_memory(f);
	a->n = a->selection->n;
	ev_init(&a->lines, on_lines);
	a->lines.repeat = show_after;
	a->lines.data = a;
	for (size_t i = 0; i < a->n; i++) {
		struct seat *seat = &a->seats[i];

		seat->attach = a;
		seat->machine = a->selection->machines[i];
		/* a machine of the command line is in no server's configuration */
		seat->served = served && seat->machine->section->file;
		seat->state = SEAT_GONE;
		if (open_seat(seat, f)) {
			attach_fail(a, "%s: %s%s", seat->machine->name, f->text,
				    a->verb_waits ? ": nothing was switched" : "");
			continue;
		}
		seat->state = SEAT_OPENING;
		a->opening++;
	}
	return 0;
}

void seats_close(struct attach *a)
{
	ev_timer_stop(a->loop, &a->lines);
	for (size_t i = 0; i < a->n; i++) {
		struct seat *seat = &a->seats[i];

		if (seat->line && line_is_waiting(seat->line))
			line_show(seat->line, show_line, seat);
		if (seat->console)
			console_close(seat->console);
	}
}

void seats_free(struct attach *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->seats[i].line);
		free(a->seats[i].replay);
	}
	free(a->seats);
}
