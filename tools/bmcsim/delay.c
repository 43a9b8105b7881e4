/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that are sent later: a heap of them by time, and one timer for the first. */
#include "bmc.h"
#include "server.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>

struct later {
	double at;
	uint64_t order;			/* of equal times, what came first goes first */
	struct bmc *bmc;
	struct later *next;		/* unused ones */
	struct endpoint to;
	uint16_t length;
	uint8_t bytes[ANSWER_MAX];
};

static struct ev_loop *loop;
static ev_timer timer;
static struct later **heap, *unused;
static size_t n, room;
static uint64_t orders;

static bool before(const struct later *a, const struct later *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void up(size_t i)
{
	struct later *later = heap[i];

	for (; i && before(later, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = later;
}

static void down(size_t i)
{
	struct later *later = heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < n && before(heap[child + 1], heap[child]))
			child++;
		if (child >= n || !before(heap[child], later))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = later;
}

static void set_timer(void)
{
	ev_timer_stop(loop, &timer);
	if (!n)
		return;
	ev_timer_set(&timer, heap[0]->at > now ? heap[0]->at - now : 0, 0);
	ev_timer_start(loop, &timer);
}

static void on_timer(struct ev_loop *ev, ev_timer *w, int events)
{
	(void)ev, (void)w, (void)events;
	while (n && heap[0]->at <= now) {
		struct later *later = heap[0];
		struct answer *answer = server_answer();

		heap[0] = heap[--n];
		if (n)
			down(0);
		answer->bmc = later->bmc;
		answer->to = later->to;
		answer->length = later->length;
		memcpy(answer->bytes, later->bytes, later->length);
		server_commit();
		later->next = unused;
		unused = later;
	}
	set_timer();
}

static struct later *take(void)
{
	struct later *later = unused;

	if (later) {
		unused = later->next;
		return later;
	}
	return malloc(sizeof(*later));
}

void delay_add(const struct answer *answer, double at)
{
	struct later *later = take();

	if (later && n == room) {
		size_t more = room ? 2 * room : 1024;
		struct later **grown = realloc(heap, more * sizeof(struct later *));

		if (grown) {
			heap = grown;
			room = more;
		}
	}
	if (!later || n == room) {
		free(later);
		stats.lost++;
		return;
	}
	later->at = at;
	later->order = orders++;
	later->bmc = answer->bmc;
	later->to = answer->to;
	later->length = (uint16_t)answer->length;
	memcpy(later->bytes, answer->bytes, answer->length);
	heap[n] = later;
	up(n++);
	if (heap[0] == later)
		set_timer();
}

void delay_start(struct ev_loop *on)
{
	loop = on;
	ev_timer_init(&timer, on_timer, 0, 0);
}

void delay_stop(void)
{
	while (n)
		free(heap[--n]);
	while (unused) {
		struct later *later = unused;

		unused = later->next;
		free(later);
	}
	free(heap);
	heap = NULL;
	room = 0;
}
