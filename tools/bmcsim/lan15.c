/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IPMI 1.5 packets: session header, authentication codes, sequence numbers (IPMI 2.0, table 13-8,
 * 6.12, 22.17.1).
 */
#include "command.h"
#include "random.h"
#include "wire.h"

#include <string.h>

/* Type, sequence number, session id; then the code of 16 bytes if any, the length, the message. */
enum { HEADER = 9, CODE_LENGTH = 16, AHEAD = 8, BEHIND = 8 };

struct packet {
	uint8_t auth_type;
	uint32_t sequence, session_id;
	const uint8_t *code;		/* NULL: none */
	const uint8_t *message;
	size_t length;
};

static bool packet_parse(const uint8_t *p, size_t length, struct packet *packet)
{
	size_t header = HEADER;

	if (length < HEADER + 1)
		return false;
	packet->auth_type = p[0];
	packet->sequence = get32(p + 1);
	packet->session_id = get32(p + 5);
	packet->code = NULL;
	if (packet->auth_type != AUTH_NONE) {
		if (packet->auth_type != AUTH_MD5 && packet->auth_type != AUTH_PASSWORD)
			return false;
		packet->code = p + HEADER;
		header += CODE_LENGTH;
	}
	if (length < header + 1)
		return false;
	packet->length = p[header];
	packet->message = p + header + 1;
	length -= header + 1;
	/* one more byte may fill up lengths that some network chips could not send */
	return packet->length == length || packet->length + 1 == length;
}

static void make_code(const struct user *user, uint8_t auth_type, uint32_t session_id,
		      uint32_t sequence, const uint8_t *message, size_t length,
		      uint8_t code[CODE_LENGTH])
{
	if (auth_type == AUTH_MD5)
		md5_code(user->password, session_id, message, length, sequence, code);
	else
		memcpy(code, user->password, CODE_LENGTH);
}

static bool code_is_right(const struct session *session, const struct packet *packet)
{
	uint8_t code[CODE_LENGTH];

	if (!packet->code)
		return true;
	/* a password of 2.0's length is not good for 1.5 (22.30) */
	if (!session->user || packet->auth_type != session->auth_type ||
	    session->user->password_length > PASSWORD_15_MAX)
		return false;
	make_code(session->user, packet->auth_type, packet->session_id, packet->sequence,
		  packet->message, packet->length, code);
	return !memcmp(code, packet->code, sizeof(code));
}

/* Whether a message's command needs user level only, as far as it matters here. */
static bool is_user_level(const struct packet *packet)
{
	/* Get Device ID, the GUIDs, Set Session Privilege to Get Session Info, Get Chassis Status */
	const uint8_t *p = packet->message;
	uint8_t netfn = packet->length > 5 ? p[1] >> 2 : 0xff;

	if (netfn == NETFN_CHASSIS)
		return p[5] <= 1;
	return netfn == NETFN_APP && (p[5] == 0x01 || p[5] == 0x08 || p[5] == 0x37 ||
				      (p[5] >= 0x3b && p[5] <= 0x3d));
}

/* Whether a message without a code is good enough in this session. */
static bool may_be_bare(const struct session *session, const struct packet *packet)
{
	const struct bmc *bmc = session->bmc;

	if (session->auth_type == AUTH_NONE)
		return true;
	if (has(bmc, FAULT_FORCEPERMSG))
		return false;
	if (!bmc->profile->per_message_auth || has(bmc, FAULT_UNEXPECTEDAUTH))
		return true;
	return !bmc->profile->user_level_auth && is_user_level(packet);
}

/* Activate Session is sent with the temporary id; again, when its answer was lost. */
static bool is_activation(const struct session *session, const struct packet *packet)
{
	const uint8_t *p = packet->message;

	return packet->session_id == session->temporary_id && packet->length > 5 &&
	       p[1] >> 2 == NETFN_APP && p[5] == 0x3a;
}

static bool session_accepts(struct session *session, const struct packet *packet)
{
	bool activating = is_activation(session, packet);

	if (activating ? session->heard :
			 session->step != STEP_ACTIVE || packet->session_id != session->id) {
		stats.no_session++;
		return false;
	}
	if (!code_is_right(session, packet) ||
	    (!packet->code && session->auth_type != AUTH_NONE &&
	     (activating || !may_be_bare(session, packet)))) {
		stats.wrong_code++;
		if (activating)
			login_failed(session->bmc);
		return false;
	}
	if (!activating && !window_accept(&session->inbound, packet->sequence, AHEAD, BEHIND)) {
		stats.sequence++;
		return false;
	}
	session->heard = !activating;
	return true;
}

void lan15_receive(struct bmc *bmc, const struct endpoint *from, const uint8_t *bytes,
		   size_t length)
{
	struct origin origin = {.bmc = bmc, .from = *from};
	struct packet packet;

	if (!packet_parse(bytes, length, &packet)) {
		stats.malformed++;
		return;
	}
	origin.session_id = packet.session_id;
	origin.auth_type = packet.auth_type;
	if (packet.session_id) {
		struct session *session = session_find(bmc, packet.session_id);

		if (!session)
			session = session_find_temporary(bmc, packet.session_id);
		if (!session || session->rmcpplus) {
			stats.no_session++;
			return;
		}
		if (!session_accepts(session, &packet))
			return;
		session->used = now;
		origin.session = session;
	} else if (packet.auth_type != AUTH_NONE) {
		stats.wrong_code++;
		return;
	}
	message_receive(&origin, packet.message, packet.length);
}

/* Faults of the codes in answers. */
static void spoil_code(struct bmc *bmc, uint8_t code[CODE_LENGTH])
{
	if (has(bmc, FAULT_NOAUTHCODECHECK))
		memset(code, 0, CODE_LENGTH);
	if (bmc_chance(bmc, FAULT_BAD_AUTHCODE))
		code[random_below(&bmc->random, CODE_LENGTH)] ^= 0x40;
}

static void put_sequence(const struct bmc *bmc, uint8_t *p, uint32_t sequence)
{
	put32(p, has(bmc, FAULT_ENDIANSEQ) ? __builtin_bswap32(sequence) : sequence);
}

void lan15_answer(const struct origin *origin, const uint8_t *message, size_t length)
{
	struct bmc *bmc = origin->bmc;
	struct session *session = origin->session;
	struct answer *answer = answer_begin(bmc, &origin->from);
	uint8_t *p = answer->bytes, type = session ? origin->auth_type : AUTH_NONE;
	uint32_t sequence = session && session->step == STEP_ACTIVE ? session_number(session) : 0;
	const uint8_t header[] = {RMCP_VERSION, 0, RMCP_NO_ACK, RMCP_IPMI};

	if (session && has(bmc, FAULT_UNEXPECTEDAUTH))
		type = session->auth_type;
	memcpy(p, header, sizeof(header));
	p += sizeof(header);
	*p++ = type;
	put_sequence(bmc, p, sequence);
	p += 4;
	put32(p, session && has(bmc, FAULT_IDZERO) ? 0 : origin->session_id);
	p += 4;
	if (type != AUTH_NONE) {
		make_code(session->user, type, get32(p - 4), get32(p - 8), message, length, p);
		spoil_code(bmc, p);
		p += CODE_LENGTH;
	}
	*p++ = (uint8_t)length;
	memcpy(p, message, length);
	answer->length = (size_t)(p - answer->bytes) + length;
	answer_send(answer);
}
