/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of configuration files, seen to be what was meant before they are written. */
#ifndef CLI_EDIT_H
#define CLI_EDIT_H

#include <stddef.h>

struct context;
struct fault;

/* What is meant: all else has to be as it was. */
struct edit_wish {
	const char *title; /* of a section machine */
	const char *key;   /* NULL: the section goes away */
	const char *value; /* as it is written: yes, 12, "a text in quotes" */
};

/*
 * Does all of them to a file, in order, or nothing: the text is changed, read, compared with what
 * it said before, and put in the file's place. -errno with a sentence.
 */
int edit_file(struct context *context, const char *path, const struct edit_wish *wishes, size_t n,
	      struct fault *f);
/* Puts so many new sections behind what a file says; one that is not there is made. */
int edit_append(struct context *context, const char *path, const char *sections, size_t n,
		struct fault *f);

#endif
