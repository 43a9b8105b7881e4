/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker bootdev: which device machines boot from. */
#include "base/fault.h"
#include "cli/bmc.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "engine/words.h"
#include "model/select.h"

#include <stdbool.h>
#include <string.h>

static bool always, efi;

static int set_always(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value, (void)f;
	always = true;
	return 0;
}

static int set_efi(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value, (void)f;
	efi = true;
	return 0;
}

static int bootdev_run(struct context *context, int argc, char **argv)
{
	char *words[] = {
		argc ? argv[0] : NULL, (char *)(always ? "always" : "once"),
		(char *)(efi ? "efi" : "legacy"),
	};
	const struct performance performance = {
		.verb = VERB_BOOTDEV, .words = words, .nwords = 3,
	};
	struct selection selection = {0};
	struct bootdev bootdev;
	struct fault fault;
	int code;

	/* a machine's name in the device's place is told as that, before all else */
	if (bootdev_parse(argc ? 3 : 0, words, &bootdev, &fault))
		return usage_error("%s: usage: stoker bootdev %s", fault.text,
				   context->command->usage);
	code = bmc_select(context, argc - 1, argv + 1, &selection);
	if (!code)
		code = context_perform(context, &selection, &performance);
	selection_free(&selection);
	return code;
}

static const struct option_entry bootdev_options[] = {
	{0, "always", NULL, "From now on, not the next time alone.", .set = set_always},
	{0, "efi", NULL, "Boot by EFI, not as a legacy BIOS does.", .set = set_efi},
	{0},
};

static const struct option_entry *const bootdev_tables[] = {
	bootdev_options, bmc_options, plan_options, output_options, config_options, NULL,
};

static const struct command bootdev_command = {
	.name = "bootdev",
	.summary = "Choose the device that machines boot from",
	.usage = "[OPTION]… DEVICE MACHINE…",
	.help =
	"Chooses the device that machines boot from the next time, by the methods of\n"
	"`bootdev =`. It restarts nothing: that is what reset, cycle and on are for. A machine\n"
	"that took the device is reported as done.\n"
	"\n"
	"DEVICE is pxe (the network), disk, cdrom, floppy (or another removable medium), bios\n"
	"(the set-up of its firmware), safe (its disk, in safe mode), diag (its diagnostic\n"
	"partition), or none: as its firmware is set up.",
	.options = bootdev_tables,
	.run = bootdev_run,
};
COMMAND(bootdev_command);
