/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * As much of telnet (RFC 854, 856, 857, 858) as a line needs that is only held: bytes go through,
 * binary where the server agrees, and everything else is declined.
 */
#ifndef KEEPER_TELNET_H
#define KEEPER_TELNET_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* Start with {0}, for each connection. */
struct telnet {
	unsigned char state, verb;
	bool binary_in, binary_out, return_in;
	unsigned char they, we;		/* options that are agreed on: bit N for option N */
};

/*
 * Reads what has come: the bytes that are no telnet go to out, which has room for length of them;
 * how many. What is to be answered is added to answers.
 */
size_t telnet_read(struct telnet *telnet, const unsigned char *in, size_t length,
		   unsigned char *out, struct buffer *answers);
/* Makes bytes fit to be sent; out has room for twice the length. How many they are. */
size_t telnet_escape(const struct telnet *telnet, const unsigned char *in, size_t length,
		     unsigned char *out);

#endif
