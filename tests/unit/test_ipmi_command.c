/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the commands: what is asked, and what is read out of the answers. */
#include "ipmi.h"

#include "drivers/ipmi/command.h"

#include <errno.h>

enum {
	CHASSIS_STATUS = 0x01, CHASSIS_CONTROL = 0x02, CHASSIS_IDENTIFY = 0x04,
	SET_BOOT_OPTIONS = 0x08, GET_BOOT_OPTIONS = 0x09,
	GET_CAPABILITIES = 0x38, GET_CHALLENGE = 0x39, ACTIVATE_SESSION = 0x3a,
	SET_PRIVILEGE = 0x3b, CLOSE_SESSION = 0x3c, GET_CIPHER_SUITES = 0x54
};

#define SIXTEEN "0123456789abcdef"

#define assert_request(request, netfn_, command_, bytes) \
	do { \
		assert_int_equal((request).netfn, netfn_); \
		assert_int_equal((request).command, command_); \
		assert_view(((struct view){(request).data, (request).length}), VIEW(bytes)); \
	} while (0)

static struct response answer(enum netfn netfn, uint8_t command, struct view data)
{
	return (struct response){.netfn = netfn, .command = command, .data = data};
}

/* --- sessions ------------------------------------------------------------------------------- */

static void capabilities_are_asked_of_this_channel(void **state)
{
	struct request r;

	(void)state;
	auth_capabilities_request(&r, PRIVILEGE_ADMIN, true);
	assert_request(r, NETFN_APP, GET_CAPABILITIES, "\x8e\x04");
	auth_capabilities_request(&r, PRIVILEGE_OPERATOR, false);
	assert_request(r, NETFN_APP, GET_CAPABILITIES, "\x0e\x03");
}

static struct auth_capabilities capabilities(const char bytes[8])
{
	struct auth_capabilities to;
	const struct response r = answer(NETFN_APP, GET_CAPABILITIES,
					 (struct view){(const uint8_t *)bytes, 8});

	memset(&to, 0x55, sizeof(to));
	assert_int_equal(auth_capabilities_decode(&r, &to), 0);
	return to;
}

static void capabilities_are_read(void **state)
{
	struct auth_capabilities to = capabilities("\x01\x97\x24\x03\x00\x00\x00\x00");

	(void)state;
	assert_int_equal(to.channel, 1);
	assert_int_equal(to.types, 1 << AUTH_NONE | 1 << AUTH_MD2 | 1 << AUTH_MD5 |
				   1 << AUTH_STRAIGHT);
	assert_true(to.extended && to.v15 && to.v20);
	assert_true(to.kg && to.named_users);
	assert_false(to.no_permsg || to.no_userauth || to.null_users || to.anonymous);
	to = capabilities("\x02\x80\x1b\x02\x00\x00\x00\x00");
	assert_int_equal(to.channel, 2);
	assert_int_equal(to.types, 0);
	assert_true(to.extended && to.v20);
	assert_true(to.no_permsg && to.no_userauth && to.null_users && to.anonymous);
	assert_false(to.v15 || to.kg || to.named_users);
}

static void versions_are_only_told_with_extended_capabilities(void **state)
{
	const struct auth_capabilities to = capabilities("\x01\x24\x00\x03\x00\x00\x00\x00");

	(void)state;
	assert_false(to.extended || to.v15 || to.v20);
	assert_int_equal(to.types, 1 << AUTH_MD5 | 1 << AUTH_OEM);
}

static void cipher_suites_are_asked_for_piece_by_piece(void **state)
{
	struct request r;

	(void)state;
	cipher_suites_request(&r, 0);
	assert_request(r, NETFN_APP, GET_CIPHER_SUITES, "\x0e\x00\x80");
	cipher_suites_request(&r, 0x3f);
	assert_request(r, NETFN_APP, GET_CIPHER_SUITES, "\x0e\x00\xbf");
}

static void a_piece_of_cipher_suites_is_at_most_16_bytes(void **state)
{
	struct response r = answer(NETFN_APP, GET_CIPHER_SUITES, VIEW("\x01" SIXTEEN));
	struct view records;

	(void)state;
	assert_int_equal(cipher_suites_decode(&r, &records), 0);
	assert_view(records, VIEW(SIXTEEN));
	r.data = VIEW("\x01\xc0\x03");
	assert_int_equal(cipher_suites_decode(&r, &records), 0);
	assert_view(records, VIEW("\xc0\x03"));
	r.data = VIEW("\x01");
	assert_int_equal(cipher_suites_decode(&r, &records), 0);
	assert_int_equal(records.length, 0);
	r.data = VIEW("\x01" SIXTEEN "g");
	assert_int_equal(cipher_suites_decode(&r, &records), -EPROTO);
}

static void a_challenge_is_for_a_user(void **state)
{
	static const uint8_t user[USER_MAX] = "admin";
	const struct response r = answer(NETFN_APP, GET_CHALLENGE, VIEW("\x44\x33\x22\x11" SIXTEEN));
	struct challenge to;
	struct request q;

	(void)state;
	challenge_request(&q, AUTH_MD5, user);
	assert_request(q, NETFN_APP, GET_CHALLENGE, "\x02" "admin\0\0\0\0\0\0\0\0\0\0\0");
	assert_int_equal(challenge_decode(&r, &to), 0);
	assert_int_equal(to.session, 0x11223344);
	assert_memory_equal(to.string, SIXTEEN, 16);
}

static void a_session_is_activated_with_its_challenge(void **state)
{
	const struct response r = answer(NETFN_APP, ACTIVATE_SESSION,
					 VIEW("\x02\x44\x33\x22\x11\x0d\x0c\x0b\x0a\x04"));
	struct activation to;
	struct request q;

	(void)state;
	activate_request(&q, AUTH_STRAIGHT, PRIVILEGE_ADMIN, (const uint8_t *)SIXTEEN, 0x01020304);
	assert_request(q, NETFN_APP, ACTIVATE_SESSION, "\x04\x04" SIXTEEN "\x04\x03\x02\x01");
	assert_int_equal(activation_decode(&r, &to), 0);
	assert_int_equal(to.auth, AUTH_MD5);
	assert_int_equal(to.session, 0x11223344);
	assert_int_equal(to.sequence, 0x0a0b0c0d);
	assert_int_equal(to.privilege, PRIVILEGE_ADMIN);
}

static void a_privilege_is_asked_for_and_told(void **state)
{
	const struct response r = answer(NETFN_APP, SET_PRIVILEGE, VIEW("\x03"));
	struct request q;

	(void)state;
	privilege_request(&q, PRIVILEGE_ADMIN);
	assert_request(q, NETFN_APP, SET_PRIVILEGE, "\x04");
	assert_int_equal(privilege_decode(&r), PRIVILEGE_OPERATOR);
}

static void a_session_is_closed_by_its_id(void **state)
{
	struct request q;

	(void)state;
	close_request(&q, 0x11223344);
	assert_request(q, NETFN_APP, CLOSE_SESSION, "\x44\x33\x22\x11");
}

/* --- chassis -------------------------------------------------------------------------------- */

static struct chassis_status status_of(const char bytes[3])
{
	const struct response r = answer(NETFN_CHASSIS, CHASSIS_STATUS,
					 (struct view){(const uint8_t *)bytes, 3});
	struct chassis_status to;

	memset(&to, 0x55, sizeof(to));
	assert_int_equal(chassis_status_decode(&r, &to), 0);
	return to;
}

static void status_says_on_or_off(void **state)
{
	struct chassis_status to = status_of("\x61\x10\x40");
	struct request q;

	(void)state;
	chassis_status_request(&q);
	assert_request(q, NETFN_CHASSIS, CHASSIS_STATUS, "");
	assert_true(to.on);
	assert_false(to.fault || to.overload);
	assert_int_equal(to.last_event, 0x10);
	to = status_of("\xfe\x00\x00");
	assert_false(to.on);
	assert_true(to.fault && to.overload);
	to = status_of("\x02\x00\x00");
	assert_true(to.overload);
	assert_false(to.fault);
	to = status_of("\x09\x00\x00");
	assert_true(to.on && to.fault);
	assert_false(to.overload);
}

static void status_says_whether_the_light_is_on(void **state)
{
	(void)state;
	assert_false(status_of("\x01\x00\x30").identify_known);
	assert_int_equal(status_of("\x01\x00\x30").identify, 0);
	assert_true(status_of("\x01\x00\x40").identify_known);
	assert_int_equal(status_of("\x01\x00\x40").identify, 0);
	assert_int_equal(status_of("\x01\x00\x50").identify, 1);
	assert_int_equal(status_of("\x01\x00\x60").identify, 2);
}

static void control_sends_one_number(void **state)
{
	struct request q;

	(void)state;
	chassis_control_request(&q, CONTROL_OFF);
	assert_request(q, NETFN_CHASSIS, CHASSIS_CONTROL, "\x00");
	chassis_control_request(&q, CONTROL_ON);
	assert_request(q, NETFN_CHASSIS, CHASSIS_CONTROL, "\x01");
	chassis_control_request(&q, CONTROL_CYCLE);
	assert_request(q, NETFN_CHASSIS, CHASSIS_CONTROL, "\x02");
	chassis_control_request(&q, CONTROL_RESET);
	assert_request(q, NETFN_CHASSIS, CHASSIS_CONTROL, "\x03");
	chassis_control_request(&q, CONTROL_DIAG);
	assert_request(q, NETFN_CHASSIS, CHASSIS_CONTROL, "\x04");
	chassis_control_request(&q, CONTROL_SOFT);
	assert_request(q, NETFN_CHASSIS, CHASSIS_CONTROL, "\x05");
}

static void identify_is_for_a_time_or_for_good(void **state)
{
	struct request q;

	(void)state;
	identify_request(&q, 0, false);
	assert_request(q, NETFN_CHASSIS, CHASSIS_IDENTIFY, "\x00");
	identify_request(&q, 255, false);
	assert_request(q, NETFN_CHASSIS, CHASSIS_IDENTIFY, "\xff");
	identify_request(&q, 15, true);
	assert_request(q, NETFN_CHASSIS, CHASSIS_IDENTIFY, "\x0f\x01");
}

/* --- boot options --------------------------------------------------------------------------- */

/* Table 28-14: the byte that a device is. */
static const struct {
	enum boot_device device;
	uint8_t byte;
} devices[] = {
	{BOOT_NONE, 0x00}, {BOOT_PXE, 0x04}, {BOOT_DISK, 0x08}, {BOOT_SAFE, 0x0c},
	{BOOT_DIAG, 0x10}, {BOOT_CDROM, 0x14}, {BOOT_BIOS, 0x18}, {BOOT_FLOPPY, 0x3c},
};

/* Once or for good, legacy or EFI. */
static const struct {
	bool persistent, efi;
	uint8_t byte;
} ways[] = {{false, false, 0x80}, {false, true, 0xa0}, {true, false, 0xc0}, {true, true, 0xe0}};

static void every_boot_device_can_be_set_and_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(devices); i++) {
		for (size_t j = 0; j < COUNT(ways); j++) {
			const struct boot_flags flags = {
				.valid = true, .persistent = ways[j].persistent, .efi = ways[j].efi,
				.device = devices[i].device,
			};
			const uint8_t set[] = {5, ways[j].byte, devices[i].byte, 0, 0, 0};
			const uint8_t got[] = {1, 5, ways[j].byte, devices[i].byte, 0, 0, 0};
			const struct response r = answer(NETFN_CHASSIS, GET_BOOT_OPTIONS,
							 (struct view){got, sizeof(got)});
			struct boot_flags to;
			struct request q;

			boot_flags_request(&q, &flags);
			assert_int_equal(q.netfn, NETFN_CHASSIS);
			assert_int_equal(q.command, SET_BOOT_OPTIONS);
			assert_view(((struct view){q.data, q.length}),
				    ((struct view){set, sizeof(set)}));
			assert_int_equal(boot_flags_decode(&r, &to), 0);
			assert_true(to.valid);
			assert_int_equal(to.persistent, flags.persistent);
			assert_int_equal(to.efi, flags.efi);
			assert_int_equal(to.device, flags.device);
		}
	}
}

static void boot_flags_that_are_not_valid_say_so(void **state)
{
	const struct boot_flags none = {.valid = false};
	struct response r = answer(NETFN_CHASSIS, GET_BOOT_OPTIONS, VIEW("\x01\x05\x00\x04\0\0\0"));
	struct boot_flags to;
	struct request q;

	(void)state;
	boot_flags_request(&q, &none);
	assert_request(q, NETFN_CHASSIS, SET_BOOT_OPTIONS, "\x05\x00\x00\x00\x00\x00");
	assert_int_equal(boot_flags_decode(&r, &to), 0);
	assert_false(to.valid);
	/* the flags valid, the parameter not */
	r.data = VIEW("\x01\x85\x80\x04\0\0\0");
	assert_int_equal(boot_flags_decode(&r, &to), 0);
	assert_false(to.valid);
	/* another parameter */
	r.data = VIEW("\x01\x04\x80\x04\0\0\0");
	assert_int_equal(boot_flags_decode(&r, &to), -EPROTO);
}

static void what_goes_with_boot_flags_can_be_set(void **state)
{
	struct request q;

	(void)state;
	boot_progress_request(&q, 1);
	assert_request(q, NETFN_CHASSIS, SET_BOOT_OPTIONS, "\x00\x01");
	boot_progress_request(&q, 0);
	assert_request(q, NETFN_CHASSIS, SET_BOOT_OPTIONS, "\x00\x00");
	boot_acknowledge_request(&q);
	assert_request(q, NETFN_CHASSIS, SET_BOOT_OPTIONS, "\x04\x01\x01");
	boot_flags_get_request(&q);
	assert_request(q, NETFN_CHASSIS, GET_BOOT_OPTIONS, "\x05\x00\x00");
}

/* --- answers that are none ------------------------------------------------------------------- */

static int any_capabilities(const struct response *r)
{
	struct auth_capabilities to;

	return auth_capabilities_decode(r, &to);
}

static int any_cipher_suites(const struct response *r)
{
	struct view records;

	return cipher_suites_decode(r, &records);
}

static int any_challenge(const struct response *r)
{
	struct challenge to;

	return challenge_decode(r, &to);
}

static int any_activation(const struct response *r)
{
	struct activation to;

	return activation_decode(r, &to);
}

static int any_status(const struct response *r)
{
	struct chassis_status to;

	return chassis_status_decode(r, &to);
}

static int any_boot_flags(const struct response *r)
{
	struct boot_flags to;

	return boot_flags_decode(r, &to);
}

static const struct {
	int (*decode)(const struct response *r);
	enum netfn netfn;
	uint8_t command;
	struct view shortest;
} decoders[] = {
	{any_capabilities, NETFN_APP, GET_CAPABILITIES, {(const uint8_t *)SIXTEEN, 8}},
	{any_cipher_suites, NETFN_APP, GET_CIPHER_SUITES, {(const uint8_t *)SIXTEEN, 1}},
	{any_challenge, NETFN_APP, GET_CHALLENGE, {(const uint8_t *)SIXTEEN SIXTEEN, 20}},
	{any_activation, NETFN_APP, ACTIVATE_SESSION, {(const uint8_t *)SIXTEEN, 10}},
	{privilege_decode, NETFN_APP, SET_PRIVILEGE, {(const uint8_t *)SIXTEEN, 1}},
	{any_status, NETFN_CHASSIS, CHASSIS_STATUS, {(const uint8_t *)SIXTEEN, 3}},
	{any_boot_flags, NETFN_CHASSIS, GET_BOOT_OPTIONS, {(const uint8_t *)"1\5" SIXTEEN, 7}},
};

static size_t decoder;

static int decode(struct view v)
{
	const struct response r = answer(decoders[decoder].netfn, decoders[decoder].command, v);

	return decoders[decoder].decode(&r);
}

static void cut_answers_are_refused(void **state)
{
	(void)state;
	for (decoder = 0; decoder < COUNT(decoders); decoder++) {
		assert_true(decode(decoders[decoder].shortest) >= 0);
		assert_cut_is_refused(decode, decoders[decoder].shortest, 0);
	}
}

static void answers_to_something_else_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(decoders); i++) {
		struct response r = answer(decoders[i].netfn, decoders[i].command,
					   decoders[i].shortest);

		assert_true(decoders[i].decode(&r) >= 0);
		r.completion = COMPLETION_PRIVILEGE;
		assert_int_equal(decoders[i].decode(&r), -EPROTO);
		r.completion = COMPLETION_OK;
		r.command++;
		assert_int_equal(decoders[i].decode(&r), -EPROTO);
		r.command--;
		r.netfn = r.netfn == NETFN_APP ? NETFN_CHASSIS : NETFN_APP;
		assert_int_equal(decoders[i].decode(&r), -EPROTO);
	}
}

/* --- words ---------------------------------------------------------------------------------- */

static void every_completion_code_has_a_text(void **state)
{
	static const enum netfn netfns[] = {NETFN_CHASSIS, NETFN_APP, (enum netfn)0x2c};

	(void)state;
	for (size_t i = 0; i < COUNT(netfns); i++) {
		for (unsigned command = 0; command < 256; command++) {
			for (unsigned code = 0; code < 256; code++)
				assert_non_null(completion_text(netfns[i], (uint8_t)command,
								(uint8_t)code));
		}
	}
}

static void completion_codes_mean_what_the_command_makes_of_them(void **state)
{
	static const struct {
		enum netfn netfn;
		uint8_t command, code;
		const char *text;
	} expected[] = {
		{NETFN_CHASSIS, CHASSIS_STATUS, 0x00, "done"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xc0, "busy"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xc1, "unknown command"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xc3, "the BMC ran out of time"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xcc, "invalid value in the request"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xd2, "the BMC is still starting"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xd4, "not enough privilege"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xd5, "not possible in the present state"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xd6, "command switched off or not available"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xd7, "an error of no known meaning"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0xff, "unspecified error"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0x01, "an error of the manufacturer's own"},
		{NETFN_CHASSIS, CHASSIS_CONTROL, 0x80, "an error of this command's own"},
		{NETFN_CHASSIS, SET_BOOT_OPTIONS, 0x80, "boot option not supported"},
		{NETFN_APP, GET_CHALLENGE, 0x81, "no such user"},
		{NETFN_APP, GET_CHALLENGE, 0x82, "no user without a name"},
		{NETFN_APP, ACTIVATE_SESSION, 0x81, "no session is free"},
		{NETFN_APP, ACTIVATE_SESSION, 0x86, "privilege beyond the limit of user or channel"},
		{NETFN_APP, SET_PRIVILEGE, 0x80, "privilege not available to this user"},
		{NETFN_APP, SET_PRIVILEGE, 0x81, "privilege beyond the limit of user or channel"},
		{NETFN_APP, CLOSE_SESSION, 0x87, "no such session"},
		/* the number of another network function's command */
		{NETFN_CHASSIS, SET_PRIVILEGE, 0x81, "an error of this command's own"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++)
		assert_string_equal(completion_text(expected[i].netfn, expected[i].command,
						    expected[i].code), expected[i].text);
}

static void privileges_have_names(void **state)
{
	static const char *const names[] = {"highest", "callback", "user", "operator", "admin", "oem"};

	(void)state;
	for (unsigned i = 0; i < COUNT(names); i++)
		assert_string_equal(privilege_name(i), names[i]);
	assert_string_equal(privilege_name(6), "unknown");
	assert_string_equal(privilege_name(UINT32_MAX), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities_are_asked_of_this_channel),
		cmocka_unit_test(capabilities_are_read),
		cmocka_unit_test(versions_are_only_told_with_extended_capabilities),
		cmocka_unit_test(cipher_suites_are_asked_for_piece_by_piece),
		cmocka_unit_test(a_piece_of_cipher_suites_is_at_most_16_bytes),
		cmocka_unit_test(a_challenge_is_for_a_user),
		cmocka_unit_test(a_session_is_activated_with_its_challenge),
		cmocka_unit_test(a_privilege_is_asked_for_and_told),
		cmocka_unit_test(a_session_is_closed_by_its_id),
		cmocka_unit_test(status_says_on_or_off),
		cmocka_unit_test(status_says_whether_the_light_is_on),
		cmocka_unit_test(control_sends_one_number),
		cmocka_unit_test(identify_is_for_a_time_or_for_good),
		cmocka_unit_test(every_boot_device_can_be_set_and_read),
		cmocka_unit_test(boot_flags_that_are_not_valid_say_so),
		cmocka_unit_test(what_goes_with_boot_flags_can_be_set),
		cmocka_unit_test(cut_answers_are_refused),
		cmocka_unit_test(answers_to_something_else_are_refused),
		cmocka_unit_test(every_completion_code_has_a_text),
		cmocka_unit_test(completion_codes_mean_what_the_command_makes_of_them),
		cmocka_unit_test(privileges_have_names),
	};

	return cmocka_run_group_tests_name("ipmi_command", tests, NULL, NULL);
}
