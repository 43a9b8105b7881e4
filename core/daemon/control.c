/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the control socket is, and what the server is told in passing. See remote.h, wire.h. */
#include "base/fault.h"
#include "base/local.h"
#include "config/VERSION.h"
#include "daemon/remote.h"
#include "daemon/wire.h"
#include "engine/plan.h"
#include "model/machine.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
		return fault_set(f, err, "`stoker daemon` is busy: it has not taken the "
				 "connections that wait at \"%s\" yet", path);
	if (err == ENAMETOOLONG)
		return fault_set(f, err, "\"%s\" is longer than the name of a socket can be: set "
				 "STOKER_RUN to a shorter one", path);
	return fault_set(f, err, "cannot connect to \"%s\": %s", path, strerror(err));
}

int control_connect(struct fault *f)
{
	char path[PATH_MAX];
	int fd, err = control_path(path, sizeof(path), f);

	if (err)
		return err;
	fd = local_connect(path);
	return fd < 0 ? tell_unreachable(path, -fd, f) : fd;
}

bool control_is_there(void)
{
	int fd = control_connect(NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* --- telling -------------------------------------------------------------------------------- */

/* What a server is told in passing goes by one connection, which ends with the program. */
static int teller = -1;

/* Whether it took all of it; who has other worries, or has ended, is not told. */
static bool tell(const unsigned char *bytes, size_t length)
{
	bool told = send(teller, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;

	if (!told) {
		close(teller);
		teller = -1;
	}
	return told;
}

static bool say_hello(void)
{
	unsigned char bytes[WIRE_HEAD + 64];
	size_t length = strlen(STOKER_VERSION);

	teller = control_connect(NULL);
	if (teller < 0)
		return false;
	wire_head(bytes, WIRE_HELLO, 2 + length);
	wire_put16(bytes + WIRE_HEAD, WIRE_VERSION);
	memcpy(bytes + WIRE_HEAD + 2, STOKER_VERSION, length);
	return tell(bytes, WIRE_HEAD + 2 + length);
}

static void tell_machines(enum wire_type type, const char *const *machines, size_t n)
{
	static unsigned char bytes[WIRE_HEAD + WIRE_PAYLOAD];
	size_t length = 0;

	for (size_t i = 0; i < n && length + strlen(machines[i]) < WIRE_PAYLOAD; i++) {
		strcpy((char *)bytes + WIRE_HEAD + length, machines[i]);
		length += strlen(machines[i]) + 1;
	}
	wire_head(bytes, type, length);
	if (!length || (teller >= 0 && tell(bytes, WIRE_HEAD + length)))
		return;
	if (say_hello())
		tell(bytes, WIRE_HEAD + length);
}

void control_tell_powered(const char *const *machines, size_t n)
{
	tell_machines(WIRE_POWERED, machines, n);
}

void control_tell_step(const struct step *step)
{
	const enum verb verb = step->verb;

	if (verb_info(verb)->looks)
		return;
	if (step->outcome.ok && (verb == VERB_ON || verb == VERB_CYCLE || verb == VERB_RESET ||
				 verb == VERB_START || verb == VERB_RESTORE))
		tell_machines(WIRE_POWERED, &step->machine->name, 1);
	/* also where it is not known whether it had its effect: it was wanted */
	else if (verb == VERB_OFF || verb == VERB_SOFT || verb == VERB_STOP || verb == VERB_SAVE ||
		 verb == VERB_MIGRATE)
		tell_machines(WIRE_DOWNED, &step->machine->name, 1);
}
