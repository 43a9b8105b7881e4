/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From sections to machines: makes the machines of all sections, ties sections to their profiles,
 * and checks what one value alone cannot show: names, counts, references, cycles. See model_finish.
 */
#include "base/fault.h"
#include "base/text.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

struct finish {
	struct model *model;
	model_error_fn *tell;
	void *data;
	size_t errors;
};

static void tell(struct finish *finish, const struct section *section, unsigned line,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

static void tell(struct finish *finish, const struct section *section, unsigned line,
		 const char *format, ...)
{
	struct fault fault;
	va_list args;

	va_start(args, format);
	fault_vset(&fault, EINVAL, format, args);
	va_end(args);
	finish->errors++;
	if (finish->tell)
		finish->tell(finish->data, section, line, fault.text);
}

/* What a name may consist of, so that it can stand in lists, ranges and file names. */
static bool is_name(const char *name)
{
	/* an address, as in [fe80::1%eth0]:623, by which a machine is named on the command line */
	const char *also = strchr(name, ':') ? "[]%" : "";

	if (!*name || *name == '-' || !strcmp(name, "all"))
		return false;
	for (const char *p = name; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("._:@+-", *p) &&
		    !strchr(also, *p))
			return false;
	}
	return strlen(name) <= NAME_LENGTH_MAX;
}

static const char *kind_name(enum section_kind kind)
{
	return kind == SECTION_GROUP ? "group" : kind == SECTION_PROFILE ? "profile" : "machine";
}

static bool check_name(struct finish *finish, const struct section *s, const char *name)
{
	if (is_name(name))
		return true;
	if (!strcmp(name, "all"))
		tell(finish, s, s->line, "\"all\" means all machines: give the %s another name",
		     kind_name(s->kind));
	else
		tell(finish, s, s->line, "\"%s\" cannot be the name of a %s: use letters, digits "
		     "and ._:@+-, at most %d", name, kind_name(s->kind), NAME_LENGTH_MAX);
	return false;
}

static void tell_taken(struct finish *finish, const struct section *s, const char *name,
		       const struct section *other)
{
	char place[512];

	tell(finish, s, s->line, "%s \"%s\" was already defined at %s", kind_name(s->kind), name,
	     section_place(other, 0, place, sizeof(place)));
}

static void add_titles(struct finish *finish)
{
	struct model *m = finish->model;

	for (size_t i = 0; i < m->nsections; i++) {
		struct section *s = m->sections[i];
		struct table *table = s->kind == SECTION_GROUP ? &m->groups : &m->profiles;
		void *old;
		int err;

		if (s->kind != SECTION_GROUP && s->kind != SECTION_PROFILE)
			continue;
		if (!check_name(finish, s, s->title))
			continue;
		err = table_add(table, s->title, s, &old);
		if (err == -EEXIST)
			tell_taken(finish, s, s->title, old);
		else if (err)
			tell(finish, s, s->line, "out of memory");
	}
}

static bool count_machines(struct model *m, size_t *machines, size_t *bytes)
{
	for (size_t i = 0; i < m->nsections; i++) {
		const struct section *s = m->sections[i];

		if (s->kind != SECTION_MACHINE)
			continue;
		*machines += range_count(s->names);
		*bytes += range_count(s->names) * (range_length(s->names) + 1);
	}
	return *machines <= RANGE_COUNT_MAX;
}

static void add_machine(struct finish *finish, struct section *s, uint32_t index, char **name)
{
	struct model *m = finish->model;
	struct machine *machine = &m->machines[m->nmachines];
	size_t size = range_length(s->names) + 1;
	const char *text = range_nth(s->names, index, *name, size);
	const struct section *group;
	void *old;
	int err;

	if (text != *name)
		strcpy(*name, text);
	if (!check_name(finish, s, *name))
		return;
	group = table_find(&m->groups, *name);
	if (group) {
		tell_taken(finish, s, *name, group);
		return;
	}
	*machine = (struct machine){*name, s, index, (uint32_t)m->nmachines};
	err = table_add(&m->by_name, *name, machine, &old);
	if (err == -EEXIST) {
		tell_taken(finish, s, *name, ((struct machine *)old)->section);
		return;
	}
	if (err) {
		tell(finish, s, s->line, "out of memory");
		return;
	}
	m->nmachines++;
	*name += strlen(*name) + 1;
}

static void add_machines(struct finish *finish)
{
	struct model *m = finish->model;
	size_t machines = 0, bytes = 0;
	char *name;

	if (!count_machines(m, &machines, &bytes)) {
		tell(finish, m->global, 0, "more than %d machines", RANGE_COUNT_MAX);
		return;
	}
	/* one more than needed: a name that is refused is written, then overwritten */
	m->machines = calloc(machines + 1, sizeof(*m->machines));
	m->names = malloc(bytes + 1);
	if (!m->machines || !m->names) {
		tell(finish, m->global, 0, "out of memory for %zu machines", machines);
		return;
	}
	name = m->names;
	for (size_t i = 0; i < m->nsections; i++) {
		struct section *s = m->sections[i];
		size_t count = range_count(s->names), errors = finish->errors;

		/* one error a section is enough: the next machines of it would have the same */
		for (uint32_t n = 0;
		     s->kind == SECTION_MACHINE && n < count && errors == finish->errors; n++)
			add_machine(finish, s, n, &name);
	}
}

static const struct entry *entry_of(const struct section *s, const struct key *key)
{
	for (unsigned i = 0; i < s->nentries; i++) {
		if (s->entries[i].key == key)
			return &s->entries[i];
	}
	return NULL;
}

static void tie_profiles(struct finish *finish, struct section *s)
{
	const struct entry *entry = entry_of(s, &key_profile);

	free(s->profiles);
	s->profiles = NULL;
	s->nprofiles = 0;
	if (!entry || !entry->nvalues)
		return;
	s->profiles = calloc(entry->nvalues, sizeof(struct section *));
	if (!s->profiles) {
		tell(finish, s, entry->line, "out of memory");
		return;
	}
	for (unsigned i = 0; i < entry->nvalues; i++) {
		bool single = range_count(entry->values[i]) == 1;
		const char *name = single ? range_nth(entry->values[i], 0, NULL, 0) : "a range";
		struct section *profile =
			single ? table_find(&finish->model->profiles, name) : NULL;
		struct nearest nearest = {.wanted = name};

		if (profile) {
			s->profiles[s->nprofiles++] = profile;
			continue;
		}
		for (size_t j = 0; j < finish->model->profiles.size; j++) {
			if (finish->model->profiles.slots[j].key)
				nearest_offer(&nearest, finish->model->profiles.slots[j].key);
		}
		tell(finish, s, entry->line, "profile: there is no profile \"%s\"%s%s%s", name,
		     nearest.name ? ": did you mean \"" : "", nearest.name ? nearest.name : "",
		     nearest.name ? "\"?" : "");
	}
}

/* Whether the chain of profiles above s comes back to it, or is too deep to be meant. */
static bool profile_cycle(const struct section *s, const struct section *start, unsigned depth)
{
	for (unsigned i = 0; i < s->nprofiles; i++) {
		if (s->profiles[i] == start || depth == DEPTH_MAX ||
		    profile_cycle(s->profiles[i], start, depth + 1))
			return true;
	}
	return false;
}

static void check_profile_counts(struct finish *finish, const struct section *machines,
				 const struct section *profile)
{
	size_t wanted = range_count(machines->names);

	for (unsigned i = 0; i < profile->nentries; i++) {
		const struct entry *e = &profile->entries[i];

		for (unsigned j = 0; j < e->nvalues; j++) {
			size_t count = range_count(e->values[j]);

			if (count != 1 && count != wanted)
				tell(finish, machines, 0, "%s of profile \"%s\" has %zu values, "
				     "but \"%s\" stands for %zu machine%s", e->key->name,
				     profile->title, count, machines->title, wanted,
				     wanted == 1 ? "" : "s");
		}
	}
	for (unsigned i = 0; i < profile->nprofiles; i++)
		check_profile_counts(finish, machines, profile->profiles[i]);
}

static void tie_all_profiles(struct finish *finish)
{
	struct model *m = finish->model;

	for (size_t i = 0; i < m->nsections; i++) {
		struct section *s = m->sections[i];

		if (s->kind == SECTION_MACHINE || s->kind == SECTION_PROFILE)
			tie_profiles(finish, s);
	}
	for (size_t i = 0; i < m->nsections; i++) {
		struct section *s = m->sections[i];

		if (s->kind == SECTION_PROFILE && profile_cycle(s, s, 0)) {
			tell(finish, s, s->line, "profile \"%s\" takes its keys from itself",
			     s->title);
			s->nprofiles = 0;
		}
	}
	for (size_t i = 0; i < m->nsections; i++) {
		const struct section *s = m->sections[i];

		for (unsigned j = 0; s->kind == SECTION_MACHINE && j < s->nprofiles; j++)
			check_profile_counts(finish, s, s->profiles[j]);
	}
}

static void check_expression(struct finish *finish, const struct section *s, unsigned line,
			     const char *what, const char *expression)
{
	struct selection selection = {0};
	struct fault fault;

	if (select_machines(finish->model, expression, &selection, &fault))
		tell(finish, s, line, "%s: %s", what, fault.text);
	selection_free(&selection);
}

static void check_host(struct finish *finish, const struct machine *machine)
{
	const struct section *from;
	const struct entry *entry = machine_entry(machine, &key_host, &from);
	const struct machine *host = machine;
	char buffer[VALUE_MAX];
	const char *name = machine_value(machine, &key_host, 0, buffer);

	if (!entry || !name)
		return;
	if (!machine_find(finish->model, name)) {
		struct nearest nearest = {.wanted = name};

		for (size_t i = 0; i < finish->model->nmachines; i++)
			nearest_offer(&nearest, finish->model->machines[i].name);
		tell(finish, from, entry->line, "host: there is no machine \"%s\"%s%s%s", name,
		     nearest.name ? ": did you mean \"" : "", nearest.name ? nearest.name : "",
		     nearest.name ? "\"?" : "");
		return;
	}
	for (unsigned depth = 0; host; depth++) {
		host = machine_host(host);
		if (host == machine || depth == DEPTH_MAX) {
			tell(finish, from, entry->line, host == machine ?
			     "host: \"%s\" would run on itself" :
			     "host: the stack below \"%s\" is too deep", machine->name);
			return;
		}
	}
}

/* The references of a section's machines: every one where they differ, else those of the first. */
static void check_references(struct finish *finish, const struct machine *machine)
{
	const struct section *from;
	const struct entry *host = machine_entry(machine, &key_host, &from);
	char buffer[VALUE_MAX];

	if (host && host->nvalues && (!machine->index || range_count(host->values[0]) > 1))
		check_host(finish, machine);
	for (size_t i = 0; i < machine_values(machine, &key_after); i++) {
		const struct entry *after = machine_entry(machine, &key_after, &from);

		if (!machine->index || range_count(after->values[i]) > 1)
			check_expression(finish, from, after->line, "after",
					 machine_value(machine, &key_after, i, buffer));
	}
}

static void check_groups(struct finish *finish)
{
	for (size_t i = 0; i < finish->model->nsections; i++) {
		const struct section *s = finish->model->sections[i];
		const struct entry *entry = entry_of(s, &key_machines);

		if (s->kind != SECTION_GROUP)
			continue;
		if (!entry || !entry->nvalues)
			tell(finish, s, s->line, "group \"%s\" is empty: give it machines =",
			     s->title);
		else
			check_expression(finish, s, entry->line, "machines", s->title);
	}
}

size_t model_finish(struct model *model, model_error_fn *tell_error, void *data)
{
	struct finish finish = {.model = model, .tell = tell_error, .data = data};

	select_forget(model);
	table_free(&model->by_name);
	table_free(&model->groups);
	table_free(&model->profiles);
	free(model->machines);
	free(model->names);
	free(model->guests);
	free(model->guest_ends);
	model->machines = NULL;
	model->names = NULL;
	model->guests = model->guest_ends = NULL;
	model->nmachines = 0;

	add_titles(&finish);
	add_machines(&finish);
	tie_all_profiles(&finish);
	check_groups(&finish);
	for (size_t i = 0; i < model->nmachines && !finish.errors; i++)
		check_references(&finish, &model->machines[i]);
	return finish.errors;
}
