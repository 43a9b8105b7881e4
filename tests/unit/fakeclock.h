/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A clock that only runs while the loop sleeps, and then at once: tests of deadlines take no time
 * and always see the same. Off until fakeclock_start.
 */
#ifndef FAKECLOCK_H
#define FAKECLOCK_H

void fakeclock_start(void);
void fakeclock_stop(void);
/* Seconds since fakeclock_start. */
double fakeclock_now(void);

#endif
