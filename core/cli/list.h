/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stoker list hands to its views. */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include <stdbool.h>

struct group;
struct groups;
struct machine;

/* A machine, or a group where there is no machine. */
struct list_row {
	const struct machine *machine;
	const struct groups *groups;	/* all that there are */
	const struct group *group;
};

/*
 * The drivers of a machine's `on` ladder, "wol,ipmi"; "" for none. Remembers the last answer, since
 * machines of one section mostly share theirs: the text is good until the next call.
 */
const char *list_drivers(const struct machine *machine);

#endif
