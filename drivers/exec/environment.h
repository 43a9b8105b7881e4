/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program of the user's finds in its environment. */
#ifndef EXEC_ENVIRONMENT_H
#define EXEC_ENVIRONMENT_H

#include "engine/driver.h"

struct machine;

/*
 * Our own environment without what looks like a secret, and STOKER_… for the machine.
 * NULL-terminated, one block, to be freed; its strings point into ours. NULL without memory.
 */
char **environment_make(const struct machine *machine, enum verb verb);

#endif
