/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods and ladders: how a verb is done to a machine, best way first. */
#ifndef ENGINE_LADDER_H
#define ENGINE_LADDER_H

#include "engine/verb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct driver;
struct fault;
struct machine;
struct verb_op;

/* A rung: a driver, its verb and arguments, a time limit. In text: "ipmi soft 120s". */
struct method {
	const struct driver *driver;
	const struct verb_op *op;
	char **words;			/* all words; argv points into them */
	size_t argc;
	char *const *argv;
	uint64_t timeout_ms;
};

struct ladder {
	size_t n;
	char *text;			/* "wol 60s, ipmi 60s": limits spelled out */
	struct method methods[];
};

enum { METHOD_TIMEOUT_MS = 60 * 1000 };

/*
 * What all ladders have in common: a driver, arguments, a last word with a unit of time that is the
 * limit. words: to be freed, NULL-terminated; the arguments are words[1] to words[argc], without
 * the limit. limit_ms: 0 where there is none. -EINVAL, -ENOSYS (the driver is not in this build),
 * -ENOMEM, each with a sentence.
 */
int method_words(const char *text, char ***words, size_t *argc, const struct driver **driver,
		 uint64_t *limit_ms, struct fault *f);

/*
 * Whether a driver stands in a machine's ladders where the configuration names none: the machine
 * has the driver's key, and none of another driver that is exclusive.
 */
bool driver_is_default(const struct driver *driver, const struct machine *machine);
/*
 * The same for the ladders of verbs: a guest is switched by the driver that its key `guest` names,
 * and by no other, since a magic packet wakes no program. Observers may look.
 */
bool driver_switches(const struct driver *driver, const struct machine *machine);

/*
 * Reads one method of a verb's ladder. The word behind the driver may name another verb of it
 * ("ipmi soft" in `off`); a last word with a unit of time is the limit. -EINVAL, -ENOSYS (the
 * driver is not in this build or lacks the verb), -ENOMEM, each with a sentence.
 */
int method_parse(const char *text, enum verb verb, struct method *method, struct fault *f);
void method_free(struct method *method);
/* Adds it as text, as a method of a verb's ladder, with its limit: "ipmi soft 120s". */
void method_print(struct buffer *out, const struct method *method, enum verb verb);
/* Whether a text is a method of a verb's ladder: the check of the configuration keys. */
int method_check(const char *text, enum verb verb, struct fault *f);

/*
 * The ladder of a machine for a verb: its key, else one rung for each driver that the machine has
 * the key of. -ENOSYS with a sentence when there is none. To be freed with ladder_free.
 */
int ladder_make(const struct machine *machine, enum verb verb, struct ladder **ladder,
		struct fault *f);
/* The ladder of a list of methods; as ladder_make. */
int ladder_of(const char *const *texts, size_t n, enum verb verb, struct ladder **ladder,
	      struct fault *f);
/* Whether all machines of the section have the same ladder for a verb. */
int ladder_is_common(const struct machine *machine, enum verb verb);
void ladder_free(struct ladder *ladder);

/*
 * How to see what a machine's state is, for methods that cannot see it: its probe, else the first
 * rung of its status ladder. -ENOSYS when there is nothing.
 */
int observer_make(const struct machine *machine, struct method *method);

#endif
