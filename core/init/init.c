/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PID 1: see init.h. Defined by: the kernel's init/main.c, which wants a first process that never
 * ends; signalfd(2); and the signals by which busybox's reboot, halt and poweroff ask for them.
 *
 * What may go wrong happens in children. What is left to PID 1 itself is little: to read words, to
 * wait, and to tell.
 */
#include "init/init.h"
#include "base/fault.h"
#include "base/file.h"
#include "init/console.h"
#include "init/prepare.h"
#include "init/stage.h"
#include "init/words.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CMDLINE_MAX = 16384, GRACE_MS = 2000, SHELL_MS = 1000 };

static const char shell[] = "/bin/sh";

/* All signals come by this descriptor. */
static int signals;

void init_tell(const char *format, ...)
{
	va_list args;

	fputs("stoker init: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int64_t init_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- the end --------------------------------------------------------------------------------- */

/* Buries all that have ended; false when there is no child left. */
static bool reap(pid_t child, int *status)
{
	int how;
	pid_t pid;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		if (pid == child)
			*status = how;
	}
	return !pid;
}

static void end_children(void)
{
	struct pollfd wait = {.fd = signals, .events = POLLIN};
	int64_t end = init_now_ms() + GRACE_MS, left = GRACE_MS;
	struct signalfd_siginfo info;

	kill(-1, SIGTERM);
	while (reap(0, NULL) && left > 0) {
		if (poll(&wait, 1, (int)left) > 0 && read(signals, &info, sizeof(info)) < 0)
			break;
		left = end - init_now_ms();
	}
	kill(-1, SIGKILL);
}

/* Returns only when the kernel refuses. */
static void end(enum stage_end how)
{
	static const char *const names[] = {
		[STAGE_POWEROFF] = "power-off", [STAGE_REBOOT] = "reboot", [STAGE_HALT] = "halt",
	};
	int err;

	fflush(NULL);
	end_children();
	err = stage_end(how);
	init_tell("the kernel refuses %s: %s", names[how], strerror(-err));
}

/* --- children -------------------------------------------------------------------------------- */

/* Signals that are for us whatever runs; others are the job's, where one runs. */
static void take_signal(int signal, pid_t job)
{
	if (signal == SIGINT)		/* Ctrl-Alt-Del */
		end(STAGE_REBOOT);
	else if (job)
		kill(job, signal);
	else if (signal == SIGTERM)
		end(STAGE_REBOOT);
	else if (signal == SIGUSR2)
		end(STAGE_POWEROFF);
	else if (signal == SIGUSR1)
		end(STAGE_HALT);
}

/* Waits for a child, or, where child is 0, for Enter. Signals go to the child that is the job. */
static int attend(pid_t child, bool is_job)
{
	struct pollfd wait[2] = {
		{.fd = signals, .events = POLLIN}, {.fd = child ? -1 : 0, .events = POLLIN},
	};
	int status = -1;

	for (;;) {
		struct signalfd_siginfo info;
		char byte;

		reap(child, &status);
		if (child && status >= 0)
			return status;
		poll(wait, 2, -1);
		if (wait[0].revents && read(signals, &info, sizeof(info)) == sizeof(info) &&
		    info.ssi_signo != SIGCHLD)
			take_signal((int)info.ssi_signo, is_job ? child : 0);
		if (!wait[1].revents)
			continue;
		/* a console that is gone gives nothing, for ever */
		if (read(0, &byte, 1) != 1)
			wait[1].fd = -1;
		else if (byte == '\n' || byte == '\r')
			return 0;
	}
}

/* 0 in the child, which has signals, and the console's keys, as programs expect them. */
static pid_t begin_child(void)
{
	sigset_t none;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	console_hand_over();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close(signals);
	return 0;
}

/* How the job ended, as waitpid(2) gives it; -1 when it could not be begun, with a sentence. */
static int run_job(const struct words_given *words, struct fault *f)
{
	pid_t pid = begin_child();

	if (pid < 0)
		return fault_set(f, errno, "no process can be made: %s", strerror(errno)), -1;
	if (!pid) {
		int code = prepare_and_run(words);

		fflush(NULL);
		_exit(code);
	}
	return attend(pid, true);
}

static void run_shell(void)
{
	pid_t pid = begin_child();

	if (!pid) {
		execl(shell, "sh", NULL);
		_exit(PREPARE_NOT_RUN);
	}
	if (pid > 0)
		attend(pid, false);
}

/* --- what follows ---------------------------------------------------------------------------- */

static void explain(int status, char *text, size_t size)
{
	int signal = WTERMSIG(status), code = WEXITSTATUS(status);
	bool crash = signal == SIGSEGV || signal == SIGBUS || signal == SIGILL ||
		     signal == SIGFPE || signal == SIGABRT;

	if (WIFSIGNALED(status))
		snprintf(text, size, "signal %d ended it%s", signal, crash ? ": it crashed" : "");
	else
		snprintf(text, size, "it ended with exit code %d%s: what it said stands above", code,
			 code == PREPARE_WRONG ? ", wrong usage or configuration" : "");
}

static void tell_failure(const struct words_given *words, const char *why)
{
	fprintf(stderr, "\n"
		"*** stoker init: the job has failed\n"
		"***   job         %s\n"
		"***   why         %s\n"
		"***   on failure  %s\n", words->run, why, then_name(words->on_failure));
}

/* Until the job is to be run again. */
static void rest(const char *reason)
{
	fprintf(stderr, "stoker init: %sEnter runs the job again, Ctrl-Alt-Del reboots\n", reason);
	attend(0, false);
}

/* Returns when the job is to be run again. */
static void follow(enum then then)
{
	if (then == THEN_POWEROFF)
		end(STAGE_POWEROFF);
	else if (then == THEN_REBOOT)
		end(STAGE_REBOOT);
	if (then != THEN_SHELL) {
		rest("");
	} else if (access(shell, X_OK)) {
		rest("there is no /bin/sh here: ");
	} else {
		int64_t begin = init_now_ms();

		init_tell("a shell: when it ends, the job runs again");
		run_shell();
		/* where there is no terminal it has nothing to read, and would end for ever */
		if (init_now_ms() - begin < SHELL_MS)
			rest("the shell ended at once: ");
	}
}

static void live(const struct words_given *words, const char *wrong)
{
	for (;;) {
		struct fault fault = {{0}};
		char why[sizeof(fault.text) + 64];
		int status = wrong ? -1 : run_job(words, &fault);

		console_restore();
		if (status < 0)
			snprintf(why, sizeof(why), "%s", wrong ? wrong : fault.text);
		else
			explain(status, why, sizeof(why));
		if (status)
			tell_failure(words, why);
		follow(status ? words->on_failure : words->then);
	}
}

int init_main(void)
{
	struct words_given words;
	struct fault fault;
	sigset_t all;
	char none[1] = "", *text = none;
	int err;

	if (getpid() != 1)
		return -EPERM;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	stage_set();
	init_console_open();
	signals = signalfd(-1, &all, SFD_CLOEXEC);
	if (file_read("/proc/cmdline", CMDLINE_MAX, &text, NULL, &fault))
		init_tell("%s", fault.text);
	err = words_read(text, &words, &fault);
	live(&words, err ? fault.text : NULL);
	return 0;
}
