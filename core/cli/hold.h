/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Without the server one console is attached by one process: two that read one line would each get
 * half of it. It is held by a lock of the run directory, which goes away with the process.
 */
#ifndef CLI_HOLD_H
#define CLI_HOLD_H

struct fault;

/*
 * Takes the console of a machine. -EBUSY: the sentence says who has it, since when, and what can be
 * done; other errors where the run directory cannot be used.
 */
int hold_take(const char *machine, struct fault *f);
void hold_release(const char *machine);

#endif
