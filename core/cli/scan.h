/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inventory of guests: found in folders by what is in their configuration files. */
#ifndef CLI_SCAN_H
#define CLI_SCAN_H

#include "cli/import.h"

#include <stdbool.h>
#include <stddef.h>

struct fault;

/* A guest in a file. Lists have commas between their parts; "" where nothing is known. */
struct found {
	char *file; /* its absolute path */
	enum import_kind kind;
	char *name;
	char *uuid;
	char *macs;	 /* in small letters, with colons */
	char *addresses; /* names, addresses, "telnet:PORT" of consoles on this host */
	char *behind;	 /* the file of its own that this one only names */
};

struct inventory {
	struct found *list;
	size_t n, size;
	bool failed; /* without memory for all */
};

/* Adds what a text says of guests. Of files that it names nothing is read. */
void scan_text(struct inventory *inventory, const char *file, const char *text);
/*
 * Looks through a folder and all in it, links followed, each folder and file once; files of more
 * than IMPORT_FILE_MAX bytes, and those that are no text, are passed over. Tells of folders that
 * cannot be read. -errno with a sentence where the folder itself cannot.
 */
int scan_folder(struct inventory *inventory, const char *folder, void (*tell)(const char *sentence),
		struct fault *f);
/* By file, then by name; each once, and without those whose files are gone. */
void inventory_sort(struct inventory *inventory);
/* Takes out what lies in a folder, which is an absolute path. */
void inventory_forget(struct inventory *inventory, const char *folder);
void inventory_free(struct inventory *inventory);

/* The inventory of the last scans: a file in the state directory, which may be lost. */
int inventory_read(struct inventory *inventory, struct fault *f);
int inventory_write(const struct inventory *inventory, struct fault *f);
/* Its text, as far as it can be read. */
void inventory_parse(struct inventory *inventory, char *text);

/* What two guests have in common that they should not have. */
struct duplicate {
	const char *what; /* "UUID", "MAC address", "address" */
	char *value;
	const struct found **who;
	size_t n;
};
/* To be freed with duplicates_free; NULL with n = SIZE_MAX without memory. */
struct duplicate *inventory_duplicates(const struct inventory *inventory, size_t *n);
void duplicates_free(struct duplicate *duplicates, size_t n);

#endif
