/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No driver of this build logs in to a BMC: there are no options for that. See bmc.h. */
#include "cli/bmc.h"
#include "cli/context.h"

const struct option_entry bmc_options[] = {{0}};

bool bmc_is_named(void)
{
	return false;
}

int bmc_select(struct context *context, int argc, char **argv, struct selection *selection)
{
	int code = context_load(context);

	return code ? code : context_select(context, argc, argv, selection);
}
