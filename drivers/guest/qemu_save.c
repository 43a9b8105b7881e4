/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saves a guest's state to STATE/guests/NAME/state and ends it. The state is written aside, to a
 * file that has its room before the guest is stopped, and synced; it is whole when its record has
 * been written (`saved`: what is needed to restore it), and only then QEMU ends. The file is handed
 * to QEMU as a descriptor: no shell, no path, no permission of its own. Defined by:
 * qapi/migration.json.
 */
#include "qemu_task.h"
#include "qemu_state.h"
#include "base/crash.h"
#include "worker.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* what is in a state beside the memory */
static const uint64_t devices_bytes = 16 << 20;
static const ev_tstamp look_every = 0.01;

/* --- whether it can be ------------------------------------------------------------------------ */

static void step_decide(struct task *task)
{
	if (!task_has_process(task) && task->saved)
		task_done(task, STATE_SAVED, NULL);
	else if (!task_has_process(task) || !task->qmp || task->run_state == RUN_RUNNING ||
		 task->run_state == RUN_PAUSED || task->run_state == RUN_STUCK)
		task_next(task);
	else if (task->run_state == RUN_SUSPENDED)
		task_fail(task, -EBUSY,
			  "it sleeps, and would not sleep when it is restored: \"stoker "
			  "wakeup %s\" wakes it",
			  task->attempt->machine->name);
	else
		task_fail(task, -EBUSY, "QEMU says that it is \"%s\": there is nothing to save",
			 task->run_name);
}

static void print_size(uint64_t bytes, char text[32])
{
	snprintf(text, 32, "%llu MB", (unsigned long long)(bytes >> 20));
}

static int tell_no_room(const struct task *task, uint64_t bytes, struct fault *f)
{
	char wanted[32], there[32] = "too little";
	struct statvfs fs;

	print_size(bytes, wanted);
	if (!statvfs(task->place.state, &fs))
		print_size((uint64_t)fs.f_bavail * fs.f_frsize, there);
	return fault_set(f, ENOSPC, "its state may need %s, and \"%s\" has room for %s: it goes on",
			 wanted, task->place.state, there);
}

/* Takes the room that the state may need, so that saves beside this one cannot have it. */
static int reserve(const struct task *task, uint64_t bytes, struct fault *f)
{
	struct statvfs fs;

	if (!fallocate(task->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes))
		return 0;
	if (errno == ENOSPC)
		return tell_no_room(task, bytes, f);
	/* some file systems can only be looked at */
	if ((errno == EOPNOTSUPP || errno == ENOSYS) && !fstatvfs(task->fd, &fs) &&
	    (uint64_t)fs.f_bavail * fs.f_frsize < bytes)
		return tell_no_room(task, bytes, f);
	return 0;
}

static int open_state(struct task *task, uint64_t bytes, struct fault *f)
{
	char path[PATH_MAX];
	int err = place_make(&task->place, f);

	if (err)
		return err;
	place_path(task->place.state, "state.part", path);
	task->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (task->fd < 0)
		return fault_set(f, errno, "cannot make \"%s\": %s", path, strerror(errno));
	return reserve(task, bytes, f);
}

/* Memory that a guest has never touched is not written: QEMU's own touched memory bounds it. */
static void on_memory(void *data, const json_t *value, const char *error)
{
	struct task *task = data;
	uint64_t memory = (uint64_t)json_integer_value(json_object_get(value, "base-memory")) +
			  (uint64_t)json_integer_value(json_object_get(value, "plugged-memory"));
	uint64_t touched = proc_memory(&task->found.proc);
	struct fault f;
	int err;

	if (error || !memory) {
		task_fail(task, -EIO, "QEMU does not tell how much memory it has: %s",
			 error ? error : "it says none");
		return;
	}
	if (touched && touched < memory)
		memory = touched;
	err = open_state(task, memory + devices_bytes, &f);
	if (err) {
		place_remove(task->place.state, "state.part");
		task_fail(task, err, "%s", f.text);
	} else {
		task_next(task);
	}
}

static void step_room(struct task *task)
{
	task_command(task, "query-memory-size-summary", NULL, on_memory);
}

/* --- what it is ------------------------------------------------------------------------------- */

/* The machine's type with its version: another QEMU's "q35" may be another one. */
static void on_type(void *data, const json_t *value, const char *error)
{
	struct task *task = data;
	const char *type = json_string_value(value);

	if (error || !type)
		task_fail(task, -EIO, "QEMU does not tell its machine's type: %s",
			 error ? error : "it says nothing");
	else if (json_object_set_new(task->record, "type", json_string(type)) ||
		 json_object_set_new(task->record, "version", json_string(qmp_version(task->qmp))))
		task_fail(task, -ENOMEM, "out of memory");
	else
		task_next(task);
}

static void step_type(struct task *task)
{
	task_command(task, "qom-get",
		     json_pack("{s:s, s:s}", "path", "/machine", "property", "type"), on_type);
}

/* From here on a run that finds the deed undoes it, or finishes it. */
static void step_note(struct task *task)
{
	struct fault f;
	int err = task_note_deed(task, "save", &f);

	crash_point("qemu-save-noted");
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

/* --- the state -------------------------------------------------------------------------------- */

static void step_stop(struct task *task)
{
	task_command(task, "stop", NULL, NULL);
}

static void step_hand_over(struct task *task)
{
	crash_point("qemu-save-stopped");
	task_command_fd(task, "getfd", json_pack("{s:s}", "fdname", "stoker-state"), task->fd,
			NULL);
}

static void step_write(struct task *task)
{
	task_command(task, "migrate", json_pack("{s:s}", "uri", "fd:stoker-state"), NULL);
}

static void step_await_state(struct task *task)
{
	crash_point("qemu-save-writing");
	if (task->transfer == TRANSFER_DONE)
		task_next(task);
	else if (task->transfer == TRANSFER_FAILED)
		task_fail(task, -EIO, "QEMU cannot write its state: %s", task->transfer_error);
	else
		task_wait(task, look_every, task_again);
}

static int commit(struct task *task, const struct worker_result *result, struct fault *f)
{
	int err;

	if (result->err)
		return fault_set(f, result->err, "cannot write \"%s/state\": %s", task->place.state,
				 strerror(result->err));
	/* what was reserved and not needed */
	if (ftruncate(task->fd, (off_t)result->length))
		return fault_set(f, errno, "cannot write \"%s/state\": %s", task->place.state,
				 strerror(errno));
	crash_point("qemu-save-written");
	err = place_rename(task->place.state, "state.part", "state", f);
	crash_point("qemu-save-renamed");
	return err ? err : saved_write(task, result, f);
}

static void on_written(void *data, const struct worker_result *result)
{
	struct task *task = data;
	struct fault f;
	int err;

	task->worker = NULL;
	err = commit(task, result, &f);
	if (err) {
		task_fail(task, err, "%s", f.text);
		return;
	}
	crash_point("qemu-save-committed");
	/* the state is whole, and the guest may go */
	task->committed = true;
	task_guard(task, NULL);
	task_next(task);
}

static void step_sync(struct task *task)
{
	struct fault f;
	int err;

	/* QEMU could even die now */
	task->alone = true;
	err = worker_start(task->attempt->loop, task->fd, true, on_written, task, &task->worker,
			   &f);
	if (err)
		task_fail(task, err, "%s", f.text);
}

static void step_saved(struct task *task)
{
	task_done(task, STATE_SAVED, NULL);
}

static void step_guard(struct task *task)
{
	task_guard(task, undo_save);
	task_next(task);
}

static void step_file(struct task *task)
{
	struct fault f;
	int err = task->record ? 0 : task_record(task, NULL, &f);

	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

static step_fn *const steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_decide, step_needs_monitor, step_file, step_room,
	step_type, step_guard, step_note, step_stop, step_to_file, step_hand_over, step_write,
	step_ask_transfer, step_await_state, step_sync, step_end_process, step_forget_process,
	step_saved, NULL,
};

void qemu_save(struct attempt *attempt)
{
	task_start(attempt, steps, false);
}
