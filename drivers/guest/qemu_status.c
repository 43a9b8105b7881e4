/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest's state is, and why it is as it is: status, diagnose. Both only look. */
#include "qemu_task.h"
#include "qemu_screen.h"
#include "base/process.h"
#include "hardware.h"
#include "hmp.h"
#include "qemu_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its log is often empty: who is killed says nothing. */
static void describe_end(const struct task *task, char *text, size_t size)
{
	char words[300];

	task_last_words(task, words, sizeof(words));
	snprintf(text, size, "it ended without being asked to: QEMU was killed or crashed%s%s",
		 *words ? "; the last that it said: " : "", words);
}

/* A text for states that are not what they look like. */
static const char *remark(const struct task *task, char *text, size_t size)
{
	const char *deed = task_deed(task);

	*text = '\0';
	if (!task_has_process(task)) {
		if (place_has(task->place.state, "restoring"))
			snprintf(text, size, "its restore was interrupted");
		else if (task->left_behind && task_state(task) == STATE_OFF)
			describe_end(task, text, size);
	} else if (task->run_state == RUN_NOT) {
		snprintf(text, size, "process %ld runs; %s", (long)task->found.proc.pid,
			 *task->found.look ? task->fault.text
					   : "it has no monitor that we could ask");
	} else if (task->run_state == RUN_STUCK) {
		snprintf(text, size, "stopped by QEMU: %s", task->run_name);
	} else if (task->run_state == RUN_SHUTDOWN) {
		snprintf(text, size, "shut down, and its process stays");
	} else if (task->run_state == RUN_INMIGRATE && !strcmp(deed, "incoming")) {
		snprintf(text, size, "waits to be moved here");
	} else if (!strcmp(deed, "start") && task->run_state != RUN_RUNNING) {
		snprintf(text, size, "its start has not come to its end");
	} else if (*deed && strcmp(deed, "start") && strcmp(deed, "incoming")) {
		snprintf(text, size, "its %s has not come to its end", deed);
	}
	return text;
}

static void step_tell(struct task *task)
{
	char text[FAULT_TEXT_MAX + 64];

	remark(task, text, sizeof(text));
	task_done(task, task_state(task), *text ? "%s" : NULL, text);
}

/* how long QEMU may take to answer what is asked most often, s; then it is asked by QMP */
static const ev_tstamp glance_limit = 2;

static void glance_over(void *data, const char *state)
{
	struct task *task = data;

	task->hmp = NULL;
	task_stop_waiting(task);
	if (!state) {
		task_next(task);
		return;
	}
	task_take_state(task, state);
	step_tell(task);
}

static void glance_too_long(struct task *task)
{
	hmp_close(task->hmp);
	glance_over(task, NULL);
}

/* Asks in the way that costs least, of those that we started; where that fails, what follows asks. */
static void step_glance(struct task *task)
{
	char path[PATH_MAX];

	if (!task_has_process(task) || task->found.by_hand ||
	    hmp_ask_state(task->attempt->loop, place_path(task->place.run, "status", path),
			  glance_over, task, &task->hmp))
		task_next(task);
	else
		task_wait(task, glance_limit, glance_too_long);
}

static step_fn *const status_steps[] = {
	step_find, step_keep_screen, step_glance, step_connect, step_tell, NULL,
};

void qemu_status(struct attempt *attempt)
{
	task_start(attempt, status_steps, true);
}

/* --- diagnose --------------------------------------------------------------------------------- */

static void step_tell_process(struct task *task)
{
	char text[FAULT_TEXT_MAX + 64];

	if (!task_has_process(task))
		attempt_note(task->attempt, "process: none");
	else
		attempt_note(task->attempt, "process: %ld, %s%s%s", (long)task->found.proc.pid,
			     task->found.by_hand ? "started by hand" : "started by us",
			     task->qmp ? ", its monitor answers: " : "",
			     task->qmp ? task->run_name : "");
	if (*remark(task, text, sizeof(text)))
		attempt_note(task->attempt, "state: %s", text);
	if (task->saved)
		attempt_note(task->attempt, "saved: %s/state, by QEMU %s", task->place.state,
			     json_string_value(json_object_get(task->saved, "version")));
	task_next(task);
}

static void on_vnc(void *data, const json_t *value, const char *error)
{
	struct task *task = data;
	const char *host = json_string_value(json_object_get(value, "host"));
	const char *service = json_string_value(json_object_get(value, "service"));
	/* a socket's path has no service, and an IPv6 address colons of its own */
	bool six = host && service && *service && strchr(host, ':');

	(void)error;
	/* `stoker console --viewer vnc` reads this line */
	if (host && service)
		attempt_note(task->attempt, "screen: VNC at %s%s%s%s%s", six ? "[" : "", host,
			     six ? "]" : "", *service ? ":" : "", service);
	task_next(task);
}

static void step_tell_screen(struct task *task)
{
	if (place_has(task->place.run, SCREEN_FOLDER))
		attempt_note(task->attempt, "screen: in letters, by the console \"qemu screen\"");
	if (task->qmp)
		task_command(task, "query-vnc", NULL, on_vnc);
	else
		task_next(task);
}

static void step_tell_files(struct task *task)
{
	const struct machine *machine = task->attempt->machine;
	char text[VALUE_MAX], path[PATH_MAX];
	struct fault f;

	if (process_find(machine_value(machine, &key_qemu_program, 0, text), path, sizeof(path),
			 &f)) {
		attempt_note(task->attempt, "program: %s", f.text);
		task_done(task, task_state(task), NULL);
		return;
	}
	task->program = strdup(path);
	if (!task->program) {
		task_fail(task, -ENOMEM, "out of memory");
		return;
	}
	if (qemu_command_check(machine, &f))
		attempt_note(task->attempt, "missing: %s", f.text);
	else
		attempt_note(task->attempt, "files: all are there");
	task_next(task);
}

static void on_version(void *data, const struct process_end *end)
{
	struct task *task = data;

	task->process = NULL;
	attempt_note(task->attempt, "program: %s: %.*s", task->program,
		     (int)strcspn(end->output, "\n"), end->output);
	task_next(task);
}

static void step_tell_version(struct task *task)
{
	char *argv[] = {task->program, "--version", NULL};
	struct process_options options = {
		.argv = argv, .path = task->program, .keep = 1024, .done = on_version, .data = task,
	};
	struct fault f;
	int err = process_start(task->attempt->loop, &options, &task->process, &f);

	if (err)
		task_fail(task, err, "%s", f.text);
}

static void step_tell_command(struct task *task)
{
	struct fault f;
	char *line;

	attempt_note(task->attempt, "accelerator: %s", task->accelerator);
	if (qemu_command(task->attempt->machine, task->place.run, task->accelerator,
			 &task->arguments, &f)) {
		attempt_note(task->attempt, "command: %s", f.text);
	} else {
		line = qemu_command_text(task->program, task->arguments);
		/* longer than a sentence: it is the text of the whole */
		task_done(task, task_state(task), "command: %s", line ? line : "out of memory");
		free(line);
		return;
	}
	task_done(task, task_state(task), NULL);
}

static step_fn *const diagnose_steps[] = {
	step_find, step_keep_screen, step_connect, step_tell_process, step_tell_screen, step_tell_files,
	step_tell_version, step_accelerator, step_tell_command, NULL,
};

void qemu_diagnose(struct attempt *attempt)
{
	task_start(attempt, diagnose_steps, true);
}
