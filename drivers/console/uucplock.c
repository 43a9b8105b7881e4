/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lock files of serial ports. Defined by: Filesystem Hierarchy Standard 3.0, section 5.9 (the HDB
 * UUCP format: ten characters of a decimal number, and a newline). Some programs write the number
 * as binary, as UUCP did before: those are understood.
 */
#include "uucplock.h"
#include "base/fault.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 5, NAME_SIZE = 16 };

/* "/dev/pts/3" is LCK..pts_3; a folder that is missing would have no lock in it. */
static int lock_path(const char *folder, const char *device, char **path, struct fault *f)
{
	char real[PATH_MAX], *name;

	if (!realpath(device, real))
		return fault_set(f, errno, "there is no device \"%s\": %s", device,
				 strerror(errno));
	name = strncmp(real, "/dev/", 5) ? real + 1 : real + 5;
	for (char *p = name; *p; p++) {
		if (*p == '/')
			*p = '_';
	}
	return asprintf(path, "%s/LCK..%s", folder, name) < 0 ? fault_no_memory(f) : 0;
}

/* The process that a lock file names; 0: none that could be one. -errno: it cannot be read. */
static long holder_of(const char *path)
{
	char *text, *end;
	size_t length;
	int number;
	long pid;
	int err = file_read(path, 64, &text, &length, NULL);

	if (err)
		return err;
	pid = strtol(text, &end, 10);
	if (length == sizeof(number) && (end == text || *end)) {
		memcpy(&number, text, sizeof(number));
		pid = number;
	} else if (end == text) {
		pid = 0;
	}
	free(text);
	return pid > 0 ? pid : 0;
}

/* "minicom", or "". */
static void name_of(long pid, char name[NAME_SIZE])
{
	char path[64], *text;

	*name = '\0';
	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	if (file_read(path, 64, &text, NULL, NULL))
		return;
	snprintf(name, NAME_SIZE, "%.*s", (int)strcspn(text, "\n"), text);
	free(text);
}

/*
 * 0 where nobody has it any more. One without a number was made a moment ago by who writes it in
 * two steps, or was left by a crash: it counts, since nobody can tell.
 */
static int look_at_holder(const char *path, struct fault *f)
{
	long pid = holder_of(path);
	char name[NAME_SIZE];

	if (pid == -ENOENT)
		return 0;
	if (pid < 0)
		return fault_set(f, (int)-pid, "the lock file %s cannot be read: %s", path,
				 strerror((int)-pid));
	if (!pid)
		return fault_set(f, EBUSY, "the lock file %s names no process: remove it if nothing "
				 "uses the port", path);
	if (pid == getpid())
		return fault_set(f, EBUSY, "another console of this program has it (%s)", path);
	if (kill((pid_t)pid, 0) && errno == ESRCH) {
		if (!unlink(path) || errno == ENOENT)
			return 0;
		return fault_set(f, errno, "the lock file %s of process %ld, which is no more, "
				 "cannot be removed: %s", path, pid, strerror(errno));
	}
	name_of(pid, name);
	return fault_set(f, EBUSY, "process %ld%s%s%s has it (%s)", pid, *name ? " (" : "", name,
			 *name ? ")" : "", path);
}

/* A file of our own in the folder: linked to the lock's name it is there whole, or not at all. */
static int make_aside(const char *folder, char **aside, struct fault *f)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%10ld\n", (long)getpid()), fd, err = 0;

	if (asprintf(aside, "%s/LTMP.XXXXXX", folder) < 0)
		return fault_no_memory(f);
	fd = mkostemp(*aside, O_CLOEXEC);
	if (fd < 0) {
		err = fault_set(f, errno, errno == ENOENT ? "there is no folder %s for lock files: "
				"%s" : "no lock file can be made in %s: %s", folder,
				strerror(errno));
		free(*aside);
		return err;
	}
	if (fchmod(fd, 0644) || write(fd, text, (size_t)n) != n)
		err = fault_set(f, errno, "no lock file can be written in %s: %s", folder,
				strerror(errno));
	close(fd);
	if (err) {
		unlink(*aside);
		free(*aside);
	}
	return err;
}

static int link_there(const char *aside, const char *path, struct fault *f)
{
	for (int tries = 0; link(aside, path); tries++) {
		int err;

		if (errno != EEXIST)
			return fault_set(f, errno, "the lock file %s cannot be made: %s", path,
					 strerror(errno));
		if (tries == TRIES)
			return fault_set(f, EBUSY, "somebody else takes and leaves it all the time "
					 "(%s)", path);
		err = look_at_holder(path, f);
		if (err)
			return err;
	}
	return 0;
}

int uucplock_take(const char *folder, const char *device, char **path, struct fault *f)
{
	char *aside, *there;
	int err = lock_path(folder, device, &there, f);

	if (err)
		return err;
	err = make_aside(folder, &aside, f);
	if (!err) {
		err = link_there(aside, there, f);
		unlink(aside);
		free(aside);
	}
	if (err)
		free(there);
	else
		*path = there;
	return err;
}

void uucplock_release(const char *path)
{
	if (holder_of(path) == getpid())
		unlink(path);
}
