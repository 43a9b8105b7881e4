/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker drivers --json: one object a line for each driver. */
#include "base/fault.h"
#include "cli/keys.h"
#include "cli/view.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "engine/json_out.h"
#include "model/key.h"

static json_t *verb_object(const struct verb_op *op)
{
	return json_pack("{s:s, s:b}", "verb", verb_info(op->verb)->name, "observes",
			 (op->flags & OP_OBSERVES) != 0);
}

static json_t *verbs_of(const struct driver *driver)
{
	json_t *verbs = json_array();

	for (unsigned verb = 0; verb < verb_count(); verb++) {
		const struct verb_op *op = driver_op(driver, verb);

		if (op)
			json_array_append_new(verbs, verb_object(op));
	}
	return verbs;
}

static json_t *keys_of(const struct driver *driver)
{
	json_t *keys = json_array();

	for (const struct key *const *k = driver->keys; k && *k; k++) {
		json_t *key = json_object();

		json_add_text(key, "key", (*k)->name);
		json_add_text(key, "type", key_type_name(*k));
		json_add_text(key, "default", (*k)->def);
		json_add_text(key, "in", key_place(*k));
		json_object_set_new(key, "list", json_boolean((*k)->flags & KEY_LIST));
		json_object_set_new(key, "secret", json_boolean((*k)->flags & KEY_SECRET));
		json_add_text(key, "help", (*k)->help);
		json_array_append_new(keys, key);
	}
	return keys;
}

static void drivers_print(const void *what)
{
	const struct driver *driver = what;
	json_t *object = json_object();
	struct fault fault;
	int err = driver->check ? driver->check(&fault) : 0;

	json_add_text(object, "driver", driver->name);
	json_add_text(object, "summary", driver->summary);
	json_object_set_new(object, "ready", json_boolean(!err));
	json_add_text(object, "reason", err ? fault.text : NULL);
	json_object_set_new(object, "verbs", verbs_of(driver));
	json_object_set_new(object, "console", json_boolean(driver->console));
	json_object_set_new(object, "break", json_boolean(driver_sends_breaks(driver)));
	json_object_set_new(object, "keys", keys_of(driver));
	json_print(object);
}

static const struct view drivers_json = {
	.command = "drivers", .format = "json", .print = drivers_print,
};
VIEW(drivers_json);
