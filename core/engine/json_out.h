/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON on standard output, an object a line (jansson): what reports and views share. */
#ifndef ENGINE_JSON_OUT_H
#define ENGINE_JSON_OUT_H

#include <jansson.h>

/* Prints an object on a line of its own, and frees it. NULL: there was no memory for it. */
void json_print(json_t *object);
/* A string of any bytes: of what is not UTF-8, bytes above 0x7F become "?". NULL without memory. */
json_t *json_any(const char *text);
/* Adds a text under a name; a text that is NULL adds nothing. */
void json_add_text(json_t *object, const char *name, const char *text);

#endif
