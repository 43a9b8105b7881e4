/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods and ladders. See ladder.h. */
#include "engine/ladder.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/bare.h"
#include "engine/driver.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* of one driver in a ladder that is made of other verbs */
enum { PARTS_MAX = 2 };

static int unknown_driver(const char *name, struct fault *f)
{
	struct nearest nearest = {.wanted = name};
	const struct driver *driver;

	for (size_t i = 0; (driver = driver_at(i)); i++)
		nearest_offer(&nearest, driver->name);
	if (nearest.name)
		return fault_set(f, ENOSYS,
				 "there is no driver \"%s\" in this build: did you mean \"%s\"?",
				 name, nearest.name);
	return fault_set(f, ENOSYS, "there is no driver \"%s\" in this build: `stoker drivers` "
			 "lists what there is", name);
}

/* A bare number is an argument ("tcp 22"): only one with a unit is a limit. */
static bool is_limit(const char *word, uint64_t *ms)
{
	return isalpha((unsigned char)word[strlen(word) - 1]) && !duration_parse(word, ms, NULL);
}

/* To look must never change anything, and no verb that leaves the power alone may switch it. */
static bool takes_others(enum verb verb)
{
	return !verb_info(verb)->looks && verb_info(verb)->goal != STATE_DONE;
}

int method_words(const char *text, char ***words, size_t *argc, const struct driver **driver,
		 uint64_t *limit_ms, struct fault *f)
{
	size_t n;
	int err = words_split(text, words, &n, f);

	if (err)
		return err;
	*limit_ms = 0;
	*driver = n ? driver_find((*words)[0]) : NULL;
	if (!n) {
		err = fault_set(f, EINVAL, "a method is empty: write a driver, its arguments and a "
				"limit, for example \"wol 60s\"");
	} else if (!*driver) {
		err = unknown_driver((*words)[0], f);
	} else if (n > 1 && *(*words)[n - 1] && is_limit((*words)[n - 1], limit_ms)) {
		(*words)[--n] = NULL;
		if (!*limit_ms)
			err = fault_set(f, EINVAL, "\"%s\": a time limit of 0 leaves no time", text);
	}
	if (err) {
		free(*words);
		*words = NULL;
		return err;
	}
	*argc = n - 1;
	return 0;
}

static int find_op(struct method *m, enum verb verb, struct fault *f)
{
	const struct driver *driver = m->driver;

	m->argv = m->words + 1;
	if (m->argc && takes_others(verb)) {
		enum verb other = verb_find(m->argv[0]);

		m->op = other < VERBS && verb_info(other)->goal != STATE_DONE ?
			driver_op(driver, other) : NULL;
		if (m->op) {
			m->argv++;
			m->argc--;
			return 0;
		}
	}
	m->op = driver_op(driver, verb);
	if (!m->op)
		return fault_set(f, ENOSYS, "the driver %s cannot do \"%s\"", driver->name,
				 verb_info(verb)->name);
	return 0;
}

int method_parse(const char *text, enum verb verb, struct method *method, struct fault *f)
{
	struct method m = {0};
	int err = method_words(text, &m.words, &m.argc, &m.driver, &m.timeout_ms, f);

	if (err)
		return err;
	if (!m.timeout_ms)
		m.timeout_ms = m.driver->timeout_ms ? m.driver->timeout_ms : METHOD_TIMEOUT_MS;
	err = find_op(&m, verb, f);
	if (err)
		goto fail;
	if (m.driver->check_arguments)
		err = m.driver->check_arguments(m.op->verb, m.argc, m.argv, f);
	else if (m.argc)
		err = fault_set(f, EINVAL, "\"%s\": the driver %s takes no argument \"%s\"", text,
				m.driver->name, m.argv[0]);
	if (err)
		goto fail;
	*method = m;
	return 0;
fail:
	free(m.words);
	return err;
}

void method_free(struct method *method)
{
	free(method->words);
	*method = (struct method){0};
}

int method_check(const char *text, enum verb verb, struct fault *f)
{
	struct method method;
	int err = bare_check(text, verb, f);

	if (err <= 0)
		return err;
	err = method_parse(text, verb, &method, f);
	if (!err)
		method_free(&method);
	return err;
}

void ladder_free(struct ladder *ladder)
{
	if (!ladder)
		return;
	for (size_t i = 0; i < ladder->n; i++)
		method_free(&ladder->methods[i]);
	free(ladder->text);
	free(ladder);
}

void method_print(struct buffer *out, const struct method *m, enum verb verb)
{
	char limit[32];

	buffer_add_text(out, m->driver->name);
	if (m->op->verb != verb)
		buffer_add(out, " %s", verb_info(m->op->verb)->name);
	for (size_t i = 0; i < m->argc; i++)
		buffer_add(out, strpbrk(m->argv[i], " ,'\"") || !*m->argv[i] ? " '%s'" : " %s",
			   m->argv[i]);
	duration_print(m->timeout_ms, limit, sizeof(limit));
	buffer_add(out, " %s", limit);
}

static int add_method(struct ladder *l, const char *text, enum verb verb, struct buffer *out,
		      struct fault *f)
{
	int err = method_parse(text, verb, &l->methods[l->n], f);

	if (err)
		return err;
	if (l->n)
		buffer_add_text(out, ", ");
	method_print(out, &l->methods[l->n++], verb);
	return 0;
}

static struct ladder *ladder_new(size_t most)
{
	return calloc(1, sizeof(struct ladder) + most * sizeof(struct method));
}

/* Ends the making of a ladder: err is what went wrong until now. */
static int ladder_end(struct ladder *l, struct buffer *out, int err, struct ladder **ladder,
		      struct fault *f)
{
	l->text = buffer_take(out);
	if (!err && !l->text)
		err = fault_no_memory(f);
	if (err)
		ladder_free(l);
	else
		*ladder = l;
	return err;
}

int ladder_of(const char *const *texts, size_t n, enum verb verb, struct ladder **ladder,
	      struct fault *f)
{
	struct ladder *l = ladder_new(n);
	struct buffer out = {0};
	int err = 0;

	if (!l)
		return fault_no_memory(f);
	for (size_t i = 0; i < n && !err; i++)
		err = add_method(l, texts[i], verb, &out, f);
	return ladder_end(l, &out, err, ladder, f);
}

static bool has_key(const struct driver *driver, const struct machine *machine)
{
	char buffer[VALUE_MAX];
	const char *value;

	if (!driver->needs || !machine_entry(machine, driver->needs, NULL))
		return false;
	if (!driver->needs_value)
		return true;
	value = machine_value(machine, driver->needs, 0, buffer);
	return value && !strcmp(value, driver->needs_value);
}

bool driver_is_default(const struct driver *driver, const struct machine *machine)
{
	const struct driver *other;

	if (!has_key(driver, machine))
		return false;
	for (size_t i = 0; (other = driver_at(i)); i++) {
		if (other != driver && other->exclusive && has_key(other, machine))
			return false;
	}
	return true;
}

static bool runs_guests(const struct driver *driver)
{
	return driver->needs && driver->needs == &key_guest;
}

bool driver_switches(const struct driver *driver, const struct machine *machine)
{
	const struct driver *other;

	if (!driver_is_default(driver, machine))
		return false;
	if (driver->observer || runs_guests(driver))
		return true;
	for (size_t i = 0; (other = driver_at(i)); i++) {
		if (runs_guests(other) && driver_is_default(other, machine))
			return false;
	}
	return true;
}

static bool is_default(const struct driver *driver, const struct machine *machine, enum verb verb)
{
	return driver_op(driver, verb) && driver_switches(driver, machine);
}

/* What would give a machine a way: a ladder, or the key of a driver that has the verb. */
static int tell_none(enum verb verb, struct fault *f)
{
	const struct verb_info *info = verb_info(verb);
	const struct driver *driver, *able = NULL;

	for (size_t i = 0; (driver = driver_at(i)); i++) {
		/* a fake is no way */
		if (driver_op(driver, verb) && !driver->exclusive && !(able && able->needs))
			able = driver;
	}
	if (!able)
		return fault_set(f, ENOSYS, "it cannot be %s: no driver of this build can do that",
				 info->participle);
	return fault_set(f, ENOSYS, "it cannot be %s: set %s = in its section%s%s%s%s",
			 info->participle, info->name, able->needs ? ", or " : "",
			 able->needs ? able->needs->name : "",
			 able->needs ? " = for the driver " : "", able->needs ? able->name : "");
}

/* A method of the configuration, which may leave the driver to the machine. */
static int add_configured(struct ladder *l, const struct machine *machine, const char *text,
			  enum verb verb, struct buffer *out, struct fault *f)
{
	char *method = NULL;
	int err = bare_method(machine, text, &method, f);

	if (!err)
		err = add_method(l, method ? method : text, verb, out, f);
	free(method);
	return err;
}

/* What a driver has for a verb: its op of that, else those of the verbs that it is made of. */
static int add_default(struct ladder *l, const struct driver *driver, enum verb verb,
		       struct buffer *out, struct fault *f)
{
	const enum verb *parts = verb_info(verb)->made_of;
	int err = 0;

	if (driver_op(driver, verb))
		return add_method(l, driver->name, verb, out, f);
	for (; parts && *parts < VERBS && !err; parts++) {
		char text[64];

		if (!driver_op(driver, *parts))
			continue;
		snprintf(text, sizeof(text), "%s %s", driver->name, verb_info(*parts)->name);
		err = add_method(l, text, verb, out, f);
	}
	return err;
}

int ladder_make(const struct machine *machine, enum verb verb, struct ladder **ladder,
		struct fault *f)
{
	const struct verb_info *info = verb_info(verb);
	const struct driver *driver;
	char buffer[VALUE_MAX];
	struct buffer out = {0};
	struct ladder *l;
	size_t most = machine_values(machine, info->key);
	int err = 0;

	for (size_t i = 0; driver_at(i); i++)
		most += PARTS_MAX;
	l = ladder_new(most);
	if (!l)
		return fault_no_memory(f);
	if (machine_entry(machine, info->key, NULL)) {
		for (size_t i = 0; i < machine_values(machine, info->key) && !err; i++)
			err = add_configured(l, machine,
					     machine_value(machine, info->key, i, buffer), verb,
					     &out, f);
		if (err)
			fault_prefix(f, err, "%s", info->name);
	} else {
		for (size_t i = 0; (driver = driver_at(i)) && !err; i++) {
			if (driver_switches(driver, machine))
				err = add_default(l, driver, verb, &out, f);
		}
	}
	if (!err && !l->n)
		err = tell_none(verb, f);
	return ladder_end(l, &out, err, ladder, f);
}

int ladder_is_common(const struct machine *machine, enum verb verb)
{
	const struct entry *entry = machine_entry(machine, verb_info(verb)->key, NULL);

	for (unsigned i = 0; entry && i < entry->nvalues; i++) {
		if (range_count(entry->values[i]) > 1)
			return false;
	}
	return true;
}

int observer_make(const struct machine *machine, struct method *method)
{
	const struct key *key = verb_info(VERB_STATUS)->key;
	const struct driver *driver;
	char buffer[VALUE_MAX];
	const char *first;

	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (driver->observer && is_default(driver, machine, VERB_STATUS))
			return method_parse(driver->name, VERB_STATUS, method, NULL);
	}
	first = machine_value(machine, key, 0, buffer);
	if (first)
		return method_parse(first, VERB_STATUS, method, NULL);
	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (is_default(driver, machine, VERB_STATUS))
			return method_parse(driver->name, VERB_STATUS, method, NULL);
	}
	return -ENOSYS;
}
