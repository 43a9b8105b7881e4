/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a selection to results: the plan is made, run or shown, and reported. See context.h. */
#include "base/fault.h"
#include "base/resolve.h"
#include "cli/context.h"
#include "engine/credential.h"
#include "engine/driver.h"
#include "engine/lock.h"
#include "engine/plan.h"
#include "engine/reporter.h"
#include "engine/runner.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

struct performing {
	struct ev_loop *loop;
	struct runner *runner;
	struct reporter *reporter;
	ev_signal interrupt, terminate;
};

static void on_step(void *data, const struct step *step)
{
	const struct performing *p = data;

	reporter_step(p->reporter, step);
}

static void on_end(void *data)
{
	const struct performing *p = data;

	ev_break(p->loop, EVBREAK_ALL);
}

/*
 * The first one stops what goes on in good order; after it a second one ends the program at once.
 */
static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct performing *p = watcher->data;

	(void)events;
	ev_signal_stop(loop, &p->interrupt);
	ev_signal_stop(loop, &p->terminate);
	runner_cancel(p->runner, watcher->signum == SIGINT ? "interrupted" : "told to end");
}

static void watch_signals(struct performing *p)
{
	ev_signal_init(&p->interrupt, on_signal, SIGINT);
	ev_signal_init(&p->terminate, on_signal, SIGTERM);
	p->interrupt.data = p->terminate.data = p;
	ev_signal_start(p->loop, &p->interrupt);
	ev_signal_start(p->loop, &p->terminate);
}

static void on_late_signal(int number)
{
	(void)number;
}

/*
 * All is done, and is about to be told. One that comes now changes nothing of it, and must not keep
 * it from being told; a second one ends the program, as before.
 */
static void let_one_pass(const struct performing *p)
{
	const struct sigaction once = {
		.sa_handler = on_late_signal, .sa_flags = SA_RESETHAND | SA_RESTART,
	};

	if (ev_is_active(&p->interrupt)) {
		sigaction(SIGINT, &once, NULL);
		sigaction(SIGTERM, &once, NULL);
	}
}

static int run(struct context *c, struct performing *p, struct plan *plan,
	       const struct performance *performance)
{
	const struct runner_options options = {
		.fanout = c->fanout, .timeout_ms = c->timeout_ms, .wait = c->wait,
		.no_locks = performance->no_locks, .unobserved = performance->unobserved, .data = p,
		.on_step = on_step, .on_end = on_end,
	};
	struct fault fault;

	p->runner = runner_start(p->loop, c->model, plan, &options, &fault);
	if (!p->runner)
		return usage_error("%s", fault.text);
	watch_signals(p);
	ev_run(p->loop, 0);
	let_one_pass(p);
	reporter_end(p->reporter);
	runner_free(p->runner);
	return reporter_exit_code(plan);
}

int context_perform(struct context *c, const struct selection *selection,
		    const struct performance *performance)
{
	const struct plan_options plan_options = {
		.force = c->force, .methods = performance->methods,
		.nmethods = performance->nmethods, .words = performance->words,
		.nwords = performance->nwords,
	};
	const char *format = performance->format;
	const struct reporter_options reporter_options = {
		.format = format ? format : c->json ? "json" : "text", .quiet = c->quiet,
		.progress = !format && !c->json && !c->quiet && isatty(STDERR_FILENO),
	};
	struct performing p = {.loop = ev_default_loop(EVFLAG_NOENV)};
	struct plan *plan;
	struct fault fault;
	int code = 0;

	credential_environment();
	if (!p.loop)
		return usage_error("the event loop cannot be made: epoll is missing");
	if (plan_make(c->model, selection, performance->verb, &plan_options, &plan, &fault))
		return usage_error("%s", fault.text);
	if (performance->check && !c->dry_run && plan_check(plan, &fault)) {
		plan_free(plan);
		return usage_error("%s", fault.text);
	}
	p.reporter = reporter_new(p.loop, plan, &reporter_options, &fault);
	if (!p.reporter)
		code = usage_error("%s", fault.text);
	else if (c->dry_run)
		reporter_plan(p.reporter);
	else
		code = run(c, &p, plan, performance);
	drivers_quit();
	credential_quit();
	resolve_quit();
	lock_quit();
	ev_signal_stop(p.loop, &p.interrupt);
	ev_signal_stop(p.loop, &p.terminate);
	reporter_free(p.reporter);
	plan_free(plan);
	ev_loop_destroy(p.loop);
	return code;
}
