/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker guests: guests as a service of their host. What its words do is in guests_*.c. */
#include "cli/guests.h"
#include "base/fault.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"

#include <string.h>

extern const struct guests_deed *const __start_stoker_guests_deeds[];
extern const struct guests_deed *const __stop_stoker_guests_deeds[];

static struct guests_options options;

static const struct guests_deed *find_deed(const char *name, struct nearest *nearest)
{
	for (const struct guests_deed *const *d = __start_stoker_guests_deeds;
	     d < __stop_stoker_guests_deeds; d++) {
		if (!strcmp((*d)->name, name))
			return *d;
		nearest_offer(nearest, (*d)->name);
	}
	return NULL;
}

/* The first option that was given and that the deed does not take; NULL: there is none. */
static const char *unwanted_option(const struct guests_deed *deed)
{
	if (options.automatic && !strchr(deed->options, 'a'))
		return "--auto";
	if (options.all && !strchr(deed->options, 'A'))
		return "--all";
	if (options.into && !strchr(deed->options, 'i'))
		return "--into";
	return NULL;
}

static int guests_run(struct context *context, int argc, char **argv)
{
	struct nearest nearest = {.wanted = argc ? argv[0] : ""};
	const struct guests_deed *deed = find_deed(nearest.wanted, &nearest);

	if (!deed && nearest.name)
		return usage_error("guests: there is no \"%s\": did you mean \"%s\"?", argv[0],
				   nearest.name);
	if (!deed && argc)
		return usage_error("guests: there is no \"%s\": `stoker guests --help` lists what "
				   "can be done",
				   argv[0]);
	if (!deed)
		return usage_error("guests: say what is to be done, as in \"stoker guests start\": "
				   "`stoker guests --help` lists all");
	if (unwanted_option(deed))
		return usage_error("guests %s takes no %s", deed->name, unwanted_option(deed));
	if (options.automatic && options.all)
		return usage_error("guests: --auto and --all do not go together: choose one");
	if (argc > 1 && !*deed->usage)
		return usage_error("guests %s takes no \"%s\": to work on guests one by one use "
				   "`stoker start`, `stoker stop` and so on",
				   deed->name, argv[1]);
	if (argc < 2 && deed->wants)
		return usage_error("usage: stoker guests %s %s", deed->name, deed->usage);
	return deed->run(context, &options, argc - 1, argv + 1);
}

static int set_auto(struct context *c, const char *value, struct fault *f)
{
	(void)c, (void)value, (void)f;
	options.automatic = true;
	return 0;
}

static int set_all(struct context *c, const char *value, struct fault *f)
{
	(void)c, (void)value, (void)f;
	options.all = true;
	return 0;
}

static int set_into(struct context *c, const char *value, struct fault *f)
{
	(void)c, (void)f;
	options.into = value;
	return 0;
}

static const struct option_entry guests_options[] = {
	{0, "auto", NULL, "Only guests with autostart, and those that the service has started.",
	 .set = set_auto},
	{0, "all", NULL, "All guests.", .set = set_all},
	{0, "into", "FILE", "Append what import makes to this file.", .set = set_into},
	{0},
};

static const struct option_entry *const tables[] = {
	guests_options, plan_options, output_options, config_options, NULL,
};

static const struct command guests_command = {
	.name = "guests",
	.summary = "Start and stop the guests of this host as a service",
	.usage = "WORD [OPTION]…",
	.help = "start    Restores what was saved, then starts those with autostart = yes that do "
		"not\n"
		"         run, by their ladders `start =`, as many at a time as "
		"guests-start-parallel\n"
		"         says, with each one's start-delay behind it. With --all: all guests.\n"
		"stop     Stops those with autostart = yes, and what else the service has started, "
		"by\n"
		"         their ladders `stop =`, in the order of the list, as many at a time as\n"
		"         guests-stop-parallel says. With --all: all that run.\n"
		"restart  stop, then start; what was stopped comes up again, also without "
		"autostart.\n"
		"reload   The same as restart, as with xendomains.\n"
		"status   The state of each guest; with --auto: of those that stop would stop.\n"
		"unit     Prints the systemd unit of this service, with time limits that fit the\n"
		"         ladders: for /etc/systemd/system/stoker-guests.service.\n"
		"\n"
		"add NAME KEY=VALUE…, remove GUEST…, auto yes|no GUEST…, order GUEST…\n"
		"         Change the configuration file: a section more, one less, autostart, and "
		"the\n"
		"         places of guests in the list, those named first. Comments and all else "
		"stay\n"
		"         as they are; what cannot be changed safely is refused.\n"
		"import [--into FILE] FILE…\n"
		"         Prints machines for the guests of CHARON's guests lists, of libvirt "
		"(domain\n"
		"         XML) and of Xen (xl, xm), or appends them to a file; tells on standard "
		"error\n"
		"         what was left out, line by line.\n"
		"scan [DIR…]\n"
		"         Finds configuration files of guests by what is in them: ours, xl and xm, "
		"SIMH,\n"
		"         CHARON, libvirt; keeps the inventory, which scan alone shows; tells of "
		"guests\n"
		"         that have the same UUID, MAC address or address: exit code 1.\n"
		"\n"
		"Guests are machines for which `guest =` or `autostart =` is set. Each method of a "
		"ladder\n"
		"has its time limit: what hangs gives way to the next one. A saved guest that "
		"cannot be\n"
		"restored is kept, and not started anew. What runs already is left alone; what was "
		"moved\n"
		"to another host is not started here. Only one of these commands works at a time.\n"
		"\n"
		"Exit code 0: all guests are as they should be; 1: some are not; 3: status found "
		"none\n"
		"that runs.",
	.options = tables,
	.run = guests_run,
};
COMMAND(guests_command);
