/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Host ranges: reading and counting. The opposite direction is in fold.c. See range.h. */
#include "model/range.h"
#include "base/fault.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 15, SPANS_MAX = 4096, PARTS_MAX = 16 };

struct span {
	uint64_t low, count;
	int width;
};

/* Plain text, then a bracket (none: spans == 0). */
struct part {
	char *text;
	struct span *spans;
	size_t nspans, count;
};

struct range {
	size_t count, length, nparts;
	bool hex;
	struct part parts[];
};

struct reader {
	const char *whole;
	enum range_syntax syntax;
	struct fault *fault;
};

static bool is_digit(const struct reader *r, char c)
{
	return r->syntax == RANGE_HEX ? isxdigit((unsigned char)c) : isdigit((unsigned char)c);
}

/* Only digits, commas and dashes up to the closing bracket: a range, well formed or not. */
static bool is_range(const struct reader *r, const char *open, const char *close)
{
	for (const char *p = open + 1; p < close; p++) {
		if (!is_digit(r, *p) && *p != ',' && *p != '-')
			return false;
	}
	return close > open + 1;
}

static int read_number(const struct reader *r, const char **p, uint64_t *value, int *width)
{
	char digits[DIGITS_MAX + 1];
	int n = 0;

	for (; is_digit(r, **p); (*p)++) {
		if (n == DIGITS_MAX)
			return fault_set(r->fault, EINVAL,
					 "\"%s\": a number of more than %d digits", r->whole,
					 DIGITS_MAX);
		digits[n++] = **p;
	}
	if (!n)
		return fault_set(r->fault, EINVAL,
				 "\"%s\": a number is missing in the brackets: write for example "
				 "[1-3,7]", r->whole);
	digits[n] = '\0';
	*value = strtoull(digits, NULL, r->syntax == RANGE_HEX ? 16 : 10);
	*width = n;
	return 0;
}

static int read_span(const struct reader *r, const char **p, struct span *span)
{
	uint64_t high;
	int err, width;

	err = read_number(r, p, &span->low, &span->width);
	if (err)
		return err;
	high = span->low;
	if (**p == '-') {
		(*p)++;
		err = read_number(r, p, &high, &width);
		if (err)
			return err;
	}
	if (high < span->low)
		return fault_set(r->fault, EINVAL, "\"%s\": a span in the brackets runs backwards: "
				 "write the lower number first", r->whole);
	span->count = high - span->low + 1;
	return 0;
}

static int too_many(const struct reader *r)
{
	return fault_set(r->fault, EINVAL, "\"%s\" stands for more than %d names", r->whole,
			 RANGE_COUNT_MAX);
}

static int read_bracket(const struct reader *r, const char *open, const char *close,
			struct part *part)
{
	const char *p = open + 1;
	size_t most = 1;

	for (const char *c = p; c < close; c++)
		most += *c == ',';
	if (most > SPANS_MAX)
		return fault_set(r->fault, EINVAL, "\"%.64s…\": more than %d spans in one bracket",
				 r->whole, SPANS_MAX);
	part->spans = calloc(most, sizeof(*part->spans));
	if (!part->spans)
		return fault_no_memory(r->fault);
	for (;;) {
		int err = read_span(r, &p, &part->spans[part->nspans]);

		if (err)
			return err;
		if (part->spans[part->nspans].count > RANGE_COUNT_MAX - part->count)
			return too_many(r);
		part->count += part->spans[part->nspans++].count;
		if (p == close)
			return 0;
		if (*p++ != ',')
			return fault_set(r->fault, EINVAL, "\"%s\": a comma is missing in the "
					 "brackets: write for example [1-3,7]", r->whole);
	}
}

/* Finds the next bracket that is a range, copying what stands before it to *out. */
static int read_plain(const struct reader *r, const char **p, char **out, const char **close)
{
	*close = NULL;
	while (**p) {
		if (**p == '\\' && r->syntax != RANGE_NAMES && ((*p)[1] == '[' || (*p)[1] == ']')) {
			*(*out)++ = (*p)[1];
			*p += 2;
			continue;
		}
		if (**p == '[') {
			const char *end = strchr(*p, ']');

			if (end && is_range(r, *p, end)) {
				*close = end;
				break;
			}
			if (r->syntax == RANGE_NAMES &&
			    (!end || !memchr(*p, ':', (size_t)(end - *p))))
				return fault_set(r->fault, EINVAL, end ?
						 "\"%s\": brackets hold numbers: write for example "
						 "[1-3,7]" :
						 "\"%s\": a bracket is not closed", r->whole);
		}
		*(*out)++ = *(*p)++;
	}
	*(*out)++ = '\0';
	return 0;
}

static size_t part_length(const struct part *part, bool hex)
{
	size_t longest = 0;

	for (size_t i = 0; i < part->nspans; i++) {
		const struct span *s = &part->spans[i];
		int length = snprintf(NULL, 0, hex ? "%0*" PRIx64 : "%0*" PRIu64, s->width,
				      s->low + s->count - 1);

		if ((size_t)length > longest)
			longest = (size_t)length;
	}
	return strlen(part->text) + longest;
}

static int read_parts(const struct reader *r, struct range *range, char *out)
{
	const char *p = r->whole, *close;
	int err;

	range->count = 1;
	do {
		struct part *part = &range->parts[range->nparts];

		if (range->nparts == PARTS_MAX)
			return fault_set(r->fault, EINVAL, "\"%s\": more than %d brackets",
					 r->whole, PARTS_MAX - 1);
		range->nparts++;
		part->text = out;
		err = read_plain(r, &p, &out, &close);
		if (err)
			return err;
		if (close) {
			err = read_bracket(r, p, close, part);
			if (err)
				return err;
			if (part->count > RANGE_COUNT_MAX / range->count)
				return too_many(r);
			range->count *= part->count;
			p = close + 1;
		}
		range->length += part_length(part, range->hex);
	} while (*p);
	return 0;
}

int range_parse(const char *text, enum range_syntax syntax, struct range **range, struct fault *f)
{
	const struct reader reader = {text, syntax, f};
	size_t brackets = 1, size;
	struct range *r;
	int err;

	for (const char *p = text; *p; p++)
		brackets += *p == '[';
	if (brackets > PARTS_MAX)
		brackets = PARTS_MAX;
	/* the parts' plain text, each with its NUL, lives behind them in the same block */
	size = sizeof(*r) + brackets * sizeof(r->parts[0]);
	r = calloc(1, size + strlen(text) + brackets + 1);
	if (!r)
		return fault_no_memory(f);
	r->hex = syntax == RANGE_HEX;
	err = read_parts(&reader, r, (char *)r + size);
	if (err) {
		range_free(r);
		return err;
	}
	*range = r;
	return 0;
}

struct range *range_literal(const char *text)
{
	size_t length = strlen(text);
	struct range *r = calloc(1, sizeof(*r) + sizeof(r->parts[0]) + length + 1);

	if (!r)
		return NULL;
	r->count = 1;
	r->length = length;
	r->nparts = 1;
	r->parts[0].text = memcpy((char *)(r->parts + 1), text, length);
	return r;
}

char *range_quote(const char *text, char *to)
{
	char *out = to;

	for (; *text; text++) {
		if (*text == '[' || *text == ']')
			*out++ = '\\';
		*out++ = *text;
	}
	*out = '\0';
	return to;
}

void range_free(struct range *range)
{
	if (!range)
		return;
	for (size_t i = 0; i < range->nparts; i++)
		free(range->parts[i].spans);
	free(range);
}

size_t range_count(const struct range *range)
{
	return range->count;
}

size_t range_length(const struct range *range)
{
	return range->length;
}

static int print_number(const struct part *part, size_t n, bool hex, char *out, size_t size)
{
	const struct span *s = part->spans;

	for (; n >= s->count; s++)
		n -= s->count;
	return snprintf(out, size, hex ? "%0*" PRIx64 : "%0*" PRIu64, s->width, s->low + n);
}

const char *range_nth(const struct range *range, size_t n, char *buffer, size_t size)
{
	size_t block = range->count, used = 0;

	if (range->nparts == 1 && !range->parts[0].count)
		return range->parts[0].text;
	for (size_t i = 0; i < range->nparts && used < size; i++) {
		const struct part *part = &range->parts[i];
		size_t length = strlen(part->text);

		if (length >= size - used)
			length = size - used - 1;
		memcpy(buffer + used, part->text, length);
		used += length;
		buffer[used] = '\0';
		if (part->count) {
			block /= part->count;
			used += (size_t)print_number(part, n / block, range->hex, buffer + used,
						     size - used);
			n %= block;
		}
	}
	return buffer;
}
