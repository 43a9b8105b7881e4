/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker lint: reads a configuration, tells every error in it, and warns of what is legal but
 * unlikely to be meant. Warnings that read the same are told once, of a range of machines.
 */
#include "base/fault.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "model/address.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- findings ------------------------------------------------------------------------------ */

/* One warning, and the machines that it is about. */
struct finding {
	char *kind;			/* what makes two findings one */
	char *text;
	const struct section *section;	/* of the first machine */
	const char **names;
	size_t n, size;
};

struct findings {
	struct table by_kind;
	struct finding **list;
	size_t n, size;
};

static struct finding *finding_new(struct findings *all, const char *kind, const char *text,
				   const struct section *section)
{
	struct finding *finding = calloc(1, sizeof(*finding));

	if (all->n == all->size) {
		size_t size = all->size ? all->size * 2 : 16;
		struct finding **list = realloc(all->list, size * sizeof(struct finding *));

		if (list) {
			all->list = list;
			all->size = size;
		}
	}
	if (!finding || all->n == all->size)
		goto no_memory;
	finding->kind = strdup(kind);
	finding->text = strdup(text);
	finding->section = section;
	if (!finding->kind || !finding->text ||
	    table_add(&all->by_kind, finding->kind, finding, NULL))
		goto no_memory;
	return all->list[all->n++] = finding;
no_memory:
	if (finding) {
		free(finding->kind);
		free(finding->text);
	}
	free(finding);
	return NULL;
}

static int finding_add(struct findings *all, const char *kind, const char *text,
		       const struct machine *machine)
{
	struct finding *finding = table_find(&all->by_kind, kind);

	if (!finding)
		finding = finding_new(all, kind, text, machine->section);
	if (!finding)
		return -ENOMEM;
	if (finding->n == finding->size) {
		size_t size = finding->size ? finding->size * 2 : 4;
		const char **names = realloc(finding->names, size * sizeof(*names));

		if (!names)
			return -ENOMEM;
		finding->names = names;
		finding->size = size;
	}
	finding->names[finding->n++] = machine->name;
	return 0;
}

static void findings_tell(const struct findings *all)
{
	char place[PATH_MAX + 16];

	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = all->list[i];
		char *names = range_fold(f->names, f->n);

		section_place(f->section, 0, place, sizeof(place));
		fprintf(stderr, "%s: warning: %s: %s\n", place, names ? names : "?", f->text);
		free(names);
	}
}

static void findings_free(struct findings *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->list[i]->kind);
		free(all->list[i]->text);
		free(all->list[i]->names);
		free(all->list[i]);
	}
	free(all->list);
	table_free(&all->by_kind);
}

/* --- ladders ------------------------------------------------------------------------------- */

static bool is_observed(const struct machine *machine)
{
	struct method observer;

	if (observer_make(machine, &observer))
		return false;
	method_free(&observer);
	return true;
}

/*
 * A rung above the last whose effect nobody sees keeps its time to the end, unless it is of a verb
 * whose effect can never be seen: see the runner.
 */
static void look_at_rungs(const struct ladder *ladder, enum verb verb, struct buffer *text)
{
	for (size_t i = 0; i + 1 < ladder->n; i++) {
		const struct method *m = &ladder->methods[i];
		char limit[32];

		if (m->op->flags & (OP_OBSERVES | OP_PREPARES))
			continue;
		duration_print(m->timeout_ms, limit, sizeof(limit));
		buffer_add(text, "%s: nothing can see whether \"", verb_info(verb)->name);
		method_print(text, m, verb);
		buffer_add(text, "\" had its effect, so that its whole %s are waited before the "
			   "next method: give the machine a probe or a status =", limit);
		return;
	}
}

/* What is wrong with a machine's ladder; nothing is added where all is well. */
static int look_at_ladder(const struct machine *machine, enum verb verb, struct buffer *text)
{
	struct ladder *ladder;
	struct fault fault;
	int err = ladder_make(machine, verb, &ladder, &fault);

	if (err == -ENOMEM)
		return err;
	if (err) {
		/* not every machine need have every verb, but one that cannot be put on is odd */
		if (verb == VERB_ON || machine_entry(machine, verb_info(verb)->key, NULL))
			buffer_add_text(text, fault.text);
		return text->failed ? -ENOMEM : 0;
	}
	if (ladder->n > 1 && verb_info(verb)->observable && !is_observed(machine))
		look_at_rungs(ladder, verb, text);
	ladder_free(ladder);
	return text->failed ? -ENOMEM : 0;
}

static int look_at_ladders(const struct model *model, enum verb verb, struct findings *all)
{
	const struct section *last = NULL;
	struct buffer text = {0};
	int err = 0;

	for (size_t i = 0; i < model->nmachines && !err; i++) {
		const struct machine *machine = &model->machines[i];

		if (machine->section != last) {
			buffer_free(&text);
			text = (struct buffer){0};
			err = look_at_ladder(machine, verb, &text);
			last = ladder_is_common(machine, verb) ? machine->section : NULL;
		}
		if (!err && text.length)
			err = finding_add(all, buffer_text(&text), buffer_text(&text), machine);
	}
	buffer_free(&text);
	return err;
}

/* --- what two machines share --------------------------------------------------------------- */

struct value {
	uint64_t hash;
	uint32_t machine;
};

static int compare_values(const void *left, const void *right)
{
	const struct value *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->machine > b->machine) - (a->machine < b->machine);
}

/* The one form in which values of a key are compared. */
static void normalise(const struct key *key, const char *value, char form[VALUE_MAX])
{
	uint8_t mac[MAC_LENGTH];

	if (key->type == KEY_MAC && !mac_parse(value, mac, NULL)) {
		mac_print(mac, form);
		return;
	}
	for (; *value; value++) {
		if (key->type != KEY_UUID || *value != '-')
			*form++ = (char)tolower((unsigned char)*value);
	}
	*form = '\0';
}

static struct value *gather_values(const struct model *model, const struct key *key, size_t *n)
{
	char buffer[VALUE_MAX], form[VALUE_MAX];
	struct value *values;
	size_t most = 1;

	*n = 0;
	for (size_t i = 0; i < model->nmachines; i++)
		most += machine_values(&model->machines[i], key);
	values = malloc(most * sizeof(*values));
	for (size_t i = 0; values && i < model->nmachines; i++) {
		const struct machine *machine = &model->machines[i];

		for (size_t v = 0; v < machine_values(machine, key); v++) {
			normalise(key, machine_value(machine, key, v, buffer), form);
			values[(*n)++] = (struct value){text_hash(form), (uint32_t)i};
		}
	}
	if (values)
		qsort(values, *n, sizeof(*values), compare_values);
	return values;
}

/* The value of a machine that has this hash. */
static const char *value_with(const struct machine *machine, const struct key *key, uint64_t hash,
			      char buffer[VALUE_MAX])
{
	char form[VALUE_MAX];

	for (size_t v = 0; v < machine_values(machine, key); v++) {
		const char *value = machine_value(machine, key, v, buffer);

		normalise(key, value, form);
		if (text_hash(form) == hash)
			return value;
	}
	return "?";
}

/*
 * Machines of the same sections that share values are one finding, with the first as the example.
 */
static int add_shared(struct findings *all, const struct model *model, const struct key *key,
		      const struct value *values, size_t n)
{
	const struct machine *first = &model->machines[values[0].machine];
	const struct machine *last = &model->machines[values[n - 1].machine];
	char kind[128], buffer[VALUE_MAX];
	struct buffer text = {0};
	int err = 0;

	snprintf(kind, sizeof(kind), "%s %p %p", key->name, (const void *)first->section,
		 (const void *)last->section);
	buffer_add(&text, "the same %s: %s is that of \"%s\" and of \"%s\"", key->name,
		   value_with(first, key, values[0].hash, buffer), first->name, last->name);
	for (size_t i = 0; i < n && !err; i++)
		err = finding_add(all, kind, buffer_text(&text),
				  &model->machines[values[i].machine]);
	buffer_free(&text);
	return err;
}

static int look_for_shared(const struct model *model, const struct key *key, struct findings *all)
{
	size_t n, end;
	struct value *values = gather_values(model, key, &n);
	int err = values ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && !err; i = end) {
		for (end = i + 1; end < n && values[end].hash == values[i].hash; end++)
			;
		if (end - i > 1)
			err = add_shared(all, model, key, values + i, end - i);
	}
	free(values);
	return err;
}

/* --- the command --------------------------------------------------------------------------- */

static int look(const struct model *model, struct findings *all)
{
	int err = 0;

	for (unsigned verb = 0; verb < verb_count() && !err; verb++)
		err = look_at_ladders(model, verb, all);
	if (!err)
		err = look_for_shared(model, &key_mac, all);
	if (!err)
		err = look_for_shared(model, &key_address, all);
	return err ? err : look_for_shared(model, &key_uuid, all);
}

static void print_count(size_t n, const char *what, const char *behind)
{
	if (n)
		printf("%zu", n);
	else
		printf("no");
	printf(" %s%s%s", what, n == 1 ? "" : "s", behind);
}

static size_t sections_of(const struct model *model, enum section_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < model->nsections; i++)
		n += model->sections[i]->kind == kind;
	return n;
}

static void print_summary(const struct model *model, size_t warnings)
{
	print_count(model->nmachines, "machine", ", ");
	print_count(sections_of(model, SECTION_GROUP), "group", ", ");
	print_count(sections_of(model, SECTION_PROFILE), "profile", ": no errors, ");
	print_count(warnings, "warning", "\n");
}

static int lint_run(struct context *context, int argc, char **argv)
{
	struct findings all = {0};
	size_t errors;
	int code;

	if (argc > 1)
		return usage_error("lint: takes one file, not \"%s\" as well", argv[1]);
	if (argc)
		context->config_path = argv[0];
	code = context_read(context, &errors);
	if (code)
		return code;
	if (!context->config_used)
		return usage_error("lint: there is no /etc/stoker/stoker.conf: name a file: "
				   "stoker lint FILE");
	if (errors) {
		printf("%s: %zu error%s\n", context->config_used, errors, errors == 1 ? "" : "s");
		return EXIT_USAGE;
	}
	if (look(context->model, &all))
		code = usage_error("out of memory");
	findings_tell(&all);
	if (!code)
		print_summary(context->model, all.n);
	findings_free(&all);
	return code;
}

static const struct option_entry *const lint_tables[] = {config_options, NULL};

static const struct command lint_command = {
	.name = "lint",
	.summary = "Check a configuration",
	.usage = "[OPTION]… [FILE]",
	.help =
	"Reads a configuration and tells every error in it; without FILE, the one that the other\n"
	"commands would use. Then warns of what is legal but unlikely to be meant: machines that\n"
	"nothing can put on, methods whose whole time limit is waited because nothing can see\n"
	"their effect, machines with the same MAC address, address or UUID.\n"
	"\n"
	"Exit code 0: there is no error; 2: there are some. Warnings do not count.",
	.options = lint_tables,
	.run = lint_run,
};
COMMAND(lint_command);
