/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of what a program says. See log.h. */
#include "base/keeper/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void begin(struct keeper_log *log)
{
	struct stat st;

	log->fd = openat(log->folder, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
			 0600);
	log->size = log->fd >= 0 && !fstat(log->fd, &st) ? (size_t)st.st_size : 0;
}

void keeper_log_open(struct keeper_log *log, int folder)
{
	log->folder = folder;
	begin(log);
}

static void turn(struct keeper_log *log)
{
	keeper_log_close(log);
	/* where it cannot be renamed it must not grow either */
	if (renameat(log->folder, "log", log->folder, "log.1"))
		unlinkat(log->folder, "log", 0);
	begin(log);
}

void keeper_log_write(struct keeper_log *log, const unsigned char *bytes, size_t length)
{
	if (log->fd >= 0 && log->size + length > KEEPER_LOG_MAX)
		turn(log);
	while (log->fd >= 0 && length) {
		ssize_t n = write(log->fd, bytes, length);

		if (n <= 0)
			return;
		bytes += n;
		length -= (size_t)n;
		log->size += (size_t)n;
	}
}

void keeper_log_close(struct keeper_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}
