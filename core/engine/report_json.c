/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results and plans for programs: one JSON object a line for each machine (jansson). */
#include "base/text.h"
#include "engine/driver.h"
#include "engine/json_out.h"
#include "engine/ladder.h"
#include "engine/plan.h"
#include "engine/reporter.h"
#include "model/machine.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static void json_step(const struct step *step)
{
	const struct outcome *o = &step->outcome;
	json_t *object = json_pack("{s:s, s:s, s:s, s:b}", "machine", step->machine->name, "verb",
				   verb_info(step->verb)->name, "state", state_name(o->state), "ok",
				   o->ok);

	if (object) {
		if (o->driver)
			json_object_set_new(object, "method", json_string(o->driver->name));
		json_object_set_new(object, "seconds",
				    json_real((double)(long)(o->seconds * 1000 + 0.5) / 1000));
		if (o->error)
			json_object_set_new(object, "error", json_any(o->error));
		if (o->output)
			json_object_set_new(object, "output", json_any(o->output));
	}
	json_print(object);
}

static json_t *ladder_array(const struct step *step)
{
	json_t *array = json_array();

	for (size_t i = 0; array && step->ladder && i < step->ladder->n; i++) {
		struct buffer text = {0};

		method_print(&text, &step->ladder->methods[i], step->verb);
		json_array_append_new(array, json_any(buffer_text(&text)));
		buffer_free(&text);
	}
	return array;
}

static json_t *words_array(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < plan->nwords; i++)
		json_array_append_new(array, json_any(plan->words[i]));
	return array;
}

static void json_plan(const struct plan *plan)
{
	json_t **after = calloc(plan->n ? plan->n : 1, sizeof(json_t *));

	for (size_t i = 0; after && i < plan->nedges; i++) {
		const struct edge *e = &plan->edges[i];

		if (!after[e->after])
			after[e->after] = json_array();
		json_array_append_new(after[e->after],
				      json_string(plan->steps[e->before].machine->name));
	}
	for (size_t i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];
		json_t *object = json_pack("{s:s, s:s, s:o}", "machine", step->machine->name,
					   "verb", verb_info(step->verb)->name, "ladder",
					   ladder_array(step));

		if (object && plan->nwords && step->verb == plan->verb)
			json_object_set_new(object, "words", words_array(plan));
		if (object && after && after[i])
			json_object_set_new(object, "after", after[i]);
		if (object && step->done)
			json_object_set_new(object, "state",
					    json_string(state_name(step->outcome.state)));
		if (object && step->delay_ms)
			json_object_set_new(object, "delay", json_real(step->delay_ms / 1000.0));
		if (object && step->error)
			json_object_set_new(object, "error", json_any(step->error));
		json_print(object);
	}
	free(after);
}

static const struct report_format json_format = {
	.name = "json",
	.plan = json_plan,
	.step = json_step,
};
REPORT_FORMAT(json_format);
