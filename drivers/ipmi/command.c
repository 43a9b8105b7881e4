/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands that are sent, and what comes back: IPMI 2.0, sections 22.13 to 22.19, 28.2 to 28.5,
 * 28.12 and 28.13, tables 5-2 (completion codes), 28-14 (boot options) and G-1 (numbers).
 */
#include "command.h"

#include <errno.h>

enum command {
	CHASSIS_STATUS = 0x01, CHASSIS_CONTROL = 0x02, CHASSIS_IDENTIFY = 0x04,
	SET_BOOT_OPTIONS = 0x08, GET_BOOT_OPTIONS = 0x09,

	GET_CAPABILITIES = 0x38, GET_CHALLENGE = 0x39, ACTIVATE_SESSION = 0x3a,
	SET_PRIVILEGE = 0x3b, CLOSE_SESSION = 0x3c, GET_CIPHER_SUITES = 0x54
};

enum {
	THIS_CHANNEL = 0x0e, ASK_V20 = 0x80,
	LIST_BY_SUITE = 0x80, SUITE_INDEX_MASK = 0x3f, SUITE_PIECE_MAX = 16,
	PRIVILEGE_MASK = 0x0f,
	BOOT_PROGRESS = 0, BOOT_ACKNOWLEDGE = 4, BOOT_FLAGS = 5,
	BOOT_PARAMETER_MASK = 0x7f, BOOT_PARAMETER_INVALID = 0x80, BOOT_BY_BIOS = 0x01,
	BOOT_VALID = 0x80, BOOT_PERSISTENT = 0x40, BOOT_EFI = 0x20,
	BOOT_DEVICE_SHIFT = 2, BOOT_DEVICE_MASK = 0x0f
};

/* --- words ---------------------------------------------------------------------------------- */

const char *privilege_name(unsigned privilege)
{
	static const char *const names[] = {
		[PRIVILEGE_HIGHEST] = "highest", [PRIVILEGE_CALLBACK] = "callback",
		[PRIVILEGE_USER] = "user", [PRIVILEGE_OPERATOR] = "operator",
		[PRIVILEGE_ADMIN] = "admin", [PRIVILEGE_OEM] = "oem",
	};

	return privilege < sizeof(names) / sizeof(names[0]) ? names[privilege] : "unknown";
}

static const struct {
	uint8_t netfn, command, completion;
	const char *text;
} special_texts[] = {
	{NETFN_CHASSIS, SET_BOOT_OPTIONS, 0x80, "boot option not supported"},
	{NETFN_CHASSIS, SET_BOOT_OPTIONS, 0x81, "boot options are being set by somebody else"},
	{NETFN_CHASSIS, SET_BOOT_OPTIONS, 0x82, "boot option can only be read"},
	{NETFN_CHASSIS, GET_BOOT_OPTIONS, 0x80, "boot option not supported"},
	{NETFN_APP, GET_CHALLENGE, 0x81, "no such user"},
	{NETFN_APP, GET_CHALLENGE, 0x82, "no user without a name"},
	{NETFN_APP, ACTIVATE_SESSION, 0x81, "no session is free"},
	{NETFN_APP, ACTIVATE_SESSION, 0x82, "no session is free for this user"},
	{NETFN_APP, ACTIVATE_SESSION, 0x83, "no session is free for a user of this privilege"},
	{NETFN_APP, ACTIVATE_SESSION, 0x84, "sequence number out of range"},
	{NETFN_APP, ACTIVATE_SESSION, 0x85, "no such session"},
	{NETFN_APP, ACTIVATE_SESSION, 0x86, "privilege beyond the limit of user or channel"},
	{NETFN_APP, SET_PRIVILEGE, 0x80, "privilege not available to this user"},
	{NETFN_APP, SET_PRIVILEGE, 0x81, "privilege beyond the limit of user or channel"},
	{NETFN_APP, SET_PRIVILEGE, 0x82, "user-level authentication cannot be switched off"},
	{NETFN_APP, CLOSE_SESSION, 0x87, "no such session"},
	{NETFN_APP, CLOSE_SESSION, 0x88, "no such session handle"},
};

static const char *general_text(uint8_t completion)
{
	static const char *const texts[] = {
		[COMPLETION_BUSY - 0xc0] = "busy",
		[COMPLETION_INVALID_COMMAND - 0xc0] = "unknown command",
		[0x02] = "unknown command for this logical unit",
		[COMPLETION_TIMEOUT - 0xc0] = "the BMC ran out of time",
		[COMPLETION_NO_SPACE - 0xc0] = "the BMC ran out of memory",
		[0x05] = "reservation cancelled or invalid",
		[0x06] = "request too long",
		[0x07] = "request of the wrong length",
		[0x08] = "request beyond the limit of a field's length",
		[0x09] = "parameter out of range",
		[0x0a] = "cannot return so many bytes",
		[0x0b] = "sensor, record or data not there",
		[COMPLETION_INVALID_FIELD - 0xc0] = "invalid value in the request",
		[0x0d] = "command not allowed for this sensor or record",
		[0x0e] = "no answer could be given",
		[0x0f] = "request was sent twice",
		[0x10] = "repository is being updated",
		[0x11] = "firmware is being updated",
		[0x12] = "the BMC is still starting",
		[COMPLETION_DESTINATION - 0xc0] = "destination unavailable",
		[COMPLETION_PRIVILEGE - 0xc0] = "not enough privilege",
		[COMPLETION_STATE - 0xc0] = "not possible in the present state",
		[0x16] = "command switched off or not available",
	};

	if (completion == COMPLETION_OK)
		return "done";
	if (completion == 0xff)
		return "unspecified error";
	if (completion >= 0xc0 && completion - 0xc0u < sizeof(texts) / sizeof(texts[0]))
		return texts[completion - 0xc0];
	return completion <= 0x7e ? "an error of the manufacturer's own" :
	       completion >= 0x80 && completion <= 0xbe ? "an error of this command's own" :
							  "an error of no known meaning";
}

const char *completion_text(enum netfn netfn, uint8_t command, uint8_t completion)
{
	for (size_t i = 0; i < sizeof(special_texts) / sizeof(special_texts[0]); i++) {
		if (special_texts[i].netfn == netfn && special_texts[i].command == command &&
		    special_texts[i].completion == completion)
			return special_texts[i].text;
	}
	return general_text(completion);
}

/* --- what requests and answers have in common ------------------------------------------------ */

static void begin(struct request *r, enum netfn netfn, enum command command)
{
	r->netfn = netfn;
	r->command = (uint8_t)command;
	r->length = 0;
}

static void add8(struct request *r, uint8_t value)
{
	if (r->length < MESSAGE_DATA_MAX)
		r->data[r->length++] = value;
}

static void add_bytes(struct request *r, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add8(r, bytes[i]);
}

static void add32(struct request *r, uint32_t value)
{
	uint8_t bytes[4];

	set32(bytes, value);
	add_bytes(r, bytes, sizeof(bytes));
}

/* The data of a successful answer to a command, when there is enough of it; else NULL. */
static const uint8_t *data_of(const struct response *r, enum netfn netfn, enum command command,
			      size_t least)
{
	if (r->netfn != netfn || r->command != command || r->completion != COMPLETION_OK ||
	    r->data.length < least)
		return NULL;
	return r->data.at;
}

/* --- sessions ------------------------------------------------------------------------------- */

void auth_capabilities_request(struct request *r, uint8_t privilege, bool ask_v20)
{
	begin(r, NETFN_APP, GET_CAPABILITIES);
	add8(r, THIS_CHANNEL | (ask_v20 ? ASK_V20 : 0));
	add8(r, privilege);
}

int auth_capabilities_decode(const struct response *r, struct auth_capabilities *to)
{
	const uint8_t *data = data_of(r, NETFN_APP, GET_CAPABILITIES, 8);

	if (!data)
		return -EPROTO;
	*to = (struct auth_capabilities){
		.channel = data[0] & 0x0f,
		.types = data[1] & 0x37,
		.extended = data[1] & 0x80,
		.kg = data[2] & 0x20,
		.no_permsg = data[2] & 0x10,
		.no_userauth = data[2] & 0x08,
		.named_users = data[2] & 0x04,
		.null_users = data[2] & 0x02,
		.anonymous = data[2] & 0x01,
	};
	to->v20 = to->extended && data[3] & 0x02;
	to->v15 = to->extended && data[3] & 0x01;
	return 0;
}

void cipher_suites_request(struct request *r, uint8_t index)
{
	begin(r, NETFN_APP, GET_CIPHER_SUITES);
	add8(r, THIS_CHANNEL);
	add8(r, 0);			/* payloads of type IPMI */
	add8(r, LIST_BY_SUITE | (index & SUITE_INDEX_MASK));
}

int cipher_suites_decode(const struct response *r, struct view *records)
{
	const uint8_t *data = data_of(r, NETFN_APP, GET_CIPHER_SUITES, 1);

	if (!data || r->data.length > 1 + SUITE_PIECE_MAX)
		return -EPROTO;
	*records = (struct view){data + 1, r->data.length - 1};
	return 0;
}

void challenge_request(struct request *r, enum auth_type auth, const uint8_t user[USER_MAX])
{
	begin(r, NETFN_APP, GET_CHALLENGE);
	add8(r, (uint8_t)auth);
	add_bytes(r, user, USER_MAX);
}

int challenge_decode(const struct response *r, struct challenge *to)
{
	const uint8_t *data = data_of(r, NETFN_APP, GET_CHALLENGE, 20);

	if (!data)
		return -EPROTO;
	*to = (struct challenge){.session = get32(data), .string = data + 4};
	return 0;
}

void activate_request(struct request *r, enum auth_type auth, uint8_t privilege,
		      const uint8_t challenge[16], uint32_t sequence)
{
	begin(r, NETFN_APP, ACTIVATE_SESSION);
	add8(r, (uint8_t)auth);
	add8(r, privilege);
	add_bytes(r, challenge, 16);
	add32(r, sequence);
}

int activation_decode(const struct response *r, struct activation *to)
{
	const uint8_t *data = data_of(r, NETFN_APP, ACTIVATE_SESSION, 10);

	if (!data)
		return -EPROTO;
	*to = (struct activation){
		.auth = (enum auth_type)(data[0] & 0x0f),
		.session = get32(data + 1),
		.sequence = get32(data + 5),
		.privilege = data[9] & PRIVILEGE_MASK,
	};
	return 0;
}

void privilege_request(struct request *r, uint8_t privilege)
{
	begin(r, NETFN_APP, SET_PRIVILEGE);
	add8(r, privilege);
}

int privilege_decode(const struct response *r)
{
	const uint8_t *data = data_of(r, NETFN_APP, SET_PRIVILEGE, 1);

	return data ? data[0] & PRIVILEGE_MASK : -EPROTO;
}

void close_request(struct request *r, uint32_t session)
{
	begin(r, NETFN_APP, CLOSE_SESSION);
	add32(r, session);
}

/* --- chassis -------------------------------------------------------------------------------- */

void chassis_status_request(struct request *r)
{
	begin(r, NETFN_CHASSIS, CHASSIS_STATUS);
}

int chassis_status_decode(const struct response *r, struct chassis_status *to)
{
	const uint8_t *data = data_of(r, NETFN_CHASSIS, CHASSIS_STATUS, 3);

	if (!data)
		return -EPROTO;
	*to = (struct chassis_status){
		.on = data[0] & 0x01,
		.overload = data[0] & 0x02,
		.fault = data[0] & 0x08,
		.last_event = data[1],
		.identify_known = data[2] & 0x40,
	};
	if (to->identify_known)
		to->identify = data[2] >> 4 & 0x03;
	return 0;
}

void chassis_control_request(struct request *r, enum chassis_control what)
{
	begin(r, NETFN_CHASSIS, CHASSIS_CONTROL);
	add8(r, (uint8_t)what);
}

void identify_request(struct request *r, uint8_t seconds, bool force)
{
	begin(r, NETFN_CHASSIS, CHASSIS_IDENTIFY);
	add8(r, seconds);
	/* IPMI 1.5 does not know the second byte: it is sent only where it says something. */
	if (force)
		add8(r, 1);
}

/* --- boot options --------------------------------------------------------------------------- */

void boot_flags_request(struct request *r, const struct boot_flags *flags)
{
	begin(r, NETFN_CHASSIS, SET_BOOT_OPTIONS);
	add8(r, BOOT_FLAGS);
	add8(r, (flags->valid ? BOOT_VALID : 0) | (flags->persistent ? BOOT_PERSISTENT : 0) |
		(flags->efi ? BOOT_EFI : 0));
	add8(r, (uint8_t)(flags->device << BOOT_DEVICE_SHIFT));
	add_bytes(r, (const uint8_t[3]){0}, 3);
}

void boot_progress_request(struct request *r, uint8_t state)
{
	begin(r, NETFN_CHASSIS, SET_BOOT_OPTIONS);
	add8(r, BOOT_PROGRESS);
	add8(r, state);
}

void boot_acknowledge_request(struct request *r)
{
	begin(r, NETFN_CHASSIS, SET_BOOT_OPTIONS);
	add8(r, BOOT_ACKNOWLEDGE);
	add8(r, BOOT_BY_BIOS);		/* which bits are written, */
	add8(r, BOOT_BY_BIOS);		/* and what: 1 is "not yet" */
}

void boot_flags_get_request(struct request *r)
{
	begin(r, NETFN_CHASSIS, GET_BOOT_OPTIONS);
	add8(r, BOOT_FLAGS);
	add8(r, 0);			/* set */
	add8(r, 0);			/* block */
}

int boot_flags_decode(const struct response *r, struct boot_flags *to)
{
	const uint8_t *data = data_of(r, NETFN_CHASSIS, GET_BOOT_OPTIONS, 7);

	if (!data || (data[1] & BOOT_PARAMETER_MASK) != BOOT_FLAGS)
		return -EPROTO;
	*to = (struct boot_flags){
		.valid = data[2] & BOOT_VALID && !(data[1] & BOOT_PARAMETER_INVALID),
		.persistent = data[2] & BOOT_PERSISTENT,
		.efi = data[2] & BOOT_EFI,
		.device = (enum boot_device)(data[3] >> BOOT_DEVICE_SHIFT & BOOT_DEVICE_MASK),
	};
	return 0;
}
