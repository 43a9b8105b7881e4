/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands of the BMC itself, its channel and its users (IPMI 2.0, chapters 20 and 22). */
#include "command.h"
#include "wire.h"

#include <string.h>

enum { CHANNEL = 1, THIS_CHANNEL = 0x0e };

static bool is_channel(uint8_t channel)
{
	return (channel & 0x0f) == CHANNEL || (channel & 0x0f) == THIS_CHANNEL;
}

/* 20.1: device 0x20 revision 1, firmware 1.00, IPMI 2.0, chassis device, no vendor. */
static int get_device_id(struct request *request)
{
	static const uint8_t id[] = {0x20, 0x01, 0x01, 0x00, 0x02, 0x80, 0, 0, 0, 0, 0};

	reply_add(request, id, sizeof(id));
	return CODE_OK;
}

/* 20.4: no error */
static int get_self_test(struct request *request)
{
	static const uint8_t result[] = {0x55, 0x00};

	reply_add(request, result, sizeof(result));
	return CODE_OK;
}

static int get_guid(struct request *request)
{
	reply_add(request, request->origin.bmc->guid, GUID_LENGTH);
	return CODE_OK;
}

/* 22.24: 802.3, IPMB protocol, multi-session. */
static int get_channel_info(struct request *request)
{
	const struct bmc *bmc = request->origin.bmc;
	uint8_t info[] = {CHANNEL, 0x04, 0x01, 0x80, 0xf2, 0x1b, 0x00, 0x00, 0x00};

	if (!is_channel(request->data[0]))
		return CODE_BAD_FIELD;
	for (const struct session *s = bmc->sessions; s; s = s->next)
		info[3] += s->step == STEP_ACTIVE;
	reply_add(request, info, sizeof(info));
	return CODE_OK;
}

/* 22.23: always available; authentication as it is set up; up to administrator. */
static int get_channel_access(struct request *request)
{
	const struct profile *profile = request->origin.bmc->profile;
	uint8_t access = 0x02;

	if (!is_channel(request->data[0]) ||
	    (request->data[1] >> 6 != 1 && request->data[1] >> 6 != 2))
		return CODE_BAD_FIELD;
	if (!profile->per_message_auth)
		access |= 0x10;
	if (!profile->user_level_auth)
		access |= 0x08;
	reply_byte(request, access);
	reply_byte(request, PRIVILEGE_ADMIN);
	return CODE_OK;
}

static const struct user *user_of(const struct request *request, uint8_t id)
{
	id &= 0x3f;
	return id >= 1 && id <= USERS_MAX ? &request->origin.bmc->profile->users[id - 1] : NULL;
}

/* 22.27 */
static int get_user_access(struct request *request)
{
	const struct user *user = user_of(request, request->data[1]);
	uint8_t enabled = 0;

	if (!is_channel(request->data[0]) || !user)
		return CODE_BAD_FIELD;
	for (int i = 0; i < USERS_MAX; i++)
		enabled += request->origin.bmc->profile->users[i].enabled;
	reply_byte(request, USERS_MAX);
	reply_byte(request, (uint8_t)(enabled | (user->enabled ? 0x40 : 0x80)));
	reply_byte(request, 1);
	reply_byte(request, user->enabled ? 0x30 | user->privilege : 0x0f);
	return CODE_OK;
}

/* 22.29 */
static int get_user_name(struct request *request)
{
	const struct user *user = user_of(request, request->data[0]);

	if (!user)
		return CODE_BAD_FIELD;
	reply_add(request, user->name, sizeof(user->name));
	return CODE_OK;
}

static void put_suite(struct request *request, const struct suite *suite, uint8_t *bytes,
		      size_t *length)
{
	/* Sun's has the tag of integrity algorithms on confidentiality algorithms */
	bool wrong = has(request->origin.bmc, FAULT_SUN20);
	const uint8_t record[] = {0xc0, suite->id, suite->rakp, 0x40 | suite->integrity,
				  (uint8_t)((wrong ? 0x40 : 0x80) | suite->confidentiality)};

	memcpy(bytes + *length, record, sizeof(record));
	*length += sizeof(record);
}

/* Each algorithm once, without the suites (table 22-19). */
static size_t put_algorithms(const struct bmc *bmc, uint8_t *bytes)
{
	size_t length = 0;

	for (const struct suite *s = suites; s->id != 0xff; s++) {
		const uint8_t tagged[] = {s->rakp, 0x40 | s->integrity,
					  (uint8_t)(0x80 | s->confidentiality)};

		if (!(bmc->profile->suites >> s->id & 1))
			continue;
		for (size_t i = 0; i < sizeof(tagged); i++) {
			if (!memchr(bytes, tagged[i], length))
				bytes[length++] = tagged[i];
		}
	}
	return length;
}

/* 22.15 */
static int get_channel_cipher_suites(struct request *request)
{
	struct bmc *bmc = request->origin.bmc;
	uint8_t bytes[5 * SUITE_IDS];
	size_t length = 0, from = (request->data[2] & 0x3f) * (size_t)16;

	if (has(bmc, FAULT_ONLY_15))
		return CODE_UNKNOWN;
	if (has(bmc, FAULT_SILENT_CIPHER_SUITES)) {
		if (!bmc->faults->value[FAULT_SILENT_CIPHER_SUITES])
			return CODE_SILENT;
		if (bmc->silent_suites_left) {
			bmc->silent_suites_left--;
			return CODE_SILENT;
		}
	}
	if (!is_channel(request->data[0]) || (request->data[1] & 0x3f) != PAYLOAD_IPMI)
		return CODE_BAD_FIELD;
	if (request->data[2] & 0x80) {
		for (const struct suite *s = suites; s->id != 0xff; s++) {
			if (bmc->profile->suites >> s->id & 1)
				put_suite(request, s, bytes, &length);
		}
	} else {
		length = put_algorithms(bmc, bytes);
	}
	reply_byte(request, CHANNEL);
	if (from < length)
		reply_add(request, bytes + from, length - from < 16 ? length - from : 16);
	return CODE_OK;
}

/* Bits 2:0 of the authentication status: which kinds of user names there are. */
static uint8_t name_kinds(const struct profile *profile)
{
	const struct user *users = profile->users;
	uint8_t kinds = 0;

	if (users[0].enabled)
		kinds = users[0].password_length ? 0x02 : 0x01;
	for (int i = 1; i < USERS_MAX; i++) {
		if (users[i].enabled)
			kinds |= 0x04;
	}
	return kinds;
}

/* 22.13 */
static int get_channel_auth_capabilities(struct request *request)
{
	struct bmc *bmc = request->origin.bmc;
	const struct profile *profile = bmc->profile;
	bool extended = request->data[0] & 0x80 && !has(bmc, FAULT_ONLY_15);
	uint8_t types = profile->auth_types, status = name_kinds(profile);

	if (!is_channel(request->data[0]) || (request->data[1] & 0x0f) > PRIVILEGE_OEM ||
	    !(request->data[1] & 0x0f))
		return CODE_BAD_FIELD;
	if (has(bmc, FAULT_ONLY_20)) {
		if (!extended)
			return CODE_SILENT;
		types = 0;
	}
	if (!profile->per_message_auth || has(bmc, FAULT_UNEXPECTEDAUTH) ||
	    has(bmc, FAULT_FORCEPERMSG))
		status |= 0x10;
	if (!profile->user_level_auth)
		status |= 0x08;
	if (extended && profile->has_kg)
		status |= 0x20;
	if (has(bmc, FAULT_AUTHCAP)) {
		types = 0;
		status = (status & 0x18) | (extended && !profile->has_kg ? 0x20 : 0);
	}
	reply_byte(request, CHANNEL);
	reply_byte(request, types | (extended ? 0x80 : 0));
	reply_byte(request, status);
	reply_byte(request, extended ? (has(bmc, FAULT_ONLY_20) ? 0x02 : 0x03) : 0);
	reply_add(request, (const uint8_t[4]){0}, 4);
	return CODE_OK;
}

const struct command app_commands[] = {
	{NETFN_APP, 0x01, PRIVILEGE_USER, 0, 0, "get-device-id", get_device_id},
	{NETFN_APP, 0x04, PRIVILEGE_USER, 0, 0, "get-self-test-results", get_self_test},
	{NETFN_APP, 0x08, PRIVILEGE_USER, 0, 0, "get-device-guid", get_guid},
	{NETFN_APP, 0x37, 0, 0, 0, "get-system-guid", get_guid},
	{NETFN_APP, 0x38, 0, 2, 2, "get-channel-auth-capabilities", get_channel_auth_capabilities},
	{NETFN_APP, 0x41, PRIVILEGE_USER, 2, 2, "get-channel-access", get_channel_access},
	{NETFN_APP, 0x42, PRIVILEGE_USER, 1, 1, "get-channel-info", get_channel_info},
	{NETFN_APP, 0x44, PRIVILEGE_OPERATOR, 2, 2, "get-user-access", get_user_access},
	{NETFN_APP, 0x46, PRIVILEGE_OPERATOR, 1, 1, "get-user-name", get_user_name},
	{NETFN_APP, 0x54, 0, 3, 3, "get-channel-cipher-suites", get_channel_cipher_suites},
	{.name = NULL},
};
