/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan: which verb is to be done to which machine by which ladder, and what waits for what. */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "engine/verb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct driver;
struct fault;
struct ladder;
struct machine;
struct model;
struct selection;

/* How a step ended. */
struct outcome {
	enum state state;
	/* the machine reached what the verb asks for, as far as can be told */
	bool ok;
	const struct driver *driver;	/* of the last method that was tried; NULL: none was */
	double seconds;
	char *error;			/* a sentence; NULL where ok */
	/*
	 * 0 where ok; else a negative errno: why the last method failed, or none was tried; -ETIME:
	 * its time was up
	 */
	int err;
	char *output;			/* what a device or program said; may be NULL */
};

struct step {
	struct machine *machine;
	enum verb verb;
	bool counts;			/* the last of its machine: the one that is reported */
	/* set before the plan is run: the outcome is there already, and nothing is to be done */
	bool done;
	uint8_t percent;		/* how far what is under way has come; 0: it does not tell */
	const struct ladder *ladder;	/* the plan's; NULL: error says why there is none */
	char *error;
	/* how long it is held back once it waits for no other, in ms */
	uint32_t delay_ms;
	double due;			/* the runner's: the ev_now() time when that is over */
	uint32_t waits_for;		/* steps that have to be done before it */
	uint32_t first_dependent, ndependents;
	const struct step *failed_before;	/* one of those that it waited for */
	struct outcome outcome;
};

struct edge {
	uint32_t before, after;
	/* an order alone: the later one is tried also where the earlier one failed */
	bool order;
};

struct dependent {
	uint32_t step : 31, order : 1;
};

struct plan {
	enum verb verb;			/* what was asked for */
	/* and what it is to be done with: the caller's, which outlives the plan */
	char *const *words;
	size_t nwords;
	struct step *steps;
	size_t n, size;
	struct edge *edges;
	size_t nedges, edges_size;
	struct dependent *dependents;	/* made by plan_close */
	struct ladder **ladders;	/* all that the steps use */
	size_t nladders;
	size_t counted;			/* steps that are reported */
};

struct plan_options {
	bool force;			/* leave out the guests above, and all order */
	/* methods to use in place of each machine's own ladder; NULL: none */
	const char *const *methods;
	size_t nmethods;
	/* what the verb is to be done with; they must outlive the plan */
	char *const *words;
	size_t nwords;
};

/*
 * The plan that does a verb to the machines of a selection. Steps down take the guests above with
 * them, innermost first; hosts go on before guests, and `after` is followed up and, in reverse,
 * down. A machine without a way to do it gets a step with an error. -EINVAL for a circle, or for
 * words that the verb does not take; -ENOMEM.
 */
int plan_make(struct model *model, const struct selection *selection, enum verb verb,
	      const struct plan_options *options, struct plan **plan, struct fault *f);
void plan_free(struct plan *plan);
/* Whether every first method could begin as things are (check_machine of drivers). */
int plan_check(const struct plan *plan, struct fault *f);

/* By hand: add steps, then edges, then close. plan_add gives the step's number or -ENOMEM. */
struct plan *plan_new(enum verb verb);
int64_t plan_add(struct plan *plan, struct machine *machine, enum verb verb,
		 const struct ladder *ladder);
int plan_edge(struct plan *plan, uint32_t before, uint32_t after);
/* The same for an order alone, where the later one is tried also if the earlier one has failed. */
int plan_order(struct plan *plan, uint32_t before, uint32_t after);
/*
 * Counts what waits for what; again after edges were added. -EINVAL with the machines of a circle
 * in the sentence.
 */
int plan_close(struct plan *plan, struct fault *f);

#endif
