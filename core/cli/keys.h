/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration keys of this build as help and manual show them. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

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

/* Where a key may stand: "machine", "machine, profile", "group", "top of the file". */
const char *key_place(const struct key *key);

/* One line: name, type, default. */
void key_print_line(const struct key *key);
/* All about a key. driver: whose it is, or NULL. */
void key_print(const struct key *key, const struct driver *driver);

#endif
