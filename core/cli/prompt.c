/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets from the keyboard and from the command line. See prompt.h. Defined by: termios(3), and
 * signal(7) for what ends or stops a program.
 */
#include "cli/prompt.h"
#include "base/fault.h"
#include "base/secret.h"
#include "engine/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The last two come from the terminal itself, when it is asked from the background. */
static const int watched[] = {
	SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU,
};

enum { WATCHED = sizeof(watched) / sizeof(watched[0]), HELD = WATCHED - 2 };

/* The terminal while it is asked, and what has to be given back. */
struct terminal {
	int fd;
	struct termios before;
	sigset_t mask;
	struct sigaction actions[WATCHED];
};

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

/*
 * Signals are held back but for while we wait, so that none comes between the look and the wait.
 * Those of the terminal are not: held back, they would let us into its foreground.
 */
static void catch_signals(struct terminal *t)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t held;

	caught = 0;
	sigemptyset(&held);
	for (int i = 0; i < HELD; i++)
		sigaddset(&held, watched[i]);
	sigprocmask(SIG_BLOCK, &held, &t->mask);
	sigemptyset(&action.sa_mask);
	for (int i = 0; i < WATCHED; i++) {
		sigaction(watched[i], NULL, &t->actions[i]);
		/* who ignores it, as nohup does, goes on doing so */
		if (t->actions[i].sa_handler != SIG_IGN)
			sigaction(watched[i], &action, NULL);
	}
}

static void release_signals(const struct terminal *t)
{
	for (int i = 0; i < WATCHED; i++)
		sigaction(watched[i], &t->actions[i], NULL);
	sigprocmask(SIG_SETMASK, &t->mask, NULL);
}

static int hide_echo(struct terminal *t, struct fault *f)
{
	struct termios quiet;

	if (tcgetattr(t->fd, &t->before))
		return fault_set(f, errno, "/dev/tty is no terminal: %s", strerror(errno));
	quiet = t->before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	/* what was typed before it was asked for is for somebody else */
	while (tcsetattr(t->fd, TCSAFLUSH, &quiet)) {
		if (errno != EINTR || caught)
			return fault_set(f, errno, "the terminal cannot be told to be quiet: %s",
					 strerror(errno));
	}
	return 0;
}

static void show_echo(const struct terminal *t)
{
	while (tcsetattr(t->fd, TCSAFLUSH, &t->before) && errno == EINTR && !caught)
		;
}

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return;
}

/* Waits for a byte; -EINTR for a signal. */
static ssize_t read_byte(const struct terminal *t, char *byte)
{
	struct pollfd wait = {.fd = t->fd, .events = POLLIN};
	ssize_t n;

	do {
		if (caught || (ppoll(&wait, 1, NULL, &t->mask) < 0 && caught))
			return -EINTR;
		n = read(t->fd, byte, 1);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* One line without its newline. -EINTR for a signal, -errno with a sentence for others. */
static int read_line(const struct terminal *t, char line[CREDENTIAL_MAX], size_t *length,
		     struct fault *f)
{
	ssize_t n;
	char byte;

	*length = 0;
	for (;;) {
		n = read_byte(t, &byte);
		if (n <= 0 || byte == '\n')
			break;
		if (*length < CREDENTIAL_MAX)
			line[*length] = byte;
		(*length)++;
	}
	wipe(&byte, sizeof(byte));
	if (n == -EINTR)
		return -EINTR;
	if (n < 0)
		return fault_set(f, (int)-n, "the terminal cannot be read: %s",
				 strerror((int)-n));
	if (!n && !*length)
		return fault_set(f, ECANCELED, "nothing was typed");
	if (*length > CREDENTIAL_MAX)
		return fault_set(f, EINVAL, "what was typed is longer than %d bytes",
				 CREDENTIAL_MAX);
	return 0;
}

/* Asks once; -EINTR for a signal, which is then in caught. */
static int ask(int fd, const char *prompt, struct secret **secret, struct fault *f)
{
	struct terminal t = {.fd = fd};
	char line[CREDENTIAL_MAX];
	size_t length = 0;
	int err;

	catch_signals(&t);
	err = hide_echo(&t, f);
	if (!err) {
		say(fd, prompt);
		err = read_line(&t, line, &length, f);
		say(fd, "\n");
		show_echo(&t);
	}
	if (!err) {
		*secret = secret_new(line, length);
		err = *secret ? 0 : fault_no_memory(f);
	}
	wipe(line, sizeof(line));
	release_signals(&t);
	return err;
}

struct secret *secret_prompt(const char *prompt, struct fault *f)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct secret *secret = NULL;
	int err;

	if (fd < 0) {
		fault_set(f, errno, "there is no terminal to ask at (/dev/tty: %s): a file can hold "
			  "what would be typed", strerror(errno));
		return NULL;
	}
	secret_expect();
	do {
		err = ask(fd, prompt, &secret, f);
		if (err == -EINTR) {
			/* most end the program here; one that stopped it has come back: ask again */
			fault_set(f, EINTR, "interrupted by signal %d", caught);
			kill(getpid(), caught);
		}
	} while (err == -EINTR && (caught == SIGTSTP || caught == SIGTTIN || caught == SIGTTOU));
	close(fd);
	return secret;
}

struct secret *secret_of_argument(char *argument)
{
	size_t length = strlen(argument);
	struct secret *secret = secret_new(argument, length);

	wipe(argument, length);
	return secret;
}
