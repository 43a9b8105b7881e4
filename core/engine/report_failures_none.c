/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failures, a line for each sentence: in a build that has few machines. See report_group.h. */
#include "engine/plan.h"
#include "engine/report_group.h"

bool failures_print(struct group *const *groups, size_t n, bool quiet)
{
	for (size_t i = 0; i < n; i++) {
		if (!groups[i]->first->outcome.ok)
			group_print(groups[i], quiet);
	}
	return true;
}
