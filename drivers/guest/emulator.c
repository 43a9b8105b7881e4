/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Machines that are programs: CHARON, SIMH, Hercules, and whatever else can be started and has a
 * console. What is known of each is data (emulator_kind.c); a keeper stands beside each that runs
 * (base/keeper/keeper.h).
 */
#include "base/fault.h"
#include "emulator.h"
#include "engine/console.h"
#include "model/help.h"

#include <errno.h>

static int check(struct fault *f)
{
	(void)f;
	return 0;
}

static int check_arguments(enum verb verb, size_t argc, char *const *argv, struct fault *f)
{
	struct emulator_stop stop;

	if (!argc)
		return 0;
	if (verb == VERB_SOFT)
		return emulator_stop_parse(argc, argv, &stop, f);
	return fault_set(f, EINVAL, "emulator takes no argument \"%s\" for %s: only soft does",
			 argv[0], verb_info(verb)->name);
}

static const struct verb_op ops[] = {
	{.verb = VERB_ON, .flags = OP_OBSERVES, .start = emulator_on},
	{.verb = VERB_OFF, .flags = OP_OBSERVES, .start = emulator_off},
	{.verb = VERB_SOFT, .flags = OP_OBSERVES, .start = emulator_soft},
	{.verb = VERB_RESET, .flags = OP_OBSERVES, .start = emulator_reset},
	{.verb = VERB_STATUS, .flags = OP_OBSERVES, .start = emulator_status},
	{.verb = VERB_DIAGNOSE, .flags = OP_OBSERVES, .start = emulator_diagnose},
	{.verb = VERB_STOP, .flags = OP_OBSERVES, .start = emulator_stop},
	{.verb = VERB_PAUSE, .flags = OP_OBSERVES, .start = emulator_pause},
	{.verb = VERB_RESUME, .flags = OP_OBSERVES, .start = emulator_resume},
};

static const struct driver emulator_driver = {
	.name = "emulator",
	.summary = "runs CHARON, SIMH, Hercules and other programs that are machines",
	.help = HELP("Its machines are programs of this host. on starts one, in its folder, with "
		"the keys' command line, and is done when it has lived for a moment and its "
		"console is there; off kills it; reset does both; pause and resume stop its "
		"process and let it go on. soft asks it to stop as `emulator-stop` says or as the "
		"method does (\"soft script /PATH 300s\", \"soft command exit\", \"soft signal "
		"TERM\"), and is done when the process is gone; stop is the same, but kills those "
		"of CHARON that have no `emulator-stop`. What happens to one that still runs when "
		"the time is up is the ladder's to say: stop = {\"soft 300s\", \"kill\"}, or "
		"without \"kill\" a failure.\n\n"
		"Beside each that was started here is a small process, stoker-keeper: it holds its "
		"terminal and, for SIMH, its telnet console, from start to end. SIMH would spin "
		"where its terminal is gone, does not begin before somebody connects, and stops "
		"when that one leaves: with its keeper it does none of that, and consoles come and "
		"go. The console's port is open to all of the network all the same (SIMH knows no "
		"other way): a packet filter should keep others out. The keeper writes what the "
		"terminal says to STATE/guests/NAME/log, two megabytes at most, and how it ended "
		"to `ended`, which status tells. Killed, it is missed by nothing but the console; "
		"on, soft and the console itself bring it back.\n"
		"\n"
		"One that somebody has started by hand is found by its program and configuration "
		"file. It can be asked to stop by script or signal, and killed; its terminal stays "
		"where it was started.\n"
		"\n"
		"CHARON puts frames on network interfaces by itself, and takes those that come: "
		"offloads of the interfaces that its configuration file names (interface = "
		"\"eth1\") are switched off before it starts, all that `ethtool -K` knows, and it "
		"is looked whether they are. That needs root, or CAP_NET_ADMIN.\n"
		"\n"
		"\tprofile \"charon\" {\n"
		"\t\tguest = \"emulator\"\n"
		"\t\temulator = \"charon\"\n"
		"\t\temulator-program = \"/opt/charon/bin/es40\"\n"
		"\t\temulator-stop = \"script /etc/stoker/stop-vms\"\n"
		"\t\tstop = {\"soft 300s\", \"kill\"}\n"
		"\t}\n"
		"\tmachine \"vms[1-4]\" {\n"
		"\t\tprofile = \"charon\"\n"
		"\t\temulator-config = \"/charon/vms[1-4].cfg\"\n"
		"\t\temulator-console = \"telnet [10001-10004]\"\n"
		"\t}\n"
		"\tmachine \"pdp1173\" {\n"
		"\t\tguest = \"emulator\"\n"
		"\t\temulator = \"simh-pdp11\"\n"
		"\t\temulator-config = \"/simh/rt11.ini\"\n"
		"\t\tstop = {\"soft 20s\", \"kill\"}\n"
		"\t}\n"
		"\tmachine \"mvs\" {\n"
		"\t\tguest = \"emulator\"\n"
		"\t\temulator = \"hercules\"\n"
		"\t\temulator-config = \"/hercules/tk4.cnf\"\n"
		"\t\temulator-stop = \"script /etc/stoker/stop-mvs\"\n"
		"\t}\n"
		"\tmachine \"c64\" {\n"
		"\t\tguest = \"emulator\"\n"
		"\t\temulator = \"generic\"\n"
		"\t\temulator-program = \"x64sc\"\n"
		"\t\temulator-args = {\"-console\", \"-remotemonitor\"}\n"
		"\t\temulator-console = \"telnet 6510\"\n"
		"\t\temulator-stop = \"signal TERM\"\n"
		"\t}\n"),
	.help_tables = emulator_kind_table,
	.keys = emulator_keys,
	.ops = ops,
	.nops = sizeof(ops) / sizeof(ops[0]),
	.console = &emulator_console,
	.needs = &key_guest,
	.needs_value = "emulator",
	.rank = 40,
	.fanout = 64,
	.check = check,
	.check_arguments = check_arguments,
	.cancel = emulator_cancel,
	.quit = emulator_quit,
};
DRIVER(emulator_driver);
