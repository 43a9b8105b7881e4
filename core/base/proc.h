/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes that are not our children: which there are, whether one is still the one that it was,
 * and signals for it and nobody else. Defined by: proc(5), pidfd_open(2).
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One process and no other, for as long as the kernel runs: numbers are used again, not both. */
struct proc {
	pid_t pid;		/* 0: none */
	uint64_t start;		/* in clock ticks since the kernel's start */
};

enum proc_state {
	PROC_GONE,		/* a zombie is gone too */
	PROC_RUNS,
	PROC_STOPPED,		/* by a signal, or by a debugger */
};

/* Which process has this number now. -ESRCH: none, or a zombie. */
int proc_identify(pid_t pid, struct proc *id);
enum proc_state proc_look(const struct proc *id);
/* Whether it is still the same that runs, or has stopped. */
bool proc_lives(const struct proc *id);
/* Sends a signal. -ESRCH: it is gone; -EPERM. It never reaches another process. */
int proc_signal(const struct proc *id, int signal);
/*
 * A descriptor that becomes readable when it ends, closed on exec; -ESRCH, -ENOSYS (Linux < 5.3).
 */
int proc_open(const struct proc *id);
/*
 * Its command line: words with a NUL behind each, and one more NUL; length without that. NULL when
 * it has none, or without memory. To be freed.
 */
char *proc_words(pid_t pid, size_t *length);
/* Bytes of memory that it has touched, in swap too; 0 where that is not known. */
uint64_t proc_memory(const struct proc *id);
/* When it began, as time(2) has it; 0 where that cannot be told. */
int64_t proc_since(const struct proc *id);

/* Tells once, from the loop, that a process is gone. Start with {0}: stopped. */
struct proc_watch {
	struct proc id;
	struct ev_loop *loop;
	ev_io io;
	ev_timer poll;		/* kernels without pidfd (before 5.3) are asked again and again */
	int fd;
	bool running;
	void (*gone)(void *data);
	void *data;
};
void proc_watch_start(struct proc_watch *watch, struct ev_loop *loop, const struct proc *id,
		      void (*gone)(void *data), void *data);
void proc_watch_stop(struct proc_watch *watch);

/* A process as it was when all were read. */
struct proc_seen {
	struct proc id;
	pid_t parent;
	dev_t device;		/* of the file that it runs; 0, 0: not to be told */
	ino_t inode;
	char *words;		/* its command line: nwords texts, one behind the other */
	size_t nwords;
};

struct procs {
	struct proc_seen *list;
	size_t n;
};

/* All processes but kernel threads. -errno. */
int procs_read(struct procs *procs);
void procs_free(struct procs *procs);
/* A word of its command line; NULL behind the last. */
const char *proc_word(const struct proc_seen *seen, size_t n);

#endif
