/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * off, soft, stop, reset, pause and resume: how emulators come to their end, and what is near it.
 */
#include "base/crash.h"
#include "base/fault.h"
#include "base/keeper/keeper.h"
#include "base/process.h"
#include "emulator_job.h"
#include "engine/environment.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_KEPT = 4096, HEARD_MAX = 4096 };

/* How long the prompt is waited for, before it is tried by other means, and how often. */
static const ev_tstamp prompt_wait = 0.5;

/* --- signals --------------------------------------------------------------------------------- */

/* true: it is on its way. */
static bool send_signal(struct emulator_job *job, int number)
{
	const struct proc *proc = &job->found.proc;
	int err = proc_signal(proc, number);

	/* one that is gone by now was to go */
	if (!err || err == -ESRCH)
		return true;
	if (err == -EPERM)
		emulator_job_fail(job, err, "process %ld is another user's: run as that user, or "
				  "as root", (long)proc->pid);
	else
		emulator_job_fail(job, err, "process %ld cannot be sent a signal: %s",
				  (long)proc->pid, strerror(-err));
	return false;
}

/* However it has ended, that was meant. */
static void is_off(struct emulator_job *job)
{
	struct fault f;
	int err = keeper_end_was_meant(job->emulator.run, job->emulator.state, &f);

	if (err)
		attempt_note(job->attempt, "%s", f.text);
	emulator_job_done(job, STATE_OFF, NULL);
}

void emulator_job_kill(struct emulator_job *job, void (*gone)(struct emulator_job *job))
{
	crash_point("emulator-before-kill");
	if (!send_signal(job, SIGKILL))
		return;
	crash_point("emulator-killed");
	emulator_job_await_gone(job, gone);
}

void emulator_off(struct attempt *a)
{
	struct emulator_job *job = emulator_job_new(a);

	if (job && job->found.proc.pid)
		emulator_job_kill(job, is_off);
	else if (job)
		emulator_job_await_gone(job, is_off);
}

static void start_again(struct emulator_job *job)
{
	job->found = (struct emulator_found){0};
	emulator_job_begin(job);
}

void emulator_reset(struct attempt *a)
{
	struct emulator_job *job = emulator_job_new(a);

	if (job && job->found.proc.pid)
		emulator_job_kill(job, start_again);
	else if (job)
		emulator_job_fail(job, -EINVAL, "it is off: only what runs can be reset");
}

static bool is_stopped(struct emulator_job *job)
{
	return proc_look(&job->found.proc) != PROC_RUNS;
}

static bool is_running(struct emulator_job *job)
{
	return proc_look(&job->found.proc) != PROC_STOPPED;
}

/* What it has come to, which may be its end. */
static void tell_state(struct emulator_job *job)
{
	enum proc_state state = proc_look(&job->found.proc);

	emulator_job_done(job, state == PROC_GONE ? STATE_OFF :
			  state == PROC_STOPPED ? STATE_PAUSED : STATE_ON, NULL);
}

static void stop_or_go_on(struct attempt *a, int number, bool (*is_there)(struct emulator_job *))
{
	struct emulator_job *job = emulator_job_new(a);

	if (job && !job->found.proc.pid)
		emulator_job_done(job, STATE_OFF, NULL);
	else if (job && send_signal(job, number))
		emulator_job_await(job, is_there, tell_state);
}

void emulator_pause(struct attempt *a)
{
	stop_or_go_on(a, SIGSTOP, is_stopped);
}

void emulator_resume(struct attempt *a)
{
	stop_or_go_on(a, SIGCONT, is_running);
}

/* --- by a script ----------------------------------------------------------------------------- */

/* The last line that is not empty. */
static const char *last_line(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(" \t\r\n", text[length - 1]))
		text[--length] = '\0';
	return strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text;
}

static void on_script_end(void *data, const struct process_end *end)
{
	struct emulator_job *job = data;
	char *output = strdup(end->output);
	const char *line = output ? last_line(output) : "";

	job->script = NULL;
	crash_point("emulator-script-ended");
	if (job->cancelled)
		emulator_job_fail(job, -ECANCELED, "its stop script did not end in time and was "
				  "stopped");
	else if (end->signal)
		emulator_job_fail(job, -EIO, "its stop script was ended by signal %d (%s)%s%.250s",
				  end->signal, strsignal(end->signal), *line ? ": " : "", line);
	else if (end->status)
		emulator_job_fail(job, -EIO, "its stop script exited with status %d: %.250s",
				  end->status, *line ? line : "it said nothing");
	else
		emulator_job_await_gone(job, is_off);
	free(output);
}

static int run_script(struct emulator_job *job, char *const *argv, struct fault *f)
{
	char **environment = environment_make(job->emulator.machine, "soft");
	const struct process_options options = {
		.argv = argv, .environment = environment, .keep = OUTPUT_KEPT,
		.done = on_script_end, .data = job,
	};
	int err;

	if (!environment)
		return fault_no_memory(f);
	err = process_start(job->attempt->loop, &options, &job->script, f);
	free(environment);
	return err;
}

/* --- by a command at its prompt -------------------------------------------------------------- */

static const char *escape_of(const struct emulator *e, char buffer[VALUE_MAX])
{
	const char *text = machine_value(e->machine, &key_emulator_escape, 0, buffer);

	if (!text)
		return e->kind->escape;
	if (!strcmp(text, "none"))
		return NULL;
	if (*text != '^')
		return text;
	buffer[0] = (char)(text[1] & 31);
	buffer[1] = '\0';
	return buffer;
}

static const char *prompt_of(const struct emulator *e, char buffer[VALUE_MAX])
{
	const char *text = machine_value(e->machine, &key_emulator_prompt, 0, buffer);

	return text ? text : e->kind->prompt;
}

static void put(struct emulator_job *job, const char *text)
{
	/* a terminal that takes nothing is one of a machine that hangs: its time will be up */
	stream_write(&job->terminal, text, strlen(text));
}

static void give_command(struct emulator_job *job)
{
	ev_timer_stop(job->attempt->loop, &job->typing);
	put(job, job->command);
	put(job, "\r");
	crash_point("emulator-command-given");
	free(job->command);
	job->command = NULL;
	emulator_job_await_gone(job, is_off);
}

/*
 * The escape key leads from the running machine to the prompt. Where that is the case already, it
 * is a letter of a command that does not exist, which a return ends, with a new prompt.
 */
static void on_typing(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct emulator_job *job = timer->data;
	char buffer[VALUE_MAX];
	const char *escape = escape_of(&job->emulator, buffer);

	(void)loop, (void)events;
	put(job, job->tries++ % 2 || !escape ? "\r" : escape);
}

static void on_terminal(void *data, const unsigned char *bytes, size_t length)
{
	struct emulator_job *job = data;
	char buffer[VALUE_MAX];
	const char *prompt = prompt_of(&job->emulator, buffer);

	if (!job->command || !prompt)
		return;
	if (job->heard.length > HEARD_MAX)
		buffer_free(&job->heard), job->heard = (struct buffer){0};
	/* NULs would hide what is behind them */
	for (size_t i = 0; i < length; i++) {
		if (bytes[i])
			buffer_add_bytes(&job->heard, bytes + i, 1);
	}
	if (strstr(buffer_text(&job->heard), prompt))
		give_command(job);
}

/* Its keeper has closed it: it is about to end, or was killed. */
static void on_terminal_end(void *data, int err)
{
	struct emulator_job *job = data;

	(void)err;
	ev_timer_stop(job->attempt->loop, &job->typing);
	if (job->command && proc_look(&job->found.proc) != PROC_GONE)
		emulator_job_fail(job, -EPIPE, "the line to its prompt was lost: its keeper "
				  "was ended");
	else if (job->command)
		emulator_job_await_gone(job, is_off);
}

static void type_command(struct emulator_job *job)
{
	static const struct stream_events events = {.data = on_terminal, .end = on_terminal_end};
	int fd = keeper_connect(job->emulator.run, KEEPER_TERMINAL);
	char buffer[VALUE_MAX];

	if (fd < 0) {
		emulator_job_fail(job, fd, "there is no way to its prompt: %s", strerror(-fd));
		return;
	}
	stream_start(&job->terminal, job->attempt->loop, fd, &events, job);
	if (!prompt_of(&job->emulator, buffer)) {
		const char *escape = escape_of(&job->emulator, buffer);

		if (escape)
			put(job, escape);
		give_command(job);
		return;
	}
	ev_timer_init(&job->typing, on_typing, 0, prompt_wait);
	ev_timer_start(job->attempt->loop, &job->typing);
}

static void command(struct emulator_job *job, size_t n, char *const *words)
{
	struct buffer text = {0};

	for (size_t i = 0; i < n; i++)
		buffer_add(&text, "%s%s", i ? " " : "", words[i]);
	job->command = buffer_take(&text);
	if (!job->command)
		emulator_job_fail(job, -ENOMEM, "out of memory");
	else if (!job->found.ours)
		emulator_job_fail(job, -ENOTCONN, "process %ld was started by hand: its prompt is "
				  "where that was done", (long)job->found.proc.pid);
	else if (emulator_job_wants_keeper(job))
		emulator_job_keep(job, type_command);
	else
		type_command(job);
}

/* --- soft and stop --------------------------------------------------------------------------- */

/* The method's arguments, else the key, else what is known of it. words: to be freed. */
static int find_way(const struct emulator_job *job, struct emulator_stop *stop, struct fault *f)
{
	const struct attempt *a = job->attempt;
	char buffer[VALUE_MAX];
	const char *text = machine_value(a->machine, &key_emulator_stop, 0, buffer);
	char **words = NULL;
	size_t n;
	int err;

	*stop = (struct emulator_stop){0};
	if (!text)
		text = job->emulator.kind->stop;
	if (!a->argc && !text)
		return 0;
	if (a->argc) {
		words = calloc(a->argc + 1, sizeof(*words));
		if (!words)
			return fault_no_memory(f);
		n = a->argc;
		memcpy(words, a->argv, n * sizeof(*words));
	} else {
		err = words_split(text, &words, &n, f);
		if (err)
			return err;
	}
	err = emulator_stop_parse(n, words, stop, f);
	stop->words = words;
	stop->n = n;
	return err;
}

static void stop_by(struct emulator_job *job, const struct emulator_stop *stop)
{
	struct fault f;
	int err;

	crash_point("emulator-before-stop");
	switch (stop->way) {
	case WAY_SCRIPT:
		err = run_script(job, stop->words + 1, &f);
		if (err)
			emulator_job_fail(job, err, "%s", f.text);
		break;
	case WAY_COMMAND:
		command(job, stop->n - 1, stop->words + 1);
		break;
	case WAY_SIGNAL:
		if (send_signal(job, stop->signal))
			emulator_job_await_gone(job, is_off);
		break;
	case WAY_NONE:
		emulator_job_fail(job, -ENODATA, "nothing is known that lets it stop: set "
				  "emulator-stop = \"script /PATH\", or kill it");
	}
}

static void soft(struct attempt *a, bool may_kill)
{
	struct emulator_job *job = emulator_job_new(a);
	struct emulator_stop stop;
	struct fault f;
	int err;

	if (!job)
		return;
	if (!job->found.proc.pid) {
		emulator_job_await_gone(job, is_off);
		return;
	}
	err = find_way(job, &stop, &f);
	if (err)
		emulator_job_fail(job, err, "%s", f.text);
	else if (stop.way == WAY_NONE && may_kill && job->emulator.kind->stop_kills)
		emulator_job_kill(job, is_off);
	/* a script need not ask the machine: it may kill what is paused, or let it go on */
	else if (job->found.stopped && stop.way == WAY_COMMAND)
		emulator_job_fail(job, -EAGAIN, "it is paused and hears nothing: resume lets it "
				  "go on");
	else
		stop_by(job, &stop);
	free(stop.words);
}

void emulator_soft(struct attempt *a)
{
	soft(a, false);
}

void emulator_stop(struct attempt *a)
{
	soft(a, true);
}
