/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the manual pages that come from the program's tables, in mdoc(7). Macros are called
 * with quoted arguments, so that no word of a text is taken for a macro.
 */
#include "cli/manual.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/keys.h"
#include "cli/options.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "model/key.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The character of UTF-8 at text as a number; length becomes how many bytes it has. */
static unsigned character_at(const char *text, size_t *length)
{
	unsigned char first = (unsigned char)text[0];
	unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
	unsigned character = more ? first & (0x3Fu >> more) : first;

	for (*length = 1; *length <= more && ((unsigned char)text[*length] & 0xC0) == 0x80;
	     ++*length)
		character = character << 6 | ((unsigned char)text[*length] & 0x3Fu);
	return character;
}

/* What roff would take for its own, as roff writes it. */
static void put_character(const char *text, size_t *length)
{
	unsigned character = character_at(text, length);

	if (character >= 0x80)
		printf("\\[u%04X]", character);
	else if (character == '\\')
		fputs("\\e", stdout);
	else if (character == '"')
		fputs("\\(dq", stdout);
	else if (character == '-')
		fputs("\\-", stdout);
	else if (character == '\'')
		fputs("\\(aq", stdout);
	else if (character == '~')
		fputs("\\(ti", stdout);
	else
		putchar((int)character);
}

static void put_text(const char *text, size_t size)
{
	size_t length;

	for (size_t i = 0; i < size; i += length)
		put_character(text + i, &length);
}

/* As an argument of a macro. */
static void put_quoted(const char *text)
{
	putchar('"');
	put_text(text, strlen(text));
	putchar('"');
}

/* Whether a sentence ends at p: mdoc wants the next one on a line of its own. */
static bool ends_sentence(const char *p, size_t size)
{
	return size > 2 && p[0] == '.' && p[1] == ' ' && isupper((unsigned char)p[2]);
}

/* A line of prose: `words` between backquotes are what is typed. */
static void put_prose(const char *line, size_t size)
{
	bool literal = false;
	size_t length;

	/* a line that begins with a dot or a quote would be a request */
	if (size && (line[0] == '.' || line[0] == '\''))
		fputs("\\&", stdout);
	for (size_t i = 0; i < size; i += length) {
		if (!literal && ends_sentence(line + i, size - i)) {
			fputs(".\n", stdout);
			length = 2;
		} else if (line[i] == '`') {
			fputs(literal ? "\\fR" : "\\fB", stdout);
			literal = !literal;
			length = 1;
		} else if (!literal && line[i] == '-') {
			putchar('-');
			length = 1;
		} else {
			put_character(line + i, &length);
		}
	}
	fputs(literal ? "\\fR\n" : "\n", stdout);
}

/* An example's line: its first tab is what marks it. */
static void put_example(const char *line, size_t size)
{
	if (size > 1 && line[1] == '.')
		fputs("\\&", stdout);
	for (size_t i = 1; i < size; i++) {
		if (line[i] == '\t')
			fputs("    ", stdout);
		else
			put_text(line + i, 1);
	}
	putchar('\n');
}

/* Prose and examples in turn; empty lines part paragraphs. */
static void put_help(const char *text)
{
	bool example = false, parted = false, any = false;

	while (*text) {
		size_t size = strcspn(text, "\n");

		if (!size) {
			parted = any;
		} else if (*text == '\t') {
			if (!example)
				printf(".Bd -literal -offset indent\n");
			else if (parted)
				putchar('\n');
			example = true;
			parted = false;
			put_example(text, size);
		} else {
			if (example)
				printf(".Ed\n");
			if (parted || example)
				printf(".Pp\n");
			example = parted = false;
			put_prose(text, size);
		}
		any = true;
		text += size + (text[size] == '\n');
	}
	if (example)
		printf(".Ed\n");
}

/* --- commands ------------------------------------------------------------------------------ */

static void put_option(const struct option_entry *o)
{
	char name[80];

	printf(".It");
	if (o->letter)
		printf(" Fl %c", o->letter);
	if (o->letter && o->name)
		printf(" ,");
	if (o->name) {
		snprintf(name, sizeof(name), "-%s", o->name);
		printf(" Fl ");
		put_text(name, strlen(name));
	}
	if (o->argument) {
		printf(" Ar ");
		put_quoted(o->argument);
	}
	putchar('\n');
	put_prose(o->help, strlen(o->help));
}

static void put_command(const struct command *command)
{
	const struct option_entry *o;
	bool any = false;

	printf(".Ss %s\n.Nm stoker %s", command->name, command->name);
	if (*command->usage) {
		printf(" Ar ");
		put_quoted(command->usage);
	}
	printf("\n.Pp\n");
	put_help(command->help);
	for (unsigned i = 0; (o = option_at(command, i)); i++) {
		if (!o->help)
			continue;
		if (!any)
			printf(".Pp\n.Bl -tag -width Ds -compact\n");
		any = true;
		put_option(o);
	}
	if (any)
		printf(".El\n");
}

static void put_commands(void)
{
	const struct command *command;

	for (unsigned i = 0; (command = command_at(i)); i++) {
		if (command->run)
			put_command(command);
	}
}

static void put_fronts(void)
{
	const struct command *command;

	printf(".Bl -tag -width Ds\n");
	for (unsigned i = 0; (command = command_at(i)); i++) {
		if (!command->front || !command->summary)
			continue;
		printf(".It Nm %s Ar ", command->name);
		put_quoted(command->usage);
		putchar('\n');
		put_help(command->help);
	}
	printf(".El\n");
}

/* --- keys and drivers ---------------------------------------------------------------------- */

static void put_key(const struct key *key)
{
	printf(".It Ic ");
	put_text(key->name, strlen(key->name));
	printf(" = Ar ");
	put_quoted(key_type_name(key));
	putchar('\n');
	put_prose(key->help, strlen(key->help));
	if (key->flags & KEY_LIST)
		printf("Takes several values.\n");
	if (key->flags & KEY_GLOBAL)
		printf("Stands at the top of the file.\n");
	else if (key->flags & KEY_OWN)
		printf("Stands in a machine section only.\n");
	if (key->flags & KEY_SECRET)
		printf("It is never shown.\n");
	if (key->def) {
		printf("Default: ");
		put_text(key->def, strlen(key->def));
		printf(".\n");
	}
}

/* Those that no driver before this one has; driver: NULL for keys of none. */
static void put_keys_of(const struct driver *driver, const struct key *const *keys)
{
	bool any = false;

	for (; keys && *keys; keys++) {
		if (key_is_repeated(driver, *keys))
			continue;
		if (!any)
			printf(".Bl -tag -width Ds\n");
		any = true;
		put_key(*keys);
	}
	if (any)
		printf(".El\n");
}

static void put_repeated_keys(const struct driver *driver)
{
	bool any = false;

	for (const struct key *const *k = driver->keys; k && *k; k++) {
		if (!key_is_repeated(driver, *k))
			continue;
		if (!any)
			printf(".Pp\nIt shares these keys with drivers above:\n");
		any = true;
		printf(".Ic ");
		put_text((*k)->name, strlen((*k)->name));
		putchar('\n');
	}
}

static void put_keys(void)
{
	struct key_group group;

	for (unsigned n = 0; !key_group_at(n, &group); n++) {
		if (group.driver)
			continue;
		printf(".Ss %s\n", group.title);
		put_keys_of(NULL, group.keys);
	}
}

static void put_tables(const struct driver *driver)
{
	char *text = driver->help_tables ? driver->help_tables() : NULL;

	if (text) {
		printf(".Pp\n");
		put_help(text);
	}
	free(text);
}

static void put_driver(const struct driver *driver)
{
	char limit[32];

	printf(".Ss ");
	put_text(driver->name, strlen(driver->name));
	putchar('\n');
	putchar(toupper((unsigned char)driver->summary[0]));
	put_text(driver->summary + 1, strlen(driver->summary + 1));
	printf(".\n");
	if (driver->console)
		printf("It shows consoles%s.\n", driver_sends_breaks(driver) ? ", with breaks" : "");
	if (driver->nops)
		printf("Verbs:\n");
	for (size_t i = 0; i < driver->nops; i++)
		printf(".Ic %s%s\n", verb_info(driver->ops[i].verb)->name,
		       driver->ops[i].flags & OP_OBSERVES ? " Ns *" : "");
	duration_print(driver->timeout_ms ? driver->timeout_ms : METHOD_TIMEOUT_MS, limit,
		       sizeof(limit));
	printf(".Pp\nA method that names no limit has %s.\n", limit);
	if (driver->needs) {
		printf("Machines with\n.Ic ");
		put_text(driver->needs->name, strlen(driver->needs->name));
		if (driver->needs_value)
			printf(" No = Cm %s", driver->needs_value);
		printf("\nhave this driver in those of their ladders that are not set.\n");
	}
	if (driver->help) {
		printf(".Pp\n");
		put_help(driver->help);
	}
	put_tables(driver);
	put_keys_of(driver, driver->keys);
	put_repeated_keys(driver);
}

static void put_drivers(void)
{
	const struct driver *driver;

	for (size_t i = 0; (driver = driver_at(i)); i++)
		put_driver(driver);
}

int manual_print(const char *part)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} parts[] = {
		{"commands", put_commands}, {"fronts", put_fronts}, {"keys", put_keys},
		{"drivers", put_drivers},
	};

	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!strcmp(parts[i].name, part)) {
			parts[i].print();
			return 0;
		}
	}
	return usage_error("help: --man has commands, fronts, keys and drivers, not \"%s\"", part);
}
