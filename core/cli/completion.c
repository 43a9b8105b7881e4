/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker completion: prints scripts that complete commands, options and machines. Commands and
 * options come from the program's tables when a script is printed, machines from `stoker list` when
 * it runs.
 */
#include "cli/completion.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/keys.h"
#include "cli/options.h"
#include "cli/viewer.h"
#include "engine/driver.h"
#include "engine/words.h"
#include "model/key.h"

#include <stdio.h>
#include <string.h>

/* A build without consoles has none. */
extern const char *viewer_name(unsigned n) __attribute__((weak));

static const struct {
	const char *name;
	void (*print)(void);
} shells[] = {
	{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish},
};

enum { SHELLS = sizeof(shells) / sizeof(shells[0]) };

/* What stands for an argument in usages and options says what can stand in its place. */
static enum complete complete_word(const char *text)
{
	static const struct {
		const char *word;
		enum complete kind;
	} words[] = {
		{"DEVICE", COMPLETE_DEVICES},
		{"VIEWER", COMPLETE_VIEWERS},
		{"MACHINE", COMPLETE_MACHINES}, {"FILE", COMPLETE_FILES},
		{"DRIVER", COMPLETE_DRIVERS},
		{"COMMAND", COMPLETE_TOPICS}, {"bash", COMPLETE_SHELLS},
	};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(text, words[i].word))
			return words[i].kind;
	}
	return strcmp(text, "IF") ? COMPLETE_NOTHING : COMPLETE_INTERFACES;
}

enum complete complete_option(const struct option_entry *option)
{
	return option->argument ? complete_word(option->argument) : COMPLETE_NOTHING;
}

enum complete complete_command(const struct command *command)
{
	return complete_word(command->usage);
}

const char *complete_name(enum complete kind)
{
	static const char *const names[] = {
		[COMPLETE_NOTHING] = "nothing", [COMPLETE_MACHINES] = "machines",
		[COMPLETE_FILES] = "files", [COMPLETE_INTERFACES] = "interfaces",
		[COMPLETE_DRIVERS] = "drivers", [COMPLETE_TOPICS] = "topics",
		[COMPLETE_SHELLS] = "shells", [COMPLETE_VIEWERS] = "viewers",
		[COMPLETE_DEVICES] = "devices",
	};

	return names[kind];
}

const struct option_entry *complete_option_at(const struct command *command, unsigned n)
{
	static const struct option_entry help = {
		.letter = 'h', .name = "help", .help = "Show this text.",
	};
	const struct option_entry *o;
	unsigned i = 0;

	for (; (o = option_at(command, i)); i++) {
		if (o->help && !n--)
			return o;
	}
	return i && !n ? &help : NULL;
}

const struct command *complete_command_at(unsigned n)
{
	const struct command *command;

	for (unsigned i = 0; (command = command_at(i)); i++) {
		if (command->run && !n--)
			return command;
	}
	return NULL;
}

void complete_print_drivers(void)
{
	const struct driver *driver;

	for (size_t i = 0; (driver = driver_at(i)); i++)
		printf(" %s", driver->name);
}

void complete_print_keys(void)
{
	struct key_group group;

	for (unsigned n = 0; !key_group_at(n, &group); n++) {
		for (const struct key *const *k = group.keys; *k; k++) {
			if (!key_is_repeated(group.driver, *k))
				printf(" %s", (*k)->name);
		}
	}
}

void complete_print_shells(void)
{
	for (unsigned i = 0; i < SHELLS; i++)
		printf(" %s", shells[i].name);
}

void complete_print_viewers(void)
{
	const char *name;

	for (unsigned i = 0; viewer_name && (name = viewer_name(i)); i++)
		printf(" %s", name);
}

void complete_print_devices(void)
{
	for (unsigned i = 0; i < BOOTDEVS; i++)
		printf(" %s", bootdev_name(i));
}

void complete_print_quoted(const char *text, const char *apostrophe)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs(apostrophe, stdout);
		else
			putchar(*text);
	}
}

static int completion_run(struct context *context, int argc, char **argv)
{
	struct nearest nearest = {.wanted = argc ? argv[0] : ""};

	if (argc != 1)
		return usage_error("completion: name one shell: usage: stoker completion %s",
				   context->command->usage);
	for (unsigned i = 0; i < SHELLS; i++) {
		if (!strcmp(shells[i].name, argv[0])) {
			shells[i].print();
			return 0;
		}
		nearest_offer(&nearest, shells[i].name);
	}
	if (nearest.name)
		return usage_error("completion: there is none for \"%s\": did you mean \"%s\"?",
				   argv[0], nearest.name);
	return usage_error("completion: there is none for \"%s\": choose bash, zsh or fish",
			   argv[0]);
}

static const struct command completion_command = {
	.name = "completion",
	.summary = "Print completions for a shell",
	.usage = "bash|zsh|fish",
	.help =
	"Prints a script that completes the commands, options, machines and groups of stoker:\n"
	"\n"
	"\teval \"$(stoker completion bash)\"     in ~/.bashrc\n"
	"\tsource <(stoker completion zsh)      in ~/.zshrc, behind compinit\n"
	"\tstoker completion fish | source      in ~/.config/fish/config.fish",
	.run = completion_run,
};
COMMAND(completion_command);
