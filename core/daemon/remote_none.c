/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build that shows consoles and has no server: there is none to ask. See remote.h. */
#include "daemon/remote.h"
#include "engine/console.h"

#include <errno.h>

bool control_is_there(void)
{
	return false;
}

static void remote_open(struct console *console)
{
	console_closed(console, -ENOSYS, "the console server is not in this build: enable "
		       "CONFIG_DAEMON");
}

static size_t remote_write(struct console *console, const unsigned char *bytes, size_t length)
{
	(void)console, (void)bytes, (void)length;
	return 0;
}

static void remote_close(struct console *console)
{
	console_closed(console, 0, "closed");
}

const struct console_ops remote_console_ops = {
	.open = remote_open, .write = remote_write, .close = remote_close,
};
