/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The errors of a configuration. See config_sentences.h. */
#include "model/config_sentences.h"

#include <stdlib.h>

struct sentence {
	unsigned line;
	size_t number;		/* in the order in which they were found */
	char *text;
};

void sentences_add(struct sentences *s, unsigned line, char *text)
{
	struct sentence *list = realloc(s->list, (s->n + 1) * sizeof(*list));

	if (list)
		s->list = list;
	if (!list || !text) {
		s->lost++;
		free(text);
		return;
	}
	list[s->n] = (struct sentence){line, s->n, text};
	s->n++;
}

static int compare(const void *left, const void *right)
{
	const struct sentence *a = left, *b = right;

	return a->line != b->line ? (a->line > b->line) - (a->line < b->line) :
				    (a->number > b->number) - (a->number < b->number);
}

size_t sentences_tell(struct sentences *s, void (*tell)(void *data, const char *sentence),
		      void *data)
{
	size_t told = s->n + s->lost;

	if (s->n)
		qsort(s->list, s->n, sizeof(*s->list), compare);
	for (size_t i = 0; i < s->n; i++)
		tell(data, s->list[i].text);
	if (s->lost)
		tell(data, "out of memory: not all errors can be told");
	sentences_forget(s);
	return told;
}

void sentences_forget(struct sentences *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i].text);
	free(s->list);
	*s = (struct sentences){0};
}
