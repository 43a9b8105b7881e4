/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans: steps and edges. How a command becomes one is in stack.c. See plan.h. */
#include "engine/plan.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct plan *plan_new(enum verb verb)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (plan)
		plan->verb = verb;
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n; i++) {
		free(plan->steps[i].error);
		free(plan->steps[i].outcome.error);
		free(plan->steps[i].outcome.output);
	}
	for (size_t i = 0; i < plan->nladders; i++)
		ladder_free(plan->ladders[i]);
	free(plan->ladders);
	free(plan->dependents);
	free(plan->edges);
	free(plan->steps);
	free(plan);
}

int64_t plan_add(struct plan *plan, struct machine *machine, enum verb verb,
		 const struct ladder *ladder)
{
	if (plan->n == plan->size) {
		size_t size = plan->size ? plan->size * 2 : 16;
		struct step *steps = realloc(plan->steps, size * sizeof(*steps));

		if (!steps)
			return -ENOMEM;
		plan->steps = steps;
		plan->size = size;
	}
	plan->steps[plan->n] = (struct step){
		.machine = machine, .verb = verb, .ladder = ladder, .counts = true,
	};
	plan->counted++;
	return (int64_t)plan->n++;
}

static int add_edge(struct plan *plan, struct edge edge)
{
	if (plan->nedges == plan->edges_size) {
		size_t size = plan->edges_size ? plan->edges_size * 2 : 16;
		struct edge *edges = realloc(plan->edges, size * sizeof(*edges));

		if (!edges)
			return -ENOMEM;
		plan->edges = edges;
		plan->edges_size = size;
	}
	plan->edges[plan->nedges++] = edge;
	return 0;
}

int plan_edge(struct plan *plan, uint32_t before, uint32_t after)
{
	return add_edge(plan, (struct edge){before, after, false});
}

int plan_order(struct plan *plan, uint32_t before, uint32_t after)
{
	return add_edge(plan, (struct edge){before, after, true});
}

/* Kahn: what never becomes free lies on a circle, or behind one. */
static int check_circles(const struct plan *plan, struct fault *f)
{
	uint32_t *waits = calloc(plan->n, sizeof(*waits)), *ready = calloc(plan->n, sizeof(*ready));
	size_t taken = 0, n = 0;
	int err = 0;

	if (!waits || !ready) {
		err = fault_no_memory(f);
		goto out;
	}
	for (size_t i = 0; i < plan->n; i++) {
		waits[i] = plan->steps[i].waits_for;
		if (!waits[i])
			ready[n++] = (uint32_t)i;
	}
	while (taken < n) {
		const struct step *s = &plan->steps[ready[taken++]];

		for (uint32_t i = 0; i < s->ndependents; i++) {
			uint32_t next = plan->dependents[s->first_dependent + i].step;

			if (!--waits[next])
				ready[n++] = next;
		}
	}
	if (n < plan->n) {
		struct buffer names = {0};
		unsigned shown = 0;

		for (size_t i = 0; i < plan->n && shown < 8; i++) {
			if (waits[i])
				buffer_add(&names, "%s%s", shown++ ? ", " : "",
					   plan->steps[i].machine->name);
		}
		err = fault_set(f, EINVAL, "these machines wait for each other in a circle (host, "
				"after): %s%s", buffer_text(&names),
				n + shown < plan->n ? " …" : "");
		buffer_free(&names);
	}
out:
	free(waits);
	free(ready);
	return err;
}

int plan_close(struct plan *plan, struct fault *f)
{
	uint32_t next = 0;

	if (!plan->nedges)
		return 0;
	free(plan->dependents);
	plan->dependents = malloc(plan->nedges * sizeof(*plan->dependents));
	if (!plan->dependents)
		return fault_no_memory(f);
	for (size_t i = 0; i < plan->n; i++)
		plan->steps[i].ndependents = plan->steps[i].waits_for = 0;
	for (size_t i = 0; i < plan->nedges; i++) {
		plan->steps[plan->edges[i].before].ndependents++;
		plan->steps[plan->edges[i].after].waits_for++;
	}
	for (size_t i = 0; i < plan->n; i++) {
		plan->steps[i].first_dependent = next;
		next += plan->steps[i].ndependents;
		plan->steps[i].ndependents = 0;
	}
	for (size_t i = 0; i < plan->nedges; i++) {
		struct step *s = &plan->steps[plan->edges[i].before];

		plan->dependents[s->first_dependent + s->ndependents++] =
			(struct dependent){plan->edges[i].after, plan->edges[i].order};
	}
	return check_circles(plan, f);
}

int plan_check(const struct plan *plan, struct fault *f)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];
		const struct driver *driver = step->ladder ? step->ladder->methods[0].driver : NULL;
		int err = driver && driver->check_machine ?
			  driver->check_machine(step->machine, f) : 0;

		if (!step->ladder)
			err = fault_set(f, ENOSYS, "%s",
					step->error ? step->error : "no way to do it");
		if (err)
			return fault_prefix(f, err, "%s", step->machine->name);
	}
	return 0;
}
