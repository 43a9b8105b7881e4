/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guests that are started again when they end. All are looked at every few seconds, by a plan like
 * any other; one that ran and does so no more, without having been put down by a command, is
 * started by its `start` ladder: after a wait that doubles from failure to failure, and not more
 * often in a row than its limit. See supervise.h.
 */
#include "daemon/supervise.h"
#include "base/fault.h"
#include "base/text.h"
#include "daemon/served.h"
#include "daemon/server.h"
#include "engine/plan.h"
#include "engine/runner.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A guest that ran for so long has come up; until then its ends count as being in a row. */
enum { STEADY_S = 60, WAIT_MOST_S = 300 };

static int check_restart(const char *value, struct fault *f)
{
	if (!strcmp(value, "no") || !strcmp(value, "always") || !strcmp(value, "on-failure"))
		return 0;
	return fault_set(f, EINVAL,
			 "\"%s\" says nothing of when it is started again: write no, always or "
			 "on-failure",
			 value);
}

static const struct key key_restart = {
	.name = "restart",
	.type = KEY_TEXT,
	.def = "no",
	.check = check_restart,
	.help = HELP(
		"Whether `stoker daemon` starts a guest again that has ended without having been "
		"told to by a command: no; always; on-failure: where its driver says that it did "
		"not "
		"go down in good order."),
};
static const struct key key_delay = {
	.name = "restart-delay",
	.type = KEY_TIME,
	.def = "2s",
	.help = HELP(
		"How long `stoker daemon` waits before it starts a guest again: twice as long each "
		"time that it ends within a minute, 5 minutes at most."),
};
static const struct key key_limit = {
	.name = "restart-limit",
	.type = KEY_COUNT,
	.def = "5",
	.help = HELP("How often in a row `stoker daemon` starts a guest again that ends within a "
		     "minute; "
		     "then it is left off, until somebody starts it. 0: without end."),
};
static const struct key key_interval = {
	.name = "restart-interval",
	.type = KEY_TIME,
	.flags = KEY_GLOBAL,
	.def = "5s",
	.help = HELP("How often `stoker daemon` looks whether the guests with `restart` run."),
};

static const struct key *const keys[] = {
	&key_restart, &key_delay, &key_limit, &key_interval, NULL,
};
static const struct key_set supervise_key_set = {.title = "Supervision of guests", .keys = keys};
KEY_SET(supervise_key_set);

/* A guest that is looked after. */
struct ward {
	struct machine *machine;
	bool always;
	bool ran;	   /* it was seen running, and is to be so */
	bool down;	   /* it was seen down since; the next look has to say so too */
	bool told;	   /* that its limit is reached */
	double since;	   /* when it was first seen running, this time */
	double due;	   /* when it is to be started; 0: not to be */
	uint64_t failures; /* in a row */
};

struct supervisor {
	struct server *server;
	struct ward *wards;
	size_t n;
	ev_timer timer;
	double interval_s;
	struct plan *plan;
	struct runner *runner; /* at work on the plan */
	bool ending;
};

static struct ward *find_ward(const struct supervisor *s, const struct machine *machine)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->wards[i].machine == machine)
			return &s->wards[i];
	}
	return NULL;
}

static void wait_on(struct supervisor *s)
{
	if (s->ending)
		return;
	ev_timer_stop(s->server->loop, &s->timer);
	ev_timer_set(&s->timer, s->interval_s, 0);
	ev_timer_start(s->server->loop, &s->timer);
}

/* --- plans ----------------------------------------------------------------------------------- */

static void on_end(void *data);

/* Does a verb to those that are chosen; the end of it comes on the loop. */
static int begin(struct supervisor *s, enum verb verb,
		 bool (*is_chosen)(const struct ward *, double now))
{
	const struct plan_options options = {0};
	const struct runner_options run = {.data = s, .on_end = on_end};
	struct selection selection = {0};
	struct fault f;
	int err = 0;

	for (size_t i = 0; i < s->n && !err; i++) {
		if (is_chosen(&s->wards[i], ev_now(s->server->loop)))
			err = selection_add(&selection, s->server->model, s->wards[i].machine);
	}
	if (!err && selection.n)
		err = plan_make(s->server->model, &selection, verb, &options, &s->plan, &f);
	if (!err && selection.n) {
		s->runner = runner_start(s->server->loop, s->server->model, s->plan, &run, &f);
		if (!s->runner) {
			plan_free(s->plan);
			s->plan = NULL;
			err = -ENOMEM;
		}
	}
	if (err)
		server_tell(NULL, "guests cannot be looked after: %s",
			    err == -ENOMEM ? "out of memory" : f.text);
	err = err ? err : selection.n ? 0 : -ENODATA;
	selection_free(&selection);
	return err;
}

static bool is_ward(const struct ward *ward, double now)
{
	return (void)now, ward->machine != NULL;
}

static bool is_due(const struct ward *ward, double now)
{
	return ward->due && ward->due <= now;
}

/* --- what was seen --------------------------------------------------------------------------- */

static void seen_running(struct ward *ward, double now)
{
	if (!ward->ran)
		server_tell(ward->machine, "it runs, and is looked after");
	if (!ward->ran || ward->down)
		ward->since = now;
	if (now - ward->since >= STEADY_S)
		ward->failures = 0;
	ward->ran = true;
	ward->down = ward->told = false;
	ward->due = 0;
}

static double wait_of(const struct ward *ward)
{
	double wait = (double)machine_time_ms(ward->machine, &key_delay) / 1000;

	for (uint64_t i = 0; i < ward->failures && wait < WAIT_MOST_S; i++)
		wait *= 2;
	return wait < WAIT_MOST_S ? wait : WAIT_MOST_S;
}

/* Why it ended, where its driver knows of a failure; NULL: in good order. */
static void seen_down(struct ward *ward, const char *why, double now)
{
	uint64_t limit = machine_number(ward->machine, &key_limit);

	if (!ward->ran || ward->due)
		return;
	/* a command may have put it down just now, and have not told of it yet */
	if (!ward->down) {
		ward->down = true;
		return;
	}
	if (!ward->always && !why) {
		server_tell(ward->machine, "it has ended in good order, and is left off");
		ward->ran = ward->down = false;
		return;
	}
	if (limit && ward->failures >= limit) {
		if (!ward->told)
			server_tell(ward->machine,
				    "it has ended %ju times in a row, and is left off: start it "
				    "when it is mended",
				    (uintmax_t)ward->failures);
		ward->told = true;
		ward->ran = ward->down = false;
		return;
	}
	ward->due = now + wait_of(ward);
	server_tell(ward->machine, "it has ended%s%s: it is started again in %.3g s",
		    why ? ": " : "", why ? why : "", ward->due - now);
}

static void take_look(struct ward *ward, const struct outcome *o, double now)
{
	if (!o->ok)
		return;
	if (o->state == STATE_ON || o->state == STATE_PAUSED || o->state == STATE_SUSPENDED)
		seen_running(ward, now);
	else if (o->state == STATE_OFF)
		seen_down(ward, o->output, now);
	else
		/* saved, or moved away: somebody wanted that */
		ward->ran = ward->down = false;
}

static void take_start(struct supervisor *s, struct ward *ward, const struct outcome *o, double now)
{
	struct served *served = served_find(s->server, ward->machine);

	ward->due = 0;
	ward->failures++;
	if (!o->ok) {
		/* another run works on it: the next look says what has become of it */
		if (o->err != -EAGAIN)
			server_tell(ward->machine, "it could not be started again: %s",
				    o->error ? o->error : "failed");
		ward->failures -= o->err == -EAGAIN;
		return;
	}
	server_tell(ward->machine, "it was started again");
	seen_running(ward, now);
	ward->since = now;
	if (served)
		served_hope(served);
}

static void on_end(void *data)
{
	struct supervisor *s = data;
	struct plan *plan = s->plan;
	double now = ev_now(s->server->loop);

	for (size_t i = 0; i < plan->n && !s->ending; i++) {
		struct ward *ward = find_ward(s, plan->steps[i].machine);

		if (ward && plan->verb == VERB_STATUS)
			take_look(ward, &plan->steps[i].outcome, now);
		else if (ward)
			take_start(s, ward, &plan->steps[i].outcome, now);
	}
	runner_free(s->runner);
	s->runner = NULL;
	s->plan = NULL;
	/* those that are due are started by what follows a look */
	if (s->ending)
		server_console_over(s->server);
	else if (plan->verb != VERB_STATUS || begin(s, VERB_START, is_due))
		wait_on(s);
	plan_free(plan);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct supervisor *s = timer->data;

	(void)loop, (void)events;
	if (begin(s, VERB_STATUS, is_ward))
		wait_on(s);
}

/* --- beginning and end ----------------------------------------------------------------------- */

static size_t count_wards(struct supervisor *s, struct model *model)
{
	size_t n = 0;

	for (size_t i = 0; i < model->nmachines; i++) {
		struct machine *machine = &model->machines[i];
		char buffer[VALUE_MAX];
		const char *value = machine_value(machine, &key_restart, 0, buffer);

		if (!value || !strcmp(value, "no"))
			continue;
		if (s->wards)
			s->wards[n] = (struct ward){
				.machine = machine,
				.always = !strcmp(value, "always"),
			};
		n++;
	}
	return n;
}

static double interval_of(const struct model *model)
{
	const char *text = model_value(model, &key_interval);
	uint64_t ms;

	return text && !duration_parse(text, &ms, NULL) && ms ? (double)ms / 1000 : 1;
}

int supervise_start(struct server *server, struct fault *f)
{
	struct supervisor *s = calloc(1, sizeof(*s));
	size_t n;

	if (!s)
		return fault_no_memory(f);
	server->supervisor = s;
	s->server = server;
	ev_init(&s->timer, on_timer);
	s->timer.data = s;
	n = count_wards(s, server->model);
	if (!n)
		return 0;
	s->wards = calloc(n, sizeof(*s->wards));
	if (!s->wards)
		return fault_no_memory(f);
	s->n = count_wards(s, server->model);
	s->interval_s = interval_of(server->model);
	ev_timer_set(&s->timer, 0, 0);
	ev_timer_start(server->loop, &s->timer);
	return 0;
}

void supervise_downed(struct server *server, const struct machine *machine)
{
	struct ward *ward = server->supervisor ? find_ward(server->supervisor, machine) : NULL;

	if (!ward)
		return;
	ward->ran = ward->down = ward->told = false;
	ward->due = 0;
	ward->failures = 0;
}

bool supervise_is_busy(const struct server *server)
{
	return server->supervisor && server->supervisor->runner;
}

void supervise_end(struct server *server)
{
	struct supervisor *s = server->supervisor;

	if (!s)
		return;
	s->ending = true;
	ev_timer_stop(server->loop, &s->timer);
	if (s->runner)
		runner_cancel(s->runner, "the daemon ends");
}

void supervise_stop(struct server *server)
{
	struct supervisor *s = server->supervisor;

	if (!s)
		return;
	ev_timer_stop(server->loop, &s->timer);
	/* a runner that is still at work has not stopped in time: the program ends with it */
	free(s->wards);
	free(s);
	server->supervisor = NULL;
}
