/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program of the user's finds in its environment. */
#ifndef ENGINE_ENVIRONMENT_H
#define ENGINE_ENVIRONMENT_H

struct machine;

/*
 * Our own environment without what looks like a secret, and STOKER_… for the machine and what is
 * done with it: "off", "console". NULL-terminated, one block, to be freed; its strings point into
 * ours. NULL without memory.
 */
char **environment_make(const struct machine *machine, const char *verb);

#endif
