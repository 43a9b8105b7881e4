/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a program on a pseudo-terminal of its own. */
#ifndef BASE_PTY_H
#define BASE_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fault;

/*
 * Runs the file `path` in a session of its own, whose controlling terminal is a new pty: the
 * program's stdin, stdout and stderr, blocking. It passes bytes on as they are (cfmakeraw), until
 * the program sets it otherwise: what is typed early is neither echoed nor taken for a signal.
 * Signals are as a fresh program expects them; no other descriptor of ours is passed on.
 */
struct pty_program {
	const char *path;
	char *const *argv, *const *environment;		/* NULL-terminated */
	unsigned columns, rows;				/* of its window; 0: unknown */
	/*
	 * its terminal is one at which somebody sits, with lines, echo and keys for signals:
	 * emulators take its settings for what their user wants at their prompt
	 */
	bool cooked;
	/*
	 * it holds the other end of its terminal too, as descriptor PTY_HELD: the terminal is not
	 * hung up when we end, and who may look into it can take the other end up again
	 */
	bool holds;
	/*
	 * it goes into the background by itself: it has a group of its own, not a session, and so
	 * no controlling terminal, whose loss with its first process would hang up what remains
	 */
	bool detaches;
};

enum { PTY_HELD = 3 };

/* master: the other end of the pty, closed on exec. 0, or -errno with a sentence. */
int pty_run(const struct pty_program *program, int *master, pid_t *pid, struct fault *f);
/*
 * Both ends of a new pty, raw, above the descriptors of stdin, stdout, stderr and PTY_HELD, closed on
 * exec: for who starts the program itself. 0, or -errno with a sentence.
 */
int pty_pair(unsigned columns, unsigned rows, int *master, int *slave, struct fault *f);
/* How many bytes the program has not read yet, as far as the kernel tells: ioctl_tty(2), FIONREAD. */
size_t pty_unread(int master);
/* The size of the terminal's window: the program is told by SIGWINCH. */
void pty_resize(int master, unsigned columns, unsigned rows);

#endif
