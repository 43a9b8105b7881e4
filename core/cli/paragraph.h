/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help texts on a terminal. */
#ifndef CLI_PARAGRAPH_H
#define CLI_PARAGRAPH_H

/*
 * Prints a text on standard output, every line behind indent blanks and broken before column 80.
 * Lines that begin with a tab are examples and stay as they are; empty lines part paragraphs.
 */
void paragraphs_print(const char *text, unsigned indent);

#endif
