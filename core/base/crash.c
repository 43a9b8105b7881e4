/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points at which this program dies for a test. See crash.h. */
#include "base/crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void meet(const char *variable, const char *name, int signal)
{
	const char *wanted = getenv(variable);

	if (wanted && !strcmp(wanted, name))
		kill(getpid(), signal);
}

void crash_point(const char *name)
{
	meet("STOKER_CRASH", name, SIGKILL);
	meet("STOKER_STOP", name, SIGSTOP);
}
