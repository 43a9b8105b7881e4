/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a console is tried again. See retry.h. */
#include "daemon/retry.h"

#include <errno.h>

bool retry_is_refused(int err)
{
	return err == -EACCES || err == -EPERM || err == -EINVAL || err == -ENOSYS;
}

bool retry_is_taken(int err)
{
	return err == -EBUSY || err == -ESTALE;
}

double retry_after(struct retry *r, int err, double open_s)
{
	double wait = RETRY_FIRST_S;

	if (open_s >= RETRY_STEADY_S)
		r->failures = 0;
	if (retry_is_taken(err))
		return RETRY_MOST_S;
	for (unsigned i = 0; i < r->failures && wait < RETRY_MOST_S; i++)
		wait *= 2;
	r->failures++;
	return wait < RETRY_MOST_S ? wait : RETRY_MOST_S;
}

void retry_hope(struct retry *r)
{
	r->failures = 0;
}
