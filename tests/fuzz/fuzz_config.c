/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration reader: any bytes as a file; then everything that it found is resolved. */
#include "cli/context.h"
#include "engine/ladder.h"
#include "model/config.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *data, const char *sentence)
{
	(void)data;
	if (!*sentence)
		abort();
}

static void resolve(const struct model *model)
{
	char buffer[VALUE_MAX];

	for (size_t i = 0; i < model->nmachines && i < 50; i++) {
		const struct machine *machine = &model->machines[i];
		struct ladder *ladder;

		for (const struct key *const *k = all_keys(); *k; k++) {
			for (size_t n = 0; n < machine_values(machine, *k); n++) {
				if (!machine_value(machine, *k, n, buffer))
					abort();
			}
		}
		if (machine_find(model, machine->name) != machine)
			abort();
		for (unsigned verb = 0; verb < verb_count(); verb++) {
			if (!ladder_make(machine, verb, &ladder, NULL))
				ladder_free(ladder);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_reader reader = {.keys = all_keys(), .tell = ignore};
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	/* other files are not what is tried here, nor are machines by the million */
	if (!strstr(text, "include")) {
		reader.model = model_new();
		config_read_text(&reader, "fuzz", text);
		if (reader.model->nmachines < 100000)
			resolve(reader.model);
		model_free(reader.model);
	}
	free(text);
	return 0;
}
