/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that is known of one machine, resolved: what stoker show hands to its views. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "engine/verb.h"

#include <limits.h>
#include <stddef.h>

enum { SHOWN_PLACE_SIZE = PATH_MAX + 300 };

/* A key that is set or has a default. */
struct shown_key {
	const struct key *key;
	char **values;
	size_t n;
	char *place;		/* FILE:LINE, profile "NAME" FILE:LINE, default, command line */
};

struct shown {
	const struct machine *machine;
	char *place;			/* of its section */
	struct shown_key *keys;
	size_t nkeys;
	char *ladders[VERBS];		/* text of each ladder; NULL: there is none */
	const char *missing[VERBS];	/* in place of a ladder: what is done instead, or NULL */
	char *console;			/* the ladder of its console; NULL: it has none */
	char *observer;			/* how its state is seen; NULL: nothing can see it */
	const char **groups;
	size_t ngroups;
	const char **guests;
	size_t nguests;
};

#endif
