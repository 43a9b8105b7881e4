/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stoker consoles --json: one object a line for each console. */
#include "cli/consoles.h"
#include "cli/view.h"
#include "daemon/logtext.h"
#include "engine/json_out.h"

#include <stdlib.h>
#include <string.h>

static void add_number(json_t *object, const char *name, const char *field)
{
	json_object_set_new(object, name, json_integer(strtoll(field, NULL, 10)));
}

static void add_unless_empty(json_t *object, const char *name, const char *field)
{
	json_add_text(object, name, *field ? field : NULL);
}

static void consoles_print(const void *what)
{
	const struct console_row *row = what;
	const char *const *fields = row->fields;
	char since[STAMP_MAX];
	json_t *object = json_object();

	logtext_stamp(strtod(fields[ROW_SINCE], NULL) / 1000, since);
	since[strcspn(since, " ")] = '\0';
	json_add_text(object, "machine", fields[ROW_MACHINE]);
	json_add_text(object, "state", fields[ROW_STATE]);
	json_object_set_new(object, "kept", json_boolean(!strcmp(fields[ROW_KEPT], "yes")));
	if (strcmp(fields[ROW_SINCE], "0"))
		json_add_text(object, "since", since);
	add_number(object, "writers", fields[ROW_WRITERS]);
	add_number(object, "watchers", fields[ROW_WATCHERS]);
	add_number(object, "bytes", fields[ROW_BYTES]);
	add_unless_empty(object, "error", fields[ROW_WHY]);
	add_unless_empty(object, "log_error", fields[ROW_LOG]);
	json_add_text(object, "last", fields[ROW_LAST]);
	json_print(object);
}

static const struct view consoles_json = {
	.command = "consoles", .format = "json", .print = consoles_print,
};
VIEW(consoles_json);
