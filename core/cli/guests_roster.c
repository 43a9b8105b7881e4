/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of guests, and the plans that start and stop them. See guests.h. */
#include "base/fault.h"
#include "cli/context.h"
#include "cli/guests.h"
#include "engine/driver.h"
#include "engine/plan.h"
#include "engine/sequence.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/select.h"

#include <stdlib.h>
#include <string.h>

static bool is_guest(const struct machine *machine)
{
	return machine_entry(machine, &key_guest, NULL) ||
	       machine_entry(machine, &key_autostart, NULL);
}

static uint64_t place_of(const struct machine *machine)
{
	return machine_entry(machine, &key_order, NULL) ? machine_number(machine, &key_order)
							: UINT64_MAX;
}

static int compare(const void *left, const void *right)
{
	const struct machine *a = ((const struct guest *)left)->machine;
	const struct machine *b = ((const struct guest *)right)->machine;
	uint64_t first = place_of(a), second = place_of(b);

	if (first != second)
		return first < second ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

int roster_make(const struct context *c, struct roster *roster, struct fault *f)
{
	*roster = (struct roster){
		.list = calloc(c->model->nmachines + 1, sizeof(*roster->list)),
	};
	if (!roster->list)
		return fault_no_memory(f);
	for (size_t i = 0; i < c->model->nmachines; i++) {
		if (is_guest(&c->model->machines[i]))
			roster->list[roster->n++].machine = &c->model->machines[i];
	}
	qsort(roster->list, roster->n, sizeof(*roster->list), compare);
	return 0;
}

void roster_free(struct roster *roster)
{
	free(roster->list);
	*roster = (struct roster){0};
}

bool guest_runs(const struct guest *guest)
{
	return guest->state != STATE_OFF && guest->state != STATE_SAVED &&
	       guest->state != STATE_MOVED;
}

static bool stops_all(const struct context *c)
{
	const char *text = model_value(c->model, &key_stop_all);

	return text && flag_parse(text, NULL) == 1;
}

void roster_choose_stop(const struct context *c, const struct guests_options *options,
			struct roster *roster)
{
	bool all = options->all || (!options->automatic && stops_all(c));

	for (size_t i = 0; i < roster->n; i++) {
		struct guest *guest = &roster->list[i];

		guest->wanted = all || guest->kept || machine_flag(guest->machine, &key_autostart);
	}
}

unsigned roster_at_once(const struct context *c, enum verb verb)
{
	return (unsigned)model_number(c->model, verb == VERB_START ? &key_start_parallel
								   : &key_stop_parallel);
}

/* Whether there is something to do: what sleeps is not started, and nor is what was moved away. */
static bool needs(const struct guest *guest, enum verb verb)
{
	if (verb == VERB_STOP)
		return guest_runs(guest);
	return guest->state == STATE_OFF || guest->state == STATE_SAVED ||
	       guest->state == STATE_UNKNOWN;
}

static int add_done(struct plan *plan, const struct roster *roster, struct fault *f)
{
	for (size_t i = 0; i < roster->n; i++) {
		const struct guest *guest = &roster->list[i];
		int64_t n;

		if (!guest->wanted || needs(guest, plan->verb))
			continue;
		n = plan_add(plan, guest->machine, plan->verb, NULL);
		if (n < 0)
			return fault_no_memory(f);
		plan->steps[n].done = true;
		plan->steps[n].outcome = (struct outcome){.ok = true, .state = guest->state};
	}
	return 0;
}

static const struct guest *guest_of(const struct roster *roster, const struct machine *machine)
{
	for (size_t i = 0; i < roster->n; i++) {
		if (roster->list[i].machine == machine)
			return &roster->list[i];
	}
	return NULL;
}

/* What was saved goes first, and guests are not created in one heap. */
static int set_sequence(const struct context *c, const struct roster *roster, struct plan *plan,
			struct fault *f)
{
	bool *early = calloc(plan->n + 1, sizeof(*early));
	uint32_t *pauses = calloc(plan->n + 1, sizeof(*pauses));
	const struct sequence sequence = {
		.early = early,
		.pause_ms = pauses,
		.in_turn = roster_at_once(c, plan->verb) == 1,
	};
	int err;

	for (size_t i = 0; early && pauses && plan->verb == VERB_START && i < plan->n; i++) {
		const struct step *step = &plan->steps[i];
		const struct guest *guest = guest_of(roster, step->machine);

		if (step->done)
			continue;
		early[i] = guest && guest->state == STATE_SAVED;
		pauses[i] = (uint32_t)machine_time_ms(step->machine, &key_start_delay);
	}
	err = early && pauses ? plan_sequence(plan, &sequence, f) : fault_no_memory(f);
	free(early);
	free(pauses);
	return err;
}

int roster_plan(const struct context *c, const struct roster *roster, enum verb verb,
		struct plan **plan, struct fault *f)
{
	const struct plan_options options = {.force = c->force};
	struct selection selection = {0};
	int err = 0;

	for (size_t i = 0; i < roster->n && !err; i++) {
		if (roster->list[i].wanted && needs(&roster->list[i], verb))
			err = selection_add(&selection, c->model, roster->list[i].machine);
	}
	err = err ? fault_no_memory(f) : plan_make(c->model, &selection, verb, &options, plan, f);
	selection_free(&selection);
	if (err)
		return err;
	err = add_done(*plan, roster, f);
	if (!err)
		err = set_sequence(c, roster, *plan, f);
	if (err)
		plan_free(*plan);
	return err;
}
