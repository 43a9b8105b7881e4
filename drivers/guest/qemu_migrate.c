/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moves a guest to a QEMU that waits for it on another host. Its disks must be the same there. The
 * guest goes on here until all is there and that side has said so; then it runs there, and what is
 * left here ends. Nothing of it is encrypted. Defined by: qapi/migration.json.
 */
#include "qemu_task.h"
#include "qemu_state.h"
#include "base/crash.h"
#include "engine/words.h"

#include <stdio.h>
#include <string.h>

static const ev_tstamp look_every = 0.02;

static const char *host_of(const struct attempt *a)
{
	const char *host = "";

	if (a->nwords ? migrate_parse(a->nwords, a->words, &host, NULL) :
			migrate_parse(a->argc, a->argv, &host, NULL))
		return "";
	return host;
}

static void step_decide(struct task *task)
{
	if (task->run_state == RUN_RUNNING || task->run_state == RUN_PAUSED)
		task_next(task);
	else
		task_fail(task, -EBUSY, "QEMU says that it is \"%s\": it cannot be moved so",
			 task->run_name);
}

static void step_note(struct task *task)
{
	struct fault f;
	int err = task->record ? 0 : task_record(task, NULL, &f);

	if (!err && json_object_set_new(task->record, "to", json_string(host_of(task->attempt))))
		err = fault_no_memory(&f);
	if (!err)
		err = task_note_deed(task, "migrate", &f);
	crash_point("qemu-migrate-noted");
	task_guard(task, undo_migrate);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

static void step_begin(struct task *task)
{
	char uri[512];
	struct fault f;
	int err = migrate_uri(host_of(task->attempt), uri, sizeof(uri), &f);

	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_command(task, "migrate", json_pack("{s:s}", "uri", uri), NULL);
}

static void on_switched(void *data, const json_t *value, const char *error)
{
	struct task *task = data;

	(void)value;
	crash_point("qemu-migrate-switched");
	if (error)
		task_fail(task, -EIO, "QEMU does not hand it over: %s", error);
	else
		task_wait(task, look_every, task_again);
}

/* Our word: from here on it cannot be called back any more. */
static void switch_over(struct task *task)
{
	crash_point("qemu-migrate-ready");
	task->committed = true;
	task_command(task, "migrate-continue", json_pack("{s:s}", "state", "pre-switchover"),
		     on_switched);
}

static void step_await_transfer(struct task *task)
{
	crash_point("qemu-migrate-begun");
	switch (task->transfer) {
	case TRANSFER_READY:
		switch_over(task);
		break;
	case TRANSFER_DONE:
		crash_point("qemu-migrate-done");
		/* it runs there: what is left here must go, whatever happens */
		task->committed = true;
		task_guard(task, NULL);
		task_next(task);
		break;
	case TRANSFER_FAILED:
		task_fail(task, -EIO, "it cannot be moved to %s: %s", host_of(task->attempt),
			  task->transfer_error);
		break;
	default:
		task_wait(task, look_every, task_again);
	}
}

static void step_moved(struct task *task)
{
	task_done(task, STATE_MOVED, "%llu MB, and it stood still for %llu ms",
		  (unsigned long long)(task->transferred >> 20),
		  (unsigned long long)task->downtime_ms);
}

static void step_leave(struct task *task)
{
	task_call(task, finish_migrate);
}

static step_fn *const steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_needs_monitor, step_decide, step_note,
	step_to_another, step_begin, step_ask_transfer, step_await_transfer, step_leave,
	step_moved, NULL,
};

void qemu_migrate(struct attempt *attempt)
{
	task_start(attempt, steps, false);
}
