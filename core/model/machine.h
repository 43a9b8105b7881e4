/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What exists: machines, and the sections of the configuration that describe them. A section
 * describes as many machines as its title's range counts; values are expanded when asked for, so
 * that a hundred thousand machines cost their names and little else.
 */
#ifndef MODEL_MACHINE_H
#define MODEL_MACHINE_H

#include "base/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct key;
struct model;
struct range;

/* The longest value after expansion, with its NUL; longer ones are refused when they are set. */
enum { VALUE_MAX = 1024, NAME_LENGTH_MAX = 255 };

struct entry {
	const struct key *key;
	unsigned line;
	unsigned nvalues;
	struct range **values;
};

enum section_kind {
	SECTION_MACHINE,
	SECTION_PROFILE,
	SECTION_GROUP,
	SECTION_GLOBAL,		/* the keys that stand at the top of the files */
	SECTION_COMMAND,	/* what the command line says: goes before all others */
};

struct section {
	enum section_kind kind;
	struct model *model;
	const char *title;
	struct range *names;
	const char *file;		/* NULL: not from a file */
	unsigned line;
	struct entry *entries;
	unsigned nentries;
	struct section **profiles;	/* in order, resolved; for machines and profiles */
	unsigned nprofiles;
};

struct machine {
	const char *name;
	struct section *section;
	uint32_t index;			/* which of its section's machines, from 0 */
	uint32_t number;		/* which of the model's, from 0 */
};

struct model {
	struct section **sections;
	size_t nsections;
	struct machine *machines;	/* all, once model_finish has run */
	size_t nmachines;
	char *names;			/* their names, one block */
	struct table by_name;		/* machines */
	struct table groups, profiles;	/* sections */
	struct section *global, *command;
	struct index *indexes;		/* select.c: by MAC, UUID …, made when first asked for */
	uint32_t *guests, *guest_ends;	/* machine_guests: made when first asked for */
};

struct model *model_new(void);
void model_free(struct model *model);

/*
 * Adds an empty section. title and file are copied. NULL and a sentence for a title that is not a
 * range, or without memory. Machines exist from model_finish on.
 */
struct section *model_add(struct model *model, enum section_kind kind, const char *title,
			  const char *file, unsigned line, struct fault *f);
/* Removes the sections from number n on: a file that is read again starts afresh. */
void model_truncate(struct model *model, size_t n);

/* Adds a value to a key of a section, checked against the key's type and the section's count. */
int section_add(struct section *section, const struct key *key, unsigned line, const char *value,
		struct fault *f);
/* Says that a key is set, to nothing as yet. */
struct entry *section_entry(struct section *section, const struct key *key, unsigned line);
/* Where it stands: "FILE:LINE", or what it is called otherwise. line 0: the section's own. */
const char *section_place(const struct section *section, unsigned line, char *text, size_t size);

/* Told of every error that model_finish finds. */
typedef void model_error_fn(void *data, const struct section *section, unsigned line,
			    const char *sentence);

/*
 * Makes the machines, ties sections to their profiles, checks names and references. Tells every
 * error; the number of them. May be called again after more sections were added.
 */
size_t model_finish(struct model *model, model_error_fn *tell, void *data);

/* NULL when there is none of that name. */
struct machine *machine_find(const struct model *model, const char *name);

/* The entry that counts for a machine: command line, its section, its profiles. NULL: not set. */
const struct entry *machine_entry(const struct machine *machine, const struct key *key,
				  const struct section **from);
/* How many values a key has for a machine; its default counts as one. */
size_t machine_values(const struct machine *machine, const struct key *key);
/*
 * A value with the machine's own part of each range; the default where the key is not set, NULL
 * where it has none or n is not below machine_values(). Either constant or written to buffer.
 */
const char *machine_value(const struct machine *machine, const struct key *key, size_t n,
			  char buffer[VALUE_MAX]);
bool machine_flag(const struct machine *machine, const struct key *key);
uint64_t machine_number(const struct machine *machine, const struct key *key);
uint64_t machine_time_ms(const struct machine *machine, const struct key *key);
/* -EINVAL with a sentence where the value is none. */
int machine_mac(const struct machine *machine, const struct key *key, size_t n, uint8_t mac[6],
		struct fault *f);

/* A key of the whole program (KEY_GLOBAL); NULL where it is neither set nor has a default. */
const char *model_value(const struct model *model, const struct key *key);
uint64_t model_number(const struct model *model, const struct key *key);

/* The machine that it runs on, or NULL. */
struct machine *machine_host(const struct machine *machine);
/*
 * The numbers of the machines that run on it; n becomes how many. The array stays the model's. NULL
 * with n = 0 for none, and NULL with n = SIZE_MAX without memory.
 */
const uint32_t *machine_guests(const struct machine *machine, size_t *n);

#endif
