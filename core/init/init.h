/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program as PID 1 of an initramfs: it mounts, loads modules, brings the network up, runs one
 * command of this program, and powers the machine off.
 *
 * This room stands beside the daemon. It knows base alone: the command that it runs is another
 * process, so that it needs no engine, no model and no driver. It does one thing after the other,
 * without an event loop: there is nothing else that could wait meanwhile.
 */
#ifndef INIT_INIT_H
#define INIT_INIT_H

#include <stdint.h>

/*
 * Does not return where this process is PID 1, whatever fails: the kernel would panic. Where it is
 * not, nothing is done: -EPERM.
 */
int init_main(void);

/* Prints "stoker init: SENTENCE" on the console. */
void init_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Milliseconds of a clock that nobody sets. */
int64_t init_now_ms(void);

#endif
