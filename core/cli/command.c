/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The register of commands: pointers that the linker gathers in one section. See command.h. */
#include "cli/command.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { COMMANDS_MAX = 64 };

extern const struct command *const __start_stoker_commands[];
extern const struct command *const __stop_stoker_commands[];

static int compare(const void *left, const void *right)
{
	return strcmp((*(const struct command *const *)left)->name,
		      (*(const struct command *const *)right)->name);
}

const struct command *command_at(unsigned n)
{
	static const struct command *sorted[COMMANDS_MAX + 1];

	if (!sorted[0]) {
		size_t count = 0;

		for (const struct command *const *c = __start_stoker_commands;
		     c < __stop_stoker_commands && count < COMMANDS_MAX; c++)
			sorted[count++] = *c;
		qsort(sorted, count, sizeof(sorted[0]), compare);
	}
	return n < COMMANDS_MAX ? sorted[n] : NULL;
}

const struct command *command_find(const char *name)
{
	const struct command *command;

	for (unsigned i = 0; (command = command_at(i)); i++) {
		if (!strcmp(command->name, name))
			return command;
	}
	return NULL;
}
