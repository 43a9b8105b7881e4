/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes that are not our children, by number and start time: a number alone may have come to
 * somebody else. Defined by: proc(5), pidfd_open(2).
 */
#ifndef GUEST_PROC_H
#define GUEST_PROC_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
	pid_t pid;			/* 0: none */
	uint64_t start;			/* in clock ticks since the machine's start */
};

/* Whether a process of that number runs (one that has ended and is not reaped does not). */
bool proc_look(pid_t pid, struct proc *proc);
/* Whether it is still the same that runs. */
bool proc_lives(const struct proc *proc);
/*
 * Its command line: words with a NUL behind each, and one more NUL; length without that. NULL when
 * it has none, or without memory. To be freed.
 */
char *proc_words(pid_t pid, size_t *length);
/* Sends it a signal, never to another one of that number. -ESRCH when it is gone. */
int proc_signal(const struct proc *proc, int signal);
/* Bytes of memory that it has touched, in swap too; 0 where that is not known. */
uint64_t proc_memory(const struct proc *proc);

/* Tells once, from the loop, that a process is gone. Start with {0}: stopped. */
struct proc_watch {
	struct proc proc;
	struct ev_loop *loop;
	ev_io io;
	ev_timer poll; /* kernels without pidfd (before 5.3) are asked again and again */
	int fd;
	bool running;
	void (*gone)(void *data);
	void *data;
};
void proc_watch_start(struct proc_watch *watch, struct ev_loop *loop, const struct proc *proc,
		      void (*gone)(void *data), void *data);
void proc_watch_stop(struct proc_watch *watch);

#endif
