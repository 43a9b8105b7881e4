/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a console has said last, to be shown again: for consoles that no server holds. */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include <stddef.h>

enum { REPLAY_SIZE = 32 << 10 };

/* Start with {0}. */
struct replay {
	unsigned char bytes[REPLAY_SIZE];
	size_t end;			/* where the next one goes */
	size_t length;
};

void replay_add(struct replay *replay, const unsigned char *bytes, size_t length);
/* Hands it over in two parts at most, oldest first, from the begin of a line on if there is one. */
void replay_show(const struct replay *replay,
		 void (*show)(void *data, const unsigned char *bytes, size_t length), void *data);

#endif
