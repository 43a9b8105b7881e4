/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that begin, change and end sessions (IPMI 2.0, 22.16 to 22.20). */
#include "command.h"
#include "wire.h"

#include <string.h>

/* Codes that mean something else in each command. */
enum {
	/* Get Session Challenge */
	CODE_NO_SUCH_USER = 0x81,
	CODE_NO_NULL_USER = 0x82,
	/* Activate Session */
	CODE_NO_SLOT = 0x81,
	CODE_BAD_SEQUENCE = 0x84,
	CODE_BAD_SESSION = 0x85,
	CODE_ABOVE_LIMIT = 0x86,
	/* Set Session Privilege Level */
	CODE_NOT_FOR_USER = 0x80,
	CODE_EXCEEDS_LIMIT = 0x81,
	/* Close Session */
	CODE_NO_SESSION = 0x87,
	CODE_NO_HANDLE = 0x88,
};

/*
 * The fault that hears only a second source port: whether this request is one that it does not
 * hear.
 */
static bool is_ignored(struct bmc *bmc, const struct endpoint *from)
{
	uint16_t port = endpoint_port(from);

	if (!has(bmc, FAULT_CHALLENGE_NEW_PORT))
		return false;
	if (!bmc->challenge_port || bmc->challenge_port == port) {
		bmc->challenge_port = port;
		return true;
	}
	bmc->challenge_port = 0;
	return false;
}

/* 22.16 */
static int get_session_challenge(struct request *request)
{
	struct bmc *bmc = request->origin.bmc;
	uint8_t type = request->data[0] & 0x0f;
	size_t length = strnlen((const char *)request->data + 1, NAME_MAX_LENGTH);
	const struct user *user;
	struct session *session;

	if (has(bmc, FAULT_ONLY_20))
		return CODE_UNKNOWN;
	if (is_ignored(bmc, &request->origin.from))
		return CODE_SILENT;
	if (!(bmc->profile->auth_types >> type & 1))
		return CODE_BAD_FIELD;
	user = user_find(bmc, request->data + 1, length, 0);
	if (!user) {
		login_failed(bmc);
		return length ? CODE_NO_SUCH_USER : CODE_NO_NULL_USER;
	}
	session = session_make(bmc, &request->origin.from, STEP_CHALLENGED);
	if (!session)
		return CODE_UNSPECIFIED;
	session->user = user;
	session->auth_type = type;
	reply_add(request, &(uint8_t[4]){0}, 4);
	put32(request->reply, session->id);
	reply_add(request, session->challenge, sizeof(session->challenge));
	return CODE_OK;
}

/* The first time, not again because an answer was lost. */
static int activate(struct session *session, uint8_t privilege, uint32_t outbound)
{
	struct bmc *bmc = session->bmc;
	uint32_t inbound;

	if (privilege > session->user->privilege)
		return CODE_ABOVE_LIMIT;
	if (has(bmc, FAULT_EXACT_PRIVILEGE) && privilege != session->user->privilege)
		return CODE_NO_PRIVILEGE;
	if (session_is_full(bmc))
		return CODE_NO_SLOT;
	memcpy(&inbound, session->random, sizeof(inbound));
	session_rename(session);
	session->step = STEP_ACTIVE;
	session->limit = privilege ? privilege : session->user->privilege;
	session->privilege =
		session->limit < PRIVILEGE_USER ? session->limit : (uint8_t)PRIVILEGE_USER;
	session->outbound = outbound + has(bmc, FAULT_SEQUENCE_OFF_BY_ONE);
	window_start(&session->inbound, inbound ? inbound : 1);
	bmc->logins_begun++;
	bmc->logins_good++;
	return CODE_OK;
}

/* What authentication the rest of the session has. */
static uint8_t rest_type(const struct session *session)
{
	const struct bmc *bmc = session->bmc;

	if (!bmc->profile->per_message_auth || has(bmc, FAULT_FORCEPERMSG) ||
	    has(bmc, FAULT_UNEXPECTEDAUTH))
		return AUTH_NONE;
	return session->auth_type;
}

/* 22.17 */
static int activate_session(struct request *request)
{
	struct session *session = request->origin.session;
	const uint8_t *p = request->data;
	uint32_t outbound = get32(p + 18);
	uint8_t reply[10];
	int code = CODE_OK;

	if (!session || request->origin.session_id != session->temporary_id)
		return CODE_BAD_SESSION;
	if ((p[0] & 0x0f) != session->auth_type || (p[1] & 0x0f) > PRIVILEGE_OEM ||
	    memcmp(p + 2, session->challenge, sizeof(session->challenge)))
		return CODE_BAD_FIELD;
	if (!outbound)
		return CODE_BAD_SEQUENCE;
	if (session->step == STEP_CHALLENGED)
		code = activate(session, p[1] & 0x0f, outbound);
	else
		session->outbound = outbound;
	if (code && code != CODE_NO_SLOT)
		login_failed(session->bmc);
	if (code)
		return code;
	reply[0] = rest_type(session);
	put32(reply + 1, session->id);
	put32(reply + 5, session->inbound.highest + 1);
	reply[9] = session->limit;
	reply_add(request, reply, sizeof(reply));
	return CODE_OK;
}

/* 22.18 */
static int set_session_privilege(struct request *request)
{
	struct session *session = request->origin.session;
	uint8_t privilege = request->data[0] & 0x0f;

	if (privilege > PRIVILEGE_OEM || privilege == PRIVILEGE_CALLBACK)
		return CODE_BAD_FIELD;
	if (privilege > session->user->privilege)
		return CODE_NOT_FOR_USER;
	if (privilege > session->limit)
		return CODE_EXCEEDS_LIMIT;
	if (privilege)
		session->privilege = privilege;
	reply_byte(request, session->privilege);
	return CODE_OK;
}

static struct session *session_by_handle(struct bmc *bmc, uint8_t handle)
{
	struct session *s = bmc->sessions;

	while (s && (s->step != STEP_ACTIVE || s->handle != handle))
		s = s->next;
	return s;
}

/* 22.19 */
static int close_session(struct request *request)
{
	struct session *session = request->origin.session, *other;
	uint32_t id = get32(request->data);

	if (!id) {
		if (request->length < 5)
			return CODE_NO_SESSION;
		other = session_by_handle(session->bmc, request->data[4]);
		if (!other)
			return CODE_NO_HANDLE;
	} else {
		other = session_find(session->bmc, id);
		if (!other || other->step != STEP_ACTIVE)
			return CODE_NO_SESSION;
	}
	if (other != session && session->privilege < PRIVILEGE_ADMIN)
		return CODE_NO_PRIVILEGE;
	if (other != session)
		session_end(other);
	else
		session->closing = true;
	return has(request->origin.bmc, FAULT_NO_CLOSE_ANSWER) ? CODE_SILENT : CODE_OK;
}

static void put_session_info(struct request *request, const struct session *s)
{
	const struct user *users = request->origin.bmc->profile->users;
	uint8_t info[15] = {0};

	/* not one of these users after a change of settings */
	if (s->user >= users && s->user < users + USERS_MAX)
		info[0] = (uint8_t)(s->user - users + 1);
	info[1] = s->privilege;
	info[2] = s->rmcpplus ? 0x11 : 0x01;
	if (s->from.u.any.sa_family == AF_INET)
		memcpy(info + 3, &s->from.u.in.sin_addr, 4);
	else
		memcpy(info + 3, s->from.u.in6.sin6_addr.s6_addr + 12, 4);
	put16(info + 13, endpoint_port(&s->from));
	reply_add(request, info, sizeof(info));
}

/* 22.20 */
static int get_session_info(struct request *request)
{
	struct session *session = request->origin.session, *s = NULL;
	struct bmc *bmc = session->bmc;
	uint8_t index = request->data[0];

	if (index == 0xfe && request->length >= 2) {
		s = session_by_handle(bmc, request->data[1]);
	} else if (index == 0xff && request->length >= 5) {
		s = session_find(bmc, get32(request->data + 1));
	} else if (index == 0) {
		s = session;
	} else {
		for (s = bmc->sessions; s; s = s->next) {
			if (s->step == STEP_ACTIVE && !--index)
				break;
		}
	}
	if (s && s->step != STEP_ACTIVE)
		s = NULL;
	reply_byte(request, s ? s->handle : 0);
	reply_byte(request, (uint8_t)(bmc->profile->sessions < 63 ? bmc->profile->sessions : 63));
	reply_byte(request, (uint8_t)session_count(bmc));
	if (s)
		put_session_info(request, s);
	return CODE_OK;
}

const struct command session_commands[] = {
	{NETFN_APP, 0x39, 0, 17, 17, "get-session-challenge", get_session_challenge},
	{NETFN_APP, 0x3a, 0, 22, 22, "activate-session", activate_session},
	{NETFN_APP, 0x3b, PRIVILEGE_CALLBACK, 1, 1, "set-session-privilege-level",
	 set_session_privilege},
	{NETFN_APP, 0x3c, PRIVILEGE_CALLBACK, 4, 5, "close-session", close_session},
	{NETFN_APP, 0x3d, PRIVILEGE_USER, 1, 5, "get-session-info", get_session_info},
	{.name = NULL},
};
