/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the configuration files of emulators tell. See emulator_config.h. Defined by: Stromasys,
 * CHARON-AXP and CHARON-VAX for Linux, user's guides ("Networking"); "SIMH users' guide" V3.8
 * ("SET CONSOLE").
 */
#include "emulator_config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char blanks[] = " \t\r";

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, blanks);
}

/* Behind the end of the line; the end of the text where it is the last. */
static const char *next_line(const char *p)
{
	p += strcspn(p, "\n");
	return *p ? p + 1 : p;
}

/* --- CHARON ---------------------------------------------------------------------------------- */

/* Where a line's comment begins, or its end. A quoted # is none. */
static const char *end_of_charon_line(const char *p)
{
	bool quoted = false;

	while (*p && *p != '\n' && (quoted || *p != '#')) {
		if (*p == '"')
			quoted = !quoted;
		p++;
	}
	return p;
}

/* The word `interface` with a quoted value behind it: where that begins. NULL: not on this line. */
static const char *find_interface(const char *line, const char *end)
{
	static const char word[] = "interface";
	const size_t length = sizeof(word) - 1;

	for (const char *p = line; p + length < end; p++) {
		const char *value;

		if (strncasecmp(p, word, length) || p == line || !strchr(" \t,;", p[-1]))
			continue;
		value = skip_blanks(p + length);
		if (*value != '=')
			continue;
		value = skip_blanks(value + 1);
		if (*value == '"' && value < end)
			return value + 1;
	}
	return NULL;
}

bool charon_interface(const char **text, char *name, size_t size)
{
	const char *line = *text;

	while (*line) {
		const char *end = end_of_charon_line(line);
		const char *value = find_interface(line, end);
		size_t length = value ? strcspn(value, "\"\n") : 0;

		/* more may follow on the same line */
		line = !value ? next_line(end) : value + length + (value[length] == '"');
		if (!length || value[length] != '"' || length >= size || *value == '(')
			continue;
		memcpy(name, value, length);
		name[length] = '\0';
		*text = line;
		return true;
	}
	*text = line;
	return false;
}

/* --- SIMH ------------------------------------------------------------------------------------ */

/* Whether a word begins here that is at least `least` letters of a longer one; moves behind it. */
static bool is_word(const char **p, const char *whole, size_t least)
{
	size_t length = strcspn(*p, " \t\r\n=,");

	if (length < least || length > strlen(whole) || strncasecmp(*p, whole, length))
		return false;
	*p += length;
	return true;
}

/* The port of one line; 0: none; -1: it is given up. */
static long telnet_of(const char *p)
{
	p = skip_blanks(p);
	if (!is_word(&p, "set", 3))
		return 0;
	p = skip_blanks(p);
	if (!is_word(&p, "console", 3))
		return 0;
	/* settings of one line stand behind each other with commas */
	do {
		p = skip_blanks(p + (*p == ','));
		if (is_word(&p, "notelnet", 3))
			return -1;
		if (is_word(&p, "telnet", 3) && *p == '=')
			return strtol(p + 1, NULL, 10);
		p += strcspn(p, ",\n");
	} while (*p == ',');
	return 0;
}

uint16_t simh_telnet_port(const char *text)
{
	long port = 0;

	for (; *text; text = next_line(text)) {
		long here = telnet_of(text);

		if (here)
			port = here > 0 && here < 65536 ? here : 0;
	}
	return (uint16_t)port;
}
