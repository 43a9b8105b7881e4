/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzzers of import share: what comes of any bytes is read back as it was meant. */
#ifndef FUZZ_IMPORT_H
#define FUZZ_IMPORT_H

#include "cli/import.h"
#include "model/config.h"
#include "model/key.h"
#include "model/machine.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_KEYS_MAX = 128 };

static void import_error(void *data, const char *sentence)
{
	(void)data;
	fprintf(stderr, "%s\n", sentence);
	abort();
}

/* The keys that were set, as texts: drivers of other builds have them. */
static size_t import_keys(const struct import *import, struct key own[FUZZ_KEYS_MAX],
			  const struct key *keys[FUZZ_KEYS_MAX + 1])
{
	size_t n = 0;

	for (size_t g = 0; g < import->n; g++) {
		for (size_t k = 0; k < import->guests[g].nkeys; k++) {
			size_t i = 0;

			while (i < n && strcmp(own[i].name, import->guests[g].keys[k].key))
				i++;
			if (i == n && n < FUZZ_KEYS_MAX)
				own[n++] = (struct key){
					.name = import->guests[g].keys[k].key,
					.type = KEY_TEXT,
					.flags = KEY_LIST,
				};
		}
	}
	for (size_t i = 0; i < n; i++)
		keys[i] = &own[i];
	keys[n] = NULL;
	return n;
}

static void import_compare(const struct import_guest *guest, const struct model *model,
			   const struct key *const *keys)
{
	const struct machine *machine = machine_find(model, guest->name);
	char buffer[VALUE_MAX];

	if (!machine)
		abort();
	for (size_t k = 0; k < guest->nkeys; k++) {
		const struct key *const *key = keys;

		while (strcmp((*key)->name, guest->keys[k].key))
			key++;
		if (machine_values(machine, *key) != guest->keys[k].n)
			abort();
		for (size_t v = 0; v < guest->keys[k].n; v++) {
			if (strcmp(machine_value(machine, *key, v, buffer),
				   guest->keys[k].values[v]))
				abort();
		}
	}
}

static int import_any(const uint8_t *data, size_t size,
		      int (*does)(struct import *import, struct fault *f))
{
	static struct key own[FUZZ_KEYS_MAX];
	static const struct key *keys[FUZZ_KEYS_MAX + 1];
	struct config_reader reader = {.keys = keys, .tell = import_error};
	struct import import = {.file = "fuzz", .path = "/etc/xen/auto/a b"};
	struct buffer out = {0};
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	import.text = text;
	import.length = strlen(text);
	import_kind_of(text);
	does(&import, NULL);
	import_print(&import, &out);
	import_keys(&import, own, keys);
	reader.model = model_new();
	config_read_text(&reader, "fuzz", buffer_text(&out));
	if (reader.model->nmachines != import.n)
		abort();
	for (size_t g = 0; g < import.n; g++)
		import_compare(&import.guests[g], reader.model, keys);
	model_free(reader.model);
	buffer_free(&out);
	import_free(&import);
	free(text);
	return 0;
}

#endif
