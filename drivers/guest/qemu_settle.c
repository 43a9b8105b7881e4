/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run that was killed has left half done, by the deed in the record of the process:
 *
 *	start		the guest has not run yet: `on` lets it, others end it
 *	save		once the saved state has its record it is whole: QEMU ends. Before that it
 *			is none: the guest goes on, and what there is of the state is removed
 *	restore		once the saved state is marked as being restored the guest may have run: it
 *			runs, and the state is removed. Before that QEMU ends, and the state stays
 *	incoming	the guest has come in the meantime, or is still awaited
 *	migrate		it has gone as a whole: QEMU ends. What is on its way is called back, unless
 *			the other side has been given the last of it; then that comes to its end
 */
#include "qemu_task.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { WATCH_MS = 20 };

void step_clear_deed(struct task *task)
{
	struct fault f;
	int err = task_record(task, NULL, &f);

	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

/* What it was at before goes on, unless the user had stopped it before that. */
static void step_go_on(struct task *task)
{
	if (json_is_false(json_object_get(task->record, "ran")) || task->run_state == RUN_RUNNING ||
	    task->run_state == RUN_SUSPENDED || !task->qmp)
		task_next(task);
	else
		step_run(task);
}

/* --- a state on its way out ------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum transfer transfer;
} transfers[] = {
	{"none", TRANSFER_NONE},
	{"completed", TRANSFER_DONE},
	{"failed", TRANSFER_FAILED},
	{"cancelled", TRANSFER_FAILED},
	{"pre-switchover", TRANSFER_READY},
	{"device", TRANSFER_LAST},
};

static uint64_t number(const json_t *value, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(value, name));
}

static void on_transfer(void *data, const json_t *value, const char *error)
{
	struct task *task = data;
	const char *status = json_string_value(json_object_get(value, "status"));
	const char *why = json_string_value(json_object_get(value, "error-desc"));
	const json_t *ram = json_object_get(value, "ram");
	uint64_t total = number(ram, "total"), remaining = number(ram, "remaining");

	if (error) {
		task_fail(task, -EIO, "QEMU does not tell how far it is: %s", error);
		return;
	}
	task->transfer = status ? TRANSFER_ACTIVE : TRANSFER_NONE;
	for (size_t i = 0; status && i < sizeof(transfers) / sizeof(transfers[0]); i++) {
		if (!strcmp(status, transfers[i].name))
			task->transfer = transfers[i].transfer;
	}
	snprintf(task->transfer_error, sizeof(task->transfer_error), "%s",
		 why ? why : "it does not say why");
	task->transferred = number(ram, "transferred");
	task->downtime_ms = number(value, "downtime");
	/* pages of zeros are passed over, and count as done: "transferred" is without them */
	if (total && remaining <= total)
		attempt_progress(task->attempt, (unsigned)(100 * (total - remaining) / total));
	task_next(task);
}

void step_ask_transfer(struct task *task)
{
	if (task->qmp)
		task_command(task, "query-migrate", NULL, on_transfer);
	else
		task_next(task);
}

static bool is_under_way(const struct task *task)
{
	return task->transfer == TRANSFER_ACTIVE || task->transfer == TRANSFER_READY ||
	       task->transfer == TRANSFER_LAST;
}

static void step_await_stop(struct task *task)
{
	if (task->qmp && is_under_way(task))
		task_wait(task, WATCH_MS / 1000.0, task_again);
	else
		task_next(task);
}

static void on_cancelled(void *data, const json_t *value, const char *error)
{
	(void)value, (void)error;
	task_next(data);
}

/*
 * Ends a transfer that is under way. The last of a move comes to its own end: called back there,
 * the guest could run on both sides.
 */
static void step_call_back(struct task *task)
{
	if (task->qmp && is_under_way(task) && task->transfer != TRANSFER_LAST)
		task_command(task, "migrate_cancel", NULL, on_cancelled);
	else
		task_next(task);
}

static void step_drop_half(struct task *task)
{
	place_remove(task->place.state, "state.part");
	place_remove(task->place.state, "state");
	task_next(task);
}

/* QEMU lets a guest go on by itself that it had stopped for a move which failed. */
step_fn *const undo_save[] = {
	step_ask_transfer, step_call_back, step_ask_transfer, step_await_stop, step_ask_state,
	step_go_on, step_drop_half, step_clear_deed, NULL,
};

/*
 * It was too late: the guest runs elsewhere, and must not go on here. A transfer that has come to
 * its end may also be the one by which the guest came here: then it is not in this state.
 */
static void step_unless_gone(struct task *task)
{
	if (task->transfer != TRANSFER_DONE || task->run_state != RUN_POSTMIGRATE) {
		task_next(task);
		return;
	}
	fault_set(&task->fault, ECANCELED, "it was moved before that could be stopped");
	task->step = finish_migrate;
	(*task->step)(task);
}

step_fn *const undo_migrate[] = {
	step_ask_transfer, step_call_back, step_ask_transfer, step_await_stop, step_ask_state,
	step_unless_gone, step_go_on, step_clear_deed, NULL,
};

/* --- by deed ---------------------------------------------------------------------------------- */

static step_fn *const end_it[] = {step_end_process, step_forget_process, NULL};

static void settle_save(struct task *task)
{
	task_call(task, task->saved ? end_it : undo_save);
}

static void step_drop_state(struct task *task)
{
	place_remove(task->place.state, "restoring");
	place_remove(task->place.state, "state");
	task_next(task);
}

static step_fn *const finish_restore[] = {step_taps, step_go_on, step_drop_state, step_clear_deed,
					  NULL};

static void settle_restore(struct task *task)
{
	task_call(task, task->saved ? end_it : finish_restore);
}

/* The disks are the other host's now: to put it on here has to be meant. */
static void step_have_moved(struct task *task)
{
	const char *to = json_string_value(json_object_get(task->record, "to"));
	json_t *moved = json_pack("{s:s, s:I}", "to", to ? to : "", "when", (json_int_t)time(NULL));
	struct fault f;
	int err = moved ? place_write(task->place.state, "moved", moved, &f) : fault_no_memory(&f);

	json_decref(moved);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

step_fn *const finish_migrate[] = {step_have_moved, step_end_process, step_forget_process, NULL};

/* One that is still on its way is called back: nobody would hear of its end. */
static void settle_migrate(struct task *task)
{
	task_call(task, undo_migrate);
}

static step_fn *const clear[] = {step_clear_deed, NULL};

static void settle_start(struct task *task)
{
	if (task->run_state == RUN_RUNNING)
		task_call(task, clear);
	else
		task_next(task);
}

static void settle_incoming(struct task *task)
{
	if (task->run_state == RUN_RUNNING) {
		place_remove(task->place.state, "moved");
		task_call(task, clear);
	} else {
		task_next(task);
	}
}

static const struct {
	const char *deed;
	step_fn *settle;
} deeds[] = {
	{"start", settle_start}, {"save", settle_save}, {"restore", settle_restore},
	{"incoming", settle_incoming}, {"migrate", settle_migrate},
};

void step_settle(struct task *task)
{
	const char *deed = task_deed(task);

	if (!task_has_process(task)) {
		place_remove(task->place.run, "record");
		place_remove(task->place.run, "pid");
		place_remove(task->place.state, "state.part");
		if (!task->saved && !place_has(task->place.state, "restoring"))
			place_remove(task->place.state, "state");
		task_next(task);
		return;
	}
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		if (!strcmp(deed, deeds[i].deed)) {
			deeds[i].settle(task);
			return;
		}
	}
	task_next(task);
}
