/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An attach from its begin to its end. See attach.h. */
#include "cli/attach.h"
#include "base/fault.h"
#include "base/resolve.h"
#include "cli/terminal.h"
#include "engine/console.h"
#include "engine/credential.h"
#include "engine/driver.h"
#include "engine/lock.h"
#include "model/select.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int watched[SIGNALS] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH,
};

/* How long it takes until we say what we wait for, and how long the end may take. */
static const double slow_after = 1, patience_of = 5;

/* --- what is told --------------------------------------------------------------------------- */

void attach_note(struct attach *a, const char *format, ...)
{
	va_list args;

	if (a->options->quiet)
		return;
	va_start(args, format);
	screen_vnote(&a->screen, format, args);
	va_end(args);
}

void attach_fail(struct attach *a, const char *format, ...)
{
	va_list args;

	a->code = EXIT_NOT_ALL;
	va_start(args, format);
	screen_vnote(&a->screen, format, args);
	va_end(args);
}

static void on_pressure(void *data, bool pressed)
{
	const struct attach *a = data;

	for (size_t i = 0; i < a->n; i++) {
		if (a->seats[i].console)
			console_pause(a->seats[i].console, pressed);
	}
}

static void on_failed(void *data, int err)
{
	struct attach *a = data;

	a->code = EXIT_NOT_ALL;
	/* a terminal that was hung up hears nothing of it */
	if (!a->screen.out.terminal)
		usage_error("standard output: %s", strerror(-err));
	attach_leave(a, true);
}

static void on_empty(void *data)
{
	attach_check_end(data);
}

static const struct screen_events screen_events = {
	.pressure = on_pressure, .failed = on_failed, .empty = on_empty,
};

/* --- the end ---------------------------------------------------------------------------------- */

void attach_check_end(struct attach *a)
{
	size_t left = screen_waiting(&a->screen);

	for (size_t i = 0; i < a->n; i++)
		left += a->seats[i].console != NULL;
	if (a->leaving && !a->working && (!left || a->impatient))
		ev_break(a->loop, EVBREAK_ALL);
}

static void on_patience(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct attach *a = timer->data;

	(void)loop, (void)events;
	a->impatient = true;
	attach_check_end(a);
}

void attach_leave(struct attach *a, bool lost)
{
	if (a->leaving)
		return;
	a->leaving = true;
	keyboard_stop(a);
	request_forget(a);
	ev_timer_stop(a->loop, &a->slow);
	terminal_give_back(lost);
	seats_close(a);
	if (a->working && !a->signal)
		attach_note(a, "%s goes on until it is done: Ctrl-C stops it",
			    verb_info(a->told.verb)->name);
	ev_timer_start(a->loop, &a->patience);
	attach_check_end(a);
}

void attach_seat_settled(struct attach *a)
{
	if (a->leaving)
		return;
	if (!a->opening && !a->open) {
		attach_leave(a, true);
		return;
	}
	if (a->opening)
		return;
	ev_timer_stop(a->loop, &a->slow);
	if (a->verb_waits) {
		a->verb_waits = false;
		request_verb(a);
	}
	keyboard_push(a);
}

static void on_slow(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct attach *a = timer->data;
	char *names = seats_names(a, SEAT_OPENING);
	char escape[3] = "";

	(void)loop, (void)events;
	if (a->escape.character != ESCAPE_NONE)
		escape_name(a->escape.character, escape);
	attach_note(a, "opening the console of %s%s%s%s", names ? names : "?",
		    *escape ? ": " : "", escape, *escape ? ". gives up" : "");
	free(names);
}

/* --- signals ---------------------------------------------------------------------------------- */

void attach_resize(struct attach *a)
{
	unsigned columns, rows;

	if (!terminal_size(&columns, &rows))
		return;
	for (size_t i = 0; i < a->n; i++) {
		if (a->seats[i].console)
			console_resize(a->seats[i].console, columns, rows);
	}
}

static ev_signal *watcher_of(struct attach *a, int number)
{
	unsigned i = 0;

	while (watched[i] != number)
		i++;
	return &a->signals[i];
}

static void watch_again(struct attach *a, int number)
{
	struct sigaction action;

	/* who was started to ignore it, as by nohup, goes on doing so */
	if (!sigaction(number, NULL, &action) && action.sa_handler == SIG_DFL)
		ev_signal_start(a->loop, watcher_of(a, number));
}

void attach_suspend(struct attach *a)
{
	struct fault f;
	int err;

	ev_signal_stop(a->loop, watcher_of(a, SIGTSTP));
	ev_signal_stop(a->loop, watcher_of(a, SIGCONT));
	err = terminal_suspend(&f);
	watch_again(a, SIGTSTP);
	watch_again(a, SIGCONT);
	/* it was away for a while: times count from now */
	ev_now_update(a->loop);
	if (err == -ESRCH) {
		screen_note(&a->screen, "%s", f.text);
	} else if (err) {
		attach_fail(a, "%s", f.text);
		attach_leave(a, true);
	} else {
		attach_note(a, "back again");
		attach_resize(a);
	}
}

/* The first one ends in good order; after it a second one ends the program at once. */
static void end_by(struct attach *a, int number)
{
	for (unsigned i = 0; i < SIGNALS; i++) {
		if (watched[i] != SIGWINCH && watched[i] != SIGCONT)
			ev_signal_stop(a->loop, &a->signals[i]);
	}
	a->signal = number;
	request_cancel(a, number == SIGINT ? "interrupted" : "told to end");
	attach_leave(a, true);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct attach *a = watcher->data;

	(void)loop, (void)events;
	switch (watcher->signum) {
	case SIGWINCH:
		attach_resize(a);
		break;
	case SIGCONT:
		terminal_retake();
		attach_resize(a);
		break;
	case SIGTSTP:
		attach_suspend(a);
		break;
	default:
		end_by(a, watcher->signum);
	}
}

static void watch_signals(struct attach *a)
{
	for (unsigned i = 0; i < SIGNALS; i++) {
		ev_signal_init(&a->signals[i], on_signal, watched[i]);
		a->signals[i].data = a;
		watch_again(a, watched[i]);
	}
}

static void forget_signals(struct attach *a)
{
	for (unsigned i = 0; i < SIGNALS; i++)
		ev_signal_stop(a->loop, &a->signals[i]);
}

/* --- the begin -------------------------------------------------------------------------------- */

static int set_up(struct attach *a, struct fault *f)
{
	int err = screen_open(&a->screen, a->loop, &screen_events, a, f);

	ev_timer_init(&a->slow, on_slow, slow_after, 0);
	ev_timer_init(&a->patience, on_patience, patience_of, 0);
	a->slow.data = a->patience.data = a;
	if (!err && a->options->log)
		err = record_open(&a->record, a->options->log, f);
	if (!err)
		err = keyboard_open(a, f);
	return err;
}

static void attach(struct attach *a)
{
	struct fault f;

	watch_signals(a);
	if (seats_open(a, &f)) {
		attach_fail(a, "%s", f.text);
		return;
	}
	if (!a->opening)
		return;
	if (a->in.terminal && terminal_take(&f)) {
		attach_fail(a, "%s", f.text);
		attach_leave(a, true);
	}
	attach_resize(a);
	ev_now_update(a->loop);
	ev_timer_start(a->loop, &a->slow);
	ev_run(a->loop, 0);
	terminal_give_back(false);
}

static void tear_down(struct attach *a)
{
	drivers_quit();
	credential_quit();
	resolve_quit();
	forget_signals(a);
	if (a->in.fd >= 0)
		keyboard_stop(a);
	keyboard_close(a);
	record_close(&a->record);
	screen_close(&a->screen);
	seats_free(a);
	ev_timer_stop(a->loop, &a->patience);
	lock_quit();
	ev_loop_destroy(a->loop);
}

int attach_run(struct context *context, const struct selection *selection,
	       const struct attach_options *options)
{
	struct attach a = {
		.context = context, .selection = selection, .options = options,
		.loop = ev_default_loop(EVFLAG_NOENV), .screen.out.fd = -1, .record.fd = -1,
		.in.fd = -1, .verb_waits = options->verb != NULL,
	};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	struct fault f;

	credential_environment();
	if (!a.loop)
		return usage_error("the event loop cannot be made: epoll is missing");
	sigaction(SIGPIPE, &ignore, &before);
	if (set_up(&a, &f))
		a.code = usage_error("%s", f.text);
	else
		attach(&a);
	tear_down(&a);
	sigaction(SIGPIPE, &before, NULL);
	if (a.signal)
		raise(a.signal);
	return a.code;
}
