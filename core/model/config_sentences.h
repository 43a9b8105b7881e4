/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The errors of a configuration, gathered while it is read and told in the order of its lines. */
#ifndef MODEL_CONFIG_SENTENCES_H
#define MODEL_CONFIG_SENTENCES_H

#include <stddef.h>

struct sentence;

/* Start with {0}. */
struct sentences {
	struct sentence *list;
	size_t n, lost;			/* lost: there was no memory for them */
};

/* text becomes the sentences'; NULL counts as an error without words. */
void sentences_add(struct sentences *sentences, unsigned line, char *text);
/* Tells all by line and forgets them; how many there were. */
size_t sentences_tell(struct sentences *sentences, void (*tell)(void *data, const char *sentence),
		      void *data);
void sentences_forget(struct sentences *sentences);

#endif
