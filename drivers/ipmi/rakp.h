/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a session of IPMI 2.0 is opened: Open Session and the RAKP messages 1 to 4, and the keys that
 * come of them. IPMI 2.0, sections 13.17 to 13.24, 13.28 and 13.31 to 13.32.
 */
#ifndef IPMI_RAKP_H
#define IPMI_RAKP_H

#include "crypt.h"
#include "suite.h"
#include "wire.h"

enum { USER_MAX = 16, PASSWORD_MAX = 20, RANDOM_SIZE = 16, GUID_SIZE = 16 };

/* Section 13.24 */
enum rakp_status {
	RAKP_OK = 0x00,
	RAKP_NO_RESOURCES = 0x01,
	RAKP_INVALID_SESSION = 0x02,
	RAKP_INVALID_PAYLOAD = 0x03,
	RAKP_INVALID_AUTH = 0x04,
	RAKP_INVALID_INTEGRITY = 0x05,
	RAKP_NO_AUTH_PAYLOAD = 0x06,
	RAKP_NO_INTEGRITY_PAYLOAD = 0x07,
	RAKP_INACTIVE_SESSION = 0x08,
	RAKP_INVALID_ROLE = 0x09,
	RAKP_ROLE_UNAUTHORIZED = 0x0a,
	RAKP_NO_ROLE_RESOURCES = 0x0b,
	RAKP_INVALID_NAME_LENGTH = 0x0c,
	RAKP_NAME_UNAUTHORIZED = 0x0d,
	RAKP_INVALID_GUID = 0x0e,
	RAKP_INVALID_CODE = 0x0f,
	RAKP_INVALID_CONFIDENTIALITY = 0x10,
	RAKP_NO_SUITE = 0x11,
	RAKP_ILLEGAL_PARAMETER = 0x12,
};

/* A session as both sides know it while it is being opened. */
struct rakp {
	const struct suite *suite;
	unsigned quirks; /* enum quirk: intel20, supermicro20, sun20, integritycheckvalue */
	uint32_t console, bmc;		/* session IDs: ours, theirs */
	uint8_t console_random[RANDOM_SIZE], bmc_random[RANDOM_SIZE], guid[GUID_SIZE];
	uint8_t role; /* as sent in RAKP 1: privilege level, bit 4: name-only look-up */
	uint8_t user_length;
	uint8_t user[USER_MAX];
};

/* --- payloads; they begin behind the session header --------------------------------------- */

/* privilege: 0 asks for the highest that the suite allows. */
void open_session_encode(struct packet *p, uint8_t tag, uint8_t privilege, uint32_t console,
			 const struct suite *suite);

struct open_session {
	uint8_t tag, status;		/* behind another status than RAKP_OK nothing else counts */
	uint8_t privilege;		/* the highest that is granted; some BMCs say 0 */
	uint32_t console, bmc;
	uint8_t auth, integrity, confidentiality;
};

/*
 * 0 or -EPROTO. What is refused may be cut short: a status other than RAKP_OK needs only tag,
 * status and, where it is there, our session ID (0 else).
 */
int open_session_decode(struct view v, struct open_session *reply);

void rakp1_encode(struct packet *p, uint8_t tag, const struct rakp *rakp);

struct rakp_reply {			/* RAKP 2 and 4 */
	uint8_t tag, status;
	uint32_t console;
	const uint8_t *random, *guid;	/* RAKP 2 */
	struct view code; /* key exchange authentication code, or integrity check value */
};

/* As open_session_decode. */
int rakp2_decode(struct view v, struct rakp_reply *reply);
int rakp4_decode(struct view v, struct rakp_reply *reply);

/* status: RAKP_OK; another tells the BMC why we do not go on, and there is no code. */
void rakp3_encode(struct packet *p, uint8_t tag, uint8_t status, uint32_t bmc,
		  struct view code);

/* --- codes and keys -------------------------------------------------------------------------- */

/*
 * Checks the code of RAKP 2 (section 13.31) with the user's password. 0; -EBADMSG: it was made with
 * another one; -EPROTO: its length is wrong (see the quirk supermicro20); -EIO.
 */
int rakp2_check(const struct rakp *rakp, struct view password, struct view code);
/* The code for RAKP 3; length becomes 0 with RAKP_NONE. */
int rakp3_code(const struct rakp *rakp, struct view password, uint8_t code[DIGEST_MAX],
	       size_t *length);

/* What a session's packets are signed and encrypted with. Wiped by its owner. */
struct session_keys {
	uint8_t sik[DIGEST_MAX], integrity[DIGEST_MAX], aes[16];
	uint8_t sik_length, integrity_length;
};

/*
 * The keys (section 13.32). kg: the BMC's key; empty: the password stands for it. All are empty for
 * suites that need none. 0 or -EIO.
 */
int rakp_keys(const struct rakp *rakp, struct view password, struct view kg,
	      struct session_keys *keys);
/*
 * Checks the integrity check value of RAKP 4 (section 13.28.1): as rakp2_check, but one that is too
 * long is right where it begins right.
 */
int rakp4_check(const struct rakp *rakp, const struct session_keys *keys, struct view code);

#endif
