/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from text to a pointer: open addressing, linear probing, at most 3/4 full. */
#include "base/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint64_t text_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash;
}

static struct table_slot *slot_for(const struct table *t, const char *key)
{
	/* the low bits of FNV are its weakest: fold the high ones in */
	uint64_t hash = text_hash(key);
	size_t i = (size_t)(hash ^ hash >> 32) & (t->size - 1);

	while (t->slots[i].key && strcmp(t->slots[i].key, key))
		i = (i + 1) & (t->size - 1);
	return &t->slots[i];
}

static int grow(struct table *t)
{
	struct table bigger = {.size = t->size ? t->size * 2 : 16, .used = t->used};

	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < t->size; i++) {
		if (t->slots[i].key)
			*slot_for(&bigger, t->slots[i].key) = t->slots[i];
	}
	free(t->slots);
	*t = bigger;
	return 0;
}

int table_add(struct table *t, const char *key, void *value, void **old)
{
	struct table_slot *slot;

	if (t->used >= t->size / 4 * 3 && grow(t))
		return -ENOMEM;
	slot = slot_for(t, key);
	if (slot->key) {
		if (old)
			*old = slot->value;
		return -EEXIST;
	}
	*slot = (struct table_slot){key, value};
	t->used++;
	return 0;
}

void *table_find(const struct table *t, const char *key)
{
	return t->size ? slot_for(t, key)->value : NULL;
}

void table_free(struct table *t)
{
	free(t->slots);
	*t = (struct table){0};
}
