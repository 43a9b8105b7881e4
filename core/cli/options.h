/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options: read by the tables of a command, and shown in its help. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/command.h"

/* Tables that commands share. */
extern const struct option_entry config_options[];	/* -c */
extern const struct option_entry output_options[];	/* --json --quiet */
/* --dry-run --fanout --timeout --wait --force */
extern const struct option_entry plan_options[];

/*
 * Reads argv (argv[0] is the command) by the command's tables. 0: first becomes the index of the
 * first argument that is no option; 1: --help was asked for; -EINVAL with a sentence.
 */
int options_read(const struct command *command, struct context *context, int argc, char **argv,
		 int *first, struct fault *f);

/* The n-th option of a command over all its tables, NULL behind the last. */
const struct option_entry *option_at(const struct command *command, unsigned n);
/* "-i, --interface IF" */
void option_print(const struct option_entry *option, char *text, unsigned size);
/* The whole help of a command, on standard output. */
void command_help(const struct command *command);

#endif
