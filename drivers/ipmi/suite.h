/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cipher suites and what they are made of: IPMI 2.0, sections 13.28 and 22.15.2. */
#ifndef IPMI_SUITE_H
#define IPMI_SUITE_H

#include "wire.h"

/* The numbers are the specification's. */
enum auth_algorithm {
	RAKP_NONE = 0, RAKP_HMAC_SHA1 = 1, RAKP_HMAC_MD5 = 2, RAKP_HMAC_SHA256 = 3
};
enum integrity_algorithm {
	INTEGRITY_NONE = 0, INTEGRITY_HMAC_SHA1_96 = 1, INTEGRITY_HMAC_MD5_128 = 2,
	INTEGRITY_MD5_128 = 3, INTEGRITY_HMAC_SHA256_128 = 4
};
enum confidentiality_algorithm { CONFIDENTIALITY_NONE = 0, CONFIDENTIALITY_AES_CBC_128 = 1 };

struct suite {
	uint8_t id;
	enum auth_algorithm auth;
	enum integrity_algorithm integrity;
	enum confidentiality_algorithm confidentiality;
};

/* 0 1 2 3 6 7 8 11 12 15 16 17; NULL for others: those with xRC4, or none of the specification's */
const struct suite *suite_find(unsigned id);

/*
 * Adds to a set (bit N is suite N, up to 31) the suites of Get Channel Cipher Suites' records
 * (section 22.15.1, table 22-18): the pieces of the list, joined. Records that make no sense are
 * passed over. 0, or -EPROTO where they end in the middle of one.
 */
int suite_records_decode(struct view records, uint32_t *set);

#endif
