/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Methods that leave the driver to the machine: "save 300s" is done by whichever driver the machine
 * is switched by. For ladder.c alone.
 */
#ifndef ENGINE_BARE_H
#define ENGINE_BARE_H

#include "engine/verb.h"

struct fault;
struct machine;

/*
 * Whether such a method can stand in a verb's ladder: 0; -errno with a sentence; 1 for a method
 * that names its driver.
 */
int bare_check(const char *text, enum verb verb, struct fault *f);
/*
 * The method with the machine's own driver, to be freed; *method stays as it is for one that names
 * its driver. -ENOSYS with a sentence: none of the machine's drivers can do it; -ENOMEM.
 */
int bare_method(const struct machine *machine, const char *text, char **method, struct fault *f);

#endif
