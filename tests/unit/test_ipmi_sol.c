/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of consoles by BMC that need none: what errors are called, keys, workarounds. */
#include "test.h"
#include "fakedriver.h"

#include "base/fault.h"
#include "drivers/ipmi/quirk.h"
#include "drivers/ipmi/sol.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "model/machine.h"

#include <errno.h>
#include <ipmiconsole.h>

static const struct sol_case opening = {
	.bmc = "bmc1 (10.0.0.7)", .user = "user \"anna\"", .privilege = "operator",
	.suites = "17, 3", .seconds = 12.3, .password = true, .kg = true,
};

static struct fault f;

static const char *explained(int number, bool open)
{
	struct sol_case c = opening;

	c.open = open;
	memset(&f, 0, sizeof(f));
	assert_true(sol_explain(number, &c, &f) < 0);
	return f.text;
}

static void every_number_has_its_sentence(void **state)
{
	(void)state;
	for (int number = 0; number <= IPMICONSOLE_ERR_ERRNUMRANGE; number++) {
		for (int open = 0; open < 2; open++) {
			const char *text = explained(number, open);

			assert_true(strlen(text) > 10);
			assert_null(strchr(text, '%'));
			assert_null(strchr(text, '\n'));
			assert_true(text[strlen(text) - 1] != '.');
		}
	}
	/* what a later library may say */
	assert_string_equal(explained(99, true), explained(IPMICONSOLE_ERR_INTERNAL_ERROR, true));
	assert_string_equal(explained(-1, false),
			    explained(IPMICONSOLE_ERR_INTERNAL_ERROR, false));
}

/* engine/console.h: who may try again by himself, and who must not. */
static void every_number_has_its_errno(void **state)
{
	static const struct {
		int number, err;
	} expected[] = {
		{IPMICONSOLE_ERR_SUCCESS, -EPIPE},
		{IPMICONSOLE_ERR_CTX_NULL, -EIO},
		{IPMICONSOLE_ERR_CTX_INVALID, -EIO},
		{IPMICONSOLE_ERR_ALREADY_SETUP, -EIO},
		{IPMICONSOLE_ERR_NOT_SETUP, -EIO},
		{IPMICONSOLE_ERR_CTX_NOT_SUBMITTED, -EIO},
		{IPMICONSOLE_ERR_CTX_IS_SUBMITTED, -EIO},
		{IPMICONSOLE_ERR_PARAMETERS, -EIO},
		{IPMICONSOLE_ERR_HOSTNAME_INVALID, -EADDRNOTAVAIL},
		{IPMICONSOLE_ERR_IPMI_2_0_UNAVAILABLE, -ENOSYS},
		{IPMICONSOLE_ERR_CIPHER_SUITE_ID_UNAVAILABLE, -EINVAL},
		{IPMICONSOLE_ERR_USERNAME_INVALID, -EACCES},
		{IPMICONSOLE_ERR_PASSWORD_INVALID, -EACCES},
		{IPMICONSOLE_ERR_K_G_INVALID, -EACCES},
		{IPMICONSOLE_ERR_PRIVILEGE_LEVEL_INSUFFICIENT, -EPERM},
		{IPMICONSOLE_ERR_PRIVILEGE_LEVEL_CANNOT_BE_OBTAINED, -EPERM},
		{IPMICONSOLE_ERR_SOL_UNAVAILABLE, -ENOSYS},
		{IPMICONSOLE_ERR_SOL_INUSE, -EBUSY},
		{IPMICONSOLE_ERR_SOL_STOLEN, -ESTALE},
		{IPMICONSOLE_ERR_SOL_REQUIRES_ENCRYPTION, -EINVAL},
		{IPMICONSOLE_ERR_SOL_REQUIRES_NO_ENCRYPTION, -EINVAL},
		{IPMICONSOLE_ERR_BMC_BUSY, -EAGAIN},
		{IPMICONSOLE_ERR_BMC_ERROR, -EPROTO},
		{IPMICONSOLE_ERR_BMC_IMPLEMENTATION, -EPROTO},
		{IPMICONSOLE_ERR_CONNECTION_TIMEOUT, -ETIMEDOUT},
		{IPMICONSOLE_ERR_SESSION_TIMEOUT, -ETIMEDOUT},
		{IPMICONSOLE_ERR_EXCESS_RETRANSMISSIONS_SENT, -ETIMEDOUT},
		{IPMICONSOLE_ERR_EXCESS_ERRORS_RECEIVED, -EPROTO},
		{IPMICONSOLE_ERR_OUT_OF_MEMORY, -ENOMEM},
		{IPMICONSOLE_ERR_TOO_MANY_OPEN_FILES, -EMFILE},
		{IPMICONSOLE_ERR_SYSTEM_ERROR, -ENETUNREACH},
		{IPMICONSOLE_ERR_INTERNAL_ERROR, -EIO},
		{IPMICONSOLE_ERR_ERRNUMRANGE, -EIO},
	};

	(void)state;
	assert_int_equal(sizeof(expected) / sizeof(expected[0]), IPMICONSOLE_ERR_ERRNUMRANGE + 1);
	for (int i = 0; i <= IPMICONSOLE_ERR_ERRNUMRANGE; i++) {
		assert_int_equal(expected[i].number, i);
		assert_int_equal(sol_explain(i, &opening, &f), expected[i].err);
	}
}

static void sentences_quote_what_was_wrong(void **state)
{
	struct sol_case c = opening;

	(void)state;
	assert_string_equal(explained(IPMICONSOLE_ERR_USERNAME_INVALID, false),
			    "BMC bmc1 (10.0.0.7) refused user \"anna\": there is no such user, or "
			    "it is not switched on: check user; some BMCs want quirks = "
			    "{\"authcap\"} or {\"intel20\"}");
	assert_contains(explained(IPMICONSOLE_ERR_CIPHER_SUITE_ID_UNAVAILABLE, false),
			"none of the cipher suites 17, 3:");
	assert_contains(explained(IPMICONSOLE_ERR_PRIVILEGE_LEVEL_CANNOT_BE_OBTAINED, false),
			"below operator");
	assert_string_equal(explained(IPMICONSOLE_ERR_CONNECTION_TIMEOUT, false),
			    "no answer from BMC bmc1 (10.0.0.7) in 12 s");
	c.seconds = 2.06;
	sol_explain(IPMICONSOLE_ERR_CONNECTION_TIMEOUT, &c, &f);
	assert_contains(f.text, " in 2.1 s");
}

static void sentences_fit_what_was_set_and_when_it_ended(void **state)
{
	struct sol_case c = opening;

	(void)state;
	assert_contains(explained(IPMICONSOLE_ERR_PASSWORD_INVALID, false), "if it is right");
	assert_contains(explained(IPMICONSOLE_ERR_K_G_INVALID, false), "another K_g than that");
	assert_contains(explained(IPMICONSOLE_ERR_SOL_INUSE, false), "sol-steal = yes");
	c.password = c.kg = false;
	c.steal = true;
	sol_explain(IPMICONSOLE_ERR_PASSWORD_INVALID, &c, &f);
	assert_contains(f.text, "none is set: give password-file");
	sol_explain(IPMICONSOLE_ERR_K_G_INVALID, &c, &f);
	assert_contains(f.text, "wants a K_g: set kg-file");
	sol_explain(IPMICONSOLE_ERR_SOL_INUSE, &c, &f);
	assert_contains(f.text, "does not let go");
	assert_contains(explained(IPMICONSOLE_ERR_SESSION_TIMEOUT, false), "in the log-in");
	assert_contains(explained(IPMICONSOLE_ERR_SESSION_TIMEOUT, true), "nothing was heard");
	assert_contains(explained(IPMICONSOLE_ERR_EXCESS_RETRANSMISSIONS_SENT, true),
			"does not take what is typed");
}

static void another_suite_is_tried_where_it_may_help(void **state)
{
	(void)state;
	for (int number = 0; number <= IPMICONSOLE_ERR_ERRNUMRANGE; number++) {
		/* and never after a password was refused: accounts lock */
		bool may = number == IPMICONSOLE_ERR_CIPHER_SUITE_ID_UNAVAILABLE ||
			   number == IPMICONSOLE_ERR_PRIVILEGE_LEVEL_CANNOT_BE_OBTAINED ||
			   number == IPMICONSOLE_ERR_BMC_BUSY ||
			   number == IPMICONSOLE_ERR_BMC_ERROR ||
			   number == IPMICONSOLE_ERR_INTERNAL_ERROR;

		assert_int_equal(sol_suite_may_help(number), may);
	}
}

static void every_quirk_that_the_library_knows_reaches_it(void **state)
{
	static const struct {
		const char *quirk;
		unsigned flags;
	} expected[] = {
		{"authcap", 0x00000001},
		{"intel20", 0x00000002 | 0x00000010},
		{"supermicro20", 0x00000004},
		{"sun20", 0x00000008 | 0x00000010},
		{"opensesspriv", 0x00000010},
		{"integritycheckvalue", 0x00000020},
		{"nochecksumcheck", 0x00000040},
		{"serialalertsdeferred", 0x00000080},
		{"solpacketseq", 0x00000100},
		{"solpayloadsize", 0x01000000},
		{"solport", 0x02000000},
		{"solstatus", 0x04000000},
		{"solchannelsupport", 0x08000000},
		/* of IPMI 1.5, and of the ping: the library has neither */
		{"idzero", 0},
		{"unexpectedauth", 0},
		{"forcepermsg", 0},
		{"endianseq", 0},
		{"noauthcodecheck", 0},
		{"ipmiping", 0},
	};
	const size_t n = sizeof(expected) / sizeof(expected[0]);
	unsigned all = 0, flags = 0;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		unsigned quirks = 0;

		assert_int_equal(quirk_find(expected[i].quirk, &quirks, NULL), 0);
		assert_int_equal(library_workarounds(quirks), expected[i].flags);
		all |= quirks;
		flags |= expected[i].flags;
	}
	assert_null(quirk_at((unsigned)n));
	assert_int_equal(library_workarounds(all), flags);
	assert_int_equal(library_workarounds(0), 0);
}

static void wrong_keys_and_methods_are_told(void **state)
{
	char *errors;

	(void)state;
	errors = errors_of("machine \"a\" { sol-instance = 0 }\n"
			   "machine \"b\" { sol-instance = 16 }\n"
			   "machine \"c\" { sol-keepalive = \"500ms\" }\n"
			   "machine \"d\" { sol-timeout = \"2h\" }\n"
			   "machine \"e\" { sol-serial-keepalive = \"always\" }\n"
			   "machine \"f\" { console = \"sol now\" }\n"
			   "machine \"g\" { console = \"sol deactivate now\" }\n"
			   "machine \"h\" { console = {\"sol deactivate\", \"sol 20s\"} }\n");
	assert_contains(errors, "test:1: sol-instance: ");
	assert_contains(errors, "test:2: sol-instance: ");
	assert_contains(errors, "test:3: sol-keepalive: \"500ms\" is no time for a console: write "
			"2s to 1h\n");
	assert_contains(errors, "test:4: sol-timeout: \"2h\" is no time");
	assert_contains(errors, "test:5: sol-serial-keepalive: \"always\" is no way to keep the "
			"serial line awake: write no, yes or empty\n");
	assert_contains(errors, "test:6: console: \"now\" is nothing that sol can do: write sol, "
			"or sol deactivate\n");
	assert_contains(errors, "test:7: console: \"now\" is nothing that sol can do");
	assert_null(strstr(errors, "test:8"));
	free(errors);
}

static struct sol_settings settings_of(const char *section, enum console_steal steal, int err)
{
	char text[512];
	struct sol_settings settings = {0};
	struct console console = {.steal = steal};
	struct model *model;

	snprintf(text, sizeof(text), "machine \"m\" {\nbmc = \"10.0.0.7\"\n%s\n}\n", section);
	model = model_of(text);
	console.machine = machine_find(model, "m");
	assert_int_equal(sol_read(&console, &settings, &f), err);
	model_free(model);
	return settings;
}

static void stealing_is_the_keys_unless_it_is_asked_for(void **state)
{
	(void)state;
	assert_true(settings_of("", STEAL_CONFIGURED, 0).steal);
	assert_false(settings_of("", STEAL_NEVER, 0).steal);
	assert_false(settings_of("sol-steal = no", STEAL_CONFIGURED, 0).steal);
	assert_true(settings_of("sol-steal = no", STEAL_ALWAYS, 0).steal);
}

static void times_have_to_fit_each_other(void **state)
{
	struct sol_settings s;

	(void)state;
	s = settings_of("", STEAL_CONFIGURED, 0);
	assert_int_equal(s.timeout_ms, 20000);
	assert_int_equal(s.keepalive_ms, 10000);
	assert_int_equal(s.instance, 1);
	assert_int_equal(s.tickle, TICKLE_NEVER);
	s = settings_of("sol-timeout = 5s\nsol-keepalive = 2500ms\nsol-instance = 2\n"
			"sol-serial-keepalive = empty", STEAL_CONFIGURED, 0);
	assert_int_equal(s.timeout_ms, 5000);
	assert_int_equal(s.keepalive_ms, 2500);
	assert_int_equal(s.instance, 2);
	assert_int_equal(s.tickle, TICKLE_EMPTY);
	settings_of("sol-timeout = 5s", STEAL_CONFIGURED, -EINVAL);
	assert_string_equal(f.text, "sol-keepalive, 10 s, is longer than sol-timeout, 5 s: half of "
			    "it would be right");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_has_its_sentence),
		cmocka_unit_test(every_number_has_its_errno),
		cmocka_unit_test(sentences_quote_what_was_wrong),
		cmocka_unit_test(sentences_fit_what_was_set_and_when_it_ended),
		cmocka_unit_test(another_suite_is_tried_where_it_may_help),
		cmocka_unit_test(every_quirk_that_the_library_knows_reaches_it),
		cmocka_unit_test(wrong_keys_and_methods_are_told),
		cmocka_unit_test(stealing_is_the_keys_unless_it_is_asked_for),
		cmocka_unit_test(times_have_to_fit_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
