/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The register of views. See view.h. */
#include "cli/view.h"
#include "cli/context.h"

#include <string.h>

/* weak: a build may have none */
extern const struct view *const __start_stoker_views[] __attribute__((weak));
extern const struct view *const __stop_stoker_views[] __attribute__((weak));

const struct view *view_find(const char *command, const char *format)
{
	for (const struct view *const *v = __start_stoker_views; v < __stop_stoker_views; v++) {
		if (!strcmp((*v)->command, command) && !strcmp((*v)->format, format))
			return *v;
	}
	usage_error("the output format %s is not in this build: enable CONFIG_JSON", format);
	return NULL;
}
