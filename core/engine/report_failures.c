/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failures of many machines that differ only in numbers, told in one line. See report_group.h. */
#include "base/fault.h"
#include "base/table.h"
#include "base/text.h"
#include "engine/plan.h"
#include "engine/report_group.h"
#include "model/range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Groups whose sentences are the same but for their numbers. */
struct family {
	char *frame;
	const struct group **groups;
	size_t n, size;
};

static char *frame_of(const struct group *group)
{
	const struct outcome *o = &group->first->outcome;
	struct buffer frame = {0};

	for (const char *at = o->error ? o->error : ""; *at;) {
		size_t digits = strspn(at, "0123456789"), others = strcspn(at, "0123456789");

		if (digits)
			buffer_add_text(&frame, "0");
		else
			buffer_add_bytes(&frame, at, others);
		at += digits ? digits : others;
	}
	buffer_add(&frame, "\n%s", o->output ? o->output : "");
	return buffer_take(&frame);
}

/* Whether a folded text is one range, and stands for these texts and no others. */
static bool is_their_range(const char *folded, const char *const *texts, size_t n)
{
	char text[FAULT_TEXT_MAX * 2];
	struct table table = {0};
	struct range *range;
	bool same;

	if (range_parse(folded, RANGE_VALUES, &range, NULL))
		return false;
	same = range_count(range) == n && range_length(range) < sizeof(text);
	for (size_t i = 0; i < n && same; i++)
		same = !table_add(&table, texts[i], (void *)texts[i], NULL);
	for (size_t i = 0; i < n && same; i++)
		same = table_find(&table, range_nth(range, i, text, sizeof(text)));
	table_free(&table);
	range_free(range);
	return same;
}

/* One line for all of a family; false where that cannot be. */
static bool print_folded(const struct family *family, bool quiet)
{
	size_t nnames = 0, n = 0;
	const char **names, **texts = malloc(family->n * sizeof(const char *));
	char *folded = NULL, *machines = NULL;
	bool done = false;

	for (size_t i = 0; i < family->n; i++)
		nnames += family->groups[i]->n;
	names = malloc(nnames * sizeof(const char *));
	for (size_t i = 0; texts && names && i < family->n; i++) {
		const struct group *group = family->groups[i];

		texts[i] = group->first->outcome.error;
		memcpy(names + n, group->names, group->n * sizeof(const char *));
		n += group->n;
	}
	if (n)
		folded = range_fold(texts, family->n);
	if (folded && is_their_range(folded, texts, family->n))
		machines = range_fold(names, n);
	if (machines) {
		fprintf(stderr, "%s: %s\n", machines, folded);
		output_print(&family->groups[0]->first->outcome, quiet);
		done = true;
	}
	free(machines);
	free(folded);
	free(names);
	free(texts);
	return done;
}

struct families {
	struct table table;
	struct family *list;
	size_t n;
	bool failed;
};

static void family_add(struct families *f, const struct group *group)
{
	char *frame = frame_of(group);
	struct family *family = frame ? table_find(&f->table, frame) : NULL;
	const struct group **groups;

	if (!family && frame && !table_add(&f->table, frame, &f->list[f->n], NULL)) {
		family = &f->list[f->n++];
		family->frame = frame;
		frame = NULL;
	}
	free(frame);
	if (family && family->n == family->size) {
		size_t size = family->size ? family->size * 2 : 2;

		groups = realloc(family->groups, size * sizeof(const struct group *));
		if (groups) {
			family->groups = groups;
			family->size = size;
		}
	}
	if (family && family->n < family->size)
		family->groups[family->n++] = group;
	else
		f->failed = true;
}

bool failures_print(struct group *const *groups, size_t n, bool quiet)
{
	struct families f = {.list = calloc(n ? n : 1, sizeof(struct family))};

	for (size_t i = 0; f.list && i < n; i++) {
		if (!groups[i]->first->outcome.ok)
			family_add(&f, groups[i]);
	}
	for (size_t i = 0; i < f.n; i++) {
		if (f.list[i].n < 2 || !print_folded(&f.list[i], quiet)) {
			for (size_t j = 0; j < f.list[i].n; j++)
				group_print(f.list[i].groups[j], quiet);
		}
		free(f.list[i].frame);
		free(f.list[i].groups);
	}
	f.failed = f.failed || !f.list;
	table_free(&f.table);
	free(f.list);
	return !f.failed;
}
