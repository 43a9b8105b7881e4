/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers: where they go to, and the way there with its faults. */
#ifndef BMCSIM_NET_H
#define BMCSIM_NET_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct bmc;

enum { ANSWER_MAX = 512, REQUEST_MAX = 1024 };

/* The other end: an address and port of either family. */
struct endpoint {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} u;
	socklen_t length;
};

/* A datagram on its way out; fill in bytes and length. */
struct answer {
	struct bmc *bmc;
	struct endpoint to;
	size_t length;
	uint8_t bytes[ANSWER_MAX];
};

/* An answer to fill. There is always one. */
struct answer *answer_begin(struct bmc *bmc, const struct endpoint *to);

/* Sends it, with the faults of the way. */
void answer_send(struct answer *answer);

uint16_t endpoint_port(const struct endpoint *endpoint);
int endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* What became of datagrams; for the control socket. */
struct stats {
	uint64_t received, sent, lost;
	uint64_t foreign;		/* not for a BMC here */
	uint64_t malformed;		/* not RMCP, wrong lengths, checksums, padding */
	uint64_t wrong_code;		/* authentication codes */
	uint64_t no_session;
	uint64_t sequence;		/* seen before, or outside the window */
};
extern struct stats stats;

#endif
