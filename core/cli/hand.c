/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines that stand in no configuration. See hand.h. */
#include "cli/hand.h"
#include "base/fault.h"
#include "cli/context.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

/* Numbers of names count as those of values do, where model_add takes b[08-12]:623 for a MAC. */
static int count_alike(struct section *section, const struct key *key, struct fault *f)
{
	struct range *names;
	int err;

	if (key->type == KEY_MAC)
		return 0;
	err = range_parse(section->title, RANGE_VALUES, &names, f);
	if (err)
		return err;
	range_free(section->names);
	section->names = names;
	return 0;
}

int hand_add(struct hand *hand, const char *name, const struct key *key, const char *value)
{
	struct section *section;
	struct fault fault;

	if (table_find(&hand->sections, name))
		return 0;
	section = model_add(hand->context->model, SECTION_MACHINE, name, NULL, 0, &fault);
	if (!section || count_alike(section, key, &fault) || section_add(section, key, 0, value, &fault))
		return usage_error("%s", fault.text);
	if (table_add(&hand->sections, section->title, section, NULL))
		return usage_error("out of memory");
	return 0;
}

static void tell_clash(void *data, const struct section *section, unsigned line,
		       const char *sentence)
{
	(void)data, (void)section, (void)line;
	usage_error("%s", sentence);
}

int hand_finish(struct hand *hand)
{
	if (hand->sections.used && model_finish(hand->context->model, tell_clash, NULL))
		return EXIT_USAGE;
	return 0;
}

int hand_select(const struct hand *hand, struct selection *selection)
{
	struct model *model = hand->context->model;

	for (size_t i = 0; hand->sections.used && i < model->nmachines; i++) {
		struct machine *machine = &model->machines[i];

		if (table_find(&hand->sections, machine->section->title) == machine->section &&
		    selection_add(selection, model, machine))
			return usage_error("out of memory");
	}
	return 0;
}

void hand_free(struct hand *hand)
{
	table_free(&hand->sections);
}
