/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lock files of serial ports, as UUCP began and minicom, cu and pppd still keep them. */
#ifndef CONSOLE_UUCPLOCK_H
#define CONSOLE_UUCPLOCK_H

#include <stddef.h>

struct fault;

/*
 * Locks a device: FOLDER/LCK..ttyS0 with our process's number as text. Symbolic links are resolved,
 * so that /dev/serial/by-id/… and /dev/ttyUSB0 are one. A lock whose process is no more is
 * removed. path: the lock file's, to be freed after uucplock_release.
 *
 * -EBUSY: a running process has it, and which; -ENOENT: there is no such folder; others; each with
 * a sentence.
 */
int uucplock_take(const char *folder, const char *device, char **path, struct fault *f);
/* Removes it where it is still ours. */
void uucplock_release(const char *path);

#endif
