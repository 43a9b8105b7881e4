/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The runner. See runner.h.
 *
 * A step goes through these hands: step_ready (nothing to wait for any more) → rung_begin → the
 * attempt waits in its driver's lane → lane_start → the driver → attempt_done → attempt_over. What a driver
 * reports is only noted; everything that follows is done by the pump, once per round of the loop, so
 * that a driver that answers at once leads to no recursion.
 */
#include "engine/runner.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "engine/lane.h"
#include "engine/lock.h"
#include "engine/plan.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOCK_RETRY_MS = 200, OBSERVE_INTERVAL_MS = 1000, ROUND_MAX = 1024 };

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
	bool sent;			/* some rung was carried out, with nobody to see its effect */
	bool rung_sent;			/* this one was */
	bool observable;
	struct method observer;
	struct attempt attempt, look;
	ev_timer deadline, tick;
	double started, last_sent;
	char *seen;			/* what the observer said last */
	size_t number;			/* its place among the runner's runs */
	struct buffer errors, output;
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
	size_t left;			/* steps not done */
	uint16_t *steps_left;		/* of each machine, by its number */
	struct run **runs;		/* in flight */
	size_t nruns;
	bool cancelled, ended;
	char *cancel_text;
};

static void rung_begin(struct run *run);

/* --- what drivers report ------------------------------------------------------------------- */

static void report(struct attempt *a, int err, enum state state, char *text)
{
	struct runner *r = a->run->runner;

	/* exactly once: a second report is the driver's mistake, and changes nothing */
	if (a->phase != ATTEMPT_RUNNING) {
		free(text);
		return;
	}
	a->phase = ATTEMPT_DONE;
	a->err = err;
	a->state = state;
	a->text = text;
	a->next = NULL;
	*r->over_tail = a;
	r->over_tail = &a->next;
	ev_idle_start(r->loop, &r->busy);
}

void attempt_done(struct attempt *attempt, enum state state, const char *text)
{
	report(attempt, 0, state, text && *text ? strdup(text) : NULL);
}

void attempt_fail(struct attempt *attempt, int err, const char *format, ...)
{
	struct fault fault;
	va_list args;

	va_start(args, format);
	fault_vset(&fault, EINVAL, format, args);
	va_end(args);
	report(attempt, err ? err : -EIO, STATE_UNKNOWN, strdup(fault.text));
}

/* --- the end of a step --------------------------------------------------------------------- */

static void step_done(struct runner *r, struct step *step)
{
	step->done = true;
	r->left--;
	if (step->counts && r->options.on_step)
		r->options.on_step(r->options.data, step);
	for (uint32_t i = 0; i < step->ndependents; i++) {
		uint32_t next = r->plan->dependents[step->first_dependent + i];

		if (!step->outcome.ok)
			r->plan->steps[next].failed_before = step;
		if (!--r->plan->steps[next].waits_for)
			r->ready[r->nready++] = next;
	}
}

/* A step that is never tried. */
static void step_refuse(struct runner *r, struct step *step, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void step_refuse(struct runner *r, struct step *step, const char *format, ...)
{
	struct fault fault;
	va_list args;

	va_start(args, format);
	fault_vset(&fault, EINVAL, format, args);
	va_end(args);
	step->outcome = (struct outcome){.state = STATE_UNKNOWN, .error = strdup(fault.text)};
	r->steps_left[step->machine->number]--;
	step_done(r, step);
}

static void run_free(struct run *run)
{
	struct runner *r = run->runner;

	ev_timer_stop(r->loop, &run->deadline);
	ev_timer_stop(r->loop, &run->tick);
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
	const struct ladder *l = step->ladder;
	size_t rung = run->rung < l->n ? run->rung : l->n - 1;

	step->outcome = (struct outcome){
		.ok = ok, .state = state, .seconds = ev_now(r->loop) - run->started,
		.driver = l->methods[rung].driver,
		.error = ok ? NULL : buffer_take(&run->errors),
		.output = run->output.length ? buffer_take(&run->output) : NULL,
	};
	if (!--r->steps_left[step->machine->number] && !r->options.no_locks)
		lock_release(step->machine->name);
	run_free(run);
	step_done(r, step);
}

static void add_error(struct run *run, const char *sentence)
{
	const struct driver *driver = run->step->ladder->methods[run->rung].driver;

	buffer_add(&run->errors, "%s%s: %s", run->errors.length ? "; " : "", driver->name, sentence);
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
		.machine = run->step->machine, .verb = m->op->verb, .argc = m->argc, .argv = m->argv,
		.loop = run->runner->loop, .run = run, .op = m->op, .driver = m->driver,
	};
	lane_queue(run->runner->lanes, a);
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
	attempt_stop(&run->attempt);
	attempt_stop(&run->look);
	if (!in_flight(&run->attempt) && !in_flight(&run->look))
		run_stopped(run);
}

static void next_rung(struct run *run)
{
	bool failed = run->errors.length > 0;

	if (run->rung + 1 < run->step->ladder->n) {
		run->rung++;
		rung_begin(run);
		return;
	}
	/* a method may have failed because the machine was there already */
	if (failed && run->observable && run->phase != PHASE_LAST_LOOK) {
		run->phase = PHASE_LAST_LOOK;
		run->stop = STOP_NOT;
		look(run);
		return;
	}
	run_end(run, run->sent && !failed, run->sent && !run->observable ? STATE_SENT : STATE_UNKNOWN);
}

static void rung_failed(struct run *run, const char *sentence)
{
	add_error(run, sentence);
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
		fault_set(&fault, ETIMEDOUT, "sent, but not %s within %s%s%s", state_name(info->goal), limit,
			  run->seen ? ": " : "", run->seen ? run->seen : "");
	else if (info->goal == STATE_UNKNOWN)
		fault_set(&fault, ETIMEDOUT, "no answer within %s", limit);
	else
		fault_set(&fault, ETIMEDOUT, "not %s within %s", state_name(info->goal), limit);
	rung_failed(run, fault.text);
}

/* All attempts of the rung are back after they were told to stop. */
static void run_stopped(struct run *run)
{
	enum stop why = run->stop;

	run->stop = STOP_NOT;
	if (why == STOP_REACHED) {
		run_end(run, true, run->reached);
	} else if (why == STOP_CANCEL) {
		buffer_add(&run->errors, "%s%s", run->errors.length ? "; " : "", run->runner->cancel_text);
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
	if (run->rung_sent && m->op->flags & OP_REPEATS && (now - run->last_sent) * 1000 >= m->op->repeat_ms)
		attempt_begin(run, &run->attempt, m);
}

static double observe_interval(const struct run *run)
{
	const struct key *key = run->observer.driver->interval;
	uint64_t ms = key ? machine_time_ms(run->step->machine, key) : 0;

	return (double)(ms ? ms : OBSERVE_INTERVAL_MS) / 1000;
}

/* The lane lets an attempt go: its time begins to count. */
static void on_start(void *data, struct attempt *a)
{
	struct run *run = a->run;
	struct runner *r = data;
	bool first = a == &run->attempt && !run->rung_sent;

	if (first || run->phase == PHASE_LAST_LOOK) {
		const struct method *m = first ? current_method(run) : &run->observer;

		ev_timer_set(&run->deadline, (double)m->timeout_ms / 1000, 0);
		ev_timer_start(r->loop, &run->deadline);
	}
	a->deadline = ev_now(r->loop) + ev_timer_remaining(r->loop, &run->deadline);
	a->phase = ATTEMPT_RUNNING;
	a->op->start(a);
}

static void rung_begin(struct run *run)
{
	run->phase = PHASE_RUNG;
	run->stop = STOP_NOT;
	run->rung_sent = false;
	ev_timer_stop(run->runner->loop, &run->deadline);
	ev_timer_stop(run->runner->loop, &run->tick);
	attempt_begin(run, &run->attempt, current_method(run));
}

/* --- what an attempt brought -------------------------------------------------------------- */

static void keep_output(struct run *run, const struct attempt *a)
{
	/* a method that is repeated says the same again */
	if (!a->text || strstr(buffer_text(&run->output), a->text))
		return;
	if (run->output.length)
		buffer_add_text(&run->output, "\n");
	buffer_add_text(&run->output, a->text);
}

static void on_sent(struct run *run)
{
	struct runner *r = run->runner;

	run->last_sent = ev_now(r->loop);
	if (run->rung_sent)
		return;
	run->sent = run->rung_sent = true;
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

static void on_answer(struct run *run)
{
	struct attempt *a = &run->attempt;
	const struct verb_info *info = verb_info(run->step->verb);
	struct fault fault;

	if (a->err) {
		/* what was sent before may still have its effect */
		if (!run->rung_sent) {
			ev_timer_stop(run->runner->loop, &run->deadline);
			rung_failed(run, a->text ? a->text : "failed");
		}
		return;
	}
	if (info->goal != STATE_UNKNOWN || a->state != STATE_UNKNOWN)
		keep_output(run, a);
	if (a->op->flags & OP_PREPARES) {
		ev_timer_stop(run->runner->loop, &run->deadline);
		next_rung(run);
	} else if (a->state == STATE_SENT && info->goal != STATE_SENT) {
		on_sent(run);
	} else if (a->state == info->goal || (info->goal == STATE_UNKNOWN && a->state != STATE_UNKNOWN)) {
		run_end(run, true, a->state);
	} else {
		fault_set(&fault, EIO, "%s", a->text ? a->text : "its state is not known");
		if (a->state != STATE_UNKNOWN)
			fault_set(&fault, EIO, "it is still %s", state_name(a->state));
		ev_timer_stop(run->runner->loop, &run->deadline);
		rung_failed(run, fault.text);
	}
}

static void on_look(struct run *run)
{
	struct attempt *a = &run->look;
	const struct verb_info *info = verb_info(run->step->verb);

	free(run->seen);
	run->seen = a->text;
	a->text = NULL;
	if (!a->err && a->state == info->goal) {
		run->reached = a->state;
		run_stop(run, STOP_REACHED);
	} else if (run->phase == PHASE_LAST_LOOK) {
		run_end(run, false, a->err ? STATE_UNKNOWN : a->state);
	}
}

static void attempt_over(struct run *run, struct attempt *a)
{
	bool main = a == &run->attempt;

	lane_leave(run->runner->lanes, a);
	a->phase = ATTEMPT_IDLE;
	if (run->stop != STOP_NOT) {
		/* what it says after it was told to stop no longer counts, but that it sent does */
		if (main && !a->err && a->state == STATE_SENT)
			run->sent = true;
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

/* --- steps --------------------------------------------------------------------------------- */

static void try_lock(struct run *run)
{
	struct runner *r = run->runner;
	struct fault fault;
	int err = 0;

	if (!r->options.no_locks && run->step->verb != VERB_STATUS)
		err = lock_take(run->step->machine->name, &fault);
	if (!err) {
		ev_timer_stop(r->loop, &run->tick);
		rung_begin(run);
	} else if (err == -EAGAIN && r->options.wait) {
		run->phase = PHASE_LOCK;
		if (!ev_is_active(&run->tick)) {
			ev_timer_set(&run->tick, LOCK_RETRY_MS / 1000.0, LOCK_RETRY_MS / 1000.0);
			ev_timer_start(r->loop, &run->tick);
		}
	} else {
		buffer_add_text(&run->errors, fault.text);
		run_end(run, false, STATE_UNKNOWN);
	}
}

static void on_run_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct run *run = timer->data;

	if (run->phase == PHASE_LOCK)
		try_lock(run);
	else if (run->phase == PHASE_RUNG)
		on_tick(loop, timer, events);
}

static struct run *run_new(struct runner *r, struct step *step)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	run->runner = r;
	run->step = step;
	run->started = ev_now(r->loop);
	ev_init(&run->deadline, on_deadline);
	ev_init(&run->tick, on_run_tick);
	run->deadline.data = run->tick.data = run;
	if (verb_info(step->verb)->observable)
		run->observable = !observer_make(step->machine, &run->observer);
	run->number = r->nruns;
	r->runs[r->nruns++] = run;
	return run;
}

static void step_ready(struct runner *r, struct step *step)
{
	const struct step *before = step->failed_before;
	struct run *run;

	if (r->cancelled) {
		step_refuse(r, step, "not tried: %s", r->cancel_text);
	} else if (before && before->machine == step->machine) {
		step_refuse(r, step, "%s", before->outcome.error ? before->outcome.error : "failed");
	} else if (before) {
		step_refuse(r, step, "not tried: %s could not be %s", before->machine->name,
			    verb_info(before->verb)->participle);
	} else if (!step->ladder) {
		step_refuse(r, step, "%s", step->error ? step->error : "no way to do it");
	} else if ((run = run_new(r, step))) {
		try_lock(run);
	} else {
		step_refuse(r, step, "out of memory");
	}
}

static void finish_runner(struct runner *r)
{
	r->ended = true;
	ev_prepare_stop(r->loop, &r->pump);
	ev_idle_stop(r->loop, &r->busy);
	ev_timer_stop(r->loop, &r->timeout);
	lanes_stop(r->lanes);
	if (r->options.on_end)
		r->options.on_end(r->options.data);
}

static bool may_begin(const struct runner *r)
{
	return r->ready_first < r->nready && (!r->options.fanout || r->nruns < r->options.fanout);
}

/* One round: what drivers reported, then steps that became ready, then attempts that may start. */
static void pump(struct runner *r)
{
	unsigned done = 0;

	while (r->over && done++ < ROUND_MAX) {
		struct attempt *a = r->over;

		r->over = a->next;
		if (!r->over)
			r->over_tail = &r->over;
		attempt_over(a->run, a);
	}
	while (may_begin(r) && done++ < 2 * ROUND_MAX)
		step_ready(r, &r->plan->steps[r->ready[r->ready_first++]]);
	lanes_run(r->lanes, ROUND_MAX);
	if (!r->left)
		finish_runner(r);
	else if (!r->over && !may_begin(r) && !lanes_can_start(r->lanes))
		ev_idle_stop(r->loop, &r->busy);
	else
		ev_idle_start(r->loop, &r->busy);
}

static void on_pump(struct ev_loop *loop, ev_prepare *watcher, int events)
{
	(void)loop, (void)events;
	pump(watcher->data);
}

static void on_busy(struct ev_loop *loop, ev_idle *watcher, int events)
{
	(void)loop, (void)watcher, (void)events;
}

static void on_timeout(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct runner *r = timer->data;
	char limit[32], text[80];

	(void)loop, (void)events;
	duration_print(r->options.timeout_ms, limit, sizeof(limit));
	snprintf(text, sizeof(text), "the time of the whole run is up (%s)", limit);
	runner_cancel(r, text);
}

void runner_cancel(struct runner *r, const char *sentence)
{
	if (r->cancelled || r->ended)
		return;
	r->cancelled = true;
	r->cancel_text = strdup(sentence);
	if (!r->cancel_text)
		r->cancel_text = (char *)"";
	/* those that end at once take themselves off the list, and the last moves into their place */
	for (size_t i = r->nruns; i-- > 0;) {
		if (i < r->nruns)
			run_stop(r->runs[i], STOP_CANCEL);
	}
	ev_idle_start(r->loop, &r->busy);
}

static int runner_prepare(struct runner *r)
{
	size_t n = r->plan->n ? r->plan->n : 1;

	r->ready = calloc(n, sizeof(*r->ready));
	r->runs = calloc(n, sizeof(struct run *));
	r->steps_left = calloc(r->model->nmachines + 1, sizeof(*r->steps_left));
	r->lanes = lanes_new(r->loop, r->model, r->options.fanout, on_start, r);
	if (!r->ready || !r->runs || !r->steps_left || !r->lanes)
		return -ENOMEM;
	for (size_t i = 0; i < r->plan->n; i++) {
		r->steps_left[r->plan->steps[i].machine->number]++;
		if (!r->plan->steps[i].waits_for)
			r->ready[r->nready++] = (uint32_t)i;
	}
	r->left = r->plan->n;
	return 0;
}

struct runner *runner_start(struct ev_loop *loop, struct model *model, struct plan *plan,
			    const struct runner_options *options, struct fault *f)
{
	struct runner *r = calloc(1, sizeof(*r));

	if (!r) {
		fault_no_memory(f);
		return NULL;
	}
	r->loop = loop;
	r->model = model;
	r->plan = plan;
	r->options = *options;
	r->over_tail = &r->over;
	if (runner_prepare(r)) {
		fault_no_memory(f);
		runner_free(r);
		return NULL;
	}
	/* what went before may have taken long: times count from now */
	ev_now_update(loop);
	ev_prepare_init(&r->pump, on_pump);
	ev_idle_init(&r->busy, on_busy);
	ev_timer_init(&r->timeout, on_timeout, (double)options->timeout_ms / 1000, 0);
	r->pump.data = r->busy.data = r->timeout.data = r;
	ev_prepare_start(loop, &r->pump);
	ev_idle_start(loop, &r->busy);
	if (options->timeout_ms)
		ev_timer_start(loop, &r->timeout);
	return r;
}

void runner_free(struct runner *r)
{
	if (!r)
		return;
	lanes_free(r->lanes);
	free(r->ready);
	free(r->runs);
	free(r->steps_left);
	if (r->cancel_text && *r->cancel_text)
		free(r->cancel_text);
	free(r);
}
