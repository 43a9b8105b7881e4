/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes: where attempts wait until their driver may take one more, one lane a driver. */
#ifndef ENGINE_LANE_H
#define ENGINE_LANE_H

#include <stdbool.h>

struct attempt;
struct ev_loop;
struct lanes;
struct model;

/*
 * fanout: attempts in flight in every lane; 0: as each driver sets. start is called by lanes_run.
 */
struct lanes *lanes_new(struct ev_loop *loop, const struct model *model, unsigned fanout,
			void (*start)(void *data, struct attempt *attempt), void *data);
void lanes_free(struct lanes *lanes);

/* The attempt waits, ATTEMPT_QUEUED, until lanes_run starts it. */
/* looks: it goes before those that do not. */
void lane_queue(struct lanes *lanes, struct attempt *attempt, bool looks);
/* It no longer waits. */
void lane_remove(struct lanes *lanes, struct attempt *attempt);
/* It has been started and is over. */
void lane_leave(struct lanes *lanes, struct attempt *attempt);
/* Starts what fan-out and rate allow, at most this many. */
void lanes_run(struct lanes *lanes, unsigned most);
/* Whether lanes_run would start something now. */
bool lanes_can_start(struct lanes *lanes);
/* Stops the timer that waits for the rate to allow more. */
void lanes_stop(struct lanes *lanes);

#endif
