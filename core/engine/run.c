/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A step in flight, from its lock to its outcome. An attempt waits in its driver's lane, is
 * started, and comes back; where a method cannot see its effect, the observer looks until the state
 * is there or the rung's time is up. See run.h.
 */
#include "engine/run.h"
#include "base/fault.h"
#include "engine/lane.h"
#include "engine/lock.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LOCK_RETRY_MS = 200, OBSERVE_INTERVAL_MS = 1000 };

static void rung_begin(struct run *run);

static void run_free(struct run *run)
{
	struct runner *r = run->runner;

	ev_timer_stop(r->loop, &run->deadline);
	ev_timer_stop(r->loop, &run->tick);
	ev_timer_stop(r->loop, &run->look_limit);
	r->nwaiting -= run->waiting;
	method_free(&run->observer);
	buffer_free(&run->errors);
	buffer_free(&run->output);
	free(run->attempt.text);
	free(run->look.text);
	free(run->seen);
	r->runs[run->number] = r->runs[--r->nruns];
	r->runs[run->number]->number = run->number;
	free(run);
}

/* Takes the run apart; what it gathered moves into the step's outcome. */
static void run_end(struct run *run, bool ok, enum state state)
{
	struct runner *r = run->runner;
	struct step *step = run->step;

	step->outcome = (struct outcome){
		.ok = ok, .state = state, .seconds = ev_now(r->loop) - run->started,
		.driver = run->attempt.driver,
		.err = ok ? 0 : run->err ? run->err : -EIO,
		.error = ok ? NULL : buffer_take(&run->errors),
		.output = run->output.length ? buffer_take(&run->output) : NULL,
	};
	if (!--r->steps_left[step->machine->number] && !r->options.no_locks)
		lock_release(step->machine->name);
	run_free(run);
	runner_step_done(r, step);
}

static void add_error(struct run *run, const char *sentence)
{
	const struct driver *driver = run->step->ladder->methods[run->rung].driver;

	buffer_add(&run->errors, "%s%s: %s", run->errors.length ? "; " : "", driver->name,
		   sentence);
}

/* --- rungs --------------------------------------------------------------------------------- */

static const struct method *current_method(const struct run *run)
{
	return &run->step->ladder->methods[run->rung];
}

static bool in_flight(const struct attempt *a)
{
	return a->phase == ATTEMPT_RUNNING || a->phase == ATTEMPT_DONE;
}

static void attempt_begin(struct run *run, struct attempt *a, const struct method *m)
{
	if (a->phase != ATTEMPT_IDLE)
		return;
	free(a->text);
	*a = (struct attempt){
		.machine = run->step->machine, .verb = m->op->verb, .argc = m->argc,
		.argv = m->argv, .loop = run->runner->loop, .run = run, .op = m->op,
		.driver = m->driver, .unobserved = run->runner->options.unobserved,
	};
	if (a->verb == run->runner->plan->verb) {
		a->nwords = run->runner->plan->nwords;
		a->words = run->runner->plan->words;
	}
	lane_queue(run->runner->lanes, a, a == &run->look);
	ev_idle_start(run->runner->loop, &run->runner->busy);
}

static void look(struct run *run)
{
	attempt_begin(run, &run->look, &run->observer);
}

/* Told to stop: goes on in run_stopped when the last attempt has come back. */
static void attempt_stop(struct attempt *a)
{
	if (a->phase == ATTEMPT_QUEUED) {
		lane_remove(a->run->runner->lanes, a);
		a->phase = ATTEMPT_IDLE;
	} else if (a->phase == ATTEMPT_RUNNING && a->driver->cancel) {
		a->driver->cancel(a);
	}
}

static void run_stopped(struct run *run);

static void run_stop(struct run *run, enum stop why)
{
	/* a cancellation overrules, nothing else does */
	if (run->stop != STOP_NOT && why != STOP_CANCEL)
		return;
	if (run->stop != STOP_NOT) {
		run->stop = why;
		return;
	}
	run->stop = why;
	ev_timer_stop(run->runner->loop, &run->deadline);
	ev_timer_stop(run->runner->loop, &run->tick);
	ev_timer_stop(run->runner->loop, &run->look_limit);
	attempt_stop(&run->attempt);
	attempt_stop(&run->look);
	if (!in_flight(&run->attempt) && !in_flight(&run->look))
		run_stopped(run);
}

/* Whether the rung's driver is the one that would look. */
static bool sees_itself(const struct run *run)
{
	const struct method *m = current_method(run);

	return m->driver == run->observer.driver && m->op->flags & OP_OBSERVES;
}

static void next_rung(struct run *run)
{
	bool failed = run->errors.length > 0;

	if (run->rung + 1 < run->step->ladder->n) {
		run->rung++;
		rung_begin(run);
		return;
	}
	/* a method may have failed because the machine was there already: unless it saw by itself */
	if (failed && run->observable && run->phase != PHASE_LAST_LOOK && !sees_itself(run)) {
		run->phase = PHASE_LAST_LOOK;
		run->stop = STOP_NOT;
		look(run);
		return;
	}
	if (!failed && !run->sent)
		buffer_add_text(&run->errors, "the last of its methods only prepares");
	/* what was sent last counts: a failure before it was made good, one behind it was not */
	run_end(run, run->rung_sent && !run->observable,
		run->sent && !run->observable ? STATE_SENT : STATE_UNKNOWN);
}

/* Whether what failed forbids all other ways. */
static bool decides(const struct run *run, int err)
{
	return current_method(run)->op->flags & OP_DECIDES && err != -ENODATA;
}

static void rung_failed(struct run *run, int err, const char *sentence)
{
	bool last = decides(run, err);

	/* that there was nothing to do it to is no failure where another method follows */
	if (err == -ENODATA && run->rung + 1 < run->step->ladder->n) {
		next_rung(run);
		return;
	}
	run->err = err;
	add_error(run, sentence);
	if (last)
		run->rung = run->step->ladder->n - 1;
	next_rung(run);
}

static void rung_timed_out(struct run *run)
{
	const struct method *m = current_method(run);
	const struct verb_info *info = verb_info(run->step->verb);
	char limit[32];
	struct fault fault;

	/* nobody could see its effect: the time was given to it, and it is over */
	if (run->rung_sent && !run->observable) {
		next_rung(run);
		return;
	}
	duration_print(m->timeout_ms, limit, sizeof(limit));
	if (run->rung_sent)
		fault_set(&fault, ETIME, "sent, but not %s within %s%s%s",
			  state_name(info->goal), limit, run->seen ? ": " : "",
			  run->seen ? run->seen : "");
	else if (info->goal == STATE_UNKNOWN)
		fault_set(&fault, ETIME, "no answer within %s", limit);
	else
		fault_set(&fault, ETIME, "not %s within %s", state_name(info->goal), limit);
	rung_failed(run, -ETIME, fault.text);
}

/* All attempts of the rung are back after they were told to stop. */
static void run_stopped(struct run *run)
{
	enum stop why = run->stop;

	run->stop = STOP_NOT;
	if (why == STOP_REACHED) {
		run_end(run, true, run->reached);
	} else if (why == STOP_CANCEL) {
		buffer_add(&run->errors, "%s%s", run->errors.length ? "; " : "",
			   run->runner->cancel_text);
		run->err = -ECANCELED;
		run_end(run, false, run->sent ? STATE_SENT : STATE_UNKNOWN);
	} else if (run->phase == PHASE_LAST_LOOK) {
		run_end(run, false, STATE_UNKNOWN);
	} else {
		rung_timed_out(run);
	}
}

static void on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	run_stop(timer->data, STOP_DEADLINE);
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct run *run = timer->data;
	const struct method *m = current_method(run);
	double now = ev_now(loop);

	(void)events;
	look(run);
	if (run->rung_sent && m->op->flags & OP_REPEATS &&
	    (now < run->last_sent || (now - run->last_sent) * 1000 >= m->op->repeat_ms))
		attempt_begin(run, &run->attempt, m);
}

static double observe_interval(const struct run *run)
{
	const struct key *key = run->observer.driver->interval;
	uint64_t ms = key ? machine_time_ms(run->step->machine, key) : 0;

	return (double)(ms ? ms : OBSERVE_INTERVAL_MS) / 1000;
}

void run_start(struct run *run, struct attempt *a)
{
	struct runner *r = run->runner;
	bool first = a == &run->attempt && !run->rung_sent;

	if (first || run->phase == PHASE_LAST_LOOK) {
		const struct method *m = first ? current_method(run) : &run->observer;

		ev_timer_set(&run->deadline, (double)m->timeout_ms / 1000, 0);
		ev_timer_start(r->loop, &run->deadline);
	}
	a->deadline = ev_now(r->loop) + ev_timer_remaining(r->loop, &run->deadline);
	if (a == &run->look && run->phase == PHASE_RUNG) {
		double limit = (double)run->observer.timeout_ms / 1000;

		ev_timer_set(&run->look_limit, limit, 0);
		ev_timer_start(r->loop, &run->look_limit);
		if (a->deadline > ev_now(r->loop) + limit)
			a->deadline = ev_now(r->loop) + limit;
	}
	a->phase = ATTEMPT_RUNNING;
	a->op->start(a);
}

static void rung_begin(struct run *run)
{
	run->phase = PHASE_RUNG;
	run->stop = STOP_NOT;
	run->rung_sent = false;
	run->rung_output = run->output.length;
	ev_timer_stop(run->runner->loop, &run->deadline);
	ev_timer_stop(run->runner->loop, &run->tick);
	attempt_begin(run, &run->attempt, current_method(run));
}

/* --- what an attempt brought -------------------------------------------------------------- */

/* Whether a text stands among others, as whole lines. */
static bool has_lines(const char *told, const char *text)
{
	size_t length = strlen(text);

	for (const char *p = told; (p = strstr(p, text)); p++) {
		if ((p == told || p[-1] == '\n') && (!p[length] || p[length] == '\n'))
			return true;
	}
	return false;
}

void run_tell(struct run *run, const char *text)
{
	/* a method that is repeated says the same again */
	if (!*text || has_lines(buffer_text(&run->output) + run->rung_output, text))
		return;
	if (run->output.length)
		buffer_add_text(&run->output, "\n");
	buffer_add_text(&run->output, text);
}

static void on_sent(struct run *run)
{
	struct runner *r = run->runner;

	run->last_sent = ev_now(r->loop);
	if (run->rung_sent)
		return;
	run->sent = run->rung_sent = true;
	/* done twice it would be done again: a reset that was sent is not sent by other means */
	if (!verb_info(run->step->verb)->observable || r->options.unobserved) {
		run_end(run, true, STATE_SENT);
		return;
	}
	if (run->observable) {
		ev_timer_set(&run->tick, 0, observe_interval(run));
		run->tick.data = run;
		ev_timer_start(r->loop, &run->tick);
		return;
	}
	/* with nobody to see the effect the last rung ends here, any other when its time is up */
	if (run->rung + 1 == run->step->ladder->n) {
		ev_timer_stop(r->loop, &run->deadline);
		next_rung(run);
	}
}

static void reached(struct run *run, enum state state)
{
	run->reached = state;
	run_stop(run, STOP_REACHED);
}

static bool is_goal(const struct run *run, enum state state)
{
	return verb_is_reached(run->step->verb, state);
}

/* The method is one that never reaches the state, unless it is asked for by itself. */
static bool only_prepares(const struct run *run, const struct attempt *a)
{
	return a->op->flags & OP_PREPARES && a->op->verb != run->step->verb;
}

/* The rung came to its end without the state. */
static void give_way(struct run *run, const struct attempt *a)
{
	struct fault fault;

	ev_timer_stop(run->runner->loop, &run->deadline);
	if (only_prepares(run, a) && !a->err) {
		next_rung(run);
		return;
	}
	if (!a->err && a->state != STATE_UNKNOWN)
		fault_set(&fault, EIO, "it is still %s", state_name(a->state));
	else
		fault_set(&fault, EIO, "%s", a->text ? a->text : "its state is not known");
	rung_failed(run, a->err ? a->err : -EIO, fault.text);
}

static void on_answer(struct run *run)
{
	const struct attempt *a = &run->attempt;

	if (!a->err && a->state != STATE_UNKNOWN && a->text)
		run_tell(run, a->text);
	if (!a->err && !only_prepares(run, a) && is_goal(run, a->state))
		reached(run, a->state);
	else if (!a->err && !only_prepares(run, a) && a->state == STATE_SENT)
		on_sent(run);
	else if (!run->rung_sent)
		give_way(run, a);
	/* what was sent before may still have its effect, whatever became of sending it again */
}

static void on_look(struct run *run)
{
	struct attempt *a = &run->look;

	free(run->seen);
	run->seen = a->text;
	a->text = NULL;
	if (!a->err && is_goal(run, a->state)) {
		reached(run, a->state);
	} else if (run->phase == PHASE_LAST_LOOK) {
		run_end(run, false, a->err ? STATE_UNKNOWN : a->state);
	}
}

void run_return(struct run *run, struct attempt *a)
{
	bool main = a == &run->attempt;

	if (!main)
		ev_timer_stop(run->runner->loop, &run->look_limit);

	lane_leave(run->runner->lanes, a);
	a->phase = ATTEMPT_IDLE;
	if (run->stop != STOP_NOT) {
		bool over = main && !a->err && !only_prepares(run, a);

		/* what it says after it was told to stop no longer counts, but what it did does */
		if (over && a->state == STATE_SENT)
			run->sent = true;
		if (over && run->stop == STOP_DEADLINE && is_goal(run, a->state)) {
			run->stop = STOP_REACHED;
			run->reached = a->state;
		}
		free(a->text);
		a->text = NULL;
		if (!in_flight(&run->attempt) && !in_flight(&run->look))
			run_stopped(run);
		return;
	}
	if (main) {
		char *text = a->text;

		/* the run may be gone after this, and its attempt with it */
		a->text = NULL;
		run->attempt.text = text;
		on_answer(run);
	} else {
		on_look(run);
	}
}

/* --- from the runner's side ---------------------------------------------------------------- */

void run_begin(struct run *run)
{
	struct runner *r = run->runner;
	struct fault fault;
	int err = 0;

	r->nwaiting -= run->waiting;
	run->waiting = false;
	if (!r->options.no_locks && !verb_info(run->step->verb)->looks)
		err = lock_take(run->step->machine->name, &fault);
	if (!err) {
		ev_timer_stop(r->loop, &run->tick);
		rung_begin(run);
	} else if (err == -EAGAIN && r->options.wait) {
		run->phase = PHASE_LOCK;
		run->waiting = true;
		r->nwaiting++;
		if (!ev_is_active(&run->tick)) {
			ev_timer_set(&run->tick, LOCK_RETRY_MS / 1000.0, LOCK_RETRY_MS / 1000.0);
			ev_timer_start(r->loop, &run->tick);
		}
	} else {
		buffer_add_text(&run->errors, fault.text);
		run->err = err;
		run_end(run, false, STATE_UNKNOWN);
	}
}

static void on_run_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct run *run = timer->data;

	if (run->phase == PHASE_LOCK) {
		if (runner_has_room(run->runner))
			run_begin(run);
	} else if (run->phase == PHASE_RUNG)
		on_tick(loop, timer, events);
}

/* What looks for too long is told to stop; the next tick looks again. */
static void on_look_limit(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct run *run = timer->data;

	(void)loop, (void)events;
	attempt_stop(&run->look);
}

struct run *run_new(struct runner *r, struct step *step)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	run->runner = r;
	run->step = step;
	run->started = ev_now(r->loop);
	ev_init(&run->deadline, on_deadline);
	ev_init(&run->tick, on_run_tick);
	ev_init(&run->look_limit, on_look_limit);
	run->deadline.data = run->tick.data = run->look_limit.data = run;
	if (verb_info(step->verb)->observable && !r->options.unobserved)
		run->observable = !observer_make(step->machine, &run->observer);
	run->number = r->nruns;
	r->runs[r->nruns++] = run;
	return run;
}

void run_cancel(struct run *run)
{
	run_stop(run, STOP_CANCEL);
}
