/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker identify: the light by which a machine is found in the rack. */
#include "base/fault.h"
#include "cli/bmc.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "engine/words.h"
#include "model/select.h"

#include <errno.h>
#include <string.h>

/* What the options say: a time, on or off; NULL: nothing. */
static char *word;

static int set_word(const char *value, struct fault *f)
{
	char *words[] = {(char *)value};
	struct identify identify;

	if (word)
		return fault_set(f, EINVAL, "one of --for, --on and --off is enough");
	word = words[0];
	return identify_parse(1, words, &identify, f);
}

static int set_for(struct context *context, const char *value, struct fault *f)
{
	(void)context;
	return set_word(value, f);
}

static int set_on(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value;
	return set_word("on", f);
}

static int set_off(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value;
	return set_word("off", f);
}

static int identify_run(struct context *context, int argc, char **argv)
{
	const struct performance performance = {
		.verb = VERB_IDENTIFY, .words = &word, .nwords = word != NULL,
	};
	struct selection selection = {0};
	int code = bmc_select(context, argc, argv, &selection);

	if (!code)
		code = context_perform(context, &selection, &performance);
	selection_free(&selection);
	return code;
}

static const struct option_entry identify_options[] = {
	{0, "for", "T", "Leave it on for this time: 1s to 255s.", .set = set_for},
	{0, "on", NULL, "Leave it on until it is put off.", .set = set_on},
	{0, "off", NULL, "Put it off.", .set = set_off},
	{0},
};

static const struct option_entry *const identify_tables[] = {
	identify_options, bmc_options, plan_options, output_options, config_options, NULL,
};

static const struct command identify_command = {
	.name = "identify",
	.summary = "Light up machines in their racks",
	.usage = "[OPTION]… MACHINE…",
	.help =
	"Switches the identify lights of machines on, by the methods of `identify =`: for 15\n"
	"seconds, unless an option says otherwise. Whether a machine is on or off makes no\n"
	"difference to it. A machine whose light was switched is reported as done.",
	.options = identify_tables,
	.run = identify_run,
};
COMMAND(identify_command);
