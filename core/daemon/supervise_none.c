/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build without guests has nobody to supervise. See supervise.h. */
#include "daemon/supervise.h"

#include <stddef.h>

int supervise_start(struct server *server, struct fault *f)
{
	return (void)server, (void)f, 0;
}

void supervise_downed(struct server *server, const struct machine *machine)
{
	(void)server, (void)machine;
}

void supervise_end(struct server *server)
{
	(void)server;
}

bool supervise_is_busy(const struct server *server)
{
	return (void)server, false;
}

void supervise_stop(struct server *server)
{
	(void)server;
}
