/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locks of machines. The byte is the name's hash; the names are spread over some files, since the
 * kernel walks through all locks of a file for each new one. See lock.h.
 */
#include "engine/lock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 64, COMMAND_MAX = 80 };

/* descriptor + 1; 0: not open */
static int files[FILES];

static int open_file(unsigned n, int *fd, struct fault *f)
{
	char directory[PATH_MAX - 16], path[PATH_MAX];
	int err;

	if (files[n]) {
		*fd = files[n] - 1;
		return 0;
	}
	err = run_directory(directory, sizeof(directory), f);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/lock", directory);
	err = directory_make(path, 0755, f);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/lock/%02x", directory, n);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	/* another user's: whether it is held can be seen all the same */
	if (*fd < 0 && errno == EACCES &&
	    (*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		errno = EACCES;
	if (*fd < 0)
		return fault_set(f, errno, "cannot lock the machine: %s: %s: set STOKER_RUN to a "
				 "directory that you can write to", path, strerror(errno));
	files[n] = *fd + 1;
	return 0;
}

static struct flock lock_of(const char *machine, short type, unsigned *file)
{
	uint64_t hash = text_hash(machine);

	*file = (unsigned)(hash % FILES);
	return (struct flock){
		.l_type = type, .l_whence = SEEK_SET, .l_len = 1,
		.l_start = (off_t)(hash / FILES & INT64_MAX >> 8),
	};
}

/*
 * The first two words of a process's command line, "stoker off": further ones may hold a password.
 */
static void command_of(pid_t pid, char command[COMMAND_MAX])
{
	char path[64];
	ssize_t n = -1;
	int fd, words = 0;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, command, COMMAND_MAX - 1);
		close(fd);
	}
	command[n > 0 ? n : 0] = '\0';
	for (ssize_t i = 0; i < n && words < 2; i++) {
		if (!command[i] && ++words < 2 && i + 1 < n)
			command[i] = ' ';
	}
}

static int tell_holder(const char *machine, pid_t pid, struct fault *f)
{
	char command[COMMAND_MAX], path[64], age[32] = "?";
	struct stat st;

	command_of(pid, command);
	snprintf(path, sizeof(path), "/proc/%ld", (long)pid);
	if (!stat(path, &st))
		duration_print((uint64_t)(time(NULL) - st.st_ctime) * 1000, age, sizeof(age));
	return fault_set(f, EAGAIN, "%s is being worked on by process %ld%s%s%s, for %s: wait for "
			 "it, or use --wait", machine, (long)pid, *command ? " (" : "", command,
			 *command ? ")" : "", age);
}

int lock_try(const char *name, pid_t *holder, struct fault *f)
{
	unsigned n;
	struct flock lock = lock_of(name, F_WRLCK, &n);
	int fd, err = open_file(n, &fd, f);

	if (err)
		return err;
	while (fcntl(fd, F_SETLK, &lock)) {
		struct flock other = lock;

		err = errno;
		if (fcntl(fd, F_GETLK, &other))
			err = errno;
		else if (other.l_type != F_UNLCK)
			return *holder = other.l_pid, -EAGAIN;
		/* EAGAIN: it was given back between the two calls; EBADF: open to be looked at alone */
		if (err == EBADF)
			err = EACCES;
		if (err != EAGAIN)
			return fault_set(f, err, "cannot lock %s: %s", name, strerror(err));
	}
	return 0;
}

int lock_take(const char *machine, struct fault *f)
{
	pid_t holder;
	int err = lock_try(machine, &holder, f);

	return err == -EAGAIN ? tell_holder(machine, holder, f) : err;
}

void lock_release(const char *name)
{
	unsigned n;
	struct flock lock = lock_of(name, F_UNLCK, &n);

	if (files[n])
		fcntl(files[n] - 1, F_SETLK, &lock);
}

void lock_quit(void)
{
	for (unsigned i = 0; i < FILES; i++) {
		if (files[i])
			close(files[i] - 1);
		files[i] = 0;
	}
}
