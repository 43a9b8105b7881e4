/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What worked with each BMC, where that is not what is tried first: kept from run to run in the
 * state directory, and safe to lose. An entry is forgotten after a month, so that a BMC with new
 * firmware gets the better suite.
 */
#ifndef IPMI_MEMORY_H
#define IPMI_MEMORY_H

#include "port.h"

#include <stdbool.h>
#include <stdint.h>

enum { MEMORY_V15 = 255 };		/* in place of a suite: IPMI 1.5 */

/* The suite that worked last; -1: nothing is remembered. */
int memory_suite(const struct peer *peer);
/* Remembers a suite; -1: forgets what there was. */
void memory_keep(const struct peer *peer, int suite);
/* Writes what is new into the state directory, and forgets all in memory. */
void memory_quit(void);

#endif
