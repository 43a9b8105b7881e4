/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What guests have in common that they should not have. See scan.h. */
#include "cli/scan.h"
#include "base/table.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct gathering {
	struct table by_value; /* values to places in list, counted from 1 */
	struct duplicate *list;
	size_t n, size;
	bool failed;
};

/* One guest that two files tell of: one of them only names the other. */
static bool is_same_guest(const struct found *a, const struct found *b)
{
	return !strcmp(a->behind, b->file) || !strcmp(b->behind, a->file) ||
	       (*a->behind && !strcmp(a->behind, b->behind));
}

static void add_guest(struct gathering *g, struct duplicate *d, const struct found *found)
{
	const struct found **who;

	for (size_t i = 0; i < d->n; i++) {
		if (is_same_guest(d->who[i], found))
			return;
	}
	who = realloc(d->who, (d->n + 1) * sizeof(const struct found *));
	if (!who) {
		g->failed = true;
		return;
	}
	d->who = who;
	who[d->n++] = found;
}

static struct duplicate *find(struct gathering *g, const char *what, const char *value,
			      size_t length)
{
	char *text = strndup(value, length);
	uintptr_t place = text ? (uintptr_t)table_find(&g->by_value, text) : 0;

	if (place) {
		free(text);
		return &g->list[place - 1];
	}
	if (g->n == g->size) {
		size_t size = g->size ? g->size * 2 : 64;
		struct duplicate *list = realloc(g->list, size * sizeof(*list));

		if (list) {
			g->list = list;
			g->size = size;
		}
	}
	if (!text || g->n == g->size || table_add(&g->by_value, text, (void *)(g->n + 1), NULL)) {
		free(text);
		g->failed = true;
		return NULL;
	}
	g->list[g->n] = (struct duplicate){.what = what, .value = text};
	return &g->list[g->n++];
}

/* Nothing that is a UUID reads like an address: one table does for all. */
static void gather(struct gathering *g, const char *what, const char *list,
		   const struct found *found)
{
	while (*list) {
		size_t length = strcspn(list, ",");
		struct duplicate *d = length ? find(g, what, list, length) : NULL;

		if (d)
			add_guest(g, d, found);
		list += length + (list[length] == ',');
	}
}

struct duplicate *inventory_duplicates(const struct inventory *inventory, size_t *n)
{
	struct gathering g = {0};
	size_t kept = 0;

	for (size_t i = 0; i < inventory->n; i++) {
		const struct found *found = &inventory->list[i];

		gather(&g, "UUID", found->uuid, found);
		gather(&g, "MAC address", found->macs, found);
		gather(&g, "address", found->addresses, found);
	}
	table_free(&g.by_value);
	for (size_t i = 0; i < g.n; i++) {
		if (g.list[i].n > 1) {
			g.list[kept++] = g.list[i];
			continue;
		}
		free(g.list[i].value);
		free(g.list[i].who);
	}
	*n = kept;
	if (!g.failed && (g.list || !inventory->n || !g.n))
		return g.list;
	duplicates_free(g.list, kept);
	*n = SIZE_MAX;
	return NULL;
}

void duplicates_free(struct duplicate *duplicates, size_t n)
{
	for (size_t i = 0; duplicates && i < n; i++) {
		free(duplicates[i].value);
		free(duplicates[i].who);
	}
	free(duplicates);
}
