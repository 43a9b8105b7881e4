/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points at which this program dies for a test. See crash.h. */
#include "base/crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void crash_point(const char *name)
{
	const char *wanted = getenv("STOKER_CRASH");

	if (wanted && !strcmp(wanted, name))
		kill(getpid(), SIGKILL);
}
