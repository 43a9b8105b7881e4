/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cipher suites: IPMI 2.0, tables 22-18 (records) and 22-20 (suites). */
#include "suite.h"

#include <errno.h>

enum { RECORD_STANDARD = 0xc0, RECORD_OEM = 0xc1, OEM_ENTERPRISE_SIZE = 3, SUITES_MAX = 32 };

static const struct suite suites[] = {
	{0, RAKP_NONE, INTEGRITY_NONE, CONFIDENTIALITY_NONE},
	{1, RAKP_HMAC_SHA1, INTEGRITY_NONE, CONFIDENTIALITY_NONE},
	{2, RAKP_HMAC_SHA1, INTEGRITY_HMAC_SHA1_96, CONFIDENTIALITY_NONE},
	{3, RAKP_HMAC_SHA1, INTEGRITY_HMAC_SHA1_96, CONFIDENTIALITY_AES_CBC_128},
	{6, RAKP_HMAC_MD5, INTEGRITY_NONE, CONFIDENTIALITY_NONE},
	{7, RAKP_HMAC_MD5, INTEGRITY_HMAC_MD5_128, CONFIDENTIALITY_NONE},
	{8, RAKP_HMAC_MD5, INTEGRITY_HMAC_MD5_128, CONFIDENTIALITY_AES_CBC_128},
	{11, RAKP_HMAC_MD5, INTEGRITY_MD5_128, CONFIDENTIALITY_NONE},
	{12, RAKP_HMAC_MD5, INTEGRITY_MD5_128, CONFIDENTIALITY_AES_CBC_128},
	{15, RAKP_HMAC_SHA256, INTEGRITY_NONE, CONFIDENTIALITY_NONE},
	{16, RAKP_HMAC_SHA256, INTEGRITY_HMAC_SHA256_128, CONFIDENTIALITY_NONE},
	{17, RAKP_HMAC_SHA256, INTEGRITY_HMAC_SHA256_128, CONFIDENTIALITY_AES_CBC_128},
};

const struct suite *suite_find(unsigned id)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (suites[i].id == id)
			return &suites[i];
	}
	return NULL;
}

/*
 * How many algorithms a suite's record names at the least. "None" may be left out: the
 * specification has an algorithm of each kind "if any".
 */
static size_t algorithms_of(uint8_t id)
{
	const struct suite *suite = suite_find(id);

	if (suite && suite->confidentiality != CONFIDENTIALITY_NONE)
		return 3;
	return suite && suite->integrity != INTEGRITY_NONE ? 2 : 1;
}

static bool starts_record(uint8_t byte)
{
	return byte == RECORD_STANDARD || byte == RECORD_OEM;
}

/*
 * The algorithms' own tags are not looked at: the suite's number says which they are, and the Sun
 * Fire 4100's are wrong (FreeIPMI: "LAN Authentication Issue #21").
 */
int suite_records_decode(struct view records, uint32_t *set)
{
	while (records.length) {
		const uint8_t *start = view_take(&records, 1), *id;
		size_t algorithms = 0;

		if (!starts_record(*start))
			continue;
		id = view_take(&records, 1);
		if (!id || (*start == RECORD_OEM && !view_take(&records, OEM_ENTERPRISE_SIZE)))
			return -EPROTO;
		while (records.length && !starts_record(*records.at)) {
			view_take(&records, 1);
			algorithms++;
		}
		if (*start == RECORD_STANDARD && algorithms >= algorithms_of(*id)) {
			if (*id < SUITES_MAX)
				*set |= UINT32_C(1) << *id;
		} else if (!records.length && (*start == RECORD_STANDARD || !algorithms)) {
			return -EPROTO;
		}
	}
	return 0;
}
