/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stoker consoles hands to its views. */
#ifndef CLI_CONSOLES_H
#define CLI_CONSOLES_H

#include "daemon/wire.h"

/* A console as the server tells of it: see enum row_field. */
struct console_row {
	struct console_row *next;
	const char *fields[ROW_FIELDS];
	char text[];			/* where they are */
};

#endif
