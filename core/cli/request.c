/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is asked for behind the escape character, and the verbs that are done to machines while one
 * looks at their consoles. See attach.h.
 */
#include "base/fault.h"
#include "cli/attach.h"
#include "cli/replay.h"
#include "engine/console.h"
#include "engine/ladder.h"
#include "engine/plan.h"
#include "engine/reporter.h"
#include "engine/runner.h"
#include "model/machine.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- verbs ------------------------------------------------------------------------------------ */

/* Whose verb the report below is about: formats are told nothing but what has happened. */
static struct attach *telling;

static void tell_step(const struct step *step)
{
	const struct outcome *o = &step->outcome;
	const char *name = step->machine->name;

	if (o->ok)
		attach_note(telling, "%s: %s", name, state_name(o->state));
	else
		screen_note(&telling->screen, "%s: %s", name, o->error ? o->error : "failed");
}

static const struct report_format console_format = {.name = "console", .step = tell_step};
REPORT_FORMAT(console_format);

static void on_verb_end(void *data)
{
	struct attach *a = data;

	reporter_end(a->performing.reporter);
	/* what was asked for behind the escape character is told, and no more */
	if (a->performance == a->options->verb && reporter_exit_code(a->performing.plan))
		a->code = EXIT_NOT_ALL;
	performing_free(&a->performing);
	a->working = false;
	attach_check_end(a);
}

/* Makes the plan; *performance is the attach's, with the report that is told here. */
static int make_plan(struct attach *a, const struct performance *performance, struct fault *f)
{
	int err;

	a->performance = performance;
	a->told = *performance;
	a->told.format = console_format.name;
	a->performing = (struct performing){.loop = a->loop, .ended = on_verb_end, .data = a};
	err = performing_make(&a->performing, a->context, a->selection, &a->told, f);
	if (err)
		performing_free(&a->performing);
	return err;
}

static int start(struct attach *a, struct fault *f)
{
	int err;

	telling = a;
	err = performing_start(&a->performing, a->context, &a->told, f);
	if (err)
		performing_free(&a->performing);
	else
		a->working = true;
	return err;
}

static const char *verb_name(const struct attach *a)
{
	return verb_info(a->told.verb)->name;
}

/* "reset rack01 by ipmi 60s", "reset rack[01-03]" */
static char *describe(const struct attach *a)
{
	const struct plan *plan = a->performing.plan;
	char *names = seats_names(a, SEAT_ANY);
	struct buffer text = {0};

	buffer_add(&text, "%s %s", verb_name(a), names ? names : "?");
	for (size_t i = 0; a->n == 1 && i < plan->n; i++) {
		const struct step *step = &plan->steps[i];

		if (step->machine == a->seats[0].machine && step->ladder)
			buffer_add(&text, "%s%s", step->verb == a->told.verb ? " by " : ", ",
				   step->ladder->text);
	}
	if (plan->counted > a->n)
		buffer_add(&text, ", and what runs on %s", a->n == 1 ? "it" : "them");
	free(names);
	return buffer_take(&text);
}

void request_verb(struct attach *a)
{
	struct fault f;
	char *what = NULL;
	int err = make_plan(a, a->options->verb, &f);

	if (!err) {
		what = describe(a);
		attach_note(a, "%s", what ? what : verb_name(a));
		err = start(a, &f);
	}
	free(what);
	if (err)
		attach_fail(a, "%s", f.text);
}

void request_cancel(struct attach *a, const char *why)
{
	if (a->working)
		runner_cancel(a->performing.runner, why);
}

static void ask_for_verb(struct attach *a, const struct performance *performance)
{
	const char *name = verb_info(performance->verb)->name;
	struct fault f;
	char *what;

	if (!a->in.terminal) {
		screen_note(&a->screen, "%s is asked for at a terminal only: `stoker %s` does it "
			    "from a script", name, name);
	} else if (a->read_only) {
		screen_note(&a->screen, "read-only: nothing is %s",
			    verb_info(performance->verb)->participle);
	} else if (a->working) {
		screen_note(&a->screen, "%s is not done yet", verb_name(a));
	} else if (make_plan(a, performance, &f)) {
		screen_note(&a->screen, "%s", f.text);
	} else {
		what = describe(a);
		/* what was typed before it was asked for is no answer */
		keyboard_drop(a);
		escape_ask(&a->escape);
		a->asked = true;
		screen_ask(&a->screen, "%s? y/N", what ? what : name);
		free(what);
	}
}

void request_forget(struct attach *a)
{
	if (a->asked)
		performing_free(&a->performing);
	a->asked = false;
}

static void answered(struct attach *a, bool yes)
{
	struct fault f;

	if (!yes) {
		request_forget(a);
		screen_note(&a->screen, "nothing is done");
		return;
	}
	a->asked = false;
	if (start(a, &f))
		screen_note(&a->screen, "%s", f.text);
}

/* --- consoles --------------------------------------------------------------------------------- */

static void send_break(struct attach *a)
{
	char prefix[NAME_LENGTH_MAX + 3];
	struct fault f;
	size_t sent = 0;

	if (a->read_only) {
		screen_note(&a->screen, "read-only: no break is sent");
		return;
	}
	for (size_t i = 0; i < a->n; i++) {
		struct seat *seat = &a->seats[i];

		if (seat->state != SEAT_OPEN)
			continue;
		if (console_break(seat->console, &f))
			screen_note(&a->screen, "%s%s",
				    seat_prefix(seat, prefix, sizeof(prefix)), f.text);
		else
			sent++;
	}
	if (sent)
		screen_note(&a->screen, "break sent");
}

/* Asks those that the server holds, or that can answer themselves; whether any could. */
static bool ask_consoles(struct attach *a, enum console_request request)
{
	char prefix[NAME_LENGTH_MAX + 3];
	bool asked = false;
	struct fault f;

	for (size_t i = 0; i < a->n; i++) {
		struct seat *seat = &a->seats[i];
		int err = seat->state == SEAT_OPEN ? console_ask(seat->console, request, &f) :
						     -ENOTCONN;

		if (!err)
			asked = true;
		else if (seat->served && err != -ENOTCONN)
			screen_note(&a->screen, "%s%s",
				    seat_prefix(seat, prefix, sizeof(prefix)), f.text);
	}
	return asked;
}

static void tell_one(struct attach *a, const struct seat *seat)
{
	char since[32], elapsed[32];
	time_t now = time(NULL);
	struct tm tm;

	if (seat->state != SEAT_OPEN) {
		screen_note(&a->screen, "%s: not open yet, tried by %s", seat->machine->name,
			    seat->served ? "the server" : console_way(seat->console));
		return;
	}
	localtime_r(&seat->since, &tm);
	strftime(since, sizeof(since), "%H:%M:%S", &tm);
	duration_print((uint64_t)(now - seat->since) * 1000, elapsed, sizeof(elapsed));
	screen_note(&a->screen, "%s %s %s, attached since %s (%s), %llu bytes, %s",
		    seat->machine->name, seat->served ? "through" : "by",
		    seat->served ? "the server" : console_way(seat->console), since, elapsed,
		    (unsigned long long)seat->bytes, a->read_only ? "read-only" : "read-write");
}

static void tell_many(struct attach *a)
{
	char *open = seats_names(a, SEAT_OPEN), *gone = seats_names(a, SEAT_GONE);

	screen_note(&a->screen, "%zu of %zu consoles: %s", a->open, a->n, open ? open : "?");
	if (a->open + a->opening < a->n)
		screen_note(&a->screen, "not there: %s", gone ? gone : "?");
	free(open);
	free(gone);
}

static void tell_info(struct attach *a)
{
	if (a->n > 1) {
		tell_many(a);
		return;
	}
	tell_one(a, &a->seats[0]);
	ask_consoles(a, CONSOLE_INFO);
}

static void tell_who(struct attach *a)
{
	if (!ask_consoles(a, CONSOLE_WHO))
		screen_note(&a->screen, "nobody else: process %ld has %s alone, without the server",
			    (long)getpid(), a->n > 1 ? "them" : "it");
}

static void show_again(void *data, const unsigned char *bytes, size_t length)
{
	struct attach *a = data;

	screen_bytes(&a->screen, bytes, length);
}

static void replay(struct attach *a)
{
	const struct replay *replay = a->seats[0].replay;

	if (a->n > 1) {
		screen_note(&a->screen, "only what one machine has said can be shown again");
	} else if (!a->seats[0].served || !ask_consoles(a, CONSOLE_REPLAY)) {
		screen_note(&a->screen, "the last %zu bytes again", replay->length);
		replay_show(replay, show_again, a);
		screen_note(&a->screen, "that was again");
	}
}

static void toggle_read_only(struct attach *a)
{
	a->read_only = !a->read_only;
	a->dropped = 0;
	if (!ask_consoles(a, a->read_only ? CONSOLE_WATCH : CONSOLE_WRITE))
		screen_note(&a->screen, a->read_only ? "read-only" : "read-write");
}

/* --- all of them ------------------------------------------------------------------------------ */

static void show_help(struct attach *a)
{
	static const char *const lines[] = {
		[ESCAPE_LEAVE] = "leave", [ESCAPE_HELP] = "this help",
		[ESCAPE_BREAK] = "send a break",
		[ESCAPE_CYCLE] = "put the machine off and on again",
		[ESCAPE_INFO] = "which console, since when",
		[ESCAPE_REPLAY] = "what was said last, again",
		[ESCAPE_READ_ONLY] = "read-only on or off", [ESCAPE_RESET] = "reset the machine",
		[ESCAPE_WHO] = "who else is attached",
		[ESCAPE_SUSPEND] = "suspend; the shell's fg comes back",
	};
	struct buffer text = {0};
	char escape[3];

	escape_name(a->escape.character, escape);
	buffer_add_text(&text, "[stoker:\n");
	for (unsigned i = ESCAPE_LEAVE; i < sizeof(lines) / sizeof(lines[0]); i++)
		buffer_add(&text, "  %s%c  %s\n", escape, escape_letter(i), lines[i]);
	buffer_add(&text, "  %s%s  send %s]\n", escape, escape, escape);
	screen_text(&a->screen, buffer_text(&text));
	buffer_free(&text);
}

static void leave(struct attach *a)
{
	char *names;

	/* in a pipe, what was typed before it may still be answered */
	if (!a->in.terminal) {
		keyboard_end(a);
		return;
	}
	names = seats_names(a, SEAT_ANY);
	attach_note(a, "left %s", names ? names : "the console");
	free(names);
	attach_leave(a, false);
}

void request_act(struct attach *a, enum escape_request request)
{
	static const struct performance reset = {.verb = VERB_RESET}, cycle = {.verb = VERB_CYCLE};

	switch (request) {
	case ESCAPE_NOTHING:
		break;
	case ESCAPE_LEAVE:
		leave(a);
		break;
	case ESCAPE_HELP:
		show_help(a);
		break;
	case ESCAPE_BREAK:
		send_break(a);
		break;
	case ESCAPE_CYCLE:
		ask_for_verb(a, &cycle);
		break;
	case ESCAPE_INFO:
		tell_info(a);
		break;
	case ESCAPE_REPLAY:
		replay(a);
		break;
	case ESCAPE_READ_ONLY:
		toggle_read_only(a);
		break;
	case ESCAPE_RESET:
		ask_for_verb(a, &reset);
		break;
	case ESCAPE_WHO:
		tell_who(a);
		break;
	case ESCAPE_SUSPEND:
		attach_suspend(a);
		break;
	case ESCAPE_YES:
	case ESCAPE_NO:
		answered(a, request == ESCAPE_YES);
		break;
	}
}
