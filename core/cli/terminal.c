/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal while a console is attached. See terminal.h. */
#include "cli/terminal.h"
#include "base/fault.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* How often a program in the background stops itself; one that nobody stops would never end. */
enum { TRIES = 16, STACK = 16384 };

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};
enum { CRASHES = sizeof(crashes) / sizeof(crashes[0]) };

static volatile sig_atomic_t taken, continued;
static struct termios before, raw;
static struct sigaction crash_before[CRASHES];
static unsigned char crash_stack[STACK];

bool terminal_is_there(void)
{
	return isatty(STDIN_FILENO);
}

bool terminal_is_taken(void)
{
	return taken;
}

/* A terminal that is not that of our session has no foreground. */
static bool is_in_background(void)
{
	pid_t front = tcgetpgrp(STDIN_FILENO);

	return front >= 0 && front != getpgrp();
}

/* Sets it, also from the background, where that would stop us: only async-signal-safe calls. */
static int set(const struct termios *how)
{
	sigset_t stopped, mask;
	int err;

	sigemptyset(&stopped);
	sigaddset(&stopped, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &stopped, &mask);
	while ((err = tcsetattr(STDIN_FILENO, TCSANOW, how) ? -errno : 0) == -EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return err;
}

/* --- crashes -------------------------------------------------------------------------------- */

static void on_crash(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (taken && !is_in_background())
		set(&before);
	for (unsigned i = 0; i < CRASHES; i++) {
		if (crashes[i] == number)
			sigaction(number, &crash_before[i], NULL);
	}
	/* what the kernel sent for an instruction comes again when that is tried again */
	if (info->si_code <= 0)
		raise(number);
}

static void watch_crashes(void)
{
	const stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof(crash_stack)};
	struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	stack_t old;

	/* a stack that ran over is no place to stand on */
	if (!sigaltstack(NULL, &old) && (old.ss_flags & SS_DISABLE))
		sigaltstack(&stack, NULL);
	sigfillset(&action.sa_mask);
	for (unsigned i = 0; i < CRASHES; i++)
		sigaction(crashes[i], &action, &crash_before[i]);
}

static void forget_crashes(void)
{
	for (unsigned i = 0; i < CRASHES; i++)
		sigaction(crashes[i], &crash_before[i], NULL);
}

/* --- take and give back --------------------------------------------------------------------- */

/* What is set there while we are in the background is another program's, and must not be kept. */
static int come_to_front(struct fault *f)
{
	for (int i = 0; is_in_background(); i++) {
		if (i == TRIES)
			return fault_set(f, EIO, "the terminal belongs to another program, and "
					 "there is no shell that could change that");
		kill(0, SIGTTOU);
	}
	return 0;
}

int terminal_take(struct fault *f)
{
	int err = come_to_front(f);

	if (err)
		return err;
	if (tcgetattr(STDIN_FILENO, &before))
		return fault_set(f, errno, "standard input is no terminal: %s", strerror(errno));
	raw = before;
	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (!taken)
		watch_crashes();
	taken = 1;
	err = set(&raw);
	if (err) {
		terminal_give_back(false);
		return fault_set(f, -err, "the terminal cannot be made raw: %s", strerror(-err));
	}
	return 0;
}

void terminal_give_back(bool lost)
{
	if (!taken)
		return;
	if (!is_in_background()) {
		if (lost)
			tcflush(STDIN_FILENO, TCIFLUSH);
		set(&before);
	}
	taken = 0;
	forget_crashes();
}

void terminal_retake(void)
{
	if (taken && !is_in_background())
		set(&raw);
}

/* --- suspend ---------------------------------------------------------------------------------- */

static void on_continue(int number)
{
	(void)number;
	continued = 1;
}

int terminal_suspend(struct fault *f)
{
	struct sigaction note = {.sa_handler = on_continue}, stop = {.sa_handler = SIG_DFL};
	struct sigaction note_before, stop_before;
	bool was_taken = taken;
	int err = 0;

	terminal_give_back(false);
	continued = 0;
	sigemptyset(&note.sa_mask);
	sigemptyset(&stop.sa_mask);
	sigaction(SIGCONT, &note, &note_before);
	sigaction(SIGTSTP, &stop, &stop_before);
	/* the whole of a pipeline, as the key would */
	kill(0, SIGTSTP);
	sigaction(SIGTSTP, &stop_before, NULL);
	sigaction(SIGCONT, &note_before, NULL);
	if (was_taken)
		err = terminal_take(f);
	if (!err && !continued)
		err = fault_set(f, ESRCH, "there is no shell that could bring it back");
	return err;
}

bool terminal_size(unsigned *columns, unsigned *rows)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && ioctl(STDIN_FILENO, TIOCGWINSZ, &size))
		return false;
	*columns = size.ws_col;
	*rows = size.ws_row;
	return size.ws_col && size.ws_row;
}
