/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open Session and RAKP messages: IPMI 2.0, sections 13.17 to 13.23 (payloads, tables 13-9 to
 * 13-15), 13.28 (algorithms), 13.31 (codes), 13.32 (keys).
 *
 * The specification's names: the console is M, the BMC is C. R is a random number, SID a session
 * ID, Role the privilege that is asked for, K_UID the user's password.
 */
#include "rakp.h"

#include "quirk.h"

#include <errno.h>

enum {
	ALGORITHM_MASK = 0x3f,
	ALGORITHM_PAYLOAD_SIZE = 8,
	OPEN_SESSION_SIZE = 36,
	RAKP2_SIZE = 40,		/* without the code; so the next */
	RAKP4_SIZE = 8,
	ROLE_NAME_ONLY = 0x10,
	INTEL_PASSWORD_MAX = 16,
	KEY_CONSTANT_SIZE = 20,		/* for every hash, though SHA-256's digest is longer */
};

/* --- payloads ------------------------------------------------------------------------------- */

static void put_zeros(struct packet *p, size_t n)
{
	uint8_t *at = packet_room(p, n);

	if (at)
		memset(at, 0, n);
}

static void put_algorithm(struct packet *p, uint8_t kind, uint8_t algorithm)
{
	put8(p, kind);
	put16(p, 0);
	put8(p, ALGORITHM_PAYLOAD_SIZE);
	put8(p, algorithm);
	put_zeros(p, 3);
}

void open_session_encode(struct packet *p, uint8_t tag, uint8_t privilege, uint32_t console,
			 const struct suite *suite)
{
	put8(p, tag);
	put8(p, privilege);
	put16(p, 0);
	put32(p, console);
	put_algorithm(p, 0, (uint8_t)suite->auth);
	put_algorithm(p, 1, (uint8_t)suite->integrity);
	put_algorithm(p, 2, (uint8_t)suite->confidentiality);
}

/* What all answers begin with: tag, status, two bytes, our session ID. */
struct answer {
	uint8_t tag, status;
	uint32_t console;
};

/* A refusal may end behind its status. */
static int answer_decode(struct view v, size_t size, struct answer *answer)
{
	if (v.length < 2 || (v.at[1] == RAKP_OK && v.length < size))
		return -EPROTO;
	answer->tag = v.at[0];
	answer->status = v.at[1];
	answer->console = v.length >= 8 ? get32(v.at + 4) : 0;
	return 0;
}

/* The kinds and lengths of its three records are not looked at: other clients do not either. */
int open_session_decode(struct view v, struct open_session *reply)
{
	struct answer answer;
	int err = answer_decode(v, OPEN_SESSION_SIZE, &answer);

	if (err)
		return err;
	*reply = (struct open_session){
		.tag = answer.tag, .status = answer.status, .console = answer.console,
	};
	if (answer.status != RAKP_OK)
		return 0;
	reply->privilege = v.at[2];
	reply->bmc = get32(v.at + 8);
	reply->auth = v.at[16] & ALGORITHM_MASK;
	reply->integrity = v.at[24] & ALGORITHM_MASK;
	reply->confidentiality = v.at[32] & ALGORITHM_MASK;
	return 0;
}

/* Role, the length of the user's name, and the name, as messages and hashes have them. */
struct identity {
	uint8_t bytes[2 + USER_MAX];
	size_t length;
};

static void identity_of(const struct rakp *rakp, struct identity *identity)
{
	identity->bytes[0] = rakp->role;
	identity->bytes[1] = rakp->user_length;
	memset(identity->bytes + 2, 0, USER_MAX);
	memcpy(identity->bytes + 2, rakp->user, rakp->user_length);
	if (rakp->quirks & QUIRK_INTEL20)
		identity->bytes[1] = USER_MAX;
	identity->length = 2u + identity->bytes[1];
}

void rakp1_encode(struct packet *p, uint8_t tag, const struct rakp *rakp)
{
	struct identity identity;

	identity_of(rakp, &identity);
	put8(p, tag);
	put_zeros(p, 3);
	put32(p, rakp->bmc);
	put_bytes(p, rakp->console_random, RANDOM_SIZE);
	put8(p, identity.bytes[0]);
	put16(p, 0);
	put_bytes(p, identity.bytes + 1, identity.length - 1);
}

int rakp2_decode(struct view v, struct rakp_reply *reply)
{
	struct answer answer;
	int err = answer_decode(v, RAKP2_SIZE, &answer);

	if (err)
		return err;
	*reply = (struct rakp_reply){
		.tag = answer.tag, .status = answer.status, .console = answer.console,
	};
	if (answer.status != RAKP_OK)
		return 0;
	reply->random = v.at + 8;
	reply->guid = v.at + 24;
	reply->code = (struct view){v.at + RAKP2_SIZE, v.length - RAKP2_SIZE};
	return 0;
}

int rakp4_decode(struct view v, struct rakp_reply *reply)
{
	struct answer answer;
	int err = answer_decode(v, RAKP4_SIZE, &answer);

	if (err)
		return err;
	*reply = (struct rakp_reply){
		.tag = answer.tag, .status = answer.status, .console = answer.console,
	};
	if (answer.status == RAKP_OK)
		reply->code = (struct view){v.at + RAKP4_SIZE, v.length - RAKP4_SIZE};
	return 0;
}

void rakp3_encode(struct packet *p, uint8_t tag, uint8_t status, uint32_t bmc,
		  struct view code)
{
	put8(p, tag);
	put8(p, status);
	put16(p, 0);
	put32(p, bmc);
	if (status == RAKP_OK)
		put_bytes(p, code.at, code.length);
}

/* --- codes and keys ------------------------------------------------------------------------- */

static enum hash auth_hash(enum auth_algorithm auth)
{
	return auth == RAKP_HMAC_MD5 ? HASH_MD5 :
	       auth == RAKP_HMAC_SHA256 ? HASH_SHA256 : HASH_SHA1;
}

/* The password as the BMC's keys are made of it. */
static struct view effective_password(const struct rakp *rakp, struct view password)
{
	if (rakp->quirks & QUIRK_INTEL20 && rakp->suite->auth == RAKP_HMAC_MD5 &&
	    password.length > INTEL_PASSWORD_MAX)
		password.length = INTEL_PASSWORD_MAX;
	return password;
}

/* Whether RAKP 2's code has the length that it must have, or one that a quirk allows. */
static bool rakp2_length_is_right(const struct rakp *rakp, size_t expected, size_t length)
{
	bool longer = rakp->quirks & QUIRK_SUPERMICRO20 ||
		      (rakp->quirks & QUIRK_SUN20 && rakp->suite->auth == RAKP_HMAC_SHA1);

	return length == expected || (longer && length == expected + 1);
}

int rakp2_check(const struct rakp *rakp, struct view password, struct view code)
{
	bool none = rakp->suite->auth == RAKP_NONE;
	enum hash hash = auth_hash(rakp->suite->auth);
	size_t length = none ? 0 : hash_size(hash);
	uint8_t expected[DIGEST_MAX];
	struct identity identity;
	uint8_t ids[8];
	int err;

	if (!rakp2_length_is_right(rakp, length, code.length))
		return -EPROTO;
	if (none)
		return 0;
	set32(ids, rakp->console);
	set32(ids + 4, rakp->bmc);
	identity_of(rakp, &identity);
	err = hmac_parts(hash, effective_password(rakp, password), (const struct view[]){
		{ids, sizeof(ids)},
		{rakp->console_random, RANDOM_SIZE},
		{rakp->bmc_random, RANDOM_SIZE},
		{rakp->guid, GUID_SIZE},
		{identity.bytes, identity.length},
	}, 5, expected);
	if (!err && !codes_equal(expected, code.at, length))
		err = -EBADMSG;
	return err;
}

int rakp3_code(const struct rakp *rakp, struct view password, uint8_t code[DIGEST_MAX],
	       size_t *length)
{
	enum hash hash = auth_hash(rakp->suite->auth);
	struct identity identity;
	uint8_t id[4];

	*length = 0;
	if (rakp->suite->auth == RAKP_NONE)
		return 0;
	set32(id, rakp->console);
	identity_of(rakp, &identity);
	/* here such a BMC fills the name up no more, and leaves the bit out */
	if (rakp->quirks & QUIRK_INTEL20) {
		identity.bytes[0] &= (uint8_t)~ROLE_NAME_ONLY;
		identity.bytes[1] = rakp->user_length;
		identity.length = 2u + rakp->user_length;
	}
	*length = hash_size(hash);
	return hmac_parts(hash, effective_password(rakp, password), (const struct view[]){
		{rakp->bmc_random, RANDOM_SIZE},
		{id, sizeof(id)},
		{identity.bytes, identity.length},
	}, 3, code);
}

static int make_sik(const struct rakp *rakp, struct view key, struct session_keys *keys)
{
	enum hash hash = auth_hash(rakp->suite->auth);
	struct identity identity;

	identity_of(rakp, &identity);
	keys->sik_length = (uint8_t)hash_size(hash);
	return hmac_parts(hash, key, (const struct view[]){
		{rakp->console_random, RANDOM_SIZE},
		{rakp->bmc_random, RANDOM_SIZE},
		{identity.bytes, identity.length},
	}, 3, keys->sik);
}

/* K1 or K2: the SIK's HMAC of a constant. */
static int make_key(const struct rakp *rakp, const struct session_keys *keys, uint8_t constant,
		    uint8_t key[DIGEST_MAX])
{
	uint8_t constants[KEY_CONSTANT_SIZE];

	memset(constants, constant, sizeof(constants));
	return hmac_parts(auth_hash(rakp->suite->auth), (struct view){keys->sik, keys->sik_length},
			  &(struct view){constants, sizeof(constants)}, 1, key);
}

static int make_integrity_key(const struct rakp *rakp, struct view password,
			      struct session_keys *keys)
{
	if (rakp->suite->integrity == INTEGRITY_NONE)
		return 0;
	if (rakp->suite->integrity == INTEGRITY_MD5_128) {
		/* No HMAC: packets are hashed with the padded password before and behind them. */
		if (password.length)
			memcpy(keys->integrity, password.at, password.length);
		keys->integrity_length = PASSWORD_MAX;
		return 0;
	}
	keys->integrity_length = keys->sik_length;
	return make_key(rakp, keys, 1, keys->integrity);
}

static int make_aes_key(const struct rakp *rakp, struct session_keys *keys)
{
	uint8_t key[DIGEST_MAX];
	int err;

	if (rakp->suite->confidentiality == CONFIDENTIALITY_NONE)
		return 0;
	err = make_key(rakp, keys, 2, key);
	if (!err)
		memcpy(keys->aes, key, sizeof(keys->aes));
	explicit_bzero(key, sizeof(key));
	return err;
}

int rakp_keys(const struct rakp *rakp, struct view password, struct view kg,
	      struct session_keys *keys)
{
	int err;

	memset(keys, 0, sizeof(*keys));
	if (rakp->suite->auth == RAKP_NONE)
		return 0;
	password = effective_password(rakp, password);
	err = make_sik(rakp, kg.length ? kg : password, keys);
	if (!err)
		err = make_integrity_key(rakp, password, keys);
	if (!err)
		err = make_aes_key(rakp, keys);
	if (err)
		explicit_bzero(keys, sizeof(*keys));
	return err;
}

/* Table 13-15 and section 13.28.1: RAKP 4's value is cut as packets' codes are. */
static size_t check_value_size(enum hash hash)
{
	return hash == HASH_SHA1 ? 12 : 16;
}

/*
 * By which algorithm RAKP 4's value is made: the authentication's, or where the BMC has the quirk
 * intel20, that which stands for the integrity algorithm. What such a BMC does with MD5-128 nobody
 * has found out.
 */
static int check_value_algorithm(const struct rakp *rakp, enum auth_algorithm *auth)
{
	*auth = rakp->suite->auth;
	if (!(rakp->quirks & QUIRK_INTEL20))
		return 0;
	switch (rakp->suite->integrity) {
	case INTEGRITY_NONE:
		*auth = RAKP_NONE;
		return 0;
	case INTEGRITY_HMAC_SHA1_96:
		*auth = RAKP_HMAC_SHA1;
		return 0;
	case INTEGRITY_HMAC_MD5_128:
		*auth = RAKP_HMAC_MD5;
		return 0;
	case INTEGRITY_HMAC_SHA256_128:
		*auth = RAKP_HMAC_SHA256;
		return 0;
	case INTEGRITY_MD5_128:
		break;
	}
	return -EBADMSG;
}

/* More bytes than the value has are passed over, as FreeIPMI and ipmitool do. */
int rakp4_check(const struct rakp *rakp, const struct session_keys *keys, struct view code)
{
	uint8_t expected[DIGEST_MAX], id[4];
	enum auth_algorithm auth;
	enum hash hash;
	int err = check_value_algorithm(rakp, &auth);

	if (err)
		return err;
	if (rakp->suite->auth == RAKP_NONE && rakp->quirks & QUIRK_INTEGRITYCHECKVALUE)
		return 0;
	if (auth == RAKP_NONE)
		return code.length ? -EPROTO : 0;
	hash = auth_hash(auth);
	if (code.length < check_value_size(hash))
		return -EPROTO;
	set32(id, rakp->bmc);
	err = hmac_parts(hash, (struct view){keys->sik, keys->sik_length}, (const struct view[]){
		{rakp->console_random, RANDOM_SIZE},
		{id, sizeof(id)},
		{rakp->guid, GUID_SIZE},
	}, 3, expected);
	if (!err && !codes_equal(expected, code.at, check_value_size(hash)))
		err = -EBADMSG;
	return err;
}
