/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration file's text, made ready for libconfuse, and where its sections begin. */
#ifndef MODEL_CONFIG_TEXT_H
#define MODEL_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct config_text {
	char *bytes;			/* the caller's */
	size_t length;
	unsigned *sections;		/* the line of each section's opening brace */
	size_t nsections;
	bool unclosed;			/* a brace is missing at the end */
};

/* Blanks the comments in bytes and notes where sections begin. -ENOMEM. */
int config_text_prepare(struct config_text *text, char *bytes, size_t length);
void config_text_free(struct config_text *text);
/* The line on which section number n, from 0, begins; 0 when there is none. */
unsigned config_text_section(const struct config_text *text, size_t n);

#endif
