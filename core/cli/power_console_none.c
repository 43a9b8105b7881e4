/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build without consoles: there is no such option. See power_console.h. */
#include "cli/power_console.h"

const struct option_entry power_console_options[] = {{0}};

bool power_console_is_asked_for(void)
{
	return false;
}

int power_console(struct context *context, const struct selection *selection,
		  const struct performance *performance)
{
	(void)context, (void)selection, (void)performance;
	return 0;
}
