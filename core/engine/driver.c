/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The register of drivers: pointers that the linker gathers in one section. See driver.h. */
#include "engine/driver.h"
#include "engine/console.h"

#include <stdlib.h>
#include <string.h>

enum { DRIVERS_MAX = 64 };

/* weak: a build may have no driver at all */
extern const struct driver *const __start_stoker_drivers[] __attribute__((weak));
extern const struct driver *const __stop_stoker_drivers[] __attribute__((weak));

static const struct driver *sorted[DRIVERS_MAX + 1];

static int compare(const void *left, const void *right)
{
	const struct driver *a = *(const struct driver *const *)left;
	const struct driver *b = *(const struct driver *const *)right;

	return a->rank != b->rank ? (a->rank > b->rank) - (a->rank < b->rank) :
				    strcmp(a->name, b->name);
}

const struct driver *driver_at(size_t n)
{
	if (!sorted[0]) {
		size_t count = 0;

		/* the linker's order says nothing to a user */
		for (const struct driver *const *d = __start_stoker_drivers;
		     d < __stop_stoker_drivers && count < DRIVERS_MAX; d++)
			sorted[count++] = *d;
		qsort(sorted, count, sizeof(sorted[0]), compare);
	}
	return n < DRIVERS_MAX ? sorted[n] : NULL;
}

const struct driver *driver_find(const char *name)
{
	const struct driver *driver;

	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (!strcmp(driver->name, name))
			return driver;
	}
	return NULL;
}

const struct verb_op *driver_op(const struct driver *driver, enum verb verb)
{
	for (size_t i = 0; i < driver->nops; i++) {
		if (driver->ops[i].verb == verb)
			return &driver->ops[i];
	}
	return NULL;
}

bool driver_sends_breaks(const struct driver *driver)
{
	return driver->console && driver->console->send_break;
}

void drivers_quit(void)
{
	const struct driver *driver;

	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (driver->quit)
			driver->quit();
	}
}
