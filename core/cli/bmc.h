/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines that are named by their BMCs on the command line, and how to log in to those. */
#ifndef CLI_BMC_H
#define CLI_BMC_H

#include "cli/command.h"

#include <stdbool.h>

struct selection;

/* --bmc and what goes with it: for the tables of a command that calls bmc_select. */
extern const struct option_entry bmc_options[];

/*
 * Loads the configuration and chooses machines by words, and those of --bmc. Where only --bmc names
 * any, no configuration is read unless -c asks for it. Then asks for passwords, as options say. 0
 * or EXIT_USAGE; the selection is to be freed in both cases.
 */
int bmc_select(struct context *context, int argc, char **argv, struct selection *selection);
/* Whether --bmc names machines. */
bool bmc_is_named(void);

#endif
