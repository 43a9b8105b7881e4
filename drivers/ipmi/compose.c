/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session sends in each of its phases. See session.h. */
#include "base/secret.h"
#include "quirk.h"
#include "rmcpplus.h"
#include "session.h"

#include <errno.h>

static int put_lan(struct session *s, struct packet *p, const struct lan_header *header,
		   const struct request *request)
{
	uint8_t password[LAN_PASSWORD_SIZE];
	int err;

	lan_begin(p, header);
	request_encode(p, request);
	login_short_password(s->login, password);
	err = lan_end(p, header, password);
	wipe(password, sizeof(password));
	return err;
}

/* A message of nobody's. */
static int put_sessionless(struct session *s, struct packet *p, struct request *request)
{
	const struct lan_header header = {.auth = AUTH_NONE};

	request->sequence = s->tag;
	return put_lan(s, p, &header, request);
}

static int put_payload(struct packet *p, enum payload_type type, const struct packet *payload)
{
	const struct rmcpplus_header header = {.type = (uint8_t)type};

	return rmcpplus_encode(p, &header, NULL, NULL,
			       (struct view){payload->bytes, payload->length});
}

static int compose_ping(struct session *s, struct packet *p)
{
	ping_encode(p, s->tag);
	return 0;
}

static int compose_capabilities(struct session *s, struct packet *p)
{
	struct request request = {0};

	auth_capabilities_request(&request, s->login->privilege, !s->old);
	return put_sessionless(s, p, &request);
}

static int compose_suites(struct session *s, struct packet *p)
{
	struct request request = {0};

	cipher_suites_request(&request, s->list_index);
	return put_sessionless(s, p, &request);
}

static int compose_open(struct session *s, struct packet *p)
{
	const bool exact = s->login->quirks & QUIRK_OPENSESSPRIV;
	struct packet payload = {.length = 0};

	s->unheard++;
	open_session_encode(&payload, s->tag, exact ? s->login->privilege : PRIVILEGE_HIGHEST,
			    s->rakp.console, s->rakp.suite);
	return put_payload(p, PAYLOAD_OPEN_SESSION_REQUEST, &payload);
}

static int compose_rakp1(struct session *s, struct packet *p)
{
	struct packet payload = {.length = 0};
	/* always the same number: a late answer to the last sending is as good as any */
	int err = s->tries ? 0 : random_bytes(s->rakp.console_random, RANDOM_SIZE);

	if (err)
		return err;
	rakp1_encode(&payload, s->tag, &s->rakp);
	return put_payload(p, PAYLOAD_RAKP_1, &payload);
}

static int compose_rakp3(struct session *s, struct packet *p)
{
	struct packet payload = {.length = 0};
	uint8_t code[DIGEST_MAX];
	size_t length = 0;
	int err = rakp3_code(&s->rakp, login_bytes(s->login->password), code, &length);

	if (err)
		return err;
	rakp3_encode(&payload, s->tag, RAKP_OK, s->rakp.bmc, (struct view){code, length});
	return put_payload(p, PAYLOAD_RAKP_3, &payload);
}

static int compose_challenge(struct session *s, struct packet *p)
{
	struct request request = {0};

	challenge_request(&request, s->auth, s->login->user);
	return put_sessionless(s, p, &request);
}

static int compose_activate(struct session *s, struct packet *p)
{
	const struct lan_header header = {
		.auth = s->auth, .session = s->rakp.bmc,
	};
	struct request request = {0};

	activate_request(&request, s->auth, s->login->privilege, s->challenge, s->rakp.console);
	request.sequence = s->tag;
	return put_lan(s, p, &header, &request);
}

static int compose_request(struct session *s, struct packet *p)
{
	const bool again = s->once && s->tries;
	struct packet payload = {.length = 0};

	s->request.sequence = s->tag;
	if (!again && !++s->sequence)
		s->sequence = 1;
	if (s->v15) {
		const struct lan_header header = {
			.auth = s->permsg ? s->auth : AUTH_NONE, .session = s->rakp.bmc,
			.sequence = s->sequence,
		};

		return put_lan(s, p, &header, &s->request);
	}
	request_encode(&payload, &s->request);
	return rmcpplus_encode(
		p,
		&(struct rmcpplus_header){
			.type = PAYLOAD_IPMI,
			.session = s->rakp.bmc,
			.sequence = s->sequence,
			.authenticated = s->rakp.suite->integrity != INTEGRITY_NONE,
			.encrypted = s->rakp.suite->confidentiality != CONFIDENTIALITY_NONE,
		},
		s->rakp.suite, &s->keys, (struct view){payload.bytes, payload.length});
}

static int (*const composers[PHASES])(struct session *s, struct packet *p) = {
	[PHASE_PING] = compose_ping,
	[PHASE_CAPABILITIES] = compose_capabilities,
	[PHASE_SUITES] = compose_suites,
	[PHASE_OPEN] = compose_open,
	[PHASE_RAKP1] = compose_rakp1,
	[PHASE_RAKP3] = compose_rakp3,
	[PHASE_CHALLENGE] = compose_challenge,
	[PHASE_ACTIVATE] = compose_activate,
	[PHASE_PRIVILEGE] = compose_request,
	[PHASE_COMMAND] = compose_request,
	[PHASE_CLOSE] = compose_request,
};

int session_compose(struct session *s, struct packet *p)
{
	int err;

	if (!composers[s->phase])
		return -EINVAL;
	if (!s->once || !s->tries || s->phase < PHASE_PRIVILEGE)
		s->tag = (s->tag + 1) % MESSAGE_SEQUENCES;
	p->length = 0;
	p->overflow = false;
	err = composers[s->phase](s, p);
	if (s->tries < MESSAGE_SEQUENCES - 1)
		s->tries++;
	return err ? err : p->overflow ? -EMSGSIZE : 0;
}

bool session_farewell(struct session *s, struct packet *p)
{
	struct packet payload = {.length = 0};

	if (!s->farewell)
		return false;
	p->length = 0;
	p->overflow = false;
	rakp3_encode(&payload, s->tag, s->farewell, s->rakp.bmc, (struct view){NULL, 0});
	s->farewell = 0;
	return !put_payload(p, PAYLOAD_RAKP_3, &payload);
}
