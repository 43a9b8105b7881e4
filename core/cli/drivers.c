/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker drivers: the drivers of this build, what each can do, and whether it can work here. */
#include "base/fault.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "cli/paragraph.h"
#include "cli/view.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "model/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_json(struct context *c, const char *value, struct fault *f)
{
	(void)value, (void)f;
	c->json = true;
	return 0;
}

static void print_verbs(const struct driver *driver)
{
	printf("  verbs:");
	for (unsigned verb = 0; verb < verb_count(); verb++) {
		const struct verb_op *op = driver_op(driver, verb);

		if (op)
			printf(" %s%s", verb_info(verb)->name, op->flags & OP_OBSERVES ? "*" : "");
	}
	putchar('\n');
}

static void print_head(const struct driver *driver)
{
	struct fault fault;

	printf("%s: %s\n", driver->name, driver->summary);
	if (driver->nops)
		print_verbs(driver);
	if (driver->console)
		printf("  shows: consoles%s\n", driver_sends_breaks(driver) ? ", with breaks" : "");
	printf("  here:  %s\n", driver->check && driver->check(&fault) ? fault.text : "ready");
}

static void print_key(const struct key *key)
{
	printf("  %s: %s%s%s%s%s%s\n", key->name, key_type_name(key),
	       key->flags & KEY_LIST ? ", one or several" : "",
	       key->flags & KEY_GLOBAL ? ", for the whole program" : "",
	       key->flags & KEY_SECRET ? ", never shown" : "",
	       key->def ? "; default " : "", key->def ? key->def : "");
	paragraphs_print(key->help, 6);
}

static void print_tables(const struct driver *driver)
{
	char *text = driver->help_tables ? driver->help_tables() : NULL;

	if (text) {
		putchar('\n');
		paragraphs_print(text, 0);
	}
	free(text);
}

static void print_whole(const struct driver *driver)
{
	char limit[32];

	print_head(driver);
	duration_print(driver->timeout_ms ? driver->timeout_ms : METHOD_TIMEOUT_MS, limit,
		       sizeof(limit));
	printf("  limit: %s where a method names none\n", limit);
	if (driver->needs)
		printf("  used by default for machines that have %s =%s%s\n", driver->needs->name,
		       driver->needs_value ? " " : "",
		       driver->needs_value ? driver->needs_value : "");
	if (driver->help) {
		putchar('\n');
		paragraphs_print(driver->help, 0);
	}
	print_tables(driver);
	if (driver->keys && driver->keys[0])
		printf("\nConfiguration keys\n");
	for (const struct key *const *k = driver->keys; k && *k; k++)
		print_key(*k);
	if (driver->nops)
		printf("\n* sees its effect: the machine has come to the state when it says so\n");
}

static int unknown_driver(const char *name)
{
	struct nearest nearest = {.wanted = name};
	const struct driver *driver;

	for (size_t i = 0; (driver = driver_at(i)); i++)
		nearest_offer(&nearest, driver->name);
	if (nearest.name)
		return usage_error("there is no driver \"%s\" in this build: did you mean \"%s\"?",
				   name, nearest.name);
	return usage_error("there is no driver \"%s\" in this build: `stoker drivers` lists what "
			   "there is", name);
}

static int show_named(const struct view *view, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		const struct driver *driver = driver_find(argv[i]);

		if (!driver)
			return unknown_driver(argv[i]);
		if (i && !view)
			putchar('\n');
		if (view)
			view->print(driver);
		else
			print_whole(driver);
	}
	return 0;
}

static int show_all(const struct view *view)
{
	const struct driver *driver;

	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (view)
			view->print(driver);
		else
			print_head(driver);
	}
	if (!view)
		printf("\n* sees its effect. `stoker drivers DRIVER` tells all about one.\n");
	return 0;
}

static int drivers_run(struct context *context, int argc, char **argv)
{
	const struct view *view = context->json ? view_find("drivers", "json") : NULL;

	if (context->json && !view)
		return EXIT_USAGE;
	return argc ? show_named(view, argc, argv) : show_all(view);
}

static const struct option_entry drivers_options[] = {
	{0, "json", NULL, "Print one JSON object a line for each driver.", .set = set_json},
	{0},
};

static const struct option_entry *const drivers_tables[] = {drivers_options, NULL};

static const struct command drivers_command = {
	.name = "drivers",
	.summary = "List drivers, and whether they can work here",
	.usage = "[OPTION]… [DRIVER]…",
	.help =
	"Lists the drivers of this build: the verbs that each can do, those marked * whose effect\n"
	"it sees by itself; whether it shows consoles, and whether it can send breaks to them; and\n"
	"whether it can work here and now, or what it lacks. With a name: also its help and its\n"
	"configuration keys.",
	.options = drivers_tables,
	.run = drivers_run,
};
COMMAND(drivers_command);
