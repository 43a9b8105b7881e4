/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of a plan as a whole. See sequence.h. */
#include "engine/sequence.h"
#include "base/fault.h"
#include "engine/ladder.h"
#include "engine/plan.h"

#include <stdlib.h>
#include <string.h>

/* --- steps in the order in which they can be done -------------------------------------------- */

/* Steps that wait for none that is not taken yet: a heap, the one that comes first on top. */
struct heap {
	uint32_t *steps;
	size_t n;
	const bool *early;
};

static bool comes_before(const struct heap *h, uint32_t a, uint32_t b)
{
	if (h->early && h->early[a] != h->early[b])
		return h->early[a];
	return a < b;
}

static void swap(uint32_t *a, uint32_t *b)
{
	uint32_t kept = *a;

	*a = *b;
	*b = kept;
}

static void heap_push(struct heap *h, uint32_t step)
{
	size_t i = h->n++;

	h->steps[i] = step;
	for (; i && comes_before(h, h->steps[i], h->steps[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&h->steps[i], &h->steps[(i - 1) / 2]);
}

static uint32_t heap_pop(struct heap *h)
{
	uint32_t top = h->steps[0];

	h->steps[0] = h->steps[--h->n];
	for (size_t i = 0, child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && comes_before(h, h->steps[child + 1], h->steps[child]))
			child++;
		if (comes_before(h, h->steps[i], h->steps[child]))
			break;
		swap(&h->steps[i], &h->steps[child]);
	}
	return top;
}

/* As they stand in the plan, early ones first, but none before what it waits for. To be freed. */
static uint32_t *sorted(const struct plan *plan, const bool *early)
{
	size_t n = plan->n ? plan->n : 1, taken = 0;
	uint32_t *waits = calloc(n, sizeof(*waits)), *order = calloc(n, sizeof(*order));
	struct heap heap = {.steps = calloc(n, sizeof(*heap.steps)), .early = early};

	if (!waits || !order || !heap.steps) {
		free(order);
		order = NULL;
		goto out;
	}
	for (size_t i = 0; i < plan->n; i++) {
		waits[i] = plan->steps[i].waits_for;
		if (!waits[i])
			heap_push(&heap, (uint32_t)i);
	}
	while (heap.n) {
		uint32_t number = heap_pop(&heap);
		const struct step *step = &plan->steps[number];

		order[taken++] = number;
		for (uint32_t i = 0; i < step->ndependents; i++) {
			uint32_t next = plan->dependents[step->first_dependent + i].step;

			if (!--waits[next])
				heap_push(&heap, next);
		}
	}
out:
	free(waits);
	free(heap.steps);
	return order;
}

/* --- sequences ------------------------------------------------------------------------------- */

static bool is_early(const struct sequence *sequence, uint32_t step)
{
	return sequence->early && sequence->early[step];
}

static uint32_t pause_after(const struct sequence *sequence, uint32_t step)
{
	return sequence->pause_ms && !is_early(sequence, step) ? sequence->pause_ms[step] : 0;
}

static int in_turn(struct plan *plan, const struct sequence *sequence, const uint32_t *order)
{
	const uint32_t *before = NULL;
	int err = 0;

	for (size_t i = 0; i < plan->n && !err; i++) {
		if (plan->steps[order[i]].done)
			continue;
		if (before) {
			plan->steps[order[i]].delay_ms = pause_after(sequence, *before);
			err = plan_order(plan, *before, order[i]);
		}
		before = &order[i];
	}
	return err;
}

/* An early step that waits for one that is not is no longer early. */
static bool *find_early(const struct plan *plan, const struct sequence *sequence,
			const uint32_t *order)
{
	bool *early = calloc(plan->n ? plan->n : 1, sizeof(*early));

	if (!early)
		return NULL;
	for (size_t i = 0; i < plan->n; i++)
		early[i] = is_early(sequence, (uint32_t)i);
	for (size_t i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[order[i]];

		for (uint32_t d = 0; !early[order[i]] && d < step->ndependents; d++)
			early[plan->dependents[step->first_dependent + d].step] = false;
	}
	return early;
}

/* The longest pause behind what each step waits for itself. */
static void set_delays(struct plan *plan, const struct sequence *sequence, const uint32_t *order)
{
	uint64_t since = 0;

	for (size_t i = 0; i < plan->nedges; i++) {
		struct step *after = &plan->steps[plan->edges[i].after];
		uint32_t pause = pause_after(sequence, plan->edges[i].before);

		if (pause > after->delay_ms)
			after->delay_ms = pause;
	}
	for (size_t i = 0; i < plan->n; i++) {
		struct step *step = &plan->steps[order[i]];

		if (!step->waits_for)
			step->delay_ms = since < UINT32_MAX ? (uint32_t)since : UINT32_MAX;
		if (!step->waits_for && !is_early(sequence, order[i]))
			since += pause_after(sequence, order[i]);
	}
}

static int at_once(struct plan *plan, const struct sequence *sequence, const uint32_t *order)
{
	bool *early = find_early(plan, sequence, order);
	int err = early ? 0 : -1;

	if (!err)
		set_delays(plan, sequence, order);
	for (uint32_t i = 0; i < plan->n && !err; i++) {
		for (uint32_t j = 0; early[i] && j < plan->n && !err; j++) {
			if (!early[j] && !plan->steps[i].done && !plan->steps[j].done)
				err = plan_order(plan, i, j);
		}
	}
	free(early);
	return err;
}

int plan_sequence(struct plan *plan, const struct sequence *sequence, struct fault *f)
{
	uint32_t *order = sorted(plan, sequence->early);
	int err;

	if (!order)
		return fault_no_memory(f);
	err = sequence->in_turn ? in_turn(plan, sequence, order) : at_once(plan, sequence, order);
	free(order);
	return err ? fault_no_memory(f) : plan_close(plan, f);
}

/* --- how long it may take -------------------------------------------------------------------- */

static uint64_t longest_of(const struct step *step)
{
	uint64_t ms = step->done ? 0 : step->delay_ms;

	for (size_t i = 0; !step->done && step->ladder && i < step->ladder->n; i++)
		ms += step->ladder->methods[i].timeout_ms;
	return ms;
}

uint64_t plan_longest_ms(const struct plan *plan, unsigned limit)
{
	uint64_t *begins = calloc(plan->n ? plan->n : 1, sizeof(*begins));
	uint32_t *order = sorted(plan, NULL);
	uint64_t all = 0, path = 0;

	for (size_t i = 0; begins && order && i < plan->n; i++) {
		const struct step *step = &plan->steps[order[i]];
		uint64_t ms = longest_of(step), end = begins[order[i]] + ms;

		all += ms;
		if (end > path)
			path = end;
		for (uint32_t d = 0; d < step->ndependents; d++) {
			uint64_t *next = &begins[plan->dependents[step->first_dependent + d].step];

			if (end > *next)
				*next = end;
		}
	}
	free(begins);
	free(order);
	if (limit == 1)
		return all;
	/* R. L. Graham, 1966: no order of the list makes it longer than this */
	return limit && all / limit + path < all ? all / limit + path : limit ? all : path;
}
