/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a selection to results: the plan is made, run or shown, and reported. See context.h. */
#include "base/fault.h"
#include "base/resolve.h"
#include "cli/context.h"
#include "cli/perform.h"
#include "daemon/remote.h"
#include "engine/credential.h"
#include "engine/driver.h"
#include "engine/lock.h"
#include "engine/plan.h"
#include "engine/reporter.h"
#include "engine/runner.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* --- on somebody's loop ---------------------------------------------------------------------- */

static void on_step(void *data, const struct step *step)
{
	const struct performing *p = data;

	if (p->reporter)
		reporter_step(p->reporter, step);
	control_tell_step(step);
}

static void on_end(void *data)
{
	const struct performing *p = data;

	p->ended(p->data);
}

/* Who tells of the plan; nobody where nothing is to be told. */
static int make_reporter(struct performing *p, const struct context *c,
			 const struct performance *performance, struct fault *f)
{
	const char *format = performance->format;
	const struct reporter_options options = {
		.format = format    ? format
			  : c->json ? "json"
				    : "text",
		.quiet = c->quiet,
		.progress = !format && !c->json && !c->quiet && isatty(STDERR_FILENO),
	};

	if (performance->silent)
		return 0;
	p->reporter = reporter_new(p->loop, p->plan, &options, f);
	return p->reporter ? 0 : -ENOSYS;
}

int performing_make(struct performing *p, struct context *c, const struct selection *selection,
		    const struct performance *performance, struct fault *f)
{
	const struct plan_options plan_options = {
		.force = c->force,
		.methods = performance->methods,
		.nmethods = performance->nmethods,
		.words = performance->words,
		.nwords = performance->nwords,
	};
	int err = plan_make(c->model, selection, performance->verb, &plan_options, &p->plan, f);

	if (!err && performance->check && !c->dry_run)
		err = plan_check(p->plan, f);
	return err ? err : make_reporter(p, c, performance, f);
}

int performing_start(struct performing *p, struct context *c, const struct performance *performance,
		     struct fault *f)
{
	const struct runner_options options = {
		.fanout = performance->fanout ? performance->fanout : c->fanout,
		.timeout_ms = c->timeout_ms,
		.wait = c->wait,
		.no_locks = performance->no_locks,
		.unobserved = performance->unobserved,
		.data = p,
		.on_step = on_step,
		.on_end = on_end,
	};

	p->runner = runner_start(p->loop, c->model, p->plan, &options, f);
	return p->runner ? 0 : -ENOMEM;
}

void performing_free(struct performing *p)
{
	runner_free(p->runner);
	reporter_free(p->reporter);
	plan_free(p->plan);
}

/* --- on a loop of its own --------------------------------------------------------------------- */

struct run {
	struct performing performing;
	ev_signal interrupt, terminate;
};

/*
 * The first one stops what goes on in good order; after it a second one ends the program at once.
 */
static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct run *r = watcher->data;

	(void)events;
	ev_signal_stop(loop, &r->interrupt);
	ev_signal_stop(loop, &r->terminate);
	runner_cancel(r->performing.runner,
		      watcher->signum == SIGINT ? "interrupted" : "told to end");
}

static void watch_signals(struct run *r)
{
	ev_signal_init(&r->interrupt, on_signal, SIGINT);
	ev_signal_init(&r->terminate, on_signal, SIGTERM);
	r->interrupt.data = r->terminate.data = r;
	ev_signal_start(r->performing.loop, &r->interrupt);
	ev_signal_start(r->performing.loop, &r->terminate);
}

static void on_late_signal(int number)
{
	(void)number;
}

/*
 * All is done, and is about to be told. One that comes now changes nothing of it, and must not keep
 * it from being told; a second one ends the program, as before.
 */
static void let_one_pass(void)
{
	const struct sigaction once = {
		.sa_handler = on_late_signal, .sa_flags = SA_RESETHAND | SA_RESTART,
	};

	sigaction(SIGINT, &once, NULL);
	sigaction(SIGTERM, &once, NULL);
}

static void stop_loop(void *data)
{
	ev_break(data, EVBREAK_ALL);
}

static int run(struct run *r, struct context *c, const struct performance *performance)
{
	struct ev_loop *loop = r->performing.loop;
	struct fault fault;
	bool interrupted;

	if (performing_start(&r->performing, c, performance, &fault))
		return usage_error("%s", fault.text);
	watch_signals(r);
	ev_run(loop, 0);
	interrupted = !ev_is_active(&r->interrupt);
	if (!interrupted)
		let_one_pass();
	if (r->performing.reporter)
		reporter_end(r->performing.reporter);
	ev_signal_stop(loop, &r->interrupt);
	ev_signal_stop(loop, &r->terminate);
	/* what drivers have to write in the end is not lost either */
	if (!interrupted)
		let_one_pass();
	return reporter_exit_code(r->performing.plan);
}

/* Shows the plan, or runs it and tells what comes of it. */
static int show_or_run(struct run *r, struct context *c, const struct performance *performance)
{
	if (!c->dry_run || !r->performing.reporter)
		return run(r, c, performance);
	reporter_plan(r->performing.reporter);
	return 0;
}

/* --- its parts ------------------------------------------------------------------------------- */

int context_begin(void)
{
	credential_environment();
	if (!ev_default_loop(EVFLAG_NOENV))
		return usage_error("the event loop cannot be made: epoll is missing");
	return 0;
}

int context_run(struct context *c, struct plan *plan, const struct performance *performance)
{
	struct ev_loop *loop = ev_default_loop(EVFLAG_NOENV);
	struct run r = {
		.performing = {.loop = loop, .ended = stop_loop, .data = loop, .plan = plan}};
	struct fault fault;
	int code;

	if (make_reporter(&r.performing, c, performance, &fault))
		code = usage_error("%s", fault.text);
	else
		code = show_or_run(&r, c, performance);
	/* the plan is the caller's */
	r.performing.plan = NULL;
	performing_free(&r.performing);
	return code;
}

void context_end(void)
{
	drivers_quit();
	credential_quit();
	resolve_quit();
	lock_quit();
	ev_loop_destroy(ev_default_loop(EVFLAG_NOENV));
}

int context_perform(struct context *c, const struct selection *selection,
		    const struct performance *performance)
{
	struct run r = {.performing = {.ended = stop_loop}};
	struct fault fault;
	int code = context_begin();

	if (code)
		return code;
	r.performing.loop = r.performing.data = ev_default_loop(EVFLAG_NOENV);
	if (performing_make(&r.performing, c, selection, performance, &fault))
		code = usage_error("%s", fault.text);
	else
		code = show_or_run(&r, c, performance);
	performing_free(&r.performing);
	context_end();
	return code;
}
