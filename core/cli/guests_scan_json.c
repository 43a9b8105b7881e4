/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker guests scan --json: an object a line for each guest, then for each duplicate. */
#include "cli/scan.h"
#include "cli/view.h"
#include "engine/json_out.h"

#include <string.h>

static json_t *parts_of(const char *list)
{
	json_t *array = json_array();

	while (array && *list) {
		size_t length = strcspn(list, ",");
		char *part = strndup(list, length);

		json_array_append_new(array, json_any(part ? part : ""));
		free(part);
		list += length + (list[length] == ',');
	}
	return array;
}

static void guest_print(const void *what)
{
	const struct found *g = what;
	json_t *object = json_object();

	json_add_text(object, "guest", g->name);
	json_add_text(object, "kind", import_kind_name(g->kind));
	json_add_text(object, "file", g->file);
	json_add_text(object, "uuid", *g->uuid ? g->uuid : NULL);
	json_object_set_new(object, "mac", parts_of(g->macs));
	json_object_set_new(object, "address", parts_of(g->addresses));
	json_print(object);
}

static void duplicate_print(const void *what)
{
	const struct duplicate *d = what;
	json_t *object = json_object(), *who = json_array();

	json_add_text(object, "duplicate", d->what);
	json_add_text(object, "value", d->value);
	for (size_t i = 0; i < d->n; i++) {
		json_t *guest = json_object();

		json_add_text(guest, "guest", d->who[i]->name);
		json_add_text(guest, "file", d->who[i]->file);
		json_array_append_new(who, guest);
	}
	json_object_set_new(object, "guests", who);
	json_print(object);
}

static const struct view guests_json = {
	.command = "guests", .format = "json", .print = guest_print};
VIEW(guests_json);
static const struct view duplicates_json = {
	.command = "duplicates",
	.format = "json",
	.print = duplicate_print,
};
VIEW(duplicates_json);
