/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In this build addresses are written down. See dhcp.h. */
#include "base/fault.h"
#include "init/dhcp.h"

#include <errno.h>

int dhcp_set(const struct link *link, const struct setting *wish, struct fault *f)
{
	(void)link, (void)wish;
	return fault_set(f, ENOSYS, "ip=dhcp: init has no DHCP client: write "
			 "ip=ADDRESS::GATEWAY:NETMASK, or leave it out: waking needs no address");
}
