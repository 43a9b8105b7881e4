/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Brings a saved guest back: QEMU starts as it was started for the guest that was saved, and takes
 * the state. Until the guest runs the state stays whole; when it is about to run the record of the
 * state is marked, since a guest that has run has other disks than the state knows.
 */
#include "qemu_task.h"
#include "qemu_state.h"
#include "base/crash.h"
#include "base/process.h"
#include "worker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const ev_tstamp look_every = 0.01;

static void step_decide(struct task *task)
{
	char path[PATH_MAX];

	if (task_has_process(task) && task->saved)
		task_fail(task, -EEXIST,
			  "it runs, and has a saved state all the same, which would take "
			  "it back: \"rm %s\" discards that",
			  place_path(task->place.state, "saved", path));
	else if (task->saved)
		task_next(task);
	else if (!task_has_process(task) && place_has(task->place.state, "restoring"))
		task_fail(
			task, -EEXIST,
			"its restore was interrupted when it may have run already: "
			"bringing it back once more could damage its disks, so look at them; \"rm "
			"%s\" discards the saved state",
			place_path(task->place.state, "restoring", path));
	else
		task_fail(task, -ENODATA, "nothing of it was saved");
}

/* --- whether it is what was saved ------------------------------------------------------------- */

static void on_checked(void *data, const struct worker_result *result)
{
	struct task *task = data;
	uint64_t length = (uint64_t)json_integer_value(json_object_get(task->saved, "length"));
	uint32_t crc = (uint32_t)json_integer_value(json_object_get(task->saved, "crc32"));

	task->worker = NULL;
	if (result->err)
		task_fail(task, -result->err, "cannot read its saved state: %s",
			  strerror(result->err));
	else if (result->length != length || result->crc != crc)
		task_fail(task, -EBADMSG,
			  "its saved state is damaged: %llu bytes with the checksum "
			  "%08x, where %llu with %08x were written",
			  (unsigned long long)result->length, result->crc,
			  (unsigned long long)length, crc);
	else
		task_next(task);
}

static void step_check(struct task *task)
{
	char path[PATH_MAX];
	struct fault f;
	int err;

	task->fd = open(place_path(task->place.state, "state", path), O_RDONLY | O_CLOEXEC);
	if (task->fd < 0) {
		task_fail(task, -errno, "its saved state cannot be read: \"%s\": %s", path,
			 strerror(errno));
		return;
	}
	err = worker_start(task->attempt->loop, task->fd, false, on_checked, task, &task->worker,
			   &f);
	if (err)
		task_fail(task, err, "%s", f.text);
}

/* --- what it is started with ------------------------------------------------------------------ */

/* "q35,smm=off" of a machine that was "pc-q35-7.2-machine". NULL without memory. */
static json_t *exact_machine(const char *text, const char *type)
{
	size_t length = strlen(type);
	const char *rest = strchr(text, ',');
	const char suffix[] = "-machine";
	json_t *word;
	char *exact;

	if (length > strlen(suffix) && !strcmp(type + length - strlen(suffix), suffix))
		length -= strlen(suffix);
	if (asprintf(&exact, "%.*s%s", (int)length, type, rest ? rest : "") < 0)
		return NULL;
	word = json_string(exact);
	free(exact);
	return word;
}

static int make_arguments(struct task *task, struct fault *f)
{
	const json_t *arguments = json_object_get(task->saved, "arguments");
	const char *type = json_string_value(json_object_get(task->saved, "type"));
	size_t n = json_array_size(arguments);

	task->arguments = json_deep_copy(arguments);
	if (!n || !task->arguments)
		return fault_set(f, EINVAL, "the record of its saved state is damaged: it names no "
				 "command line");
	for (size_t i = 0; i < n; i++) {
		const char *word = json_string_value(json_array_get(arguments, i));

		if (!word)
			return fault_set(f, EINVAL, "the record of its saved state is damaged");
		/* "-machine q35", with the version that q35 was then */
		if (type && i &&
		    !strcmp(json_string_value(json_array_get(arguments, i - 1)), "-machine") &&
		    json_array_set_new(task->arguments, i, exact_machine(word, type)))
			return fault_no_memory(f);
	}
	return 0;
}

/* A guest that was started by hand has no monitor where we look for it. */
static int need_monitors(struct task *task, struct fault *f)
{
	static const struct {
		const char *name, *mode;
	} monitors[] = {{"qmp", "control"}, {"look", "control"}};
	json_t *a = task->arguments;

	for (size_t i = 0; i < json_array_size(a); i++) {
		const char *word = json_string_value(json_array_get(a, i));

		if (!strncmp(word, "socket,id=stoker-qmp,", 21))
			return 0;
	}
	for (size_t i = 0; i < sizeof(monitors) / sizeof(monitors[0]); i++) {
		if (json_array_append_new(a, json_string("-chardev")) ||
		    json_array_append_new(
			    a, json_sprintf("socket,id=stoker-%s,path=%s/%s,server=on,"
					    "wait=off",
					    monitors[i].name, task->place.run, monitors[i].name)) ||
		    json_array_append_new(a, json_string("-mon")) ||
		    json_array_append_new(a, json_sprintf("chardev=stoker-%s,mode=%s",
							  monitors[i].name, monitors[i].mode)))
			return fault_no_memory(f);
	}
	return 0;
}

static void step_command(struct task *task)
{
	const char *program = json_string_value(json_object_get(task->saved, "program"));
	char path[PATH_MAX];
	struct fault f;
	int err = program ? process_find(program, path, sizeof(path), &f) :
			    fault_set(&f, EINVAL, "the record of its saved state is damaged");

	if (!err && !(task->program = strdup(path)))
		err = fault_no_memory(&f);
	if (!err)
		err = make_arguments(task, &f);
	if (!err)
		err = need_monitors(task, &f);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

/* --- the state -------------------------------------------------------------------------------- */

static void step_hand_over(struct task *task)
{
	crash_point("qemu-restore-started");
	/* QEMU ends when it cannot take the state */
	task_watch_process(task);
	task_command_fd(task, "getfd", json_pack("{s:s}", "fdname", "stoker-state"), task->fd,
			NULL);
}

static void step_load(struct task *task)
{
	task_command(task, "migrate-incoming", json_pack("{s:s}", "uri", "fd:stoker-state"), NULL);
}

static void step_await_state(struct task *task)
{
	if (task->run_state == RUN_INMIGRATE)
		task_wait(task, look_every, task_again);
	else
		task_next(task);
}

static void step_mark(struct task *task)
{
	struct fault f;
	int err;

	proc_watch_stop(&task->watch);
	crash_point("qemu-restore-loaded");
	err = place_rename(task->place.state, "saved", "restoring", &f);
	crash_point("qemu-restore-marked");
	if (err) {
		task_fail(task, err, "%s", f.text);
		return;
	}
	/* from here on it runs, or the next run sees to that */
	task->committed = true;
	task_guard(task, NULL);
	task_next(task);
}

static void step_finish(struct task *task)
{
	struct fault f;
	int err;

	place_remove(task->place.state, "restoring");
	place_remove(task->place.state, "state");
	crash_point("qemu-restore-dropped");
	err = task_record(task, NULL, &f);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_done(task, STATE_ON, NULL);
}

/* --- the verb --------------------------------------------------------------------------------- */

static void step_tell_kept(struct task *task)
{
	struct fault why = task->fault;
	const char *version = json_string_value(json_object_get(task->saved, "version"));

	fault_set(&task->fault, 0, "%s; the state that QEMU %s saved is kept in \"%s\"", why.text,
		  version ? version : "", task->place.state);
	task_next(task);
}

static step_fn *const undo[] = {step_end_process, step_forget_process, step_tell_kept, NULL};

static void step_guard(struct task *task)
{
	task->deed = "restore";
	task_guard(task, undo);
	task_next(task);
}

static step_fn *const steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_decide, step_guard, step_check, step_command,
	step_spawn, step_screen, step_greet, step_taps, step_hand_over, step_load, step_ask_state,
	step_await_state, step_mark, step_run, step_finish, NULL,
};

void qemu_restore(struct attempt *attempt)
{
	task_start(attempt, steps, false);
}
