/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a console that is to be kept open is tried again. */
#ifndef DAEMON_RETRY_H
#define DAEMON_RETRY_H

#include <stdbool.h>

/* Start with {0}. */
struct retry {
	unsigned failures;		/* in a row */
};

enum {
	RETRY_FIRST_S = 1,
	RETRY_MOST_S = 60,
	RETRY_STEADY_S = 10,		/* a console that was open for less counts as a failure */
};

/* Whether only the user can mend it: it must not be tried again before he asks. */
bool retry_is_refused(int err);
/* Whether somebody else has it: it is not to be taken from him. */
bool retry_is_taken(int err);
/*
 * A console has closed with err (see engine/console.h), after it was open for open_s seconds, 0: it
 * never was. Seconds until the next try: 1, 2, 4 … 60 in a row, 60 where somebody else has it.
 */
double retry_after(struct retry *retry, int err, double open_s);
/* There is a reason to hope: begins with short waits again. */
void retry_hope(struct retry *retry);

#endif
