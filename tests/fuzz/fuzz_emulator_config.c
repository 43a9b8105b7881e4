/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration files of emulators: any text. */
#include "drivers/guest/emulator_config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), name[16];
	const char *p = text, *before = text;

	if (!text)
		return 0;
	while (charon_interface(&p, name, sizeof(name))) {
		/* it comes to an end, and what it finds is a name that stands there in quotes */
		if (p <= before || !*name || *name == '(' || strpbrk(name, "\"\n") ||
		    !strstr(text, name))
			abort();
		before = p;
	}
	if (*p || charon_interface(&p, name, sizeof(name)))
		abort();
	simh_telnet_port(text);
	free(text);
	return 0;
}
