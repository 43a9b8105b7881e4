/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In place of console.c in builds without consoles. See console.h. */
#include "engine/console.h"

#include <errno.h>

int console_print(const struct machine *machine, struct buffer *out)
{
	(void)machine, (void)out;
	return -ENOSYS;
}
