/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which far ends there are, and how settings are written. See console.h. */
#include "console.h"
#include "sol.h"

#include <stdlib.h>
#include <string.h>

static const struct far_end *const kinds[] = {
	&far_echo, &far_raw_echo, &far_boot_log, &far_source,
	&far_pty, &far_unix, &far_unix_listen, &far_tcp,
};

enum { RATE_MAX = 100000000 };

static const struct far_end *kind_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i]->name) == length && !memcmp(kinds[i]->name, name, length))
			return kinds[i];
	}
	return NULL;
}

static bool rate_parse(const char *text, uint32_t *rate)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*rate = (uint32_t)n;
	return *text >= '0' && *text <= '9' && !*end && n && n <= RATE_MAX;
}

bool console_parse(const char *value, struct console_setting *setting, const char **why)
{
	size_t length = strcspn(value, "=:");
	const struct far_end *far = kind_find(value, length);
	const char *rest = value[length] ? value + length + 1 : NULL;

	*why = "far ends are echo, raw-echo, boot-log[=RATE], source=RATE, pty, unix:PATH, "
	       "unix-listen:PATH, tcp:HOST:PORT";
	if (!far)
		return false;
	*setting = (struct console_setting){.far = far, .rate = far->rate};
	switch (far->value) {
	case NO_VALUE:
		return !rest;
	case RATE:
		*why = "a rate is bytes a second, 1 to 100000000";
		return rest ? value[length] == '=' && rate_parse(rest, &setting->rate) :
			      setting->rate != 0;
	case PLACE:
		setting->place = rest;
		return rest && *rest && value[length] == ':';
	}
	return false;
}

bool console_place(const struct sol *sol, char *to, size_t size)
{
	char address[ADDRESS_TEXT_SIZE];
	size_t length = 0;

	address_print(&sol->bmc->address, address);
	for (const char *p = sol->console.place; *p; p++) {
		bool here = p[0] == '%' && p[1] == 'a';
		size_t n = here ? strlen(address) : 1;

		if (length + n >= size)
			return false;
		memcpy(to + length, here ? address : p, n);
		length += n;
		p += here;
	}
	to[length] = '\0';
	return true;
}
