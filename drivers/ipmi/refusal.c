/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a BMC lets nobody in. See refusal.h; the codes are of IPMI 2.0, table 13-15 and chapter 22. */
#include "refusal.h"
#include "base/fault.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>

static enum event fail(struct session *s, int err)
{
	s->err = err;
	return EVENT_FAILED;
}

enum event refuse_status(struct session *s, uint8_t status, struct fault *f)
{
	const char *level = privilege_name(s->login->privilege);
	char user[USER_TEXT_SIZE];

	login_user(s->login, user);
	switch (status) {
	case RAKP_NAME_UNAUTHORIZED:
		return fail(s, fault_set(f, ENOENT, "refused %s: there is no such user, or it is "
					 "not switched on: check user; some Intel BMCs want quirks "
					 "= {\"intel20\"}", user));
	case RAKP_INVALID_NAME_LENGTH:
		return fail(s, fault_set(f, ENOENT,
					 "refused %s: the name has a length that it does "
					 "not take",
					 user));
	case RAKP_INVALID_ROLE:
	case RAKP_ROLE_UNAUTHORIZED:
		return fail(s, fault_set(f, EPERM, "refused %s: its privilege level is below %s: "
					 "raise it in the BMC, or set privilege to what it has; "
					 "where it is high enough, quirks = {\"opensesspriv\"} "
					 "may help", user, level));
	case RAKP_INVALID_CODE:
		return fail(s, fault_set(f, EACCES, "refused %s: wrong password", user));
	case RAKP_NO_RESOURCES:
	case RAKP_NO_ROLE_RESOURCES:
		return fail(s, fault_set(f, EBUSY, "has no free session: others are logged in, or "
					 "were not long ago: wait a minute, or reset the BMC"));
	default:
		return fail(s, fault_set(f, EPROTO, "refused the log-in of %s with status 0x%02x",
					 user, status));
	}
}

enum event refuse_suites(struct session *s, struct fault *f)
{
	struct buffer tried = {0}, offered = {0};
	char status[32] = "";

	for (unsigned i = 0; i < s->login->nsuites; i++)
		buffer_add(&tried, "%s%u", i ? ", " : "", s->login->suites[i]);
	for (unsigned i = 0; i < 32; i++) {
		if (s->offered & 1u << i)
			buffer_add(&offered, "%s%u", offered.length ? ", " : "", i);
	}
	if (s->refusal)
		snprintf(status, sizeof(status), " (status 0x%02x)", s->refusal);
	if (s->refusal == RAKP_NO_RESOURCES)
		refuse_status(s, s->refusal, f);
	else
		fault_set(f, ENOTSUP,
			  "%s the cipher suites %s%s%s%s: set cipher-suites to what it "
			  "offers, or quirks = {\"opensesspriv\"}",
			  s->refusal ? "accepts none of" : "opens no session with",
			  buffer_text(&tried), status, offered.length ? "; it offers " : "",
			  buffer_text(&offered));
	buffer_free(&tried);
	buffer_free(&offered);
	return fail(s, s->refusal == RAKP_NO_RESOURCES ? -EBUSY : -ENOTSUP);
}

enum event refuse_password(struct session *s, struct fault *f)
{
	char user[USER_TEXT_SIZE];

	s->farewell = RAKP_INVALID_CODE;
	if (!s->login->password)
		return fail(s, fault_set(f, EACCES,
					 "has another password for %s: none is set: give "
					 "password-file",
					 login_user(s->login, user)));
	return fail(s, fault_set(f, EACCES, "has another password for %s; if it is right, quirks = "
				 "{\"opensesspriv\"}, {\"intel20\"} or {\"sun20\"} may help",
				 login_user(s->login, user)));
}

enum event refuse_kg(struct session *s, struct fault *f)
{
	if (s->login->kg)
		return fail(s, fault_set(f, EKEYREJECTED, "has another K_g than that of kg-file"));
	return fail(s, fault_set(f, EKEYREJECTED, "wants a K_g: set kg-file; if it has none, "
				 "quirks = {\"sun20\"} or {\"intel20\"} may help"));
}

enum event refuse_length(struct session *s, struct fault *f)
{
	const bool none = s->rakp.suite->auth == RAKP_NONE;

	return fail(s, fault_set(f, EPROTO, "sends a code of a wrong length in RAKP %d: quirks = "
				 "{\"%s\"}%s may help", s->phase == PHASE_RAKP1 ? 2 : 4,
				 none ? "integritycheckvalue" : "supermicro20",
				 none ? "" : " or {\"sun20\"}"));
}

static uint8_t command_of(const struct session *s)
{
	return s->phase == PHASE_CHALLENGE ? 0x39 : s->phase == PHASE_ACTIVATE ? 0x3a : 0x3b;
}

enum event refuse_completion(struct session *s, uint8_t completion, struct fault *f)
{
	const char *level = privilege_name(s->login->privilege);
	char user[USER_TEXT_SIZE];

	login_user(s->login, user);
	switch (s->phase) {
	case PHASE_CHALLENGE:
		if (completion == 0x81 || completion == 0x82)
			return fail(s, fault_set(f, ENOENT, "refused %s: there is no such user, or "
						 "it is not switched on: check user", user));
		break;
	case PHASE_ACTIVATE:
		if (completion >= 0x81 && completion <= 0x83)
			return refuse_status(s, RAKP_NO_RESOURCES, f);
		if (completion == 0x86)
			return refuse_status(s, RAKP_ROLE_UNAUTHORIZED, f);
		break;
	case PHASE_PRIVILEGE:
		if (completion == 0x80 || completion == 0x81 || completion == COMPLETION_PRIVILEGE)
			return fail(s,
				    fault_set(f, EPERM,
					      "does not give %s the privilege level "
					      "%s: raise it in the BMC, or set privilege to what "
					      "it has",
					      user, level));
		break;
	default:
		break;
	}
	return fail(s,
		    fault_set(f, EPROTO, "refused the log-in of %s: %s (code 0x%02x)", user,
			      completion_text(NETFN_APP, command_of(s), completion), completion));
}

enum event refuse_silence(struct session *s, struct fault *f)
{
	char user[USER_TEXT_SIZE];

	return fail(s, fault_set(f, EACCES, "does not answer the log-in of %s by IPMI 1.5: so it "
				 "does when the password is wrong", login_user(s->login, user)));
}

enum event refuse_v15(struct session *s, struct fault *f)
{
	static const struct {
		uint8_t type;
		const char *name;
	} types[] = {{AUTH_MD5, "md5"}, {AUTH_STRAIGHT, "straight"}, {AUTH_NONE, "none"}};
	struct buffer offered = {0};

	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (s->capabilities.types & 1 << types[i].type)
			buffer_add(&offered, "%s\"%s\"", offered.length ? ", " : "",
				   types[i].name);
	}
	fault_set(f, ENOTSUP,
		  "has no IPMI 2.0, and does not take what may be used by IPMI 1.5%s%s%s: "
		  "set ipmi-auth, which may send the password in the clear, or quirks = "
		  "{\"authcap\"}",
		  offered.length ? "; it offers ipmi-auth = {" : "", buffer_text(&offered),
		  offered.length ? "}" : "");
	buffer_free(&offered);
	return fail(s, -ENOTSUP);
}
