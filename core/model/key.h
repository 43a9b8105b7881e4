/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration keys: their names, types, defaults and help, as drivers and commands declare them.
 */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include <stddef.h>

struct fault;

enum key_type {
	KEY_TEXT,
	KEY_FLAG,	/* yes or no (also true, false, on, off) */
	KEY_COUNT,	/* 0 to 1000000000 */
	KEY_TIME,	/* a duration: 500ms, 90s, 5m */
	KEY_MAC,	/* ranges count in hexadecimal */
	KEY_UUID,	/* likewise */
	KEY_HOST,	/* host, address, host:port */
	KEY_MACHINES,	/* names of machines or groups, as on the command line */
	KEY_PROFILES,	/* names of profiles */
};

enum {
	KEY_LIST = 1,	/* takes several values */
	KEY_SECRET = 2,	/* never shown */
	KEY_GLOBAL = 4,	/* stands at the top of the file, for the whole program */
	KEY_OWN = 8,	/* belongs to one machine: not in a profile */
	KEY_EITHER = 16,	/* of all that have this flag a section has one */
};

struct key {
	const char *name;
	enum key_type type;
	unsigned flags;
	const char *def;		/* the value where none is set, as text; NULL: none */
	const char *help;		/* one sentence or a few */
	/* what the type alone does not say; may be NULL. 0 or -errno with a sentence. */
	int (*check)(const char *value, struct fault *f);
};

/*
 * Keys that a part of the program other than a driver declares: they register themselves, so that a
 * build without it does not know them. KEY_SET(it) in its own .c is all that is needed.
 */
struct key_set {
	const char *title;			/* "Consoles": for help and manual */
	const struct key *const *keys;		/* NULL-terminated */
};
#define KEY_SET(it) \
	static const struct key_set *const it##_entry \
		__attribute__((used, section("stoker_keys"))) = &it

/* The sets of this build; NULL behind the last. */
const struct key_set *key_set_at(size_t n);

/* Whether value fits the key's type and its own check. */
int key_check(const struct key *key, const char *value, struct fault *f);
/* The type in the user's words: "duration", "MAC address" … */
const char *key_type_name(const struct key *key);

/* A yes or no: 1, 0, or -EINVAL. */
int flag_parse(const char *text, struct fault *f);

/* The keys that belong to no driver. NULL-terminated. */
extern const struct key *const model_keys[];
extern const struct key key_address, key_mac, key_uuid, key_label, key_path, key_host, key_after,
	key_profile;
/* The one key of a group. */
extern const struct key key_machines;

#endif
