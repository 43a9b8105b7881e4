/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Called stoker-keeper, the program is a keeper: the process that holds the terminal of an
 * emulator. Nobody types that; see base/keeper/keeper.h.
 */
#include "base/keeper/keeper.h"
#include "cli/command.h"

static int keeper_front(struct context *context, int argc, char **argv)
{
	(void)context;
	return keeper_main(argc, argv);
}

static const struct command keeper_command = {
	.name = KEEPER_NAME,
	.usage = "MACHINE …",
	.help = "The process beside an emulator that stoker has started: it holds the emulator's "
		"terminal\nand telnet line, and ends with it. Killed, it is missed by nothing but "
		"its lines, and the\nnext `stoker on` of the machine brings them back.",
	.front = keeper_front,
};
COMMAND(keeper_command);
