/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hosts of ipmipower: "a[1-3],10.0.0.7:623,[fe80::1%eth0]:623". A host may be given twice and
 * by two ranges: it counts once. How machines are called in the model is never shown: ipmipower
 * calls a host by its address without the port, which need not be the only one of that name.
 */
#include "base/fault.h"
#include "base/table.h"
#include "cli/ipmipower.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hosts {
	struct model *model;
	const struct key *bmc;
	struct table seen;
	char **blocks;			/* the texts of seen */
	size_t nblocks;
	size_t n;
	struct fault *fault;
};

/* A section of so many machines, each with its host. */
static int add_section(struct hosts *h, const char *text, size_t count)
{
	struct section *section;
	char title[64];

	if (count == 1)
		snprintf(title, sizeof(title), "bmc%zu", h->n);
	else
		snprintf(title, sizeof(title), "bmc[%zu-%zu]", h->n, h->n + count - 1);
	section = model_add(h->model, SECTION_MACHINE, title, NULL, 0, h->fault);
	if (!section)
		return -ENOMEM;
	h->n += count;
	return section_add(section, h->bmc, 0, text, h->fault);
}

static char *block_new(struct hosts *h, size_t size)
{
	char **blocks = realloc(h->blocks, (h->nblocks + 1) * sizeof(*blocks));
	char *block;

	if (!blocks)
		return NULL;
	h->blocks = blocks;
	block = malloc(size);
	if (block)
		blocks[h->nblocks++] = block;
	return block;
}

/* Keeps every text of a range as seen; fresh[i]: it had not been. n becomes how many had not. */
static int look(struct hosts *h, const struct range *range, bool *fresh, size_t *n)
{
	size_t count = range_count(range), size = range_length(range) + 1;
	char *block = block_new(h, count * size);

	if (!block)
		return fault_no_memory(h->fault);
	*n = 0;
	for (size_t i = 0; i < count; i++, block += size) {
		const char *text = range_nth(range, i, block, size);
		int err;

		if (text != block)
			strcpy(block, text);
		err = table_add(&h->seen, block, h, NULL);
		if (err == -ENOMEM)
			return fault_no_memory(h->fault);
		fresh[i] = !err;
		*n += fresh[i];
	}
	return 0;
}

static int add_some(struct hosts *h, const struct range *range, const bool *fresh)
{
	char *text = malloc(range_length(range) + 1);
	int err = text ? 0 : fault_no_memory(h->fault);

	for (size_t i = 0; i < range_count(range) && !err; i++) {
		if (fresh[i])
			err = add_section(h, range_nth(range, i, text, range_length(range) + 1), 1);
	}
	free(text);
	return err;
}

static int add_term(struct hosts *h, const char *text)
{
	struct range *range;
	size_t n = 0;
	bool *fresh;
	int err = range_parse(text, RANGE_VALUES, &range, h->fault);

	if (err)
		return err;
	fresh = calloc(range_count(range), sizeof(*fresh));
	err = fresh ? look(h, range, fresh, &n) : fault_no_memory(h->fault);
	if (!err && n == range_count(range))
		err = add_section(h, text, n);
	else if (!err)
		err = add_some(h, range, fresh);
	free(fresh);
	range_free(range);
	return err;
}

/* Where a term ends: at a comma or a blank outside of brackets. */
static size_t term_length(const char *text)
{
	size_t n = 0;
	bool inside = false;

	for (; text[n] && (inside || !strchr(", \t\n", text[n])); n++)
		inside = text[n] == '[' || (inside && text[n] != ']');
	return n;
}

int hosts_add(struct model *model, const struct key *bmc, const char *list, char **bad,
	      struct fault *f)
{
	struct hosts h = {.model = model, .bmc = bmc, .fault = f};
	int err = 0;

	*bad = NULL;
	while (!err && *(list += strspn(list, ", \t\n"))) {
		char *term = strndup(list, term_length(list));

		list += term_length(list);
		err = term ? add_term(&h, term) : fault_no_memory(f);
		if (err)
			*bad = term;
		else
			free(term);
	}
	if (!err && model_finish(model, NULL, NULL))
		err = fault_set(f, EINVAL, "more than %d hosts", RANGE_COUNT_MAX);
	table_free(&h.seen);
	for (size_t i = 0; i < h.nblocks; i++)
		free(h.blocks[i]);
	free(h.blocks);
	return err;
}
