/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of --broadcast: whatever comes, in whatever pieces, what is shown is text. */
#include "cli/line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct shown {
	unsigned char *text;
	size_t length, size;
};

static void show(void *data, const unsigned char *text, size_t length)
{
	struct shown *s = data;

	for (size_t i = 0; i < length; i++) {
		if ((text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
			abort();
	}
	if (length > LINE_MAX_LENGTH || s->length + length + 1 > s->size)
		abort();
	memcpy(s->text + s->length, text, length);
	s->length += length;
	s->text[s->length++] = '\n';
}

static struct shown feed(const uint8_t *data, size_t size, size_t piece)
{
	struct shown s = {.text = malloc(2 * size + 1), .size = 2 * size + 1};
	struct line *line = calloc(1, sizeof(*line));

	for (size_t i = 0; s.text && line && i < size; i += piece)
		line_feed(line, data + i, size - i < piece ? size - i : piece, show, &s);
	if (line && line_is_waiting(line))
		line_show(line, show, &s);
	if (line && line_is_waiting(line))
		abort();
	free(line);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shown whole, parts;

	if (size < 2)
		return 0;
	whole = feed(data + 1, size - 1, size);
	parts = feed(data + 1, size - 1, 1 + data[0] % 8);
	if (whole.length != parts.length || memcmp(whole.text, parts.text, whole.length))
		abort();
	free(whole.text);
	free(parts.text);
	return 0;
}
