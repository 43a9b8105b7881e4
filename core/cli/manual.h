/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the manual pages that come from the program's tables. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

/*
 * Prints "commands", "fronts", "keys" or "drivers" in mdoc(7), for tools/mkdocs. 0, or EXIT_USAGE
 * with a sentence for another part.
 */
int manual_print(const char *part);

#endif
