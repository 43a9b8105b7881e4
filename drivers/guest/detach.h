/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starts programs that outlive us: a session of their own, nothing of ours in their hands. Defined
 * by: setsid(2), close_range(2).
 */
#ifndef GUEST_DETACH_H
#define GUEST_DETACH_H

#include "base/proc.h"

struct fault;

struct detached {
	const char *path;		/* the file to run */
	char *const *argv;
	char *const *environment;
	const char *log;		/* where stdout and stderr go: made anew */
	/*
	 * both ends of a terminal, as pty_pair gives them, that takes the place of stdin and
	 * stdout; the program holds its other end too, as PTY_HELD. 0, 0: none
	 */
	int master, slave;
};

/*
 * Starts it: working folder /, stdin from /dev/null, no descriptor of ours but those named, files
 * that it makes are its user's alone. Returns when it has become that program, or could not: -errno
 * with a sentence. It is a child of ours as long as we run; libev reaps it.
 */
int detach(const struct detached *program, struct proc *proc, struct fault *f);

#endif
