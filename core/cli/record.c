/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a console says is added to a file. See record.h. */
#include "cli/record.h"
#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int record_open(struct record *r, const char *path, struct fault *f)
{
	/* one that nobody reads must not hold us up */
	r->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	r->path = path;
	r->missing = 0;
	if (r->fd < 0)
		return fault_set(f, errno, "cannot log to \"%s\": %s", path, strerror(errno));
	return 0;
}

/* Bytes written; *err becomes why it was not all. */
static size_t put(int fd, const unsigned char *bytes, size_t length, int *err)
{
	size_t done = 0;

	*err = 0;
	while (done < length && !*err) {
		ssize_t n = write(fd, bytes + done, length - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			*err = errno;
	}
	return done;
}

int record_bytes(struct record *r, const void *bytes, size_t length, struct fault *f)
{
	size_t missing = r->missing, n;
	int err;

	if (r->fd < 0)
		return 0;
	n = put(r->fd, bytes, length, &err);
	if (err) {
		r->missing += length - n;
		fault_set(f, err, "cannot log to %s: %s: the console goes on, its log later",
			  r->path, strerror(err));
		return !missing;
	}
	r->missing = 0;
	fault_set(f, 0, "%s goes on: %zu bytes are missing in it", r->path, missing);
	return missing != 0;
}

void record_close(struct record *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}
