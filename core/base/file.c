/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that are read and replaced whole, and the folders of the program's state. See file.h.
 * Defined by: rename(2) and fsync(2); the Filesystem Hierarchy Standard 3.0, sections 3.15 and 5.8;
 * the XDG Base Directory Specification (XDG_RUNTIME_DIR).
 */
#include "base/file.h"
#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

/* Makes the new name of a file last; file systems that cannot sync a folder do it by themselves. */
static int sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd, err = 0;

	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd) && errno != EINVAL && errno != EROFS)
		err = -errno;
	close(fd);
	return err;
}

/* Writes the bytes to a new file beside path, whose name is written to aside. */
static int write_aside(const char *path, const void *bytes, size_t length, mode_t mode,
		       char aside[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	int fd, err;

	if (snprintf(aside, PATH_MAX, "%.*s.%.200s.XXXXXX", (int)(name - path), path, name) >=
	    PATH_MAX)
		return -ENAMETOOLONG;
	fd = mkostemp(aside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write_all(fd, bytes, length);
	if (!err && (fchmod(fd, mode) || fsync(fd)))
		err = -errno;
	/* a network file system tells here that there was no room */
	if (close(fd) && !err && errno != EINTR)
		err = -errno;
	if (err)
		unlink(aside);
	return err;
}

int file_replace(const char *path, const void *bytes, size_t length, mode_t mode, struct fault *f)
{
	char target[PATH_MAX], aside[PATH_MAX];
	int err;

	if (!realpath(path, target)) {
		if (strlen(path) >= sizeof(target))
			return fault_set(f, ENAMETOOLONG, "\"%s\" is longer than a path can be",
					 path);
		strcpy(target, path);
	}
	err = write_aside(target, bytes, length, mode, aside);
	if (!err && rename(aside, target)) {
		err = -errno;
		unlink(aside);
	}
	if (!err)
		err = sync_folder(target);
	return err ? fault_set(f, -err, "cannot write \"%s\": %s", path, strerror(-err)) : 0;
}

/* Reads to the end of the file, but no more than size bytes; -errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, bytes + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* A file that does not say how long it is, as those of /proc, begins with this much room, bytes. */
enum { FIRST_ROOM = 2048 - 2 };

/*
 * Reads up to max bytes, with room for one byte that shows whether there are more, and for a NUL.
 * How many came; -EAGAIN where it grew meanwhile, -EFBIG, -ENOMEM and others.
 */
static ssize_t read_whole(int fd, size_t max, char **text)
{
	bool known = false;
	size_t size = max < FIRST_ROOM ? max : FIRST_ROOM, have = 0;
	struct stat st;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 && (size_t)st.st_size < max) {
		size = (size_t)st.st_size;
		known = true;
	}
	for (;;) {
		char *bytes = realloc(*text, size + 2);
		ssize_t got;

		if (!bytes)
			return -ENOMEM;
		*text = bytes;
		got = read_all(fd, bytes + have, size + 1 - have);
		if (got < 0)
			return got;
		have += (size_t)got;
		if (have <= size)
			return (ssize_t)have;
		if (known)
			return -EAGAIN;
		if (size == max)
			return -EFBIG;
		size = size > max / 2 ? max : 2 * size;
	}
}

int file_read(const char *path, size_t max, char **text, size_t *length, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *bytes = NULL;
	ssize_t got;

	if (fd < 0)
		return fault_set(f, errno, "cannot read \"%s\": %s", path, strerror(errno));
	got = read_whole(fd, max, &bytes);
	close(fd);
	if (got >= 0) {
		bytes[got] = '\0';
		*text = bytes;
		if (length)
			*length = (size_t)got;
		return 0;
	}
	free(bytes);
	switch (got) {
	case -ENOMEM:
		return fault_no_memory(f);
	case -EAGAIN:
		return fault_set(f, EAGAIN, "\"%s\" grew while it was read", path);
	case -EFBIG:
		return fault_set(f, EFBIG, "\"%s\" is longer than %zu bytes", path, max);
	default:
		return fault_set(f, (int)-got, "cannot read \"%s\": %s", path,
				 strerror((int)-got));
	}
}

static int make_one(const char *path, mode_t mode, struct fault *f)
{
	struct stat st;
	int err;

	if (!mkdir(path, mode))
		return 0;
	err = errno;
	/*
	 * "/" and folders on read-only file systems give other errors than EEXIST, though they are
	 * there
	 */
	if (!stat(path, &st))
		return S_ISDIR(st.st_mode) ? 0 :
					     fault_set(f, ENOTDIR, "\"%s\" is not a folder", path);
	return fault_set(f, err, "cannot make the folder \"%s\": %s", path, strerror(err));
}

int directory_make(const char *path, mode_t mode, struct fault *f)
{
	char part[PATH_MAX];
	size_t length = strlen(path);

	if (length >= sizeof(part))
		return fault_set(f, ENAMETOOLONG, "\"%s\" is longer than a path can be", path);
	memcpy(part, path, length + 1);
	while (length > 1 && part[length - 1] == '/')
		part[--length] = '\0';
	for (char *p = part + 1; length && (p = strchr(p, '/')); *p++ = '/') {
		int err;

		*p = '\0';
		err = make_one(part, 0755, f);
		if (err)
			return err;
	}
	return make_one(part, mode, f);
}

/* Makes the folder path where it is missing, and sees that files can be made in it. */
static int use_directory(const char *path, mode_t mode, struct fault *f)
{
	char inside[PATH_MAX];
	int err;

	/* as it nearly always is: a file is no folder with a "." in it */
	if (snprintf(inside, sizeof(inside), "%s/.", path) < (int)sizeof(inside) &&
	    !access(inside, W_OK | X_OK))
		return 0;
	err = directory_make(path, mode, f);
	if (!err && access(path, W_OK | X_OK))
		err = fault_set(f, errno, "cannot write in the folder \"%s\": %s", path,
				strerror(errno));
	return err;
}

static int copy_path(char *path, size_t size, const char *first, const char *second,
		     struct fault *f)
{
	int length = snprintf(path, size, "%s%s", first, second);

	if (length < 0 || (size_t)length >= size)
		return fault_set(f, ENAMETOOLONG, "\"%s%s\" is longer than a path can be", first,
				 second);
	return 0;
}

/*
 * The folder that a variable of the environment names: 1 where it is set, 0 where not, or -errno.
 */
static int named_directory(const char *variable, char *path, size_t size, struct fault *f)
{
	const char *value = getenv(variable);
	int err;

	if (!value || !*value)
		return 0;
	if (*value != '/')
		return fault_set(f, EINVAL, "%s is \"%s\": write an absolute path", variable,
				 value);
	err = copy_path(path, size, value, "", f);
	if (!err)
		err = use_directory(path, 0755, f);
	return err ? fault_prefix(f, err, "%s", variable) : 1;
}

int state_directory(char *path, size_t size, struct fault *f)
{
	struct fault why;
	int err = named_directory("STOKER_STATE", path, size, f);

	if (err)
		return err > 0 ? 0 : err;
	err = copy_path(path, size, "/var/lib/stoker", "", f);
	if (err)
		return err;
	err = use_directory(path, 0755, &why);
	if (err)
		return fault_set(f, -err,
				 "%s: set STOKER_STATE to a folder of yours, or run as root",
				 why.text);
	return 0;
}

int run_directory(char *path, size_t size, struct fault *f)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct fault why;
	int err = named_directory("STOKER_RUN", path, size, f);

	if (err)
		return err > 0 ? 0 : err;
	err = copy_path(path, size, "/run/stoker", "", f);
	if (err)
		return err;
	err = use_directory(path, 0755, &why);
	if (!err)
		return 0;
	if (!runtime || *runtime != '/')
		return fault_set(f, -err, "%s, and XDG_RUNTIME_DIR is not set: set STOKER_RUN to a "
				 "folder of yours, or run as root", why.text);
	err = copy_path(path, size, runtime, "/stoker", f);
	if (!err)
		err = use_directory(path, 0700, f);
	return err ? fault_prefix(f, err, "XDG_RUNTIME_DIR") : 0;
}
