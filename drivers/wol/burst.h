/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One attempt to wake one machine: its packets, an interval apart, to all its destinations. */
#ifndef WOL_BURST_H
#define WOL_BURST_H

struct attempt;

void burst_start(struct attempt *attempt);
void burst_cancel(struct attempt *attempt);
/* Closes and forgets all that bursts share. */
void burst_quit(void);

#endif
