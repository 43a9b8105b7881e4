/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help texts on a terminal. See paragraph.h. */
#include "cli/paragraph.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 80 };

/* How many columns a word of UTF-8 takes: bytes that continue a character take none. */
static unsigned width_of(const char *word, size_t length)
{
	unsigned width = 0;

	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)word[i] & 0xC0) != 0x80;
	return width;
}

static void print_example(const char *line, size_t length, unsigned indent)
{
	printf("%*s%s", (int)indent + 4, "", "");
	for (size_t i = 1; i < length; i++) {
		if (line[i] == '\t')
			fputs("    ", stdout);
		else
			putchar(line[i]);
	}
	putchar('\n');
}

static void print_line(const char *line, size_t length, unsigned indent)
{
	unsigned column = 0;

	for (size_t at = 0; at < length;) {
		size_t end = at;
		unsigned width;

		while (end < length && line[end] != ' ')
			end++;
		width = width_of(line + at, end - at);
		if (column && indent + column + 1 + width >= COLUMNS) {
			putchar('\n');
			column = 0;
		}
		if (column)
			column += (unsigned)printf(" ");
		else
			printf("%*s", (int)indent, "");
		fwrite(line + at, 1, end - at, stdout);
		column += width;
		at = end + 1;
	}
	putchar('\n');
}

void paragraphs_print(const char *text, unsigned indent)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (*text == '\t')
			print_example(text, length, indent);
		else
			print_line(text, length, indent);
		text += length + (text[length] == '\n');
	}
}
