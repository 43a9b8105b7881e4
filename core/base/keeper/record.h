/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both halves of the keeper know: who starts it, and the process itself. */
#ifndef KEEPER_RECORD_H
#define KEEPER_RECORD_H

/* The descriptor that it reports by, and that of a terminal which it is given. */
enum { KEEPER_REPORT = 3, KEEPER_GIVEN = 4 };

enum { BOOT_ID_SIZE = 48 };

/* Which start of the machine this is: numbers and times of processes are its own. */
void boot_id(char id[BOOT_ID_SIZE]);

#endif
