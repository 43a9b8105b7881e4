/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker status: ask machines whether they are on. */
#include "cli/bmc.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "model/select.h"

static int status_run(struct context *context, int argc, char **argv)
{
	const struct performance performance = {.verb = VERB_STATUS};
	char *everything[] = {(char *)"all"};
	struct selection selection = {0};
	/* to look changes nothing: all need not be spelled out */
	bool all = !argc && !bmc_is_named();
	int code = bmc_select(context, all ? 1 : argc, all ? everything : argv, &selection);

	if (!code)
		code = context_perform(context, &selection, &performance);
	selection_free(&selection);
	return code;
}

static const struct option_entry *const status_options[] = {
	bmc_options, plan_options, output_options, config_options, NULL,
};

static const struct command status_command = {
	.name = "status",
	.summary = "Ask machines whether they are on",
	.usage = "[OPTION]… [MACHINE]…",
	.help =
	"Asks machines for their state by the methods of `status =`, else by their probe, else by\n"
	"the drivers that can tell. Without a name: all machines.\n"
	"\n"
	"Exit code 0: all are on; 3: some are off; 1: the state of some could not be learned.",
	.options = status_options,
	.run = status_run,
};
COMMAND(status_command);
