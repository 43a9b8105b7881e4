/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Waits for a guest that is moved here: QEMU starts empty, and listens. It is on when the guest has
 * come and runs. See qemu_migrate.c for the other side.
 */
#include "qemu_task.h"
#include "qemu_command.h"
#include "qemu_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ev_tstamp look_every = 0.02;

static const char *address_of(const struct attempt *a)
{
	return a->argc > 1 ? a->argv[1] : "";
}

/* --- its QEMU --------------------------------------------------------------------------------- */

static void step_listen(struct task *task)
{
	char uri[512];
	struct fault f;
	int err = migrate_uri(address_of(task->attempt), uri, sizeof(uri), &f);

	/* QEMU ends when it cannot take what comes */
	task_watch_process(task);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_command(task, "migrate-incoming", json_pack("{s:s}", "uri", uri), NULL);
}

/* --- until it comes --------------------------------------------------------------------------- */

static void step_await_guest(struct task *task)
{
	if (task->attempt->unobserved)
		task_done(task, STATE_SENT, "it waits at %s to be moved here",
			  address_of(task->attempt));
	else if (task->run_state == RUN_INMIGRATE)
		task_wait(task, look_every, task_again);
	else
		task_next(task);
}

static void step_arrived(struct task *task)
{
	struct fault f;
	int err;

	place_remove(task->place.state, "moved");
	err = task_record(task, NULL, &f);
	task_guard(task, NULL);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_done(task, task_state(task), NULL);
}

/* --- the verb --------------------------------------------------------------------------------- */

static step_fn *const undo[] = {step_end_process, step_forget_process, NULL};
static step_fn *const wait[] = {step_ask_state, step_await_guest, step_arrived, NULL};

static void step_decide(struct task *task)
{
	char path[PATH_MAX];

	task->deed = "incoming";
	if (task_has_process(task) && task->run_state == RUN_INMIGRATE) {
		/* what an earlier run has begun */
		task_guard(task, undo);
		task_go(task, wait);
	} else if (task_has_process(task)) {
		task_done(task, task_state(task), NULL);
	} else if (task->saved) {
		task_fail(task, -EEXIST, "it has a saved state here: \"rm %s\" discards it",
			 place_path(task->place.state, "saved", path));
	} else {
		task_guard(task, undo);
		task_next(task);
	}
}

static step_fn *const steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_decide, step_program, step_accelerator,
	step_arguments, step_spawn, step_screen, step_greet, step_taps, step_listen, step_ask_state,
	step_await_guest, step_arrived, NULL,
};

void qemu_incoming(struct attempt *attempt)
{
	task_start(attempt, steps, false);
}
