/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON on standard output, an object a line. See json_out.h. */
#include "engine/json_out.h"
#include "base/text.h"

#include <stdio.h>

void json_print(json_t *object)
{
	if (!object || json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6)))
		fputs("{\"error\":\"out of memory\"}", stdout);
	putchar('\n');
	json_decref(object);
}

json_t *json_any(const char *text)
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

void json_add_text(json_t *object, const char *name, const char *text)
{
	if (text)
		json_object_set_new(object, name, json_any(text));
}
