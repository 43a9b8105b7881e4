/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RMCP, the outermost header of everything on UDP port 623, and the ASF presence ping: ASF 2.0,
 * sections 3.2.2 and 3.2.4; IPMI 2.0, sections 13.1 to 13.4.
 */
#ifndef IPMI_RMCP_H
#define IPMI_RMCP_H

#include "wire.h"

enum { RMCP_PORT = 623 };
enum rmcp_class { RMCP_ASF = 6, RMCP_IPMI = 7 };

/* Begins a packet: version 1.0, sequence number 0xff (no RMCP acknowledgement), class. */
void rmcp_begin(struct packet *p, enum rmcp_class class);
/*
 * Takes the header off. The class; -EPROTO for what is no RMCP message, and for RMCP
 * acknowledgements.
 */
int rmcp_take(struct view *v);

/* A presence ping with this tag, RMCP header and all. */
void ping_encode(struct packet *p, uint8_t tag);

struct pong {
	uint8_t tag;
	bool ipmi;			/* supports IPMI */
	uint32_t enterprise;		/* IANA number; 4542 (ASF) where it is generic */
};

/* Reads what follows the RMCP header of class ASF. 0 or -EPROTO. */
int pong_decode(struct view v, struct pong *pong);

#endif
