/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host ranges, as powerman, FreeIPMI and pdsh write them: "rack[1-3,7]", "a[01-03]-b[0-1]".
 * The width of a span's first number is the padding of all; the right-most bracket runs fastest.
 */
#ifndef MODEL_RANGE_H
#define MODEL_RANGE_H

#include <stddef.h>

struct fault;
struct range;

enum { RANGE_COUNT_MAX = 1 << 24 };

enum range_syntax {
	RANGE_NAMES,	/* brackets hold decimal numbers; anything else in them is an error */
	/* as above, but brackets of another content are plain text; \[ is a plain [ */
	RANGE_VALUES,
	RANGE_HEX,	/* as RANGE_VALUES with hexadecimal numbers, for MAC addresses and UUIDs */
};

/*
 * Reads text into *range (to be freed with range_free). A bracket that holds a colon is an IPv6
 * address and plain text in every syntax. -EINVAL with a sentence that quotes text, -ENOMEM.
 */
int range_parse(const char *text, enum range_syntax syntax, struct range **range, struct fault *f);
/* A range of one: text as it is, brackets and all. NULL without memory. */
struct range *range_literal(const char *text);
void range_free(struct range *range);
/*
 * Writes text so that RANGE_VALUES reads it as it is, brackets and all. to: room for twice its
 * bytes and a NUL. Returns to.
 */
char *range_quote(const char *text, char *to);

/* How many texts the range stands for: at least 1, at most RANGE_COUNT_MAX. */
size_t range_count(const struct range *range);
/*
 * The text with number n, from 0. Plain text comes back as it is stored, and buffer may be NULL;
 * else it is written to buffer. Never longer than what range_length says.
 */
const char *range_nth(const struct range *range, size_t n, char *buffer, size_t size);
/* The longest text it can give, in bytes without the NUL. */
size_t range_length(const struct range *range);

/*
 * The opposite: n names as the shortest comma-separated list of ranges, in natural order.
 * To be freed by the caller; NULL without memory. Equal names count once. Names that are MAC
 * addresses count in hexadecimal, as with RANGE_HEX.
 */
char *range_fold(const char *const *names, size_t n);

#endif
