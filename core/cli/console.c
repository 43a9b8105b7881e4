/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker console: one machine's console at this terminal, or those of many. */
#include "base/fault.h"
#include "base/text.h"
#include "cli/attach.h"
#include "cli/bmc.h"
#include "cli/command.h"
#include "cli/far.h"
#include "cli/options.h"
#include "cli/power_console.h"
#include "cli/viewer.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>

static struct attach_options options = {.escape = ESCAPE_DEFAULT, .linger_ms = 1000};
static const char *mode_name;

static int set_mode(enum attach_mode mode, const char *name, struct fault *f)
{
	if (mode_name && options.mode != mode)
		return fault_set(f, EINVAL, "does not go together with --%s", mode_name);
	options.mode = mode;
	mode_name = name;
	return 0;
}

static int set_monitor(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value;
	return set_mode(ATTACH_MONITOR, "monitor", f);
}

static int set_join(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value;
	return set_mode(ATTACH_JOIN, "join", f);
}

static int set_steal(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value;
	return set_mode(ATTACH_STEAL, "steal", f);
}

static int set_escape(struct context *context, const char *value, struct fault *f)
{
	(void)context;
	options.escape_given = true;
	return escape_parse(value, &options.escape, f);
}

static int set_broadcast(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value, (void)f;
	options.broadcast = true;
	return 0;
}

static int set_log(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)f;
	options.log = value;
	return 0;
}

static int set_linger(struct context *context, const char *value, struct fault *f)
{
	(void)context;
	return duration_parse(value, &options.linger_ms, f);
}

static int set_direct(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value, (void)f;
	options.direct = true;
	return 0;
}

/* The driver frees it, and says so in place of opening one. */
static int set_deactivate(struct context *context, const char *value, struct fault *f)
{
	(void)value;
	options.direct = true;
	return context_set(context, "console", "sol deactivate", f);
}

static int set_quiet(struct context *context, const char *value, struct fault *f)
{
	(void)value, (void)f;
	context->quiet = options.quiet = true;
	return 0;
}

static int attach_selected(struct context *c, const struct selection *selection,
			   const char *command)
{
	if (selection->n > 1 && !options.broadcast)
		return usage_error("%s: these are %zu machines: name one, or add --broadcast: "
				   "what you type then goes to all of them", command, selection->n);
	if (!selection->n)
		return usage_error("%s: no machine is left", command);
	return attach_run(c, selection, &options);
}

static int console_run(struct context *c, int argc, char **argv)
{
	struct selection selection = {0};
	int code;

	for (int i = 0; i < argc; i++) {
		if (!far_is(argv[i]))
			continue;
		if (argc == 1)
			return far_console(c, argv[0]);
		return usage_error("console: \"%s\" must be the only machine that is named",
				   argv[i]);
	}
	if (viewer_is_asked_for())
		return viewer_run(c, argc, argv);
	code = bmc_select(c, argc, argv, &selection);
	if (!code)
		code = attach_selected(c, &selection, "console");
	selection_free(&selection);
	return code;
}

/* --- on, cycle and reset with --console ------------------------------------------------------- */

static bool asked_for;

static int set_console(struct context *context, const char *value, struct fault *f)
{
	(void)context, (void)value, (void)f;
	asked_for = true;
	return 0;
}

const struct option_entry power_console_options[] = {
	{0, "console", NULL, "Open the machine's console first, and stay at it.",
	 .set = set_console},
	{0},
};

bool power_console_is_asked_for(void)
{
	return asked_for;
}

int power_console(struct context *c, const struct selection *selection,
		  const struct performance *performance)
{
	const char *command = c->command->name;

	if (c->json)
		return usage_error("%s: --json and --console do not go together", command);
	if (selection->n != 1)
		return usage_error("%s: --console shows one machine, not %zu", command,
				   selection->n);
	options.verb = performance;
	options.quiet = c->quiet;
	return attach_run(c, selection, &options);
}

/* --- the command ------------------------------------------------------------------------------ */

static const struct option_entry console_options[] = {
	{'e', "escape", "CHAR", "The escape character instead of &: a character, ^X, or none.",
	 .set = set_escape},
	{0, "monitor", NULL, "Only look: what is typed goes nowhere.", .set = set_monitor},
	{0, "join", NULL, "Write beside those who write already.", .set = set_join},
	{0, "steal", NULL, "Take it from who has it.", .set = set_steal},
	{0, "broadcast", NULL, "Many machines: what is typed goes to all of them.",
	 .set = set_broadcast},
	{0, "log", "FILE", "Add what is said to this file.", .set = set_log},
	{0, "linger", "T", "Leave when input has ended and the machine is silent for T (1s).",
	 .set = set_linger},
	{0, "direct", NULL, "Not through the server.", .set = set_direct},
	{0, "deactivate", NULL, "Free the BMC's console, whoever has it, and open none.",
	 .set = set_deactivate},
	{'q', "quiet", NULL, "Tell only what went wrong, and what is asked for.",
	 .set = set_quiet},
	{0},
};

static const struct option_entry *const console_tables[] = {
	console_options, viewer_options, bmc_options, config_options, NULL,
};

static const struct command console_command = {
	.name = "console",
	.summary = "Show the console of a machine",
	.usage = "[OPTION]… MACHINE…|USER@HOST:MACHINE",
	.help =
	"Attaches this terminal to a machine's console: the first way of `console =` that opens.\n"
	"Where `stoker daemon` runs, it is attached through that, which lets several look and\n"
	"write at a time; without it, or with --direct, by this process alone.\n"
	"\n"
	"\t&.  leave              &B  send a break         &R  reset the machine\n"
	"\t&?  help               &L  the last lines again &C  put it off and on again\n"
	"\t&&  send one &         &M  read-only on or off  &W  who else is attached\n"
	"\t&Z  suspend            &I  which console, since when\n"
	"\n"
	"&R and &C do what `stoker reset` and `stoker cycle` do, and ask first.\n"
	"\n"
	"A console that somebody else writes to is refused, with who that is and since when:\n"
	"--monitor only looks, --join writes as well, --steal takes it.\n"
	"\n"
	"With --broadcast what is typed goes to all machines; what they say is shown a line at a\n"
	"time behind the machine's name. Input waits until each has opened or cannot be.\n"
	"\n"
	"Where standard input is no terminal, bytes pass unchanged, and there is no escape\n"
	"character but by -e. When input has ended, and the machine is silent for the time of\n"
	"--linger, it is left: `echo uptime | stoker console --quiet rack01`. With --monitor\n"
	"nothing is read, and it goes on until the console ends.\n"
	"\n"
	"--window starts the program that the machine's key `viewer` names, a terminal of its own\n"
	"with this command in it or a viewer of its VNC screen, tells its process and returns;\n"
	"with --viewer it is another program. Passwords of the environment do not go there.\n"
	"\n"
	"USER@HOST:MACHINE runs the same command by ssh on another host (STOKER_SSH: another\n"
	"program than ssh); options mean there what they say.\n"
	"\n"
	"The exit code is 0 when it was left, 1 when the console could not be opened or was lost.",
	.options = console_tables,
	.run = console_run,
};
COMMAND(console_command);
