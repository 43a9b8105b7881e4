/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What exists: sections, and the values that machines take from them. See machine.h. */
#include "model/machine.h"
#include "base/fault.h"
#include "base/text.h"
#include "model/address.h"
#include "model/key.h"
#include "model/range.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every expansion of a longer range is not checked one by one, only its ends. */
enum { CHECKED_MAX = 1024 };

static void section_free(struct section *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->nentries; i++) {
		for (unsigned j = 0; j < s->entries[i].nvalues; j++)
			range_free(s->entries[i].values[j]);
		free(s->entries[i].values);
	}
	range_free(s->names);
	free(s->entries);
	free(s->profiles);
	free(s);
}

struct model *model_new(void)
{
	struct model *model = calloc(1, sizeof(*model));

	if (!model)
		return NULL;
	model->global = model_add(model, SECTION_GLOBAL, "", NULL, 0, NULL);
	model->command = model_add(model, SECTION_COMMAND, "", NULL, 0, NULL);
	if (!model->global || !model->command) {
		model_free(model);
		return NULL;
	}
	return model;
}

void model_free(struct model *model)
{
	if (!model)
		return;
	select_forget(model);
	for (size_t i = 0; i < model->nsections; i++)
		section_free(model->sections[i]);
	table_free(&model->by_name);
	table_free(&model->groups);
	table_free(&model->profiles);
	free(model->guests);
	free(model->guest_ends);
	free(model->sections);
	free(model->machines);
	free(model->names);
	free(model);
}

static int append_section(struct model *model, struct section *section)
{
	size_t n = model->nsections;

	/* grows when the number is a power of two, or none */
	if ((n & (n - 1)) == 0) {
		struct section **sections = realloc(model->sections,
						    (n ? n * 2 : 1) * sizeof(*sections));

		if (!sections)
			return -ENOMEM;
		model->sections = sections;
	}
	model->sections[model->nsections++] = section;
	return 0;
}

struct section *model_add(struct model *model, enum section_kind kind, const char *title,
			  const char *file, unsigned line, struct fault *f)
{
	size_t title_size = strlen(title) + 1, file_size = file ? strlen(file) + 1 : 0;
	struct section *s = calloc(1, sizeof(*s) + title_size + file_size);
	int err;

	if (!s) {
		fault_no_memory(f);
		return NULL;
	}
	s->kind = kind;
	s->model = model;
	s->title = memcpy((char *)(s + 1), title, title_size);
	s->file = file ? memcpy((char *)(s + 1) + title_size, file, file_size) : NULL;
	s->line = line;
	if (kind == SECTION_MACHINE) {
		/* a bare MAC address may stand as a name: see the wake command */
		err = range_parse(title, mac_resembles(title) ? RANGE_HEX : RANGE_NAMES, &s->names,
				  f);
	} else {
		s->names = range_literal(title);
		err = s->names ? 0 : fault_no_memory(f);
	}
	if (!err && append_section(model, s))
		err = fault_no_memory(f);
	if (err) {
		section_free(s);
		return NULL;
	}
	return s;
}

void model_truncate(struct model *model, size_t n)
{
	while (model->nsections > n)
		section_free(model->sections[--model->nsections]);
}

const char *section_place(const struct section *section, unsigned line, char *text, size_t size)
{
	if (section->file)
		snprintf(text, size, "%s:%u", section->file, line ? line : section->line);
	else
		snprintf(text, size,
			 section->kind == SECTION_GLOBAL ? "configuration" : "command line");
	return text;
}

static struct entry *find_entry(const struct section *section, const struct key *key)
{
	for (unsigned i = 0; i < section->nentries; i++) {
		if (section->entries[i].key == key)
			return &section->entries[i];
	}
	return NULL;
}

struct entry *section_entry(struct section *section, const struct key *key, unsigned line)
{
	struct entry *entry = find_entry(section, key), *entries;

	if (entry)
		return entry;
	entries = realloc(section->entries, (section->nentries + 1) * sizeof(*entries));
	if (!entries)
		return NULL;
	section->entries = entries;
	entry = &entries[section->nentries++];
	*entry = (struct entry){.key = key, .line = line};
	return entry;
}

static enum range_syntax value_syntax(const struct key *key)
{
	return key->type == KEY_MAC || key->type == KEY_UUID ? RANGE_HEX : RANGE_VALUES;
}

static int check_expansions(const struct key *key, const struct range *range, struct fault *f)
{
	char buffer[VALUE_MAX];
	size_t count = range_count(range), step = count <= CHECKED_MAX ? 1 : count - 1;

	for (size_t i = 0; i < count; i += step) {
		int err = key_check(key, range_nth(range, i, buffer, sizeof(buffer)), f);

		if (err)
			return err;
	}
	return 0;
}

/*
 * A set of machines is kept as the expression that it is, unless it pairs with the section's own.
 */
static bool is_set_of_machines(const struct section *section, const struct key *key,
			       const struct range *range)
{
	return key->type == KEY_MACHINES && key->flags & KEY_LIST &&
	       (section->kind == SECTION_GROUP ||
		range_count(range) != range_count(section->names));
}

/* A range of one needs no room to be expanded to, once it is plain text. */
static int make_plain(struct range **range, struct fault *f)
{
	char buffer[VALUE_MAX];
	struct range *plain;

	if (range_count(*range) != 1 || range_length(*range) >= VALUE_MAX)
		return 0;
	plain = range_literal(range_nth(*range, 0, buffer, sizeof(buffer)));
	if (!plain)
		return fault_no_memory(f);
	range_free(*range);
	*range = plain;
	return 0;
}

static int parse_value(const struct section *section, const struct key *key, const char *value,
		       struct range **range, struct fault *f)
{
	size_t wanted = range_count(section->names), count;
	int err;

	if (key->flags & KEY_SECRET) {
		*range = range_literal(value);
		return *range ? 0 : fault_no_memory(f);
	}
	err = range_parse(value, value_syntax(key), range, f);
	if (err)
		return err;
	if (is_set_of_machines(section, key, *range)) {
		range_free(*range);
		*range = range_literal(value);
		return *range ? 0 : fault_no_memory(f);
	}
	err = make_plain(range, f);
	if (err)
		return err;
	count = range_count(*range);
	/* what a profile's values pair with shows only where it is used: model_finish */
	if (count == 1 || count == wanted || section->kind == SECTION_PROFILE)
		return 0;
	return fault_set(f, EINVAL, "\"%s\" stands for %zu values, but \"%s\" for %zu machine%s: "
			 "give one value, or as many as there are machines", value, count,
			 section->title, wanted, wanted == 1 ? "" : "s");
}

int section_add(struct section *section, const struct key *key, unsigned line, const char *value,
		struct fault *f)
{
	struct range *range = NULL, **values;
	struct entry *entry;
	int err;

	err = parse_value(section, key, value, &range, f);
	if (!err && range_length(range) >= VALUE_MAX)
		err = fault_set(f, EINVAL, "the value is longer than %d bytes", VALUE_MAX - 1);
	if (!err)
		err = check_expansions(key, range, f);
	if (err)
		goto fail;
	entry = section_entry(section, key, line);
	if (!entry)
		goto no_memory;
	if (entry->nvalues && !(key->flags & KEY_LIST)) {
		err = fault_set(f, EINVAL, "takes one value");
		goto fail;
	}
	values = realloc(entry->values, (entry->nvalues + 1) * sizeof(*values));
	if (!values)
		goto no_memory;
	entry->values = values;
	entry->values[entry->nvalues++] = range;
	return 0;
no_memory:
	err = fault_no_memory(f);
fail:
	range_free(range);
	return err;
}

struct machine *machine_find(const struct model *model, const char *name)
{
	return table_find(&model->by_name, name);
}

static const struct entry *inherited(const struct section *section, const struct key *key,
				     const struct section **from)
{
	const struct entry *entry = find_entry(section, key);

	*from = section;
	for (unsigned i = 0; !entry && i < section->nprofiles; i++)
		entry = inherited(section->profiles[i], key, from);
	return entry;
}

const struct entry *machine_entry(const struct machine *machine, const struct key *key,
				  const struct section **from)
{
	const struct section *ignored;
	const struct entry *entry;

	if (!from)
		from = &ignored;
	*from = machine->section->model->command;
	entry = find_entry(*from, key);
	return entry ? entry : inherited(machine->section, key, from);
}

size_t machine_values(const struct machine *machine, const struct key *key)
{
	const struct entry *entry = machine_entry(machine, key, NULL);

	return entry ? entry->nvalues : key->def != NULL;
}

const char *machine_value(const struct machine *machine, const struct key *key, size_t n,
			  char buffer[VALUE_MAX])
{
	const struct entry *entry = machine_entry(machine, key, NULL);

	if (!entry)
		return n ? NULL : key->def;
	if (n >= entry->nvalues)
		return NULL;
	return range_nth(entry->values[n], range_count(entry->values[n]) > 1 ? machine->index : 0,
			 buffer, VALUE_MAX);
}

/* Values were checked when they were set: what cannot be read here is not set. */
static uint64_t as_number(const char *value)
{
	uint64_t number = 0;

	if (value && number_parse(value, "value", 0, UINT64_MAX, &number, NULL))
		return 0;
	return number;
}

bool machine_flag(const struct machine *machine, const struct key *key)
{
	char buffer[VALUE_MAX];
	const char *value = machine_value(machine, key, 0, buffer);

	return value && flag_parse(value, NULL) == 1;
}

uint64_t machine_number(const struct machine *machine, const struct key *key)
{
	char buffer[VALUE_MAX];

	return as_number(machine_value(machine, key, 0, buffer));
}

uint64_t machine_time_ms(const struct machine *machine, const struct key *key)
{
	char buffer[VALUE_MAX];
	const char *value = machine_value(machine, key, 0, buffer);
	uint64_t ms = 0;

	if (value && duration_parse(value, &ms, NULL))
		return 0;
	return ms;
}

int machine_mac(const struct machine *machine, const struct key *key, size_t n, uint8_t mac[6],
		struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *value = machine_value(machine, key, n, buffer);

	if (!value)
		return fault_set(f, EINVAL, "no MAC address is set: give it with %s =", key->name);
	return mac_parse(value, mac, f);
}

const char *model_value(const struct model *model, const struct key *key)
{
	const struct entry *entry = find_entry(model->command, key);

	if (!entry)
		entry = find_entry(model->global, key);
	if (!entry)
		return key->def;
	return entry->nvalues ? range_nth(entry->values[0], 0, NULL, 0) : NULL;
}

uint64_t model_number(const struct model *model, const struct key *key)
{
	return as_number(model_value(model, key));
}

struct machine *machine_host(const struct machine *machine)
{
	char buffer[VALUE_MAX];
	const char *name = machine_value(machine, &key_host, 0, buffer);

	return name ? machine_find(machine->section->model, name) : NULL;
}

/* Counts, then places: the guests of machine n are guests[ends[n - 1]] to guests[ends[n] - 1]. */
static int make_guests(struct model *model)
{
	uint32_t *ends = calloc(model->nmachines + 1, sizeof(*ends)), *guests;
	uint32_t total = 0;

	if (!ends)
		return -ENOMEM;
	for (size_t i = 0; i < model->nmachines; i++) {
		const struct machine *host = machine_host(&model->machines[i]);

		if (host)
			ends[host->number + 1]++, total++;
	}
	guests = malloc((total ? total : 1) * sizeof(*guests));
	if (!guests) {
		free(ends);
		return -ENOMEM;
	}
	for (size_t i = 1; i <= model->nmachines; i++)
		ends[i] += ends[i - 1];
	/* now ends[n] is where the guests of n begin, and moves to where they end */
	for (size_t i = 0; i < model->nmachines; i++) {
		const struct machine *host = machine_host(&model->machines[i]);

		if (host)
			guests[ends[host->number]++] = (uint32_t)i;
	}
	model->guests = guests;
	model->guest_ends = ends;
	return 0;
}

const uint32_t *machine_guests(const struct machine *machine, size_t *n)
{
	struct model *model = machine->section->model;
	uint32_t first;

	*n = SIZE_MAX;
	if (!model->guests && make_guests(model))
		return NULL;
	first = machine->number ? model->guest_ends[machine->number - 1] : 0;
	*n = model->guest_ends[machine->number] - first;
	return *n ? model->guests + first : NULL;
}
