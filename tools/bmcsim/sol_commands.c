/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Payload commands (IPMI 2.0, chapter 24), and the table of those that have to do with SOL, with
 * its configuration (chapter 26).
 */
#include "sol.h"
#include "wire.h"

#include <string.h>

/* Codes that mean something else in each command. */
enum {
	/* Activate Payload */
	CODE_ALREADY_ACTIVE = 0x80,
	CODE_DISABLED = 0x81,		/* and of Deactivate Payload */
	CODE_LIMIT = 0x82,
	CODE_NOT_WITH_ENCRYPTION = 0x83,
	CODE_NOT_WITHOUT_ENCRYPTION = 0x84,
	/* Deactivate Payload */
	CODE_ALREADY_DEACTIVATED = 0x80,
	/* Suspend/Resume Payload Encryption */
	CODE_NOT_FOR_PAYLOAD = 0x80,
	CODE_NOT_ALLOWED = 0x81,
	CODE_NO_ENCRYPTION = 0x82,
	CODE_NOT_ACTIVE = 0x83,
	/* Get Channel Payload Version */
	CODE_NO_PAYLOAD = 0x80,
};

/* First byte of Activate Payload's auxiliary data for SOL (table 24-2). */
enum {
	WITH_ENCRYPTION = 0x80,
	WITH_AUTHENTICATION = 0x40,
	ALERTS_SHIFT = 2,
	ALERTS_DEFERRED = 1,
	START_PAUSED = 0x02,
};

enum { CHANNEL = 1, THIS_CHANNEL = 0x0e, INSTANCE_MAX = 15, CAPACITY = 1 };

static bool is_channel(uint8_t channel)
{
	return (channel & 0x0f) == CHANNEL || (channel & 0x0f) == THIS_CHANNEL;
}

/* CODE_OK when the request's first bytes name SOL and an instance that may be. */
static int check_payload(const struct request *request)
{
	uint8_t instance = request->data[1] & 0x0f;

	if ((request->data[0] & PAYLOAD_TYPE) != PAYLOAD_SOL || !instance)
		return CODE_BAD_FIELD;
	return CODE_OK;
}

static bool may_use(const struct sol *sol, const struct session *session)
{
	const struct user *users = sol->bmc->profile->users;

	if (session->privilege < sol->settings.privilege)
		return false;
	/* not one of these users after a change of settings */
	if (session->user < users || session->user >= users + USERS_MAX)
		return true;
	return !(sol->no_access >> (session->user - users) & 1);
}

/* What the flags of Activate Payload come to; an enum code. */
static int choose_protection(const struct sol *sol, const struct session *session, uint8_t asked,
			     uint8_t *protection)
{
	uint8_t can = session_protection(session);

	*protection = 0;
	if (asked & WITH_ENCRYPTION) {
		if (!(can & PAYLOAD_ENCRYPTED) || has(sol->bmc, FAULT_SOL_NO_ENCRYPTION))
			return CODE_NOT_WITH_ENCRYPTION;
		*protection |= PAYLOAD_ENCRYPTED;
	} else if (sol->settings.force_encryption) {
		return CODE_NOT_WITHOUT_ENCRYPTION;
	}
	if (asked & WITH_AUTHENTICATION)
		*protection |= can & PAYLOAD_AUTHENTICATED;
	else if (sol->settings.force_authentication)
		return CODE_BAD_FIELD;
	return CODE_OK;
}

/* Table 24-2's answer for SOL: sizes of packets, port; no VLAN. */
static void put_activation(struct request *request)
{
	const struct bmc *bmc = request->origin.bmc;
	uint8_t aux[12] = {[10] = 0xff, 0xff};
	uint16_t size = SOL_HEADER + SOL_CHARACTERS;

	if (has(bmc, FAULT_SOLPAYLOADSIZE))
		size = (uint16_t)bmc->faults->value[FAULT_SOLPAYLOADSIZE];
	put16(aux + 4, size);
	put16(aux + 6, size);
	put16(aux + 8, has(bmc, FAULT_SOLPORT) ? (uint16_t)bmc->faults->value[FAULT_SOLPORT] :
						 sol_port);
	reply_add(request, aux, sizeof(aux));
}

/* 24.1 */
static int activate_payload(struct request *request)
{
	struct session *session = request->origin.session;
	struct bmc *bmc = request->origin.bmc;
	uint8_t asked = request->data[2], protection;
	struct sol *sol = sol_get(bmc);
	int code = check_payload(request);

	if (code)
		return code;
	if (!sol)
		return CODE_UNSPECIFIED;
	if (!session->rmcpplus)
		return CODE_NOT_NOW;
	if (!may_use(sol, session))
		return CODE_NO_PRIVILEGE;
	if (!sol->settings.enabled)
		return CODE_DISABLED;
	if ((request->data[1] & 0x0f) > CAPACITY)
		return CODE_LIMIT;
	if (has(bmc, FAULT_SERIALALERTSDEFERRED) &&
	    (asked >> ALERTS_SHIFT & 3) != ALERTS_DEFERRED)
		return CODE_BAD_FIELD;
	code = choose_protection(sol, session, asked, &protection);
	if (code)
		return code;
	if (sol->session && session_is_over(sol->session))
		session_end(sol->session);
	if (has(bmc, FAULT_SOL_ALWAYS_ACTIVE) || (sol->session && sol->session != session))
		return CODE_ALREADY_ACTIVE;
	/* again, when the answer was lost */
	if (!sol->session)
		sol_begin(sol, &request->origin, protection, asked & START_PAUSED);
	put_activation(request);
	return CODE_OK;
}

/* 24.2: anybody who may use it may take it away. */
static int deactivate_payload(struct request *request)
{
	struct session *session = request->origin.session;
	struct bmc *bmc = request->origin.bmc;
	struct sol *sol = sol_get(bmc);
	int code = check_payload(request);

	if (code)
		return code;
	if (!sol)
		return CODE_UNSPECIFIED;
	if (!may_use(sol, session))
		return CODE_NO_PRIVILEGE;
	if (!sol->settings.enabled)
		return CODE_DISABLED;
	if (has(bmc, FAULT_SOL_KEEPS))
		return CODE_OK;
	if ((request->data[1] & 0x0f) > CAPACITY || !sol->session ||
	    (sol->session != session && has(bmc, FAULT_SOL_OWN_DEACTIVATE)))
		return CODE_ALREADY_DEACTIVATED;
	if (sol->session == session)
		sol_end(sol, false, "deactivated");
	else
		sol_end(sol, true, "stolen");
	return CODE_OK;
}

static bool is_active(struct bmc *bmc)
{
	struct sol *sol = bmc->sol;

	if (sol && sol->session && session_is_over(sol->session))
		session_end(sol->session);
	return sol && sol->session;
}

/* 24.4 */
static int get_payload_activation_status(struct request *request)
{
	struct bmc *bmc = request->origin.bmc;
	bool active = is_active(bmc);

	if ((request->data[0] & PAYLOAD_TYPE) != PAYLOAD_SOL)
		return CODE_BAD_FIELD;
	if (has(bmc, FAULT_SOLSTATUS))
		return (int)bmc->faults->value[FAULT_SOLSTATUS];
	if (has(bmc, FAULT_SOL_STATUS_BLIND))
		active = false;
	if (has(bmc, FAULT_SOL_ALWAYS_ACTIVE))
		active = true;
	reply_byte(request, has(bmc, FAULT_SOL_NO_CAPACITY) ? 0 : CAPACITY);
	reply_byte(request, active);
	reply_byte(request, 0);
	return CODE_OK;
}

/* 24.5: its session, 0 for none; the number of the serial port. */
static int get_payload_instance_info(struct request *request)
{
	struct bmc *bmc = request->origin.bmc;
	uint8_t info[12] = {[4] = 1};
	int code = check_payload(request);

	if (code)
		return code;
	if (is_active(bmc) && (request->data[1] & 0x0f) <= CAPACITY)
		put32(info, bmc->sol->session->id);
	reply_add(request, info, sizeof(info));
	return CODE_OK;
}

/* The user of a request's second byte by id - 1; -1: there is none. */
static int user_index(const struct request *request)
{
	int id = request->data[1] & 0x3f;

	return is_channel(request->data[0]) && id >= 1 && id <= USERS_MAX ? id - 1 : -1;
}

/* 24.6: with 0 they are enabled, with 1 disabled */
static int set_user_payload_access(struct request *request)
{
	int user = user_index(request), operation = request->data[1] >> 6;
	struct sol *sol = sol_get(request->origin.bmc);

	if (user < 0 || operation > 1)
		return CODE_BAD_FIELD;
	if (!sol)
		return CODE_UNSPECIFIED;
	if (!(request->data[2] & 1 << PAYLOAD_SOL))
		return CODE_OK;
	if (operation)
		sol->no_access |= (uint16_t)(1 << user);
	else
		sol->no_access &= (uint16_t)~(1 << user);
	return CODE_OK;
}

/* 24.7 */
static int get_user_payload_access(struct request *request)
{
	const struct sol *sol = request->origin.bmc->sol;
	int user = user_index(request);
	uint8_t access[4] = {1 << PAYLOAD_SOL};

	if (user < 0)
		return CODE_BAD_FIELD;
	if (sol && sol->no_access >> user & 1)
		access[0] = 0;
	reply_add(request, access, sizeof(access));
	return CODE_OK;
}

/* 24.8: IPMI messages and SOL; the payloads of log-ins */
static int get_channel_payload_support(struct request *request)
{
	static const uint8_t support[8] = {1 << PAYLOAD_IPMI | 1 << PAYLOAD_SOL, 0x00, 0x3f};

	if (has(request->origin.bmc, FAULT_SOLCHANNELSUPPORT))
		return CODE_UNKNOWN;
	if (!is_channel(request->data[0]))
		return CODE_BAD_FIELD;
	reply_add(request, support, sizeof(support));
	return CODE_OK;
}

/* 24.9: 1.0 of each */
static int get_channel_payload_version(struct request *request)
{
	uint8_t type = request->data[1] & PAYLOAD_TYPE;

	if (!is_channel(request->data[0]))
		return CODE_BAD_FIELD;
	if (type != PAYLOAD_IPMI && type != PAYLOAD_SOL &&
	    (type < PAYLOAD_OPEN_REQUEST || type > PAYLOAD_RAKP4))
		return CODE_NO_PAYLOAD;
	reply_byte(request, 0x10);
	return CODE_OK;
}

/* 24.3: 0 suspends, 1 resumes, 2 makes a new initialization vector, which each packet has anyway */
static int suspend_payload_encryption(struct request *request)
{
	struct sol *sol = request->origin.bmc->sol;
	uint8_t operation = request->data[2] & 0x1f;
	int code = check_payload(request);

	if (code)
		return CODE_NOT_FOR_PAYLOAD;
	if (operation > 2)
		return CODE_BAD_FIELD;
	if (!sol || sol->session != request->origin.session)
		return CODE_NOT_ACTIVE;
	if (!(session_protection(sol->session) & PAYLOAD_ENCRYPTED))
		return CODE_NO_ENCRYPTION;
	if (operation == 0 && sol->settings.force_encryption)
		return CODE_NOT_ALLOWED;
	if (operation == 0)
		sol->protection &= (uint8_t)~PAYLOAD_ENCRYPTED;
	else if (operation == 1)
		sol->protection |= PAYLOAD_ENCRYPTED;
	return CODE_OK;
}

const struct command sol_commands[] = {
	{NETFN_APP, 0x48, PRIVILEGE_USER, 6, 6, "activate-payload", activate_payload},
	{NETFN_APP, 0x49, PRIVILEGE_USER, 6, 6, "deactivate-payload", deactivate_payload},
	{NETFN_APP, 0x4a, PRIVILEGE_USER, 1, 1, "get-payload-activation-status",
	 get_payload_activation_status},
	{NETFN_APP, 0x4b, PRIVILEGE_USER, 2, 2, "get-payload-instance-info",
	 get_payload_instance_info},
	{NETFN_APP, 0x4c, PRIVILEGE_ADMIN, 6, 6, "set-user-payload-access",
	 set_user_payload_access},
	{NETFN_APP, 0x4d, PRIVILEGE_OPERATOR, 2, 2, "get-user-payload-access",
	 get_user_payload_access},
	{NETFN_APP, 0x4e, PRIVILEGE_USER, 1, 1, "get-channel-payload-support",
	 get_channel_payload_support},
	{NETFN_APP, 0x4f, PRIVILEGE_USER, 2, 2, "get-channel-payload-version",
	 get_channel_payload_version},
	{NETFN_APP, 0x55, PRIVILEGE_USER, 3, 3, "suspend-resume-payload-encryption",
	 suspend_payload_encryption},
	{NETFN_TRANSPORT, 0x21, PRIVILEGE_ADMIN, 3, 4, "set-sol-configuration-parameters",
	 sol_config_set},
	{NETFN_TRANSPORT, 0x22, PRIVILEGE_USER, 4, 4, "get-sol-configuration-parameters",
	 sol_config_get},
	{.name = NULL},
};
