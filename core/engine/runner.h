/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The runner: the one piece of code that executes plans. On the caller's loop, with a bounded
 * number of attempts in flight for each driver, a deadline for each rung, and cancellation.
 */
#ifndef ENGINE_RUNNER_H
#define ENGINE_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ev_loop;
struct fault;
struct model;
struct plan;
struct runner;
struct step;

struct runner_options {
	/* machines at a time; 0: no bound but each driver's own (64 where it sets none) */
	unsigned fanout;
	uint64_t timeout_ms;	/* of the whole run; 0: none */
	bool wait;		/* for machines that another run works on */
	bool no_locks;		/* machines that are in no configuration */
	/* what was sent ends as sent: nobody looks for its effect, and no other method is tried */
	bool unobserved;
	void *data;
	/* a step that counts is done; its outcome is the plan's */
	void (*on_step)(void *data, const struct step *step);
	/* all steps are done; the runner may be freed from here */
	void (*on_end)(void *data);
};

/* Begins; everything else happens on the loop. NULL and a sentence without memory. */
struct runner *runner_start(struct ev_loop *loop, struct model *model, struct plan *plan,
			    const struct runner_options *options, struct fault *f);
/*
 * Drivers are told to stop what is in flight, nothing new begins. The sentence is the reason given
 * for each step that is not done. on_end follows when the last driver has stopped.
 */
void runner_cancel(struct runner *runner, const char *sentence);
/* Only after on_end. */
void runner_free(struct runner *runner);

#endif
