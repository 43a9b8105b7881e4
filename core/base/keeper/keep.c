/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keeper's process. See keeper.h. Defined by: prctl(2) (PR_SET_CHILD_SUBREAPER).
 *
 * One lock in the run folder makes sure that a machine has one keeper, however often and by
 * whomever it is started, and so one program: who comes second waits for what becomes of the first.
 */
#include "base/keeper/keep.h"
#include "base/crash.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/keeper/keeper.h"
#include "base/keeper/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * A program that lives so long has begun well; what it leaves in the background appears so soon;
 * its last words have come so long after its end; it listens so soon.
 */
static const ev_tstamp settle_time = 0.3, background_time = 5, last_words = 0.2, listen_time = 25;

enum { CHILDREN_MAX = 1000 };

/* --- reports --------------------------------------------------------------------------------- */

void keep_report(struct keep *k, const char *format, ...)
{
	char line[FAULT_TEXT_MAX + 64];
	va_list args;
	int n;

	if (!k->reports)
		return;
	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	for (char *p = line; (p = strchr(p, '\n'));)
		*p = ' ';
	line[n] = '\n';
	/* who asked may have gone: that is no reason to stop */
	if (write(KEEPER_REPORT, line, (size_t)n + 1) < 0)
		errno = 0;
}

/* It has begun, or has not: nobody waits any more. */
static void report_end(struct keep *k)
{
	if (k->reports)
		close(KEEPER_REPORT);
	k->reports = false;
	ev_timer_stop(k->loop, &k->settle);
}

void keep_report_on(struct keep *k)
{
	if (!k->reports)
		return;
	keep_report(k, "on %ld", (long)k->record.program.pid);
	report_end(k);
}

static void report_fail(struct keep *k, int err, const char *sentence)
{
	keep_report(k, "fail %d %s", err < 0 ? -err : err, sentence);
	report_end(k);
}

/* --- the record ------------------------------------------------------------------------------ */

static int record_write(struct keep *k, struct fault *f)
{
	char path[PATH_MAX], text[256], id[BOOT_ID_SIZE];
	const struct keeper_record *r = &k->record;

	boot_id(id);
	snprintf(text, sizeof(text), "%ld %llu %ld %llu %s\n", (long)r->program.pid,
		 (unsigned long long)r->program.start, (long)r->keeper.pid,
		 (unsigned long long)r->keeper.start, id);
	snprintf(path, sizeof(path), "%s/record", k->run);
	return file_replace(path, text, strlen(text), 0600, f);
}

/* How it ended, for who asks later. */
static void end_write(struct keep *k, const char *sentence)
{
	bool well = k->over && k->status_known && WIFEXITED(k->status) && !WEXITSTATUS(k->status);

	/* what cannot be written is only missed where somebody wants to know why */
	keeper_end_write(k->state, well, time(NULL), sentence, NULL);
}

/* --- the end --------------------------------------------------------------------------------- */

/* "it exited with status 1: last words" */
static void how_it_ended(struct keep *k, char *text, size_t size)
{
	size_t end = k->nlast, start;

	while (end && (unsigned char)k->last[end - 1] <= ' ')
		end--;
	for (start = end; start && k->last[start - 1] != '\n' && k->last[start - 1] != '\r';)
		start--;
	if (!k->status_known)
		snprintf(text, size, "it ended; how is not known, as its first keeper was killed");
	else if (WIFSIGNALED(k->status))
		snprintf(text, size, "it was ended by signal %d (%s)", WTERMSIG(k->status),
			 strsignal(WTERMSIG(k->status)));
	else
		snprintf(text, size, "it exited with status %d", WEXITSTATUS(k->status));
	if (end > start) {
		size_t n = strlen(text);

		snprintf(text + n, size - n, "; the last that it said: %.*s", (int)(end - start),
			 k->last + start);
	}
	/* what a program says may be anything: it goes to terminals as text */
	for (char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = ' ';
	}
}

/* What has gone into the background, or is left behind, comes to us: we are its subreaper. */
static pid_t find_child(const struct keep *k)
{
	struct procs procs;
	pid_t pid = 0;

	if (procs_read(&procs))
		return 0;
	for (size_t i = 0; i < procs.n && !pid; i++) {
		if (procs.list[i].parent == getpid() && procs.list[i].id.pid != k->first)
			pid = procs.list[i].id.pid;
	}
	procs_free(&procs);
	return pid;
}

/*
 * A machine that is off is off with all that it has started: ports and interfaces are free again.
 */
static void end_children(const struct keep *k)
{
	pid_t pid;

	for (int i = 0; i < CHILDREN_MAX && (pid = find_child(k)) > 0; i++) {
		kill(pid, SIGKILL);
		/* its own children are ours when it is gone */
		waitpid(pid, NULL, 0);
	}
}

static void finish(struct keep *k)
{
	char text[FAULT_TEXT_MAX];

	end_children(k);
	how_it_ended(k, text, sizeof(text));
	end_write(k, text);
	crash_point("keeper-ended");
	unlinkat(k->run_folder, "record", 0);
	unlinkat(k->run_folder, KEEPER_TERMINAL, 0);
	unlinkat(k->run_folder, KEEPER_LINE, 0);
	/* last: who hears it may start the next one at once */
	report_fail(k, EIO, text);
	ev_break(k->loop, EVBREAK_ALL);
}

/* The program is gone; what it said last may still be on its way. */
static void program_gone(struct keep *k)
{
	ev_child_stop(k->loop, &k->child);
	ev_io_stop(k->loop, &k->gone);
	ev_timer_stop(k->loop, &k->poll);
	k->over = true;
	redial_stop(&k->redial);
	if (line_is_there(&k->terminal)) {
		ev_timer_set(&k->settle, last_words, 0);
		ev_timer_start(k->loop, &k->settle);
	} else {
		finish(k);
	}
}

/* --- watching -------------------------------------------------------------------------------- */

static void on_gone(struct ev_loop *loop, ev_io *io, int events)
{
	struct keep *k = io->data;

	(void)loop, (void)events;
	program_gone(k);
}

/* Where the kernel cannot tell, it is looked at. */
static void on_poll(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct keep *k = timer->data;

	(void)loop, (void)events;
	if (proc_look(&k->record.program) == PROC_GONE)
		program_gone(k);
}

void keep_watch_stranger(struct keep *k)
{
	int fd = proc_open(&k->record.program);

	if (fd == -ENOSYS) {
		ev_timer_again(k->loop, &k->poll);
	} else if (fd < 0) {
		program_gone(k);
	} else {
		ev_io_set(&k->gone, fd, EV_READ);
		ev_io_start(k->loop, &k->gone);
	}
}

void keep_watch_child(struct keep *k, pid_t pid)
{
	ev_child_set(&k->child, pid, 0);
	ev_child_start(k->loop, &k->child);
}

/* It goes into the background: its first process has ended, and another is to be found. */
static void on_background(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct keep *k = timer->data;
	pid_t pid = find_child(k);
	struct fault f;

	(void)events;
	if (!pid || proc_identify(pid, &k->record.program)) {
		if (ev_now(loop) - k->first_ended < background_time)
			return;
		ev_timer_stop(loop, timer);
		report_fail(k, ESRCH, "it ended without an error and left nothing running, though "
			    "it should go into the background");
		program_gone(k);
		return;
	}
	ev_timer_stop(loop, timer);
	k->status_known = false;
	keep_watch_child(k, pid);
	if (record_write(k, &f))
		keep_report(k, "note %s", f.text);
	crash_point("keeper-background");
	/* it has to live for a moment as well */
	k->was_patient = true;
	ev_timer_stop(loop, &k->settle);
	ev_timer_set(&k->settle, settle_time, 0);
	ev_timer_start(loop, &k->settle);
}

static void on_child(struct ev_loop *loop, ev_child *child, int events)
{
	struct keep *k = child->data;

	(void)events;
	ev_child_stop(loop, child);
	k->status = child->rstatus;
	k->status_known = true;
	if (k->detaches && child->rpid == k->first && WIFEXITED(k->status) &&
	    !WEXITSTATUS(k->status)) {
		ev_now_update(loop);
		k->first_ended = ev_now(loop);
		ev_timer_again(loop, &k->background);
		return;
	}
	program_gone(k);
}

/* --- its beginning --------------------------------------------------------------------------- */

/* It runs, and has not ended at once. Whether all is there that `on` means. */
static void settled(struct keep *k)
{
	k->is_settled = true;
	if (!k->holds_line || line_is_there(&k->line))
		keep_report_on(k);
}

static void on_settle(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct keep *k = timer->data;
	char text[FAULT_TEXT_MAX];

	(void)events;
	if (k->over) {
		finish(k);
		return;
	}
	if (!k->is_settled) {
		/*
		 * one that shall go into the background and has not yet may take its time for that
		 */
		if (!k->detaches || k->adopted || k->was_patient)
			settled(k);
		k->was_patient = true;
		if (k->reports) {
			ev_timer_set(timer, listen_time, 0);
			ev_timer_start(loop, timer);
		}
		return;
	}
	if (!k->reports)
		return;
	snprintf(text, sizeof(text), "it runs as process %ld, but nothing listens on %s, where its "
		 "console should be: does its configuration say so?",
		 (long)k->record.program.pid, k->line_text);
	report_fail(k, ETIMEDOUT, text);
}

/* --- lines ----------------------------------------------------------------------------------- */

static void on_terminal(void *data, const unsigned char *bytes, size_t length)
{
	struct keep *k = data;

	keeper_log_write(&k->log, bytes, length);
	if (length >= sizeof(k->last)) {
		memcpy(k->last, bytes + length - sizeof(k->last), sizeof(k->last));
		k->nlast = sizeof(k->last);
		return;
	}
	if (k->nlast + length > sizeof(k->last)) {
		size_t drop = k->nlast + length - sizeof(k->last);

		memmove(k->last, k->last + drop, k->nlast - drop);
		k->nlast -= drop;
	}
	memcpy(k->last + k->nlast, bytes, length);
	k->nlast += length;
}

/* Nobody has the terminal open any more: it has ended, or has gone into the background. */
static void on_terminal_end(void *data, int err)
{
	struct keep *k = data;

	(void)err;
	if (k->over && ev_is_active(&k->settle)) {
		ev_timer_stop(k->loop, &k->settle);
		finish(k);
	}
}

/* A line that is dropped stops some machines: it is made again, and they are told to go on. */
static void on_line_end(void *data, int err)
{
	struct keep *k = data;

	(void)err;
	if (k->over)
		return;
	k->line_lost = true;
	redial_start(&k->redial, 0.3);
}

static void on_line(void *data, int fd)
{
	struct keep *k = data;

	line_start(&k->line, fd, true);
	if (k->line_lost && k->resume && line_is_there(&k->terminal)) {
		line_type(&k->terminal, k->resume);
		line_type(&k->terminal, "\r");
	}
	k->line_lost = false;
	if (k->is_settled)
		keep_report_on(k);
}

/* Somebody has come to see what it draws, and knows nothing of what it drew before. */
static void on_terminal_joined(void *data)
{
	struct keep *k = data;

	if (k->draws && !k->over)
		(void)proc_signal(&k->record.program, SIGWINCH);
}

static int listen_on(struct keep *k, struct fault *f)
{
	int err = 0;

	if (line_is_there(&k->terminal))
		err = line_listen(&k->terminal, k->run_folder, KEEPER_TERMINAL, f);
	if (!err && k->holds_line)
		err = line_listen(&k->line, k->run_folder, KEEPER_LINE, f);
	return err;
}

/*
 * --- the whole
 * -------------------------------------------------------------------------------------
 */

static int begin(struct keep *k, struct fault *f)
{
	int err = 0;

	proc_identify(getpid(), &k->record.keeper);
	crash_point("keeper-locked");
	if (k->record.program.pid)
		keep_adopt(k);
	else
		err = keep_start(k, f);
	if (!err)
		err = listen_on(k, f);
	if (!err)
		err = record_write(k, f);
	crash_point("keeper-recorded");
	if (err)
		return err;
	if (k->holds_line)
		redial_start(&k->redial, 0);
	ev_timer_set(&k->settle, k->adopted ? 0 : settle_time, 0);
	ev_timer_start(k->loop, &k->settle);
	return 0;
}

/* A program whose lines cannot be held must not be left running. */
static void give_up(struct keep *k, int err, struct fault *f)
{
	if (!k->adopted && k->first)
		kill(k->first, SIGKILL);
	end_write(k, f->text);
	report_fail(k, err, f->text);
}

static void keep_init(struct keep *k)
{
	static const struct line_events terminal = {on_terminal, on_terminal_end,
						   on_terminal_joined};
	static const struct line_events line = {NULL, on_line_end, NULL};

	line_init(&k->terminal, k->loop, &terminal, k);
	line_init(&k->line, k->loop, &line, k);
	ev_init(&k->child, on_child);
	ev_init(&k->gone, on_gone);
	ev_init(&k->settle, on_settle);
	ev_init(&k->poll, on_poll);
	ev_init(&k->background, on_background);
	k->poll.repeat = 0.5;
	k->background.repeat = 0.03;
	k->child.data = k->gone.data = k->settle.data = k->poll.data = k->background.data = k;
}

int keep_run(struct keep *k)
{
	struct fault f;
	int err;

	/* it ends with its program, not with whoever is told to end here */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	k->loop = ev_default_loop(0);
	if (!k->loop)
		return 1;
	keep_init(k);
	keeper_log_open(&k->log, k->state_folder);
	err = k->holds_line ? redial_init(&k->redial, k->loop, k->line_text, on_line, k, &f) : 0;
	if (!err)
		err = keep_lock(k, &f);
	if (err > 0)
		return 0;
	if (!err)
		err = begin(k, &f);
	if (err)
		give_up(k, err, &f);
	else
		ev_run(k->loop, 0);
	line_stop(&k->terminal);
	line_stop(&k->line);
	keeper_log_close(&k->log);
	return err ? 1 : 0;
}
