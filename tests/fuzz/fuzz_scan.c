/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file that a scan meets, and as the inventory that the last one has left. */
#include "cli/scan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each has all its texts, and what is the same is so of two at least. */
static void look_at(const struct inventory *inventory)
{
	struct duplicate *duplicates;
	size_t n;

	for (size_t i = 0; i < inventory->n; i++) {
		const struct found *g = &inventory->list[i];

		if (!*g->file || !g->name || strpbrk(g->uuid, "\t\n") || strpbrk(g->macs, "\t\n") ||
		    strpbrk(g->addresses, "\t\n"))
			abort();
	}
	duplicates = inventory_duplicates(inventory, &n);
	if (n == SIZE_MAX)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (duplicates[i].n < 2 || !*duplicates[i].value)
			abort();
	}
	duplicates_free(duplicates, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inventory inventory = {0};
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	scan_text(&inventory, "/tmp/a.cfg", text);
	scan_text(&inventory, "/tmp/b.cfg", text);
	look_at(&inventory);
	inventory_free(&inventory);
	inventory_parse(&inventory, text);
	look_at(&inventory);
	inventory_free(&inventory);
	free(text);
	return 0;
}
