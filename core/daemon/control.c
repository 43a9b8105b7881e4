/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the control socket is, and what the server is told in passing. See remote.h, wire.h. */
#include "base/fault.h"
#include "config/VERSION.h"
#include "daemon/remote.h"
#include "daemon/wire.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * Not run_directory: that is where we may write, and the server that we may use runs mostly as
 * somebody else.
 */
int control_path(char *path, size_t size, struct fault *f)
{
	const char *run = getenv("STOKER_RUN"), *runtime = getenv("XDG_RUNTIME_DIR");
	int length = 0;

	if (run && *run) {
		length = snprintf(path, size, "%s/control", run);
	} else {
		length = snprintf(path, size, "/run/stoker/control");
		if (access(path, F_OK) && runtime && *runtime == '/')
			length = snprintf(path, size, "%s/stoker/control", runtime);
	}
	if (length < 0 || (size_t)length >= size)
		return fault_set(f, ENAMETOOLONG, "\"%s/control\" is longer than a path can be",
				 run && *run ? run : runtime);
	return 0;
}

static int tell_unreachable(const char *path, int err, struct fault *f)
{
	if (err == ENOENT || err == ECONNREFUSED)
		return fault_set(f, ECONNREFUSED, "no `stoker daemon` runs: nobody listens at "
				 "\"%s\"", path);
	if (err == EAGAIN)
		return fault_set(f, err, "`stoker daemon` is busy: it has not taken the connections "
				 "that wait at \"%s\" yet", path);
	return fault_set(f, err, "cannot connect to \"%s\": %s", path, strerror(err));
}

int control_connect(struct fault *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[PATH_MAX];
	int fd, err = control_path(path, sizeof(path), f);

	if (err)
		return err;
	if (strlen(path) >= sizeof(address.sun_path))
		return fault_set(f, ENAMETOOLONG, "\"%s\" is longer than the %zu bytes that the name "
				 "of a socket can have: set STOKER_RUN to a shorter one", path,
				 sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fault_set(f, errno, "cannot make a socket: %s", strerror(errno));
	if (!connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = errno;
	close(fd);
	return tell_unreachable(path, err, f);
}

bool control_is_there(void)
{
	int fd = control_connect(NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* A frame behind what is there already. */
static size_t add_frame(unsigned char *to, enum wire_type type, size_t length)
{
	wire_head(to, type, length);
	return WIRE_HEAD + length;
}

void control_tell_powered(const char *const *machines, size_t n)
{
	static unsigned char bytes[2 * WIRE_HEAD + 64 + WIRE_PAYLOAD];
	size_t length, names = 0, start;
	int fd = n ? control_connect(NULL) : -1;

	if (fd < 0)
		return;
	wire_put16(bytes + WIRE_HEAD, WIRE_VERSION);
	memcpy(bytes + WIRE_HEAD + 2, STOKER_VERSION, strlen(STOKER_VERSION));
	start = add_frame(bytes, WIRE_HELLO, 2 + strlen(STOKER_VERSION));
	for (size_t i = 0; i < n; i++) {
		length = strlen(machines[i]) + 1;
		if (names + length > WIRE_PAYLOAD)
			break;
		memcpy(bytes + start + WIRE_HEAD + names, machines[i], length);
		names += length;
	}
	/* a socket that does not take it at once belongs to a server that has other worries */
	if (send(fd, bytes, start + add_frame(bytes + start, WIRE_POWERED, names),
		 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		names = 0;
	close(fd);
}
