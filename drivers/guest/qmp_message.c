/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of QEMU's monitor. See qmp_message.h. */
#include "qmp_message.h"
#include "base/fault.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text for a user's terminal: no control characters, no half letters at its end. */
static void copy_text(char *to, size_t size, const char *from)
{
	size_t n = 0;

	for (; *from && n + 1 < size; from++)
		to[n++] = (unsigned char)*from < ' ' || *from == 0x7f ? ' ' : *from;
	if (*from) {
		while (n && ((unsigned char)to[n - 1] & 0xc0) == 0x80)
			n--;
		if (n && (unsigned char)to[n - 1] >= 0xc0)
			n--;
	}
	while (n && to[n - 1] == ' ')
		n--;
	to[n] = '\0';
}

static int read_greeting(const json_t *greeting, struct qmp_message *m)
{
	const json_t *version = json_object_get(json_object_get(greeting, "version"), "qemu");
	const json_t *major = json_object_get(version, "major");

	if (!json_is_integer(major))
		return -EINVAL;
	m->kind = QMP_GREETING;
	snprintf(m->text, sizeof(m->text), "%lld.%lld.%lld", (long long)json_integer_value(major),
		 (long long)json_integer_value(json_object_get(version, "minor")),
		 (long long)json_integer_value(json_object_get(version, "micro")));
	return 0;
}

static int read_kind(const json_t *root, struct qmp_message *m)
{
	const json_t *greeting = json_object_get(root, "QMP");
	const json_t *event = json_object_get(root, "event");
	const json_t *error = json_object_get(root, "error");

	if (json_is_object(greeting))
		return read_greeting(greeting, m);
	if (json_is_string(event)) {
		m->kind = QMP_EVENT;
		m->value = json_object_get(root, "data");
		copy_text(m->text, sizeof(m->text), json_string_value(event));
		return 0;
	}
	if (json_is_object(error)) {
		const char *text = json_string_value(json_object_get(error, "desc"));

		m->kind = QMP_ERROR;
		copy_text(m->text, sizeof(m->text), text ? text : "it does not say why");
		return 0;
	}
	m->kind = QMP_RETURN;
	m->value = json_object_get(root, "return");
	return m->value ? 0 : -EINVAL;
}

int qmp_message_read(const char *line, size_t length, struct qmp_message *m, struct fault *f)
{
	json_error_t error;
	const json_t *id;

	*m = (struct qmp_message){0};
	m->root = json_loadb(line, length, 0, &error);
	if (!json_is_object(m->root) || read_kind(m->root, m)) {
		json_decref(m->root);
		m->root = NULL;
		return fault_set(f, EINVAL, "what QEMU's monitor says is no QMP: \"%.*s\"",
				 (int)(length < 60 ? length : 60), line);
	}
	id = json_object_get(m->root, "id");
	if (json_is_integer(id) && json_integer_value(id) > 0)
		m->id = (uint64_t)json_integer_value(id);
	return 0;
}

void qmp_message_free(struct qmp_message *m)
{
	json_decref(m->root);
	m->root = NULL;
	m->value = NULL;
}

char *qmp_message_write(const char *command, const json_t *arguments, uint64_t id)
{
	json_t *root = json_pack("{s:s, s:I, s:O*}", "execute", command, "id", (json_int_t)id,
				 "arguments", arguments);
	char *text = root ? json_dumps(root, JSON_COMPACT) : NULL, *line = NULL;

	json_decref(root);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

static int grow(struct qmp_lines *l, size_t length)
{
	size_t size = l->size ? l->size : 1024;
	char *text;

	if (length > QMP_LINE_MAX)
		return -EMSGSIZE;
	while (size < length)
		size *= 2;
	if (size == l->size)
		return 0;
	text = realloc(l->text, size);
	if (!text)
		return -ENOMEM;
	l->text = text;
	l->size = size;
	return 0;
}

int qmp_lines_add(struct qmp_lines *l, const unsigned char *bytes, size_t length,
		  int (*line)(void *data, const char *text, size_t length), void *data)
{
	int err = 0;

	while (length && !err) {
		const unsigned char *end = memchr(bytes, '\n', length);
		size_t n = end ? (size_t)(end - bytes) : length;

		err = grow(l, l->length + n + 1);
		if (err)
			break;
		memcpy(l->text + l->length, bytes, n);
		l->length += n;
		bytes += n;
		length -= n;
		if (end) {
			size_t whole = l->length;

			bytes++;
			length--;
			l->length = 0;
			while (whole && (l->text[whole - 1] == '\r' || l->text[whole - 1] == ' '))
				whole--;
			l->text[whole] = '\0';
			if (whole)
				err = line(data, l->text, whole);
		}
	}
	return err;
}

void qmp_lines_free(struct qmp_lines *l)
{
	free(l->text);
	*l = (struct qmp_lines){0};
}
