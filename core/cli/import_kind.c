/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose configuration file a file is, by what is in it. See import.h. */
#include "cli/import.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORD_MAX = 64, LINES_MAX = 400 };

/* What the lines of a file have said so far, a point each. */
struct signs {
	unsigned stoker, xl, xl_name, charon, charon_list, simh, other;
};

/* The first words of a line, in small letters. */
static void first_words(const char *line, size_t length, char first[WORD_MAX],
			char second[WORD_MAX])
{
	char *words[] = {first, second};

	*first = *second = '\0';
	for (size_t i = 0, w = 0; w < 2 && i < length; w++) {
		size_t n = 0;

		while (i < length && isblank((unsigned char)line[i]))
			i++;
		while (i < length && !isblank((unsigned char)line[i]) && n < WORD_MAX - 1)
			words[w][n++] = (char)tolower((unsigned char)line[i++]);
		words[w][n] = '\0';
	}
}

static bool is_among(const char *word, const char *const *words)
{
	for (; *words; words++) {
		if (!strcmp(word, *words))
			return true;
	}
	return false;
}

/* "name = 'x'": the names that only Xen's guests have, or all have. */
static bool is_xl(const char *line, size_t length, const char *first, struct signs *signs)
{
	static const char *const names[] = {
		"name",	    "memory",	  "vcpus", "disk",   "vif",   "builder", "kernel",
		"ramdisk",  "bootloader", "uuid",  "maxmem", "extra", "root",	 "on_poweroff",
		"on_crash", "on_reboot",  "vfb",   "type",   NULL,
	};
	char name[WORD_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(first, "="), first);
	if (!memchr(line, '=', length) || !is_among(name, names))
		return false;
	signs->xl_name |= !strcmp(name, "name");
	return true;
}

/* "/opt/charon/bin/es40 /cfg/a.cfg auto_boot" */
static bool is_charon_list(const char *line, size_t length)
{
	size_t at = 0, between;

	at += strspn(line, " \t\"'");
	if (at >= length || line[at] != '/')
		return false;
	/* the program may have blanks in its name where it stands in quotes */
	while (at < length && !strchr(" \t,;|\"'", line[at]))
		at++;
	while (at < length && line[at] != '/')
		at++;
	between = at ? at - 1 : 0;
	return at < length && strchr(" \t,;|\"'", line[between]);
}

static void look_at(const char *line, size_t length, struct signs *signs)
{
	static const char *const simh[] = {"attach", "att", "boot", "deposit", "dep", "go", NULL};
	static const char *const sections[] = {"machine", "profile", "group", NULL};
	static const char *const settings[] = {"console",  "cpu", "clk",   "noverify",
					       "throttle", "log", "debug", NULL};
	/* of CHARON: "load virtual_serial_line OPA0" */
	static const char *const devices[] = {"virtual_serial_line",
					      "physical_serial_line",
					      "operator_console",
					      "packet_port",
					      "dec21143",
					      "dec21140",
					      "i8255x",
					      "kzpba",
					      "kgpsa",
					      "deqna",
					      "delqa",
					      "rq",
					      "rqdx3",
					      "tq",
					      "sgec",
					      NULL};
	char first[WORD_MAX], second[WORD_MAX];

	first_words(line, length, first, second);
	if (!*first || *first == '#' || *first == ';' || *first == '!')
		return;
	if (is_among(first, sections) && (*second == '"' || *second == '\''))
		signs->stoker++;
	else if (!strcmp(first, "set") && !strcmp(second, "session"))
		signs->charon++;
	else if (!strcmp(first, "load") && is_among(second, devices))
		signs->charon++;
	else if (is_charon_list(line, length))
		signs->charon_list++;
	else if (!strcmp(first, "set") && is_among(second, settings))
		signs->simh += 2;
	else if ((!strcmp(first, "set") && isalpha((unsigned char)*second)) ||
		 is_among(first, simh))
		signs->simh++;
	else if (is_xl(line, length, first, signs))
		signs->xl++;
	else
		signs->other++;
}

/* A document whose first element is a domain of libvirt, behind comments and declarations. */
static bool is_domain(const char *text)
{
	while (*text) {
		text += strspn(text, " \t\r\n");
		if (!strncmp(text, "<!--", 4))
			text = strstr(text, "-->");
		else if (!strncmp(text, "<?", 2))
			text = strstr(text, "?>");
		else
			return !strncmp(text, "<domain", 7) && strchr(" \t\r\n>", text[7]);
		if (!text)
			return false;
		text += *text == '-' ? 3 : 2;
	}
	return false;
}

enum import_kind import_kind_of(const char *text)
{
	struct signs s = {0};
	unsigned lines = 0;

	if (is_domain(text))
		return IMPORT_LIBVIRT;
	if (!strncmp(text, "#!", 2))
		return IMPORT_NOT_KNOWN;
	for (const char *p = text; *p && lines < LINES_MAX; lines++) {
		size_t length = strcspn(p, "\n");

		look_at(p, length, &s);
		p += length + (p[length] == '\n');
	}
	if (s.stoker)
		return IMPORT_STOKER;
	if (s.charon_list > s.other && !s.xl)
		return IMPORT_CHARON_LIST;
	if (s.charon && s.charon >= s.xl)
		return IMPORT_CHARON_GUEST;
	if (s.xl_name && s.xl >= 3)
		return IMPORT_XL;
	if (s.simh >= 2 && s.simh > s.other)
		return IMPORT_SIMH;
	return IMPORT_NOT_KNOWN;
}

const char *import_kind_name(enum import_kind kind)
{
	static const char *const names[] = {
		[IMPORT_NOT_KNOWN] = "unknown",
		[IMPORT_CHARON_LIST] = "charon-list",
		[IMPORT_XL] = "xl",
		[IMPORT_LIBVIRT] = "libvirt",
		[IMPORT_SIMH] = "simh",
		[IMPORT_CHARON_GUEST] = "charon",
		[IMPORT_STOKER] = "stoker",
	};

	return names[kind];
}
