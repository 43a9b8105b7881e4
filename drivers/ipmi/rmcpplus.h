/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session wrapper of IPMI 2.0 (RMCP+): header, payload, confidentiality header and trailer,
 * integrity trailer. IPMI 2.0, sections 13.6, 13.28.4 and 13.29.
 */
#ifndef IPMI_RMCPPLUS_H
#define IPMI_RMCPPLUS_H

#include "rakp.h"

/* Section 13.27.3 */
enum payload_type {
	PAYLOAD_IPMI = 0x00,
	PAYLOAD_SOL = 0x01,
	PAYLOAD_OPEN_SESSION_REQUEST = 0x10,
	PAYLOAD_OPEN_SESSION_RESPONSE = 0x11,
	PAYLOAD_RAKP_1 = 0x12,
	PAYLOAD_RAKP_2 = 0x13,
	PAYLOAD_RAKP_3 = 0x14,
	PAYLOAD_RAKP_4 = 0x15,
};

struct rmcpplus_header {
	uint8_t type;			/* enum payload_type */
	uint32_t session, sequence;	/* both 0 before the session is there */
	bool encrypted, authenticated;
};

/*
 * Writes a whole packet, RMCP header and all, around a payload. suite and keys may be NULL where
 * neither flag is set. 0, -EIO, -EMSGSIZE.
 */
int rmcpplus_encode(struct packet *p, const struct rmcpplus_header *header,
		    const struct suite *suite, const struct session_keys *keys,
		    struct view payload);

/*
 * Reads the header of what came, behind the RMCP header, so that its session can be found. The
 * length of the payload is checked against what is there. 0 or -EPROTO.
 */
int rmcpplus_peek(struct view v, struct rmcpplus_header *header);
/*
 * Checks the signature and decrypts the payload in place (bytes, behind the RMCP header, must be
 * writable: they are the receiver's own buffer). A packet of a session whose suite signs or
 * encrypts must do so, and no other may; suite NULL: a packet without session. payload points into
 * bytes. 0; -EPROTO; -EBADMSG: the signature is wrong or missing; -EIO.
 */
int rmcpplus_open(uint8_t *bytes, size_t length, const struct suite *suite,
		  const struct session_keys *keys, struct rmcpplus_header *header,
		  struct view *payload);

#endif
