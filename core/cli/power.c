/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker on, off, soft, reset, cycle, nmi: do a verb to machines through their ladders. */
#include "cli/bmc.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "cli/power_console.h"
#include "model/select.h"

static int power_run(struct context *context, int argc, char **argv)
{
	const struct performance performance = {.verb = verb_find(context->command->name)};
	struct selection selection = {0};
	int code = bmc_select(context, argc, argv, &selection);

	if (!code && power_console_is_asked_for() && !context->dry_run)
		code = power_console(context, &selection, &performance);
	else if (!code)
		code = context_perform(context, &selection, &performance);
	selection_free(&selection);
	return code;
}

static const struct option_entry *const power_options[] = {
	bmc_options, plan_options, output_options, config_options, NULL,
};

/* What puts a machine on makes it say something. */
static const struct option_entry *const booting_options[] = {
	power_console_options, bmc_options, plan_options, output_options, config_options, NULL,
};

#define POWER_COMMAND(id, verb, table, line, text) \
	static const struct command id = { \
		.name = verb, .summary = line, .usage = "[OPTION]… MACHINE…", .help = text, \
		.options = table, .run = power_run, \
	}; \
	COMMAND(id)

#define CHOOSING \
	"\n\n" \
	"MACHINE is a name, a range (rack[1-40]), a group, mac: ip: uuid: label: file: or path:\n" \
	"with a value, or all; !NAME takes a machine out again ('rack[1-40],!rack7')."

POWER_COMMAND(on_command, "on", booting_options, "Put machines on",
	"Puts machines on by their ladder: the methods of `on =`, best first. A machine is\n"
	"reported as on only when that was observed; as sent where nothing can observe it.\n"
	"Hosts go on before their guests, and what `after =` names before what waits for it."
	CHOOSING);
POWER_COMMAND(off_command, "off", power_options, "Put machines off",
	"Puts machines off by their ladder: the methods of `off =`, best first. The guests that\n"
	"run on a machine go down before it; --force leaves them out."
	CHOOSING);
POWER_COMMAND(soft_command, "soft", power_options, "Ask operating systems to shut down",
	"Asks the machines' operating systems to shut down, by the methods of `soft =`. Guests go\n"
	"first, as with off."
	CHOOSING);
POWER_COMMAND(reset_command, "reset", booting_options, "Reset machines",
	"Resets machines at once, by the methods of `reset =`. The guests that run on a machine\n"
	"are put off before it; --force leaves them out."
	CHOOSING);
POWER_COMMAND(cycle_command, "cycle", booting_options, "Put machines off and on again",
	"Puts machines off and on again: by the methods of `cycle =`, else by those of `off =`\n"
	"and then `on =`. Guests are put off first, as with off."
	CHOOSING);
POWER_COMMAND(nmi_command, "nmi", power_options, "Send a diagnostic interrupt",
	"Sends machines a diagnostic interrupt (NMI), by the methods of `nmi =`: most operating\n"
	"systems then write a crash dump."
	CHOOSING);
