/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker diagnose: walk the log-in to a machine's device, and tell where it ends. */
#include "cli/bmc.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "model/select.h"

static int diagnose_run(struct context *context, int argc, char **argv)
{
	const struct performance performance = {.verb = VERB_DIAGNOSE};
	struct selection selection = {0};
	int code = bmc_select(context, argc, argv, &selection);

	if (!code)
		code = context_perform(context, &selection, &performance);
	selection_free(&selection);
	return code;
}

static const struct option_entry *const diagnose_tables[] = {
	bmc_options, plan_options, output_options, config_options, NULL,
};

static const struct command diagnose_command = {
	.name = "diagnose",
	.summary = "Tell why a machine's BMC does not let one in",
	.usage = "[OPTION]… MACHINE…",
	.help =
	"Logs in to the devices that switch machines, by the methods of `diagnose =`, step by\n"
	"step; tells what each step found, at which one it ended, what that means and what to\n"
	"change. Nothing is switched.\n"
	"\n"
	"Exit code 0: all let us in; 1: some did not.",
	.options = diagnose_tables,
	.run = diagnose_run,
};
COMMAND(diagnose_command);
