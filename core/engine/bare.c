/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods that leave the driver to the machine. See bare.h. */
#include "engine/bare.h"
#include "base/fault.h"
#include "engine/driver.h"
#include "engine/ladder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words of the forebears for verbs; and for what is done by one driver, whatever the machine is. */
static const struct {
	const char *word, *verb, *driver;
} aliases[] = {
	{"create", "on", NULL}, {"kill", "off", NULL}, {"shutdown", "soft", NULL},
	{"script", "soft", "exec"},
};

/*
 * The verb that a method's first word is, where it names no driver; VERBS: none. *driver: the name
 * of the one that does it; NULL: the machine's own.
 */
static enum verb bare_verb(const char *text, size_t *length, const char **driver)
{
	char word[16];

	*driver = NULL;
	*length = strcspn(text, " ");
	if (*length >= sizeof(word))
		return VERBS;
	memcpy(word, text, *length);
	word[*length] = '\0';
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (strcmp(word, aliases[i].word))
			continue;
		*driver = aliases[i].driver;
		return verb_find(aliases[i].verb);
	}
	return driver_find(word) ? VERBS : verb_find(word);
}

/* "save 300s" of the verb stop, done by a driver: "DRIVER save 300s". NULL without memory. */
static char *method_of_driver(const char *text, size_t length, const struct driver *driver,
			      enum verb bare)
{
	char *method;

	if (asprintf(&method, "%s %s%s", driver->name, verb_info(bare)->name, text + length) < 0)
		return NULL;
	return method;
}

static int check_by(const struct driver *driver, const char *text, size_t length, enum verb bare,
		    enum verb verb, struct fault *f)
{
	char *method_text = method_of_driver(text, length, driver, bare);
	struct method method;
	int err = method_text ? method_parse(method_text, verb, &method, f) : fault_no_memory(f);

	if (!err)
		method_free(&method);
	free(method_text);
	return err;
}

/* "script /x/y 300s" of the verb stop: "exec soft /x/y 300s". -ENOSYS where exec is not there. */
static int named_driver(const char *name, const char *text, const struct driver **driver,
			struct fault *f)
{
	*driver = driver_find(name);
	return *driver ? 0 : fault_set(f, ENOSYS, "\"%s\" needs the driver %s, which is not in "
				       "this build", text, name);
}

int bare_check(const char *text, enum verb verb, struct fault *f)
{
	const struct driver *driver;
	const char *name;
	size_t length;
	enum verb bare = bare_verb(text, &length, &name);
	int err = 0;

	if (bare == VERBS)
		return 1;
	if (name) {
		err = named_driver(name, text, &driver, f);
		return err ? err : check_by(driver, text, length, bare, verb, f);
	}
	/* which driver will do it depends on the machine: one that would must be there */
	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (!driver->needs || !driver_op(driver, bare))
			continue;
		err = check_by(driver, text, length, bare, verb, f);
		if (!err)
			return 0;
	}
	return err ? err : fault_set(f, ENOSYS, "\"%s\": no driver of this build can do that",
				     text);
}

int bare_method(const struct machine *machine, const char *text, char **method, struct fault *f)
{
	const struct driver *driver;
	const char *name;
	size_t length;
	enum verb bare = bare_verb(text, &length, &name);
	int err;

	if (bare == VERBS)
		return 0;
	if (name) {
		err = named_driver(name, text, &driver, f);
		if (err)
			return err;
		*method = method_of_driver(text, length, driver, bare);
		return *method ? 0 : fault_no_memory(f);
	}
	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (!driver_op(driver, bare) || !driver_switches(driver, machine))
			continue;
		*method = method_of_driver(text, length, driver, bare);
		return *method ? 0 : fault_no_memory(f);
	}
	return fault_set(f, ENOSYS, "\"%s\": no driver of this machine can do that", text);
}
