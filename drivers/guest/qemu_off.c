/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Puts a guest off: by ending QEMU, or by its power button (ACPI), which its operating system has
 * to hear. Either is over when the process is gone.
 */
#include "qemu_task.h"
#include "base/crash.h"

/* One that was moved is off here. */
static void step_is_off(struct task *task)
{
	task_done(task, task->saved ? STATE_SAVED : STATE_OFF, NULL);
}

static void step_off_already(struct task *task)
{
	if (task_has_process(task))
		task_next(task);
	else
		step_is_off(task);
}

static step_fn *const off_steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_off_already, step_end_process,
	step_forget_process, step_is_off, NULL,
};

/* A monitor that hangs, or an error in the records, does not keep a guest from being ended. */
static step_fn *const kill_steps[] = {
	step_find, step_off_already, step_end_process, step_forget_process, step_is_off, NULL,
};

static void step_kill_anyway(struct task *task)
{
	task->undoing = false;
	task->guard = NULL;
	found_free(&task->found);
	json_decref(task->record);
	json_decref(task->saved);
	task->record = task->saved = NULL;
	task_go(task, kill_steps);
}

static step_fn *const off_guard[] = {step_kill_anyway, NULL};

void qemu_off(struct attempt *attempt)
{
	task_start_guarded(attempt, off_steps, off_guard);
}

/* --- by its power button ---------------------------------------------------------------------- */

static void step_press(struct task *task)
{
	switch (task->run_state) {
	case RUN_RUNNING:
		task_command(task, "system_powerdown", NULL, NULL);
		break;
	case RUN_SUSPENDED:
		task_fail(task, -EBUSY,
			  "it sleeps and does not hear its power button: \"stoker wakeup "
			  "%s\" wakes it",
			  task->attempt->machine->name);
		break;
	default:
		task_fail(task, -EBUSY,
			  "QEMU says that it is \"%s\", so that it does not hear its power "
			  "button: \"stoker resume %s\" lets it go on",
			  task->run_name, task->attempt->machine->name);
	}
}

/* The answer to the command says nothing: the process has to end. */
static void step_await_end(struct task *task)
{
	crash_point("qemu-pressed");
	task_await_end(task);
}

static step_fn *const soft_steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_off_already, step_needs_monitor, step_press,
	step_await_end, step_forget_process, step_is_off, NULL,
};

void qemu_soft(struct attempt *attempt)
{
	task_start(attempt, soft_steps, false);
}
