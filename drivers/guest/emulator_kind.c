/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The emulators that are known. See emulator_kind.h.
 *
 * CHARON: the Linux toolkit's and the products' manuals of Stromasys. SIMH: its documentation "SIMH
 * users' guide" V3.8, and what it does: its console's line is polled, and a machine whose line is
 * lost stops at the prompt; with stdin at end of file the prompt is repeated for ever at full
 * speed; its listening socket has no SO_REUSEADDR. Hercules: "Hercules: operations reference",
 * 3.13.
 */
#include "emulator_kind.h"
#include "base/fault.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const struct emulator_kind kinds[] = {
	{
		.name = "charon", .summary = "CHARON-AXP, -VAX, -PDP, -SSP",
		.detach = "-d", .stop_kills = true, .offloads_off = true, .names_interfaces = true,
	},
	{
		.name = "simh-*", .summary = "SIMH: simh-pdp11, simh-vax780, simh-altair …",
		.console = "pty", .holds = true, .listens_everywhere = true, .resume = "cont",
		.escape = "\005", .prompt = "sim>", .stop = "command exit", .names_telnet = true,
	},
	{
		.name = "hercules", .summary = "Hercules: System/370, ESA/390, z/Architecture",
		.program = "hercules", .config_option = "-f", .console = "pty",
		.stop = "command quit",
	},
	{
		.name = "generic", .summary = "any other program that is a machine",
		.console = "pty",
	},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static bool is_program(const char *name)
{
	const char *p = name;

	while (isalnum((unsigned char)*p) || (*p && strchr("._-", *p)))
		p++;
	return p > name && !*p;
}

const struct emulator_kind *emulator_kind_find(const char *name, const char **program)
{
	for (unsigned i = 0; i < KINDS; i++) {
		size_t length = strcspn(kinds[i].name, "*");

		*program = kinds[i].program;
		if (!kinds[i].name[length] ? !strcmp(name, kinds[i].name) :
		    !strncmp(name, kinds[i].name, length) && is_program(name + length)) {
			if (kinds[i].name[length])
				*program = name + length;
			return &kinds[i];
		}
	}
	return NULL;
}

int emulator_kind_check(const char *name, struct fault *f)
{
	struct nearest nearest = {.wanted = name};
	const char *program;

	if (emulator_kind_find(name, &program))
		return 0;
	for (unsigned i = 0; i < KINDS; i++)
		nearest_offer(&nearest, kinds[i].name);
	return fault_set(f, EINVAL, "there is no emulator \"%s\" in the table%s%s%s: write charon, "
			 "simh- and the program's name (simh-pdp11), hercules, or generic", name,
			 nearest.name ? " (did you mean \"" : "", nearest.name ? nearest.name : "",
			 nearest.name ? "\"?)" : "");
}

static void add(struct buffer *b, const char *what, const char *value)
{
	if (value)
		buffer_add(b, "\n\t\t%s %s", what, value);
}

char *emulator_kind_table(void)
{
	struct buffer b = {0};

	buffer_add_text(&b, "What is known of each:\n");
	for (unsigned i = 0; i < KINDS; i++) {
		const struct emulator_kind *k = &kinds[i];

		buffer_add(&b, "\n\t%s: %s", k->name, k->summary);
		add(&b, "program:", k->program);
		add(&b, "console:", k->console ? k->console : "none");
		add(&b, "before its configuration file:", k->config_option);
		add(&b, "goes into the background by", k->detach);
		add(&b, "stops by", k->stop);
		add(&b, "stop kills it", k->stop_kills ? "where no emulator-stop is set" : NULL);
		add(&b, "its telnet console", k->holds ? "is held from start to end" : NULL);
		add(&b, "offloads of its interfaces", k->offloads_off ? "are switched off" : NULL);
	}
	return buffer_take(&b);
}
