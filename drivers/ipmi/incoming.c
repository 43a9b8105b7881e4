/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams taken apart: IPMI 2.0, sections 13.6 and 6.12.13. See incoming.h. */
#include "incoming.h"
#include "base/secret.h"
#include "quirk.h"
#include "rmcpplus.h"

#include <errno.h>

enum { WINDOW = 16 };		/* section 6.12.13 */

/*
 * Whether a sequence number is new. Gaps are ordinary: some BMCs count packets that they never send.
 */
static bool window_take(struct window *w, uint32_t sequence)
{
	uint32_t ahead = sequence - w->highest, behind = w->highest - sequence;

	if (!w->begun) {
		*w = (struct window){sequence, 1, true};
		return true;
	}
	if (ahead && ahead < UINT32_MAX / 2) {
		w->seen = ahead < 32 ? w->seen << ahead | 1 : 1;
		w->highest = sequence;
		return true;
	}
	if (behind >= WINDOW || w->seen & 1u << behind)
		return false;
	w->seen |= 1u << behind;
	return true;
}

/* Whether the signature of a packet of IPMI 1.5 is as it must be. */
static int check_lan(struct session *s, const struct lan_packet *packet, bool *unsigned_refusal)
{
	const unsigned quirks = s->login->quirks;
	const bool signs = s->auth != AUTH_NONE && (s->permsg || s->phase == PHASE_ACTIVATE);
	uint8_t password[LAN_PASSWORD_SIZE];
	int err;

	if (!packet->header.session && !packet->header.sequence &&
	    packet->header.auth == AUTH_NONE && s->phase < PHASE_ACTIVATE)
		return 0;
	if (quirks & QUIRK_NOAUTHCODECHECK)
		return 0;
	*unsigned_refusal = signs && s->phase == PHASE_ACTIVATE && packet->header.auth == AUTH_NONE;
	if (*unsigned_refusal)
		return 0;
	/* unexpectedauth: signs though it said that it does not */
	if (packet->header.auth != (signs ? s->auth : AUTH_NONE) &&
	    !(packet->header.auth == s->auth && (!signs && quirks & QUIRK_UNEXPECTEDAUTH))) {
		s->hint = signs ? HINT_UNSIGNED : HINT_SIGNED;
		return -EBADMSG;
	}
	login_short_password(s->login, password);
	err = lan_check(packet, password);
	wipe(password, sizeof(password));
	if (err)
		s->hint = HINT_CODE;
	return err;
}

static int open_lan(struct session *s, struct view v, struct incoming *in)
{
	const bool swapped = s->login->quirks & QUIRK_ENDIANSEQ;
	struct lan_packet packet;
	int err = lan_decode(v, swapped, &packet);

	if (!err)
		err = check_lan(s, &packet, &in->unsigned_refusal);
	if (err)
		return err;
	in->kind = IN_RESPONSE;
	in->payload = packet.payload;
	in->in_session = s->v15 && s->phase >= PHASE_PRIVILEGE;
	if (in->in_session && packet.header.session != s->rakp.bmc &&
	    (packet.header.session || !(s->login->quirks & QUIRK_IDZERO))) {
		s->hint = packet.header.session ? s->hint : HINT_ID_ZERO;
		return -EPROTO;
	}
	if (in->in_session && packet.header.sequence &&
	    !window_take(&s->window, packet.header.sequence))
		return -EALREADY;
	return 0;
}

static int open_rmcpplus(struct session *s, uint8_t *bytes, size_t length, struct incoming *in)
{
	struct rmcpplus_header header;
	int err = rmcpplus_peek((struct view){bytes, length}, &header);

	if (err)
		return err;
	if (header.session && (header.session != s->rakp.console || !session_is_open(s) || s->v15))
		return -EPROTO;
	if (header.session)
		err = rmcpplus_open(bytes, length, s->rakp.suite, &s->keys, &header, &in->payload);
	else
		err = rmcpplus_open(bytes, length, NULL, NULL, &header, &in->payload);
	if (err)
		return err;
	in->in_session = header.session != 0;
	in->type = header.type;
	in->kind = header.type == PAYLOAD_IPMI ? IN_RESPONSE : IN_PAYLOAD;
	if (in->in_session && !window_take(&s->window, header.sequence))
		return -EALREADY;
	return 0;
}

int incoming_open(struct session *s, uint8_t *bytes, size_t length, struct incoming *in)
{
	struct view v = {bytes, length};
	int class = rmcp_take(&v), err;

	if (class < 0)
		return class;
	if (class == RMCP_ASF) {
		in->kind = IN_PONG;
		return pong_decode(v, &in->pong);
	}
	if (class != RMCP_IPMI || !v.length)
		return -EPROTO;
	if (v.at[0] == AUTH_RMCPPLUS)
		err = open_rmcpplus(s, bytes + (length - v.length), v.length, in);
	else
		err = open_lan(s, v, in);
	if (!err && in->kind == IN_RESPONSE) {
		err = response_decode(in->payload,
				      !(s->login->quirks & QUIRK_NOCHECKSUMCHECK), &in->response);
		if (err == -EBADMSG)
			s->hint = HINT_CHECKSUM;
	}
	return err;
}

