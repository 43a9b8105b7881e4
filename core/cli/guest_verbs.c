/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker create, start, stop, pause, resume, suspend, wakeup, save, restore, snapshot, migrate, sysrq: the
 * verbs that only guests have.
 */
#include "base/fault.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "engine/words.h"
#include "model/select.h"

#include <string.h>

static int perform(struct context *context, struct performance *performance, int argc, char **argv)
{
	struct selection selection = {0};
	int code = context_load(context);

	if (!code)
		code = context_select(context, argc, argv, &selection);
	if (!code)
		code = context_perform(context, &selection, performance);
	selection_free(&selection);
	return code;
}

static int plain_run(struct context *context, int argc, char **argv)
{
	struct performance performance = {.verb = verb_find(context->command->name)};

	return perform(context, &performance, argc, argv);
}

/* As a ladder may have it, for who knows it so from Xen: engine/bare.c. */
static int create_run(struct context *context, int argc, char **argv)
{
	struct performance performance = {.verb = VERB_ON};

	return perform(context, &performance, argc, argv);
}

/* The first words are the verb's own, the machines stand behind them. */
static int words_run(struct context *context, int argc, char **argv, int nwords)
{
	struct performance performance = {
		.verb = verb_find(context->command->name), .words = argv, .nwords = (size_t)nwords,
	};
	struct fault fault;

	if (argc < nwords)
		performance.nwords = (size_t)argc;
	/* a machine's name in the place of a word is told as that, before all else */
	if (verb_check_words(performance.verb, performance.nwords, argv, &fault))
		return usage_error("%s: usage: stoker %s %s", fault.text, context->command->name,
				   context->command->usage);
	return perform(context, &performance, argc - nwords, argv + nwords);
}

static int one_word_run(struct context *context, int argc, char **argv)
{
	return words_run(context, argc, argv, 1);
}

static int snapshot_run(struct context *context, int argc, char **argv)
{
	bool two = argc && (!strcmp(argv[0], "keep") || !strcmp(argv[0], "load") ||
			    !strcmp(argv[0], "delete"));

	return words_run(context, argc, argv, two ? 2 : 1);
}

static const struct option_entry *const tables[] = {
	plan_options, output_options, config_options, NULL,
};

#define GUEST_COMMAND(id, verb, does, line, words, text) \
	static const struct command id = { \
		.name = verb, .summary = line, .usage = "[OPTION]… " words "MACHINE…", \
		.help = text, .options = tables, .run = does, \
	}; \
	COMMAND(id)

GUEST_COMMAND(start_command, "start", plain_run, "Start guests as the service does", "",
	"Starts guests by their ladder, `start =`; without one, what was saved is restored, and what\n"
	"was not is put on. Where a guest cannot be restored it is not put on: its saved state is\n"
	"kept. Hosts go before their guests.");
GUEST_COMMAND(create_command, "create", create_run, "Put guests on, as xl says it", "",
	"The same as `stoker on`: guests begin anew, by the ladder `on =`. One that is saved is not\n"
	"put on over its saved state: start restores it.");
GUEST_COMMAND(stop_command, "stop", plain_run, "Stop guests as the service does", "",
	"Stops guests by their ladder, `stop =`: moved away, saved or shut down, whichever comes\n"
	"first; without one, their operating systems are asked to shut down. What runs on them\n"
	"goes first.");
GUEST_COMMAND(pause_command, "pause", plain_run, "Stop the processors of guests", "",
	"Stops guests where they are: their memory stays, their consoles do not answer. resume lets\n"
	"them go on.");
GUEST_COMMAND(resume_command, "resume", plain_run, "Let paused guests go on", "",
	"Lets guests go on that pause has stopped.");
GUEST_COMMAND(suspend_command, "suspend", plain_run, "Let guests sleep", "",
	"Asks the operating systems of guests to sleep with their memory kept (ACPI S3). wakeup\n"
	"ends it.");
GUEST_COMMAND(wakeup_command, "wakeup", plain_run, "End the sleep of guests", "",
	"Wakes guests that suspend has put to sleep. (Machines that are off are woken by wake.)");
GUEST_COMMAND(save_command, "save", plain_run, "Save the state of guests and end them", "",
	"Saves the whole state of guests, memory included, and ends them. restore brings it back.\n"
	"What cannot be saved goes on running.");
GUEST_COMMAND(restore_command, "restore", plain_run, "Bring saved guests back", "",
	"Brings guests back to the state that save has kept. Where that fails, the saved state\n"
	"stays.");
GUEST_COMMAND(snapshot_command, "snapshot", snapshot_run, "Keep the state of guests by a name",
	"NAME|load NAME|delete NAME|list ",
	"Keeps the state of running guests, disks included, under a name inside their disks; brings\n"
	"it back (load), removes it (delete), or lists what there is.");
GUEST_COMMAND(migrate_command, "migrate", one_word_run, "Move guests to another host", "HOST ",
	"Moves running guests to another host, where a machine of the same kind waits for them. A\n"
	"guest that cannot be moved goes on here.");
GUEST_COMMAND(sysrq_command, "sysrq", one_word_run, "Press magic keys of guests' kernels", "KEYS ",
	"Presses the magic keys of Linux (Alt-SysRq), one after the other: s writes disks, u makes\n"
	"them read-only, b resets, o powers off. They have to be allowed in the guest.");
