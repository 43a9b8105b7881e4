/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What QEMU's monitor for people may say: any text. A state has a name, and more text changes none. */
#include "drivers/guest/hmp.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 2), state[HMP_STATE_MAX], again[HMP_STATE_MAX];
	int err;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	err = hmp_read_state(text, state);
	if (err && err != -EAGAIN && err != -EPROTO)
		abort();
	if (!err) {
		size_t length = strlen(text);

		if (!*state || strspn(state, "abcdefghijklmnopqrstuvwxyz-") != strlen(state))
			abort();
		text[length] = 'x';
		text[length + 1] = '\0';
		if (hmp_read_state(text, again) || strcmp(state, again))
			abort();
	}
	free(text);
	return 0;
}
