/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the service of guests has in its care: those that it has started, or found running. A line a
 * name, in the file guests.started of the state directory.
 */
#include "base/fault.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"
#include "cli/guests.h"
#include "model/machine.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_MAX = 16 << 20 };

static int record_path(char *path, size_t size, struct fault *f)
{
	char directory[PATH_MAX - 16];
	int err = state_directory(directory, sizeof(directory), f);

	if (!err)
		snprintf(path, size, "%s/guests.started", directory);
	return err;
}

/* Names that no guest has any more are left out: nothing can be done to them. */
static int read_names(struct roster *roster, char *text, struct fault *f)
{
	struct table names = {0};
	char *rest = NULL;
	int err = 0;

	for (char *line = strtok_r(text, "\n", &rest); line && !err;
	     line = strtok_r(NULL, "\n", &rest)) {
		err = table_add(&names, line, line, NULL);
		if (err == -EEXIST)
			err = 0;
	}
	for (size_t i = 0; i < roster->n && !err; i++)
		roster->list[i].kept = table_find(&names, roster->list[i].machine->name) != NULL;
	table_free(&names);
	return err ? fault_no_memory(f) : 0;
}

int record_read(struct roster *roster, struct fault *f)
{
	char path[PATH_MAX], *text;
	int err = record_path(path, sizeof(path), f);

	if (err)
		return err;
	err = file_read(path, RECORD_MAX, &text, NULL, f);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = read_names(roster, text, f);
	free(text);
	return err;
}

int record_write(const struct roster *roster, struct fault *f)
{
	struct buffer names = {0};
	char path[PATH_MAX];
	int err = record_path(path, sizeof(path), f);

	if (err)
		return err;
	for (size_t i = 0; i < roster->n; i++) {
		if (roster->list[i].kept)
			buffer_add(&names, "%s\n", roster->list[i].machine->name);
	}
	if (names.failed)
		err = fault_no_memory(f);
	else if (names.length)
		err = file_replace(path, names.text, names.length, 0644, f);
	else if (unlink(path) && errno != ENOENT)
		err = fault_set(f, errno, "cannot remove \"%s\": %s", path, strerror(errno));
	buffer_free(&names);
	return err;
}
