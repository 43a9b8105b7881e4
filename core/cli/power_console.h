/* SPDX-License-Identifier: GPL-3.0-or-later */
/* on, cycle and reset that show the machine's console, in a build that has consoles. */
#ifndef CLI_POWER_CONSOLE_H
#define CLI_POWER_CONSOLE_H

#include "cli/command.h"

#include <stdbool.h>

struct context;
struct performance;
struct selection;

/* --console: for the tables of a command that calls power_console. */
extern const struct option_entry power_console_options[];
bool power_console_is_asked_for(void);
/* Opens the console, does the verb, stays until it is left; the program's exit code. */
int power_console(struct context *context, const struct selection *selection,
		  const struct performance *performance);

#endif
