/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups and their members. See groups.h. */
#include "cli/groups.h"
#include "base/fault.h"
#include "cli/context.h"
#include "model/machine.h"
#include "model/range.h"

#include <stdlib.h>

int groups_read(struct model *model, struct groups *groups)
{
	struct fault fault;

	groups->list = calloc(model->nsections, sizeof(*groups->list));
	if (!groups->list)
		return usage_error("out of memory");
	for (size_t i = 0; i < model->nsections; i++) {
		struct group *group = &groups->list[groups->n];

		if (model->sections[i]->kind != SECTION_GROUP)
			continue;
		group->name = model->sections[i]->title;
		groups->n++;
		if (select_machines(model, group->name, &group->members, &fault))
			return usage_error("%s", fault.text);
	}
	return 0;
}

void groups_free(struct groups *groups)
{
	for (size_t i = 0; i < groups->n; i++)
		selection_free(&groups->list[i].members);
	free(groups->list);
}

bool group_has(const struct group *group, const struct machine *machine)
{
	const unsigned char *chosen = group->members.chosen;

	return chosen && chosen[machine->number / 8] & 1u << machine->number % 8;
}

char *selection_fold(const struct selection *selection)
{
	const char **names = malloc((selection->n + 1) * sizeof(*names));
	char *folded;

	if (!names)
		return NULL;
	for (size_t i = 0; i < selection->n; i++)
		names[i] = selection->machines[i]->name;
	folded = range_fold(names, selection->n);
	free(names);
	return folded;
}
