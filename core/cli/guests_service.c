/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker guests start, stop, restart, reload, status: guests that come up with the host and go down
 * in order. What xendomains does (xen, tools/hotplug/Linux/xendomains.in), by plans: the guests are
 * looked at, those that need it are started or stopped by their own ladders, and the others are
 * told of.
 */
#include "base/crash.h"
#include "base/fault.h"
#include "cli/context.h"
#include "cli/guests.h"
#include "engine/lock.h"
#include "engine/plan.h"
#include "model/machine.h"
#include "model/key.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* no machine has such a name */
static const char lock_name[] = "the service of guests";

static int failed(const struct fault *f)
{
	usage_error("%s", f->text);
	return EXIT_NOT_ALL;
}

/* --- one at a time --------------------------------------------------------------------------- */

/* Two starts must not double anything. 0 or an exit code. */
static int lock(const struct context *c)
{
	const struct timespec retry = {.tv_nsec = 200 * 1000 * 1000};
	uint64_t waited_ms = 0;
	struct fault f;
	int err;

	/* nothing else goes on yet that could be kept waiting */
	while ((err = lock_take(lock_name, &f)) == -EAGAIN && c->wait &&
	       (!c->timeout_ms || waited_ms < c->timeout_ms)) {
		nanosleep(&retry, NULL);
		waited_ms += 200;
	}
	return err ? failed(&f) : 0;
}

/* --- looking --------------------------------------------------------------------------------- */

static int plan_look(const struct context *c, const struct roster *roster, struct plan **plan,
		     struct fault *f)
{
	const struct plan_options options = {0};
	struct selection selection = {0};
	int err = 0;

	for (size_t i = 0; i < roster->n && !err; i++) {
		if (roster->list[i].wanted)
			err = selection_add(&selection, c->model, roster->list[i].machine);
	}
	err = err ? fault_no_memory(f)
		  : plan_make(c->model, &selection, VERB_STATUS, &options, plan, f);
	selection_free(&selection);
	return err;
}

/* The steps stand in the order of the guests that were wanted. */
static void take_states(struct roster *roster, const struct plan *plan)
{
	size_t step = 0;

	for (size_t i = 0; i < roster->n; i++) {
		struct guest *guest = &roster->list[i];

		if (guest->wanted)
			guest->state = plan->steps[step++].outcome.state;
	}
}

/* Asks those that are wanted for their states, and says nothing. 0 or an exit code. */
static int look(struct context *c, struct roster *roster)
{
	const struct performance performance = {.verb = VERB_STATUS, .silent = true};
	struct plan *plan;
	struct fault f;
	int code;

	if (plan_look(c, roster, &plan, &f))
		return failed(&f);
	code = context_run(c, plan, &performance);
	take_states(roster, plan);
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->steps[i].outcome.err == -ECANCELED)
			goto out;
	}
	/* what cannot be told of one keeps no other from being worked on */
	code = code == EXIT_USAGE ? code : 0;
out:
	plan_free(plan);
	return code;
}

/* --- doing ----------------------------------------------------------------------------------- */

static int perform(struct context *c, struct plan *plan)
{
	const struct performance performance = {
		.verb = plan->verb,
		.fanout = c->fanout ? 0 : roster_at_once(c, plan->verb),
	};

	return context_run(c, plan, &performance);
}

/* The service has in its care what it is about to start, and what it found running. */
static int start_kept(const struct context *c, struct roster *roster)
{
	struct fault f;

	if (c->dry_run)
		return 0;
	for (size_t i = 0; i < roster->n; i++)
		roster->list[i].kept |= roster->list[i].wanted &&
					roster->list[i].state != STATE_MOVED;
	if (record_write(roster, &f))
		return failed(&f);
	crash_point("guests-recorded");
	return 0;
}

static int start_wanted(struct context *c, struct roster *roster)
{
	struct plan *plan;
	struct fault f;
	int code = look(c, roster);

	if (code)
		return code;
	if (roster_plan(c, roster, VERB_START, &plan, &f))
		return failed(&f);
	code = start_kept(c, roster);
	if (!code)
		code = perform(c, plan);
	plan_free(plan);
	return code;
}

static int start(struct context *c, const struct guests_options *options, struct roster *roster)
{
	bool any = false;

	for (size_t i = 0; i < roster->n; i++) {
		struct guest *guest = &roster->list[i];

		guest->wanted = options->all || guest->again ||
				machine_flag(guest->machine, &key_autostart);
		any |= guest->wanted;
	}
	if (!any && !c->quiet && !c->json)
		puts("there is nothing to start: no guest has autostart = yes");
	return any ? start_wanted(c, roster) : 0;
}

/* What is down needs no care any more. */
static int stop_kept(const struct context *c, struct roster *roster, const struct plan *plan)
{
	struct fault f;

	if (c->dry_run)
		return 0;
	crash_point("guests-stopped");
	for (size_t i = 0; i < plan->n; i++) {
		for (size_t n = 0; plan->steps[i].outcome.ok && n < roster->n; n++) {
			if (roster->list[n].machine == plan->steps[i].machine)
				roster->list[n].kept = false;
		}
	}
	return record_write(roster, &f) ? failed(&f) : 0;
}

static bool was_cancelled(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->steps[i].outcome.err == -ECANCELED && !plan->steps[i].failed_before)
			return true;
	}
	return false;
}

/* cancelled: it was interrupted, and nothing else shall follow. */
static int stop(struct context *c, const struct guests_options *options, struct roster *roster,
		bool *cancelled)
{
	struct plan *plan;
	struct fault f;
	int code, recorded;

	roster_choose_stop(c, options, roster);
	code = look(c, roster);
	*cancelled = code != 0;
	if (code)
		return code;
	if (roster_plan(c, roster, VERB_STOP, &plan, &f))
		return failed(&f);
	for (size_t i = 0; i < roster->n; i++)
		roster->list[i].again = roster->list[i].wanted && guest_runs(&roster->list[i]);
	code = perform(c, plan);
	recorded = stop_kept(c, roster, plan);
	*cancelled = was_cancelled(plan);
	plan_free(plan);
	return code ? code : recorded;
}

/* --- words ----------------------------------------------------------------------------------- */

/* What all of them begin with: the configuration, the loop, the list. 0 or an exit code. */
static int begin(struct context *c, bool locked, struct roster *roster)
{
	struct fault f;
	int code = context_load(c);

	if (!code)
		code = context_begin();
	if (code)
		return code;
	if (locked && !c->dry_run)
		code = lock(c);
	if (!code && (roster_make(c, roster, &f) || record_read(roster, &f)))
		code = failed(&f);
	if (code) {
		roster_free(roster);
		context_end();
	}
	return code;
}

static int finish(struct roster *roster, int code)
{
	roster_free(roster);
	context_end();
	return code;
}

static int start_run(struct context *c, const struct guests_options *options, int argc, char **argv)
{
	struct roster roster = {0};
	int code = begin(c, true, &roster);

	(void)argc, (void)argv;
	return code ? code : finish(&roster, start(c, options, &roster));
}

static int stop_run(struct context *c, const struct guests_options *options, int argc, char **argv)
{
	struct roster roster = {0};
	int code = begin(c, true, &roster);
	bool cancelled;

	(void)argc, (void)argv;
	return code ? code : finish(&roster, stop(c, options, &roster, &cancelled));
}

/* What a dry run of restart would find after it has stopped them. */
static void imagine_stopped(struct roster *roster)
{
	for (size_t i = 0; i < roster->n; i++) {
		if (roster->list[i].again)
			roster->list[i].state = STATE_OFF;
	}
}

static int restart(struct context *c, const struct guests_options *options, struct roster *roster)
{
	const struct guests_options own = {0};
	bool cancelled;
	int stopped = stop(c, options, roster, &cancelled), started;
	struct plan *plan;
	struct fault f;

	if (cancelled)
		return stopped;
	if (!c->dry_run) {
		started = start(c, &own, roster);
		return stopped ? stopped : started;
	}
	imagine_stopped(roster);
	for (size_t i = 0; i < roster->n; i++)
		roster->list[i].wanted = roster->list[i].again ||
					 machine_flag(roster->list[i].machine, &key_autostart);
	if (roster_plan(c, roster, VERB_START, &plan, &f))
		return failed(&f);
	started = perform(c, plan);
	plan_free(plan);
	return started;
}

static int restart_run(struct context *c, const struct guests_options *options, int argc,
		       char **argv)
{
	struct roster roster = {0};
	int code = begin(c, true, &roster);

	(void)argc, (void)argv;
	return code ? code : finish(&roster, restart(c, options, &roster));
}

/* LSB 3.1, 20.2: 0 it runs, 3 it does not; and 1 where some cannot be told. */
static int status_code(const struct plan *plan)
{
	bool any_failed = false, any_runs = false;

	for (size_t i = 0; i < plan->n; i++) {
		const struct outcome *o = &plan->steps[i].outcome;
		const struct guest guest = {.state = o->state};

		any_failed |= !o->ok;
		any_runs |= o->ok && guest_runs(&guest);
	}
	return any_failed ? EXIT_NOT_ALL : any_runs ? 0 : EXIT_OFF;
}

static int status(struct context *c, const struct guests_options *options, struct roster *roster)
{
	const struct performance performance = {.verb = VERB_STATUS};
	struct plan *plan;
	struct fault f;
	int code;

	for (size_t i = 0; i < roster->n; i++) {
		struct guest *guest = &roster->list[i];

		guest->wanted = !options->automatic || guest->kept ||
				machine_flag(guest->machine, &key_autostart);
	}
	if (plan_look(c, roster, &plan, &f))
		return failed(&f);
	code = context_run(c, plan, &performance);
	if (code != EXIT_USAGE && !c->dry_run)
		code = status_code(plan);
	plan_free(plan);
	return code;
}

static int status_run(struct context *c, const struct guests_options *options, int argc,
		      char **argv)
{
	struct roster roster = {0};
	int code = begin(c, false, &roster);

	(void)argc, (void)argv;
	return code ? code : finish(&roster, status(c, options, &roster));
}

#define DEED(id, word, letters, does)          \
	static const struct guests_deed id = { \
		.name = word,                  \
		.usage = "",                   \
		.options = letters,            \
		.run = does,                   \
	};                                     \
	GUESTS_DEED(id)

DEED(start_deed, "start", "aA", start_run);
DEED(stop_deed, "stop", "aA", stop_run);
DEED(restart_deed, "restart", "aA", restart_run);
DEED(reload_deed, "reload", "aA", restart_run);
DEED(status_deed, "status", "aA", status_run);
