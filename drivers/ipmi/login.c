/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration keys of logging in. See login.h. */
#include "login.h"
#include "base/fault.h"
#include "base/secret.h"
#include "base/text.h"
#include "command.h"
#include "engine/credential.h"
#include "lan.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"
#include "quirk.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SHORT_PASSWORD_MAX = 16, AUTHS_DEFAULT = 1 << AUTH_MD5 };

static int privilege_parse(const char *value, uint8_t *privilege, struct fault *f)
{
	for (uint8_t i = PRIVILEGE_CALLBACK; i <= PRIVILEGE_OEM; i++) {
		if (!strcmp(value, privilege_name(i))) {
			*privilege = i;
			return 0;
		}
	}
	return fault_set(f, EINVAL, "\"%s\" is no privilege level: write user, operator, admin, "
			 "callback or oem", value);
}

static int suite_parse(const char *value, uint8_t *id, struct fault *f)
{
	uint64_t number;
	int err = number_parse(value, "a cipher suite's number", 0, 255, &number, f);

	if (err)
		return err;
	if (!suite_find((unsigned)number))
		return fault_set(f, EINVAL, "there is no cipher suite \"%s\" here: write 17, 3, or "
				 "another one of 0, 1, 2, 6, 7, 8, 11, 12, 15, 16", value);
	*id = (uint8_t)number;
	return 0;
}

static int version_parse(const char *value, enum version *version, struct fault *f)
{
	if (!strcmp(value, "any"))
		*version = VERSION_ANY;
	else if (!strcmp(value, "1.5"))
		*version = VERSION_15;
	else if (!strcmp(value, "2.0"))
		*version = VERSION_20;
	else
		return fault_set(f, EINVAL, "\"%s\" is no version of IPMI over LAN: write 2.0, 1.5 "
				 "or any", value);
	return 0;
}

static int auth_parse(const char *value, uint8_t *types, struct fault *f)
{
	if (!strcmp(value, "md5"))
		*types |= 1 << AUTH_MD5;
	else if (!strcmp(value, "straight"))
		*types |= 1 << AUTH_STRAIGHT;
	else if (!strcmp(value, "none"))
		*types |= 1 << AUTH_NONE;
	else
		return fault_set(f, EINVAL, "\"%s\" is no way to sign that is known here: write "
				 "md5, straight or none", value);
	return 0;
}

static int check_privilege(const char *value, struct fault *f)
{
	uint8_t privilege;

	return privilege_parse(value, &privilege, f);
}

static int check_suite(const char *value, struct fault *f)
{
	uint8_t id;

	return suite_parse(value, &id, f);
}

static int check_version(const char *value, struct fault *f)
{
	enum version version;

	return version_parse(value, &version, f);
}

static int check_auth(const char *value, struct fault *f)
{
	uint8_t types = 0;

	return auth_parse(value, &types, f);
}

static int check_quirk(const char *value, struct fault *f)
{
	unsigned bits = 0;

	return quirk_find(value, &bits, f);
}

const struct key key_privilege = {
	.name = "privilege", .type = KEY_TEXT, .check = check_privilege,
	.help = HELP("The privilege level to log in with: user, operator or admin. Without it what "
		"the verb needs: user for status, operator to switch. Some BMCs insist on exactly "
		"the user's own."),
};
const struct key key_cipher_suites = {
	.name = "cipher-suites",
	.type = KEY_TEXT,
	.flags = KEY_LIST,
	.check = check_suite,
	.help = HELP(
		"The cipher suites of IPMI 2.0 that are tried, in this order; without it {\"17\", "
		"\"3\"}. Suite 0 sends commands without any protection, and needs no password: "
		"it is used only where it stands here."),
};
const struct key key_version = {
	.name = "ipmi-version",
	.type = KEY_TEXT,
	.def = "any",
	.check = check_version,
	.help = HELP(
		"2.0, 1.5, or any: 2.0, and 1.5 where the BMC says that it knows nothing else."),
};
const struct key key_auth = {
	.name = "ipmi-auth", .type = KEY_TEXT, .flags = KEY_LIST, .check = check_auth,
	.help = HELP("How packets of IPMI 1.5 may be signed: md5, straight (the password goes over "
		"the wire in the clear), none. Without it md5 alone."),
};
const struct key key_quirks = {
	.name = "quirks", .type = KEY_TEXT, .flags = KEY_LIST, .check = check_quirk,
	.help = HELP("Faults of the BMC to live with, by FreeIPMI's names of workarounds: "
		"`stoker drivers ipmi` lists them, `stoker diagnose` says which one is needed."),
};

struct view login_bytes(const struct secret *secret)
{
	static const uint8_t none[1];

	if (!secret)
		return (struct view){none, 0};
	return (struct view){secret_bytes(secret), secret_length(secret)};
}

void login_short_password(const struct login *login, uint8_t password[LAN_PASSWORD_SIZE])
{
	struct view v = login_bytes(login->password);

	memset(password, 0, LAN_PASSWORD_SIZE);
	memcpy(password, v.at, v.length < LAN_PASSWORD_SIZE ? v.length : LAN_PASSWORD_SIZE);
}

static int read_suites(const struct machine *machine, struct login *login, struct fault *f)
{
	size_t n = machine_values(machine, &key_cipher_suites);
	char buffer[VALUE_MAX];

	login->suites[0] = 17;
	login->suites[1] = 3;
	login->nsuites = 2;
	if (n > LOGIN_SUITES_MAX)
		return fault_set(f, EINVAL, "cipher-suites names more than %d", LOGIN_SUITES_MAX);
	for (size_t i = 0; i < n; i++) {
		int err = suite_parse(machine_value(machine, &key_cipher_suites, i, buffer),
				      &login->suites[i], f);

		if (err)
			return err;
		login->nsuites = (uint8_t)(i + 1);
	}
	return 0;
}

static int read_user(const struct machine *machine, struct login *login, struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *user = machine_value(machine, &key_user, 0, buffer);
	size_t length = user ? strlen(user) : 0;

	if (length > USER_MAX)
		return fault_set(f, EINVAL, "the user name \"%s\" has %zu bytes: IPMI has room for "
				 "%d", user, length, USER_MAX);
	memcpy(login->user, user ? user : "", length);
	login->user_length = (uint8_t)length;
	return 0;
}

int login_read(const struct machine *machine, uint8_t needed, struct login *login,
	       struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *value = machine_value(machine, &key_privilege, 0, buffer);
	size_t nauths = machine_values(machine, &key_auth);
	size_t nquirks = machine_values(machine, &key_quirks);
	int err;

	*login = (struct login){.privilege = needed, .auths_named = nauths > 0};
	err = read_user(machine, login, f);
	if (!err)
		err = read_suites(machine, login, f);
	if (!err && value)
		err = privilege_parse(value, &login->privilege, f);
	if (!err)
		err = version_parse(machine_value(machine, &key_version, 0, buffer),
				    &login->version, f);
	for (size_t i = 0; i < nauths && !err; i++)
		err = auth_parse(machine_value(machine, &key_auth, i, buffer), &login->auths, f);
	if (!nauths)
		login->auths = AUTHS_DEFAULT;
	for (size_t i = 0; i < nquirks && !err; i++)
		err = quirk_find(machine_value(machine, &key_quirks, i, buffer), &login->quirks,
				 f);
	return err;
}

int login_check(const struct login *login, struct fault *f)
{
	size_t max = login->version == VERSION_15 ? SHORT_PASSWORD_MAX : PASSWORD_MAX;

	if (login_bytes(login->password).length > max)
		return fault_set(f, EINVAL, "the password has %zu bytes: IPMI %s has room for %zu",
				 login_bytes(login->password).length,
				 login->version == VERSION_15 ? "1.5" : "2.0", max);
	if (login_bytes(login->kg).length > PASSWORD_MAX)
		return fault_set(f, EINVAL, "the K_g has %zu bytes: IPMI has room for %d",
				 login_bytes(login->kg).length, PASSWORD_MAX);
	return 0;
}

const char *login_user(const struct login *login, char text[USER_TEXT_SIZE])
{
	if (login->user_length)
		snprintf(text, USER_TEXT_SIZE, "user \"%.*s\"", (int)login->user_length,
			 (const char *)login->user);
	else
		snprintf(text, USER_TEXT_SIZE, "the null user");
	return text;
}

void login_drop(struct login *login)
{
	secret_drop(login->password);
	secret_drop(login->kg);
	login->password = login->kg = NULL;
}
