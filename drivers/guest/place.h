/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a guest's files are: RUN/guests/NAME for sockets and what is known of its process,
 * STATE/guests/NAME for what must survive. Records are JSON objects, replaced whole.
 */
#ifndef GUEST_PLACE_H
#define GUEST_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct fault;
struct machine;
struct json_t;

struct place {
	char *run, *state;
};

/* Finds out where; makes nothing but the program's own two folders. -errno with a sentence. */
int place_open(struct place *place, const struct machine *machine, struct fault *f);
/* Makes the guest's folders, for its user alone. */
int place_make(const struct place *place, struct fault *f);
void place_close(struct place *place);

/* FOLDER/NAME in path, which is returned. */
const char *place_path(const char *folder, const char *name, char path[PATH_MAX]);
bool place_has(const char *folder, const char *name);
/* Removes a file; one that is not there is no error. */
void place_remove(const char *folder, const char *name);
/* Makes what was renamed or removed in a folder last. */
int place_sync(const char *folder, struct fault *f);
/* -errno with a sentence. */
int place_rename(const char *folder, const char *from, const char *to, struct fault *f);

/* The record, an object, to be given back; -ENOENT without a sentence where there is none. */
int place_read(const char *folder, const char *name, struct json_t **record, struct fault *f);
int place_write(const char *folder, const char *name, const struct json_t *record, struct fault *f);
/*
 * The same for what no longer matters when the machine has lost its power: whole for whoever reads,
 * and not synced.
 */
int place_note(const char *folder, const char *name, const struct json_t *record, struct fault *f);

#endif
