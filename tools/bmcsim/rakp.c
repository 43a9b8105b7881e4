/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logging in by RMCP+: Open Session and the RAKP messages (IPMI 2.0, 13.17 to 13.24, 13.31, 13.32;
 * status codes: table 13-15).
 */
#include "command.h"
#include "log.h"
#include "random.h"
#include "wire.h"

#include <string.h>

enum status {
	STATUS_OK = 0x00,
	STATUS_NO_RESOURCES = 0x01,
	STATUS_BAD_SESSION_ID = 0x02,
	STATUS_BAD_AUTH = 0x04,
	STATUS_BAD_INTEGRITY = 0x05,
	STATUS_NO_AUTH_PAYLOAD = 0x06,
	STATUS_NO_INTEGRITY_PAYLOAD = 0x07,
	STATUS_BAD_ROLE = 0x09,
	STATUS_NO_ROLE = 0x0a,
	STATUS_BAD_NAME_LENGTH = 0x0c,
	STATUS_NO_NAME = 0x0d,
	STATUS_BAD_CHECK = 0x0f,
	STATUS_BAD_CONFIDENTIALITY = 0x10,
	STATUS_NO_SUITE = 0x11,
	STATUS_BAD_PARAMETER = 0x12,
};

enum {
	OPEN_LENGTH = 32,	/* tag, privilege, 2 reserved, session id, three algorithms */
	ALGORITHM = 8,		/* length of each: type, 2 reserved, 8, number, 3 reserved */
	RAKP1_LENGTH = 28,	/* tag, 3 reserved, id, random, role, 2 reserved, name's length */
	RAKP3_LENGTH = 8,
	ROLE_NAME_ONLY = 0x10,
	ROLE_PRIVILEGE = 0x0f,
	DATA_MAX = 4 + 4 + 16 + 16 + GUID_LENGTH + 2 + NAME_MAX_LENGTH,
};

/* An answer that is only a status. */
static void refuse(struct bmc *bmc, const struct endpoint *from, uint8_t payload, uint8_t tag,
		   uint8_t status, uint32_t console_id)
{
	struct answer *answer = answer_begin(bmc, from);
	uint8_t *p = rmcpplus_begin(answer, payload);

	memset(p, 0, 8);
	p[0] = tag;
	p[1] = status;
	put32(p + 4, console_id);
	rmcpplus_send(answer, 8);
}

/* -- Open Session ------------------------------------------------------------------------------ */

/* One proposed algorithm; -1 for "any", -2 when it is malformed. */
static int algorithm(const uint8_t *p, uint8_t type)
{
	if (p[0] != type)
		return -2;
	if (p[3] == 0)
		return -1;
	return p[3] == ALGORITHM ? p[4] & 0x3f : -2;
}

static bool fits(const struct suite *s, int rakp, int integrity, int confidentiality)
{
	return (rakp < 0 || rakp == s->rakp) && (integrity < 0 || integrity == s->integrity) &&
	       (confidentiality < 0 || confidentiality == s->confidentiality);
}

/* The best suite that is offered here and fits; a status. */
static enum status choose_suite(const struct bmc *bmc, const uint8_t *p, const struct suite **suite)
{
	int rakp = algorithm(p + 8, 0), integrity = algorithm(p + 16, 1);
	int confidentiality = algorithm(p + 24, 2);

	*suite = NULL;
	if (rakp < -1)
		return STATUS_NO_AUTH_PAYLOAD;
	if (integrity < -1)
		return STATUS_NO_INTEGRITY_PAYLOAD;
	if (confidentiality < -1)
		return STATUS_BAD_PARAMETER;
	if (rakp > RAKP_HMAC_SHA256)
		return STATUS_BAD_AUTH;
	if (integrity > INTEGRITY_HMAC_SHA256_128)
		return STATUS_BAD_INTEGRITY;
	if (confidentiality > CONFIDENTIALITY_AES_CBC_128)
		return STATUS_BAD_CONFIDENTIALITY;
	for (const struct suite *s = suites; s->id != 0xff; s++) {
		if (bmc->profile->suites >> s->id & 1 &&
		    fits(s, rakp, integrity, confidentiality))
			*suite = s;
	}
	if (!*suite)
		return STATUS_NO_SUITE;
	if (has(bmc, FAULT_REFUSE))
		return bmc->faults->refuse[(*suite)->id];
	return STATUS_OK;
}

static uint8_t *put_algorithm(uint8_t *p, uint8_t type, uint8_t number)
{
	const uint8_t bytes[ALGORITHM] = {type, 0, 0, ALGORITHM, number};

	memcpy(p, bytes, sizeof(bytes));
	return p + sizeof(bytes);
}

static void send_open_response(struct session *session, const struct endpoint *from, uint8_t tag)
{
	struct bmc *bmc = session->bmc;
	struct answer *answer = answer_begin(bmc, from);
	uint8_t *start = rmcpplus_begin(answer, PAYLOAD_OPEN_RESPONSE), *p = start;
	uint8_t privilege = session->open_privilege;

	if (!privilege && !has(bmc, FAULT_ECHO_PRIVILEGE) && !has(bmc, FAULT_INTEL20))
		privilege = PRIVILEGE_ADMIN;
	*p++ = tag;
	*p++ = STATUS_OK;
	*p++ = privilege;
	*p++ = 0;
	put32(p, session->console_id);
	put32(p + 4, session->id);
	p = put_algorithm(p + 8, 0, session->suite->rakp);
	p = put_algorithm(p, 1, session->suite->integrity);
	p = put_algorithm(p, 2, session->suite->confidentiality);
	rmcpplus_send(answer, (size_t)(p - start));
}

/* Whether this time it is to be silent: always, or a number of times. */
static bool is_silent(struct bmc *bmc)
{
	if (!has(bmc, FAULT_SILENT_OPEN_SESSION))
		return false;
	if (!bmc->faults->value[FAULT_SILENT_OPEN_SESSION])
		return true;
	if (!bmc->silent_open_left)
		return false;
	bmc->silent_open_left--;
	return true;
}

static enum status open_one(struct bmc *bmc, const struct endpoint *from, const uint8_t *p,
			    struct session **session)
{
	const struct suite *suite;
	uint32_t console_id = get32(p + 4);
	uint8_t privilege = p[1] & ROLE_PRIVILEGE;
	enum status status = choose_suite(bmc, p, &suite);
	struct session *s;

	if (status)
		return status;
	if (!console_id)
		return STATUS_BAD_SESSION_ID;
	if (privilege > PRIVILEGE_OEM)
		return STATUS_BAD_ROLE;
	/* a repetition gets what was given before */
	s = session_find_opened(bmc, from, console_id);
	if (!s && !session_is_full(bmc))
		s = session_make(bmc, from, STEP_OPENED);
	if (!s)
		return STATUS_NO_RESOURCES;
	if (s->suite != suite || s->open_privilege != privilege)
		s->step = STEP_OPENED;
	s->used = now;
	s->console_id = console_id;
	s->open_privilege = privilege;
	s->suite = suite;
	*session = s;
	return STATUS_OK;
}

void open_session(struct bmc *bmc, const struct endpoint *from, const uint8_t *p, size_t length)
{
	struct session *session = NULL;
	enum status status;

	if (is_silent(bmc)) {
		log_line(bmc, CODE_SILENT, "open-session");
		return;
	}
	if (length < 8) {
		stats.malformed++;
		return;
	}
	status = length < OPEN_LENGTH ? STATUS_BAD_PARAMETER : open_one(bmc, from, p, &session);
	if (status) {
		log_line(bmc, status, "open-session");
		refuse(bmc, from, PAYLOAD_OPEN_RESPONSE, p[0], status, get32(p + 4));
	} else {
		log_line(bmc, status, "open-session suite=%d", session->suite->id);
		send_open_response(session, from, p[0]);
	}
}

/* -- what RAKP computes ------------------------------------------------------------------------ */

struct data {
	uint8_t bytes[DATA_MAX];
	size_t length;
};

static void add(struct data *data, const void *bytes, size_t length)
{
	memcpy(data->bytes + data->length, bytes, length);
	data->length += length;
}

static void add_id(struct data *data, uint32_t id)
{
	put32(data->bytes + data->length, id);
	data->length += 4;
}

static void add_name(struct data *data, const struct session *session, uint8_t role, size_t length)
{
	data->bytes[data->length++] = role;
	data->bytes[data->length++] = (uint8_t)length;
	add(data, session->name, length);
}

/* RAKP 1's role as the keys are made with it. */
static uint8_t role_of(const struct session *session)
{
	if (has(session->bmc, FAULT_OPENSESSPRIV) || has(session->bmc, FAULT_SUN20))
		return (session->role & ROLE_NAME_ONLY) | session->open_privilege;
	return session->role;
}

static size_t password_length(const struct session *session)
{
	size_t length = session->user->password_length;

	if (has(session->bmc, FAULT_INTEL20) && session->suite->rakp == RAKP_HMAC_MD5 &&
	    length > PASSWORD_15_MAX)
		return PASSWORD_15_MAX;
	return length;
}

static size_t user_hmac(const struct session *session, const struct data *data,
			uint8_t digest[DIGEST_MAX])
{
	return rakp_hmac(session->suite->rakp, session->user->password, password_length(session),
			 data->bytes, data->length, digest);
}

/* The code of RAKP 2 (13.31). */
static size_t code_of_rakp2(const struct session *session, uint8_t digest[DIGEST_MAX])
{
	struct data data = {.length = 0};

	add_id(&data, session->console_id);
	add_id(&data, session->id);
	add(&data, session->console_random, sizeof(session->console_random));
	add(&data, session->random, sizeof(session->random));
	add(&data, session->bmc->guid, GUID_LENGTH);
	add_name(&data, session, role_of(session), session->name_length);
	return user_hmac(session, &data, digest);
}

static size_t code_of_rakp3(const struct session *session, uint8_t digest[DIGEST_MAX])
{
	struct data data = {.length = 0};
	uint8_t role = role_of(session);
	size_t length = session->name_length;

	if (has(session->bmc, FAULT_INTEL20)) {
		role &= ROLE_PRIVILEGE;
		length = strnlen((const char *)session->name, NAME_MAX_LENGTH);
	}
	add(&data, session->random, sizeof(session->random));
	add_id(&data, session->console_id);
	add_name(&data, session, role, length);
	return user_hmac(session, &data, digest);
}

static void make_sik(struct session *session)
{
	const struct profile *profile = session->bmc->profile;
	struct data data = {.length = 0};

	add(&data, session->console_random, sizeof(session->console_random));
	add(&data, session->random, sizeof(session->random));
	add_name(&data, session, role_of(session), session->name_length);
	if (profile->has_kg)
		rakp_hmac(session->suite->rakp, profile->kg, sizeof(profile->kg), data.bytes,
			  data.length, session->sik);
	else
		user_hmac(session, &data, session->sik);
}

/* The integrity check value of RAKP 4; returns its length. */
static size_t check_of_rakp4(const struct session *session, uint8_t digest[DIGEST_MAX])
{
	static const uint8_t intel[] = {RAKP_NONE, RAKP_HMAC_SHA1, RAKP_HMAC_MD5, RAKP_HMAC_MD5,
					RAKP_HMAC_SHA256};
	enum rakp rakp = session->suite->rakp;
	struct data data = {.length = 0};

	if (has(session->bmc, FAULT_INTEL20))
		rakp = intel[session->suite->integrity];
	add(&data, session->console_random, sizeof(session->console_random));
	add_id(&data, session->id);
	add(&data, session->bmc->guid, GUID_LENGTH);
	rakp_hmac(rakp, session->sik, rakp_length(session->suite->rakp), data.bytes, data.length,
		  digest);
	return rakp_check_length(rakp);
}

/* -- RAKP 1 and 2 ------------------------------------------------------------------------------ */

/* How much one byte too long RAKP 2 is. */
static size_t excess(const struct session *session)
{
	if (has(session->bmc, FAULT_SUPERMICRO20))
		return 1;
	return has(session->bmc, FAULT_SUN20) && session->suite->rakp == RAKP_HMAC_SHA1;
}

static void send_rakp2(struct session *session, const struct endpoint *from, uint8_t tag)
{
	struct bmc *bmc = session->bmc;
	struct answer *answer = answer_begin(bmc, from);
	uint8_t *start = rmcpplus_begin(answer, PAYLOAD_RAKP2), *p = start;
	const uint8_t head[] = {tag, STATUS_OK, 0, 0};

	memcpy(p, head, sizeof(head));
	p += sizeof(head);
	put32(p, session->console_id);
	p += 4;
	memcpy(p, session->random, sizeof(session->random));
	p += sizeof(session->random);
	memcpy(p, bmc->guid, GUID_LENGTH);
	p += GUID_LENGTH;
	p += code_of_rakp2(session, p);
	for (size_t n = excess(session); n; n--)
		*p++ = 0;
	rmcpplus_send(answer, (size_t)(p - start));
}

static enum status find_user(struct session *session, const uint8_t *p)
{
	struct bmc *bmc = session->bmc;
	uint8_t role = p[24] & ROLE_PRIVILEGE;
	bool name_only = p[24] & ROLE_NAME_ONLY;
	size_t length = p[27];
	const struct user *user;

	/* Intel's wants names filled up with zeros */
	if (has(bmc, FAULT_INTEL20)) {
		if (length != NAME_MAX_LENGTH)
			return STATUS_NO_NAME;
		length = strnlen((const char *)p + RAKP1_LENGTH, NAME_MAX_LENGTH);
	}
	user = user_find(bmc, p + RAKP1_LENGTH, length, name_only ? 0 : role);
	if (!user)
		return STATUS_NO_NAME;
	if (role > user->privilege ||
	    (has(bmc, FAULT_EXACT_PRIVILEGE) && role != user->privilege))
		return STATUS_NO_ROLE;
	session->user = user;
	session->limit = role ? role : user->privilege;
	if (session->open_privilege && session->open_privilege < session->limit)
		session->limit = session->open_privilege;
	return STATUS_OK;
}

static enum status take_rakp1(struct session *session, const uint8_t *p, size_t length)
{
	enum status status;

	if (p[27] > NAME_MAX_LENGTH || length != (size_t)RAKP1_LENGTH + p[27])
		return STATUS_BAD_NAME_LENGTH;
	if ((p[24] & ROLE_PRIVILEGE) > PRIVILEGE_OEM)
		return STATUS_BAD_ROLE;
	status = find_user(session, p);
	if (status) {
		login_failed(session->bmc);
		return status;
	}
	if (session->step == STEP_OPENED)
		session->bmc->logins_begun++;
	memcpy(session->console_random, p + 8, sizeof(session->console_random));
	session->role = p[24];
	session->name_length = p[27];
	memcpy(session->name, p + RAKP1_LENGTH, p[27]);
	session->step = STEP_KEYED;
	session->used = now;
	return STATUS_OK;
}

void rakp1(struct bmc *bmc, const struct endpoint *from, const uint8_t *p, size_t length)
{
	struct session *session;
	enum status status = STATUS_BAD_SESSION_ID;
	uint32_t console_id = 0;

	if (length < RAKP1_LENGTH) {
		stats.malformed++;
		return;
	}
	session = session_find(bmc, get32(p + 4));
	if (session && session->rmcpplus && session->step != STEP_ACTIVE) {
		console_id = session->console_id;
		status = take_rakp1(session, p, length);
	}
	log_line(bmc, status, "rakp1");
	if (status)
		refuse(bmc, from, PAYLOAD_RAKP2, p[0], status, console_id);
	else
		send_rakp2(session, from, p[0]);
}

/* -- RAKP 3 and 4 ------------------------------------------------------------------------------ */

static void send_rakp4(struct session *session, const struct endpoint *from, uint8_t tag)
{
	struct bmc *bmc = session->bmc;
	struct answer *answer = answer_begin(bmc, from);
	uint8_t *p = rmcpplus_begin(answer, PAYLOAD_RAKP4);
	uint8_t digest[DIGEST_MAX];
	size_t length = check_of_rakp4(session, digest);

	if (session->suite->id == 0 && has(bmc, FAULT_INTEGRITYCHECKVALUE)) {
		length = 12;
		random_fill(&bmc->random, digest, length);
	}
	memset(p, 0, 8);
	p[0] = tag;
	put32(p + 4, session->console_id);
	memcpy(p + 8, digest, length);
	rmcpplus_send(answer, 8 + length);
}

static bool rakp4_is_lost(struct session *session)
{
	const struct bmc *bmc = session->bmc;
	uint32_t most = bmc->faults->value[FAULT_LOSE_RAKP4];

	return has(bmc, FAULT_LOSE_RAKP4) && (!most || session->rakp4_lost++ < most);
}

static void activate(struct session *session)
{
	/* again, when RAKP 4 was lost */
	if (session->step == STEP_ACTIVE)
		return;
	make_sik(session);
	keys_make(&session->keys, session->suite, session->sik, session->user->password);
	session->step = STEP_ACTIVE;
	session->privilege =
		session->limit < PRIVILEGE_USER ? session->limit : (uint8_t)PRIVILEGE_USER;
	window_start(&session->inbound, 1);
	session->outbound = has(session->bmc, FAULT_SEQUENCE_OFF_BY_ONE) ? 2 : 1;
	session->bmc->logins_good++;
}

static enum status take_rakp3(struct session *session, const uint8_t *p, size_t length)
{
	uint8_t digest[DIGEST_MAX];
	size_t code_length = code_of_rakp3(session, digest);

	if (length - RAKP3_LENGTH != code_length ||
	    memcmp(p + RAKP3_LENGTH, digest, code_length))
		return STATUS_BAD_CHECK;
	if (session->step != STEP_ACTIVE && session_is_full(session->bmc))
		return STATUS_NO_RESOURCES;
	activate(session);
	session->used = now;
	return STATUS_OK;
}

void rakp3(struct bmc *bmc, const struct endpoint *from, const uint8_t *p, size_t length)
{
	struct session *session;
	enum status status = STATUS_BAD_SESSION_ID;
	uint32_t console_id = 0;

	if (length < RAKP3_LENGTH) {
		stats.malformed++;
		return;
	}
	session = session_find(bmc, get32(p + 4));
	if (session && session->rmcpplus && session->step != STEP_OPENED) {
		bool active = session->step == STEP_ACTIVE;

		console_id = session->console_id;
		/* the other side did not like RAKP 2: no answer (13.22) */
		if (p[1] && !active) {
			login_failed(bmc);
			session_end(session);
			log_line(bmc, CODE_SILENT, "rakp3 status=0x%02x", p[1]);
			return;
		}
		status = take_rakp3(session, p, length);
		if (status == STATUS_BAD_CHECK && !active)
			login_failed(bmc);
		if (status && !active)
			session_end(session);
	}
	log_line(bmc, status, "rakp3");
	if (status)
		refuse(bmc, from, PAYLOAD_RAKP4, p[0], status, console_id);
	else if (!rakp4_is_lost(session))
		send_rakp4(session, from, p[0]);
}
