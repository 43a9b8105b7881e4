/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a machine's configuration says of the way into its BMC. */
#ifndef IPMI_LOGIN_H
#define IPMI_LOGIN_H

#include "lan.h"
#include "rakp.h"

#include <stdbool.h>
#include <stdint.h>

struct fault;
struct key;
struct machine;
struct secret;

enum { LOGIN_SUITES_MAX = 12 };

enum version { VERSION_ANY, VERSION_15, VERSION_20 };

struct login {
	enum version version;
	unsigned quirks;		/* enum quirk */
	uint8_t privilege;		/* that the session shall have: enum privilege, not 0 */
	uint8_t auths;			/* of IPMI 1.5 that may be used; bit N: enum auth_type N */
	bool auths_named;		/* the configuration names them */
	uint8_t nsuites;
	uint8_t suites[LOGIN_SUITES_MAX];	/* in the order in which they are tried */
	uint8_t user_length;
	uint8_t user[USER_MAX];
	struct secret *password, *kg;	/* references; NULL: none */
};

/* Bytes of a secret; none for NULL. */
struct view login_bytes(const struct secret *secret);

/*
 * The password as IPMI 1.5 has it, filled up with zeros. To be wiped
 * by the caller.
 */
void login_short_password(const struct login *login, uint8_t password[LAN_PASSWORD_SIZE]);

/*
 * Reads the keys of a machine, all but the secrets. needed: the privilege level that the verb takes
 * where the machine's key `privilege` does not name one. -EINVAL with a sentence.
 */
int login_read(const struct machine *machine, uint8_t needed, struct login *login,
	       struct fault *f);
/* Whether the secrets are of lengths that the BMC can take. -EINVAL with a sentence. */
int login_check(const struct login *login, struct fault *f);
/* The user as a sentence names it: user "admin", the null user. */
enum { USER_TEXT_SIZE = USER_MAX + 16 };
const char *login_user(const struct login *login, char text[USER_TEXT_SIZE]);
/* Gives its references back. */
void login_drop(struct login *login);

extern const struct key key_privilege, key_cipher_suites, key_version, key_auth, key_quirks;

#endif
