/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker version: which version this is, and what is in this build. */
#include "cli/command.h"
#include "cli/context.h"
#include "config/VERSION.h"
#include "engine/driver.h"

#include <stdio.h>

static int version_run(struct context *context, int argc, char **argv)
{
	const struct driver *driver;

	(void)context;
	if (argc)
		return usage_error("version: takes no argument \"%s\"", argv[0]);
	printf("stoker %s\ndrivers:", STOKER_VERSION);
	for (size_t i = 0; (driver = driver_at(i)); i++)
		printf(" %s", driver->name);
	printf("\nlicence: GPL-3.0-or-later\n");
	return 0;
}

static const struct command version_command = {
	.name = "version",
	.summary = "Print the version and the drivers of this build",
	.usage = "",
	.help = "Prints the version, the drivers that this build has, and the licence.",
	.run = version_run,
};
COMMAND(version_command);
