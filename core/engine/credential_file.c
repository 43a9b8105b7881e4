/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which files may hold a secret: regular ones that nobody but their owner can read or write, owned
 * by who runs the program or by root; and pipes that the caller hands over as /dev/stdin or
 * /dev/fd/N.
 */
#include "base/fault.h"
#include "base/text.h"
#include "engine/credential_source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The descriptor that a path stands for, or -1 for a path like another. */
static int descriptor_of(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	uint64_t number;

	if (!strcmp(path, "/dev/stdin"))
		return STDIN_FILENO;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		size_t length = strlen(folders[i]);

		if (!strncmp(path, folders[i], length) &&
		    !number_parse(path + length, "descriptor", 0, INT_MAX, &number, NULL))
			return (int)number;
	}
	return -1;
}

/* name: what to call it in an advice. */
static int look_at_file(const char *name, const struct stat *st, struct fault *f)
{
	if (!S_ISREG(st->st_mode))
		return fault_set(f, EINVAL, "it is not a regular file%s",
				 S_ISFIFO(st->st_mode) ?
				 ": a pipe is given as /dev/stdin or /dev/fd/N" : "");
	if (st->st_uid != geteuid() && st->st_uid)
		return fault_set(f, EACCES, "it belongs to user %u: it must belong to user %u, who "
				 "runs this, or to root: chown %u %s", st->st_uid, geteuid(),
				 geteuid(), name);
	if (st->st_mode & (S_IRGRP | S_IROTH))
		return fault_set(f, EACCES, "others can read it (mode %04o): chmod 600 %s",
				 st->st_mode & 07777, name);
	/* who could change it could have accounts locked */
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return fault_set(f, EACCES, "others can write it (mode %04o): chmod 600 %s",
				 st->st_mode & 07777, name);
	return 0;
}

int secret_file_open(const char *path, int *fd, bool *pipe, struct fault *f)
{
	int given = descriptor_of(path), err = 0;
	struct stat st;

	*pipe = false;
	/* programs that are run later would have it, too */
	if (given > STDERR_FILENO)
		fcntl(given, F_SETFD, FD_CLOEXEC);
	/*
	 * A descriptor is not opened by its path: that would belong to root since the first secret.
	 * What is no file of secrets may wait for ever when it is opened.
	 */
	*fd = given >= 0 ? fcntl(given, F_DUPFD_CLOEXEC, 3) :
	      open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd < 0 || fstat(*fd, &st))
		err = fault_set(f, errno, "%s", strerror(errno));
	else if (given >= 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		*pipe = true;
	else
		err = look_at_file(given < 0 ? path : "the file behind it", &st, f);
	if (err && *fd >= 0)
		close(*fd);
	return err;
}
