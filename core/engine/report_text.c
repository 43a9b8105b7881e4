/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Results and plans for people: equal ones are folded into one line, "rack[001-399]: on". States go
 * to standard output, what went wrong to standard error.
 */
#include "base/table.h"
#include "base/text.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "engine/plan.h"
#include "engine/report_group.h"
#include "engine/reporter.h"
#include "model/machine.h"
#include "model/range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct groups {
	struct table table;
	struct group **list;
	size_t n, size;
	bool failed;
};

static struct group *group_new(struct groups *g, char *text, const struct step *step)
{
	struct group *group = calloc(1, sizeof(*group));

	if (g->n == g->size) {
		size_t size = g->size ? g->size * 2 : 16;
		struct group **list = realloc(g->list, size * sizeof(struct group *));

		if (list) {
			g->list = list;
			g->size = size;
		}
	}
	if (!group || g->n == g->size || table_add(&g->table, text, group, NULL)) {
		free(group);
		return NULL;
	}
	group->text = text;
	group->first = step;
	return g->list[g->n++] = group;
}

/* Puts a step into the group of its text, which becomes the group's or is freed. */
static struct group *group_add(struct groups *g, char *text, const struct step *step)
{
	struct group *group = text ? table_find(&g->table, text) : NULL;

	if (group)
		free(text);
	else if (!text || !(group = group_new(g, text, step)))
		goto no_memory;
	if (group->n == group->size) {
		size_t size = group->size ? group->size * 2 : 4;
		const char **names = realloc(group->names, size * sizeof(const char *));

		if (!names) {
			text = NULL;
			goto no_memory;
		}
		group->names = names;
		group->size = size;
	}
	group->names[group->n++] = step->machine->name;
	return group;
no_memory:
	g->failed = true;
	free(text);
	return NULL;
}

static void groups_free(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free(g->list[i]->text);
		free(g->list[i]->names);
		free(g->list[i]);
	}
	free(g->list);
	table_free(&g->table);
}

static void print_lines(FILE *out, const char *text)
{
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		fprintf(out, "    | %.*s\n", (int)(end - text), text);
	}
}

void output_print(const struct outcome *o, bool quiet)
{
	if (o->output && !quiet)
		print_lines(o->ok ? stdout : stderr, o->output);
}

void group_print(const struct group *group, bool quiet)
{
	const struct outcome *o = &group->first->outcome;
	char *names = range_fold(group->names, group->n);

	if (!o->ok)
		fprintf(stderr, "%s: %s\n", names ? names : "?", o->error ? o->error : "failed");
	else if (!quiet)
		printf("%s: %s\n", names ? names : "?", state_name(o->state));
	output_print(o, quiet);
	free(names);
}

static char *result_text(const struct step *step)
{
	const struct outcome *o = &step->outcome;
	struct buffer text = {0};

	buffer_add(&text, "%d %d %s\n%s", o->ok, o->state, o->error ? o->error : "",
		   o->output ? o->output : "");
	return buffer_take(&text);
}

static void text_end(const struct plan *plan, bool quiet)
{
	struct groups g = {0};

	for (size_t i = 0; i < plan->n; i++) {
		if (plan->steps[i].counts)
			group_add(&g, result_text(&plan->steps[i]), &plan->steps[i]);
	}
	for (size_t i = 0; i < g.n; i++) {
		if (g.list[i]->first->outcome.ok)
			group_print(g.list[i], quiet);
	}
	/* what went wrong comes last: that is where one looks */
	fflush(stdout);
	if (!failures_print(g.list, g.n, quiet) || g.failed)
		fputs("out of memory: not all results could be told\n", stderr);
	groups_free(&g);
}

/* --- plans --------------------------------------------------------------------------------- */

/* The names of the steps that each step waits for, folded; NULL for none. */
static char **names_before(const struct plan *plan)
{
	char **before = calloc(plan->n ? plan->n : 1, sizeof(char *));
	const char **names = malloc((plan->nedges ? plan->nedges : 1) * sizeof(const char *));
	uint32_t *end = calloc(plan->n + 1, sizeof(*end));

	if (before && names && end) {
		for (size_t i = 0; i < plan->nedges; i++)
			end[plan->edges[i].after + 1]++;
		for (size_t i = 1; i <= plan->n; i++)
			end[i] += end[i - 1];
		for (size_t i = 0; i < plan->nedges; i++)
			names[end[plan->edges[i].after]++] =
				plan->steps[plan->edges[i].before].machine->name;
		for (size_t i = 0; i < plan->n; i++) {
			uint32_t start = i ? end[i - 1] : 0;

			if (end[i] > start)
				before[i] = range_fold(names + start, end[i] - start);
		}
	}
	free(names);
	free(end);
	return before;
}

/* How many steps lie before each at most: the order of a plan's lines. */
static unsigned *find_levels(const struct plan *plan)
{
	unsigned *levels = calloc(plan->n ? plan->n : 1, sizeof(*levels));
	uint32_t *waits = calloc(plan->n ? plan->n : 1, sizeof(*waits));
	uint32_t *queue = calloc(plan->n ? plan->n : 1, sizeof(*queue));
	size_t n = 0;

	for (size_t i = 0; levels && waits && queue && i < plan->n; i++) {
		waits[i] = plan->steps[i].waits_for;
		if (!waits[i])
			queue[n++] = (uint32_t)i;
	}
	for (size_t taken = 0; taken < n; taken++) {
		const struct step *s = &plan->steps[queue[taken]];

		for (uint32_t i = 0; i < s->ndependents; i++) {
			uint32_t next = plan->dependents[s->first_dependent + i].step;

			if (levels[next] <= levels[queue[taken]])
				levels[next] = levels[queue[taken]] + 1;
			if (!--waits[next])
				queue[n++] = next;
		}
	}
	free(waits);
	free(queue);
	return levels;
}

static int compare_levels(const void *left, const void *right)
{
	const struct group *a = *(struct group *const *)left, *b = *(struct group *const *)right;

	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

static char *plan_text(const struct step *step, const char *before)
{
	struct buffer text = {0};
	char delay[32] = "";

	if (step->done) {
		buffer_add(&text, "%-6s nothing: it is %s", verb_info(step->verb)->name,
			   state_name(step->outcome.state));
		return buffer_take(&text);
	}
	buffer_add(&text, "%-6s %s", verb_info(step->verb)->name,
		   step->ladder ? step->ladder->text : step->error ? step->error : "?");
	if (step->delay_ms)
		duration_print(step->delay_ms, delay, sizeof(delay));
	if (before)
		buffer_add(&text, "   %s%safter %s", delay, *delay ? " " : "", before);
	else if (*delay)
		buffer_add(&text, "   after %s", delay);
	return buffer_take(&text);
}

static void print_plan(struct groups *g)
{
	size_t width = 0;

	if (g->n)
		qsort(g->list, g->n, sizeof(struct group *), compare_levels);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < g->n; i++) {
			char *names = range_fold(g->list[i]->names, g->list[i]->n);
			size_t length = names ? strlen(names) : 0;

			if (pass)
				printf("%3zu  %-*s  %s\n", i + 1, (int)width, names ? names : "?",
				       g->list[i]->text);
			else if (length > width && length <= 40)
				width = length;
			free(names);
		}
	}
}

static void text_plan(const struct plan *plan)
{
	char **before = names_before(plan);
	unsigned *levels = find_levels(plan);
	struct groups g = {0};

	printf("plan: %s", verb_info(plan->verb)->name);
	for (size_t i = 0; i < plan->nwords; i++)
		printf(" %s", plan->words[i]);
	printf("%s %zu machine%s, nothing is done\n", plan->nwords ? ":" : "", plan->counted,
	       plan->counted == 1 ? "" : "s");
	for (size_t i = 0; before && levels && i < plan->n; i++) {
		struct group *group = group_add(&g, plan_text(&plan->steps[i], before[i]),
						&plan->steps[i]);

		if (group && levels[i] > group->level)
			group->level = levels[i];
	}
	print_plan(&g);
	if (g.failed || !before || !levels)
		fputs("out of memory: not all of the plan could be shown\n", stderr);
	groups_free(&g);
	for (size_t i = 0; before && i < plan->n; i++)
		free(before[i]);
	free(before);
	free(levels);
}

static const struct report_format text_format = {
	.name = "text",
	.plan = text_plan,
	.end = text_end,
};
REPORT_FORMAT(text_format);
