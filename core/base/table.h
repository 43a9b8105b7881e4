/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from text to a pointer whose text the owner keeps. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_slot {
	const char *key;
	void *value;
};

/* Start with {0}. Keys stay the caller's and must outlive the table. */
struct table {
	struct table_slot *slots;
	size_t size, used;
};

/* FNV-1a, 64 bits: spreads names well, and is the same on every machine (locks are named by it). */
uint64_t text_hash(const char *text);

/* Adds key unless it is there. 0; -EEXIST (old: its value, where old is not NULL); -ENOMEM. */
int table_add(struct table *t, const char *key, void *value, void **old);
/* The value of key, or NULL. */
void *table_find(const struct table *t, const char *key);
void table_free(struct table *t);

#endif
