/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs programs beside the event loop, without a shell, and keeps the end of what they say. What
 * was kept is wiped in the end: it may be a password.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>

struct ev_loop;
struct fault;
struct process;

/* How a program ended. */
struct process_end {
	int status;			/* its exit status; -1 when a signal ended it */
	int signal;			/* that signal; 0 when it exited by itself */
	/*
	 * The end of what it wrote to stdout and stderr, NUL-terminated; NULs in it became blanks.
	 * Where bytes were left out it begins with "[… N bytes cut]\n". Gone when the callback
	 * returns.
	 */
	const char *output;
	size_t cut;			/* bytes that were left out */
	size_t length;			/* of output, in bytes */
	/*
	 * With private: output is that of stdout alone, as it was written, NULs and all, without a
	 * note of what was cut; and this is that of stderr, as text. Else "".
	 */
	const char *errors;
};

typedef void process_fn(void *data, const struct process_end *end);

struct process_options {
	char *const *argv;		/* NULL-terminated */
	char *const *environment;	/* NULL-terminated; NULL: ours */
	/* the file to run, with a / in it; NULL: argv[0] as process_find finds it */
	const char *path;
	size_t keep;			/* bytes of output kept; 0: none */
	/* it says a secret: stderr has a pipe of its own, and as many bytes of it are kept */
	bool private;
	process_fn *done;
	void *data;
};

/*
 * Starts a program in a process group of its own, stdin from /dev/null, signals as a fresh program
 * expects them. loop must be libev's default loop (it reaps the children). done is called once,
 * later from the loop, when the program has ended and its output is read; what it left running in
 * the background is not waited for longer than a moment, and loses its stdout then. -ENOENT,
 * -EACCES … with a sentence; then done is not called.
 */
int process_start(struct ev_loop *loop, const struct process_options *options,
		  struct process **process, struct fault *f);

/* Asks the group to end (SIGTERM), kills it (SIGKILL) two seconds later; done follows. */
void process_stop(struct process *process);
/* Kills the group, forgets it: done is not called. */
void process_drop(struct process *process);

/*
 * What posix_spawn(3) is to give a fresh program: no signal blocked, none ignored, and a session of
 * its own (POSIX_SPAWN_SETSID) or a process group (POSIX_SPAWN_SETPGROUP). To be given back with
 * posix_spawnattr_destroy. An errno.
 */
int process_attributes(posix_spawnattr_t *attributes, short own);
/*
 * The file that a program's name stands for: one with a / as it is, else by PATH. path: room for
 * PATH_MAX bytes. -ENOENT or -EACCES with a sentence.
 */
int process_find(const char *program, char *path, size_t size, struct fault *f);
/* Why the file cannot be run, when that failed with err, a positive errno: -errno with a sentence. */
int process_cannot_run(const char *path, int err, struct fault *f);

#endif
