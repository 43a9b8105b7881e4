/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the screens of guests are. See screen_address.h. Defined by: RFC 6143; vncviewer(1) for
 * how an address is written: screen N is served at port 5900 + N.
 */
#include "cli/screen_address.h"
#include "base/fault.h"
#include "base/text.h"
#include "cli/context.h"
#include "engine/plan.h"
#include "model/key.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The value of the key; "none" where the machine, or this build, has no such thing. */
static const char *display_of(const struct machine *machine, char buffer[VALUE_MAX])
{
	const struct key *key = key_find("display");
	const char *value = key ? machine_value(machine, key, 0, buffer) : NULL;

	return value ? value : "none";
}

const char *screen_kind(const struct machine *machine, char buffer[VALUE_MAX])
{
	char own[VALUE_MAX];
	const char *value = display_of(machine, own);

	value += strspn(value, " \t");
	snprintf(buffer, VALUE_MAX, "%.*s", (int)strcspn(value, " \t"), value);
	return buffer;
}

/* From "HOST:PORT", or the path of a socket. */
static void write_address(const char *said, char address[VALUE_MAX])
{
	const char *colon = strrchr(said, ':');
	long port = colon ? strtol(colon + 1, NULL, 10) : 0;
	int length = colon ? (int)(colon - said) : 0;
	/* an IPv6 address has colons of its own */
	bool six = colon && memchr(said, ':', (size_t)length) && *said != '[';

	if (*said == '/' || !colon)
		snprintf(address, VALUE_MAX, "%s", said);
	else
		snprintf(address, VALUE_MAX, "%s%.*s%s:%s%ld", six ? "[" : "", length, said,
			 six ? "]" : "", port < SCREEN_PORT ? ":" : "",
			 port < SCREEN_PORT ? port : port - SCREEN_PORT);
}

/* What drivers of guests note when they are asked for a diagnosis. */
static const char note[] = "screen: VNC at ";

/* The first line of a diagnosis that says where the screen is; false: none does. */
static bool read_note(const char *output, char address[VALUE_MAX])
{
	char said[VALUE_MAX];

	for (const char *line = output; line && *line; line += *line == '\n') {
		size_t length = strcspn(line, "\n");

		if (!strncmp(line, note, sizeof(note) - 1)) {
			snprintf(said, sizeof(said), "%.*s", (int)(length - sizeof(note) + 1),
				 line + sizeof(note) - 1);
			write_address(said, address);
			return true;
		}
		line += length;
	}
	return false;
}

static int ask(struct context *c, struct machine *machine, char address[VALUE_MAX],
	       struct fault *f)
{
	const struct performance performance = {.verb = VERB_DIAGNOSE, .silent = true};
	const struct plan_options options = {.force = true};
	const struct selection selection = {.machines = &machine, .n = 1};
	const char *error = NULL;
	struct plan *plan;
	bool found = false;
	int err = plan_make(c->model, &selection, VERB_DIAGNOSE, &options, &plan, f);

	if (err)
		return err;
	/* how far the rest of the diagnosis comes makes no difference */
	(void)context_run(c, plan, &performance);
	for (size_t i = 0; i < plan->n && !found; i++) {
		found = read_note(plan->steps[i].outcome.output, address);
		error = plan->steps[i].outcome.error;
	}
	if (!found)
		err = fault_set(f, ENOENT, "it does not say where its VNC screen is%s%s: is it on? "
				"`stoker diagnose %s` tells more, and display = "
				"\"vnc HOST:NUMBER\" gives it a fixed place", error ? ": " : "",
				error ? error : "", machine->name);
	plan_free(plan);
	return err;
}

int screen_address(struct context *c, struct machine *machine, char address[VALUE_MAX],
		   struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *display = display_of(machine, buffer), *at;
	char **words;
	size_t n;
	int err = words_split(display, &words, &n, f);

	if (err)
		return err;
	at = n > 1 ? words[1] : NULL;
	if (!n || strcmp(words[0], "vnc"))
		err = fault_set(f, EINVAL, "it has no VNC screen: its display is \"%s\", and would "
				"have to be \"vnc\"", display);
	else if (at && strchr(at, ':') && !strstr(at, ",to="))
		/* behind a comma stands what QEMU is to do there */
		snprintf(address, VALUE_MAX, "%.*s", (int)strcspn(at, ","), at);
	else
		err = ask(c, machine, address, f);
	free(words);
	return err;
}
