/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selection and methods: any expression against a small configuration. */
#include "cli/context.h"
#include "engine/ladder.h"
#include "model/config.h"
#include "model/machine.h"
#include "model/select.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char config[] =
	"machine \"rack[1-40]\" { mac = \"02:00:00:00:00:[01-28]\" address = \"10.0.0.[1-40]\" }\n"
	"machine \"nas1\" { uuid = \"123e4567-e89b-12d3-a456-426614174000\" label = \"store\"\n"
	"  path = \"/vm/a/nas.conf\" }\n"
	"group \"front\" { machines = {\"rack[1-3]\", \"!rack2\"} }\n";

static void fail(void *data, const char *sentence)
{
	(void)data, (void)sentence;
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct model *model;
	struct selection selection = {0};
	struct method method;
	char *text = strndup((const char *)data, size);

	if (!model) {
		const struct config_reader reader = {model = model_new(), all_keys(), fail, NULL};

		config_read_text(&reader, "fuzz", config);
	}
	if (!text)
		return 0;
	if (!select_machines(model, text, &selection, NULL) && (!selection.n || selection.n > 41))
		abort();
	selection_free(&selection);
	for (unsigned verb = 0; verb < verb_count(); verb++) {
		if (!method_parse(text, verb, &method, NULL))
			method_free(&method);
	}
	free(text);
	return 0;
}
