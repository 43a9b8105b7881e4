/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verbs that are a command of QEMU's and a look at what became of it: pause, resume, suspend,
 * wakeup, reset, nmi, sysrq. Defined by: qapi/misc.json, qapi/machine.json, qapi/ui.json.
 */
#include "qemu_task.h"
#include "qemu_keys.h"
#include "engine/words.h"
#include "model/key.h"

#include <string.h>

/* how often a state is looked at that takes its time, s */
static const ev_tstamp look_every = 0.05;

static void step_report(struct task *task)
{
	task_done(task, task_state(task), NULL);
}

/* --- pause, resume ---------------------------------------------------------------------------- */

static void step_stop(struct task *task)
{
	if (task->run_state == RUN_PAUSED)
		task_done(task, STATE_PAUSED, NULL);
	else
		task_command(task, "stop", NULL, NULL);
}

static step_fn *const pause_steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_needs_monitor, step_stop, step_ask_state,
	step_report, NULL,
};

void qemu_pause(struct attempt *attempt)
{
	task_start(attempt, pause_steps, false);
}

static void step_continue(struct task *task)
{
	if (task->run_state == RUN_RUNNING)
		task_done(task, STATE_ON, NULL);
	else if (task->run_state == RUN_SUSPENDED)
		task_fail(task, -EBUSY,
			  "it is not paused, it sleeps: \"stoker wakeup %s\" wakes it",
			  task->attempt->machine->name);
	else if (task->run_state == RUN_INMIGRATE)
		task_fail(task, -EBUSY,
			  "it waits to be moved here: there is nothing that could go on");
	else
		task_command(task, "cont", NULL, NULL);
}

static step_fn *const resume_steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_needs_monitor, step_continue, step_ask_state,
	step_report, NULL,
};

void qemu_resume(struct attempt *attempt)
{
	task_start(attempt, resume_steps, false);
}

/* --- suspend, wakeup -------------------------------------------------------------------------- */

static void await_state(struct task *task);

static void on_state(struct task *task)
{
	bool asleep = task->run_state == RUN_SUSPENDED;

	if (asleep == (task->attempt->verb == VERB_SUSPEND))
		step_report(task);
	else
		task_wait(task, look_every, await_state);
}

static void await_state(struct task *task)
{
	task_ask_state(task, on_state);
}

/* QEMU has no word for it: the guest is asked as by its user, with the sleep key. */
static void step_press_sleep(struct task *task)
{
	if (task->run_state == RUN_SUSPENDED)
		task_done(task, STATE_SUSPENDED, NULL);
	else if (task->run_state != RUN_RUNNING)
		task_fail(task, -EBUSY, "QEMU says that it is \"%s\": it cannot be asked to sleep",
			 task->run_name);
	else
		task_command(task, "send-key",
			    json_pack("{s:[{s:s, s:s}]}", "keys", "type", "qcode", "data", "sleep"),
			    NULL);
}

static step_fn *const suspend_steps[] = {
	step_find,	  step_connect, step_settle, step_needs_monitor,
	step_press_sleep, await_state,	NULL,
};

void qemu_suspend(struct attempt *attempt)
{
	task_start(attempt, suspend_steps, false);
}

static void step_wake(struct task *task)
{
	if (task->run_state == RUN_SUSPENDED)
		task_command(task, "system_wakeup", NULL, NULL);
	else if (task->run_state == RUN_RUNNING)
		task_done(task, STATE_ON, NULL);
	else
		task_fail(task, -EBUSY, "it does not sleep: QEMU says that it is \"%s\"",
			  task->run_name);
}

static step_fn *const wakeup_steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_needs_monitor, step_wake, await_state, NULL,
};

void qemu_wakeup(struct attempt *attempt)
{
	task_start(attempt, wakeup_steps, false);
}

/* --- reset ------------------------------------------------------------------------------------ */

static void step_run_again(struct task *task)
{
	/* one that was stopped stands at its begin now */
	if (task->run_state == RUN_RUNNING)
		task_next(task);
	else
		step_run(task);
}

static void step_reset(struct task *task)
{
	task_command(task, "system_reset", NULL, NULL);
}

static step_fn *const reset_steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_needs_monitor, step_reset, step_ask_state,
	step_run_again, step_report, NULL,
};

void qemu_reset(struct attempt *attempt)
{
	task_start(attempt, reset_steps, false);
}

/* --- nmi, sysrq ------------------------------------------------------------------------------- */

static void step_interrupt(struct task *task)
{
	task_command(task, "inject-nmi", NULL, NULL);
}

static void step_sent(struct task *task)
{
	task_done(task, STATE_SENT, NULL);
}

static step_fn *const nmi_steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_needs_monitor, step_interrupt, step_sent, NULL,
};

void qemu_nmi(struct attempt *attempt)
{
	task_start(attempt, nmi_steps, false);
}

static const char *letters_of(const struct attempt *a)
{
	const char *letters;

	/* typed, or in a ladder: "qemu sysrq s" */
	if (a->nwords ? sysrq_parse(a->nwords, a->words, &letters, NULL) :
			sysrq_parse(a->argc, a->argv, &letters, NULL))
		return "";
	return letters;
}

static void press_letter(struct task *task);

static void on_pressed(void *data, const json_t *value, const char *error)
{
	struct task *task = data;
	double pause = (double)machine_time_ms(task->attempt->machine, &key_sysrq_delay) / 1000;

	(void)value;
	task->number++;
	if (error)
		task_fail(task, -EIO, "QEMU cannot press the keys: %s", error);
	else
		task_wait(task, pause,
			  letters_of(task->attempt)[task->number] ? press_letter : task_next);
}

static void press_letter(struct task *task)
{
	char key[2] = {letters_of(task->attempt)[task->number]};

	task_command(task, "send-key",
		    json_pack("{s:[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]}", "keys", "type", "qcode",
			      "data", "alt", "type", "qcode", "data", "sysrq", "type", "qcode",
			      "data", key),
		    on_pressed);
}

static step_fn *const sysrq_steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_needs_monitor, press_letter, step_sent, NULL,
};

void qemu_sysrq(struct attempt *attempt)
{
	task_start(attempt, sysrq_steps, false);
}
