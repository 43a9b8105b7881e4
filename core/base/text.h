/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text: growing buffers, words, durations, the nearest name. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

/* A string that grows. Start with {0}. text is NUL-terminated as soon as something was added. */
struct buffer {
	char *text;
	size_t length, size;
	bool failed;		/* an allocation failed: what was added since is missing */
};

void buffer_add(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_add_bytes(struct buffer *b, const void *bytes, size_t length);
void buffer_add_text(struct buffer *b, const char *text);
void buffer_free(struct buffer *b);
/* The text so far, "" when empty; stays the buffer's. */
const char *buffer_text(const struct buffer *b);
/* Gives the text away (to be freed by the caller); NULL when an allocation failed. */
char *buffer_take(struct buffer *b);

/* The edit distance of a and b (insert, delete, replace, swap of neighbours), case ignored. */
unsigned text_distance(const char *a, const char *b);

/* Looks for the name nearest to a wanted one: start with {.wanted = …}, offer every candidate. */
struct nearest {
	const char *wanted;
	const char *name;	/* the best so far, NULL while none is near enough to be meant */
	unsigned distance;
};
void nearest_offer(struct nearest *n, const char *candidate);

/*
 * A duration in milliseconds: "90s", "1m30s", "500ms", "2h", "1.5s"; a bare number means seconds.
 * At most 365 days. -EINVAL with a sentence that quotes the text.
 */
int duration_parse(const char *text, uint64_t *ms, struct fault *f);
/* Writes "500ms", "90s", "5m", "2h": the shortest exact form. */
void duration_print(uint64_t ms, char *text, size_t size);

/* A decimal number from low to high, nothing before or after it; what names it in the sentence. */
int number_parse(const char *text, const char *what, uint64_t low, uint64_t high, uint64_t *value,
		 struct fault *f);

/*
 * Splits a line into words as a shell does without expanding anything: blanks separate, '…' and "…"
 * and backslash quote. words: a NULL-terminated array in one block, freed with free().
 * -EINVAL for an open quote, -ENOMEM.
 */
int words_split(const char *line, char ***words, size_t *count, struct fault *f);

#endif
