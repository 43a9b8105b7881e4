/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated machines: their states, in memory and in a file that other runs share. */
#ifndef SANDBOX_STORE_H
#define SANDBOX_STORE_H

#include "engine/driver.h"
#include "engine/words.h"

#include <stdint.h>

struct ev_loop;
struct fault;

enum { SNAPSHOTS_MAX = 16 };

struct unit {
	enum state was, will;		/* was until changes_at, will be from then on */
	double changes_at;		/* ev_now() time */
	double lit_until;		/* its identify light: ev_now() time; INFINITY: for good */
	struct bootdev boot;
	char *snapshots;		/* their names, a comma behind each; NULL: none */
	uint32_t boots;			/* how often it has been started: put on, reset or cycled */
	uint16_t failures[VERBS];	/* that `flaky` has shown so far */
	bool failed;			/* it is off, and did not go down in good order */
	bool dirty;			/* changed here since the file was last written or read */
	char name[];
};

/*
 * Opens the store: path is the state file, NULL for memory alone. Calling it again is cheap, and
 * takes in what other runs have written. -EBUSY while units of another file are in use; other
 * errnos, also of the last writing; each with a sentence.
 */
int store_open(struct ev_loop *loop, const char *path, struct fault *f);
/*
 * The unit of a machine; a new one is in the state first. It stays until unit_leave. NULL without
 * memory.
 */
struct unit *store_unit(const char *name, enum state first);
void unit_leave(struct unit *unit);
/* The state that the unit is in now. */
enum state unit_state(const struct unit *unit, double now);
/* Sets the state that it comes to at a time; until then it is in the state was. */
void unit_change(struct unit *unit, enum state was, enum state will, double at);
/* The light, the boot device or the snapshots have been changed. */
void unit_changed(struct unit *unit);
/* Writes what is not yet written, forgets all. */
void store_close(void);

#endif
