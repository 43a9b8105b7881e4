/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drivers and models for tests. See fakedriver.h. */
#include "test.h"
#include "fakedriver.h"
#include "fakeclock.h"
#include "base/fault.h"
#include "base/text.h"
#include "cli/context.h"
#include "engine/credential.h"
#include "engine/driver.h"
#include "engine/runner.h"
#include "model/config.h"
#include "model/key.h"
#include "model/machine.h"

#include <ev.h>
#include <errno.h>
#include <stdbool.h>

char fake_log[65536];
unsigned fake_in_flight, fake_most_in_flight;

struct fake {
	struct attempt *attempt;
	ev_timer timer;
	bool cancelled;
};

void fake_reset(void)
{
	fake_log[0] = '\0';
	fake_in_flight = fake_most_in_flight = 0;
}

static void note(const char *what, const struct attempt *a)
{
	size_t length = strlen(fake_log);
	struct buffer line = {0};

	buffer_add(&line, "%s %s %s %.1f", what, verb_info(a->verb)->name, a->machine->name,
		   fakeclock_now());
	for (size_t i = 0; i < a->nwords; i++)
		buffer_add(&line, " %s", a->words[i]);
	snprintf(fake_log + length, sizeof(fake_log) - length, "%s\n", buffer_text(&line));
	buffer_free(&line);
}

static void say_two(struct attempt *a)
{
	attempt_note(a, "it answers");
	attempt_note(a, "it knows \"%s\"", a->machine->name);
	/* said twice, told once */
	attempt_note(a, "it answers");
}

static void finish(struct fake *fake)
{
	struct attempt *a = fake->attempt;
	const char *what = a->argc ? a->argv[0] : "reach";
	enum state goal = verb_info(a->verb)->goal;

	fake_in_flight--;
	ev_timer_stop(a->loop, &fake->timer);
	if (!strcmp(what, "note") || !strcmp(what, "lines"))
		say_two(a);
	if (fake->cancelled)
		attempt_fail(a, -ECANCELED, "cancelled");
	else if (!strcmp(what, "note"))
		attempt_fail(a, -EACCES, "wrong password");
	else if (!strcmp(what, "fail"))
		attempt_fail(a, -EIO, "no luck with \"%s\"", a->machine->name);
	else if (!strcmp(what, "nothing"))
		attempt_fail(a, -ENODATA, "there is nothing to do that to");
	else if (!strcmp(what, "wrong"))
		attempt_done(a, goal == STATE_ON ? STATE_OFF : STATE_ON, NULL);
	else if (!strcmp(what, "send") || !strcmp(what, "prepare") || !strcmp(what, "lines"))
		attempt_done(a, STATE_SENT, NULL);
	else
		attempt_done(a, goal == STATE_UNKNOWN ? STATE_ON : goal, "said so");
	free(fake);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	finish(timer->data);
}

static void fake_start(struct attempt *a)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	double delay = a->argc > 1 ? atof(a->argv[1]) / 1000 : 0;
	bool hangs = a->argc && (!strcmp(a->argv[0], "hang") || !strcmp(a->argv[0], "slow"));

	note("start", a);
	if (++fake_in_flight > fake_most_in_flight)
		fake_most_in_flight = fake_in_flight;
	a->data = fake;
	fake->attempt = a;
	ev_timer_init(&fake->timer, on_timer, delay, 0);
	fake->timer.data = fake;
	if (hangs)
		return;
	if (delay > 0)
		ev_timer_start(a->loop, &fake->timer);
	else
		finish(fake);
}

static void fake_cancel(struct attempt *a)
{
	struct fake *fake = a->data;

	note("cancel", a);
	fake->cancelled = true;
	if (!strcmp(a->argv[0], "slow"))
		ev_timer_start(a->loop, &fake->timer);
	else
		finish(fake);
}

static int fake_arguments(enum verb verb, size_t argc, char *const *argv, struct fault *f)
{
	(void)verb, (void)argc, (void)argv, (void)f;
	return 0;
}

static const struct verb_op fake_ops[] = {
	{VERB_ON, OP_REPEATS, 5000, fake_start},
	{VERB_OFF, OP_OBSERVES, 0, fake_start},
	{VERB_RESET, OP_OBSERVES, 0, fake_start},
	{VERB_NMI, 0, 0, fake_start},
	{VERB_STATUS, OP_OBSERVES, 0, fake_start},
	{VERB_SOFT, OP_PREPARES, 0, fake_start},
	{VERB_IDENTIFY, OP_OBSERVES, 0, fake_start},
	{VERB_BOOTDEV, 0, 0, fake_start},
	{VERB_DIAGNOSE, OP_OBSERVES, 0, fake_start},
	{VERB_SAVE, OP_OBSERVES, 0, fake_start},
	{VERB_RESTORE, OP_OBSERVES | OP_DECIDES, 0, fake_start},
	{VERB_MIGRATE, OP_OBSERVES, 0, fake_start},
	{VERB_SYSRQ, OP_PREPARES, 0, fake_start},
};

static const struct key key_fake = {.name = "fake", .type = KEY_FLAG, .help = "Has a fake."};
static const struct key *const fake_keys[] = {
	&key_fake, &key_user, &key_password_file, &key_password_command, &key_kg_file, NULL,
};

static const struct driver fake_driver = {
	.name = "fake", .summary = "for tests", .help = "", .keys = fake_keys, .ops = fake_ops,
	.nops = sizeof(fake_ops) / sizeof(fake_ops[0]), .needs = &key_fake, .rank = 5,
	.check_arguments = fake_arguments, .cancel = fake_cancel,
};
DRIVER(fake_driver);

/* runs guests: what it is asked for, it does at once */
static void guest_start(struct attempt *a)
{
	if (a->verb == VERB_RESTORE)
		attempt_fail(a, -ENODATA, "nothing is saved");
	else
		attempt_done(a, verb_info(a->verb)->goal, NULL);
}

static const struct verb_op guest_ops[] = {
	{VERB_ON, OP_OBSERVES, 0, guest_start},
	{VERB_OFF, OP_OBSERVES, 0, guest_start},
	{VERB_RESTORE, OP_OBSERVES | OP_DECIDES, 0, guest_start},
};
static const struct key *const guest_keys[] = {&key_guest, NULL};

static const struct driver guest_driver = {
	.name = "fakeguest", .summary = "for tests", .help = "", .keys = guest_keys,
	.ops = guest_ops, .nops = sizeof(guest_ops) / sizeof(guest_ops[0]), .needs = &key_guest,
	.needs_value = "fakeguest", .rank = 50,
};
DRIVER(guest_driver);

static const struct key key_eye = {.name = "eye", .type = KEY_TIME, .help = "Seen from then on."};
static const struct key key_eye_gone = {.name = "eye-gone", .type = KEY_TIME,
					.help = "Not seen from then on."};
/* one that another driver has too */
static const struct key *const eye_keys[] = {&key_eye, &key_eye_gone, &key_user, NULL};

static void eye_start(struct attempt *a)
{
	double now_ms = fakeclock_now() * 1000;
	bool gone = machine_entry(a->machine, &key_eye_gone, NULL) != NULL;
	bool changed =
		now_ms >= (double)machine_time_ms(a->machine, gone ? &key_eye_gone : &key_eye);

	attempt_done(a, changed != gone ? STATE_ON : STATE_OFF,
		     changed != gone ? NULL : "it does not answer");
}

static const struct verb_op eye_ops[] = {{VERB_STATUS, OP_OBSERVES, 0, eye_start}};

static const struct driver eye_driver = {
	.name = "eye", .summary = "for tests", .help = "", .keys = eye_keys, .ops = eye_ops,
	.nops = 1, .needs = &key_eye, .rank = 6, .observer = true,
};
DRIVER(eye_driver);

static void fail_on_error(void *data, const char *sentence)
{
	(void)data;
	fail_msg("%s", sentence);
}

static void gather_error(void *data, const char *sentence)
{
	buffer_add(data, "%s\n", sentence);
}

struct model *model_of(const char *text)
{
	const struct config_reader reader = {model_new(), all_keys(), fail_on_error, NULL};

	assert_int_equal(config_read_text(&reader, "test", text), 0);
	return reader.model;
}

char *errors_of(const char *text)
{
	struct buffer errors = {0};
	const struct config_reader reader = {model_new(), all_keys(), gather_error, &errors};

	config_read_text(&reader, "test", text);
	model_free(reader.model);
	return buffer_take(&errors);
}

static void on_end(void *data)
{
	ev_break(data, EVBREAK_ALL);
}

double run_plan(struct model *model, struct plan *plan, const struct runner_options *options)
{
	struct runner_options own = options ? *options : (struct runner_options){0};
	struct ev_loop *loop;
	struct runner *runner;
	struct fault fault;
	double seconds;

	fakeclock_start();
	loop = ev_loop_new(EVFLAG_NOENV);
	own.no_locks = !own.wait;
	own.on_end = on_end;
	if (!own.data)
		own.data = loop;
	runner = runner_start(loop, model, plan, &own, &fault);
	assert_non_null(runner);
	ev_run(loop, 0);
	seconds = fakeclock_now();
	runner_free(runner);
	ev_loop_destroy(loop);
	fakeclock_stop();
	return seconds;
}
