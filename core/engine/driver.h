/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The contract with drivers. A driver performs verbs on one kind of device. It sees this header,
 * the model and base, and its vendor's library; it never prints, never blocks, never ends the
 * program.
 */
#ifndef ENGINE_DRIVER_H
#define ENGINE_DRIVER_H

#include "engine/verb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attempt;
struct console_ops;
struct ev_loop;
struct fault;
struct key;
struct machine;
struct model;

enum {
	OP_OBSERVES = 1,	/* sees its effect: done means that the state was reached */
	/* may be started again while the machine has not come to the state */
	OP_REPEATS = 2,
	OP_PREPARES = 4,	/* never reaches the state itself: the ladder goes on after it */
	/* when it fails no other method may be tried, unless it says -ENODATA: there is nothing */
	OP_DECIDES = 8,
};

/* How a driver does one verb. */
struct verb_op {
	enum verb verb;
	unsigned flags;
	/* OP_REPEATS: how long to wait before it is started again, in ms */
	unsigned repeat_ms;
	/*
	 * Begins and returns at once. attempt_done or attempt_fail follows exactly once, from here
	 * or later on the loop, also after cancel.
	 *
	 * Legal states: with OP_OBSERVES the machine's true state (the verb's goal, or another one
	 * when it did not come to it), for identify and bootdev STATE_DONE when the device has
	 * confirmed it; for status and diagnose the true state or STATE_UNKNOWN with a sentence
	 * (for status of guests, STATE_OFF with a sentence: it did not go down in good order);
	 * otherwise STATE_SENT.
	 */
	void (*start)(struct attempt *attempt);
};

struct driver {
	const char *name;			/* "wol": in ladders and in messages */
	const char *summary;			/* one line for `stoker drivers` */
	/* what its methods' arguments mean; for the manual */
	const char *help;
	/* what stands behind it, made of the driver's tables: to be freed; NULL: nothing */
	char *(*help_tables)(void);
	const struct key *const *keys;		/* NULL-terminated; may be NULL */
	const struct verb_op *ops;		/* nops of them */
	size_t nops;
	/* how it shows consoles: engine/console.h; NULL: it does not */
	const struct console_ops *console;
	/* a machine that has this key has this driver's methods in its ladders by default */
	const struct key *needs;
	/* …where it has this value; NULL: any */
	const char *needs_value;
	int rank;				/* the order of default ladders, lowest first */
	/* …and no other driver's: a fake never acts on anything real */
	bool exclusive;
	/* its status tells whether other drivers had their effect */
	bool observer;
	/* how often it is asked while something is awaited; NULL: 1 s */
	const struct key *interval;
	unsigned fanout;			/* attempts in flight; 0: the runner's default */
	/* of a method that names no limit; 0: the runner's default */
	unsigned timeout_ms;
	/* attempts begun a second, 0 for no limit; NULL: no limit */
	unsigned (*rate)(const struct model *model);
	/*
	 * whether it can work here and now: permission, device, program. 0, or -errno with a
	 * sentence
	 */
	int (*check)(struct fault *f);
	/* the same for one machine: its interface is there and up, …; NULL: nothing to look at */
	int (*check_machine)(const struct machine *machine, struct fault *f);
	/* a method's arguments, when they are read; NULL: it takes none */
	int (*check_arguments)(enum verb verb, size_t argc, char *const *argv, struct fault *f);
	/*
	 * the deadline has come, or the user interrupts: leave the device in a safe state, then
	 * attempt_done
	 */
	void (*cancel)(struct attempt *attempt);
	/* the program ends: give back what the driver holds; may be NULL */
	void (*quit)(void);
};

/* One method under way for one machine. The driver reads the first part and owns `data`. */
struct attempt {
	const struct machine *machine;
	enum verb verb;
	size_t argc;
	char *const *argv;		/* the method's arguments, without driver, verb and limit */
	/*
	 * what the verb is to be done with, from the command line: checked by verb_check_words;
	 * bootdev_parse and identify_parse (engine/words.h) read them
	 */
	size_t nwords;
	char *const *words;
	/* nobody waits for the effect: one that observes may end with STATE_SENT */
	bool unobserved;
	struct ev_loop *loop;
	double deadline;		/* ev_now() time at which it will be cancelled */
	void *data;

	/* the runner's own */
	struct run *run;
	const struct verb_op *op;
	const struct driver *driver;
	struct attempt *next, **link;	/* link: what points here, while it is queued */
	enum attempt_phase { ATTEMPT_IDLE, ATTEMPT_QUEUED, ATTEMPT_RUNNING, ATTEMPT_DONE } phase;
	int err;
	enum state state;
	char *text;
};

/*
 * The attempt is over and the machine is in this state. text: what the device or program said, kept
 * for the report; NULL for nothing.
 */
void attempt_done(struct attempt *attempt, enum state state, const char *text);
/* It is over and has failed: err is a negative errno, the sentence says why in the user's terms. */
void attempt_fail(struct attempt *attempt, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* How far it has come, 0 to 100, for who watches: what takes long tells it now and then. */
void attempt_progress(struct attempt *attempt, unsigned percent);
/*
 * A line that is told of the machine however the attempt ends, in front of what attempt_done says:
 * the steps of diagnose. A line that the method has told already is not told again.
 */
void attempt_note(struct attempt *attempt, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Registers a driver: DRIVER(wol_driver) in its own .c is all that is needed. */
#define DRIVER(it) \
	static const struct driver *const it##_entry \
		__attribute__((used, section("stoker_drivers"))) = &it

/*
 * What a guest is run by: the name of a driver whose `needs` is this key, and whose `needs_value`
 * is its name. Such drivers list it among their keys.
 */
/* weak: its address is NULL in builds without verbs of guests */
extern const struct key key_guest __attribute__((weak));

/* The drivers of this build, by rank, then by name; NULL behind the last. */
const struct driver *driver_at(size_t n);
const struct driver *driver_find(const char *name);
/* The op for a verb, or NULL. */
const struct verb_op *driver_op(const struct driver *driver, enum verb verb);
/* Whether it shows consoles that breaks can be sent to. */
bool driver_sends_breaks(const struct driver *driver);
/* Every driver's quit(). */
void drivers_quit(void);

#endif
