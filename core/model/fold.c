/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names folded into ranges. Field by field from the right: names that are equal but for one number
 * become one text with a bracket in its place; that bracket then counts as plain text for the
 * fields to its left, so that a full grid folds into one text. MAC addresses fold in hexadecimal.
 */
#include "base/text.h"
#include "model/range.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 8, DIGITS_MAX = 15 };

struct item {
	const char *text;
	char *owned;		/* text, where it was made here */
	bool hex;		/* a MAC address: its fields are hexadecimal */
	size_t at, digits;	/* the field under work; digits == 0: this text has none */
	uint64_t number;
};

static bool is_digit(const struct item *item, char c)
{
	return item->hex ? isxdigit((unsigned char)c) : isdigit((unsigned char)c);
}

/* Six pairs of digits with colons between them, as machines are named that have no other name. */
static bool is_mac(const char *text)
{
	size_t i = 0;

	for (; text[i] && i < 17; i++) {
		if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return i == 17 && !text[i];
}

/*
 * The field-th group from the right: a run of digits, or a whole bracket (which is none to work
 * on).
 */
static void find_field(struct item *item, unsigned field)
{
	const char *text = item->text;
	size_t end = strlen(text);

	item->at = item->digits = 0;
	while (end) {
		size_t start = end - 1;

		if (text[start] == ']') {
			while (start && text[start] != '[')
				start--;
		} else if (is_digit(item, text[start])) {
			while (start && is_digit(item, text[start - 1]))
				start--;
		} else {
			end--;
			continue;
		}
		if (!field--) {
			if (text[start] != '[' && end - start <= DIGITS_MAX) {
				item->at = start;
				item->digits = end - start;
				item->number = strtoull(text + start, NULL, item->hex ? 16 : 10);
			}
			return;
		}
		end = start;
	}
}

static int compare_frame(const struct item *a, const struct item *b)
{
	size_t shorter = a->at < b->at ? a->at : b->at;
	int order = memcmp(a->text, b->text, shorter);

	if (!order)
		order = (a->at > b->at) - (a->at < b->at);
	return order ? order : strcmp(a->text + a->at + a->digits, b->text + b->at + b->digits);
}

/* By what surrounds the number, then by the number, then by its padding. */
static int compare(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = (a->digits > 0) - (b->digits > 0);

	if (!order)
		order = a->hex - b->hex;
	if (!order)
		order = a->digits ? compare_frame(a, b) : strcmp(a->text, b->text);
	if (!order && a->digits)
		order = (a->number > b->number) - (a->number < b->number);
	if (!order)
		order = (a->digits > b->digits) - (a->digits < b->digits);
	return order;
}

/* Whether b's number is what a span that began with first and has come to a gives next. */
static bool continues(const struct item *first, const struct item *a, const struct item *b)
{
	if (b->number != a->number + 1)
		return false;
	/* a span pads to the width of its first number: longer ones are not padded at all */
	return b->digits == first->digits ||
	       (b->digits > first->digits && b->text[b->at] != '0');
}

static void add_spans(struct buffer *out, const struct item *items, size_t n)
{
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i + 1;
		     next < n && continues(&items[i], &items[next - 1], &items[next]);)
			next++;
		if (i)
			buffer_add_text(out, ",");
		buffer_add_bytes(out, items[i].text + items[i].at, items[i].digits);
		if (next > i + 1) {
			const struct item *last = &items[next - 1];

			buffer_add_text(out, "-");
			buffer_add_bytes(out, last->text + last->at, last->digits);
		}
	}
}

/* Makes one item of n that differ in the field only. */
static bool merge(struct item *to, struct item *items, size_t n)
{
	struct buffer out = {0};
	char *text;

	buffer_add_bytes(&out, items[0].text, items[0].at);
	buffer_add_text(&out, "[");
	add_spans(&out, items, n);
	buffer_add_text(&out, "]");
	buffer_add_text(&out, items[0].text + items[0].at + items[0].digits);
	text = buffer_take(&out);
	if (!text)
		return false;
	for (size_t i = 0; i < n; i++) {
		free(items[i].owned);
		items[i].owned = NULL;
	}
	*to = (struct item){.text = text, .owned = text, .hex = items[0].hex};
	return true;
}

static size_t drop_equal(struct item *items, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (!kept || strcmp(items[kept - 1].text, items[i].text))
			items[kept++] = items[i];
	}
	return kept;
}

/* One pass over one field; the new number of items, 0 without memory. */
static size_t fold_field(struct item *items, size_t n, unsigned field)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		find_field(&items[i], field);
	qsort(items, n, sizeof(*items), compare);
	if (!field)
		n = drop_equal(items, n);
	for (size_t i = 0, next; i < n; i = next) {
		next = i + 1;
		while (items[i].digits && next < n && items[next].digits &&
		       items[next].hex == items[i].hex && !compare_frame(&items[i], &items[next]))
			next++;
		if (next == i + 1)
			items[kept++] = items[i];
		else if (!merge(&items[kept++], items + i, next - i))
			return 0;
		/* what moved down must not be freed twice */
		for (size_t j = i; j < next; j++) {
			if (j >= kept)
				items[j].owned = NULL;
		}
	}
	return kept;
}

/* The first number of a text, for the natural order of the result. */
static int compare_natural(const void *left, const void *right)
{
	const char *a = ((const struct item *)left)->text, *b = ((const struct item *)right)->text;

	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			char *a_end, *b_end;
			uint64_t na = strtoull(a, &a_end, 10), nb = strtoull(b, &b_end, 10);

			if (na != nb)
				return na < nb ? -1 : 1;
			a = a_end;
			b = b_end;
		} else if (*a != *b) {
			break;
		} else {
			a++;
			b++;
		}
	}
	return (unsigned char)*a - (unsigned char)*b;
}

char *range_fold(const char *const *names, size_t n)
{
	struct item *items = calloc(n ? n : 1, sizeof(*items));
	struct buffer out = {0};
	size_t kept = n;

	if (!items)
		return NULL;
	for (size_t i = 0; i < n; i++)
		items[i] = (struct item){.text = names[i], .hex = is_mac(names[i])};
	for (unsigned field = 0; field < FIELDS_MAX && kept > (field ? 1 : 0); field++) {
		size_t now = fold_field(items, kept, field);

		if (!now) {
			out.failed = true;
			break;
		}
		kept = now;
	}
	if (!out.failed)
		qsort(items, kept, sizeof(*items), compare_natural);
	for (size_t i = 0; i < kept; i++) {
		buffer_add(&out, "%s%s", i ? "," : "", items[i].text);
		free(items[i].owned);
	}
	free(items);
	return buffer_take(&out);
}
