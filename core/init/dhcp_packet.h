/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DHCP's packets, from and to bytes. */
#ifndef INIT_DHCP_PACKET_H
#define INIT_DHCP_PACKET_H

#include "init/links.h"
#include "init/setting.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DHCP_SERVER_PORT = 67, DHCP_CLIENT_PORT = 68,
	/* what every host takes: an IP datagram of 576 bytes, RFC 2131, 2 */
	DHCP_PACKET_SIZE = 548,
};

/* Option 53 of RFC 2132, 9.6. */
enum dhcp_kind {
	DHCP_DISCOVER = 1, DHCP_OFFER = 2, DHCP_REQUEST = 3, DHCP_ACK = 5, DHCP_NAK = 6,
};

struct dhcp_question {
	enum dhcp_kind kind;
	uint32_t id;			/* xid; an answer has the same */
	uint16_t seconds;		/* since the first of this exchange */
	uint8_t mac[LINK_ADDRESS_SIZE];
	struct in_addr has;		/* ciaddr: the address to be prolonged; 0: none yet */
	struct in_addr wants, server;	/* the offer that is taken; 0: not in this packet */
};

struct dhcp_answer {
	enum dhcp_kind kind;
	struct in_addr server;		/* its identifier; 0: it did not say */
	struct setting setting;
	/* Seconds from now: the address is lost, its server is asked, any server is asked. */
	uint32_t lease, renew, rebind;
};

/* Writes a question; its length, at most DHCP_PACKET_SIZE. */
size_t dhcp_write(const struct dhcp_question *question, uint8_t packet[DHCP_PACKET_SIZE]);

/*
 * Reads an answer to the question; false: it is another packet, or none that can be understood.
 * Times that are missing or contradict each other are as RFC 2131, 4.4.5, has them; an ACK without
 * a lease is one for an hour.
 */
bool dhcp_read(const uint8_t *packet, size_t length, const struct dhcp_question *question,
	       struct dhcp_answer *answer);

#endif
