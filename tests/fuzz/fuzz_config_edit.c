/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes of any text: where the reader takes the text, it takes the changed one too, which says
 * what was meant and all else that it said.
 */
#include "base/text.h"
#include "model/config.h"
#include "model/config_edit.h"
#include "model/key.h"
#include "model/machine.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct key key_a = {.name = "a", .type = KEY_TEXT, .flags = KEY_LIST};
static const struct key key_b = {.name = "b", .type = KEY_TEXT, .flags = KEY_LIST};
static const struct key key_g = {.name = "g", .type = KEY_TEXT, .flags = KEY_LIST | KEY_GLOBAL};
static const struct key *const keys[] = {&key_a, &key_b, &key_g, NULL};

static void ignore(void *data, const char *sentence)
{
	(void)data, (void)sentence;
}

static struct model *read_text(const char *text)
{
	struct config_reader reader = {.model = model_new(), .keys = keys, .tell = ignore};

	if (!config_read_text(&reader, "fuzz", text))
		return reader.model;
	model_free(reader.model);
	return NULL;
}

/* All that a machine says, but a. */
static void add_machine(struct buffer *out, const struct machine *machine)
{
	char buffer[VALUE_MAX];

	buffer_add(out, "%s:", machine->name);
	for (size_t i = 0; i < machine_values(machine, &key_b); i++)
		buffer_add(out, " %s", machine_value(machine, &key_b, i, buffer));
	buffer_add_text(out, "\n");
}

static char *said(const struct model *model, const char *without)
{
	struct buffer out = {0};

	for (size_t i = 0; i < model->nmachines && i < 1000; i++) {
		if (!without || strcmp(model->machines[i].name, without))
			add_machine(&out, &model->machines[i]);
	}
	buffer_add_text(&out, "");
	return buffer_take(&out);
}

static void compare(const struct model *before, const char *text, const char *without)
{
	struct model *now = read_text(text);
	char *one, *other, buffer[VALUE_MAX];

	if (!now)
		abort();
	one = said(before, without);
	other = said(now, NULL);
	if (one && other ? strcmp(one, other) : one != other)
		abort();
	if (!without && strcmp(machine_value(machine_find(now, "m"), &key_a, 0, buffer), "new"))
		abort();
	free(one);
	free(other);
	model_free(now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *changed;
	struct model *model;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	model = strlen(text) == size && !strstr(text, "include") ? read_text(text) : NULL;
	if (!config_edit_set(text, "m", "a", "new", &changed, NULL)) {
		if (model && machine_find(model, "m"))
			compare(model, changed, NULL);
		free(changed);
	}
	if (!config_edit_remove(text, "m", &changed, NULL)) {
		if (model && machine_find(model, "m"))
			compare(model, changed, "m");
		free(changed);
	}
	if (model)
		model_free(model);
	free(text);
	return 0;
}
