/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consoles in windows of their own: the user's program is started, and this terminal stays free. */
#ifndef CLI_VIEWER_H
#define CLI_VIEWER_H

#include "cli/command.h"

#include <stdbool.h>

struct context;

/* --viewer and --window: for the tables of a command that calls viewer_run. */
extern const struct option_entry viewer_options[];
bool viewer_is_asked_for(void);
/* The names of those that are known, for completions; NULL behind the last. */
const char *viewer_name(unsigned n);
/*
 * Starts the viewer of each machine that is named, and returns: the program's exit code. What it
 * starts in there is this command with the options that it was given itself.
 */
int viewer_run(struct context *context, int argc, char **argv);

#endif
