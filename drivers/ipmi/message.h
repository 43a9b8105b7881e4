/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IPMI messages in their LAN form, the payload of sessions of either version: IPMI 2.0, section
 * 13.8. We are remote console software (software ID 0x81), the BMC is slave address 0x20.
 */
#ifndef IPMI_MESSAGE_H
#define IPMI_MESSAGE_H

#include "wire.h"

enum netfn { NETFN_CHASSIS = 0x00, NETFN_APP = 0x06 };	/* of requests; responses have it + 1 */
enum { MESSAGE_DATA_MAX = 64, MESSAGE_SEQUENCES = 64 };

struct request {
	enum netfn netfn;
	uint8_t command;
	uint8_t sequence;		/* 0 to 63 */
	size_t length;
	uint8_t data[MESSAGE_DATA_MAX];
};

struct response {
	enum netfn netfn;		/* of the request that it answers */
	uint8_t command;
	uint8_t sequence;
	uint8_t completion;		/* section 5.2 */
	struct view data;		/* behind the completion code */
};

void request_encode(struct packet *p, const struct request *request);
/*
 * checksums: look at them (the quirk nochecksumcheck does not). 0; -EPROTO for what is no response
 * to us; -EBADMSG for a wrong checksum.
 */
int response_decode(struct view v, bool checksums, struct response *response);

#endif
