/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests of other programs' files, as sections of our configuration. See import.h. */
#include "cli/import.h"
#include "base/fault.h"
#include "cli/context.h"
#include "engine/driver.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void import_leave_out(struct import *import, unsigned line, const char *format, ...)
{
	struct fault fault;
	va_list args;

	va_start(args, format);
	fault_vset(&fault, 0, format, args);
	va_end(args);
	/* bytes of a stranger's file do not reach the terminal as they are */
	for (char *p = fault.text; *p; p++) {
		if (iscntrl((unsigned char)*p))
			*p = '?';
	}
	buffer_add(&import->left_out, "%s:%u: %s\n", import->file, line, fault.text);
	import->nleft_out++;
}

/* --- guests ---------------------------------------------------------------------------------- */

/* What a machine may be called: letters, digits and ._@+-, no - in front, not "all". */
static void make_name(char name[NAME_LENGTH_MAX + 1], const char *wanted)
{
	size_t n = 0;

	for (; *wanted && n < NAME_LENGTH_MAX - 8; wanted++) {
		bool fits = isalnum((unsigned char)*wanted) ||
			    strchr(n ? "._@+-" : "._@+", *wanted);

		name[n] = fits ? *wanted : '_';
		n++;
	}
	name[n] = '\0';
	if (!n || !strcmp(name, "all"))
		strcpy(name, "guest");
}

static bool is_taken(const struct import *import, const char *name)
{
	for (size_t i = 0; i < import->n; i++) {
		if (!strcmp(import->guests[i].name, name))
			return true;
	}
	return false;
}

void import_guest(struct import *import, unsigned line, const char *wanted)
{
	struct import_guest *guests =
		realloc(import->guests, (import->n + 1) * sizeof(*import->guests));
	char name[NAME_LENGTH_MAX + 1];
	size_t length;

	if (!guests) {
		import->failed = true;
		return;
	}
	import->guests = guests;
	make_name(name, wanted);
	length = strlen(name);
	for (unsigned i = 2; is_taken(import, name); i++)
		snprintf(name + length, sizeof(name) - length, "-%u", i);
	guests[import->n] = (struct import_guest){.name = strdup(name), .file = import->file};
	if (!guests[import->n].name) {
		import->failed = true;
		return;
	}
	import->n++;
	if (strcmp(name, wanted))
		import_leave_out(import, line, "the name \"%s\" cannot stand here: it is called %s",
				 wanted, name);
}

static struct import_guest *last(const struct import *import)
{
	return import->n ? &import->guests[import->n - 1] : NULL;
}

static struct import_key *find_key(const struct import_guest *guest, const char *key)
{
	for (size_t i = 0; guest && i < guest->nkeys; i++) {
		if (!strcmp(guest->keys[i].key, key))
			return (struct import_key *)&guest->keys[i];
	}
	return NULL;
}

bool import_has(const struct import *import, const char *key)
{
	return find_key(last(import), key) != NULL;
}

/* What the configuration's reader would refuse, or not show as it is. */
static bool is_plain(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (iscntrl((unsigned char)*p))
			return false;
	}
	return true;
}

/* What the key's own check refuses, where this build has the key, whichever drivers it has. */
static bool is_refused(const char *name, const char *text, struct fault *f)
{
	const struct key *key = key_find(name);

	return key && key != &key_guest && key_check(key, text, f);
}

static int add_value(struct import_key *key, const char *text)
{
	char **values = realloc(key->values, (key->n + 1) * sizeof(*values));

	if (!values)
		return -1;
	key->values = values;
	values[key->n] = strdup(text);
	if (!values[key->n])
		return -1;
	key->n++;
	return 0;
}

void import_set(struct import *import, unsigned line, const char *name, const char *format, ...)
{
	struct import_guest *guest = last(import);
	struct import_key *key = find_key(guest, name);
	char text[4 * VALUE_MAX];
	struct fault fault;
	va_list args;
	int length;

	if (!guest)
		return;
	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* quoting doubles brackets: the longest value is one that still fits then */
	if (!*text) {
		import_leave_out(import, line, "%s: its value is empty", name);
		return;
	}
	if (length < 0 || length >= VALUE_MAX / 2 || !is_plain(text)) {
		import_leave_out(import, line, "%s: %s", name,
				 length >= VALUE_MAX / 2
					 ? "its value is too long"
					 : "there are control characters in its value");
		return;
	}
	if (is_refused(name, text, &fault)) {
		import_leave_out(import, line, "%s: %s", name, fault.text);
		return;
	}
	if (!key && guest->nkeys < IMPORT_KEYS_MAX) {
		key = &guest->keys[guest->nkeys++];
		*key = (struct import_key){.key = name};
	}
	if (!key || key->n == IMPORT_VALUES_MAX)
		import_leave_out(import, line, "%s: there is no room for more", name);
	else if (add_value(key, text))
		import->failed = true;
}

void import_nic(struct import *import, unsigned line, const char *mac, const char *nic)
{
	const struct import_key *macs = find_key(last(import), "mac"),
				*nics = find_key(last(import), "nic");

	/* addresses are given to cards in order */
	if (mac && *mac && (macs ? macs->n : 0) == (nics ? nics->n : 0))
		import_set(import, line, "mac", "%s", mac);
	else if (mac && *mac)
		import_leave_out(import, line, "mac %s: the network card before it has none", mac);
	import_set(import, line, "nic", "%s", nic);
}

const char *import_word(const char *text, char *to, size_t size)
{
	size_t n = 0;

	for (; *text && n + 3 < size; text++) {
		if (strchr(" \t'\"\\", *text))
			to[n++] = '\\';
		to[n++] = *text;
	}
	to[n] = '\0';
	return to;
}

void import_free(struct import *import)
{
	for (size_t i = 0; i < import->n; i++) {
		struct import_guest *guest = &import->guests[i];

		for (size_t k = 0; k < guest->nkeys; k++) {
			for (size_t v = 0; v < guest->keys[k].n; v++)
				free(guest->keys[k].values[v]);
			free(guest->keys[k].values);
		}
		free(guest->name);
	}
	free(import->guests);
	buffer_free(&import->left_out);
}

/* --- text ------------------------------------------------------------------------------------ */

void import_quote(struct buffer *out, const char *text)
{
	buffer_add_text(out, "\"");
	for (const char *p = text; *p; p++) {
		/* libconfuse puts environment variables into "${…}" */
		if (*p == '"' || *p == '\\' || *p == '$')
			buffer_add_text(out, "\\");
		buffer_add_bytes(out, p, 1);
	}
	buffer_add_text(out, "\"");
}

static void print_value(struct buffer *out, const char *text)
{
	char plain[2 * VALUE_MAX];

	import_quote(out, range_quote(text, plain));
}

static void print_key(struct buffer *out, const struct import_key *key)
{
	buffer_add(out, "\t%s = ", key->key);
	if (key->n > 1)
		buffer_add_text(out, "{");
	for (size_t i = 0; i < key->n; i++) {
		if (i)
			buffer_add_text(out, ", ");
		print_value(out, key->values[i]);
	}
	buffer_add_text(out, key->n > 1 ? "}\n" : "\n");
}

void import_print(const struct import *import, struct buffer *out)
{
	for (size_t i = 0; i < import->n; i++) {
		const struct import_guest *guest = &import->guests[i];

		buffer_add(out, "%s# from %s\nmachine ", i ? "\n" : "", guest->file);
		import_quote(out, guest->name);
		buffer_add_text(out, " {\n");
		for (size_t k = 0; k < guest->nkeys; k++)
			print_key(out, &guest->keys[k]);
		buffer_add_text(out, "}\n");
	}
}
