/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes: fan-out and rate of each driver. See lane.h. */
#include "engine/lane.h"
#include "engine/driver.h"

#include <ev.h>
#include <stdlib.h>

enum { FANOUT = 64 };

struct lane {
	const struct driver *driver;
	unsigned limit, in_flight;
	unsigned rate;			/* starts a second; 0: no limit */
	double credit, refilled;	/* starts that are free now, and when that was counted */
	struct attempt *first, **tail;
	struct attempt **looks;		/* behind the last one that looks */
};

struct lanes {
	struct ev_loop *loop;
	void (*start)(void *data, struct attempt *attempt);
	void *data;
	ev_timer refill;
	unsigned n;
	struct lane lane[];
};

/* What may go out at once after a pause: a twentieth of a second's worth. */
static double burst(const struct lane *lane)
{
	return lane->rate > 20 ? lane->rate / 20.0 : 1;
}

static void on_refill(struct ev_loop *loop, ev_timer *timer, int events)
{
	/* it only ends the loop's sleep: lanes_run, called each round, does the rest */
	(void)loop, (void)timer, (void)events;
}

struct lanes *lanes_new(struct ev_loop *loop, const struct model *model, unsigned fanout,
			void (*start)(void *data, struct attempt *attempt), void *data)
{
	struct lanes *lanes;
	unsigned n = 0;

	while (driver_at(n))
		n++;
	lanes = calloc(1, sizeof(*lanes) + n * sizeof(lanes->lane[0]));
	if (!lanes)
		return NULL;
	lanes->loop = loop;
	lanes->start = start;
	lanes->data = data;
	lanes->n = n;
	ev_init(&lanes->refill, on_refill);
	for (unsigned i = 0; i < n; i++) {
		struct lane *lane = &lanes->lane[i];

		lane->driver = driver_at(i);
		lane->limit =
			fanout ? fanout : lane->driver->fanout ? lane->driver->fanout : FANOUT;
		lane->rate = lane->driver->rate ? lane->driver->rate(model) : 0;
		lane->credit = burst(lane);
		lane->refilled = ev_now(loop);
		lane->tail = lane->looks = &lane->first;
	}
	return lanes;
}

void lanes_stop(struct lanes *lanes)
{
	ev_timer_stop(lanes->loop, &lanes->refill);
}

void lanes_free(struct lanes *lanes)
{
	if (!lanes)
		return;
	lanes_stop(lanes);
	free(lanes);
}

static struct lane *lane_of(struct lanes *lanes, const struct attempt *a)
{
	unsigned i = 0;

	while (lanes->lane[i].driver != a->driver)
		i++;
	return &lanes->lane[i];
}

void lane_queue(struct lanes *lanes, struct attempt *attempt, bool looks)
{
	struct lane *lane = lane_of(lanes, attempt);

	attempt->phase = ATTEMPT_QUEUED;
	attempt->link = looks ? lane->looks : lane->tail;
	attempt->next = *attempt->link;
	*attempt->link = attempt;
	if (attempt->next)
		attempt->next->link = &attempt->next;
	else
		lane->tail = &attempt->next;
	if (looks)
		lane->looks = &attempt->next;
}

void lane_remove(struct lanes *lanes, struct attempt *attempt)
{
	struct lane *lane = lane_of(lanes, attempt);

	*attempt->link = attempt->next;
	if (attempt->next)
		attempt->next->link = attempt->link;
	else
		lane->tail = attempt->link;
	if (lane->looks == &attempt->next)
		lane->looks = attempt->link;
}

void lane_leave(struct lanes *lanes, struct attempt *attempt)
{
	lane_of(lanes, attempt)->in_flight--;
}

static void refill(struct lanes *lanes, struct lane *lane)
{
	double now = ev_now(lanes->loop);

	/* the clock may have been set back */
	if (now > lane->refilled)
		lane->credit += (now - lane->refilled) * lane->rate;
	lane->refilled = now;
	if (lane->credit > burst(lane))
		lane->credit = burst(lane);
}

/* One timer serves all lanes: the one that may go on first sets it. */
static void wake_after(struct lanes *lanes, double seconds)
{
	/* at least a millisecond's worth at a time, or the loop would spin at high rates */
	double wait = seconds > 0.001 ? seconds : 0.001;

	if (ev_is_active(&lanes->refill) &&
	    ev_timer_remaining(lanes->loop, &lanes->refill) <= wait)
		return;
	ev_timer_stop(lanes->loop, &lanes->refill);
	ev_timer_set(&lanes->refill, wait, 0);
	ev_timer_start(lanes->loop, &lanes->refill);
}

/* Whether the lane may start one; sets the timer where only the rate is in the way. */
static bool may_start(struct lanes *lanes, struct lane *lane)
{
	if (!lane->first || lane->in_flight >= lane->limit)
		return false;
	if (!lane->rate)
		return true;
	refill(lanes, lane);
	if (lane->credit >= 1)
		return true;
	wake_after(lanes, (1 - lane->credit) / lane->rate);
	return false;
}

void lanes_run(struct lanes *lanes, unsigned most)
{
	for (unsigned i = 0; i < lanes->n; i++) {
		struct lane *lane = &lanes->lane[i];

		for (unsigned started = 0; started < most && may_start(lanes, lane); started++) {
			struct attempt *a = lane->first;

			lane_remove(lanes, a);
			lane->in_flight++;
			if (lane->rate)
				lane->credit -= 1;
			lanes->start(lanes->data, a);
		}
	}
}

bool lanes_can_start(struct lanes *lanes)
{
	for (unsigned i = 0; i < lanes->n; i++) {
		if (may_start(lanes, &lanes->lane[i]))
			return true;
	}
	return false;
}
