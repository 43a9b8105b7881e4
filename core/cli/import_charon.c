/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A CHARON guests list, as the Linux toolkit of Stromasys keeps it for its service: the emulator's
 * program, its configuration file, auto_boot. Guests are started at once and stopped in the list's
 * order. See import.h.
 */
#include "cli/import.h"
#include "base/fault.h"
#include "base/file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORDS_MAX = 8 };

static bool is_between(char c)
{
	return c && strchr(" \t,;|", c);
}

/* Cuts a line into words, which may stand in quotes. How many; more than WORDS_MAX are not kept. */
static size_t cut(char *line, char *words[WORDS_MAX])
{
	size_t n = 0;

	for (char *p = line;;) {
		char quote, *end;

		while (is_between(*p))
			p++;
		if (!*p || *p == '#')
			return n;
		quote = *p == '"' || *p == '\'' ? *p++ : '\0';
		end = p;
		while (*end && (quote ? *end != quote : !is_between(*end)))
			end++;
		if (n < WORDS_MAX)
			words[n++] = p;
		if (!*end)
			return n;
		*end = '\0';
		p = end + 1;
	}
}

/* -1: it is no such word. */
static int read_auto_boot(const char *word)
{
	static const char *const yes[] = {"auto_boot", "autoboot", "aboot", "auto",   "yes",
					  "true",      "on",	   "1",	    "enabled"};
	static const char *const no[] = {"no", "false", "off", "0", "disabled", "none", "-"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (!strcasecmp(word, yes[i]))
			return 1;
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		if (!strcasecmp(word, no[i]))
			return 0;
	}
	return -1;
}

/* --- what a guest's own configuration file says ---------------------------------------------- */

/* The value behind NAME= in a line, without quotes. */
static bool value_of(const char *line, const char *name, char *value, size_t size)
{
	const char *p = strstr(line, name);
	size_t length;

	p = p ? p + strlen(name) : NULL;
	while (p && isblank((unsigned char)*p))
		p++;
	if (!p || *p++ != '=')
		return false;
	while (isblank((unsigned char)*p))
		p++;
	length = *p == '"' ? strcspn(p + 1, "\"") : strcspn(p, " \t#");
	p += *p == '"';
	if (!length || length >= size)
		return false;
	memcpy(value, p, length);
	value[length] = '\0';
	return true;
}

struct charon_guest {
	char name[128];
	char port[16]; /* of its console, by telnet; "": not found */
};

/* "set session configuration_name=…", "load virtual_serial_line OPA0 port=…" */
static void read_line(const char *line, struct charon_guest *guest)
{
	line += strspn(line, " \t");
	if (*line == '#')
		return;
	if (strstr(line, "session"))
		value_of(line, "configuration_name", guest->name, sizeof(guest->name));
	if (!*guest->port && strstr(line, "virtual_serial_line"))
		value_of(line, "port", guest->port, sizeof(guest->port));
	if (guest->port[strspn(guest->port, "0123456789")])
		*guest->port = '\0';
}

static void read_guest(const char *path, struct charon_guest *guest)
{
	char *text, *rest = NULL;

	/* the list may come from another machine: without the file its name has to do */
	if (file_read(path, IMPORT_FILE_MAX, &text, NULL, NULL))
		return;
	for (char *line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest))
		read_line(line, guest);
	free(text);
}

/* The file's name without its folder and its end. */
static void name_by_file(const char *path, char *name, size_t size)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	int length = dot && dot > base ? (int)(dot - base) : (int)strlen(base);

	snprintf(name, size, "%.*s", length, base);
}

/* --- the list -------------------------------------------------------------------------------- */

static void add_guest(struct import *import, unsigned line, size_t n, char *const *words,
		      unsigned place)
{
	struct charon_guest guest = {0};
	int boots = n > 2 ? read_auto_boot(words[2]) : 0;

	if (*words[1] == '/' && !import->alone)
		read_guest(words[1], &guest);
	if (!*guest.name)
		name_by_file(words[1], guest.name, sizeof(guest.name));
	import_guest(import, line, guest.name);
	import_set(import, line, "guest", "emulator");
	import_set(import, line, "emulator", "charon");
	import_set(import, line, "emulator-program", "%s", words[0]);
	if (*words[1] == '/') {
		import_set(import, line, "emulator-config", "%s", words[1]);
		import_set(import, line, "path", "%s", words[1]);
	} else {
		import_leave_out(import, line,
				 "\"%s\" is not an absolute path: write emulator-config "
				 "yourself",
				 words[1]);
	}
	if (*guest.port)
		import_set(import, line, "emulator-console", "telnet %s", guest.port);
	if (boots < 0)
		import_leave_out(import, line,
				 "\"%s\" is not known: it says neither yes nor no to "
				 "auto_boot",
				 words[2]);
	import_set(import, line, "autostart", "%s", boots == 1 ? "yes" : "no");
	import_set(import, line, "order", "%u", place);
	for (size_t i = 3; i < n; i++)
		import_leave_out(import, line,
				 "\"%s\": nothing is known of what stands behind "
				 "auto_boot",
				 words[i]);
}

int import_charon(struct import *import, struct fault *f)
{
	char *text = strdup(import->text), *words[WORDS_MAX], *next;
	unsigned line = 0, place = 0;

	if (!text)
		return fault_no_memory(f);
	for (char *p = text; *p; p = next) {
		size_t length = strcspn(p, "\n"), n;

		next = p[length] ? p + length + 1 : p + length;
		p[length] = '\0';
		p[strcspn(p, "\r")] = '\0';
		line++;
		n = cut(p, words);
		if (n >= 2)
			add_guest(import, line, n, words, ++place);
		else if (n == 1)
			import_leave_out(import, line,
					 "\"%s\": a guest is its program and its "
					 "configuration file",
					 words[0]);
	}
	free(text);
	return 0;
}
