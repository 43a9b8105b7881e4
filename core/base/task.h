/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes that are not our children: which there are, whether one is still the one that it was,
 * and signals for it and nobody else.
 */
#ifndef BASE_TASK_H
#define BASE_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One process and no other, for as long as the kernel runs: numbers are used again, not both. */
struct task {
	pid_t pid;		/* 0: none */
	uint64_t start;		/* in clock ticks since the kernel's start */
};

enum task_state {
	TASK_GONE,		/* a zombie is gone too */
	TASK_RUNS,
	TASK_STOPPED,		/* by a signal, or by a debugger */
};

/* Which process has this number now. -ESRCH: none, or a zombie. */
int task_identify(pid_t pid, struct task *id);
enum task_state task_look(const struct task *id);
/* Sends a signal. -ESRCH: it is gone; -EPERM. It never reaches another process. */
int task_signal(const struct task *id, int signal);
/*
 * A descriptor that becomes readable when it ends, closed on exec; -ESRCH, -ENOSYS (Linux < 5.3).
 */
int task_watch(const struct task *id);
/* When it began, as time(2) has it; 0 where that cannot be told. */
int64_t task_since(const struct task *id);

/* A process as it was when all were read. */
struct task_seen {
	struct task id;
	pid_t parent;
	dev_t device;		/* of the file that it runs; 0, 0: not to be told */
	ino_t inode;
	char *words;		/* its command line: nwords texts, one behind the other */
	size_t nwords;
};

struct tasks {
	struct task_seen *list;
	size_t n;
};

/* All processes but kernel threads. -errno. */
int tasks_read(struct tasks *tasks);
void tasks_free(struct tasks *tasks);
/* A word of its command line; NULL behind the last. */
const char *task_word(const struct task_seen *seen, size_t n);

#endif
