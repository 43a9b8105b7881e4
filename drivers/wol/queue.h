/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for something, in order of arrival; anybody may leave at any time. */
#ifndef WOL_QUEUE_H
#define WOL_QUEUE_H

#include <stddef.h>

struct waiter {
	struct queue *queue;		/* NULL: waits for nothing */
	struct waiter *next, *previous;
	void (*wake)(struct waiter *waiter);
};

/* Start with {0}. */
struct queue {
	struct waiter *first, *last;
};

static inline void queue_add(struct queue *queue, struct waiter *waiter)
{
	waiter->queue = queue;
	waiter->next = NULL;
	waiter->previous = queue->last;
	if (queue->last)
		queue->last->next = waiter;
	else
		queue->first = waiter;
	queue->last = waiter;
}

static inline void waiter_leave(struct waiter *waiter)
{
	struct queue *queue = waiter->queue;

	if (!queue)
		return;
	if (waiter->previous)
		waiter->previous->next = waiter->next;
	else
		queue->first = waiter->next;
	if (waiter->next)
		waiter->next->previous = waiter->previous;
	else
		queue->last = waiter->previous;
	waiter->queue = NULL;
}

/* Takes the first out and wakes it. It may come back, and others may come and go meanwhile. */
static inline void queue_wake_first(struct queue *queue)
{
	struct waiter *waiter = queue->first;

	waiter_leave(waiter);
	waiter->wake(waiter);
}

#endif
