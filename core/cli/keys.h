/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration keys of this build as help and manual show them. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include <stdbool.h>

struct driver;
struct key;

/* Keys that belong together. */
struct key_group {
	const char *title;
	const struct driver *driver;		/* whose they are; NULL: the program's own */
	const struct key *const *keys;		/* NULL-terminated */
};

/* 0, or -1 behind the last. */
int key_group_at(unsigned n, struct key_group *group);

/* Drivers may share keys. Whether a driver before this one (NULL: none is) has the key too. */
bool key_is_repeated(const struct driver *driver, const struct key *key);

/* Where a key may stand: "machine", "machine, profile", "group", "top of the file". */
const char *key_place(const struct key *key);

/* One line: name, type, default. */
void key_print_line(const struct key *key);
/* All about a key. */
void key_print(const struct key *key);

#endif
