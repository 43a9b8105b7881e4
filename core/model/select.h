/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines chosen by what a user types: names, ranges, groups, addresses, exclusions. */
#ifndef MODEL_SELECT_H
#define MODEL_SELECT_H

#include <stddef.h>

struct fault;
struct machine;
struct model;

/* Machines in the order in which they were first named, each once. Start with {0}. */
struct selection {
	struct machine **machines;
	size_t n, size;
	unsigned char *chosen;		/* a bit a machine */
};

/*
 * Adds what an expression names: terms between commas or blanks; a term is a name, a range, a
 * group, `all`, or `mac: ip: uuid: label: file: path:` with a value. A term with ! before it takes
 * its machines out again, wherever it stands. -ENOENT for an unknown name, with the nearest known
 * one; -EINVAL; -ENOMEM. After an error the selection is unchanged but for its order of storage.
 */
int select_machines(struct model *model, const char *expression, struct selection *selection,
		    struct fault *f);
/* The same for several words, taken as one expression. */
int select_words(struct model *model, char *const *words, size_t n, struct selection *selection,
		 struct fault *f);
/* Adds one machine; 0 or -ENOMEM. */
int selection_add(struct selection *selection, struct model *model, struct machine *machine);
void selection_free(struct selection *selection);

/* Frees what the look-ups by address made; model_free calls it. */
void select_forget(struct model *model);

#endif
