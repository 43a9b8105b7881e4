/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of what a program says: the file "log" in a folder, and "log.1" with what was before. */
#ifndef KEEPER_LOG_H
#define KEEPER_LOG_H

#include <stddef.h>

/* Together the two files hold at most twice as many bytes, and at least the last so many. */
enum { KEEPER_LOG_MAX = 1 << 20 };

struct keeper_log {
	int folder, fd;			/* fd < 0: nothing is written */
	size_t size;
};

/* folder: a descriptor, which must outlive it. Goes on where the last one ended. */
void keeper_log_open(struct keeper_log *log, int folder);
/* A full disk only costs the log. */
void keeper_log_write(struct keeper_log *log, const unsigned char *bytes, size_t length);
void keeper_log_close(struct keeper_log *log);

#endif
