/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a verb and a selection to a plan: the walk over the stack of hosts and guests. Guests go
 * down before their host, hosts go up before their guests; `after` orders machines side by side.
 */
#include "base/fault.h"
#include "engine/ladder.h"
#include "engine/plan.h"
#include "engine/words.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_STEP UINT32_MAX

struct walk {
	struct model *model;
	struct plan *plan;
	const struct plan_options *options;
	struct fault *fault;
	uint32_t *up, *down;		/* a machine's steps, by its number */
	/* the ladder made last: machines of one section mostly share theirs */
	const struct section *last_section;
	enum verb last_verb;
	const struct ladder *last_ladder;
};

static int keep_ladder(struct plan *plan, struct ladder *ladder)
{
	size_t n = plan->nladders;

	if ((n & (n - 1)) == 0) {
		struct ladder **ladders = realloc(plan->ladders,
						  (n ? n * 2 : 1) * sizeof(*ladders));

		if (!ladders)
			return -ENOMEM;
		plan->ladders = ladders;
	}
	plan->ladders[plan->nladders++] = ladder;
	return 0;
}

/* -ENOSYS or -EINVAL: there is none, with a sentence; -ENOMEM. */
static int find_ladder(struct walk *w, const struct machine *machine, enum verb verb,
		       const struct ladder **ladder)
{
	bool given = w->options->nmethods && verb == w->plan->verb;
	struct ladder *made = NULL;
	int err;

	if (w->last_ladder && w->last_verb == verb &&
	    (given || w->last_section == machine->section)) {
		*ladder = w->last_ladder;
		return 0;
	}
	err = given ? ladder_of(w->options->methods, w->options->nmethods, verb, &made, w->fault) :
		      ladder_make(machine, verb, &made, w->fault);
	if (err)
		return err;
	if (keep_ladder(w->plan, made)) {
		ladder_free(made);
		return fault_no_memory(w->fault);
	}
	*ladder = made;
	w->last_verb = verb;
	w->last_section = machine->section;
	w->last_ladder = given || ladder_is_common(machine, verb) ? made : NULL;
	return 0;
}

static int add_step(struct walk *w, struct machine *machine, enum verb verb, uint32_t *number)
{
	const struct ladder *ladder = NULL;
	int err = find_ladder(w, machine, verb, &ladder);
	int64_t n;

	if (err == -ENOMEM)
		return err;
	n = plan_add(w->plan, machine, verb, ladder);
	if (n < 0)
		return fault_no_memory(w->fault);
	if (err) {
		w->plan->steps[n].error = strdup(w->fault->text);
		if (!w->plan->steps[n].error)
			return fault_no_memory(w->fault);
	}
	if (verb_info(verb)->down)
		w->down[machine->number] = (uint32_t)n;
	if (verb_info(verb)->up)
		w->up[machine->number] = (uint32_t)n;
	*number = (uint32_t)n;
	return 0;
}

/* A machine that has no way to be cycled as one is put off, then on. */
static int add_cycle(struct walk *w, struct machine *machine)
{
	struct ladder *ladder;
	uint32_t off, on;
	int err;

	err = w->options->nmethods ? 0 : ladder_make(machine, VERB_CYCLE, &ladder, NULL);
	if (!err) {
		if (!w->options->nmethods)
			ladder_free(ladder);
		return add_step(w, machine, VERB_CYCLE, &off);
	}
	err = add_step(w, machine, VERB_OFF, &off);
	if (!err)
		err = add_step(w, machine, VERB_ON, &on);
	if (err)
		return err;
	w->plan->steps[off].counts = false;
	w->plan->counted--;
	return plan_edge(w->plan, off, on) ? fault_no_memory(w->fault) : 0;
}

static int add_machine(struct walk *w, struct machine *machine, enum verb verb)
{
	uint32_t ignored;

	if (w->down[machine->number] != NO_STEP || w->up[machine->number] != NO_STEP)
		return 0;
	return verb == VERB_CYCLE ? add_cycle(w, machine) : add_step(w, machine, verb, &ignored);
}

/* All that runs above a machine goes down first: stopped with care where that is what is asked. */
static int add_guests(struct walk *w, const struct machine *machine, enum verb verb)
{
	size_t n;
	const uint32_t *guests = machine_guests(machine, &n);
	int err = 0;

	if (!guests)
		return n ? fault_no_memory(w->fault) : 0;
	for (size_t i = 0; i < n && !err; i++) {
		struct machine *guest = &w->model->machines[guests[i]];

		err = add_machine(w, guest, verb);
		if (!err)
			err = add_guests(w, guest, verb);
	}
	return err;
}

static int add_edge(struct walk *w, uint32_t before, uint32_t after)
{
	if (before == NO_STEP || after == NO_STEP || before == after)
		return 0;
	return plan_edge(w->plan, before, after) ? fault_no_memory(w->fault) : 0;
}

/* lower: the machine that has to be on for the upper one to be. */
static int add_order(struct walk *w, const struct machine *lower, const struct machine *upper)
{
	int err = add_edge(w, w->up[lower->number], w->up[upper->number]);

	return err ? err : add_edge(w, w->down[upper->number], w->down[lower->number]);
}

static int add_orders(struct walk *w, const struct machine *machine)
{
	const struct machine *host = machine_host(machine);
	char buffer[VALUE_MAX];
	int err = host ? add_order(w, host, machine) : 0;

	for (size_t i = 0; i < machine_values(machine, &key_after) && !err; i++) {
		struct selection before = {0};

		err = select_machines(w->model, machine_value(machine, &key_after, i, buffer),
				      &before, w->fault);
		for (size_t j = 0; j < before.n && !err; j++)
			err = add_order(w, before.machines[j], machine);
		selection_free(&before);
	}
	return err;
}

static uint32_t *no_steps(size_t n)
{
	uint32_t *steps = malloc((n ? n : 1) * sizeof(*steps));

	/* every byte 0xFF is NO_STEP */
	return steps ? memset(steps, 0xFF, n * sizeof(*steps)) : NULL;
}

static int walk(struct walk *w, const struct selection *selection, enum verb verb)
{
	bool ordered = !w->options->force && (verb_info(verb)->up || verb_info(verb)->down);
	int err = verb_check_words(verb, w->options->nwords, w->options->words, w->fault);

	w->plan->words = w->options->words;
	w->plan->nwords = w->options->nwords;
	for (size_t i = 0; i < selection->n && !err; i++)
		err = add_machine(w, selection->machines[i], verb);
	/* steps are added on the way: those of guests are looked at as well */
	for (size_t i = 0; i < w->plan->n && !err && ordered; i++) {
		enum verb done = w->plan->steps[i].verb;

		if (verb_info(done)->down)
			err = add_guests(w, w->plan->steps[i].machine,
					 done == VERB_STOP ? VERB_STOP : VERB_OFF);
	}
	for (size_t i = 0; i < w->plan->n && !err && ordered; i++) {
		if (w->plan->steps[i].counts)
			err = add_orders(w, w->plan->steps[i].machine);
	}
	return err ? err : plan_close(w->plan, w->fault);
}

int plan_make(struct model *model, const struct selection *selection, enum verb verb,
	      const struct plan_options *options, struct plan **plan, struct fault *f)
{
	struct fault own;
	struct walk w = {
		.model = model, .options = options, .fault = f ? f : &own, .plan = plan_new(verb),
		.up = no_steps(model->nmachines), .down = no_steps(model->nmachines),
	};
	int err;

	if (w.plan && w.up && w.down)
		err = walk(&w, selection, verb);
	else
		err = fault_no_memory(w.fault);
	free(w.up);
	free(w.down);
	if (err)
		plan_free(w.plan);
	else
		*plan = w.plan;
	return err;
}
