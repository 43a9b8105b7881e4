/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that are sent, and what comes back: IPMI 2.0, chapters 22 and 28, appendix G. */
#ifndef IPMI_COMMAND_H
#define IPMI_COMMAND_H

#include "lan.h"
#include "message.h"
#include "rakp.h"
#include "wire.h"

/* Section 6.8 */
enum privilege {
	PRIVILEGE_HIGHEST = 0, PRIVILEGE_CALLBACK = 1, PRIVILEGE_USER = 2, PRIVILEGE_OPERATOR = 3,
	PRIVILEGE_ADMIN = 4, PRIVILEGE_OEM = 5
};
/* "user", "operator", … as the key `privilege` and messages name them */
const char *privilege_name(unsigned privilege);

/* Section 5.2 */
enum completion {
	COMPLETION_OK = 0x00,
	COMPLETION_BUSY = 0xc0,
	COMPLETION_INVALID_COMMAND = 0xc1,
	COMPLETION_TIMEOUT = 0xc3,
	COMPLETION_NO_SPACE = 0xc4,
	COMPLETION_INVALID_FIELD = 0xcc,
	COMPLETION_DESTINATION = 0xd3,
	COMPLETION_PRIVILEGE = 0xd4,
	COMPLETION_STATE = 0xd5,
};
/*
 * What a code means, in a few words for sentences; for these commands where the code is specific to
 * one (0x80 to 0xbe). Never NULL.
 */
const char *completion_text(enum netfn netfn, uint8_t command, uint8_t completion);

/* Every …_request fills in netfn, command and data; the sequence is the session's. */

/* Get Channel Authentication Capabilities (22.13), of the channel that it comes in by. */
struct auth_capabilities {
	uint8_t channel;
	uint8_t types;			/* bit N: enum auth_type N */
	bool extended, v15, v20;	/* v15 and v20 are only told where extended is set */
	bool kg;			/* K_g is set to another value than all zeros */
	bool no_permsg, no_userauth;	/* switched off: per-message, user-level authentication */
	bool named_users, null_users, anonymous;
};
void auth_capabilities_request(struct request *r, uint8_t privilege, bool ask_v20);
int auth_capabilities_decode(const struct response *r, struct auth_capabilities *to);

/* Get Channel Cipher Suites (22.15), a piece of 16 bytes of the list for IPMI payloads. */
void cipher_suites_request(struct request *r, uint8_t index);
/* records: the piece, without the channel; shorter than 16 bytes: the last one. */
int cipher_suites_decode(const struct response *r, struct view *records);

/* Get Session Challenge (22.16) */
void challenge_request(struct request *r, enum auth_type auth, const uint8_t user[USER_MAX]);
struct challenge {
	uint32_t session;
	const uint8_t *string;		/* 16 bytes */
};
int challenge_decode(const struct response *r, struct challenge *to);

/* Activate Session (22.17); sequence: the first that the BMC shall use. */
void activate_request(struct request *r, enum auth_type auth, uint8_t privilege,
		      const uint8_t challenge[16], uint32_t sequence);
struct activation {
	enum auth_type auth;
	uint32_t session, sequence;	/* sequence: the first that we shall use */
	uint8_t privilege;
};
int activation_decode(const struct response *r, struct activation *to);

/* Set Session Privilege Level (22.18); decode gives the level, or -EPROTO. */
void privilege_request(struct request *r, uint8_t privilege);
int privilege_decode(const struct response *r);

/* Close Session (22.19) */
void close_request(struct request *r, uint32_t session);

/* Get Chassis Status (28.2) */
struct chassis_status {
	bool on;
	bool fault, overload;		/* of the main power */
	uint8_t last_event;
	bool identify_known;
	uint8_t identify;		/* 0 off, 1 for a time, 2 for good */
};
void chassis_status_request(struct request *r);
int chassis_status_decode(const struct response *r, struct chassis_status *to);

/* Chassis Control (28.3) */
enum chassis_control {
	CONTROL_OFF = 0, CONTROL_ON = 1, CONTROL_CYCLE = 2, CONTROL_RESET = 3, CONTROL_DIAG = 4,
	CONTROL_SOFT = 5
};
void chassis_control_request(struct request *r, enum chassis_control what);

/* Chassis Identify (28.5): seconds 0 puts it off; force: for good. */
void identify_request(struct request *r, uint8_t seconds, bool force);

/* Set and Get System Boot Options, parameter 5, boot flags (28.12, 28.13, table 28-14) */
enum boot_device {
	BOOT_NONE = 0, BOOT_PXE = 1, BOOT_DISK = 2, BOOT_SAFE = 3, BOOT_DIAG = 4, BOOT_CDROM = 5,
	BOOT_BIOS = 6, BOOT_FLOPPY = 15
};
struct boot_flags {
	bool valid, persistent, efi;
	enum boot_device device;
};
void boot_flags_request(struct request *r, const struct boot_flags *flags);
/* Parameter 0, set in progress: 0 complete, 1 in progress. */
void boot_progress_request(struct request *r, uint8_t state);
/* Parameter 4, boot info acknowledge: that the BIOS has not yet handled the flags. */
void boot_acknowledge_request(struct request *r);
void boot_flags_get_request(struct request *r);
int boot_flags_decode(const struct response *r, struct boot_flags *to);

#endif
