/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consoles through the server. See served.h. */
#include "cli/served.h"
#include "base/fault.h"
#include "daemon/remote.h"
#include "engine/console.h"
#include "model/machine.h"

#include <stdio.h>

bool served_is_there(void)
{
	return control_is_there();
}

int served_open(struct ev_loop *loop, const char *machine, enum attach_mode mode,
		const struct console_events *events, void *data, struct console **console,
		struct fault *f)
{
	static const char *const modes[] = {
		[ATTACH_WRITE] = "write", [ATTACH_JOIN] = "join", [ATTACH_STEAL] = "steal",
		[ATTACH_MONITOR] = "monitor",
	};
	char argument[NAME_LENGTH_MAX + 16];

	snprintf(argument, sizeof(argument), "%s %s", modes[mode], machine);
	return console_open_by(loop, &remote_console_ops, argument, events, data, console, f);
}
