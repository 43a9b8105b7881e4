/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input and output without blocking. See inherited.h. */
#include "cli/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What goes into a terminal or a pipe that can be written to, more or less surely. */
enum { LITTLE = 256 };

/*
 * Once more, with flags of its own. A file would have an offset of its own, too; a terminal that
 * belongs to another user, as behind su, cannot be opened.
 */
static int open_again(int fd, const struct stat *st, bool writes)
{
	int flags = fcntl(fd, F_GETFL), wanted = writes ? O_WRONLY : O_RDONLY;
	char path[32];

	if (flags < 0 || !(S_ISCHR(st->st_mode) || S_ISFIFO(st->st_mode)))
		return -1;
	if ((flags & O_ACCMODE) != wanted && (flags & O_ACCMODE) != O_RDWR)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, wanted | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int inherited_open(struct inherited *in, int fd, bool writes)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	in->kind = S_ISSOCK(st.st_mode) ? INHERITED_SOCKET : INHERITED_OPENED;
	in->terminal = isatty(fd);
	in->fd = open_again(fd, &st, writes);
	if (in->fd >= 0)
		return 0;
	if (in->kind != INHERITED_SOCKET)
		in->kind = INHERITED_SHARED;
	in->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return in->fd < 0 ? -errno : 0;
}

void inherited_close(struct inherited *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
}

static bool is_ready(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, 0) > 0;
}

ssize_t inherited_read(const struct inherited *in, void *bytes, size_t size)
{
	ssize_t n;

	if (in->kind == INHERITED_SHARED && !is_ready(in->fd, POLLIN))
		return -EAGAIN;
	n = in->kind == INHERITED_SOCKET ? recv(in->fd, bytes, size, MSG_DONTWAIT) :
					   read(in->fd, bytes, size);
	return n >= 0 ? n : errno == EINTR ? -EAGAIN : -errno;
}

ssize_t inherited_write(const struct inherited *in, const void *bytes, size_t length)
{
	ssize_t n;

	if (in->kind == INHERITED_SHARED && !is_ready(in->fd, POLLOUT))
		return -EAGAIN;
	if (in->kind == INHERITED_SHARED && length > LITTLE)
		length = LITTLE;
	n = in->kind == INHERITED_SOCKET ?
	    send(in->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) :
	    write(in->fd, bytes, length);
	return n >= 0 ? n : errno == EINTR ? -EAGAIN : -errno;
}
