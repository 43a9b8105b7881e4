/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs that stand for a BMC's power. See program.h. Words and values are those of OpenIPMI's
 * ipmi_sim (chassis_control in its lan.conf).
 */
#include "program.h"
#include "log.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind { STATUS, CONTROL, CYCLE_OFF, NOBODY };

enum { OUTPUT_MAX = 256 };

/* A program that runs, or in a cycle waits to. */
struct job {
	struct job *next;
	enum kind kind;
	struct request request;		/* its data is gone */
	struct bmc *bmc;
	pid_t pid;			/* 0: none, or it has ended */
	int status;
	bool open;
	ev_io output;
	ev_child child;
	ev_timer timer;			/* a cycle's time without power */
	size_t length;
	char text[OUTPUT_MAX];
};

extern char **environ;

static struct ev_loop *loop;
static struct job *jobs;

static void close_output(struct job *job)
{
	if (!job->open)
		return;
	ev_io_stop(loop, &job->output);
	close(job->output.fd);
	job->open = false;
}

static void job_end(struct job *job)
{
	struct job **link = &jobs;

	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	close_output(job);
	ev_child_stop(loop, &job->child);
	ev_timer_stop(loop, &job->timer);
	free(job);
}

/* The value of "power:0" or "power:1" on a line of its own; -1: there is none. */
static int power_value(const char *text)
{
	const char *p = text;

	while (p && strncmp(p, "power:", 6)) {
		p = strchr(p, '\n');
		p += p != NULL;
	}
	if (!p || (p[6] != '0' && p[6] != '1'))
		return -1;
	return p[6] - '0';
}

/* The program has ended and said all that it had to say. */
static void job_done(struct job *job)
{
	bool good = WIFEXITED(job->status) && WEXITSTATUS(job->status) == 0;
	int code = good ? CODE_OK : CODE_UNSPECIFIED, on;

	job->text[job->length] = '\0';
	switch (job->kind) {
	case STATUS:
		on = power_value(job->text);
		if (on < 0)
			code = CODE_UNSPECIFIED;
		else
			chassis_status(&job->request, on);
		break;
	case CYCLE_OFF:
		/* the second half comes by itself */
		ev_timer_set(&job->timer, job->bmc->profile->cycle_interval, 0);
		ev_timer_start(loop, &job->timer);
		request_answer(&job->request, code);
		return;
	case CONTROL:
		break;
	case NOBODY:
		job_end(job);
		return;
	}
	request_answer(&job->request, code);
	job_end(job);
}

static void look(struct job *job)
{
	if (!job->pid && !job->open)
		job_done(job);
}

/* Reads what is there, and keeps the beginning; false when there will be nothing more. */
static bool read_output(struct job *job)
{
	char bytes[512];
	ssize_t n = read(job->output.fd, bytes, sizeof(bytes));
	size_t room = OUTPUT_MAX - 1 - job->length;

	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN);
	if ((size_t)n < room)
		room = (size_t)n;
	memcpy(job->text + job->length, bytes, room);
	job->length += room;
	return true;
}

static void on_output(struct ev_loop *ev, ev_io *w, int events)
{
	struct job *job = w->data;

	(void)ev, (void)events;
	if (read_output(job))
		return;
	close_output(job);
	look(job);
}

static void on_child(struct ev_loop *ev, ev_child *w, int events)
{
	struct job *job = w->data;

	(void)events;
	ev_child_stop(ev, w);
	job->pid = 0;
	job->status = w->rstatus;
	/* what it left behind may hold the pipe for ever; its own words are in there */
	if (job->open)
		read_output(job);
	close_output(job);
	look(job);
}

/* Runs it in a group of its own, with signals as they are at first; an errno. */
static int spawn_to(pid_t *pid, const char *const argv[], int output)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t pipe_signal;
	int err;

	if (posix_spawn_file_actions_init(&actions))
		return ENOMEM;
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
	err = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, output, 1);
	if (!err)
		err = posix_spawn(pid, argv[0], &actions, &attributes, (char **)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

static bool spawn(struct job *job, const char *const argv[])
{
	int fds[2], err;

	if (pipe2(fds, O_CLOEXEC))
		return false;
	/* not of the other end: that is the program's */
	err = fcntl(fds[0], F_SETFL, O_NONBLOCK) ? errno : spawn_to(&job->pid, argv, fds[1]);
	close(fds[1]);
	if (err) {
		job->pid = 0;
		close(fds[0]);
		return false;
	}
	job->open = true;
	job->length = 0;
	ev_io_set(&job->output, fds[0], EV_READ);
	ev_io_start(loop, &job->output);
	ev_child_set(&job->child, job->pid, 0);
	ev_child_start(loop, &job->child);
	return true;
}

/* Runs PROGRAM ADDRESS get power, or with a word PROGRAM ADDRESS set WORD VALUE. */
static bool run(struct job *job, const char *word, const char *value)
{
	char address[ADDRESS_TEXT_SIZE];
	const char *const argv[] = {
		job->bmc->profile->program, address_print(&job->bmc->address, address),
		word ? "set" : "get", word ? word : "power", word ? value : NULL, NULL,
	};

	return spawn(job, argv);
}

static void on_timer(struct ev_loop *ev, ev_timer *w, int events)
{
	struct job *job = w->data;

	(void)ev, (void)events;
	job->kind = NOBODY;
	if (!run(job, "power", "1"))
		job_end(job);
}

static struct job *job_make(struct bmc *bmc, enum kind kind)
{
	struct job *job = loop ? calloc(1, sizeof(*job)) : NULL;

	if (!job)
		return NULL;
	job->kind = kind;
	job->bmc = bmc;
	ev_init(&job->output, on_output);
	ev_init(&job->child, on_child);
	ev_timer_init(&job->timer, on_timer, 0, 0);
	job->output.data = job->child.data = job->timer.data = job;
	job->next = jobs;
	jobs = job;
	return job;
}

/* Runs the program for a request; an enum code. */
static int ask(struct request *request, enum kind kind, const char *word, const char *value)
{
	struct job *job = job_make(request->origin.bmc, kind);

	if (!job)
		return CODE_UNSPECIFIED;
	job->request = *request;
	job->request.data = NULL;
	job->request.length = 0;
	if (!run(job, word, value)) {
		job_end(job);
		return CODE_UNSPECIFIED;
	}
	return CODE_LATER;
}

int program_status(struct request *request)
{
	return ask(request, STATUS, NULL, NULL);
}

int program_control(struct request *request, enum control control)
{
	static const struct {
		enum kind kind;
		const char *word, *value;
	} acts[CONTROLS] = {
		[CONTROL_OFF] = {CONTROL, "power", "0"},
		[CONTROL_ON] = {CONTROL, "power", "1"},
		[CONTROL_CYCLE] = {CYCLE_OFF, "power", "0"},
		[CONTROL_RESET] = {CONTROL, "reset", "1"},
		[CONTROL_NMI] = {CONTROL, "nmi", "1"},
		[CONTROL_SOFT] = {CONTROL, "shutdown", "1"},
	};
	const struct bmc *bmc = request->origin.bmc;

	if (has(bmc, FAULT_STUCK_POWER) ||
	    (control == CONTROL_SOFT && has(bmc, FAULT_SOFT_IGNORED)))
		return CODE_OK;
	return ask(request, acts[control].kind, acts[control].word, acts[control].value);
}

void program_boot(struct bmc *bmc, const char *device)
{
	struct job *job = job_make(bmc, NOBODY);

	if (job && !run(job, "boot", device))
		job_end(job);
}

void program_start(struct ev_loop *on)
{
	loop = on;
}

void program_stop(void)
{
	while (jobs) {
		if (jobs->pid)
			kill(-jobs->pid, SIGTERM);
		job_end(jobs);
	}
	loop = NULL;
}
