/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be asked of a machine, and the states that it can be in. */
#ifndef ENGINE_VERB_H
#define ENGINE_VERB_H

#include <stdbool.h>
#include <stddef.h>

struct fault;
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
	/* of guests: machines that are programs on another one */
	VERB_START,	/* as a service does: what was saved is restored, else it is put on */
	VERB_STOP,	/* likewise: moved away, saved or shut down, as its ladder says */
	VERB_PAUSE,
	VERB_RESUME,
	VERB_SUSPEND,	/* its operating system sleeps (ACPI S3) */
	VERB_WAKEUP,
	VERB_SAVE,	/* its whole state into a file; it is off then */
	VERB_RESTORE,
	VERB_SNAPSHOT,	/* its state, disks included, under a name inside its disks */
	VERB_MIGRATE,	/* to another host */
	VERB_SYSRQ,	/* magic keys of its kernel */
	VERBS
};

enum state {
	STATE_UNKNOWN,
	STATE_ON,
	STATE_OFF,
	STATE_SENT,	/* the request went out; nothing can tell whether it had its effect */
	STATE_DONE,	/* of verbs that leave the power alone: the device has confirmed it */
	STATE_PAUSED,
	STATE_SUSPENDED,
	STATE_SAVED,	/* off, with a state that can be restored */
	STATE_MOVED,	/* not here any more: it runs on another host */
};

struct verb_info {
	const char *name;
	const char *participle;		/* "put on", for sentences */
	enum state goal;		/* STATE_UNKNOWN: any known state will do */
	unsigned also;			/* states that are as good: bit N for enum state N */
	/* verbs whose methods make its ladder where it has none; NULL, or ends with VERBS */
	const enum verb *made_of;
	/* whether it can be done with these words; NULL: see verb_check_words */
	int (*check_words)(size_t n, char *const *words, struct fault *f);
	const struct key *key;		/* the configuration key of its ladder */
	bool up, down;			/* how it is ordered against hosts, guests and `after` */
	/* a look at the machine's state shows whether it had its effect */
	bool observable;
	bool looks;			/* changes nothing: needs no lock */
};

/* The verbs of this build are those below this: VERBS, or VERB_START where none is of guests. */
unsigned verb_count(void);
const struct verb_info *verb_info(enum verb verb);
/* Whether a state is what the verb asks for. */
bool verb_is_reached(enum verb verb, enum state state);
/* VERBS when this build has none of that name. */
enum verb verb_find(const char *name);
const char *state_name(enum state state);

/* VERB_START to the last: verb_guest.c, which not every build has. */
extern const struct verb_info guest_verbs[VERBS - VERB_START] __attribute__((weak));

/* The ladders' keys, NULL-terminated. */
extern const struct key *const verb_keys[];

#endif
