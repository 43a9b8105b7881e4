/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An attach: one terminal, or a pipe, at the console of one machine or of many. attach.c leads it
 * from its begin to its end; seat.c has the consoles, keyboard.c what is typed, request.c what is
 * asked for behind the escape character.
 */
#ifndef CLI_ATTACH_H
#define CLI_ATTACH_H

#include "base/text.h"
#include "cli/context.h"
#include "cli/escape.h"
#include "cli/inherited.h"
#include "cli/line.h"
#include "cli/perform.h"
#include "cli/record.h"
#include "cli/screen.h"

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct console;
struct machine;
struct replay;
struct selection;

enum attach_mode { ATTACH_WRITE, ATTACH_JOIN, ATTACH_STEAL, ATTACH_MONITOR };

struct attach_options {
	enum attach_mode mode;
	int escape;			/* ESCAPE_NONE, or the character */
	bool escape_given;		/* it counts in a pipe as well */
	bool broadcast, direct, quiet;
	const char *log;		/* NULL: none */
	uint64_t linger_ms;		/* of silence, behind the end of input */
	/* is done when the console is open; NULL: nothing is */
	const struct performance *verb;
};

/*
 * Attaches to the consoles of a selection, which has one machine, or as many as there are with
 * broadcast. The program's exit code: 0: left; 1: a console could not be opened or was lost, or the
 * verb did not reach its end; EXIT_USAGE with what is wrong on standard error. A signal that ended
 * it ends the program as well.
 */
int attach_run(struct context *context, const struct selection *selection,
	       const struct attach_options *options);

/* --- in its rooms ----------------------------------------------------------------------------- */

enum { KEYBOARD_SIZE = 16384, SIGNALS = 7 };

struct attach;

/* One machine's console. */
struct seat {
	struct attach *attach;
	struct machine *machine;
	struct console *console;	/* NULL: it is over, or never was */
	enum { SEAT_OPENING, SEAT_OPEN, SEAT_GONE } state;
	bool served;			/* through the server */
	bool held;			/* its lock is ours */
	size_t sent;			/* of attach->pending */
	uint64_t bytes;			/* that it has said */
	time_t since;			/* when it opened */
	struct line *line;		/* of one of many; else NULL */
	struct replay *replay;		/* of the only one; else NULL */
};

struct attach {
	struct context *context;
	const struct selection *selection;
	const struct attach_options *options;
	struct ev_loop *loop;

	struct seat *seats;
	size_t n, opening, open;	/* seats; those that are in these states */
	struct screen screen;
	struct record record;
	ev_timer lines;			/* begins of lines are shown */

	struct inherited in;
	ev_io readable;
	ev_timer linger;
	unsigned char typed[KEYBOARD_SIZE];	/* and not looked at yet */
	size_t first, length;
	bool ended;			/* nothing more is typed */
	struct escape escape;
	struct buffer pending;		/* for the machines, from the begin of what one has not */
	size_t dropped;			/* bytes typed while it is read-only, since that was told */
	bool read_only;

	const struct performance *performance;	/* that is asked for or under way */
	struct performance told;	/* the same, told by notes */
	struct performing performing;
	bool asked;			/* y or n is awaited */
	bool working;			/* it is under way */
	bool verb_waits;		/* options->verb has not begun */

	ev_signal signals[SIGNALS];
	ev_timer slow, patience;	/* we say what we wait for; we wait no more for the end */
	bool leaving, impatient;
	int code, signal;		/* the program's; that ended it, or 0 */
};

/* A note; not where it is to be quiet. */
void attach_note(struct attach *attach, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What has to be told, and makes the exit code 1. */
void attach_fail(struct attach *attach, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * Begins to end it: the terminal is given back, the consoles are closed; what waits to be shown,
 * and a verb that is under way, come to their ends. lost: what is typed has lost its place.
 */
void attach_leave(struct attach *attach, bool lost);
/* Ends the loop if all has come to its end. */
void attach_check_end(struct attach *attach);
/* A seat has opened, or cannot be. */
void attach_seat_settled(struct attach *attach);
/* Gives the terminal to the shell, and comes back. */
void attach_suspend(struct attach *attach);
/* Tells the consoles how large the terminal is. */
void attach_resize(struct attach *attach);

/* seat.c */
/* Begins to open them all; what cannot be begun is told, and is gone. -ENOMEM with a sentence. */
int seats_open(struct attach *attach, struct fault *f);
void seats_close(struct attach *attach);
void seats_free(struct attach *attach);
/* "rack01: " in front of what concerns one of many, else "". */
const char *seat_prefix(const struct seat *seat, char *text, size_t size);
enum { SEAT_ANY = SEAT_GONE + 1 };
/* The names of those in a state, folded, or "none"; to be freed. NULL without memory. */
char *seats_names(const struct attach *attach, unsigned state);

/* keyboard.c */
/* -errno with a sentence. */
int keyboard_open(struct attach *attach, struct fault *f);
void keyboard_stop(struct attach *attach);
void keyboard_close(struct attach *attach);
/* A console has room again, or has opened, or is gone: what was typed goes on. */
void keyboard_push(struct attach *attach);
/* Something was shown: who waits for silence waits on. */
void keyboard_heard(struct attach *attach);
/* What was typed until now, and not been looked at, is for nobody. */
void keyboard_drop(struct attach *attach);
/* As if input had ended here. */
void keyboard_end(struct attach *attach);

/* request.c */
void request_act(struct attach *attach, enum escape_request request);
/* Begins options->verb. */
void request_verb(struct attach *attach);
/* The verb under way is told to stop. */
void request_cancel(struct attach *attach, const char *why);
/* A question that was not answered is forgotten. */
void request_forget(struct attach *attach);

#endif
