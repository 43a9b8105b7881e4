/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker show --json: one object a line for each machine. */
#include "cli/show.h"
#include "cli/view.h"
#include "engine/json_out.h"
#include "model/key.h"
#include "model/machine.h"

static json_t *texts(const char *const *list, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_any(list[i]));
	return array;
}

/* A key that takes several values has an array, even of one. */
static json_t *key_object(const struct shown_key *k)
{
	json_t *object = json_object();

	if (k->key->flags & KEY_LIST)
		json_object_set_new(object, "value", texts((const char *const *)k->values, k->n));
	else
		json_add_text(object, "value", k->values[0]);
	json_add_text(object, "from", k->place);
	return object;
}

static json_t *ladders_object(const struct shown *s)
{
	json_t *object = json_object();

	for (unsigned verb = 0; verb < verb_count(); verb++)
		json_add_text(object, verb_info(verb)->name, s->ladders[verb]);
	return object;
}

static void show_print(const void *what)
{
	const struct shown *s = what;
	json_t *object = json_object(), *keys = json_object();

	json_add_text(object, "machine", s->machine->name);
	json_add_text(object, "section", s->machine->section->title);
	json_add_text(object, "from", s->place);
	for (size_t i = 0; i < s->nkeys; i++)
		json_object_set_new(keys, s->keys[i].key->name, key_object(&s->keys[i]));
	json_object_set_new(object, "keys", keys);
	json_object_set_new(object, "ladders", ladders_object(s));
	json_add_text(object, "console", s->console);
	json_add_text(object, "observer", s->observer);
	json_object_set_new(object, "groups", texts(s->groups, s->ngroups));
	json_object_set_new(object, "guests", texts(s->guests, s->nguests));
	json_print(object);
}

static const struct view show_json = {.command = "show", .format = "json", .print = show_print};
VIEW(show_json);
