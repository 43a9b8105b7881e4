/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Machines that exist only in memory or in a state file: to try and to test everything without
 * touching anything real. They take their time and have faults, as configured. What they do follows
 * BMCs (IPMI 2.0, section 28.3): reset, cycle and nmi are refused while a machine is off.
 */
#include "request.h"
#include "sandbox.h"
#include "store.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/driver.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FLAKY_MAX = 1000 };

static const struct driver sandbox_driver;

static const char *const kinds[FAULT_KINDS] = {
	[FAULT_FAIL] = "fail", [FAULT_HANG] = "hang", [FAULT_IGNORE] = "ignore",
	[FAULT_BLIND] = "blind", [FAULT_FLAKY] = "flaky",
};

static int unknown_kind(const char *value, const char *word, struct fault *f)
{
	struct nearest nearest = {.wanted = word};

	for (unsigned i = 1; i < FAULT_KINDS; i++)
		nearest_offer(&nearest, kinds[i]);
	return fault_set(f, EINVAL, "\"%s\": there is no fault \"%s\"%s%s%s: write fail, hang, "
			 "ignore, blind or flaky N", value, word,
			 nearest.name ? " (did you mean \"" : "", nearest.name ? nearest.name : "",
			 nearest.name ? "\"?)" : "");
}

static int read_kind(const char *value, const char *text, struct quirk *quirk, struct fault *f)
{
	char word[16];
	size_t length = strcspn(text, " ");
	const char *rest = text + length + strspn(text + length, " ");
	uint64_t times = 0;
	int err;

	if (length >= sizeof(word))
		return unknown_kind(value, text, f);
	memcpy(word, text, length);
	word[length] = '\0';
	quirk->kind = NO_FAULT;
	for (unsigned i = 1; i < FAULT_KINDS; i++) {
		if (!strcmp(word, kinds[i]))
			quirk->kind = i;
	}
	if (!quirk->kind)
		return unknown_kind(value, word, f);
	if (quirk->kind == FAULT_FLAKY) {
		err = number_parse(rest, "how often flaky fails,", 1, FLAKY_MAX, &times, f);
		if (err)
			return err;
		quirk->times = (unsigned)times;
	} else if (*rest) {
		return fault_set(f, EINVAL, "\"%s\": %s takes no \"%s\"", value, word, rest);
	}
	return 0;
}

static int unknown_verb(const char *value, const char *word, struct fault *f)
{
	struct buffer names = {0};
	int err;

	for (unsigned verb = 0; verb < verb_count(); verb++) {
		if (driver_op(&sandbox_driver, verb))
			buffer_add(&names, "%s%s", names.length ? ", " : "", verb_info(verb)->name);
	}
	err = fault_set(f, EINVAL,
			"\"%s\": there is no verb \"%s\" of simulated machines: write one "
			"of %s",
			value, word, buffer_text(&names));
	buffer_free(&names);
	return err;
}

/* "VERB:KIND" */
static int quirk_parse(const char *value, struct quirk *quirk, struct fault *f)
{
	const char *colon = strchr(value, ':');
	char verb[16];

	if (!colon)
		return fault_set(f, EINVAL, "\"%s\" is no fault of a verb: write for example "
				 "\"off:ignore\" or \"on:flaky 2\"", value);
	if ((size_t)(colon - value) >= sizeof(verb))
		return fault_set(f, EINVAL, "\"%s\": there is no such verb", value);
	memcpy(verb, value, (size_t)(colon - value));
	verb[colon - value] = '\0';
	quirk->verb = verb_find(verb);
	if (quirk->verb == VERBS || !driver_op(&sandbox_driver, quirk->verb))
		return unknown_verb(value, verb, f);
	return read_kind(value, colon + 1, quirk, f);
}

static int check_state(const char *value, struct fault *f)
{
	if (strcmp(value, "on") && strcmp(value, "off"))
		return fault_set(f, EINVAL, "\"%s\" is neither on nor off: write the state that "
				 "the machine starts with", value);
	return 0;
}

static int check_fault(const char *value, struct fault *f)
{
	struct quirk quirk;

	return quirk_parse(value, &quirk, f);
}

static int check_path(const char *value, struct fault *f)
{
	if (*value != '/')
		return fault_set(f, EINVAL, "\"%s\" is not an absolute path: write for example "
				 "/tmp/sandbox.state", value);
	return 0;
}

static const struct key key_sandbox = {
	.name = "sandbox", .type = KEY_TEXT, .check = check_state,
	.help = HELP("The machine is a simulated one; on or off: the state that it starts with."),
};
static const struct key key_delay = {
	.name = "sandbox-delay", .type = KEY_TIME, .def = "0s",
	.help = HELP("How long a simulated machine takes from a request to its effect."),
};
static const struct key key_latency = {
	.name = "sandbox-latency", .type = KEY_TIME, .def = "0s",
	.help = HELP("How long a simulated machine takes to answer a request."),
};
static const struct key key_fault = {
	.name = "sandbox-fault", .type = KEY_TEXT, .flags = KEY_LIST, .check = check_fault,
	.help = HELP("Faults of a simulated machine, each VERB:KIND. Kinds: fail (refuses), hang "
		"(never answers), ignore (accepts and does nothing), blind (does it, but cannot "
		"tell), flaky N (fails the first N times of a run)."),
};
static const struct key key_state = {
	.name = "sandbox-state",
	.type = KEY_TEXT,
	.flags = KEY_GLOBAL,
	.check = check_path,
	.help = HELP(
		"The file that keeps the states of simulated machines between runs: a line "
		"for each, \"NAME on\" or another state, with how often it has been started, its "
		"light, its boot device and its snapshots behind it (\"NAME on,boots=2,lit,pxe,"
		"always\"); \"NAME off,failed\" is one that did not go down in good order. "
		"Without it every run begins with the states that the keys `sandbox` say."),
};

static const struct key *const keys[] = {
	&key_sandbox, &key_delay, &key_latency, &key_fault, &key_state,
	/* without consoles this one ends them */
	&key_sandbox_console, NULL,
};

/* how often a state that does not come is looked at */
static const ev_tstamp poll_every = 0.2;

enum state request_state(const struct request *r)
{
	return unit_state(r->unit, ev_now(r->attempt->loop));
}

static struct attempt *request_free(struct request *r)
{
	struct attempt *attempt = r->attempt;

	ev_timer_stop(attempt->loop, &r->timer);
	attempt->data = NULL;
	unit_leave(r->unit);
	free(r);
	return attempt;
}

void request_finish(struct request *r, enum state state)
{
	bool failed = state == STATE_OFF && r->unit->failed && r->attempt->verb == VERB_STATUS;
	const char *text = state == STATE_UNKNOWN ? "the machine cannot tell its state"
			   : failed		  ? "it has ended by itself, and not in good order"
						  : NULL;

	attempt_done(request_free(r), state, text);
}

void request_fail(struct request *r, int err, const char *sentence)
{
	attempt_fail(request_free(r), err, "%s", sentence);
}

void request_refuse(struct request *r, const char *why)
{
	struct attempt *attempt = request_free(r);

	attempt_fail(attempt, -EIO, "\"%s\" refuses to be %s: %s", attempt->machine->name,
		     verb_info(attempt->verb)->participle, why);
}

static void wait_for(struct request *r, ev_tstamp seconds)
{
	struct ev_loop *loop = r->attempt->loop;

	ev_timer_stop(loop, &r->timer);
	ev_timer_set(&r->timer, seconds > 0 ? seconds : 0, 0);
	ev_timer_start(loop, &r->timer);
}

/*
 * Looks whether the state has come; if not, waits on, as one does who asks a device again and
 * again.
 */
static void observe(struct request *r)
{
	ev_tstamp rest = r->unit->changes_at - ev_now(r->attempt->loop);

	if (rest <= 0 && request_state(r) == verb_info(r->attempt->verb)->goal)
		request_finish(r, request_state(r));
	else
		wait_for(r, rest > 0 ? rest : poll_every);
}

void request_boot(struct request *r)
{
	r->unit->boots++;
	if (!r->unit->boot.always)
		r->unit->boot = (struct bootdev){0};
	unit_changed(r->unit);
}

void request_change(struct request *r, enum state to)
{
	const struct attempt *attempt = r->attempt;
	ev_tstamp delay = (ev_tstamp)machine_time_ms(attempt->machine, &key_delay) / 1000;
	enum state now = attempt->verb == VERB_CYCLE ? STATE_OFF : request_state(r);

	if (r->quirk.kind != FAULT_IGNORE && (now != to || r->unit->will != to))
		unit_change(r->unit, now, to, ev_now(attempt->loop) + delay);
	if (r->quirk.kind == FAULT_BLIND)
		request_finish(r, STATE_SENT);
	else
		observe(r);
}

static int set_boot(struct request *r, struct fault *f)
{
	struct bootdev boot;
	int err = bootdev_parse(r->attempt->nwords, r->attempt->words, &boot, f);

	if (!err)
		r->unit->boot = boot;
	return err;
}

static int set_light(struct request *r, struct fault *f)
{
	struct identify identify;
	int err = identify_parse(r->attempt->nwords, r->attempt->words, &identify, f);

	if (!err)
		r->unit->lit_until = identify.off ? 0 : identify.forever ? INFINITY :
				     ev_now(r->attempt->loop) + identify.seconds;
	return err;
}

/* What is remembered besides the power. */
static void remember(struct request *r)
{
	struct fault f;
	int err;

	if (r->quirk.kind == FAULT_IGNORE)
		err = fault_set(&f, EIO, "\"%s\" accepted it, and has not done it",
				r->attempt->machine->name);
	else
		err = r->attempt->verb == VERB_BOOTDEV ? set_boot(r, &f) : set_light(r, &f);
	if (err) {
		attempt_fail(request_free(r), err, "%s", f.text);
		return;
	}
	unit_changed(r->unit);
	request_finish(r, r->quirk.kind == FAULT_BLIND ? STATE_SENT : STATE_DONE);
}

/* As one walks the log-in of a BMC, step by step. */
static void diagnose(struct request *r)
{
	const struct bootdev *boot = &r->unit->boot;
	struct attempt *a = r->attempt;
	double now = ev_now(a->loop);

	attempt_note(a, "log-in: none is wanted");
	attempt_note(a, "identify light: %s", r->unit->lit_until <= now ? "off" :
		     isinf(r->unit->lit_until) ? "on" : "on for a time");
	if (boot->device == BOOTDEV_NONE)
		attempt_note(a, "boots: as its firmware is set up");
	else
		attempt_note(a, "boots: from %s, %s, %s", bootdev_name(boot->device),
			     boot->always ? "always" : "once", boot->efi ? "EFI" : "legacy");
	request_finish(r, r->quirk.kind == FAULT_BLIND ? STATE_UNKNOWN : request_state(r));
}

static bool is_down(enum state state)
{
	return state == STATE_OFF || state == STATE_SAVED || state == STATE_MOVED;
}

/* Why a machine in its state cannot be switched so; NULL: it can. */
static const char *obstacle(const struct request *r)
{
	enum verb verb = r->attempt->verb;
	enum state now = request_state(r);

	if (verb == VERB_ON && now == STATE_SAVED)
		return "it is saved: \"stoker restore\" brings it back; \"off\" behind its name in "
		       "the "
		       "file of sandbox-state discards what was saved";
	if ((verb == VERB_ON || verb == VERB_SOFT) && now == STATE_PAUSED)
		return "it is paused: \"stoker resume\" lets it go on";
	if ((verb == VERB_ON || verb == VERB_SOFT) && now == STATE_SUSPENDED)
		return "it sleeps: \"stoker wakeup\" ends that";
	if ((verb == VERB_RESET || verb == VERB_CYCLE || verb == VERB_NMI) && is_down(now))
		return "it is off";
	return NULL;
}

/* What changes the power reaches the machine. */
static void act_on_power(struct request *r)
{
	enum verb verb = r->attempt->verb;
	enum state now = request_state(r), goal = verb_info(verb)->goal;
	bool restarts = verb == VERB_RESET || verb == VERB_CYCLE;
	const char *why = obstacle(r);

	if (why) {
		request_refuse(r, why);
	} else if (verb == VERB_NMI) {
		request_finish(r, STATE_SENT);
	} else if (goal == STATE_OFF && now == STATE_SAVED) {
		/* off already, and what was saved is kept */
		request_finish(r, STATE_SAVED);
	} else if (!restarts && now == goal && r->unit->will == goal) {
		request_finish(r, r->quirk.kind == FAULT_BLIND ? STATE_SENT : now);
	} else {
		if (goal == STATE_ON && r->quirk.kind != FAULT_IGNORE)
			request_boot(r);
		request_change(r, goal);
	}
}

/* The request has reached the machine. */
static void act(struct request *r)
{
	enum verb verb = r->attempt->verb;

	r->acted = true;
	if (verb == VERB_STATUS)
		request_finish(r, r->quirk.kind == FAULT_BLIND ? STATE_UNKNOWN : request_state(r));
	else if (verb == VERB_DIAGNOSE)
		diagnose(r);
	else if (verb == VERB_IDENTIFY || verb == VERB_BOOTDEV)
		remember(r);
	else if (verb >= VERB_START)
		guest_act(r);
	else
		act_on_power(r);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
	struct request *r = w->data;

	(void)loop, (void)events;
	if (!r->acted && r->attempt->verb == VERB_DIAGNOSE)
		attempt_note(r->attempt, "reached: it is simulated, and answers");
	if (r->acted)
		observe(r);
	else if (r->quirk.kind == FAULT_FAIL)
		request_refuse(r, "its sandbox-fault says so");
	else if (r->quirk.kind == FAULT_FLAKY)
		request_refuse(r, "its sandbox-fault says so, for now");
	else
		act(r);
}

/* The fault that shows this time. */
static struct quirk quirk_now(const struct machine *machine, enum verb verb, struct unit *unit)
{
	size_t n = machine_values(machine, &key_fault);

	/* where nothing is saved there is nothing that could go wrong */
	if (verb == VERB_RESTORE && unit->will != STATE_SAVED)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		char buffer[VALUE_MAX];
		const char *value = machine_value(machine, &key_fault, i, buffer);
		struct quirk quirk;

		if (!value || quirk_parse(value, &quirk, NULL) || quirk.verb != verb)
			continue;
		if (quirk.kind != FAULT_FLAKY)
			return quirk;
		if (unit->failures[verb] < quirk.times) {
			unit->failures[verb]++;
			return quirk;
		}
	}
	return (struct quirk){.verb = verb, .kind = NO_FAULT};
}

static enum state first_state(const struct machine *machine)
{
	char buffer[VALUE_MAX];
	const char *value = machine_value(machine, &key_sandbox, 0, buffer);

	return value && !strcmp(value, "on") ? STATE_ON : STATE_OFF;
}

int sandbox_look(struct ev_loop *loop, const struct machine *machine, struct fault *f)
{
	return store_open(loop, model_value(machine->section->model, &key_state), f);
}

int sandbox_unit(struct ev_loop *loop, const struct machine *machine, struct unit **unit,
		 struct fault *f)
{
	int err = sandbox_look(loop, machine, f);

	if (err)
		return err;
	*unit = store_unit(machine->name, first_state(machine));
	return *unit ? 0 : fault_no_memory(f);
}

uint64_t sandbox_latency_ms(const struct machine *machine)
{
	return machine_time_ms(machine, &key_latency);
}

static void start(struct attempt *attempt)
{
	const struct machine *machine = attempt->machine;
	struct request *r = calloc(1, sizeof(*r));
	struct fault f;
	int err = r ? sandbox_unit(attempt->loop, machine, &r->unit, &f) : fault_no_memory(&f);

	if (err) {
		free(r);
		attempt_fail(attempt, err, "%s", f.text);
		return;
	}
	r->attempt = attempt;
	attempt->data = r;
	r->quirk = quirk_now(machine, attempt->verb, r->unit);
	ev_init(&r->timer, on_timer);
	r->timer.data = r;
	if (r->quirk.kind != FAULT_HANG)
		wait_for(r, (ev_tstamp)sandbox_latency_ms(machine) / 1000);
}

/* A device goes on with what it has begun; what is done to a guest by a program ends with that. */
static void take_back(const struct request *r)
{
	double now = ev_now(r->attempt->loop);

	if (r->attempt->verb >= VERB_START && r->unit->changes_at > now &&
	    r->unit->will == verb_info(r->attempt->verb)->goal)
		unit_change(r->unit, r->unit->was, r->unit->was, now);
}

static void cancel(struct attempt *attempt)
{
	struct request *r = attempt->data;

	take_back(r);
	if (r->acted)
		request_finish(r, request_state(r));
	else
		attempt_fail(request_free(r), -ECANCELED, "does not answer");
}

static int check(struct fault *f)
{
	(void)f;
	return 0;
}

static const struct verb_op ops[] = {
	{.verb = VERB_ON, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_OFF, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_SOFT, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_RESET, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_CYCLE, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_NMI, .flags = 0, .start = start},
	{.verb = VERB_STATUS, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_IDENTIFY, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_BOOTDEV, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_DIAGNOSE, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_PAUSE, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_RESUME, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_SUSPEND, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_WAKEUP, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_SAVE, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_RESTORE, .flags = OP_OBSERVES | OP_DECIDES, .start = start},
	{.verb = VERB_SNAPSHOT, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_MIGRATE, .flags = OP_OBSERVES, .start = start},
	{.verb = VERB_SYSRQ, .flags = OP_PREPARES, .start = start},
};

/* The words of migrate, snapshot and sysrq, where they stand in a ladder. */
static int check_arguments(enum verb verb, size_t argc, char *const *argv, struct fault *f)
{
	if (!argc)
		return 0;
	if (verb_info(verb)->check_words && verb >= VERB_START)
		return verb_info(verb)->check_words(argc, argv, f);
	return fault_set(f, EINVAL, "the driver sandbox takes no argument \"%s\"", argv[0]);
}

static const struct driver sandbox_driver = {
	.name = "sandbox",
	.summary = "simulated machines, to try and to test everything",
	.help = HELP(
		"Machines with the key `sandbox` exist only inside stoker. All verbs work on "
		"them and touch nothing real, those of guests too: their states are kept as those "
		"of "
		"others are. The method takes no arguments but the words of migrate, snapshot and "
		"sysrq. Where the build has consoles, they have one that echoes lines and does "
		"what "
		"`sandbox-console` says.\n"
		"\n"
		"\tsandbox-state = \"/tmp/sandbox.state\"\n"
		"\tmachine \"rack[001-400]\" {\n"
		"\t\tsandbox = \"off\"\n"
		"\t\tsandbox-delay = 3s\n"
		"\t}\n"
		"\tmachine \"bad\" {\n"
		"\t\tsandbox = \"on\"\n"
		"\t\tsandbox-fault = {\"soft:ignore\", \"off:flaky 2\"}\n"
		"\t\tsandbox-console = {\"log\", \"speed 9600\", \"fault drop 2000\"}\n"
		"\t}\n"
		"\tmachine \"vm1\" {\n"
		"\t\tsandbox = \"off\"\n"
		"\t\tstop = {\"sysrq s\", \"migrate h2 2s\", \"save 5s\", \"kill\"}\n"
		"\t\tsandbox-fault = {\"migrate:hang\", \"restore:fail\"}\n"
		"\t}\n"),
	.keys = keys,
	.ops = ops,
	.nops = sizeof(ops) / sizeof(ops[0]),
	.console = &sandbox_console,
	.needs = &key_sandbox,
	.rank = 90,
	.exclusive = true,
	.fanout = 1024,
	.check = check,
	.check_arguments = check_arguments,
	.cancel = cancel,
	.quit = store_close,
};

DRIVER(sandbox_driver);
