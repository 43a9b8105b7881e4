/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Consoles as their owner sees them, for tests of drivers: what is heard is kept, what is to be
 * said is handed over as there is room.
 */
#ifndef TESTS_CONSOLES_H
#define TESTS_CONSOLES_H

#include "base/text.h"
#include "engine/console.h"

struct model;

struct watched {
	struct console *console;
	bool opened, closed;
	char text[256];			/* of its opening */
	struct buffer heard, notes;	/* bytes; notes a line each */
	int err;			/* of its end */
	char sentence[512];

	const unsigned char *say;	/* the helper's own, from here on */
	size_t to_say, said;
	const char *wanted, *awaited;
	size_t enough;
	bool found, all_said;
};

/* Begins to open the console of a machine; fails the test where that cannot begin. */
void watched_begin(struct watched *w, const struct model *model, const char *machine,
		   enum console_steal steal);
/* The same by operations and an argument: see console_open_by. */
void watched_begin_by(struct watched *w, const struct console_ops *ops, const char *argument);
/* …and waits until it is open; fails the test where it does not open in 10 s. */
void watched_open(struct watched *w, const struct model *model, const char *machine);
/* Runs the loop until this text has been heard, for 10 s at most; fails the test where not. */
void watched_hears(struct watched *w, const char *text);
/* The same for a note. */
void watched_is_told(struct watched *w, const char *text);
/* The same for a number of bytes, and 60 s. */
void watched_hears_bytes(struct watched *w, size_t length);
/* Forgets what was heard. */
void watched_forget(struct watched *w);
/* Hands bytes over, from now on the loop as there is room: they must outlive that. */
void watched_say(struct watched *w, const void *bytes, size_t length);
/* The same for a text, and waits until all of it is taken. */
void watched_type(struct watched *w, const char *text);
/* Waits for its end, 10 s at most, and compares it. */
void watched_ends(struct watched *w, int err, const char *sentence);
/* Closes it where it is not closed, waits for that, frees what was heard. */
void watched_close(struct watched *w);

/* Bytes that look random, the same for the same seed; to be freed. */
unsigned char *noise(size_t length, unsigned seed);

#endif
