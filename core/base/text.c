/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text: growing buffers, words, durations, the nearest name. See text.h. */
#include "base/text.h"
#include "base/fault.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool buffer_reserve(struct buffer *b, size_t more)
{
	size_t size = b->size ? b->size : 64;
	char *text;

	if (b->failed)
		return false;
	while (size < b->length + more + 1)
		size *= 2;
	if (size == b->size)
		return true;
	text = realloc(b->text, size);
	if (!text) {
		b->failed = true;
		return false;
	}
	b->text = text;
	b->size = size;
	return true;
}

void buffer_add_bytes(struct buffer *b, const void *bytes, size_t length)
{
	if (!buffer_reserve(b, length))
		return;
	if (length)
		memcpy(b->text + b->length, bytes, length);
	b->length += length;
	b->text[b->length] = '\0';
}

void buffer_add_text(struct buffer *b, const char *text)
{
	buffer_add_bytes(b, text, strlen(text));
}

void buffer_add(struct buffer *b, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || !buffer_reserve(b, (size_t)length))
		return;
	va_start(args, format);
	vsnprintf(b->text + b->length, (size_t)length + 1, format, args);
	va_end(args);
	b->length += (size_t)length;
}

void buffer_free(struct buffer *b)
{
	free(b->text);
	*b = (struct buffer){0};
}

const char *buffer_text(const struct buffer *b)
{
	return b->text ? b->text : "";
}

char *buffer_take(struct buffer *b)
{
	char *text = NULL;

	buffer_add_bytes(b, "", 0);
	if (!b->failed) {
		text = b->text;
		b->text = NULL;
	}
	buffer_free(b);
	return text;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned text_distance(const char *a, const char *b)
{
	enum { LONGEST = 63 };
	unsigned row[3][LONGEST + 1], *before = row[0], *last = row[1], *now = row[2], *swap;
	size_t na = strlen(a), nb = strlen(b);

	if (na > LONGEST || nb > LONGEST)
		return strcasecmp(a, b) ? LONGEST : 0;
	for (size_t j = 0; j <= nb; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			int ca = tolower((unsigned char)a[i - 1]),
			    cb = tolower((unsigned char)b[j - 1]);

			now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]) && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		swap = before;
		before = last;
		last = now;
		now = swap;
	}
	return last[nb];
}

void nearest_offer(struct nearest *n, const char *candidate)
{
	size_t length = strlen(n->wanted);
	/* a third of the letters may differ: more than that was hardly a slip */
	unsigned limit = length < 3 ? 1 : (unsigned)(length + 2) / 3;
	unsigned distance = text_distance(n->wanted, candidate);

	if (distance > limit || (n->name && distance >= n->distance))
		return;
	n->name = candidate;
	n->distance = distance;
}

static const struct {
	const char *suffix;
	uint64_t ms;
} duration_units[] = {
	{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 24 * 3600 * 1000},
};

enum { DURATION_UNITS = sizeof(duration_units) / sizeof(duration_units[0]) };

static uint64_t unit_at(const char **p)
{
	size_t length = strspn(*p, "abcdefghijklmnopqrstuvwxyz");

	if (!length)
		return **p ? 0 : 1000;
	for (size_t i = 0; i < DURATION_UNITS; i++) {
		if (strlen(duration_units[i].suffix) == length &&
		    !memcmp(duration_units[i].suffix, *p, length)) {
			*p += length;
			return duration_units[i].ms;
		}
	}
	return 0;
}

int duration_parse(const char *text, uint64_t *ms, struct fault *f)
{
	const uint64_t longest = (uint64_t)365 * 24 * 3600 * 1000;
	uint64_t total = 0;
	const char *p = text;

	if (!*p)
		goto bad;
	while (*p) {
		uint64_t number = 0, thousandths = 0, scale = 100, unit;

		if (!isdigit((unsigned char)*p))
			goto bad;
		for (; isdigit((unsigned char)*p); p++) {
			number = number * 10 + (uint64_t)(*p - '0');
			if (number > longest)
				goto long_;
		}
		if (*p == '.') {
			if (!isdigit((unsigned char)*++p))
				goto bad;
			for (; isdigit((unsigned char)*p); p++, scale /= 10)
				thousandths += (uint64_t)(*p - '0') * scale;
		}
		unit = unit_at(&p);
		if (!unit)
			goto bad;
		if (number > longest / unit)
			goto long_;
		total += number * unit + thousandths * unit / 1000;
		if (total > longest)
			goto long_;
	}
	*ms = total;
	return 0;
bad:
	return fault_set(f, EINVAL,
			 "\"%s\" is not a duration: write for example 500ms, 90s, 5m or 1h30m",
			 text);
long_:
	return fault_set(f, EINVAL, "\"%s\" is longer than 365 days", text);
}

void duration_print(uint64_t ms, char *text, size_t size)
{
	size_t unit = 0;

	for (size_t i = 1; ms && i < DURATION_UNITS; i++) {
		if (ms % duration_units[i].ms == 0 && (i < 2 || ms / duration_units[i].ms > 1))
			unit = i;
	}
	snprintf(text, size, "%" PRIu64 "%s", ms / duration_units[ms ? unit : 1].ms,
		 duration_units[ms ? unit : 1].suffix);
}

int number_parse(const char *text, const char *what, uint64_t low, uint64_t high, uint64_t *value,
		 struct fault *f)
{
	uint64_t number = 0;
	const char *p = text;

	for (; isdigit((unsigned char)*p); p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (number > (UINT64_MAX - digit) / 10)
			break;
		number = number * 10 + digit;
	}
	if (p == text || *p || number < low || number > high)
		return fault_set(f, EINVAL,
				 "%s \"%s\" is not a number from %" PRIu64 " to %" PRIu64, what,
				 text, low, high);
	*value = number;
	return 0;
}

/* Copies one word to out, moves *p behind it; false for an open quote. */
static bool word_copy(const char **p, char **out)
{
	char quote = '\0';

	for (; **p && (quote || !isspace((unsigned char)**p)); (*p)++) {
		if (quote ? **p == quote : **p == '\'' || **p == '"') {
			quote = quote ? '\0' : **p;
			continue;
		}
		if (**p == '\\' && quote != '\'' && (*p)[1])
			(*p)++;
		*(*out)++ = **p;
	}
	*(*out)++ = '\0';
	return !quote;
}

int words_split(const char *line, char ***words, size_t *count, struct fault *f)
{
	size_t length = strlen(line), most = length / 2 + 2, n = 0;
	/* a word takes its letters and a NUL; both together never exceed the line and one NUL */
	char **list = malloc(most * sizeof(*list) + length + 1);
	char *out;

	if (!list)
		return fault_no_memory(f);
	out = (char *)(list + most);
	for (const char *p = line;;) {
		p += strspn(p, " \t\r\n\v\f");
		if (!*p)
			break;
		list[n++] = out;
		if (!word_copy(&p, &out)) {
			free(list);
			return fault_set(f, EINVAL, "a quote is not closed in: %s", line);
		}
	}
	list[n] = NULL;
	*words = list;
	*count = n;
	return 0;
}
