/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consoles from afar: `stoker console USER@HOST:MACHINE` is the same command there, by ssh. */
#ifndef CLI_FAR_H
#define CLI_FAR_H

#include <stdbool.h>

struct buffer;
struct context;

/* Whether a word is USER@HOST:MACHINE, and not mac:…, label:… or a name. */
bool far_is(const char *word);
/*
 * Becomes ssh, which runs this command with these options there; the program that STOKER_SSH names,
 * where it is set. Comes back only when that failed: EXIT_USAGE, told on standard error.
 */
int far_console(const struct context *context, const char *word);

/* Adds a word that means itself to every shell. */
void shell_quote(struct buffer *line, const char *word);

#endif
