/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The course of a task, and the steps that most verbs begin with. See qemu_task.h. */
#include "qemu_task.h"
#include "qemu_screen.h"
#include "base/process.h"
#include "hmp.h"
#include "worker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct task *tasks;

/* how often a monitor is tried that is not there yet, s; how long one may take to say hello */
static const ev_tstamp try_every = 0.001, hello_limit = 5, undo_limit = 5;
/* how long a monitor may not be there of a process that another run may just have started, s */
static const ev_tstamp monitor_limit = 2;

/* --- the course ------------------------------------------------------------------------------- */

void task_stop_waiting(struct task *task)
{
	ev_timer_stop(task->attempt->loop, &task->timer);
	task->on_timer = NULL;
	proc_watch_stop(&task->watch);
	if (task->qmp)
		qmp_forget(task->qmp);
	task->on_event = NULL;
	task->on_ready = NULL;
	if (task->process)
		process_drop(task->process);
	task->process = NULL;
	qemu_probe_forget(task);
	hmp_close(task->hmp);
	task->hmp = NULL;
	worker_drop(task->worker);
	task->worker = NULL;
	qemu_screen_close(task);
}

static void task_free(struct task *task)
{
	task_stop_waiting(task);
	*(task->previous ? &task->previous->next : &tasks) = task->next;
	if (task->next)
		task->next->previous = task->previous;
	qmp_close(task->qmp);
	if (task->fd >= 0)
		close(task->fd);
	found_free(&task->found);
	place_close(&task->place);
	json_decref(task->record);
	json_decref(task->saved);
	json_decref(task->arguments);
	free(task->program);
	free(task);
}

void tasks_quit(void)
{
	while (tasks)
		task_free(tasks);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct task *task = timer->data;
	void (*then)(struct task *task) = task->on_timer;

	(void)loop, (void)revents;
	task->on_timer = NULL;
	if (then)
		then(task);
}

void task_wait(struct task *task, double seconds, void (*then)(struct task *task))
{
	struct ev_loop *loop = task->attempt->loop;

	ev_timer_stop(loop, &task->timer);
	ev_timer_set(&task->timer, seconds, 0);
	ev_timer_start(loop, &task->timer);
	task->on_timer = then;
}

static void start(struct attempt *attempt, step_fn *const *steps, step_fn *const *guard, bool looks)
{
	struct task *task = calloc(1, sizeof(*task));
	struct fault f;
	int err;

	if (!task) {
		attempt_fail(attempt, -ENOMEM, "out of memory");
		return;
	}
	task->attempt = attempt;
	task->fd = -1;
	task->looks = looks;
	task->step = steps;
	task->guard = guard;
	ev_init(&task->timer, on_timer);
	ev_init(&task->reported, NULL);
	task->timer.data = task;
	task->next = tasks;
	if (tasks)
		tasks->previous = task;
	tasks = task;
	attempt->data = task;
	err = place_open(&task->place, attempt->machine, &f);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		(*task->step)(task);
}

void task_start(struct attempt *attempt, step_fn *const *steps, bool looks)
{
	start(attempt, steps, NULL, looks);
}

void task_start_guarded(struct attempt *attempt, step_fn *const *steps, step_fn *const *guard)
{
	start(attempt, steps, guard, false);
}

static void end_failed(struct task *task)
{
	struct attempt *attempt = task->attempt;
	struct fault f = task->fault;
	int err = task->err;

	task_free(task);
	attempt->data = NULL;
	attempt_fail(attempt, err, "%s", f.text);
}

void task_next(struct task *task)
{
	task->step++;
	if (!*task->step && task->back) {
		task->step = task->back + 1;
		task->back = NULL;
	}
	if (*task->step)
		(*task->step)(task);
	else
		end_failed(task);
}

void task_again(struct task *task)
{
	task->step--;
	(*task->step)(task);
}

void task_go(struct task *task, step_fn *const *steps)
{
	task->back = NULL;
	task->step = steps;
	(*task->step)(task);
}

void task_call(struct task *task, step_fn *const *steps)
{
	task->back = task->step;
	task->step = steps;
	(*task->step)(task);
}

void task_guard(struct task *task, step_fn *const *steps)
{
	task->guard = steps;
}

void task_done(struct task *task, enum state state, const char *format, ...)
{
	struct attempt *attempt = task->attempt;
	char *text = NULL;
	va_list args;

	if (format) {
		va_start(args, format);
		if (vasprintf(&text, format, args) < 0)
			text = NULL;
		va_end(args);
	}
	task_free(task);
	attempt->data = NULL;
	attempt_done(attempt, state, text);
	free(text);
}

void task_fail(struct task *task, int err, const char *format, ...)
{
	struct fault f;
	va_list args;

	/* the sentence may be about what is given back now */
	va_start(args, format);
	fault_vset(&f, -err, format, args);
	va_end(args);
	task_stop_waiting(task);
	if (task->undoing) {
		/* what cannot be undone does not keep the rest from it; the first is told */
		task_next(task);
		return;
	}
	task->err = err;
	task->fault = f;
	task->undoing = true;
	task->alone = true;
	if (task->guard)
		task_go(task, task->guard);
	else
		end_failed(task);
}

void task_cancel(struct attempt *attempt)
{
	struct task *task = attempt->data;

	if (task && !task->committed && !task->undoing)
		task_fail(task, -ECANCELED, "it took too long, and was given up");
}

/* --- the monitor ------------------------------------------------------------------------------ */

static void on_ready(void *data)
{
	struct task *task = data;
	void (*then)(struct task *task) = task->on_ready;
	pid_t peer = task->looks ? 0 : qmp_peer(task->qmp);

	task_stop_waiting(task);
	if (peer && peer != task->found.proc.pid)
		task_fail(task, -EEXIST,
			  "its monitor belongs to process %ld, not to %ld: it is left "
			  "alone",
			  (long)peer, (long)task->found.proc.pid);
	else if (then)
		then(task);
}

static void on_event(void *data, const char *name, const json_t *value)
{
	struct task *task = data;

	if (task->on_event)
		task->on_event(task, name, value);
}

/* A line of QEMU's without what it begins with, "qemu-system-x86_64: ". */
static const char *plain_line(const char *line)
{
	const char *colon = strstr(line, ": ");

	return !strncmp(line, "qemu", 4) && colon ? colon + 2 : line;
}

const char *task_last_words(const struct task *task, char *text, size_t size)
{
	char path[PATH_MAX], bytes[1024], *line, *rest = bytes;
	FILE *log = fopen(place_path(task->place.state, "log", path), "re");
	struct buffer b = {0};
	size_t n = 0;
	bool cut;

	*text = '\0';
	if (!log)
		return text;
	cut = !fseek(log, -(long)size, SEEK_END);
	if (!cut)
		rewind(log);
	n = fread(bytes, 1, size < sizeof(bytes) ? size : sizeof(bytes) - 1, log);
	fclose(log);
	bytes[n] = '\0';
	/* the first line is not whole then */
	if (cut && strchr(rest, '\n'))
		rest = strchr(rest, '\n');
	while ((line = strsep(&rest, "\r\n"))) {
		if (*line)
			buffer_add(&b, "%s%s", b.length ? "; " : "", plain_line(line));
	}
	snprintf(text, size, "%s", buffer_text(&b));
	buffer_free(&b);
	return text;
}

/* Without its monitor a looker still knows that it runs, and why no more. */
static void no_monitor(struct task *task, int err, const char *sentence)
{
	char words[300];

	if (task->looks && proc_lives(&task->found.proc)) {
		task_stop_waiting(task);
		task->run_state = RUN_NOT;
		fault_set(&task->fault, -err, "%s", sentence);
		task_next(task);
		return;
	}
	/* it has ended while we talked */
	if (!task->looks && !task->found.by_hand && !proc_lives(&task->found.proc) &&
	    *task_last_words(task, words, sizeof(words)))
		task_fail(task, -EIO, "QEMU has ended: %s", words);
	else
		task_fail(task, err, "%s", sentence);
}

static void on_lost(void *data, const char *sentence)
{
	struct task *task = data;

	task->qmp = NULL;
	/* in a moment the watch tells more, or nobody needs it any more */
	if (task->watch.running || (task->alone && !task->undoing))
		return;
	no_monitor(task, -EPIPE, sentence);
}

static const struct qmp_events qmp_events = {.ready = on_ready, .event = on_event, .lost = on_lost};

static void on_silence(struct task *task)
{
	qmp_close(task->qmp);
	task->qmp = NULL;
	no_monitor(task, -ETIME, "its monitor does not answer: another program may be connected to "
		   "it, or it hangs");
}

static void try_to_connect(struct task *task)
{
	const char *path = task->looks ? task->found.look : task->found.qmp;
	struct fault f;
	int err = qmp_open(task->attempt->loop, path, &qmp_events, task, &task->qmp, &f);

	if (!err && !task->starting)
		task_wait(task, hello_limit, on_silence);
	else if ((err == -ENOENT || err == -ECONNREFUSED) &&
		 (task->starting || (ev_now(task->attempt->loop) < task->connect_until &&
				     proc_lives(&task->found.proc))))
		task_wait(task, try_every, try_to_connect);
	else if (err)
		no_monitor(task, err, f.text);
}

static void ended_early(void *data)
{
	struct task *task = data;
	char words[300];

	task_last_words(task, words, sizeof(words));
	task_fail(task, -EIO, "QEMU has ended: %s", *words ? words : "it does not say why");
}

void task_watch_process(struct task *task)
{
	proc_watch_start(&task->watch, task->attempt->loop, &task->found.proc, ended_early, task);
}

void task_connect(struct task *task, void (*ready)(struct task *task))
{
	task->on_ready = ready;
	task->connect_until = ev_now(task->attempt->loop) + monitor_limit;
	if (task->starting)
		task_watch_process(task);
	try_to_connect(task);
}

static void reply_next(void *data, const json_t *value, const char *error)
{
	struct task *task = data;

	(void)value;
	if (error)
		task_fail(task, -EIO, "QEMU refuses: %s", error);
	else
		task_next(task);
}

static void on_reply(void *data, const json_t *value, const char *error)
{
	struct task *task = data;
	qmp_reply_fn *reply = task->on_reply;

	if (task->undoing)
		ev_timer_stop(task->attempt->loop, &task->timer);
	reply(task, value, error);
}

void task_command_fd(struct task *task, const char *command, json_t *arguments, int fd,
		    qmp_reply_fn *reply)
{
	int err;

	if (!task->qmp) {
		json_decref(arguments);
		task_fail(task, -EPIPE, "QEMU has closed its monitor");
		return;
	}
	task->on_reply = reply ? reply : reply_next;
	err = qmp_send_fd(task->qmp, command, arguments, fd, on_reply);
	if (err)
		task_fail(task, err, "cannot ask QEMU for \"%s\": %s", command, strerror(-err));
	else if (task->undoing)
		task_wait(task, undo_limit, task_next);
}

void task_command(struct task *task, const char *command, json_t *arguments, qmp_reply_fn *reply)
{
	task_command_fd(task, command, arguments, -1, reply);
}

static void on_gone(void *data)
{
	task_next(data);
}

void task_await_end(struct task *task)
{
	task->alone = true;
	proc_watch_start(&task->watch, task->attempt->loop, &task->found.proc, on_gone, task);
}

/* --- its state -------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum run_state state;
} run_states[] = {
	{"running", RUN_RUNNING},     {"paused", RUN_PAUSED},
	{"prelaunch", RUN_PRELAUNCH}, {"preconfig", RUN_PRELAUNCH},
	{"inmigrate", RUN_INMIGRATE}, {"postmigrate", RUN_POSTMIGRATE},
	{"suspended", RUN_SUSPENDED}, {"shutdown", RUN_SHUTDOWN},
	{"save-vm", RUN_BUSY},	      {"restore-vm", RUN_BUSY},
	{"finish-migrate", RUN_BUSY}, {"colo", RUN_BUSY},
};

void task_take_state(struct task *task, const char *name)
{
	snprintf(task->run_name, sizeof(task->run_name), "%s", name);
	task->run_state = RUN_STUCK;
	for (size_t i = 0; i < sizeof(run_states) / sizeof(run_states[0]); i++) {
		if (!strcmp(name, run_states[i].name))
			task->run_state = run_states[i].state;
	}
}

static void on_status(void *data, const json_t *value, const char *error)
{
	struct task *task = data;
	const char *name = json_string_value(json_object_get(value, "status"));
	void (*then)(struct task *task) = task->on_ready;

	task->on_ready = NULL;
	if (!name) {
		task_fail(task, -EIO, "QEMU does not tell its state: %s",
			  error ? error : "no status");
		return;
	}
	task_take_state(task, name);
	then(task);
}

void task_ask_state(struct task *task, void (*then)(struct task *task))
{
	task->on_ready = then;
	task_command(task, "query-status", NULL, on_status);
}

bool task_has_process(const struct task *task)
{
	return task->found.proc.pid > 0;
}

enum state task_state(const struct task *task)
{
	if (!task_has_process(task))
		return task->saved ? STATE_SAVED : place_has(task->place.state, "moved") ?
		       STATE_MOVED : STATE_OFF;
	switch (task->run_state) {
	case RUN_NOT:			/* nobody tells more than that it runs */
	case RUN_RUNNING:
		return STATE_ON;
	case RUN_SUSPENDED:
		return STATE_SUSPENDED;
	case RUN_POSTMIGRATE:
		return task->saved ? STATE_SAVED : STATE_PAUSED;
	default:
		return STATE_PAUSED;
	}
}

/* --- records ---------------------------------------------------------------------------------- */

const char *task_deed(const struct task *task)
{
	const char *deed = json_string_value(json_object_get(task->record, "deed"));

	return deed ? deed : "";
}

/* What only the beginning of a process is about, with the words that it has behind it. */
static size_t passing_words(const char *word)
{
	static const struct {
		const char *word;
		size_t n;
	} words[] = {{"-daemonize", 1}, {"--daemonize", 1}, {"-S", 1}, {"-incoming", 2}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i].word))
			return words[i].n;
	}
	return 0;
}

/* The record of a process that has none, by what it was started with. */
static json_t *record_of_words(const struct found *found)
{
	json_t *arguments = json_array();
	const char *end = found->words + found->length, *w = found->words;

	for (w += strlen(w) + 1; arguments && w < end;) {
		size_t n = passing_words(w);

		if (!n && json_array_append_new(arguments, json_string(w)))
			break;
		for (n += !n; n && w < end; n--)
			w += strlen(w) + 1;
	}
	return json_pack("{s:s, s:o}", "program", found->words, "arguments", arguments);
}

/*
 * Ours without a record: a run was killed between the two. What it was started for shows; if it has
 * long come to its end, that shows too, and nothing is left to do.
 */
static void guess_deed(struct task *task)
{
	const char *deed = !words_option(task->found.words, task->found.length, "incoming")
				   ? "start"
			   : task->saved || place_has(task->place.state, "restoring") ? "restore"
										      : "incoming";

	task->record = record_of_words(&task->found);
	if (task->record && json_object_set_new(task->record, "deed", json_string(deed))) {
		json_decref(task->record);
		task->record = NULL;
	}
}

int task_record(struct task *task, const char *deed, struct fault *f)
{
	int err = place_make(&task->place, f);

	if (err)
		return err;
	if (!task->record)
		task->record = record_of_words(&task->found);
	if (!task->record ||
	    json_object_set_new(task->record, "pid", json_integer(task->found.proc.pid)) ||
	    json_object_set_new(task->record, "start",
				json_integer((json_int_t)task->found.proc.start)) ||
	    json_object_set_new(task->record, "deed", json_string(deed ? deed : "")))
		return fault_no_memory(f);
	return place_note(task->place.run, "record", task->record, f);
}

/* --- first steps ------------------------------------------------------------------------------ */

/* A record counts for the process that it is of. */
static int read_records(struct task *task, struct fault *f)
{
	int err;

	/* QEMU removes its pid file whenever it ends by itself or by SIGTERM */
	task->left_behind = task->record && !task_has_process(task) &&
			    place_has(task->place.run, "pid");
	if (task->record && (!task_has_process(task) ||
			    json_integer_value(json_object_get(task->record, "pid")) !=
				    task->found.proc.pid)) {
		json_decref(task->record);
		task->record = NULL;
	}
	err = place_read(task->place.state, "saved", &task->saved, f);
	/* what is damaged there does not keep a guest from being ended */
	if (err && err != -ENOENT && task->attempt->verb != VERB_OFF)
		return err;
	if (task_has_process(task) && !task->found.by_hand && !task->record)
		guess_deed(task);
	return 0;
}

void step_find(struct task *task)
{
	struct fault f;
	int err;

	/* a damaged one is none: what it would tell is guessed */
	place_read(task->place.run, "record", &task->record, NULL);
	err = qemu_find(task->attempt->machine, &task->place, task->record, &task->found, &f);
	if (!err)
		err = read_records(task, &f);
	if (err)
		task_fail(task, err, "%s", f.text);
	else
		task_next(task);
}

static void connected(struct task *task)
{
	task_ask_state(task, task_next);
}

void step_connect(struct task *task)
{
	if (task_has_process(task) && *task->found.qmp)
		task_connect(task, connected);
	else
		task_next(task);
}

void step_ask_state(struct task *task)
{
	if (task->qmp)
		task_ask_state(task, task_next);
	else
		task_next(task);
}

void step_needs_monitor(struct task *task)
{
	if (!task_has_process(task) && task->saved)
		task_fail(task, -ESRCH, "it is saved: \"stoker restore %s\" brings it back",
			 task->attempt->machine->name);
	else if (!task_has_process(task))
		task_fail(task, -ESRCH, "it is off");
	else if (!task->qmp)
		task_fail(task, -ENOTSUP,
			  "process %ld was started by hand without a monitor that we "
			  "could ask: start it with -qmp unix:/PATH,server=on,wait=off",
			  (long)task->found.proc.pid);
	else
		task_next(task);
}
