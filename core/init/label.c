/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels: see label.h. Defined by: Microsoft's FAT specification of 2000 (BS_VolLab), ECMA-119, 8.4
 * (volume identifier), and the kernel's Documentation/filesystems/ext4/super.rst (s_volume_name).
 */
#include "init/label.h"

#include <stdbool.h>
#include <string.h>

static const struct place {
	size_t magic;
	const char *is;
	size_t label, size;
} places[] = {
	{82, "FAT32   ", 71, 11},
	{54, "FAT16   ", 43, 11},
	{54, "FAT12   ", 43, 11},
	{1024 + 56, "\x53\xef", 1024 + 120, 16},
	{32768, "\x01" "CD001\x01", 32768 + 40, 32},
};

void label_read(const uint8_t *head, size_t length, char label[LABEL_SIZE])
{
	label[0] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct place *p = &places[i];
		size_t n = strlen(p->is), end = p->size;

		if (length < p->magic + n || length < p->label + p->size ||
		    memcmp(head + p->magic, p->is, n) != 0)
			continue;
		memcpy(label, head + p->label, end);
		label[end] = '\0';
		/* blanks fill it up */
		end = strlen(label);
		while (end && label[end - 1] == ' ')
			label[--end] = '\0';
		return;
	}
}
