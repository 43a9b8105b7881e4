/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker show: everything that the configuration says of a machine, resolved, and where it stands.
 */
#include "cli/show.h"
#include "base/fault.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/groups.h"
#include "cli/options.h"
#include "cli/view.h"
#include "engine/console.h"
#include "engine/ladder.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_json(struct context *c, const char *value, struct fault *f)
{
	(void)value, (void)f;
	c->json = true;
	return 0;
}

/* --- gathering ----------------------------------------------------------------------------- */

static void shown_free(struct shown *s)
{
	for (size_t i = 0; i < s->nkeys; i++) {
		for (size_t n = 0; n < s->keys[i].n; n++)
			free(s->keys[i].values[n]);
		free(s->keys[i].values);
		free(s->keys[i].place);
	}
	free(s->keys);
	for (unsigned verb = 0; verb < VERBS; verb++)
		free(s->ladders[verb]);
	free(s->place);
	free(s->console);
	free(s->observer);
	free(s->groups);
	free(s->guests);
}

static char *place_of(const struct machine *machine, const struct key *key)
{
	const struct section *from;
	const struct entry *entry = machine_entry(machine, key, &from);
	char place[SHOWN_PLACE_SIZE], *text;

	if (!entry)
		return strdup("default");
	section_place(from, entry->line, place, sizeof(place));
	if (from->kind != SECTION_PROFILE)
		return strdup(place);
	return asprintf(&text, "profile \"%s\" %s", from->title, place) < 0 ? NULL : text;
}

static int add_key(struct shown *s, const struct key *key)
{
	struct shown_key *shown = &s->keys[s->nkeys];
	size_t n = machine_values(s->machine, key);
	char buffer[VALUE_MAX];

	if (!n)
		return 0;
	s->nkeys++;
	shown->key = key;
	shown->place = place_of(s->machine, key);
	shown->values = calloc(n, sizeof(*shown->values));
	if (!shown->place || !shown->values)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		shown->values[i] = strdup(key->flags & KEY_SECRET ? "(set)" :
					  machine_value(s->machine, key, i, buffer));
		if (!shown->values[i])
			return -ENOMEM;
		shown->n++;
	}
	return 0;
}

static int add_keys(struct shown *s)
{
	const struct key *const *keys = all_keys();
	size_t n = 0;
	int err = 0;

	while (keys[n])
		n++;
	s->keys = calloc(n + 1, sizeof(*s->keys));
	if (!s->keys)
		return -ENOMEM;
	/* what is set comes first: defaults are what one looks for last */
	for (unsigned defaults = 0; defaults < 2; defaults++) {
		for (size_t i = 0; i < n && !err; i++) {
			bool set = machine_entry(s->machine, keys[i], NULL);

			if (!(keys[i]->flags & KEY_GLOBAL) && set != defaults)
				err = add_key(s, keys[i]);
		}
	}
	return err;
}

static int add_ladders(struct shown *s)
{
	struct ladder *ladder;
	struct method method;
	struct buffer text = {0};

	for (unsigned verb = 0; verb < verb_count(); verb++) {
		int err = ladder_make(s->machine, verb, &ladder, NULL);

		if (err == -ENOMEM)
			return err;
		if (err)
			continue;
		s->ladders[verb] = strdup(ladder->text);
		ladder_free(ladder);
		if (!s->ladders[verb])
			return -ENOMEM;
	}
	if (!s->ladders[VERB_CYCLE] && s->ladders[VERB_OFF] && s->ladders[VERB_ON])
		s->missing[VERB_CYCLE] = "off, then on";
	if (observer_make(s->machine, &method))
		return 0;
	method_print(&text, &method, VERB_STATUS);
	method_free(&method);
	s->observer = buffer_take(&text);
	return s->observer ? 0 : -ENOMEM;
}

static int add_console(struct shown *s)
{
	struct buffer text = {0};
	int err = console_print(s->machine, &text);

	/* to have none is no error */
	if (err)
		return err == -ENOMEM ? err : 0;
	s->console = buffer_take(&text);
	return s->console ? 0 : -ENOMEM;
}

static int add_relations(struct shown *s, const struct groups *groups)
{
	const uint32_t *guests = machine_guests(s->machine, &s->nguests);

	if (!guests && s->nguests) {
		s->nguests = 0;
		return -ENOMEM;
	}
	s->groups = calloc(groups->n + 1, sizeof(*s->groups));
	s->guests = calloc(s->nguests + 1, sizeof(*s->guests));
	if (!s->groups || !s->guests)
		return -ENOMEM;
	for (size_t i = 0; i < groups->n; i++) {
		if (group_has(&groups->list[i], s->machine))
			s->groups[s->ngroups++] = groups->list[i].name;
	}
	for (size_t i = 0; i < s->nguests; i++)
		s->guests[i] = s->machine->section->model->machines[guests[i]].name;
	return 0;
}

static int gather(struct shown *s, const struct groups *groups)
{
	const struct section *section = s->machine->section;
	char place[SHOWN_PLACE_SIZE];
	int err;

	s->place = strdup(section_place(section, 0, place, sizeof(place)));
	err = s->place ? add_keys(s) : -ENOMEM;
	if (!err)
		err = add_ladders(s);
	if (!err)
		err = add_console(s);
	return err ? err : add_relations(s, groups);
}

/* --- text ---------------------------------------------------------------------------------- */

static int key_width(const struct shown *s)
{
	size_t width = strlen("observer");

	for (size_t i = 0; i < s->nkeys; i++) {
		size_t length = strlen(s->keys[i].key->name);

		width = length > width ? length : width;
	}
	return (int)width;
}

static int value_width(const struct shown *s)
{
	size_t width = 0;

	/* one long value is no reason to push all places out of sight */
	for (size_t i = 0; i < s->nkeys; i++) {
		for (size_t n = 0; n < s->keys[i].n; n++) {
			size_t length = strlen(s->keys[i].values[n]);

			width = length > width && length <= 40 ? length : width;
		}
	}
	return (int)width;
}

static void print_names(const char *title, int width, const char *const *names, size_t n)
{
	char *folded = n ? range_fold(names, n) : NULL;

	if (n)
		printf("  %-*s  %s\n", width, title, folded ? folded : "out of memory");
	free(folded);
}

static void show_text(const struct shown *s)
{
	int keys = key_width(s), values = value_width(s);

	printf("%s\n  %-*s  machine \"%s\" %s\n", s->machine->name, keys, "section",
	       s->machine->section->title, s->place);
	for (size_t i = 0; i < s->nkeys; i++) {
		const struct shown_key *k = &s->keys[i];

		for (size_t n = 0; n < k->n; n++)
			printf("  %-*s  %-*s  %s\n", keys, n ? "" : k->key->name, values,
			       k->values[n], n ? "" : k->place);
	}
	printf("ladders\n");
	for (unsigned verb = 0; verb < verb_count(); verb++) {
		const char *text = s->ladders[verb] ? s->ladders[verb] : s->missing[verb];

		printf("  %-*s  %s\n", keys, verb_info(verb)->name, text ? text : "-");
	}
	printf("  %-*s  %s\n", keys, "console", s->console ? s->console : "-");
	printf("  %-*s  %s\n", keys, "observer", s->observer ? s->observer : "-");
	if (s->ngroups || s->nguests)
		printf("relations\n");
	print_names("groups", keys, s->groups, s->ngroups);
	print_names("guests", keys, s->guests, s->nguests);
}

static int show_all(const struct selection *selection, const struct groups *groups,
		    const struct view *view)
{
	for (size_t i = 0; i < selection->n; i++) {
		struct shown shown = {.machine = selection->machines[i]};
		int err = gather(&shown, groups);

		if (!err && view)
			view->print(&shown);
		else if (!err)
			show_text(&shown);
		if (!err && !view && i + 1 < selection->n)
			putchar('\n');
		shown_free(&shown);
		if (err)
			return usage_error("out of memory");
	}
	return 0;
}

static int show_run(struct context *context, int argc, char **argv)
{
	const struct view *view = context->json ? view_find("show", "json") : NULL;
	struct selection selection = {0};
	struct groups groups = {0};
	int code = context->json && !view ? EXIT_USAGE : context_load(context);

	if (!code)
		code = context_select(context, argc, argv, &selection);
	if (!code)
		code = groups_read(context->model, &groups);
	if (!code)
		code = show_all(&selection, &groups, view);
	groups_free(&groups);
	selection_free(&selection);
	return code;
}

static const struct option_entry show_options[] = {
	{0, "json", NULL, "Print one JSON object a line for each machine.", .set = set_json},
	{0},
};

static const struct option_entry *const show_tables[] = {show_options, config_options, NULL};

static const struct command show_command = {
	.name = "show",
	.summary = "Show what the configuration says of machines",
	.usage = "[OPTION]… MACHINE…",
	.help =
	"Shows machines with all that counts for them: each key that is set or has a default, its\n"
	"value and where that stands; the ladder of every verb and of its console as they would be\n"
	"used, with time limits; how the machine's state is observed; its groups and its guests.\n"
	"A dash stands for what there is not. Passwords are shown as (set).",
	.options = show_tables,
	.run = show_run,
};
COMMAND(show_command);
