/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords and keys of devices: whose counts, and what the environment says. See credential.h. */
#include "engine/credential.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/text.h"
#include "engine/credential_source.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int command_check(const char *value, struct fault *f)
{
	char **words;
	size_t n;
	int err = words_split(value, &words, &n, f);

	if (err)
		return err;
	free(words);
	return n ? 0 : fault_set(f, EINVAL, "\"%s\" names no program", value);
}

const struct key key_user = {
	.name = "user", .type = KEY_TEXT,
	.help = HELP("The user name to log in to the machine's device with."),
};
const struct key key_password_file = {
	.name = "password-file", .type = KEY_TEXT, .flags = KEY_EITHER,
	.help = HELP("The absolute path of a file whose first line is the password. Nobody but its "
		"owner may be able to read or write it (chmod 600), and it must belong to root or "
		"to who runs stoker. It is read once, when a machine first needs it."),
};
const struct key key_password_command = {
	.name = "password-command", .type = KEY_TEXT, .flags = KEY_EITHER, .check = command_check,
	.help = HELP("A program with its arguments, run without a shell, whose first line of "
		"output is the password: `pass show bmc/lab`. It is run once for all machines that "
		"have the same line; where it fails, the last line of its standard error is "
		"told. Of this and `password-file`, the one that stands nearer to the machine counts."),
};
const struct key key_kg_file = {
	.name = "kg-file", .type = KEY_TEXT,
	.help = HELP("The absolute path of a file whose first line is the K_g of the machine's BMC, "
		"its second key: text, or 0x and hexadecimal digits; 20 bytes at most. Only BMCs "
		"whose K_g was changed need it. What holds for `password-file` holds for it."),
};

/* What a variable of the environment said. */
struct variable {
	struct secret *secret;
	int err;
	struct fault fault;
};

static struct secret *given[CREDENTIALS];
static struct variable variables[CREDENTIALS];
static bool variables_taken;

/* -- text of a K_g -------------------------------------------------------------------------- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int bytes_of_digits(const char *digits, size_t length, uint8_t *bytes, struct fault *f)
{
	for (size_t i = 0; i < length; i++) {
		if (digit(digits[i]) < 0)
			return fault_set(f, EINVAL, "a K_g that begins with 0x has hexadecimal "
					 "digits behind it: its digit number %zu is none", i + 1);
		bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | digit(digits[i]));
	}
	return 0;
}

int credential_kg(const void *text, size_t length, struct secret **secret, struct fault *f)
{
	const char *digits = text;
	bool hex = length >= 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	size_t n = hex ? (length - 2) / 2 : length;
	uint8_t bytes[CREDENTIAL_KG_MAX] = {0};
	int err = 0;

	if (hex && length % 2)
		return fault_set(f, EINVAL, "a K_g that begins with 0x has two digits for each "
				 "byte: these are %zu", length - 2);
	if (!n || n > sizeof(bytes))
		return fault_set(f, EINVAL, "a K_g has 1 to %d bytes: this one has %zu",
				 CREDENTIAL_KG_MAX, n);
	if (hex)
		err = bytes_of_digits(digits + 2, length - 2, bytes, f);
	else
		memcpy(bytes, text, n);
	if (!err) {
		*secret = secret_new(bytes, n);
		err = *secret ? 0 : fault_no_memory(f);
	}
	wipe(bytes, sizeof(bytes));
	return err;
}

/* -- the environment ------------------------------------------------------------------------ */

static void take_variable(enum credential which)
{
	static const char *const names[] = {
		[CREDENTIAL_PASSWORD] = "STOKER_PASSWORD", [CREDENTIAL_KG] = "STOKER_KG",
	};
	struct variable *v = &variables[which];
	char *value = getenv(names[which]);
	size_t length = value ? strlen(value) : 0;

	if (length && which == CREDENTIAL_KG) {
		v->err = credential_kg(value, length, &v->secret, &v->fault);
	} else if (length > CREDENTIAL_MAX) {
		v->err = fault_set(&v->fault, EINVAL, "it is longer than %d bytes",
				   CREDENTIAL_MAX);
	} else if (length) {
		v->secret = secret_new(value, length);
		v->err = v->secret ? 0 : fault_no_memory(&v->fault);
	}
	if (v->err)
		fault_prefix(&v->fault, v->err, "the environment variable %s", names[which]);
	/* these bytes are what /proc/PID/environ shows */
	wipe(value, length);
	unsetenv(names[which]);
}

/* Both at once. */
void credential_environment(void)
{
	for (unsigned i = 0; i < CREDENTIALS && !variables_taken; i++)
		take_variable(i);
	variables_taken = true;
}

static int get_variable(enum credential which, struct secret **secret, struct fault *f)
{
	const struct variable *v = &variables[which];

	if (v->err)
		return fault_set(f, -v->err, "%s", v->fault.text);
	*secret = secret_keep(v->secret);
	return 0;
}

/* -- keys ----------------------------------------------------------------------------------- */

/* Which of two sections a section takes its keys from first. */
static const struct section *nearer(const struct section *section, const struct section *a,
				    const struct section *b)
{
	const struct section *found = section == a || section == b ? section : NULL;

	for (unsigned i = 0; !found && i < section->nprofiles; i++)
		found = nearer(section->profiles[i], a, b);
	return found;
}

/* The key of the two that counts for a machine, NULL where none is set; err for both in one. */
static const struct key *password_key(const struct machine *machine, int *err, struct fault *f)
{
	const struct section *file_from, *command_from;
	const struct entry *file = machine_entry(machine, &key_password_file, &file_from);
	const struct entry *command = machine_entry(machine, &key_password_command, &command_from);
	char place[PATH_MAX + 16];

	if (!file || !command)
		return file ? &key_password_file : command ? &key_password_command : NULL;
	if (file_from == command_from) {
		section_place(file_from, file->line, place, sizeof(place));
		*err = fault_set(f, EINVAL, "%s: password-file and password-command are both set: "
				 "one of them is enough", place);
		return NULL;
	}
	if (file_from->kind == SECTION_COMMAND)
		return &key_password_file;
	if (command_from->kind == SECTION_COMMAND)
		return &key_password_command;
	return nearer(machine->section, file_from, command_from) == file_from ?
	       &key_password_file : &key_password_command;
}

/* What a path of a configuration would be relative to depends on who calls. */
static int check_absolute(const struct machine *machine, const struct key *key, const char *value,
			  struct fault *f)
{
	size_t program = strcspn(value, " \t\r\n\v\f");
	const struct section *from;
	const struct entry *entry = machine_entry(machine, key, &from);
	char place[PATH_MAX + 16];

	if (!entry || from->kind == SECTION_COMMAND || *value == '/' ||
	    (key == &key_password_command && !memchr(value, '/', program)))
		return 0;
	section_place(from, entry->line, place, sizeof(place));
	return fault_set(f, EINVAL, "%s: %s \"%.*s\" is a relative path: write an absolute one",
			 place, key->name, (int)(key == &key_password_command ? program :
			 strlen(value)), value);
}

static int get_source(struct ev_loop *loop, const struct machine *machine, const struct key *key,
		      struct secret **secret, credential_fn *done, void *data,
		      struct credential_request **handle, struct fault *f)
{
	enum source_kind kind = key == &key_password_file ? SOURCE_PASSWORD_FILE :
				key == &key_kg_file ? SOURCE_KG_FILE : SOURCE_PASSWORD_COMMAND;
	char buffer[VALUE_MAX];
	const char *value = machine_value(machine, key, 0, buffer);
	int err;

	/* {}: explicitly none */
	if (!value)
		return get_variable(key == &key_kg_file ? CREDENTIAL_KG : CREDENTIAL_PASSWORD,
				    secret, f);
	err = check_absolute(machine, key, value, f);
	return err ? err : source_get(loop, kind, value, secret, done, data, handle, f);
}

/* -- all of it ------------------------------------------------------------------------------ */

int credential_get(struct ev_loop *loop, const struct machine *machine, enum credential which,
		   struct secret **secret, credential_fn *done, void *data,
		   struct credential_request **handle, struct fault *f)
{
	const struct key *key = NULL;
	int err = 0;

	*secret = NULL;
	*handle = NULL;
	credential_environment();
	if (given[which]) {
		*secret = secret_keep(given[which]);
		return 0;
	}
	if (which == CREDENTIAL_PASSWORD)
		key = password_key(machine, &err, f);
	else if (machine_entry(machine, &key_kg_file, NULL))
		key = &key_kg_file;
	if (err)
		return err;
	return key ? get_source(loop, machine, key, secret, done, data, handle, f) :
		     get_variable(which, secret, f);
}

void credential_give(enum credential which, struct secret *secret)
{
	secret_keep(secret);
	secret_drop(given[which]);
	given[which] = secret;
}

void credential_quit(void)
{
	sources_quit();
	for (unsigned i = 0; i < CREDENTIALS; i++) {
		secret_drop(given[i]);
		secret_drop(variables[i].secret);
		given[i] = NULL;
		variables[i] = (struct variable){0};
	}
	variables_taken = false;
}
