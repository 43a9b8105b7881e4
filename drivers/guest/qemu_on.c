/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts a guest on: the target of an installation first, then QEMU, then the guest in it. */
#include "qemu_task.h"
#include "base/crash.h"
#include "base/process.h"
#include "hardware.h"
#include "qemu_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the target of an installation ------------------------------------------------------------ */

/* A file as it was made: one that is still that holds nothing yet. */
static json_t *describe(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return NULL;
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "device", (json_int_t)st.st_dev, "inode",
			 (json_int_t)st.st_ino, "size", (json_int_t)st.st_size, "changed",
			 (json_int_t)st.st_mtim.tv_sec, "ns", (json_int_t)st.st_mtim.tv_nsec);
}

static bool is_untouched(const struct task *task, const char *path)
{
	json_t *now = describe(path), *made = NULL;
	bool is = now && !place_read(task->place.state, "target", &made, NULL) &&
		  json_equal(now, made);

	json_decref(now);
	json_decref(made);
	return is;
}

static void aside(const char *path, char text[PATH_MAX])
{
	snprintf(text, PATH_MAX, "%s.being-made", path);
}

/* Gives the new image its name, unless something has that. */
static int name_target(const struct task *task, const char *path, struct fault *f)
{
	char made[PATH_MAX];
	json_t *record;
	int err;

	aside(path, made);
	record = describe(made);
	err = record ? place_write(task->place.state, "target", record, f) :
		       fault_set(f, errno, "\"%s\": %s", made, strerror(errno));
	json_decref(record);
	crash_point("qemu-target-made");
	if (!err && link(made, path))
		err = fault_set(f, errno, "cannot make \"%s\": %s", path, strerror(errno));
	unlink(made);
	return err;
}

static void on_made(void *data, const struct process_end *end)
{
	struct task *task = data;
	struct install in;
	struct fault f;
	int err;

	task->process = NULL;
	if (end->status) {
		task_fail(task, -EIO, "qemu-img cannot make the target: %.*s",
			 (int)strcspn(end->output, "\n"), end->output);
		return;
	}
	err = qemu_install(task->attempt->machine, &in, &f);
	if (!err) {
		err = name_target(task, in.target.path, &f);
		free(in.block);
	}
	task->made_target = !err;
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

static void make_target(struct task *task, const struct install *in)
{
	char made[PATH_MAX];
	char *argv[] = {
		"qemu-img", "create", "-q", "-f", (char *)disk_format(in->target.path), made,
		(char *)in->size, NULL,
	};
	struct process_options options = {
		.argv = argv, .keep = 1024, .done = on_made, .data = task};
	struct fault f;
	int err = place_make(&task->place, &f);

	aside(in->target.path, made);
	/* what a run that was killed has left */
	unlink(made);
	if (!err)
		err = process_start(task->attempt->loop, &options, &task->process, &f);
	if (err)
		task_fail(task, err, "%s", f.text);
}

static void step_target(struct task *task)
{
	struct install in;
	struct fault f;
	int err = qemu_install(task->attempt->machine, &in, &f);

	if (err)
		task_fail(task, err, "%s", f.text);
	else if (!in.init || is_untouched(task, in.target.path))
		task_next(task);
	else if (!access(in.target.path, F_OK))
		task_fail(
			task, -EEXIST,
			"install: \"%s\" is there already and may hold something: it "
			"is not made anew. Take init out of `install` to boot \"%s\" with it as it "
			"is, take `install` out to boot from it, or remove it",
			in.target.path, in.source.path ? in.source.path : "the network");
	else
		make_target(task, &in);
	/* the steps behind this one read it themselves */
	free(in.block);
}

static void step_unmake_target(struct task *task)
{
	struct install in;

	if (task->made_target && !qemu_install(task->attempt->machine, &in, NULL)) {
		if (is_untouched(task, in.target.path))
			unlink(in.target.path);
		free(in.block);
	}
	task_next(task);
}

static void step_files(struct task *task)
{
	struct fault f;
	int err = qemu_command_check(task->attempt->machine, &f);

	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

/* --- the verb --------------------------------------------------------------------------------- */

static step_fn *const undo[] = {
	step_end_process, step_forget_process, step_unmake_target, NULL,
};

static void step_finish(struct task *task)
{
	struct fault f;
	int err = task_record(task, NULL, &f);

	crash_point("qemu-on-finished");
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_done(task, STATE_ON, NULL);
}

static step_fn *const finish[] = {step_taps, step_run, step_finish, NULL};

/* What it is now says whether it can be put on. */
static void step_decide(struct task *task)
{
	const char *name = task->attempt->machine->name;
	char path[PATH_MAX];

	if (!task_has_process(task)) {
		if (task->saved)
			task_fail(task, -EEXIST,
				  "it has a saved state: \"stoker restore %s\" brings it "
				  "back, \"rm %s\" discards it",
				  name, place_path(task->place.state, "saved", path));
		else if (place_has(task->place.state, "restoring"))
			task_fail(task, -EEXIST, "its restore was interrupted when it may have run "
				 "already: bringing it back once more could damage its disks, so "
				 "look at them; \"rm %s\" discards the saved state",
				 place_path(task->place.state, "restoring", path));
		else if (place_has(task->place.state, "moved"))
			task_fail(task, -EEXIST,
				  "it was moved to another host, and may run there: \"rm "
				  "%s\" lets it be put on here",
				  place_path(task->place.state, "moved", path));
		else
			task_next(task);
	} else if (task->run_state == RUN_PRELAUNCH) {
		/* what an earlier run has begun */
		task_guard(task, undo);
		task_go(task, finish);
	} else if (task->run_state == RUN_RUNNING || !task->qmp) {
		task_done(task, STATE_ON, NULL);
	} else if (task->run_state == RUN_SUSPENDED) {
		task_fail(task, -EBUSY, "it sleeps: \"stoker wakeup %s\" wakes it", name);
	} else if (task->run_state == RUN_INMIGRATE) {
		task_fail(task, -EBUSY, "it waits to be moved here");
	} else {
		task_fail(task, -EBUSY,
			  "QEMU says that it is \"%s\": \"stoker resume %s\" lets it go on",
			  task->run_name, name);
	}
}

static void step_guard(struct task *task)
{
	task->deed = "start";
	task_guard(task, undo);
	task_next(task);
}

static step_fn *const steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_decide, step_files, step_program, step_accelerator,
	step_arguments, step_guard, step_target, step_spawn, step_screen, step_greet, step_taps, step_run,
	step_finish, NULL,
};

void qemu_on(struct attempt *attempt)
{
	task_start(attempt, steps, false);
}
