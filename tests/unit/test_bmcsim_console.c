/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serial over LAN in the simulator of BMCs: who has it, and what is behind it. */
#include "test.h"
#include "simsol.h"

/* -- who has it -------------------------------------------------------------------------------- */

static void payload_activation_is_refused_with_its_code(void **state)
{
	struct client first, second, plain;

	(void)state;
	log_in(&first, NULL, 17);
	assert_int_equal(client_ask(&first, NETFN_APP, ACTIVATE, "\1\0\xc0\0\0\0", 6), 0xcc);
	assert_int_equal(client_ask(&first, NETFN_APP, ACTIVATE, "\0\1\xc0\0\0\0", 6), 0xcc);
	assert_int_equal(client_ask(&first, NETFN_APP, ACTIVATE, "\1\2\xc0\0\0\0", 6), 0x82);
	assert_int_equal(activate(&first, CODED), 0);
	/* again, when the answer was lost */
	assert_int_equal(activate(&first, CODED), 0);
	log_in(&second, first.bmc, 17);
	assert_int_equal(activate(&second, CODED), 0x80);
	assert_int_equal(deactivate(&first), 0);
	assert_int_equal(deactivate(&first), 0x80);
	/* no encryption to be had, or none asked for where it is wanted */
	log_in(&plain, first.bmc, 2);
	assert_int_equal(activate(&plain, CODED), 0x83);
	assert_int_equal(client_ask(&first, NETFN_TRANSPORT, SET_PARAMETER, "\1\2\x84", 3), 0);
	assert_int_equal(activate(&plain, 0x40), 0x84);
	assert_int_equal(activate(&second, 0x40), 0x84);
	assert_int_equal(client_ask(&first, NETFN_TRANSPORT, SET_PARAMETER, "\1\1\0", 3), 0);
	assert_int_equal(activate(&second, CODED), 0x81);
	assert_int_equal(deactivate(&second), 0x81);
}

static void users_and_privileges_may_be_kept_out(void **state)
{
	struct client client, low;

	(void)state;
	log_in(&client, NULL, 3);
	/* user 2 is admin */
	assert_int_equal(client_ask(&client, NETFN_APP, SET_ACCESS, "\1\x42\2\0\0\0", 6), 0);
	assert_int_equal(activate(&client, CODED), 0xd4);
	assert_int_equal(client_ask(&client, NETFN_APP, SET_ACCESS, "\1\2\2\0\0\0", 6), 0);
	assert_int_equal(activate(&client, CODED), 0);
	assert_int_equal(client_ask(&client, NETFN_TRANSPORT, SET_PARAMETER, "\1\2\4", 3), 0);
	client_login(&low, client.bmc, 3);
	assert_int_equal(deactivate(&low), 0xd4);
	/* not by IPMI 1.5 */
	client_login15(&low, client.bmc, AUTH_MD5);
	assert_int_equal(client_ask(&low, NETFN_APP, SET_PRIVILEGE, "\4", 1), 0);
	assert_int_equal(activate(&low, 0), 0xd5);
}

static void who_has_it_can_be_asked(void **state)
{
	const uint8_t *data;
	struct client client;
	size_t length;

	(void)state;
	log_in(&client, NULL, 17);
	assert_int_equal(client_ask(&client, NETFN_APP, STATUS, "\1", 1), 0);
	client_reply(&client, &data, &length);
	assert_int_equal(length, 3);
	assert_memory_equal(data, "\1\0\0", 3);
	assert_int_equal(activate(&client, CODED), 0);
	client_reply(&client, &data, &length);
	assert_int_equal(length, 12);
	assert_int_equal(get16(data + 4), SOL_HEADER + SOL_CHARACTERS);
	assert_int_equal(get16(data + 6), SOL_HEADER + SOL_CHARACTERS);
	assert_int_equal(get16(data + 8), 623);
	assert_int_equal(get16(data + 10), 0xffff);
	assert_int_equal(client_ask(&client, NETFN_APP, STATUS, "\1", 1), 0);
	client_reply(&client, &data, &length);
	assert_memory_equal(data, "\1\1\0", 3);
	assert_int_equal(client_ask(&client, NETFN_APP, INFO, "\1\1", 2), 0);
	client_reply(&client, &data, &length);
	assert_int_equal(length, 12);
	assert_int_equal(get32(data), client.id);
	assert_int_equal(data[4], 1);
}

/* A second session takes it away; how many packets the first one gets. */
static unsigned steal(struct client *first, const char *fault)
{
	struct client second;
	unsigned notices;

	open_with(first, "raw-echo", fault);
	log_in(&second, first->bmc, 17);
	assert_int_equal(deactivate(&second), 0);
	notices = sim_nsent - 1;
	if (notices)
		assert_int_equal(said(first, 0).status, SOL_DEACTIVATING);
	assert_int_equal(activate(&second, CODED), 0);
	/* who had it has it no more */
	say(first, 1, "mine");
	assert_int_equal(sim_nsent, 0);
	return notices;
}

static void who_loses_it_is_told(void **state)
{
	struct client first;

	(void)state;
	assert_int_equal(steal(&first, NULL), 1);
	assert_int_equal(steal(&first, "sol-no-notice"), 0);
}

static void sessions_that_end_let_it_go(void **state)
{
	struct client client, next;
	struct sol *sol = open_with(&client, "source=1000", NULL);

	(void)state;
	assert_int_equal(client_ask(&client, NETFN_APP, CLOSE, "\0\0\0\0\1", 5), 0);
	assert_null(sol->session);
	log_in(&next, client.bmc, 17);
	assert_int_equal(activate(&next, CODED), 0);
	assert_non_null(sol->session);
	/* nor is it kept by one that is silent: the next tick finds its time up */
	wait_for(61);
	assert_null(sol->session);
	wait_for(SOON);
	assert_int_equal(sim_nsent, 0);
}

static void packets_are_protected_as_it_was_asked_for(void **state)
{
	uint8_t packet[ANSWER_MAX];
	struct client client, bare;
	size_t length;

	(void)state;
	log_in(&client, NULL, 17);
	far_of(&client, "raw-echo");
	assert_int_equal(activate(&client, 0x40), 0);
	say(&client, 1, "x");
	assert_int_equal(sim_sent[0].bytes[5], PAYLOAD_SOL | PAYLOAD_AUTHENTICATED);
	assert_int_equal(deactivate(&client), 0);
	assert_int_equal(activate(&client, CODED), 0);
	say(&client, 1, "x");
	assert_int_equal(sim_sent[0].bytes[5],
			 PAYLOAD_SOL | PAYLOAD_AUTHENTICATED | PAYLOAD_ENCRYPTED);
	/* what is not encrypted then is not heard */
	bare = client;
	bare.suite = suite_by_id(16);
	length = client_wrap(&bare, PAYLOAD_SOL, (const uint8_t *)"\2\0\0\0y", 5, packet);
	client.number++;
	sim_clear();
	sim_receive(client.bmc, packet, length);
	assert_int_equal(sim_nsent, 0);
	assert_int_equal(client_ask(&client, NETFN_APP, SUSPEND, "\1\1\0", 3), 0);
	say(&client, 2, "x");
	assert_int_equal(sim_sent[0].bytes[5], PAYLOAD_SOL | PAYLOAD_AUTHENTICATED);
	assert_int_equal(client_ask(&client, NETFN_APP, SUSPEND, "\1\1\1", 3), 0);
	say(&client, 3, "x");
	assert_true(sim_sent[0].bytes[5] & PAYLOAD_ENCRYPTED);
	assert_int_equal(deactivate(&client), 0);
	assert_int_equal(activate(&client, 0), 0);
	bare = client;
	bare.suite = suite_by_id(15);
	say(&bare, 1, "x");
	assert_int_equal(sim_sent[0].bytes[5], PAYLOAD_SOL);
}

static void parameters_are_kept(void **state)
{
	static const char *const values[] = {"\1\1\0", "\1\2\xc3", "\1\3\x0a\x60", "\1\4\5\x32",
					     "\1\5\6", "\1\6\7"};
	static const size_t lengths[] = {3, 3, 4, 4, 3, 3};
	const uint8_t *data;
	struct client client;
	size_t length;

	(void)state;
	log_in(&client, NULL, 3);
	for (size_t i = 0; i < 6; i++) {
		const char get[] = {0x0e, values[i][1], 0, 0};

		assert_int_equal(client_ask(&client, NETFN_TRANSPORT, SET_PARAMETER, values[i],
					    lengths[i]), 0);
		assert_int_equal(client_ask(&client, NETFN_TRANSPORT, GET_PARAMETER, get, 4), 0);
		client_reply(&client, &data, &length);
		assert_int_equal(length, lengths[i] - 1);
		assert_int_equal(data[0], 0x11);
		assert_memory_equal(data + 1, values[i] + 2, lengths[i] - 2);
	}
	assert_int_equal(client_ask(&client, NETFN_TRANSPORT, SET_PARAMETER, "\1\7\1", 3), 0x82);
	assert_int_equal(client_ask(&client, NETFN_TRANSPORT, SET_PARAMETER, "\1\x09\1", 3), 0x80);
	assert_int_equal(client_ask(&client, NETFN_TRANSPORT, SET_PARAMETER, "\1\3\1", 3), 0xc7);
	assert_int_equal(client_ask(&client, NETFN_TRANSPORT, SET_PARAMETER, "\1\3\0\1", 4), 0xcc);
	assert_int_equal(client_ask(&client, NETFN_TRANSPORT, SET_PARAMETER, "\2\1\1", 3), 0xcc);
	assert_int_equal(client_ask(&client, NETFN_TRANSPORT, SET_PARAMETER, "\1\0\1", 3), 0);
	assert_int_equal(client_ask(&client, NETFN_TRANSPORT, SET_PARAMETER, "\1\0\1", 3), 0x81);
	assert_int_equal(client_ask(&client, NETFN_TRANSPORT, GET_PARAMETER, "\x81\1\0\0", 4), 0);
	client_reply(&client, &data, &length);
	assert_int_equal(length, 1);
}

/* -- far ends ---------------------------------------------------------------------------------- */

static void a_machine_boots_from_its_first_line_on(void **state)
{
	const char *text;
	struct client client;

	(void)state;
	open_with(&client, "boot-log=1000", NULL);
	say(&client, 1, "x");
	assert_acknowledged(&client, 1, 1, SOL_UNAVAILABLE);
	wait_for(SOON);
	assert_int_equal(sim_nsent, 0);
	power_control(client.bmc, CONTROL_ON);
	text = read_on(&client, 10);
	assert_memory_equal(text, "BIOS of 127.0.0.", 16);
	assert_in_range(strlen(text), 150, 200);
	/* from the start again, and to the end */
	power_control(client.bmc, CONTROL_RESET);
	text = read_on(&client, 200);
	assert_memory_equal(text, "BIOS of 127.0.0.", 16);
	assert_contains(text, "sshd ok\r\n\r\n127.0.0.");
}

static void what_was_said_before_a_session_is_gone(void **state)
{
	struct client client;
	struct sol *sol;

	(void)state;
	log_in(&client, NULL, 17);
	sol = far_of(&client, "boot-log=1000");
	power_set(client.bmc, true);
	now += 0.05;
	assert_int_equal(activate(&client, CODED), 0);
	wait_for(0.02);
	wait_for(accumulated);
	assert_int_equal(sol->overrun, false);
	assert_null(strstr(said(&client, 0).text, "BIOS"));
	/* when it has booted, it asks for something to do */
	assert_int_equal(deactivate(&client), 0);
	now += 30;
	assert_int_equal(activate(&client, CODED), 0);
	wait_for(accumulated);
	assert_contains(said(&client, 0).text, "> ");
}

static void a_source_keeps_its_rate_and_tells_what_it_lost(void **state)
{
	struct client client;
	struct sol *sol = open_with(&client, "source=100000", NULL);
	uint64_t before;

	(void)state;
	sol->settings.retry_interval = 255;
	for (int i = 0; i < 50; i++)
		wait_for(0.02);
	/* a second of it; nothing was acknowledged */
	before = sol->counts.overrun + sol->length;
	assert_in_range(before, 98000, 100000);
	assert_int_equal(sol->length, SOL_BUFFER);
	acknowledge(&client, 1, SOL_CHARACTERS);
	assert_int_equal(said(&client, 0).number, 2);
	assert_int_equal(said(&client, 0).status, SOL_OVERRUN);
	acknowledge(&client, 2, SOL_CHARACTERS);
	assert_int_equal(said(&client, 0).number, 3);
	assert_int_equal(said(&client, 0).status, 0);
}

static void an_echo_machine_repeats_lines(void **state)
{
	char prompt[ADDRESS_TEXT_SIZE + 3], both[256];
	struct client client;

	(void)state;
	open_with(&client, "echo", NULL);
	address_print(&client.bmc->address, prompt);
	strcat(prompt, "> ");
	wait_for(accumulated);
	acknowledge(&client, heard(&client, prompt), 100);
	say(&client, 1, "helpo\b\blo\r");
	wait_for(accumulated);
	snprintf(both, sizeof(both), "helpo\b \b\b \blo\r\nhello\r\n%s", prompt);
	heard(&client, both);
}

static void far_ends_are_read_as_they_are_written(void **state)
{
	static const char *const wrong[] = {
		"", "none", "echo=1", "echo:", "source", "source=", "source=0", "source=x",
		"source:5", "boot-log=0", "boot-log=1x", "unix", "unix:", "unix=/tmp/x", "pty:x",
		"source=100000001",
	};
	static const char *const right[] = {"echo", "raw-echo", "boot-log", "boot-log=1",
					    "source=100000000", "pty", "unix:/tmp/%a", "tcp:x:1"};
	struct console_setting setting;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(console_parse(wrong[i], &setting, &why));
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		assert_true(console_parse(right[i], &setting, &why));
	assert_string_equal(setting.place, "x:1");
}

static void settings_of_sol_are_read_as_they_are_written(void **state)
{
	static const char *const wrong[] = {"", "enabled", "enabled=yes", "retry-count=8",
					    "retry-interval=256", "character-accumulate-level=0",
					    "privilege-level=callback", "speed=9600"};
	struct sol_settings settings = {0};
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(sol_setting(&settings, wrong[i], &why));
	assert_true(sol_setting(&settings, "enabled=true", &why));
	assert_true(sol_setting(&settings, "retry-count=3", &why));
	assert_true(sol_setting(&settings, "privilege-level=operator", &why));
	assert_true(settings.enabled);
	assert_int_equal(settings.retry_count, 3);
	assert_int_equal(settings.privilege, PRIVILEGE_OPERATOR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(payload_activation_is_refused_with_its_code,
					  end_sessions),
		cmocka_unit_test_teardown(users_and_privileges_may_be_kept_out, end_sessions),
		cmocka_unit_test_teardown(who_has_it_can_be_asked, end_sessions),
		cmocka_unit_test_teardown(who_loses_it_is_told, end_sessions),
		cmocka_unit_test_teardown(sessions_that_end_let_it_go, end_sessions),
		cmocka_unit_test_teardown(packets_are_protected_as_it_was_asked_for, end_sessions),
		cmocka_unit_test_teardown(parameters_are_kept, end_sessions),
		cmocka_unit_test_teardown(a_machine_boots_from_its_first_line_on, end_sessions),
		cmocka_unit_test_teardown(what_was_said_before_a_session_is_gone, end_sessions),
		cmocka_unit_test_teardown(a_source_keeps_its_rate_and_tells_what_it_lost,
					  end_sessions),
		cmocka_unit_test_teardown(an_echo_machine_repeats_lines, end_sessions),
		cmocka_unit_test_teardown(far_ends_are_read_as_they_are_written, end_sessions),
		cmocka_unit_test_teardown(settings_of_sol_are_read_as_they_are_written,
					  end_sessions),
	};

	return cmocka_run_group_tests(tests, add_admin, NULL);
}
