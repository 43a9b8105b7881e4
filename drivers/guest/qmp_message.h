/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The language of QEMU's monitor: a JSON object a line in both directions. Defined by: QEMU Machine
 * Protocol Specification (docs/interop/qmp-spec).
 */
#ifndef GUEST_QMP_MESSAGE_H
#define GUEST_QMP_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct fault;
struct json_t;

/* Bytes of one line; the longest answer that is asked for here has some thousands. */
enum { QMP_LINE_MAX = 1 << 18 };

struct qmp_message {
	enum qmp_kind {
		QMP_GREETING,		/* text: the version, "7.2.1" */
		QMP_RETURN,		/* value: what the command returns; never NULL */
		QMP_ERROR,		/* text: QEMU's sentence */
		QMP_EVENT,		/* text: its name; value: its data, or NULL */
	} kind;
	uint64_t id;			/* of the command; 0: it names none */
	const struct json_t *value;	/* stays the message's */
	char text[256];
	struct json_t *root;
};

/* Reads one line. 0, or -EINVAL with a sentence; then there is nothing to free. */
int qmp_message_read(const char *line, size_t length, struct qmp_message *message,
		     struct fault *f);
void qmp_message_free(struct qmp_message *message);

/* A command as a line, to be freed; NULL without memory. arguments may be NULL. */
char *qmp_message_write(const char *command, const struct json_t *arguments, uint64_t id);

/* Cuts a stream into lines. Start with {0}. */
struct qmp_lines {
	char *text;
	size_t length, size;
};
/*
 * Adds bytes and calls `line` for each line that they complete, without its end. What it returns,
 * if not 0, ends that, and is returned: the lines may be freed then. -EMSGSIZE for a line beyond
 * QMP_LINE_MAX, -ENOMEM.
 */
int qmp_lines_add(struct qmp_lines *lines, const unsigned char *bytes, size_t length,
		  int (*line)(void *data, const char *text, size_t length), void *data);
void qmp_lines_free(struct qmp_lines *lines);

#endif
