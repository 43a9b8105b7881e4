/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One error: a sentence in the user's terms, written where the cause is known. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdarg.h>

enum { FAULT_TEXT_MAX = 512 };

struct fault {
	char text[FAULT_TEXT_MAX];
};

/*
 * Writes the sentence and returns -err, so that a function can end with
 * `return fault_set(f, EINVAL, "…")`. err is a positive errno. A longer sentence
 * is cut and ends in "…". f may be NULL: the caller does not want the text.
 */
int fault_set(struct fault *f, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

int fault_vset(struct fault *f, int err, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Puts "prefix: " before a sentence that is already there; returns err unchanged. */
int fault_prefix(struct fault *f, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The sentence for an allocation that failed; returns -ENOMEM. */
int fault_no_memory(struct fault *f);

#endif
