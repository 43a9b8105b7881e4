/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guests of other programs' files, as sections of our configuration. A reader calls import_guest
 * for each guest, then import_set for what maps to a key of ours, and import_leave_out for what
 * does not.
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct fault;

enum { IMPORT_KEYS_MAX = 48, IMPORT_VALUES_MAX = 64, IMPORT_FILE_MAX = 1 << 20 };

/* Start with {0}; for each file of an import set file, path, text and length. */
struct import {
	const char *file; /* for sentences; outlives the import */
	const char *path; /* its absolute path, for values; NULL: it has none */
	const char *text; /* NUL-terminated */
	size_t length;
	struct import_guest *guests;
	size_t n;
	struct buffer left_out; /* sentences, a line each */
	size_t nleft_out;
	bool failed; /* without memory for all */
	bool alone;  /* files that this one names are not read */
};

struct import_guest {
	char *name;
	const char *file;
	struct import_key {
		const char *key;
		char **values;
		size_t n;
	} keys[IMPORT_KEYS_MAX];
	size_t nkeys;
};

/*
 * A guest begins. Of its name, what cannot stand in one is replaced, and that is told; so is a name
 * that another guest of the import has.
 */
void import_guest(struct import *import, unsigned line, const char *name);
/* A value of the guest that began last; several of one key make a list. key stays the caller's. */
void import_set(struct import *import, unsigned line, const char *key, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A network card, and its hardware address; NULL or "": it has none. */
void import_nic(struct import *import, unsigned line, const char *mac, const char *nic);
/* A text as one word of a value that is split into words. Returns to. */
const char *import_word(const char *text, char *to, size_t size);
/* Whether the guest that began last has a value for a key. */
bool import_has(const struct import *import, const char *key);
/* "FILE:LINE: SENTENCE": what was left out, and why. */
void import_leave_out(struct import *import, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void import_free(struct import *import);

/* The guests, as text that the configuration's reader takes as it was meant. */
void import_print(const struct import *import, struct buffer *out);
/* A text in quotes, so that a configuration's value or title is this text. */
void import_quote(struct buffer *out, const char *text);

/*
 * Readers of files. 0; -EINVAL with a sentence where it cannot be read at all.
 *
 * A CHARON guests list: a line a guest: the emulator's program, its configuration file and, where
 * it starts with the host, auto_boot; between blanks, commas, semicolons or bars. What the
 * configuration file says of the name and the console is taken from there, if it can be read.
 */
int import_charon(struct import *import, struct fault *f);
/* The configuration of a guest of Xen: xl.cfg(5), and xm's, which is Python's. */
int import_xl(struct import *import, struct fault *f);
/* A domain of libvirt: libvirt.org/formatdomain.html. */
int import_libvirt(struct import *import, struct fault *f);

/* Which of them a file is for, by what is in it. NULL: none. */
enum import_kind {
	IMPORT_NOT_KNOWN,
	IMPORT_CHARON_LIST,
	IMPORT_XL,
	IMPORT_LIBVIRT,
	IMPORT_SIMH,
	IMPORT_CHARON_GUEST,
	IMPORT_STOKER,
};
enum import_kind import_kind_of(const char *text);
const char *import_kind_name(enum import_kind kind);

#endif
