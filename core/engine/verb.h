/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be asked of a machine, and the states that it can be in. */
#ifndef ENGINE_VERB_H
#define ENGINE_VERB_H

#include <stdbool.h>

struct key;

enum verb {
	VERB_ON,
	VERB_OFF,
	VERB_SOFT,	/* ask the operating system to go down */
	VERB_RESET,
	VERB_CYCLE,
	VERB_NMI,
	VERB_STATUS,
	VERB_IDENTIFY,	/* its light in the rack */
	VERB_BOOTDEV,	/* which device it boots from next */
	VERB_DIAGNOSE,	/* walk the log-in of its device, and tell at which step it ends */
	VERBS
};

enum state {
	STATE_UNKNOWN,
	STATE_ON,
	STATE_OFF,
	STATE_SENT,	/* the request went out; nothing can tell whether it had its effect */
	STATE_DONE,	/* of verbs that leave the power alone: the device has confirmed it */
};

struct verb_info {
	const char *name;
	const char *participle;		/* "put on", for sentences */
	enum state goal;		/* STATE_UNKNOWN: any known state will do */
	const struct key *key;		/* the configuration key of its ladder */
	bool up, down;			/* how it is ordered against hosts, guests and `after` */
	/* a look at the machine's state shows whether it had its effect */
	bool observable;
	bool looks;			/* changes nothing: needs no lock */
};

const struct verb_info *verb_info(enum verb verb);
/* VERBS when there is none of that name. */
enum verb verb_find(const char *name);
const char *state_name(enum state state);

/* The ladders' keys, NULL-terminated. */
extern const struct key *const verb_keys[];

#endif
