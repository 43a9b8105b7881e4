/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Standard input and output without blocking, and without O_NONBLOCK: the flag would be that of the
 * shell and of the rest of the pipeline as well, and would outlive us. Terminals and pipes are
 * opened once more, sockets are asked call by call. Defined by: open(2), proc(5), send(2).
 */
#ifndef CLI_INHERITED_H
#define CLI_INHERITED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Start with {.fd = -1}. */
struct inherited {
	int fd;				/* of our own, to wait for and to close */
	enum {
		INHERITED_OPENED,	/* once more, and does not block */
		INHERITED_SOCKET,
		INHERITED_SHARED,	/* as it is: only when it is ready, a little at a time */
	} kind;
	bool terminal;
};

/* The descriptor fd, to be read or written. 0 or -errno. */
int inherited_open(struct inherited *inherited, int fd, bool writes);
void inherited_close(struct inherited *inherited);

/* Bytes; 0: the end; -EAGAIN; another negative errno. */
ssize_t inherited_read(const struct inherited *inherited, void *bytes, size_t size);
ssize_t inherited_write(const struct inherited *inherited, const void *bytes, size_t length);

#endif
