/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker list --json: one object a line for each machine or group. */
#include "cli/groups.h"
#include "cli/list.h"
#include "cli/view.h"
#include "engine/json_out.h"
#include "model/key.h"
#include "model/machine.h"

#include <string.h>

static json_t *macs_of(const struct machine *machine)
{
	json_t *macs = json_array();
	char text[VALUE_MAX];

	for (size_t i = 0; i < machine_values(machine, &key_mac); i++)
		json_array_append_new(macs, json_any(machine_value(machine, &key_mac, i, text)));
	return macs;
}

static json_t *groups_of(const struct machine *machine, const struct groups *groups)
{
	json_t *names = json_array();

	for (size_t i = 0; i < groups->n; i++) {
		if (group_has(&groups->list[i], machine))
			json_array_append_new(names, json_any(groups->list[i].name));
	}
	return names;
}

static json_t *drivers_of(const struct machine *machine)
{
	json_t *names = json_array();
	const char *text = list_drivers(machine);

	while (*text) {
		size_t length = strcspn(text, ",");

		json_array_append_new(names, json_stringn(text, length));
		text += length + (text[length] == ',');
	}
	return names;
}

static json_t *machine_object(const struct list_row *row)
{
	static const struct key *const keys[] = {
		&key_address, &key_uuid, &key_label, &key_path, &key_host, NULL,
	};
	json_t *object = json_object();
	char text[VALUE_MAX];

	json_add_text(object, "machine", row->machine->name);
	json_object_set_new(object, "mac", macs_of(row->machine));
	for (const struct key *const *k = keys; *k; k++)
		json_add_text(object, (*k)->name, machine_value(row->machine, *k, 0, text));
	json_object_set_new(object, "on", drivers_of(row->machine));
	json_object_set_new(object, "groups", groups_of(row->machine, row->groups));
	return object;
}

static json_t *group_object(const struct group *group)
{
	json_t *object = json_object(), *members = json_array();

	json_add_text(object, "group", group->name);
	for (size_t i = 0; i < group->members.n; i++)
		json_array_append_new(members, json_any(group->members.machines[i]->name));
	json_object_set_new(object, "machines", members);
	return object;
}

static void list_print(const void *what)
{
	const struct list_row *row = what;

	json_print(row->machine ? machine_object(row) : group_object(row->group));
}

static const struct view list_json = {.command = "list", .format = "json", .print = list_print};
VIEW(list_json);
