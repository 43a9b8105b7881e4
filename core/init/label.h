/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of file systems, as they stand on the disk. */
#ifndef INIT_LABEL_H
#define INIT_LABEL_H

#include <stddef.h>
#include <stdint.h>

/* LABEL_HEAD: what is looked at, from the begin of a device. LABEL_SIZE: room for a label. */
enum { LABEL_HEAD = 34816, LABEL_SIZE = 33 };

/*
 * The label of the file system (FAT, ISO 9660, ext2 to ext4) that begins with these bytes; "":
 * none, or none of these.
 */
void label_read(const uint8_t *head, size_t length, char label[LABEL_SIZE]);

#endif
