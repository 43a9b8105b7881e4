/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The UDP sockets that serve all BMCs: a few for each family, packets sent and received by the
 * batch (sendmmsg(2), recvmmsg(2)).
 */
#ifndef IPMI_PORT_H
#define IPMI_PORT_H

#include "wire.h"

#include <sys/socket.h>

struct ev_loop;
struct fault;

/* Sockets of each family: one alone would lose answers, as its buffer is small without privilege. */
enum { PORTS = 8 };

/* An address, as short as it can be: there are ten thousand of them. */
struct peer {
	sa_family_t family;
	uint16_t port;			/* both in the network's order */
	uint32_t scope;
	uint8_t address[16];		/* 4 bytes of IPv4, zeros behind them */
};

struct port_owner {
	/* a datagram; bytes may be written to */
	void (*take)(const struct peer *from, uint8_t *bytes, size_t length);
	/* the network says that a datagram did not arrive: an errno */
	void (*refused)(const struct peer *to, int err);
};

struct peer peer_of(const struct sockaddr_storage *address, uint16_t port);

/*
 * Sends through a socket of the peer's family, 0 to PORTS - 1; it is opened when it is first used.
 * Packets gather until the loop is about to wait. What the kernel has no room for is lost, as it may
 * be anywhere on the way. 0, or -errno with a sentence: no socket can be had.
 */
int port_send(struct ev_loop *loop, const struct port_owner *owner, const struct peer *to,
	      unsigned number, const struct packet *packet, struct fault *f);
/* Sends what has gathered. */
void port_flush(void);
/* Closes all. */
void port_close(void);

#endif
