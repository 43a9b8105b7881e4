/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of stoker guests share. */
#ifndef CLI_GUESTS_H
#define CLI_GUESTS_H

#include "engine/verb.h"

#include <stdbool.h>
#include <stddef.h>

struct context;
struct fault;
struct key;
struct machine;
struct plan;

extern const struct key key_autostart, key_order, key_start_delay;
extern const struct key key_start_parallel, key_stop_parallel, key_stop_all;

/* What the options of stoker guests say. */
struct guests_options {
	bool automatic;	  /* --auto: those with autostart, whatever guests-stop-all says */
	bool all;	  /* --all */
	const char *into; /* --into: the file to append to; NULL: standard output */
};

/* A word behind `guests`. */
struct guests_deed {
	const char *name;
	/* of what follows the word; "": nothing does */
	const char *usage;
	bool wants;	     /* something has to follow */
	const char *options; /* letters of those it takes: a(uto) A(ll) i(nto) */
	int (*run)(struct context *context, const struct guests_options *options, int argc,
		   char **argv);
};

/* Deeds register themselves, so that a build without one does not know it. */
#define GUESTS_DEED(it)                                   \
	static const struct guests_deed *const it##_entry \
		__attribute__((used, section("stoker_guests_deeds"))) = &it

/* --- the list of guests ---------------------------------------------------------------------- */

struct guest {
	struct machine *machine;
	enum state state; /* as it was seen last; STATE_UNKNOWN: not, or it cannot tell */
	bool wanted;	  /* chosen for what is to be done */
	bool kept;	  /* the record says that the service has it in its care */
	bool again;	  /* restart has stopped it */
};

/* The guests of a configuration, in the order of the list: `order`, then as they stand in it. */
struct roster {
	struct guest *list;
	size_t n;
};

/* 0 or -ENOMEM with a sentence. Freed by roster_free. */
int roster_make(const struct context *context, struct roster *roster, struct fault *f);
void roster_free(struct roster *roster);
/* A guest runs where it can be stopped: on, paused, suspended; also where nobody can tell. */
bool guest_runs(const struct guest *guest);
/* Chooses the guests that stop is for: those with autostart and those in the record, or all. */
void roster_choose_stop(const struct context *context, const struct guests_options *options,
			struct roster *roster);
/*
 * The plan that starts or stops the guests that are wanted; those that need nothing are steps that
 * are done. -errno with a sentence.
 */
int roster_plan(const struct context *context, const struct roster *roster, enum verb verb,
		struct plan **plan, struct fault *f);
/* How many are started or stopped at a time, by the configuration; 0: all at once. */
unsigned roster_at_once(const struct context *context, enum verb verb);

/* --- the record of what the service has in its care ------------------------------------------ */

/* Sets `kept` by the record. 0 or -errno with a sentence; no record is no error. */
int record_read(struct roster *roster, struct fault *f);
/* Writes a record of those that are kept; none: removes it. */
int record_write(const struct roster *roster, struct fault *f);

#endif
