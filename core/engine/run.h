/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A step in flight: private to the runner, which begins runs, and to run.c, which leads them to
 * their end.
 */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "base/text.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "engine/plan.h"
#include "engine/runner.h"

#include <ev.h>
#include <stdbool.h>

/* What a run is at. */
enum phase {
	PHASE_LOCK,		/* another process works on the machine */
	PHASE_RUNG,		/* a method has been begun; it or the observer may be in flight */
	PHASE_LAST_LOOK,	/* the ladder is at its end: the observer has the last word */
};

/* Why attempts were told to stop. */
enum stop { STOP_NOT, STOP_DEADLINE, STOP_REACHED, STOP_CANCEL };

/* A step in flight. */
struct run {
	struct runner *runner;
	struct step *step;
	enum phase phase;
	enum stop stop;
	size_t rung;
	/* some rung was carried out, with nobody to see its effect */
	bool sent;
	bool rung_sent;			/* this one was */
	bool observable;
	bool waiting;			/* for the lock; counted in nwaiting */
	struct method observer;
	struct attempt attempt, look;
	ev_timer deadline, tick, look_limit;
	double started, last_sent;
	char *seen;			/* what the observer said last */
	int err;			/* of the last method that failed */
	size_t number;			/* its place among the runner's runs */
	struct buffer errors, output;
	size_t rung_output;		/* where this rung's output begins */
	enum state reached;		/* STOP_REACHED: what the observer saw */
};

struct runner {
	struct ev_loop *loop;
	struct model *model;
	struct plan *plan;
	struct runner_options options;
	struct lanes *lanes;
	ev_prepare pump;
	ev_idle busy;			/* there is more to do: do not sleep */
	ev_timer timeout;
	struct attempt *over, **over_tail;	/* reported by drivers, not yet looked at */
	uint32_t *ready;		/* steps that wait for nothing, a queue */
	size_t ready_first, nready;
	uint32_t *held; /* steps that wait for their delay alone */
	size_t nheld;
	ev_timer hold;			/* until the first of them may go */
	size_t left;			/* steps not done */
	uint16_t *steps_left;		/* of each machine, by its number */
	struct run **runs;		/* in flight */
	size_t nruns, nwaiting;		/* of them, for another process's lock */
	bool cancelled, ended;
	char *cancel_text;
};

/* Takes up a step; NULL without memory. Nothing happens before run_begin. */
struct run *run_new(struct runner *runner, struct step *step);
/* Locks the machine and begins its first rung. The run may be over, and gone, when this returns. */
void run_begin(struct run *run);
/* The lane lets one of its attempts go: starts it, and its time begins to count. */
void run_start(struct run *run, struct attempt *attempt);
/* One of its attempts is over. The run may be gone when this returns. */
void run_return(struct run *run, struct attempt *attempt);
/* Adds to what is told of the machine, but what this rung has told already. */
void run_tell(struct run *run, const char *text);
/* Its drivers are told to stop; it ends when they have. */
void run_cancel(struct run *run);

/* The runner's: the step's outcome is there. */
bool runner_has_room(const struct runner *runner);
void runner_step_done(struct runner *runner, struct step *step);

#endif
