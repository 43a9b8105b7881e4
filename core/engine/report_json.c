/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results and plans for programs: one JSON object a line for each machine (jansson). */
#include "base/text.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "engine/plan.h"
#include "engine/reporter.h"
#include "model/machine.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static void print_object(json_t *object)
{
	if (!object || json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6)))
		fputs("{\"error\":\"out of memory\"}", stdout);
	putchar('\n');
	json_decref(object);
}

/* What a program prints may be of any bytes: what is not UTF-8 is replaced. */
static json_t *any_text(const char *text)
{
	json_t *value = json_string(text);
	struct buffer plain = {0};

	if (value)
		return value;
	for (; *text; text++)
		buffer_add(&plain, "%c", (unsigned char)*text < 0x80 ? *text : '?');
	value = json_string(buffer_text(&plain));
	buffer_free(&plain);
	return value;
}

static void json_step(const struct step *step)
{
	const struct outcome *o = &step->outcome;
	json_t *object = json_pack("{s:s, s:s, s:s, s:b}", "machine", step->machine->name, "verb",
				   verb_info(step->verb)->name, "state", state_name(o->state), "ok", o->ok);

	if (object) {
		if (o->driver)
			json_object_set_new(object, "method", json_string(o->driver->name));
		json_object_set_new(object, "seconds", json_real((double)(long)(o->seconds * 1000 + 0.5) / 1000));
		if (o->error)
			json_object_set_new(object, "error", any_text(o->error));
		if (o->output)
			json_object_set_new(object, "output", any_text(o->output));
	}
	print_object(object);
}

static void json_end(const struct plan *plan, bool quiet)
{
	(void)plan, (void)quiet;
}

static json_t *ladder_array(const struct step *step)
{
	json_t *array = json_array();

	for (size_t i = 0; array && step->ladder && i < step->ladder->n; i++) {
		struct buffer text = {0};

		method_print(&text, &step->ladder->methods[i], step->verb);
		json_array_append_new(array, any_text(buffer_text(&text)));
		buffer_free(&text);
	}
	return array;
}

static void json_plan(const struct plan *plan)
{
	json_t **after = calloc(plan->n ? plan->n : 1, sizeof(json_t *));

	for (size_t i = 0; after && i < plan->nedges; i++) {
		const struct edge *e = &plan->edges[i];

		if (!after[e->after])
			after[e->after] = json_array();
		json_array_append_new(after[e->after], json_string(plan->steps[e->before].machine->name));
	}
	for (size_t i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];
		json_t *object = json_pack("{s:s, s:s, s:o}", "machine", step->machine->name, "verb",
					   verb_info(step->verb)->name, "ladder", ladder_array(step));

		if (object && after && after[i])
			json_object_set_new(object, "after", after[i]);
		if (object && step->error)
			json_object_set_new(object, "error", any_text(step->error));
		print_object(object);
	}
	free(after);
}

static const struct report_format json_format = {
	.name = "json",
	.plan = json_plan,
	.step = json_step,
	.end = json_end,
};
REPORT_FORMAT(json_format);
