/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines that stand in no configuration: they are named by an address on the command line. */
#ifndef CLI_HAND_H
#define CLI_HAND_H

#include "base/table.h"

struct context;
struct key;
struct selection;

/* Start with {0}. */
struct hand {
	struct context *context;
	struct table sections;		/* that were added, by their titles */
};

/*
 * Adds one section of machines: what name, a range, stands for; each has its part of value as this
 * key. A name that was added before is left as it is. 0, or EXIT_USAGE with what is wrong on
 * standard error.
 */
int hand_add(struct hand *hand, const char *name, const struct key *key, const char *value);
/* Makes the machines, once all are added. 0 or EXIT_USAGE. */
int hand_finish(struct hand *hand);
/* Adds them all to a selection. 0 or EXIT_USAGE. */
int hand_select(const struct hand *hand, struct selection *selection);
void hand_free(struct hand *hand);

#endif
