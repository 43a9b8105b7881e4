/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands around a program: file systems, the console, and the machine's end. */
#ifndef INIT_STAGE_H
#define INIT_STAGE_H

/*
 * Mounts /dev, /proc, /sys and /run where nothing is mounted there. Where this process is the first
 * of a namespace only, and not the machine's, no mount of what is around it is touched. What cannot
 * be done is told.
 */
void stage_set(void);

enum stage_end { STAGE_POWEROFF, STAGE_REBOOT, STAGE_HALT };

/*
 * Writes out and takes off what is mounted, and switches the machine off. Of a namespace only the
 * namespace ends. Returns when the kernel refuses: -errno.
 */
int stage_end(enum stage_end how);

#endif
