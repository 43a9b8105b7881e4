/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker guests unit: the systemd unit of the service (systemd.service(5)), with the time limits
 * that the guests' ladders add up to.
 */
#include "base/fault.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/guests.h"
#include "engine/plan.h"
#include "engine/sequence.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Besides the limits: to stop takes a moment, and the program has to begin and to end. */
enum { MARGIN_PERCENT = 10, MARGIN_MS = 30 * 1000 };

/* service/stoker-guests.service.in */
static const char unit[] = {
#include "config/guests_unit.inc"
	0};

/* Where all are up, or all down, and each method takes all of its time. */
static int longest(const struct context *c, struct roster *roster, enum verb verb,
		   uint64_t *seconds, struct fault *f)
{
	struct plan *plan;
	uint64_t ms;
	int err;

	for (size_t i = 0; i < roster->n; i++)
		roster->list[i].state = verb == VERB_START ? STATE_OFF : STATE_ON;
	err = roster_plan(c, roster, verb, &plan, f);
	if (err)
		return err;
	ms = plan_longest_ms(plan, roster_at_once(c, verb));
	plan_free(plan);
	*seconds = (ms + ms / 100 * MARGIN_PERCENT + MARGIN_MS + 999) / 1000;
	return 0;
}

/* A word of a command line as systemd reads it: systemd.service(5), "COMMAND LINES". */
static void add_word(struct buffer *out, const char *word)
{
	bool quoted = word[strcspn(word, " \t\"'\\;")] != '\0';

	buffer_add_text(out, quoted ? "\"" : "");
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			buffer_add_text(out, "\\");
		/* specifiers and variables */
		if (*word == '%' || *word == '$')
			buffer_add_bytes(out, word, 1);
		buffer_add_bytes(out, word, 1);
	}
	buffer_add_text(out, quoted ? "\"" : "");
}

/* This program, with -c for a configuration that it would not find by itself. */
static int add_program(const struct context *c, struct buffer *out, struct fault *f)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return fault_set(f, errno,
				 "cannot tell where this program lies: /proc/self/exe: %s",
				 strerror(errno));
	path[n] = '\0';
	add_word(out, path);
	if (!c->config_path && !getenv("STOKER_CONF"))
		return 0;
	if (!realpath(c->config_used, path))
		return fault_set(f, errno, "%s: %s", c->config_used, strerror(errno));
	buffer_add_text(out, " -c ");
	add_word(out, path);
	return 0;
}

static int print_unit(const struct context *c, uint64_t start, uint64_t stop, struct fault *f)
{
	struct buffer program = {0};
	int err = add_program(c, &program, f);

	if (!err && program.failed)
		err = fault_no_memory(f);
	for (const char *p = unit; !err && *p; p++) {
		if (!strncmp(p, "@STOKER@", 8))
			fputs(buffer_text(&program), stdout), p += 7;
		else if (!strncmp(p, "@START@", 7))
			printf("%" PRIu64, start), p += 6;
		else if (!strncmp(p, "@STOP@", 6))
			printf("%" PRIu64, stop), p += 5;
		else
			putchar(*p);
	}
	buffer_free(&program);
	return err;
}

static int unit_run(struct context *c, const struct guests_options *options, int argc, char **argv)
{
	struct roster roster = {0};
	uint64_t start = 0, stop = 0;
	struct fault f;
	int err, code = context_load(c);

	(void)argc, (void)argv;
	if (code)
		return code;
	err = roster_make(c, &roster, &f);
	if (!err) {
		roster_choose_stop(c, options, &roster);
		err = longest(c, &roster, VERB_STOP, &stop, &f);
	}
	for (size_t i = 0; i < roster.n; i++)
		roster.list[i].wanted = machine_flag(roster.list[i].machine, &key_autostart);
	if (!err)
		err = longest(c, &roster, VERB_START, &start, &f);
	if (!err)
		err = print_unit(c, start, stop, &f);
	roster_free(&roster);
	return err ? usage_error("%s", f.text) : 0;
}

static const struct guests_deed unit_deed = {
	.name = "unit",
	.usage = "",
	.options = "aA",
	.run = unit_run,
};
GUESTS_DEED(unit_deed);
