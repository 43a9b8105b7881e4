/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a guest's files are. See place.h. */
#include "place.h"
#include "base/fault.h"
#include "base/file.h"
#include "model/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_MAX = 1 << 20 };

static char *folder_of(const char *parent, const char *name)
{
	char *path;

	return asprintf(&path, "%s/guests/%s", parent, name) < 0 ? NULL : path;
}

int place_open(struct place *place, const struct machine *machine, struct fault *f)
{
	char parent[PATH_MAX];
	int err = run_directory(parent, sizeof(parent), f);

	*place = (struct place){0};
	if (err)
		return err;
	place->run = folder_of(parent, machine->name);
	err = state_directory(parent, sizeof(parent), f);
	if (err)
		goto fail;
	place->state = folder_of(parent, machine->name);
	if (!place->run || !place->state) {
		err = fault_no_memory(f);
		goto fail;
	}
	return 0;
fail:
	place_close(place);
	return err;
}

int place_make(const struct place *place, struct fault *f)
{
	int err = directory_make(place->run, 0700, f);

	return err ? err : directory_make(place->state, 0700, f);
}

void place_close(struct place *place)
{
	free(place->run);
	free(place->state);
	*place = (struct place){0};
}

const char *place_path(const char *folder, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

bool place_has(const char *folder, const char *name)
{
	char path[PATH_MAX];

	return !access(place_path(folder, name, path), F_OK);
}

void place_remove(const char *folder, const char *name)
{
	char path[PATH_MAX];

	unlink(place_path(folder, name, path));
}

int place_sync(const char *folder, struct fault *f)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (fd < 0 || (fsync(fd) && errno != EINVAL && errno != EROFS))
		err = fault_set(f, errno, "cannot write the folder \"%s\": %s", folder,
				strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}

int place_rename(const char *folder, const char *from, const char *to, struct fault *f)
{
	char old[PATH_MAX], new[PATH_MAX];

	if (rename(place_path(folder, from, old), place_path(folder, to, new)))
		return fault_set(f, errno, "cannot rename \"%s\" to \"%s\": %s", old, to,
				 strerror(errno));
	return place_sync(folder, f);
}

int place_read(const char *folder, const char *name, json_t **record, struct fault *f)
{
	char path[PATH_MAX], *text;
	size_t length;
	json_error_t error;
	int err;

	place_path(folder, name, path);
	*record = NULL;
	err = file_read(path, RECORD_MAX, &text, &length, f);
	if (err)
		return err;
	*record = json_loadb(text, length, 0, &error);
	free(text);
	if (*record && json_is_object(*record))
		return 0;
	json_decref(*record);
	*record = NULL;
	return fault_set(f, EINVAL, "\"%s\" is no record of ours: remove it", path);
}

int place_write(const char *folder, const char *name, const json_t *record, struct fault *f)
{
	char path[PATH_MAX];
	char *text = json_dumps(record, JSON_INDENT(1) | JSON_SORT_KEYS);
	int err = text ? file_replace(place_path(folder, name, path), text, strlen(text), 0600, f) :
			 fault_no_memory(f);

	free(text);
	return err;
}

static int write_plain(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), err = 0;
	size_t length = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, length);
	if (n < 0)
		err = -errno;
	else if ((size_t)n != length)
		err = -ENOSPC;
	close(fd);
	return err;
}

int place_note(const char *folder, const char *name, const json_t *record, struct fault *f)
{
	char path[PATH_MAX], aside[PATH_MAX];
	char *text = json_dumps(record, JSON_INDENT(1) | JSON_SORT_KEYS);
	int err;

	if (!text)
		return fault_no_memory(f);
	place_path(folder, name, path);
	if (snprintf(aside, sizeof(aside), "%s.new", path) >= (int)sizeof(aside))
		err = -ENAMETOOLONG;
	else
		err = write_plain(aside, text);
	if (!err && rename(aside, path))
		err = -errno;
	free(text);
	return err ? fault_set(f, -err, "cannot write \"%s\": %s", path, strerror(-err)) : 0;
}
