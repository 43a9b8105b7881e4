/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is typed during an attach, or comes through a pipe: parted into bytes for the machines and
 * requests. See attach.h.
 *
 * In a pipe all happens in order, and what the machines do not take is not read. At a terminal a
 * request is heard while bytes before it still wait: who cannot get through must be able to leave.
 */
#include "base/fault.h"
#include "cli/attach.h"
#include "cli/terminal.h"
#include "engine/console.h"

#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Bytes: what is looked at at a time, and what may wait at a terminal, as by a paste. */
enum { PIECE = 4096, WAITING_MAX = 1 << 20 };

/* How often it is seen whether a verb is done that who does not linger waits for. */
enum { LOOK_AGAIN_MS = 100 };

static bool may_look(const struct attach *a)
{
	if (a->in.terminal)
		return !a->leaving && a->pending.length < WAITING_MAX;
	return !a->leaving && !a->opening && !a->pending.length;
}

/* --- to the machines -------------------------------------------------------------------------- */

/* What all have is forgotten. */
static void forget_sent(struct attach *a)
{
	size_t least = a->pending.length;

	for (size_t i = 0; i < a->n; i++) {
		if (a->seats[i].state == SEAT_OPEN && a->seats[i].sent < least)
			least = a->seats[i].sent;
	}
	if (!least)
		return;
	memmove(a->pending.text, a->pending.text + least, a->pending.length - least);
	a->pending.length -= least;
	for (size_t i = 0; i < a->n; i++)
		a->seats[i].sent -= a->seats[i].state == SEAT_OPEN ? least : 0;
}

static void send_pending(struct attach *a)
{
	/* all of them, or those that there will be */
	if (a->opening || a->leaving || !a->pending.length)
		return;
	for (size_t i = 0; i < a->n; i++) {
		struct seat *seat = &a->seats[i];

		if (seat->state == SEAT_OPEN && seat->sent < a->pending.length)
			seat->sent += console_write(seat->console, a->pending.text + seat->sent,
						    a->pending.length - seat->sent);
	}
	forget_sent(a);
}

static void put(struct attach *a, const unsigned char *bytes, size_t n)
{
	char escape[3] = "";

	if (!n)
		return;
	if (!a->read_only) {
		buffer_add_bytes(&a->pending, bytes, n);
		if (a->pending.failed)
			attach_fail(a, "out of memory: %zu bytes were not sent", n);
		a->pending.failed = false;
		send_pending(a);
		return;
	}
	if (!a->dropped && a->escape.character != ESCAPE_NONE)
		attach_note(a, "read-only: what you type goes nowhere: %sM lets it through",
			    escape_name(a->escape.character, escape));
	else if (!a->dropped)
		attach_note(a, "read-only: what you type goes nowhere");
	a->dropped += n;
}

/* --- what was typed --------------------------------------------------------------------------- */

static void look(struct attach *a)
{
	unsigned char out[ESCAPE_ROOM(PIECE)];
	enum escape_request request;
	size_t n, used;

	used = escape_feed(&a->escape, a->typed + a->first, a->length < PIECE ? a->length : PIECE,
			   out, &n, &request);
	a->first += used;
	a->length -= used;
	put(a, out, n);
	if (request)
		request_act(a, request);
}

/* All that was typed has gone its way: who waits for an answer waits until it falls silent. */
static void check_linger(struct attach *a)
{
	if (!a->ended || a->length || a->pending.length || a->opening || a->leaving)
		return;
	if (!a->options->linger_ms && !a->working)
		attach_leave(a, false);
	else if (!ev_is_active(&a->linger))
		ev_timer_again(a->loop, &a->linger);
}

static void watch(struct attach *a)
{
	if (a->ended || a->leaving || a->length || a->in.fd < 0)
		ev_io_stop(a->loop, &a->readable);
	else
		ev_io_start(a->loop, &a->readable);
}

static void pump(struct attach *a)
{
	while (a->length && may_look(a))
		look(a);
	check_linger(a);
	watch(a);
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
	struct attach *a = w->data;
	ssize_t n;

	(void)loop, (void)events;
	n = inherited_read(&a->in, a->typed, sizeof(a->typed));
	if (n == -EAGAIN)
		return;
	a->first = 0;
	a->length = n > 0 ? (size_t)n : 0;
	a->ended = n <= 0;
	if (n < 0 && !(n == -EIO && a->in.terminal))
		attach_fail(a, "standard input: %s", strerror((int)-n));
	if (a->ended && a->in.terminal) {
		/* it was hung up: there is nobody to be told */
		a->code = EXIT_NOT_ALL;
		attach_leave(a, false);
		return;
	}
	pump(a);
}

static void on_linger(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct attach *a = timer->data;

	(void)loop, (void)events;
	/* what a verb makes it say is waited for as well */
	if (!a->working)
		attach_leave(a, false);
}

void keyboard_heard(struct attach *a)
{
	if (ev_is_active(&a->linger))
		ev_timer_again(a->loop, &a->linger);
}

void keyboard_push(struct attach *a)
{
	send_pending(a);
	pump(a);
}

void keyboard_drop(struct attach *a)
{
	a->length = 0;
	if (a->in.terminal)
		tcflush(STDIN_FILENO, TCIFLUSH);
}

void keyboard_end(struct attach *a)
{
	a->ended = true;
	a->length = 0;
}

int keyboard_open(struct attach *a, struct fault *f)
{
	uint64_t linger_ms = a->options->linger_ms;
	int err = inherited_open(&a->in, STDIN_FILENO, false);

	if (err)
		return fault_set(f, -err, "standard input: %s", strerror(-err));
	a->escape.character = a->in.terminal || a->options->escape_given ? a->options->escape :
									   ESCAPE_NONE;
	a->read_only = a->options->mode == ATTACH_MONITOR;
	ev_io_init(&a->readable, on_readable, a->in.fd, EV_READ);
	ev_init(&a->linger, on_linger);
	a->linger.repeat = (double)(linger_ms ? linger_ms : LOOK_AGAIN_MS) / 1000;
	a->readable.data = a->linger.data = a;
	/* a pipe that only looks has nothing to say, and does not end because it is silent */
	if (!a->in.terminal && a->read_only && a->escape.character == ESCAPE_NONE)
		keyboard_close(a);
	watch(a);
	return 0;
}

void keyboard_stop(struct attach *a)
{
	ev_io_stop(a->loop, &a->readable);
	ev_timer_stop(a->loop, &a->linger);
	a->length = 0;
	buffer_free(&a->pending);
}

void keyboard_close(struct attach *a)
{
	if (a->in.fd >= 0)
		ev_io_stop(a->loop, &a->readable);
	inherited_close(&a->in);
}
