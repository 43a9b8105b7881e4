/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration keys for help and manual. See keys.h. */
#include "cli/keys.h"
#include "cli/paragraph.h"
#include "engine/driver.h"
#include "engine/verb.h"
#include "model/key.h"

#include <stdbool.h>
#include <stdio.h>

static const struct key *const group_keys[] = {&key_machines, NULL};

int key_group_at(unsigned n, struct key_group *group)
{
	static const struct key_group own[] = {
		{"Machines", NULL, model_keys},
		{"Ladders", NULL, verb_keys},
		{"Groups", NULL, group_keys},
	};
	const unsigned count = sizeof(own) / sizeof(own[0]);
	const struct key_set *set;
	const struct driver *driver;

	if (n < count) {
		*group = own[n];
		return 0;
	}
	n -= count;
	for (size_t i = 0; (set = key_set_at(i)); i++) {
		if (!n--) {
			*group = (struct key_group){set->title, NULL, set->keys};
			return 0;
		}
	}
	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (!driver->keys || !driver->keys[0] || n--)
			continue;
		*group = (struct key_group){driver->name, driver, driver->keys};
		return 0;
	}
	return -1;
}

static bool has_key(const struct driver *driver, const struct key *key)
{
	for (const struct key *const *k = driver->keys; k && *k; k++) {
		if (*k == key)
			return true;
	}
	return false;
}

bool key_is_repeated(const struct driver *driver, const struct key *key)
{
	const struct driver *other;

	for (size_t i = 0; driver && (other = driver_at(i)) && other != driver; i++) {
		if (has_key(other, key))
			return true;
	}
	return false;
}

const char *key_place(const struct key *key)
{
	return key == &key_machines ? "group" :
	       key->flags & KEY_GLOBAL ? "top of the file" :
	       key->flags & KEY_OWN ? "machine" : "machine, profile";
}

void key_print_line(const struct key *key)
{
	printf("  %-18s %s%s", key->name, key_type_name(key),
	       key->flags & KEY_LIST ? ", several" : "");
	if (key->def)
		printf(" (%s)", key->def);
	putchar('\n');
}

static void print_drivers(const struct key *key)
{
	const struct driver *driver;
	bool first = true;

	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (!has_key(driver, key))
			continue;
		printf("%s%s", first ? "  driver    " : ", ", driver->name);
		first = false;
	}
	if (!first)
		putchar('\n');
}

void key_print(const struct key *key)
{
	printf("%s\n  type      %s%s\n", key->name, key_type_name(key),
	       key->flags & KEY_LIST ? ", one or several: {\"…\", \"…\"}" : "");
	if (key->def)
		printf("  default   %s\n", key->def);
	printf("  stands in %s\n", key_place(key));
	print_drivers(key);
	if (key->flags & KEY_SECRET)
		printf("  secret    never shown\n");
	putchar('\n');
	paragraphs_print(key->help, 2);
}
