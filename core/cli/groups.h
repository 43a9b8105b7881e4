/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The groups of a configuration with their members, for commands that show them. */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

#include "model/select.h"

#include <stdbool.h>
#include <stddef.h>

struct model;

struct group {
	const char *name;
	struct selection members;
};

/* In the order of the configuration. Start with {0}. */
struct groups {
	struct group *list;
	size_t n;
};

/* 0, or EXIT_USAGE with what is wrong on standard error. To be freed in both cases. */
int groups_read(struct model *model, struct groups *groups);
void groups_free(struct groups *groups);
bool group_has(const struct group *group, const struct machine *machine);

/*
 * The names of a selection as one list of ranges; to be freed by the caller, NULL without memory.
 */
char *selection_fold(const struct selection *selection);

#endif
