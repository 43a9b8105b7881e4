/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the text format's files share: steps that read the same, and failures that nearly do. */
#ifndef ENGINE_REPORT_GROUP_H
#define ENGINE_REPORT_GROUP_H

#include <stdbool.h>
#include <stddef.h>

struct outcome;
struct step;

/* Steps that read the same. */
struct group {
	char *text;			/* what is said of them all */
	const struct step *first;
	const char **names;
	size_t n, size;
	unsigned level;			/* plans: how many steps lie before it */
};

/* A line for all machines of a group, and what their devices said. */
void group_print(const struct group *group, bool quiet);
/* What a device or program said, behind its machine's line. */
void output_print(const struct outcome *outcome, bool quiet);

/*
 * Prints the groups that failed; those whose sentences differ only in numbers ("no answer from
 * 10.0.0.7", "… 10.0.0.8") as one line where the sentences fold into one range. false: without
 * memory for all.
 */
bool failures_print(struct group *const *groups, size_t n, bool quiet);

#endif
