/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker list: the machines and groups of the configuration, for people and for scripts. */
#include "cli/list.h"
#include "base/fault.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/groups.h"
#include "cli/options.h"
#include "cli/view.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool want_names, want_fold, want_groups;

static int set_names(struct context *c, const char *value, struct fault *f)
{
	(void)c, (void)value, (void)f;
	want_names = true;
	return 0;
}

static int set_fold(struct context *c, const char *value, struct fault *f)
{
	(void)c, (void)value, (void)f;
	want_fold = true;
	return 0;
}

static int set_groups(struct context *c, const char *value, struct fault *f)
{
	(void)c, (void)value, (void)f;
	want_groups = true;
	return 0;
}

static int set_json(struct context *c, const char *value, struct fault *f)
{
	(void)value, (void)f;
	c->json = true;
	return 0;
}

const char *list_drivers(const struct machine *machine)
{
	static char text[VALUE_MAX];
	static const struct section *section;
	struct ladder *ladder;
	size_t length = 0;

	if (section == machine->section)
		return text;
	text[0] = '\0';
	if (!ladder_make(machine, VERB_ON, &ladder, NULL)) {
		for (size_t i = 0; i < ladder->n && length < sizeof(text); i++)
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
						   i ? "," : "", ladder->methods[i].driver->name);
		ladder_free(ladder);
	}
	section = ladder_is_common(machine, VERB_ON) ? machine->section : NULL;
	return text;
}

/* --- columns ------------------------------------------------------------------------------- */

static const char *column_name(const struct machine *machine, char text[VALUE_MAX])
{
	(void)text;
	return machine->name;
}

static const char *column_address(const struct machine *machine, char text[VALUE_MAX])
{
	return machine_value(machine, &key_address, 0, text);
}

static const char *column_macs(const struct machine *machine, char text[VALUE_MAX])
{
	size_t n = machine_values(machine, &key_mac), length = 0;
	char buffer[VALUE_MAX];

	if (n == 1)
		return machine_value(machine, &key_mac, 0, text);
	text[0] = '\0';
	for (size_t i = 0; i < n && length < VALUE_MAX; i++)
		length += (size_t)snprintf(text + length, VALUE_MAX - length, "%s%s", i ? "," : "",
					   machine_value(machine, &key_mac, i, buffer));
	return text;
}

static const char *column_host(const struct machine *machine, char text[VALUE_MAX])
{
	return machine_value(machine, &key_host, 0, text);
}

static const char *column_drivers(const struct machine *machine, char text[VALUE_MAX])
{
	(void)text;
	return list_drivers(machine);
}

static const struct column {
	const char *title;
	const char *(*text)(const struct machine *machine, char text[VALUE_MAX]);
} columns[] = {
	{"NAME", column_name}, {"ADDRESS", column_address}, {"MAC", column_macs},
	{"HOST", column_host},
	{"ON", column_drivers},
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* Never empty, so that a script finds each column in its place. */
static const char *cell(const struct machine *machine, unsigned column, char text[VALUE_MAX])
{
	const char *value = columns[column].text(machine, text);

	return value && *value ? value : "-";
}

static void print_table(const struct selection *selection)
{
	int widths[COLUMNS] = {0};
	char text[VALUE_MAX];
	bool titles = isatty(STDOUT_FILENO);

	for (unsigned c = 0; c < COLUMNS; c++) {
		widths[c] = titles ? (int)strlen(columns[c].title) : 0;
		for (size_t i = 0; i < selection->n; i++) {
			int length = (int)strlen(cell(selection->machines[i], c, text));

			widths[c] = length > widths[c] ? length : widths[c];
		}
	}
	/* the last column is not padded: no blanks at the ends of lines */
	widths[COLUMNS - 1] = 0;
	for (unsigned c = 0; c < COLUMNS && titles; c++)
		printf("%-*s%s", widths[c], columns[c].title, c + 1 < COLUMNS ? "  " : "\n");
	for (size_t i = 0; i < selection->n; i++) {
		for (unsigned c = 0; c < COLUMNS; c++)
			printf("%-*s%s", widths[c], cell(selection->machines[i], c, text),
			       c + 1 < COLUMNS ? "  " : "\n");
	}
}

/* --- forms --------------------------------------------------------------------------------- */

static int print_fold(const struct selection *selection)
{
	char *folded = selection_fold(selection);

	if (!folded)
		return usage_error("out of memory");
	printf("%s\n", folded);
	free(folded);
	return 0;
}

static int list_machines(const struct selection *selection, const struct view *view,
			 const struct groups *groups)
{
	if (want_fold)
		return print_fold(selection);
	if (!want_names && !view) {
		print_table(selection);
		return 0;
	}
	for (size_t i = 0; i < selection->n; i++) {
		const struct list_row row = {.machine = selection->machines[i], .groups = groups};

		if (view)
			view->print(&row);
		else
			puts(row.machine->name);
	}
	return 0;
}

/* A group is listed when it has one of the machines that are asked for. */
static bool is_asked_for(const struct group *group, const struct selection *selection)
{
	for (size_t i = 0; i < selection->n; i++) {
		if (group_has(group, selection->machines[i]))
			return true;
	}
	return false;
}

static int print_group(const struct group *group, int width)
{
	char *folded;

	if (want_names) {
		puts(group->name);
		return 0;
	}
	folded = selection_fold(&group->members);
	if (!folded)
		return usage_error("out of memory");
	printf("%-*s  %s\n", width, group->name, folded);
	free(folded);
	return 0;
}

static int list_groups(const struct selection *selection, const struct view *view,
		       const struct groups *groups)
{
	int width = 0, code = 0;

	for (size_t i = 0; i < groups->n; i++) {
		int length = (int)strlen(groups->list[i].name);

		width = length > width ? length : width;
	}
	for (size_t i = 0; i < groups->n && !code; i++) {
		const struct list_row row = {.group = &groups->list[i]};

		if (!is_asked_for(row.group, selection))
			continue;
		if (view)
			view->print(&row);
		else
			code = print_group(row.group, width);
	}
	return code;
}

static int list_all(struct context *c, const struct selection *selection)
{
	const struct view *view = c->json ? view_find("list", "json") : NULL;
	struct groups groups = {0};
	int code = c->json && !view ? EXIT_USAGE : 0;

	if (!code && (view || want_groups))
		code = groups_read(c->model, &groups);
	if (!code)
		code = want_groups ? list_groups(selection, view, &groups) :
				     list_machines(selection, view, &groups);
	groups_free(&groups);
	return code;
}

static int list_run(struct context *context, int argc, char **argv)
{
	char *everything[] = {(char *)"all"};
	struct selection selection = {0};
	int code;

	if (want_names + want_fold + context->json > 1)
		return usage_error("list: --names, --fold and --json do not go together: choose "
				   "one");
	if (want_fold && want_groups)
		return usage_error("list: --groups folds by itself: leave out --fold");
	code = context_load(context);
	/* a configuration without a machine has an empty list */
	if (!code && (argc || context->model->nmachines))
		code = context_select(context, argc ? argc : 1, argc ? argv : everything,
				      &selection);
	if (!code)
		code = list_all(context, &selection);
	selection_free(&selection);
	return code;
}

static const struct option_entry list_options[] = {
	{'g', "groups", NULL, "List the groups and who is in them, instead of machines.",
	 .set = set_groups},
	{0, "names", NULL, "Print bare names, one a line.", .set = set_names},
	{0, "fold", NULL, "Print all names as one list of ranges.", .set = set_fold},
	{0, "json", NULL, "Print one JSON object a line.", .set = set_json},
	{0},
};

static const struct option_entry *const list_tables[] = {list_options, config_options, NULL};

static const struct command list_command = {
	.name = "list",
	.summary = "List machines and groups",
	.usage = "[OPTION]… [MACHINE]…",
	.help =
	"Lists machines, without a name all of them: name, address, MAC addresses, the host that\n"
	"it runs on, and the drivers that put it on. A dash stands for what is not set. Names of\n"
	"the columns are printed on a terminal only.\n"
	"\n"
	"With --groups: the groups that have one of the machines, with all their members.",
	.options = list_tables,
	.run = list_run,
};
COMMAND(list_command);
