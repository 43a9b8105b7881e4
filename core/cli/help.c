/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker help: the commands, the text of each, and the configuration's keys, all from their tables.
 */
#include "base/fault.h"
#include "base/text.h"
#include "cli/bmc.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/keys.h"
#include "cli/manual.h"
#include "cli/options.h"
#include "cli/paragraph.h"
#include "engine/driver.h"
#include "model/key.h"

#include <stdio.h>
#include <string.h>

static const char *manual_part;

static int set_man(struct context *c, const char *value, struct fault *f)
{
	(void)c, (void)f;
	manual_part = value;
	return 0;
}

static bool takes(const struct command *command, const struct option_entry *table)
{
	for (const struct option_entry *const *t = command->options; t && *t; t++) {
		if (*t == table)
			return true;
	}
	return false;
}

/* What a command is about shows in the options that it takes. */
enum about { ABOUT_MACHINES, ABOUT_CONFIGURATION, ABOUT_PROGRAM, ABOUTS };

static enum about about(const struct command *command)
{
	return takes(command, plan_options) || takes(command, bmc_options) ? ABOUT_MACHINES :
	       takes(command, config_options) ? ABOUT_CONFIGURATION : ABOUT_PROGRAM;
}

static void print_commands(enum about wanted)
{
	static const char *const titles[ABOUTS] = {"Machines", "The configuration", "The program"};
	const struct command *command;
	bool first = true;

	for (unsigned i = 0; (command = command_at(i)); i++) {
		if (!command->run || about(command) != wanted)
			continue;
		if (first)
			printf("\n%s\n", titles[wanted]);
		printf("  %-12s%s\n", command->name, command->summary);
		first = false;
	}
}

static void print_fronts(void)
{
	const struct command *command;
	bool first = true;

	for (unsigned i = 0; (command = command_at(i)); i++) {
		if (!command->front || !command->summary)
			continue;
		if (first)
			printf("\nWhen called by another name\n");
		printf("  %-12s%s\n", command->name, command->summary);
		first = false;
	}
}

static int overview(void)
{
	printf("usage: stoker COMMAND [OPTION]… [MACHINE]…\n");
	for (enum about a = 0; a < ABOUTS; a++)
		print_commands(a);
	print_fronts();
	printf("\n`stoker help COMMAND` says more about each, `stoker help keys` lists what a\n"
	       "configuration can hold, `stoker drivers` tells what the methods do.\n");
	return 0;
}

static int list_keys(void)
{
	struct key_group group;

	for (unsigned n = 0; !key_group_at(n, &group); n++) {
		printf("%s%s%s\n", n ? "\n" : "", group.driver ? "Driver " : "", group.title);
		for (const struct key *const *k = group.keys; *k; k++) {
			if (!key_is_repeated(group.driver, *k))
				key_print_line(*k);
		}
	}
	printf("\n`stoker help keys KEY` says what one means. A default stands in parentheses.\n");
	return 0;
}

static int show_key(const char *name)
{
	struct nearest nearest = {.wanted = name};
	struct key_group group;

	for (unsigned n = 0; !key_group_at(n, &group); n++) {
		for (const struct key *const *k = group.keys; *k; k++) {
			if (!strcmp((*k)->name, name)) {
				key_print(*k);
				return 0;
			}
			nearest_offer(&nearest, (*k)->name);
		}
	}
	if (nearest.name)
		return usage_error("there is no key \"%s\" in this build: did you mean \"%s\"?",
				   name, nearest.name);
	return usage_error("there is no key \"%s\" in this build: `stoker help keys` lists all",
			   name);
}

static int help_keys(int argc, char **argv)
{
	int code = 0;

	if (!argc)
		return list_keys();
	for (int i = 0; i < argc && !code; i++) {
		if (i)
			putchar('\n');
		code = show_key(argv[i]);
	}
	return code;
}

static void help_front(const struct command *command)
{
	printf("usage: %s %s\n\n%s\n", command->name, command->usage, command->help);
}

static int unknown_topic(const char *name)
{
	struct nearest nearest = {.wanted = name};
	const struct command *command;

	if (driver_find(name))
		return usage_error("\"%s\" is no command but a driver: `stoker drivers %s` tells "
				   "about it", name, name);
	nearest_offer(&nearest, "keys");
	for (unsigned i = 0; (command = command_at(i)); i++)
		nearest_offer(&nearest, command->name);
	if (nearest.name)
		return usage_error("there is no command \"%s\": did you mean \"%s\"?", name,
				   nearest.name);
	return usage_error("there is no command \"%s\": `stoker help` lists all", name);
}

static int help_run(struct context *context, int argc, char **argv)
{
	const struct command *command;

	(void)context;
	if (manual_part)
		return manual_print(manual_part);
	if (!argc)
		return overview();
	if (!strcmp(argv[0], "keys"))
		return help_keys(argc - 1, argv + 1);
	if (argc > 1)
		return usage_error("help: takes one command, not \"%s\" as well", argv[1]);
	command = command_find(argv[0]);
	if (!command)
		return unknown_topic(argv[0]);
	if (command->front)
		help_front(command);
	else
		command_help(command);
	return 0;
}

static const struct option_entry help_options[] = {
	{0, "man", "PART", NULL, .set = set_man},
	{0},
};

static const struct option_entry *const help_tables[] = {help_options, NULL};

static const struct command help_command = {
	.name = "help",
	.summary = "Tell about a command or a configuration key",
	.usage = "[COMMAND | keys [KEY]…]",
	.help =
	"Without a word: lists all commands. With a command: says what it does and lists its\n"
	"options. With keys: lists all that a configuration can hold; "
	"with the names of keys, what\n"
	"they mean, where they may stand, and what they default to.",
	.options = help_tables,
	.run = help_run,
};
COMMAND(help_command);
