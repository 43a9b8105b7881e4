/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may come from a monitor: any bytes, in pieces, cut into lines and read as messages. */
#include "drivers/guest/qmp_message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_line(void *data, const char *text, size_t length)
{
	struct qmp_message message;

	(void)data;
	if (strlen(text) > length || memchr(text, '\n', length))
		abort();
	if (qmp_message_read(text, length, &message, NULL))
		return 0;
	if (strlen(message.text) >= sizeof(message.text) ||
	    (message.kind == QMP_RETURN && !message.value))
		abort();
	for (const char *p = message.text; *p; p++) {
		if ((unsigned char)*p < ' ')
			abort();
	}
	qmp_message_free(&message);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qmp_lines lines = {0};
	/* the first byte says how large the pieces are */
	size_t piece = size ? data[0] % 64 + 1U : 1;

	for (size_t at = size ? 1 : 0; at < size; at += piece) {
		size_t n = piece < size - at ? piece : size - at;

		if (qmp_lines_add(&lines, data + at, n, on_line, NULL))
			break;
	}
	qmp_lines_free(&lines);
	return 0;
}
