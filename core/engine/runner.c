/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The runner. See runner.h; what becomes of one step is in run.c.
 *
 * A step goes through these hands: step_ready (nothing to wait for any more) → run_begin → the
 * attempt waits in its driver's lane → run_start → the driver → attempt_done → run_return. What a
 * driver reports is only noted; everything that follows is done by the pump, once per round of the
 * loop, so that a driver that answers at once leads to no recursion.
 */
#include "engine/runner.h"
#include "base/fault.h"
#include "engine/lane.h"
#include "engine/lock.h"
#include "engine/run.h"
#include "model/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUND_MAX = 1024 };

/* --- steps that are held back ---------------------------------------------------------------- */

/* The one that is due first; of several the one that was held first. */
static size_t held_first(const struct runner *r)
{
	size_t first = 0;

	for (size_t i = 1; i < r->nheld; i++) {
		if (r->plan->steps[r->held[i]].due < r->plan->steps[r->held[first]].due)
			first = i;
	}
	return first;
}

static void held_wait(struct runner *r)
{
	double left;

	ev_timer_stop(r->loop, &r->hold);
	if (!r->nheld)
		return;
	left = r->plan->steps[r->held[held_first(r)]].due - ev_now(r->loop);
	ev_timer_set(&r->hold, left > 0 ? left : 0, 0);
	ev_timer_start(r->loop, &r->hold);
}

/* Lets those go that are due; in the end all. */
static void held_release(struct runner *r, bool all)
{
	while (r->nheld) {
		size_t first = held_first(r);
		uint32_t number = r->held[first];

		if (!all && r->plan->steps[number].due > ev_now(r->loop))
			break;
		r->ready[r->nready++] = number;
		memmove(&r->held[first], &r->held[first + 1],
			(--r->nheld - first) * sizeof(r->held[0]));
	}
	held_wait(r);
}

static void on_hold(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	held_release(timer->data, false);
}

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
	a->run->step->percent = 0;
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

void attempt_progress(struct attempt *attempt, unsigned percent)
{
	if (attempt->phase == ATTEMPT_RUNNING)
		attempt->run->step->percent = percent < 100 ? (uint8_t)percent : 100;
}

void attempt_note(struct attempt *attempt, const char *format, ...)
{
	struct fault line;
	va_list args;

	/* what comes behind the end belongs to nobody */
	if (attempt->phase != ATTEMPT_RUNNING)
		return;
	va_start(args, format);
	fault_vset(&line, 0, format, args);
	va_end(args);
	run_tell(attempt->run, line.text);
}

/* --- steps --------------------------------------------------------------------------------- */

/* A step waits for no other any more: what remains is its delay. */
static void step_free_to_go(struct runner *r, uint32_t number)
{
	struct step *step = &r->plan->steps[number];

	if (step->done)
		return;
	if (!step->delay_ms || r->cancelled) {
		r->ready[r->nready++] = number;
		return;
	}
	step->due = ev_now(r->loop) + (double)step->delay_ms / 1000;
	r->held[r->nheld++] = number;
	held_wait(r);
}

void runner_step_done(struct runner *r, struct step *step)
{
	step->done = true;
	r->left--;
	if (step->counts && r->options.on_step)
		r->options.on_step(r->options.data, step);
	for (uint32_t i = 0; i < step->ndependents; i++) {
		const struct dependent *next = &r->plan->dependents[step->first_dependent + i];

		if (!step->outcome.ok && !next->order)
			r->plan->steps[next->step].failed_before = step;
		if (!--r->plan->steps[next->step].waits_for)
			step_free_to_go(r, next->step);
	}
}

/* A step that is never tried. */
static void step_refuse(struct runner *r, struct step *step, int err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void step_refuse(struct runner *r, struct step *step, int err, const char *format, ...)
{
	struct fault fault;
	va_list args;

	va_start(args, format);
	fault_vset(&fault, EINVAL, format, args);
	va_end(args);
	step->outcome = (struct outcome){
		.state = STATE_UNKNOWN, .err = err, .error = strdup(fault.text),
	};
	if (!--r->steps_left[step->machine->number] && !r->options.no_locks)
		lock_release(step->machine->name);
	runner_step_done(r, step);
}

static void step_ready(struct runner *r, struct step *step)
{
	const struct step *before = step->failed_before;
	struct run *run;

	if (r->cancelled) {
		step_refuse(r, step, -ECANCELED, "not tried: %s", r->cancel_text);
	} else if (before && before->machine == step->machine) {
		step_refuse(r, step, before->outcome.err, "%s",
			    before->outcome.error ? before->outcome.error : "failed");
	} else if (before) {
		step_refuse(r, step, -ECANCELED, "not tried: %s could not be %s",
			    before->machine->name, verb_info(before->verb)->participle);
	} else if (!step->ladder) {
		step_refuse(r, step, -ENOSYS, "%s", step->error ? step->error : "no way to do it");
	} else if ((run = run_new(r, step))) {
		run_begin(run);
	} else {
		step_refuse(r, step, -ENOMEM, "out of memory");
	}
}

static void finish_runner(struct runner *r)
{
	r->ended = true;
	ev_prepare_stop(r->loop, &r->pump);
	ev_idle_stop(r->loop, &r->busy);
	ev_timer_stop(r->loop, &r->timeout);
	ev_timer_stop(r->loop, &r->hold);
	lanes_stop(r->lanes);
	if (r->options.on_end)
		r->options.on_end(r->options.data);
}

bool runner_has_room(const struct runner *r)
{
	/* a machine that another process works on keeps no other from being worked on */
	return !r->options.fanout || r->nruns - r->nwaiting < r->options.fanout;
}

static bool may_begin(const struct runner *r)
{
	return r->ready_first < r->nready && runner_has_room(r);
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
		run_return(a->run, a);
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
	/*
	 * those that end at once take themselves off the list, and the last moves into their place
	 */
	for (size_t i = r->nruns; i-- > 0;) {
		if (i < r->nruns)
			run_cancel(r->runs[i]);
	}
	held_release(r, true);
	ev_idle_start(r->loop, &r->busy);
}

static void on_start(void *data, struct attempt *attempt)
{
	(void)data;
	run_start(attempt->run, attempt);
}

static int runner_prepare(struct runner *r)
{
	size_t n = r->plan->n ? r->plan->n : 1;

	r->ready = calloc(n, sizeof(*r->ready));
	r->held = calloc(n, sizeof(*r->held));
	r->runs = calloc(n, sizeof(struct run *));
	r->steps_left = calloc(r->model->nmachines + 1, sizeof(*r->steps_left));
	r->lanes = lanes_new(r->loop, r->model, r->options.fanout, on_start, r);
	if (!r->ready || !r->held || !r->runs || !r->steps_left || !r->lanes)
		return -ENOMEM;
	for (size_t i = 0; i < r->plan->n; i++)
		r->steps_left[r->plan->steps[i].machine->number]++;
	r->left = r->plan->n;
	return 0;
}

/* Those that are done before the beginning let others go at once. */
static void begin_steps(struct runner *r)
{
	struct plan *plan = r->plan;

	for (size_t i = 0; i < plan->n; i++) {
		if (!plan->steps[i].waits_for)
			step_free_to_go(r, (uint32_t)i);
	}
	for (size_t i = 0; i < plan->n; i++) {
		if (!plan->steps[i].done)
			continue;
		r->steps_left[plan->steps[i].machine->number]--;
		runner_step_done(r, &plan->steps[i]);
	}
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
	ev_timer_init(&r->hold, on_hold, 0, 0);
	r->pump.data = r->busy.data = r->timeout.data = r->hold.data = r;
	begin_steps(r);
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
	free(r->held);
	free(r->runs);
	free(r->steps_left);
	if (r->cancel_text && *r->cancel_text)
		free(r->cancel_text);
	free(r);
}
