/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options: one table for reading, help, manual and completion. See options.h. */
#include "cli/options.h"
#include "base/fault.h"
#include "base/text.h"
#include "cli/context.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 48, HELP_COLUMN = 26 };

static int set_config(struct context *c, const char *value, struct fault *f)
{
	(void)f;
	c->config_path = value;
	return 0;
}

static int set_json(struct context *c, const char *value, struct fault *f)
{
	(void)value, (void)f;
	c->json = true;
	return 0;
}

static int set_quiet(struct context *c, const char *value, struct fault *f)
{
	(void)value, (void)f;
	c->quiet = true;
	return 0;
}

static int set_dry_run(struct context *c, const char *value, struct fault *f)
{
	(void)value, (void)f;
	c->dry_run = true;
	return 0;
}

static int set_wait(struct context *c, const char *value, struct fault *f)
{
	(void)value, (void)f;
	c->wait = true;
	return 0;
}

static int set_force(struct context *c, const char *value, struct fault *f)
{
	(void)value, (void)f;
	c->force = true;
	return 0;
}

static int set_fanout(struct context *c, const char *value, struct fault *f)
{
	uint64_t number;
	int err = number_parse(value, "--fanout", 1, 1000000, &number, f);

	c->fanout = err ? 0 : (unsigned)number;
	return err;
}

static int set_timeout(struct context *c, const char *value, struct fault *f)
{
	return duration_parse(value, &c->timeout_ms, f);
}

const struct option_entry config_options[] = {
	{'c', "config", "FILE", "Read this configuration instead of /etc/stoker/stoker.conf.",
	 .set = set_config},
	{0},
};

const struct option_entry output_options[] = {
	{0, "json", NULL, "Print one JSON object a line for each machine.", .set = set_json},
	{'q', "quiet", NULL, "Print only what went wrong.", .set = set_quiet},
	{0},
};

const struct option_entry plan_options[] = {
	{'n', "dry-run", NULL, "Show the plan and do nothing.", .set = set_dry_run},
	{0, "fanout", "N", "Work on at most N machines at a time.", .set = set_fanout},
	{0, "timeout", "T", "Give up what is not done after this time (30s, 5m).",
	 .set = set_timeout},
	{0, "wait", NULL, "Wait for machines that another run works on.", .set = set_wait},
	{0, "force", NULL, "Leave out the guests above, and the order of hosts, guests and after.",
	 .set = set_force},
	{0},
};

const struct option_entry *option_at(const struct command *command, unsigned n)
{
	for (const struct option_entry *const *table = command->options; table && *table; table++) {
		for (const struct option_entry *o = *table; o->letter || o->name; o++) {
			if (!n--)
				return o;
		}
	}
	return NULL;
}

void option_print(const struct option_entry *o, char *text, unsigned size)
{
	const char *argument = o->argument ? o->argument : "", *space = o->argument ? " " : "";

	if (o->letter && o->name)
		snprintf(text, size, "-%c, --%s%s%s", o->letter, o->name, space, argument);
	else if (o->letter)
		snprintf(text, size, "-%c%s%s", o->letter, space, argument);
	else
		snprintf(text, size, "    --%s%s%s", o->name, space, argument);
}

void command_help(const struct command *command)
{
	const struct option_entry *o;
	char text[80];
	bool first = true;

	printf("usage: stoker %s%s%s\n\n%s\n", command->name, *command->usage ? " " : "",
	       command->usage, command->help);
	for (unsigned i = 0; (o = option_at(command, i)); i++) {
		if (!o->help)
			continue;
		option_print(o, text, sizeof(text));
		if (first)
			putchar('\n');
		first = false;
		printf("  %-*s%s%s\n", HELP_COLUMN, text,
		       strlen(text) < HELP_COLUMN ? "" : "\n                            ", o->help);
	}
	if (first && command->options)
		putchar('\n');
	if (command->options)
		printf("  %-*s%s\n", HELP_COLUMN, "-h, --help", "Show this text.");
}

static int apply(struct context *c, const struct option_entry *o, const char *value,
		 struct fault *f)
{
	char text[80];
	int err = o->set ? o->set(c, value, f) :
			   context_set(c, o->key, o->value ? o->value : value, f);

	if (!err)
		return 0;
	snprintf(text, sizeof(text), o->name ? "--%s" : "-%s",
		 o->name ? o->name : (char[]){o->letter, 0});
	return fault_prefix(f, err, "%s", text);
}

static int tell_unknown(const struct command *command, const char *word, struct fault *f)
{
	struct nearest nearest = {.wanted = word + strspn(word, "-")};
	const int length = (int)strcspn(word, "=");
	const struct option_entry *o;

	for (unsigned i = 0; (o = option_at(command, i)); i++) {
		if (o->help && o->name && word[0] == '-' && word[1] == '-')
			nearest_offer(&nearest, o->name);
	}
	/* what stands behind an = may be a password */
	if (nearest.name)
		return fault_set(f, EINVAL, "%s: unknown option %.*s: did you mean --%s?",
				 command->name, length, word, nearest.name);
	return fault_set(f, EINVAL, "%s: unknown option %.*s: `stoker %s --help` lists all",
			 command->name, length, word, command->name);
}

/* What getopt_long refused: a missing argument, one too many, or an option that is none. */
static int tell_refused(const struct command *command, int result, int argc, char **argv,
			struct fault *f)
{
	char letter[] = {'-', (char)optopt, '\0'};
	/* musl counts the argument that is missing */
	const char *last = argv[(optind <= argc ? optind : argc) - 1];
	const char *word = optopt > 0 && optopt < 128 && strncmp(last, "--", 2) ? letter : last;

	if (result == ':')
		return fault_set(f, EINVAL, "%s: %s needs an argument", command->name, word);
	if (!strncmp(word, "--", 2) && strchr(word, '=')) {
		const struct option_entry *o;
		size_t length = strcspn(word, "=") - 2;

		for (unsigned i = 0; (o = option_at(command, i)); i++) {
			if (o->name && strlen(o->name) == length &&
			    !memcmp(o->name, word + 2, length))
				return fault_set(f, EINVAL, "%s: --%s takes no argument",
						 command->name, o->name);
		}
	}
	return tell_unknown(command, word, f);
}

int options_read(const struct command *command, struct context *context, int argc, char **argv,
		 int *first, struct fault *f)
{
	struct option names[OPTIONS_MAX + 2] = {{"help", no_argument, NULL, 'h'}};
	char letters[2 * OPTIONS_MAX + 4] = ":h";
	const struct option_entry *o;
	size_t nnames = 1, nletters = 2;
	int result, err;

	/* options that have no letter are numbered from 256 on */
	for (unsigned i = 0; (o = option_at(command, i)) && i < OPTIONS_MAX; i++) {
		if (o->name)
			names[nnames++] =
				(struct option){o->name, o->argument != NULL, NULL, 256 + (int)i};
		if (o->letter)
			letters[nletters++] = o->letter;
		if (o->letter && o->argument)
			letters[nletters++] = ':';
	}
	opterr = 0;
	optind = 0;
	while ((result = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (result == 'h')
			return 1;
		if (result == '?' || result == ':')
			return tell_refused(command, result, argc, argv, f);
		for (unsigned i = 0; (o = option_at(command, i)); i++) {
			if (result == 256 + (int)i || (o->letter && result == o->letter))
				break;
		}
		err = apply(context, o, optarg, f);
		if (err)
			return err;
	}
	*first = optind;
	return 0;
}
