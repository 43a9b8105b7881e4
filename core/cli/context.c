/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a command works with. See context.h. */
#include "cli/context.h"
#include "base/fault.h"
#include "cli/command.h"
#include "engine/credential.h"
#include "engine/driver.h"
#include "engine/verb.h"
#include "model/config.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/select.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEYS_MAX = 512 };

static const char default_path[] = "/etc/stoker/stoker.conf";

/* The file that CONFIG_BUILTIN_CONF names, as bytes; empty where it names none. */
static const char builtin_conf[] = {
#include "config/builtin_conf.inc"
	0
};

int usage_error(const char *format, ...)
{
	va_list args;

	fputs("stoker: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

static bool has_key(const struct key *const *keys, size_t n, const struct key *key)
{
	for (size_t i = 0; i < n; i++) {
		if (keys[i] == key)
			return true;
	}
	return false;
}

/* Drivers may share keys: each is there once. */
static size_t add_keys(const struct key **to, size_t n, const struct key *const *keys)
{
	for (; keys && *keys && n < KEYS_MAX; keys++) {
		if (!has_key(to, n, *keys))
			to[n++] = *keys;
	}
	return n;
}

const struct key *const *all_keys(void)
{
	static const struct key *keys[KEYS_MAX + 1];
	const struct driver *driver;
	const struct key_set *set;
	size_t n;

	if (keys[0])
		return keys;
	n = add_keys(keys, 0, model_keys);
	n = add_keys(keys, n, verb_keys);
	for (size_t i = 0; (set = key_set_at(i)); i++)
		n = add_keys(keys, n, set->keys);
	for (size_t i = 0; (driver = driver_at(i)); i++)
		n = add_keys(keys, n, driver->keys);
	return keys;
}

int context_set(struct context *c, const char *key, const char *value, struct fault *f)
{
	struct setting *settings = realloc(c->settings, (c->nsettings + 1) * sizeof(*settings));

	if (!settings)
		return fault_no_memory(f);
	c->settings = settings;
	c->settings[c->nsettings++] = (struct setting){key, value, NULL};
	return 0;
}

int context_set_list(struct context *c, const char *key, const char *values, struct fault *f)
{
	int err = 0;

	for (const char *p = values; !err; p++) {
		size_t length = strcspn(p, ",");
		char *value = strndup(p, length);

		err = !value ? fault_no_memory(f) :
		      !length ? fault_set(f, EINVAL, "\"%s\" has an empty place: write for "
					  "example A,B", values) :
		      context_set(c, key, value, f);
		if (err)
			free(value);
		else
			c->settings[c->nsettings - 1].own = value;
		p += length;
		if (!*p)
			break;
	}
	return err;
}

static void forget_settings(struct context *c)
{
	for (size_t i = 0; i < c->nsettings; i++)
		free(c->settings[i].own);
	c->nsettings = 0;
}

const struct key *key_find(const char *name)
{
	for (const struct key *const *k = all_keys(); *k; k++) {
		if (!strcmp((*k)->name, name))
			return *k;
	}
	return NULL;
}

int context_apply(struct context *c)
{
	struct fault fault;

	for (size_t i = 0; i < c->nsettings; i++) {
		const struct key *key = key_find(c->settings[i].key);

		if (!key)
			return usage_error("the key %s is not in this build", c->settings[i].key);
		if (section_add(c->model->command, key, 0, c->settings[i].value, &fault))
			return usage_error("%s: %s", key->name, fault.text);
	}
	forget_settings(c);
	return 0;
}

static void tell_error(void *data, const char *sentence)
{
	(void)data;
	fprintf(stderr, "%s\n", sentence);
}

int context_load_none(struct context *c)
{
	if (!c->model)
		c->model = model_new();
	return c->model ? context_apply(c) : usage_error("out of memory");
}

int context_read(struct context *c, size_t *errors)
{
	struct config_reader reader = {.keys = all_keys(), .tell = tell_error};
	const char *path = c->config_path ? c->config_path : getenv("STOKER_CONF");
	int err = context_load_none(c);

	*errors = 0;
	if (err)
		return err;
	reader.model = c->model;
	if (path && *path) {
		c->config_used = path;
		*errors = config_read(&reader, path);
	} else if (!access(default_path, F_OK)) {
		c->config_used = default_path;
		*errors = config_read(&reader, default_path);
	} else if (builtin_conf[0]) {
		c->config_used = "the built-in configuration";
		*errors = config_read_text(&reader, c->config_used, builtin_conf);
	}
	return 0;
}

int context_load(struct context *c)
{
	size_t errors;
	int err = context_read(c, &errors);

	if (!err && errors)
		err = usage_error("%s has %zu error%s: nothing was done", c->config_used, errors,
				  errors == 1 ? "" : "s");
	return err;
}

void context_free(struct context *c)
{
	credential_quit();
	model_free(c->model);
	forget_settings(c);
	free(c->settings);
}

int context_select(struct context *c, int argc, char **argv, struct selection *selection)
{
	struct fault fault;

	if (!argc)
		return usage_error("%s: no machine is named: usage: stoker %s %s", c->command->name,
				   c->command->name, c->command->usage);
	if (select_words(c->model, argv, (size_t)argc, selection, &fault)) {
		if (!c->model->nmachines && !c->config_used)
			return usage_error("%s (there is no %s: give one with -c FILE)", fault.text,
					   default_path);
		return usage_error("%s", fault.text);
	}
	return 0;
}
