/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How BMCs are set up. A setting is one thing that was asked for, for all BMCs or for some
 * addresses; a profile is what all the settings for one BMC come to. BMCs with the same settings
 * share one.
 */
#ifndef BMCSIM_PROFILE_H
#define BMCSIM_PROFILE_H

#include "address.h"
#include "console.h"
#include "fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NAME_MAX_LENGTH = 16,
	PASSWORD_MAX = 20,
	PASSWORD_15_MAX = 16,		/* of IPMI 1.5 */
	KEY_MAX = 20,
	USERS_MAX = 16,
	SESSIONS_MAX = 100,		/* with as many log-ins, each has a handle of one byte */
	GUID_LENGTH = 16,
};

enum privilege {
	PRIVILEGE_HIGHEST = 0,		/* in requests */
	PRIVILEGE_CALLBACK,
	PRIVILEGE_USER,
	PRIVILEGE_OPERATOR,
	PRIVILEGE_ADMIN,
	PRIVILEGE_OEM,
};

/* Of IPMI 1.5; bit 1 << type in masks. */
enum auth_type { AUTH_NONE = 0, AUTH_MD5 = 2, AUTH_PASSWORD = 4, AUTH_RMCPPLUS = 6 };

struct user {
	bool enabled;
	uint8_t privilege;		/* limit */
	uint8_t name_length, password_length;
	uint8_t name[NAME_MAX_LENGTH];
	uint8_t password[PASSWORD_MAX];	/* rest zeros */
};

/* SOL configuration parameters (IPMI 2.0, table 26-5). */
struct sol_settings {
	bool enabled, force_encryption, force_authentication;
	uint8_t progress;
	uint8_t privilege;		/* needed to use it */
	uint8_t accumulate, threshold;	/* units of 5 ms; characters */
	uint8_t retry_count, retry_interval;	/* units of 10 ms */
	uint8_t bit_rate, volatile_bit_rate;
};

/* Sets one, "NAME=VALUE", by ipmitool's names. False with what is wrong in *why. */
bool sol_setting(struct sol_settings *settings, const char *value, const char **why);

struct profile {
	struct user users[USERS_MAX];	/* by user id - 1; the first is the one without a name */
	uint8_t kg[KEY_MAX];
	bool has_kg;
	bool has_guid;
	uint8_t guid[GUID_LENGTH];
	uint32_t suites;		/* bit 1 << cipher suite id */
	uint8_t auth_types;		/* bit 1 << enum auth_type */
	bool per_message_auth, user_level_auth;
	bool on;			/* at first */
	double power_delay, cycle_interval;	/* seconds */
	uint32_t sessions;		/* at once */
	const char *program;		/* for power; NULL: none */
	struct console_setting console;	/* behind SOL */
	struct sol_settings sol;	/* at first */
	struct faults faults;
};

/* Grows with each setting_add: a profile that was had before may then be an old one. */
extern unsigned profile_generation;

/*
 * Adds "NAME" and "VALUE" (an option without its dashes) for some addresses, or with NULL for all.
 * The ranges are kept. False when the value is wrong, with what is wrong in *why.
 */
bool setting_add(const char *name, const char *value, const struct ranges *at, const char **why);

/* Whether there is a setting of this name. */
bool setting_is(const char *name);

/* What the settings for this address come to. Never freed. NULL without memory. */
const struct profile *profile_for(const struct address *address);

/* "admin" and the like; -1 for other words. */
int privilege_parse(const char *word);

/* Names and passwords of a file, a line each, as of --user. False with what is wrong in *why. */
bool users_read(const char *path, const struct ranges *at, const char **why);

#endif
