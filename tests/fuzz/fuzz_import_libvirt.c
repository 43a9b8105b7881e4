/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a domain of libvirt. */
#include "import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return import_any(data, size, import_libvirt);
}
