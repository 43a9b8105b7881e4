/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines chosen by what a user types. See select.h. */
#include "model/select.h"
#include "base/fault.h"
#include "base/text.h"
#include "model/address.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What an address selects by: the key that holds it, and the one form that it is compared in. */
struct attribute {
	const char *prefix;
	const struct key *key;
	/* rewrites value into form; false where it is none of that kind */
	bool (*normalise)(const char *value, char form[VALUE_MAX]);
	bool and_below;		/* a directory selects all that lies in it */
};

static bool as_it_is(const char *value, char form[VALUE_MAX])
{
	strcpy(form, value);
	return true;
}

static bool as_mac(const char *value, char form[VALUE_MAX])
{
	uint8_t mac[MAC_LENGTH];

	if (mac_parse(value, mac, NULL))
		return false;
	mac_print(mac, form);
	return true;
}

static bool as_uuid(const char *value, char form[VALUE_MAX])
{
	if (uuid_check(value, NULL))
		return false;
	for (; *value; value++) {
		if (*value != '-')
			*form++ = (char)tolower((unsigned char)*value);
	}
	*form = '\0';
	return true;
}

static bool as_host(const char *value, char form[VALUE_MAX])
{
	struct endpoint endpoint;

	if (endpoint_parse(value, &endpoint, NULL))
		return false;
	strcpy(form, endpoint.host);
	return true;
}

static bool as_file(const char *value, char form[VALUE_MAX])
{
	const char *slash = strrchr(value, '/');

	strcpy(form, slash ? slash + 1 : value);
	return true;
}

static const struct attribute attributes[] = {
	{"mac", &key_mac, as_mac, false},
	{"ip", &key_address, as_host, false},
	{"uuid", &key_uuid, as_uuid, false},
	{"label", &key_label, as_it_is, false},
	{"file", &key_path, as_file, false},
	{"path", &key_path, as_it_is, true},
};

enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

struct index_entry {
	size_t form;		/* offset into forms; a pointer once all are there */
	const char *text;
	uint32_t machine;
};

/* All values of one attribute, sorted: made when the attribute is first asked for. */
struct index {
	bool made;
	struct index_entry *entries;
	size_t n, size;
	struct buffer forms;
};

void select_forget(struct model *model)
{
	for (unsigned i = 0; model->indexes && i < ATTRIBUTES; i++) {
		free(model->indexes[i].entries);
		buffer_free(&model->indexes[i].forms);
	}
	free(model->indexes);
	model->indexes = NULL;
}

static int compare_entries(const void *left, const void *right)
{
	const struct index_entry *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order ? order : (a->machine > b->machine) - (a->machine < b->machine);
}

static int index_add(struct index *index, const char *form, uint32_t machine)
{
	if (index->n == index->size) {
		size_t size = index->size ? index->size * 2 : 64;
		struct index_entry *entries = realloc(index->entries, size * sizeof(*entries));

		if (!entries)
			return -ENOMEM;
		index->entries = entries;
		index->size = size;
	}
	index->entries[index->n++] =
		(struct index_entry){.form = index->forms.length, .machine = machine};
	buffer_add_bytes(&index->forms, form, strlen(form) + 1);
	return index->forms.failed ? -ENOMEM : 0;
}

static int index_make(const struct model *model, const struct attribute *a, struct index *index)
{
	char buffer[VALUE_MAX], form[VALUE_MAX];

	for (uint32_t i = 0; i < model->nmachines; i++) {
		const struct machine *machine = &model->machines[i];
		size_t values = machine_values(machine, a->key);

		for (size_t n = 0; n < values; n++) {
			if (a->normalise(machine_value(machine, a->key, n, buffer), form) &&
			    index_add(index, form, i))
				return -ENOMEM;
		}
	}
	for (size_t i = 0; i < index->n; i++)
		index->entries[i].text = index->forms.text + index->entries[i].form;
	if (index->n)
		qsort(index->entries, index->n, sizeof(*index->entries), compare_entries);
	index->made = true;
	return 0;
}

static struct index *index_of(struct model *model, const struct attribute *a)
{
	struct index *index;

	if (!model->indexes)
		model->indexes = calloc(ATTRIBUTES, sizeof(*model->indexes));
	if (!model->indexes)
		return NULL;
	index = &model->indexes[a - attributes];
	return index->made || !index_make(model, a, index) ? index : NULL;
}

int selection_add(struct selection *selection, struct model *model, struct machine *machine)
{
	size_t byte = machine->number / 8;
	unsigned char bit = (unsigned char)(1u << machine->number % 8);

	if (!selection->chosen) {
		selection->chosen = calloc(model->nmachines / 8 + 1, 1);
		if (!selection->chosen)
			return -ENOMEM;
	}
	if (selection->chosen[byte] & bit)
		return 0;
	if (selection->n == selection->size) {
		size_t size = selection->size ? selection->size * 2 : 16;
		struct machine **machines = realloc(selection->machines,
						    size * sizeof(struct machine *));

		if (!machines)
			return -ENOMEM;
		selection->machines = machines;
		selection->size = size;
	}
	selection->machines[selection->n++] = machine;
	selection->chosen[byte] |= bit;
	return 0;
}

void selection_free(struct selection *selection)
{
	free(selection->machines);
	free(selection->chosen);
	*selection = (struct selection){0};
}

static void selection_remove(struct selection *from, const struct selection *what)
{
	size_t kept = 0;

	for (size_t i = 0; i < from->n; i++) {
		struct machine *machine = from->machines[i];
		unsigned char bit = (unsigned char)(1u << machine->number % 8);

		if (what->chosen && what->chosen[machine->number / 8] & bit)
			from->chosen[machine->number / 8] &= (unsigned char)~bit;
		else
			from->machines[kept++] = machine;
	}
	from->n = kept;
}

/* One expression under way; groups nest. */
struct search {
	struct model *model;
	struct selection plus, minus;
	bool excludes_only;
	const struct search *outer;	/* the group that this one stands in */
	const struct section *group;
	struct fault *fault;
};

static int add(struct search *s, struct selection *to, struct machine *machine)
{
	return selection_add(to, s->model, machine) ? fault_no_memory(s->fault) : 0;
}

static int unknown(const struct search *s, const char *name)
{
	struct nearest nearest = {.wanted = name};

	for (size_t i = 0; i < s->model->nmachines; i++)
		nearest_offer(&nearest, s->model->machines[i].name);
	for (size_t i = 0; i < s->model->groups.size; i++) {
		if (s->model->groups.slots[i].key)
			nearest_offer(&nearest, s->model->groups.slots[i].key);
	}
	if (nearest.name)
		return fault_set(s->fault, ENOENT,
				 "there is no machine or group \"%s\": did you mean \"%s\"?", name,
				 nearest.name);
	return fault_set(s->fault, ENOENT,
			 "there is no machine or group \"%s\": `stoker list` shows all", name);
}

static int run(struct search *s, const char *expression);

static int add_group(struct search *s, struct selection *to, const struct section *group)
{
	struct search inner = {.model = s->model, .outer = s, .group = group, .fault = s->fault};
	int err = 0;

	for (const struct search *o = s; o; o = o->outer) {
		if (o->group == group)
			return fault_set(s->fault, EINVAL, "group \"%s\" is a member of itself",
					 group->title);
	}
	for (unsigned i = 0; i < group->nentries; i++) {
		const struct entry *e = &group->entries[i];

		for (unsigned j = 0; j < e->nvalues && !err; j++)
			err = run(&inner, range_nth(e->values[j], 0, NULL, 0));
	}
	selection_remove(&inner.plus, &inner.minus);
	for (size_t i = 0; i < inner.plus.n && !err; i++)
		err = add(s, to, inner.plus.machines[i]);
	selection_free(&inner.plus);
	selection_free(&inner.minus);
	return err;
}

static int add_name(struct search *s, struct selection *to, const char *name)
{
	struct machine *machine = machine_find(s->model, name);
	const struct section *group;
	uint8_t mac[MAC_LENGTH];
	char text[MAC_TEXT_SIZE];

	if (machine)
		return add(s, to, machine);
	group = table_find(&s->model->groups, name);
	if (group)
		return add_group(s, to, group);
	if (!strcmp(name, "all")) {
		int err = 0;

		for (size_t i = 0; i < s->model->nmachines && !err; i++)
			err = add(s, to, &s->model->machines[i]);
		return err;
	}
	/* machines that have no name but their MAC address are called by its plain form */
	if (!mac_parse(name, mac, NULL)) {
		mac_print(mac, text);
		machine = machine_find(s->model, text);
		if (machine)
			return add(s, to, machine);
	}
	return unknown(s, name);
}

static bool is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	while (length > 1 && directory[length - 1] == '/')
		length--;
	return !strncmp(path, directory, length) &&
	       (path[length] == '/' || directory[length - 1] == '/');
}

static int add_by_address(struct search *s, struct selection *to, const struct attribute *a,
			  const char *value)
{
	const struct index *index = index_of(s->model, a);
	size_t low = 0, high, before = to->n;
	char form[VALUE_MAX];

	if (!index)
		return fault_no_memory(s->fault);
	if (strlen(value) >= VALUE_MAX || !a->normalise(value, form)) {
		int err = key_check(a->key, value, s->fault);

		return err ? err :
			     fault_set(s->fault, EINVAL, "\"%s:%s\": the value is too long",
				       a->prefix, value);
	}
	high = index->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(index->entries[middle].text, form) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i < index->n; i++) {
		const char *text = index->entries[i].text;
		bool equal = !strcmp(text, form);
		int err = 0;

		if (equal || (a->and_below && is_below(text, form)))
			err = add(s, to, &s->model->machines[index->entries[i].machine]);
		else if (!a->and_below || strncmp(text, form, strlen(form)))
			break;
		if (err)
			return err;
	}
	if (to->n == before)
		return fault_set(s->fault, ENOENT, "no machine has %s \"%s\"", a->key->name, value);
	return 0;
}

static const struct attribute *attribute_of(const char *term)
{
	size_t length = strcspn(term, ":");

	for (unsigned i = 0; term[length] && i < ATTRIBUTES; i++) {
		if (strlen(attributes[i].prefix) == length &&
		    !strncasecmp(attributes[i].prefix, term, length))
			return &attributes[i];
	}
	return NULL;
}

static int add_term(struct search *s, char *term)
{
	bool excluded = *term == '!';
	struct selection *to = excluded ? &s->minus : &s->plus;
	const struct attribute *a;
	struct range *range = NULL;
	char name[VALUE_MAX];
	int err;

	term += excluded;
	s->excludes_only &= excluded;
	a = attribute_of(term);
	if (a)
		term += strlen(a->prefix) + 1;
	if (!*term)
		return fault_set(s->fault, EINVAL, "a name is missing%s",
				 excluded ? " after !" : a ? " after the colon" : "");
	if (strlen(term) >= VALUE_MAX)
		return fault_set(s->fault, EINVAL, "\"%.64s…\" is too long", term);
	err = range_parse(term, (a && (a->key->type == KEY_MAC || a->key->type == KEY_UUID)) ||
			  (!a && mac_resembles(term)) ? RANGE_HEX : RANGE_NAMES, &range, s->fault);
	for (size_t i = 0; !err && i < range_count(range); i++) {
		const char *text = range_nth(range, i, name, sizeof(name));

		err = a ? add_by_address(s, to, a, text) : add_name(s, to, text);
	}
	range_free(range);
	return err;
}

/* The end of the term at p: a comma or a blank outside of brackets. */
static size_t term_length(const char *p)
{
	size_t n = 0;

	for (bool open = false; p[n]; n++) {
		if (p[n] == '[')
			open = true;
		else if (p[n] == ']')
			open = false;
		else if (!open && (p[n] == ',' || isspace((unsigned char)p[n])))
			break;
	}
	return n;
}

static int run(struct search *s, const char *expression)
{
	int err = 0;

	s->excludes_only = true;
	for (const char *p = expression; !err;) {
		size_t length;
		char *term;

		while (*p == ',' || isspace((unsigned char)*p))
			p++;
		if (!*p)
			break;
		length = term_length(p);
		term = strndup(p, length);
		if (!term)
			return fault_no_memory(s->fault);
		err = add_term(s, term);
		free(term);
		p += length;
	}
	return err;
}

int select_machines(struct model *model, const char *expression, struct selection *selection,
		    struct fault *f)
{
	struct search s = {.model = model, .fault = f};
	int err = run(&s, expression);

	if (!err && s.excludes_only && s.minus.n)
		err = fault_set(f, EINVAL,
				"\"%s\" only takes machines out: write all,%s for all others",
				expression, expression);
	selection_remove(&s.plus, &s.minus);
	if (!err && !s.plus.n)
		err = fault_set(f, ENOENT, *expression ? "\"%s\" leaves no machine" :
				"\"%s\" names no machine", expression);
	for (size_t i = 0; i < s.plus.n && !err; i++)
		err = add(&s, selection, s.plus.machines[i]);
	selection_free(&s.plus);
	selection_free(&s.minus);
	return err;
}

int select_words(struct model *model, char *const *words, size_t n, struct selection *selection,
		 struct fault *f)
{
	struct buffer expression = {0};
	int err;

	for (size_t i = 0; i < n; i++)
		buffer_add(&expression, "%s%s", i ? "," : "", words[i]);
	err = expression.failed ? fault_no_memory(f) :
				  select_machines(model, buffer_text(&expression), selection, f);
	buffer_free(&expression);
	return err;
}
