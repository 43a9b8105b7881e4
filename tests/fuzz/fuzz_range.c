/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges: what is read must expand within its bounds, and fold back to the same names. */
#include "model/range.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Names folded and expanded again are the same names, each once. */
static void fold_back(char **names, size_t n)
{
	char *folded = range_fold((const char *const *)names, n), *rest = folded, *term;
	size_t total = 0, kept = 0;

	qsort(names, n, sizeof(*names), compare);
	for (size_t i = 0; i < n; i++) {
		if (!kept || strcmp(names[kept - 1], names[i]))
			names[kept++] = names[i];
	}
	while (rest && *rest) {
		struct range *range;
		char *end = rest;

		for (int depth = 0; *end && (depth || *end != ','); end++)
			depth += (*end == '[') - (*end == ']');
		term = strndup(rest, (size_t)(end - rest));
		if (range_parse(term, RANGE_NAMES, &range, NULL))
			abort();
		for (size_t i = 0; i < range_count(range); i++) {
			char buffer[512];
			const char *name = range_nth(range, i, buffer, sizeof(buffer));

			if (!bsearch(&name, names, kept, sizeof(*names), compare))
				abort();
		}
		total += range_count(range);
		range_free(range);
		free(term);
		rest = *end ? end + 1 : end;
	}
	if (total != kept)
		abort();
	free(folded);
}

static void expand(const struct range *range, int foldable)
{
	size_t n = range_count(range), size = range_length(range) + 1;
	char **names;

	if (!n || n > RANGE_COUNT_MAX)
		abort();
	if (n > 300 || size > 500)
		return;
	names = calloc(n, sizeof(*names));
	for (size_t i = 0; i < n; i++) {
		char *buffer = malloc(size);
		const char *text = range_nth(range, i, buffer, size);

		if (strlen(text) >= size)
			abort();
		names[i] = strdup(text);
		free(buffer);
	}
	if (foldable) {
		char **copy = malloc(n * sizeof(*copy));

		memcpy(copy, names, n * sizeof(*copy));
		fold_back(copy, n);
		free(copy);
	}
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

/*
 * Names that can be in a configuration: no brackets but those of ranges, no commas outside of them.
 */
static int is_foldable(const char *text)
{
	int open = 0;

	for (const char *p = text; *p; p++) {
		if (*p == ':' || (*p == '[' && open) || (*p == ']' && !open) ||
		    (*p == ',' && !open))
			return 0;
		open = *p == '[' ? 1 : *p == ']' ? 0 : open;
	}
	return *text != '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum range_syntax syntax;
	struct range *range;
	char *text;

	if (!size)
		return 0;
	syntax = data[0] % 3;
	text = strndup((const char *)data + 1, size - 1);
	if (text && !range_parse(text, syntax, &range, NULL)) {
		expand(range, syntax == RANGE_NAMES && is_foldable(text));
		range_free(range);
	}
	free(text);
	return 0;
}
