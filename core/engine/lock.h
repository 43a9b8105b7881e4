/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One lock per machine: two runs never act on one machine at a time. A lock is a byte of a file in
 * the run directory, locked by fcntl(2): it goes away with the process that holds it, however that
 * ends, and the kernel tells who holds it.
 */
#ifndef ENGINE_LOCK_H
#define ENGINE_LOCK_H

#include <sys/types.h>

struct fault;

/*
 * Takes the lock of a machine. 0; -EAGAIN: another process has it, and the sentence says which;
 * other errors where the run directory cannot be used. Taking a lock that this process has is no
 * error.
 */
int lock_take(const char *machine, struct fault *f);
/*
 * The same for any name, without a sentence for -EAGAIN: *holder becomes the process that has it;
 * not above 0: one that is not visible from here.
 */
int lock_try(const char *name, pid_t *holder, struct fault *f);
void lock_release(const char *name);
/* Gives all back and closes the files. */
void lock_quit(void);

#endif
