/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consoles through the server, in a build that has it. */
#ifndef CLI_SERVED_H
#define CLI_SERVED_H

#include "cli/attach.h"

#include <stdbool.h>

struct console;
struct console_events;
struct ev_loop;
struct fault;

/* Whether a server is there, and lets us in. */
bool served_is_there(void);
/* As console_open. */
int served_open(struct ev_loop *loop, const char *machine, enum attach_mode mode,
		const struct console_events *events, void *data, struct console **console,
		struct fault *f);

#endif
