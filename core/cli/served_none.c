/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build without the server. See served.h. */
#include "cli/served.h"
#include "base/fault.h"

#include <errno.h>

bool served_is_there(void)
{
	return false;
}

int served_open(struct ev_loop *loop, const char *machine, enum attach_mode mode,
		const struct console_events *events, void *data, struct console **console,
		struct fault *f)
{
	(void)loop, (void)mode, (void)events, (void)data, (void)console;
	return fault_set(f, ENOSYS, "%s: the server is not in this build: enable CONFIG_DAEMON",
			 machine);
}
