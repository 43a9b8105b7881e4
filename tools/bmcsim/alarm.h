/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alarms: calls at a time of the clock. Any number of them need one timer of the loop. */
#ifndef BMCSIM_ALARM_H
#define BMCSIM_ALARM_H

#include <stdbool.h>
#include <stddef.h>

struct ev_loop;

struct alarm {
	double at;
	size_t place;			/* in the heap, from 1 on; 0: it is not set */
	void (*ring)(struct alarm *alarm);
};

/* A new one, not set. False without memory: setting it never fails then. */
bool alarm_init(struct alarm *alarm, void (*ring)(struct alarm *alarm));

/* Rings once, at this time; what was set before does not count any more. */
void alarm_set(struct alarm *alarm, double at);
void alarm_stop(struct alarm *alarm);

/* Rings all whose time has come (now, bmc.h). */
void alarm_ring(void);

/* From now on they ring by themselves. */
void alarm_start(struct ev_loop *loop);
void alarm_end(void);

#endif
