/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine that is an emulator, as its keys and its configuration file describe it. */
#include "base/fault.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "emulator.h"
#include "emulator_config.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <libgen.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The longest configuration file that is looked into. */
enum { CONFIG_MAX = 1 << 20 };

void emulator_free(struct emulator *e)
{
	free(e->config);
	free(e->folder);
	free(e->argv);
	free(e->address);
	free(e->run);
	free(e->state);
}

/* A copy of a key's value; NULL where it is not set. */
static int copy(const struct emulator *e, const struct key *key, char **value, struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *text = machine_value(e->machine, key, 0, buffer);

	if (!text)
		return 0;
	*value = strdup(text);
	return *value ? 0 : fault_no_memory(f);
}

/* --- where its files are --------------------------------------------------------------------- */

static int folder_of(int (*parent_of)(char *path, size_t size, struct fault *f),
		     const struct machine *machine, char **folder, struct fault *f)
{
	char parent[PATH_MAX];
	int err = parent_of(parent, sizeof(parent), f);

	if (err)
		return err;
	if (asprintf(folder, "%s/guests/%s", parent, machine->name) < 0) {
		*folder = NULL;
		return fault_no_memory(f);
	}
	return 0;
}

static int read_kind(struct emulator *e, const char **program, struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *name = machine_value(e->machine, &key_emulator, 0, buffer);

	if (!name)
		return fault_set(f, EINVAL, "it has guest = \"emulator\" and no emulator: write "
				 "for example emulator = \"simh-pdp11\"");
	e->kind = emulator_kind_find(name, program);
	if (!e->kind)
		return emulator_kind_check(name, f);
	/* what stands behind simh- is in the buffer: it goes on in path */
	if (*program) {
		snprintf(e->path, sizeof(e->path), "%s", *program);
		*program = e->path;
	}
	return 0;
}

/* --- its console ----------------------------------------------------------------------------- */

/* SIMH: what its configuration file says goes before the terminal. */
static void console_of_config(struct emulator *e)
{
	uint16_t port = 0;
	char *text;

	if (!e->kind->names_telnet || !e->config ||
	    file_read(e->config, CONFIG_MAX, &text, NULL, NULL))
		return;
	port = simh_telnet_port(text);
	free(text);
	if (port && asprintf(&e->address, "127.0.0.1:%u", port) < 0)
		e->address = NULL;
	if (e->address)
		e->console = CONSOLE_TELNET;
}

static int read_console(struct emulator *e, struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *text = machine_value(e->machine, &key_emulator_console, 0, buffer);
	bool configured = text;
	int err;

	if (!text)
		text = e->kind->console ? e->kind->console : "none";
	err = emulator_console_parse(text, &e->console, &e->address, f);
	if (err)
		return err;
	if (!configured)
		console_of_config(e);
	if (e->console == CONSOLE_TELNET)
		e->holds = machine_entry(e->machine, &key_emulator_hold, NULL) ?
			   machine_flag(e->machine, &key_emulator_hold) : e->kind->holds;
	return 0;
}

int emulator_read_places(struct emulator *e, const struct machine *machine, struct fault *f)
{
	const char *program;
	int err;

	e->machine = machine;
	err = read_kind(e, &program, f);
	if (!err)
		err = copy(e, &key_emulator_config, &e->config, f);
	if (!err)
		err = read_console(e, f);
	if (!err)
		err = folder_of(run_directory, machine, &e->run, f);
	if (!err)
		err = folder_of(state_directory, machine, &e->state, f);
	return err;
}

/* --- its command line ------------------------------------------------------------------------ */

/* The argument by which it goes into the background; NULL: it stays. */
static const char *detach_of(const struct emulator *e, char buffer[VALUE_MAX])
{
	const char *text = machine_value(e->machine, &key_emulator_detach, 0, buffer);

	if (text)
		return strcmp(text, "none") ? text : NULL;
	return e->kind->detach;
}

static void add(struct buffer *b, const char *word)
{
	if (word)
		buffer_add_bytes(b, word, strlen(word) + 1);
}

/* Program, -d, -f and configuration file, the rest. */
static int make_argv(struct emulator *e, struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *detach = detach_of(e, buffer);
	struct buffer b = {0};
	size_t n = 0, used = 0;

	e->detaches = detach;
	add(&b, e->path);
	add(&b, detach);
	if (e->config) {
		add(&b, e->kind->config_option);
		add(&b, e->config);
	}
	for (size_t i = 0; i < machine_values(e->machine, &key_emulator_args); i++)
		add(&b, machine_value(e->machine, &key_emulator_args, i, buffer));
	for (size_t i = 0; i < b.length; i++)
		n += !b.text[i];
	e->argv = b.failed ? NULL : malloc((n + 1) * sizeof(*e->argv) + b.length);
	if (e->argv) {
		char *text = (char *)(e->argv + n + 1);

		memcpy(text, b.text, b.length);
		for (char *p = text; used < n; p += strlen(p) + 1)
			e->argv[used++] = p;
		e->argv[n] = NULL;
	}
	buffer_free(&b);
	return e->argv ? 0 : fault_no_memory(f);
}

static int read_program(struct emulator *e, struct fault *f)
{
	char buffer[VALUE_MAX], name[PATH_MAX];
	const char *program = machine_value(e->machine, &key_emulator_program, 0, buffer);

	snprintf(name, sizeof(name), "%s", program ? program : e->path);
	if (!*name)
		return fault_set(f, EINVAL, "%s has no program of its own: write for example "
				 "emulator-program = \"/opt/charon/bin/es40\"", e->kind->name);
	return process_find(name, e->path, sizeof(e->path), f);
}

static int read_folder(struct emulator *e, struct fault *f)
{
	int err = copy(e, &key_emulator_directory, &e->folder, f);
	char *path;

	if (err || e->folder || !e->config)
		return err;
	path = strdup(e->config);
	e->folder = path ? strdup(dirname(path)) : NULL;
	free(path);
	return e->folder ? 0 : fault_no_memory(f);
}

int emulator_read(struct emulator *e, const struct machine *machine, struct fault *f)
{
	int err = emulator_read_places(e, machine, f);

	if (!err)
		err = read_program(e, f);
	if (!err)
		err = read_folder(e, f);
	if (!err)
		err = make_argv(e, f);
	return err;
}

/* --- its network interfaces ------------------------------------------------------------------ */

/* Once each. */
static void add_interface(struct buffer *b, size_t *n, const char *name)
{
	for (const char *p = buffer_text(b); p < buffer_text(b) + b->length; p += strlen(p) + 1) {
		if (!strcmp(p, name))
			return;
	}
	add(b, name);
	(*n)++;
}

static int interfaces_of_config(const struct emulator *e, struct buffer *b, size_t *n,
				struct fault *f)
{
	char *text, name[32];
	const char *p;
	int err;

	if (!e->config || !e->kind->names_interfaces)
		return 0;
	err = file_read(e->config, CONFIG_MAX, &text, NULL, f);
	if (err)
		return err;
	/* quoted may also stand what is no interface but another part of the configuration */
	for (p = text; charon_interface(&p, name, sizeof(name));) {
		if (if_nametoindex(name))
			add_interface(b, n, name);
	}
	free(text);
	return 0;
}

int emulator_interfaces(const struct emulator *e, char ***interfaces, size_t *n, struct fault *f)
{
	char buffer[VALUE_MAX], *text;
	struct buffer b = {0};
	int err = 0;

	*interfaces = NULL;
	*n = 0;
	for (size_t i = 0; i < machine_values(e->machine, &key_emulator_interfaces); i++)
		add_interface(&b, n,
			      machine_value(e->machine, &key_emulator_interfaces, i, buffer));
	if (!machine_entry(e->machine, &key_emulator_interfaces, NULL))
		err = interfaces_of_config(e, &b, n, f);
	if (!err && *n) {
		*interfaces = b.failed ? NULL : malloc(*n * sizeof(**interfaces) + b.length);
		err = *interfaces ? 0 : fault_no_memory(f);
	}
	if (*interfaces) {
		text = memcpy(*interfaces + *n, b.text, b.length);
		for (size_t i = 0; i < *n; i++, text += strlen(text) + 1)
			(*interfaces)[i] = text;
	}
	buffer_free(&b);
	return err;
}
