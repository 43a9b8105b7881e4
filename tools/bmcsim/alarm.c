/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alarms: a heap of them by time, and one timer for the first. See alarm.h. */
#include "alarm.h"
#include "bmc.h"

#include <ev.h>
#include <stdlib.h>

static struct ev_loop *loop;
static ev_timer timer;
static struct alarm **heap;		/* from 1 on */
static size_t n, room, alarms;

static void put(size_t i, struct alarm *alarm)
{
	heap[i] = alarm;
	alarm->place = i;
}

static void up(size_t i, struct alarm *alarm)
{
	for (; i > 1 && alarm->at < heap[i / 2]->at; i /= 2)
		put(i, heap[i / 2]);
	put(i, alarm);
}

static void down(size_t i, struct alarm *alarm)
{
	for (;;) {
		size_t child = 2 * i;

		if (child < n && heap[child + 1]->at < heap[child]->at)
			child++;
		if (child > n || heap[child]->at >= alarm->at)
			break;
		put(i, heap[child]);
		i = child;
	}
	put(i, alarm);
}

static void move(size_t i, struct alarm *alarm)
{
	if (i > 1 && alarm->at < heap[i / 2]->at)
		up(i, alarm);
	else
		down(i, alarm);
}

static void take_out(struct alarm *alarm)
{
	size_t i = alarm->place;
	struct alarm *last = heap[n--];

	alarm->place = 0;
	if (last != alarm)
		move(i, last);
}

/* The loop's timer is set again only when it would ring too late: one that is too early costs less. */
static void set_timer(void)
{
	double wait;

	if (!loop || !n)
		return;
	wait = heap[1]->at > now ? heap[1]->at - now : 0;
	if (ev_is_active(&timer) && ev_timer_remaining(loop, &timer) <= wait)
		return;
	ev_timer_stop(loop, &timer);
	ev_timer_set(&timer, wait, 0);
	ev_timer_start(loop, &timer);
}

bool alarm_init(struct alarm *alarm, void (*ring)(struct alarm *alarm))
{
	if (alarms + 2 > room) {
		size_t more = room ? 2 * room : 64;
		struct alarm **grown = realloc(heap, more * sizeof(struct alarm *));

		if (!grown)
			return false;
		heap = grown;
		room = more;
	}
	alarms++;
	*alarm = (struct alarm){.ring = ring};
	return true;
}

void alarm_set(struct alarm *alarm, double at)
{
	bool first;

	if (alarm->place && alarm->at == at)
		return;
	alarm->at = at;
	if (alarm->place)
		move(alarm->place, alarm);
	else
		up(++n, alarm);
	first = alarm->place == 1;
	if (first)
		set_timer();
}

void alarm_stop(struct alarm *alarm)
{
	if (alarm->place)
		take_out(alarm);
}

void alarm_ring(void)
{
	while (n && heap[1]->at <= now) {
		struct alarm *alarm = heap[1];

		take_out(alarm);
		alarm->ring(alarm);
	}
}

static void on_timer(struct ev_loop *ev, ev_timer *w, int events)
{
	(void)ev, (void)w, (void)events;
	alarm_ring();
	set_timer();
}

void alarm_start(struct ev_loop *on)
{
	loop = on;
	ev_timer_init(&timer, on_timer, 0, 0);
}

void alarm_end(void)
{
	free(heap);
	heap = NULL;
	n = room = alarms = 0;
	loop = NULL;
}
