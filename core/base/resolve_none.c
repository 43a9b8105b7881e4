/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Look-ups of names, in a build that has none. See resolve.h. */
#include "base/resolve.h"
#include "base/fault.h"

#include <errno.h>

int resolve_start(struct ev_loop *loop, const char *host, int family, resolve_fn *done, void *data,
		  struct resolve **handle, struct fault *f)
{
	(void)loop, (void)family, (void)done, (void)data, (void)handle;
	return fault_set(f, ENOSYS, "the name \"%s\" cannot be looked up in this build: give an "
			 "address, or enable CONFIG_RESOLVER", host);
}

void resolve_cancel(struct resolve *handle)
{
	(void)handle;
}

void resolve_quit(void)
{
}
