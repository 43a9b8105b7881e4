/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a command works with: the configuration, and what its options said. */
#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include "engine/verb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command;
struct fault;
struct key;
struct model;
struct plan;
struct selection;

enum { EXIT_NOT_ALL = 1, EXIT_USAGE = 2, EXIT_OFF = 3 };

/* A key that an option sets for all machines. */
struct setting {
	const char *key, *value;
	char *own;			/* the value, where it is the context's; else NULL */
};

struct context {
	const struct command *command;
	char *const *options;		/* the command's, as they were given */
	size_t noptions;
	struct model *model;		/* NULL until context_load */
	const char *config_path;	/* -c */
	const char *config_used;	/* what was read; NULL: none */
	bool json, quiet, dry_run, wait, force;
	unsigned fanout;
	uint64_t timeout_ms;
	struct setting *settings;
	size_t nsettings;
};

void context_free(struct context *context);

/*
 * Prints "stoker: SENTENCE" on standard error; returns EXIT_USAGE, so that a command can end with
 * it.
 */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* All keys of this build: the model's, the verbs', every driver's. NULL-terminated; static. */
const struct key *const *all_keys(void);

/* By its name; NULL where this build has none. */
const struct key *key_find(const char *name);

/* Keeps what an option sets; the texts must outlive the context. -ENOMEM with a sentence. */
int context_set(struct context *context, const char *key, const char *value, struct fault *f);
/* The same for a key that takes several: values is a list with commas between them. */
int context_set_list(struct context *context, const char *key, const char *values,
		     struct fault *f);

/*
 * Reads the configuration: -c, STOKER_CONF, /etc/stoker/stoker.conf, or what was compiled in; none
 * of them is an empty one. Then applies the settings. Errors are printed; 0 or EXIT_USAGE.
 */
int context_load(struct context *context);
/*
 * The same without a last word: errors becomes how many there were. 0, or EXIT_USAGE for a setting.
 */
int context_read(struct context *context, size_t *errors);
/* An empty configuration, for machines that are all named by address. 0 or EXIT_USAGE. */
int context_load_none(struct context *context);
/* Applies the settings once more: after machines were added by hand. 0 or EXIT_USAGE. */
int context_apply(struct context *context);

/* Chooses machines by words; prints what is wrong. 0 or EXIT_USAGE. */
int context_select(struct context *context, int argc, char **argv, struct selection *selection);

/* How context_perform does it. */
struct performance {
	enum verb verb;
	const char *const *methods;	/* in place of each machine's own ladder; NULL: none */
	size_t nmethods;
	char *const *words;		/* what the verb is to be done with; NULL: nothing */
	size_t nwords;
	bool no_locks;
	const char *format;		/* of the report; NULL: text or json, as the options say */
	bool unobserved;		/* as in struct runner_options */
	bool check;			/* nothing is begun unless all machines' methods can be */
	bool silent;			/* of context_run: nothing is told, also in a dry run */
	unsigned fanout;		/* in place of what the options say; 0: as they say */
};

/* Makes the plan, shows it (--dry-run) or runs it and reports; the program's exit code. */
int context_perform(struct context *context, const struct selection *selection,
		    const struct performance *performance);

/*
 * Its parts, for commands that have several plans: what all of them need (0 or EXIT_USAGE), each
 * plan, which stays the caller's with its outcomes, and the end of all.
 */
int context_begin(void);
int context_run(struct context *context, struct plan *plan, const struct performance *performance);
void context_end(void);

#endif
