/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Promises of the IPMI driver's session. The BMC's side is written here byte by byte, from the
 * specification; it needs no cryptography, since suite 0 and IPMI 1.5 unsigned are used.
 */
#include "test.h"
#include "base/fault.h"
#include "base/secret.h"
#include "drivers/ipmi/quirk.h"
#include "drivers/ipmi/session.h"

#include <errno.h>
#include <stdbool.h>

enum { BMC_ID = 0x0a0b0c0d, OPEN_ANSWER = 0x11, RAKP_2 = 0x13, RAKP_4 = 0x15 };

static struct session s;
static struct login login;
static struct packet out;
static struct fault f;
static uint8_t in[PACKET_MAX];
static size_t length;

static int setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	login = (struct login){
		.privilege = PRIVILEGE_USER, .nsuites = 1, .auths = 1 << AUTH_MD5,
		.user_length = 5, .user = "admin",
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	session_wipe(&s);
	login_drop(&login);
	return 0;
}

/* --- the BMC's side ----------------------------------------------------------------------- */

static void add(const void *bytes, size_t n)
{
	if (n)
		memcpy(in + length, bytes, n);
	length += n;
}

static void add8(unsigned value)
{
	in[length++] = (uint8_t)value;
}

static void add32(uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		add8(value >> 8 * i & 0xff);
}

static void begin_rmcpplus(unsigned type, uint32_t session, uint32_t sequence, unsigned size)
{
	length = 0;
	add("\x06\x00\xff\x07\x06", 5);
	add8(type);
	add32(session);
	add32(sequence);
	add8(size & 0xff);
	add8(size >> 8);
}

static void add_response(unsigned netfn, unsigned command, unsigned sequence, unsigned completion,
			 const void *data, size_t n)
{
	size_t first = length;
	uint8_t sum = 0;

	add8(0x81);
	add8((netfn + 1) << 2);
	add8((uint8_t)-(0x81 + ((netfn + 1) << 2)));
	add8(0x20);
	add8(sequence << 2);
	add8(command);
	add8(completion);
	add(data, n);
	for (size_t i = first + 3; i < length; i++)
		sum += in[i];
	add8((uint8_t)-sum);
}

/* An answer in the session of IPMI 2.0. */
static void rmcpplus_response(uint32_t sequence, unsigned tag, unsigned command, const void *data,
			      size_t n)
{
	begin_rmcpplus(0, s.rakp.console, sequence, (unsigned)(8 + n));
	add_response(NETFN_CHASSIS, command, tag, 0, data, n);
}

/* An unsigned answer of IPMI 1.5. */
static void lan_response(uint32_t session, unsigned command, unsigned completion, const void *data,
			 size_t n)
{
	length = 0;
	add("\x06\x00\xff\x07\x00", 5);
	add32(0);
	add32(session);
	add8((unsigned)(8 + n));
	add_response(NETFN_APP, command, s.tag, completion, data, n);
}

static void open_answer(unsigned status, uint32_t console)
{
	begin_rmcpplus(OPEN_ANSWER, 0, 0, status ? 8 : 36);
	add8(s.tag);
	add8(status);
	add8(PRIVILEGE_ADMIN);
	add8(0);
	add32(console);
	if (status)
		return;
	add32(BMC_ID);
	for (unsigned kind = 0; kind < 3; kind++) {
		add8(kind);
		add("\0\0\x08\0\0\0\0", 7);
	}
}

static void rakp_answer(unsigned type, unsigned status)
{
	begin_rmcpplus(type, 0, 0, type == RAKP_2 && !status ? 40 : 8);
	add8(s.tag);
	add8(status);
	add("\0", 2);
	add32(s.rakp.console);
	if (type == RAKP_2 && !status)
		add("0123456789abcdefGUID............", 32);
}

static enum event give(void)
{
	return session_take(&s, in, length, &f);
}

static void compose(void)
{
	assert_int_equal(session_compose(&s, &out), 0);
}

/* Logs in by suite 0, up to EVENT_READY. */
static void log_in(void)
{
	session_begin(&s, &login, 0, false, false);
	compose();
	open_answer(0, s.rakp.console);
	assert_int_equal(give(), EVENT_SEND);
	compose();
	rakp_answer(RAKP_2, 0);
	assert_int_equal(give(), EVENT_SEND);
	compose();
	rakp_answer(RAKP_4, 0);
	assert_int_equal(give(), EVENT_READY);
}

static void ask_status(bool once)
{
	struct request request = {0};

	chassis_status_request(&request);
	session_request(&s, &request, once);
	compose();
}

static uint32_t sequence_sent(void)
{
	return get32(out.bytes + 10);
}

static const uint8_t chassis_on[] = {0x01, 0x00, 0x00};
static const uint8_t chassis_off[] = {0x00, 0x00, 0x00};

/* --- promises ----------------------------------------------------------------------------- */

static void a_user_needs_four_round_trips_and_a_close(void **state)
{
	struct chassis_status status;

	(void)state;
	log_in();
	ask_status(false);
	assert_int_equal(get32(out.bytes + 6), BMC_ID);
	rmcpplus_response(1, s.tag, 0x01, chassis_on, sizeof(chassis_on));
	assert_int_equal(give(), EVENT_ANSWER);
	assert_int_equal(chassis_status_decode(&s.answer, &status), 0);
	assert_true(status.on);
	session_close(&s);
	compose();
	begin_rmcpplus(0, s.rakp.console, 2, 8);
	add_response(NETFN_APP, 0x3c, s.tag, 0, NULL, 0);
	assert_int_equal(give(), EVENT_CLOSED);
	assert_false(session_is_open(&s));
}

static void an_operator_raises_the_privilege_first(void **state)
{
	(void)state;
	login.privilege = PRIVILEGE_OPERATOR;
	session_begin(&s, &login, 0, false, false);
	compose();
	open_answer(0, s.rakp.console);
	give();
	compose();
	rakp_answer(RAKP_2, 0);
	give();
	compose();
	rakp_answer(RAKP_4, 0);
	assert_int_equal(give(), EVENT_SEND);
	assert_int_equal(s.phase, PHASE_PRIVILEGE);
	compose();
	begin_rmcpplus(0, s.rakp.console, 1, 9);
	add_response(NETFN_APP, 0x3b, s.tag, 0, "\x03", 1);
	assert_int_equal(give(), EVENT_READY);
}

static void a_command_that_must_be_done_once_keeps_its_sequence_number(void **state)
{
	uint32_t first;

	(void)state;
	log_in();
	ask_status(true);
	first = sequence_sent();
	compose();
	assert_int_equal(sequence_sent(), first);
	ask_status(false);
	assert_int_equal(sequence_sent(), first + 1);
	compose();
	assert_int_equal(sequence_sent(), first + 2);
}

static void an_answer_to_an_earlier_request_is_none(void **state)
{
	uint8_t tag;

	(void)state;
	log_in();
	ask_status(false);
	tag = s.tag;
	rmcpplus_response(1, tag, 0x01, chassis_on, sizeof(chassis_on));
	assert_int_equal(give(), EVENT_ANSWER);
	ask_status(false);
	/* the same answer once more, late: with its own number, and with a new one */
	rmcpplus_response(1, tag, 0x01, chassis_on, sizeof(chassis_on));
	assert_int_equal(give(), EVENT_NONE);
	rmcpplus_response(2, tag, 0x01, chassis_on, sizeof(chassis_on));
	assert_int_equal(give(), EVENT_NONE);
	rmcpplus_response(3, s.tag, 0x01, chassis_off, sizeof(chassis_off));
	assert_int_equal(give(), EVENT_ANSWER);
}

static void an_answer_to_the_same_request_sent_earlier_counts(void **state)
{
	uint8_t tag;

	(void)state;
	log_in();
	ask_status(false);
	tag = s.tag;
	compose();
	assert_int_not_equal(s.tag, tag);
	rmcpplus_response(1, tag, 0x01, chassis_on, sizeof(chassis_on));
	assert_int_equal(give(), EVENT_ANSWER);
	assert_int_equal(s.age, 1);
}

static void gaps_and_late_packets_are_ordinary(void **state)
{
	static const uint32_t numbers[] = {7, 9, 8, 500, 490};

	(void)state;
	log_in();
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		ask_status(false);
		rmcpplus_response(numbers[i], s.tag, 0x01, chassis_on, sizeof(chassis_on));
		assert_int_equal(give(), EVENT_ANSWER);
	}
	/* one that came already, and one that is too old */
	ask_status(false);
	rmcpplus_response(490, s.tag, 0x01, chassis_on, sizeof(chassis_on));
	assert_int_equal(give(), EVENT_NONE);
	rmcpplus_response(484, s.tag, 0x01, chassis_on, sizeof(chassis_on));
	assert_int_equal(give(), EVENT_NONE);
}

static void what_is_not_awaited_changes_nothing(void **state)
{
	struct session before;
	uint8_t whole[PACKET_MAX];
	size_t n;

	(void)state;
	log_in();
	ask_status(false);
	rmcpplus_response(1, s.tag, 0x01, chassis_on, sizeof(chassis_on));
	memcpy(whole, in, n = length);
	before = s;
	for (size_t cut = 0; cut < n; cut++) {
		memcpy(in, whole, cut);
		length = cut;
		assert_int_equal(give(), EVENT_NONE);
		assert_memory_equal(&s, &before, sizeof(s));
	}
	/* another session's, another command's, a session that is being opened */
	memcpy(in, whole, n);
	length = n;
	in[6] ^= 1;
	assert_int_equal(give(), EVENT_NONE);
	rmcpplus_response(1, s.tag, 0x02, chassis_on, sizeof(chassis_on));
	s.window = before.window;
	assert_int_equal(give(), EVENT_NONE);
	open_answer(0, s.rakp.console);
	assert_int_equal(give(), EVENT_NONE);
	assert_int_equal(s.phase, PHASE_COMMAND);
}

static void a_wrong_checksum_is_passed_over_and_kept_in_mind(void **state)
{
	(void)state;
	log_in();
	ask_status(false);
	rmcpplus_response(1, s.tag, 0x01, chassis_on, sizeof(chassis_on));
	in[length - 1] ^= 1;
	assert_int_equal(give(), EVENT_NONE);
	assert_contains(session_hint(&s), "nochecksumcheck");
	login.quirks = QUIRK_NOCHECKSUMCHECK;
	rmcpplus_response(2, s.tag, 0x01, chassis_on, sizeof(chassis_on));
	in[length - 1] ^= 1;
	assert_int_equal(give(), EVENT_ANSWER);
}

static void every_mislabelled_refusal_leads_to_the_next_suite(void **state)
{
	static const uint8_t statuses[] = {0x11, 0x01, 0x0a, 0x12};

	(void)state;
	login.nsuites = 2;
	login.suites[0] = 17;
	for (unsigned i = 0; i < sizeof(statuses); i++) {
		session_begin(&s, &login, 0, false, false);
		compose();
		assert_int_equal(s.rakp.suite->id, 17);
		open_answer(statuses[i], s.rakp.console);
		assert_int_equal(give(), EVENT_SEND);
		assert_int_equal(s.phase, PHASE_OPEN);
		assert_int_equal(s.rakp.suite->id, 0);
	}
}

static void the_suite_that_worked_is_tried_first_and_the_others_after_it(void **state)
{
	(void)state;
	login.nsuites = 3;
	memcpy(login.suites, "\x11\x03\x00", 3);
	session_begin(&s, &login, 2, false, false);
	assert_int_equal(s.rakp.suite->id, 0);
	compose();
	open_answer(0x11, s.rakp.console);
	assert_int_equal(give(), EVENT_SEND);
	assert_int_equal(s.rakp.suite->id, 17);
	compose();
	open_answer(0x11, s.rakp.console);
	assert_int_equal(give(), EVENT_SEND);
	assert_int_equal(s.rakp.suite->id, 3);
}

static void no_suite_is_told_with_those_that_were_tried(void **state)
{
	(void)state;
	login.nsuites = 2;
	memcpy(login.suites, "\x11\x03", 2);
	session_begin(&s, &login, 0, false, false);
	compose();
	open_answer(0x11, s.rakp.console);
	give();
	compose();
	open_answer(0x11, s.rakp.console);
	assert_int_equal(give(), EVENT_FAILED);
	assert_int_equal(s.err, -ENOTSUP);
	assert_contains(f.text, "accepts none of the cipher suites 17, 3");
}

static void a_bmc_that_gives_another_suite_than_asked_is_not_believed(void **state)
{
	(void)state;
	login.suites[0] = 3;
	session_begin(&s, &login, 0, false, false);
	compose();
	open_answer(0, s.rakp.console);	/* grants suite 0 */
	assert_int_equal(give(), EVENT_FAILED);
	assert_int_equal(s.err, -ENOTSUP);
}

static void an_unknown_user_is_told(void **state)
{
	(void)state;
	session_begin(&s, &login, 0, false, false);
	compose();
	open_answer(0, s.rakp.console);
	give();
	compose();
	rakp_answer(RAKP_2, RAKP_NAME_UNAUTHORIZED);
	assert_int_equal(give(), EVENT_FAILED);
	assert_int_equal(s.err, -ENOENT);
	assert_contains(f.text, "refused user \"admin\": there is no such user");
}

static void a_session_that_the_bmc_lost_is_begun_again(void **state)
{
	(void)state;
	session_begin(&s, &login, 0, false, false);
	compose();
	open_answer(0, s.rakp.console);
	give();
	compose();
	rakp_answer(RAKP_2, 0);
	give();
	compose();
	rakp_answer(RAKP_4, RAKP_INVALID_SESSION);
	assert_int_equal(give(), EVENT_SEND);
	assert_int_equal(s.phase, PHASE_OPEN);
}

static void silence_to_open_session_asks_what_the_bmc_knows(void **state)
{
	(void)state;
	session_begin(&s, &login, 0, false, false);
	for (unsigned i = 0; i < 2; i++) {
		compose();
		assert_int_equal(session_silent(&s, &f), EVENT_NONE);
	}
	compose();
	assert_int_equal(session_silent(&s, &f), EVENT_SEND);
	assert_int_equal(s.phase, PHASE_CAPABILITIES);
	compose();
	/* both versions: Open Session again */
	lan_response(0, 0x38, 0, "\x01\x84\x04\x03\x00\x00\x00\x00", 8);
	assert_int_equal(give(), EVENT_SEND);
	assert_int_equal(s.phase, PHASE_OPEN);
}

/* One that knows IPMI 1.5 alone, with these authentication types, and answers the question. */
static enum event meet_v15(uint8_t types)
{
	uint8_t data[] = {0x01, types, 0x04, 0x01, 0, 0, 0, 0};

	session_begin(&s, &login, 0, false, false);
	do {
		compose();
	} while (session_silent(&s, &f) == EVENT_NONE);
	compose();
	data[1] |= 0x80;
	lan_response(0, 0x38, 0, data, sizeof(data));
	return give();
}

static void a_bmc_of_ipmi_1_5_gets_md5_and_nothing_weaker(void **state)
{
	(void)state;
	assert_int_equal(meet_v15(1 << AUTH_MD5 | 1 << AUTH_STRAIGHT), EVENT_SEND);
	assert_int_equal(s.phase, PHASE_CHALLENGE);
	assert_int_equal(s.auth, AUTH_MD5);
	assert_int_equal(meet_v15(1 << AUTH_STRAIGHT | 1 << AUTH_NONE), EVENT_FAILED);
	assert_int_equal(s.err, -ENOTSUP);
	assert_contains(f.text, "\"straight\", \"none\"");
}

static void a_straight_password_is_sent_where_the_configuration_names_it(void **state)
{
	(void)state;
	login.auths = 1 << AUTH_STRAIGHT;
	login.auths_named = true;
	assert_int_equal(meet_v15(1 << AUTH_MD5 | 1 << AUTH_STRAIGHT), EVENT_SEND);
	assert_int_equal(s.auth, AUTH_STRAIGHT);
}

static void a_password_that_ipmi_1_5_has_no_room_for_is_not_cut(void **state)
{
	(void)state;
	login.password = secret_new("seventeen bytes!!", 17);
	assert_non_null(login.password);
	assert_int_equal(meet_v15(1 << AUTH_MD5), EVENT_FAILED);
	assert_int_equal(s.err, -EINVAL);
	assert_contains(f.text, "16 bytes of password: it has 17");
}

static void only_ipmi_2_0_means_no_1_5(void **state)
{
	(void)state;
	login.version = VERSION_20;
	session_begin(&s, &login, 0, false, false);
	for (unsigned i = 0; i < 40; i++) {
		compose();
		assert_int_equal(session_silent(&s, &f), EVENT_NONE);
		assert_int_equal(s.phase, PHASE_OPEN);
	}
}

static void ipmi_1_5_unsigned_logs_in_and_asks(void **state)
{
	(void)state;
	login.version = VERSION_15;
	login.auths = 1 << AUTH_NONE;
	login.auths_named = true;
	session_begin(&s, &login, 0, false, false);
	compose();
	lan_response(0, 0x38, 0, "\x01\x01\x04\x00\x00\x00\x00\x00", 8);
	assert_int_equal(give(), EVENT_SEND);
	compose();
	lan_response(0, 0x39, 0, "\x0d\x0c\x0b\x0a" "0123456789abcdef", 20);
	assert_int_equal(give(), EVENT_SEND);
	assert_int_equal(s.phase, PHASE_ACTIVATE);
	compose();
	lan_response(BMC_ID, 0x3a, 0, "\x00\x0d\x0c\x0b\x0a\x05\x00\x00\x00\x04", 10);
	assert_int_equal(give(), EVENT_READY);
	ask_status(false);
	assert_int_equal(get32(out.bytes + 5), 5);
	length = 0;
	add("\x06\x00\xff\x07\x00", 5);
	add32(1);
	add32(BMC_ID);
	add8(11);
	add_response(NETFN_CHASSIS, 0x01, s.tag, 0, chassis_on, sizeof(chassis_on));
	assert_int_equal(give(), EVENT_ANSWER);
}

static void a_session_id_of_zero_needs_its_quirk(void **state)
{
	(void)state;
	login.version = VERSION_15;
	login.auths = 1 << AUTH_NONE;
	login.auths_named = true;
	session_begin(&s, &login, 0, false, false);
	compose();
	lan_response(0, 0x38, 0, "\x01\x01\x04\x00\x00\x00\x00\x00", 8);
	give();
	compose();
	lan_response(0, 0x39, 0, "\x0d\x0c\x0b\x0a" "0123456789abcdef", 20);
	give();
	compose();
	lan_response(BMC_ID, 0x3a, 0, "\x00\x00\x00\x00\x00\x05\x00\x00\x00\x04", 10);
	assert_int_equal(give(), EVENT_NONE);
	assert_contains(session_hint(&s), "idzero");
	login.quirks = QUIRK_IDZERO;
	assert_int_equal(give(), EVENT_READY);
}

int main(void)
{
#define PROMISE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		PROMISE(a_user_needs_four_round_trips_and_a_close),
		PROMISE(an_operator_raises_the_privilege_first),
		PROMISE(a_command_that_must_be_done_once_keeps_its_sequence_number),
		PROMISE(an_answer_to_an_earlier_request_is_none),
		PROMISE(an_answer_to_the_same_request_sent_earlier_counts),
		PROMISE(gaps_and_late_packets_are_ordinary),
		PROMISE(what_is_not_awaited_changes_nothing),
		PROMISE(a_wrong_checksum_is_passed_over_and_kept_in_mind),
		PROMISE(every_mislabelled_refusal_leads_to_the_next_suite),
		PROMISE(the_suite_that_worked_is_tried_first_and_the_others_after_it),
		PROMISE(no_suite_is_told_with_those_that_were_tried),
		PROMISE(a_bmc_that_gives_another_suite_than_asked_is_not_believed),
		PROMISE(an_unknown_user_is_told),
		PROMISE(a_session_that_the_bmc_lost_is_begun_again),
		PROMISE(silence_to_open_session_asks_what_the_bmc_knows),
		PROMISE(a_bmc_of_ipmi_1_5_gets_md5_and_nothing_weaker),
		PROMISE(a_straight_password_is_sent_where_the_configuration_names_it),
		PROMISE(a_password_that_ipmi_1_5_has_no_room_for_is_not_cut),
		PROMISE(only_ipmi_2_0_means_no_1_5),
		PROMISE(ipmi_1_5_unsigned_logs_in_and_asks),
		PROMISE(a_session_id_of_zero_needs_its_quirk),
	};

	return cmocka_run_group_tests_name("ipmi session", tests, NULL, NULL);
}
