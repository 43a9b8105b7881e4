/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs of the emulator driver: from their beginning to their end. See emulator_job.h. */
#include "emulator_job.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/keeper/keeper.h"
#include "base/process.h"
#include "engine/environment.h"
#include "model/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const ev_tstamp look_every = 0.02;

/* More than a keeper says. */
enum { REPORTS_MAX = 16384 };

static struct emulator_job *jobs;

/* --- the ends -------------------------------------------------------------------------------- */

static struct attempt *job_free(struct emulator_job *job)
{
	struct attempt *a = job->attempt;

	*(job->previous ? &job->previous->next : &jobs) = job->next;
	if (job->next)
		job->next->previous = job->previous;
	ev_io_stop(a->loop, &job->reported);
	ev_timer_stop(a->loop, &job->tick);
	ev_timer_stop(a->loop, &job->typing);
	stream_stop(&job->terminal);
	if (job->report >= 0)
		close(job->report);
	if (job->script)
		process_drop(job->script);
	buffer_free(&job->reports);
	buffer_free(&job->heard);
	free(job->command);
	free(job->interfaces);
	emulator_free(&job->emulator);
	free(job);
	a->data = NULL;
	return a;
}

void emulator_job_done(struct emulator_job *job, enum state state, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	attempt_done(job_free(job), state, copy);
	free(copy);
}

void emulator_job_fail(struct emulator_job *job, int err, const char *format, ...)
{
	struct fault f;
	va_list args;

	va_start(args, format);
	fault_vset(&f, -err, format, args);
	va_end(args);
	attempt_fail(job_free(job), err, "%s", f.text);
}

void emulator_cancel(struct attempt *a)
{
	struct emulator_job *job = a->data;

	if (job->script && !job->cancelled) {
		job->cancelled = true;
		process_stop(job->script);
	} else if (!job->script) {
		emulator_job_fail(job, -ECANCELED, "it was not waited for any longer");
	}
}

/* What was begun goes on without us. */
void emulator_quit(void)
{
	while (jobs)
		job_free(jobs);
	emulator_find_forget();
}

/* --- the beginning --------------------------------------------------------------------------- */

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events);
static void on_report(struct ev_loop *loop, ev_io *io, int events);

static void job_add(struct emulator_job *job, struct attempt *a)
{
	job->attempt = a;
	job->report = -1;
	job->next = jobs;
	if (jobs)
		jobs->previous = job;
	jobs = job;
	ev_init(&job->tick, on_tick);
	ev_init(&job->reported, on_report);
	ev_init(&job->typing, NULL);
	job->tick.repeat = look_every;
	job->tick.data = job->reported.data = job->typing.data = job;
	a->data = job;
}

struct emulator_job *emulator_job_new(struct attempt *a)
{
	struct emulator_job *job = calloc(1, sizeof(*job));
	struct fault f, why;
	int err;

	if (!job) {
		attempt_fail(a, -ENOMEM, "out of memory");
		return NULL;
	}
	job_add(job, a);
	err = emulator_read(&job->emulator, a->machine, &why);
	/* one whose program is gone from the disk may still run */
	if (err && !job->emulator.state) {
		emulator_job_fail(job, err, "%s", why.text);
		return NULL;
	}
	err = emulator_find(&job->emulator, &job->found, &f);
	if (err) {
		emulator_job_fail(job, err, "%s", f.text);
		return NULL;
	}
	return job;
}

/* --- waiting --------------------------------------------------------------------------------- */

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct emulator_job *job = timer->data;

	(void)events;
	if (!job->is_there(job))
		return;
	ev_timer_stop(loop, timer);
	job->there(job);
}

void emulator_job_await(struct emulator_job *job, bool (*is_there)(struct emulator_job *job),
			void (*there)(struct emulator_job *job))
{
	job->is_there = is_there;
	job->there = there;
	ev_timer_again(job->attempt->loop, &job->tick);
}

static bool is_gone(struct emulator_job *job)
{
	return proc_look(&job->found.proc) == PROC_GONE &&
	       proc_look(&job->found.keeper) == PROC_GONE;
}

void emulator_job_await_gone(struct emulator_job *job, void (*gone)(struct emulator_job *job))
{
	emulator_job_await(job, is_gone, gone);
}

/* --- keepers --------------------------------------------------------------------------------- */

bool emulator_job_lacks_keeper(const struct emulator_job *job)
{
	return job->found.proc.pid && job->found.ours && !job->found.keeper.pid;
}

bool emulator_job_wants_keeper(const struct emulator_job *job)
{
	int fd;

	if (!job->found.proc.pid || !job->found.ours)
		return false;
	fd = job->found.keeper.pid ? keeper_connect(job->emulator.run, KEEPER_TERMINAL) : -ESRCH;
	if (fd >= 0)
		close(fd);
	/* as many wait before us as it lets wait */
	return fd < 0 && fd != -EAGAIN;
}

static void stop_reading(struct emulator_job *job)
{
	ev_io_stop(job->attempt->loop, &job->reported);
	close(job->report);
	job->report = -1;
}

/* It has begun: its processes are in the record now. */
static void on_kept(struct emulator_job *job)
{
	struct fault f;
	int err;

	stop_reading(job);
	err = emulator_find(&job->emulator, &job->found, &f);
	if (err)
		emulator_job_fail(job, err, "%s", f.text);
	else if (!job->found.proc.pid)
		emulator_job_fail(job, -EIO, "it ended as soon as it had begun");
	else
		job->kept(job);
}

/* true: nothing more is to be read, the job may be gone. */
static bool on_line(struct emulator_job *job, char *line)
{
	char *text;
	long err;

	if (!strncmp(line, "note ", 5)) {
		attempt_note(job->attempt, "%s", line + 5);
		return false;
	}
	if (!strncmp(line, "on ", 3)) {
		on_kept(job);
		return true;
	}
	if (strncmp(line, "fail ", 5))
		return false;
	if (job->lost && proc_look(&job->found.proc) == PROC_GONE) {
		stop_reading(job);
		job->lost(job);
		return true;
	}
	err = strtol(line + 5, &text, 10);
	emulator_job_fail(job, err ? (int)-err : -EIO, "%s", *text ? text + 1 : text);
	return true;
}

static void on_report(struct ev_loop *loop, ev_io *io, int events)
{
	struct emulator_job *job = io->data;
	char bytes[1024], *end;
	ssize_t n = read(job->report, bytes, sizeof(bytes));

	(void)loop, (void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || job->reports.length > REPORTS_MAX) {
		stop_reading(job);
		emulator_job_fail(job, -EIO, "its keeper was ended before it had begun");
		return;
	}
	buffer_add_bytes(&job->reports, bytes, (size_t)n);
	while (job->reports.length && (end = strchr(job->reports.text, '\n'))) {
		size_t rest;

		*end = '\0';
		rest = job->reports.length - (size_t)(end + 1 - job->reports.text);
		/* the job may go in there, and with it the text */
		if (on_line(job, job->reports.text))
			return;
		memmove(job->reports.text, end + 1, rest + 1);
		job->reports.length = rest;
	}
}

int emulator_keep(const struct emulator *e, const char *interfaces, const struct proc *adopt,
		  int *report, struct fault *f)
{
	/* one that runs needs no command line to be kept */
	static char *const nothing[] = {(char *)"-", NULL};
	char **environment = environment_make(e->machine, "on");
	const struct keeper_job keep = {
		.name = e->machine->name, .run = e->run, .state = e->state, .folder = e->folder,
		.path = *e->path ? e->path : nothing[0], .argv = e->argv ? e->argv : nothing,
		.environment = environment, .detaches = e->detaches,
		.line = e->holds ? e->address : NULL, .resume = e->kind->resume,
		.interfaces = interfaces, .adopt = *adopt,
	};
	int err = environment ? 0 : fault_no_memory(f);

	if (!err)
		err = directory_make(e->run, 0700, f);
	if (!err)
		err = directory_make(e->state, 0700, f);
	if (!err)
		err = keeper_start(&keep, report, f);
	free(environment);
	return err;
}

void emulator_job_keep(struct emulator_job *job, void (*kept)(struct emulator_job *job))
{
	struct fault f;
	int err = emulator_keep(&job->emulator, job->interfaces, &job->found.proc, &job->report,
				&f);

	if (err) {
		emulator_job_fail(job, err, "%s", f.text);
		return;
	}
	job->kept = kept;
	ev_io_set(&job->reported, job->report, EV_READ);
	ev_io_start(job->attempt->loop, &job->reported);
}
