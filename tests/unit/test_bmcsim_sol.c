/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serial over LAN in the simulator of BMCs: its packets, and their faults. */
#include "test.h"
#include "simsol.h"

/* -- from the console -------------------------------------------------------------------------- */

static void characters_are_acknowledged_and_come_back(void **state)
{
	struct client client;
	struct sol *sol = open_with(&client, "raw-echo", NULL);

	(void)state;
	say(&client, 1, "hello");
	assert_acknowledged(&client, 1, 5, 0);
	wait_for(accumulated);
	assert_int_equal(heard(&client, "hello"), 1);
	acknowledge(&client, 1, 5);
	assert_int_equal(sim_nsent, 0);
	wait_for(SOON);
	assert_int_equal(sim_nsent, 0);
	assert_int_equal(sol->counts.in, 5);
	assert_int_equal(sol->counts.out, 5);
}

static void a_packet_that_comes_again_is_taken_once(void **state)
{
	struct client client;
	struct sol *sol = open_with(&client, "raw-echo", NULL);

	(void)state;
	for (int i = 0; i < 3; i++) {
		say(&client, 7, "once");
		assert_acknowledged(&client, 7, 4, 0);
	}
	assert_int_equal(sol->counts.in, 4);
	/* with more characters too: those come again under a number of their own */
	say(&client, 7, "once more");
	assert_acknowledged(&client, 7, 4, 0);
	say(&client, 8, " more");
	assert_acknowledged(&client, 8, 5, 0);
	wait_for(accumulated);
	heard(&client, "once more");
}

static void acknowledgements_alone_are_not_acknowledged(void **state)
{
	struct client client;

	(void)state;
	open_with(&client, "raw-echo", NULL);
	acknowledge(&client, 3, 9);
	assert_int_equal(sim_nsent, 0);
	/* a number wants an answer, characters or not: the empty keepalive */
	say(&client, 1, "");
	assert_acknowledged(&client, 1, 0, 0);
}

static void what_there_is_no_room_for_is_held_then_refused(void **state)
{
	static const char full[SOL_BUFFER + 1];
	struct client client;
	struct sol *sol = open_with(&client, "raw-echo", NULL);

	(void)state;
	assert_int_equal(sol_put(sol, full, SOL_BUFFER - 3), SOL_BUFFER - 3);
	say(&client, 1, "hello");
	assert_int_equal(sim_nsent, 2);
	assert_int_equal(said(&client, 0).count, 3);
	assert_int_equal(said(&client, 0).status, 0);
	say(&client, 2, "lo");
	assert_int_equal(sim_nsent, 0);
	/* again meanwhile: it is not taken twice */
	say(&client, 2, "lo");
	assert_int_equal(sim_nsent, 0);
	wait_for(held);
	assert_acknowledged(&client, 2, 0, SOL_NACK);
	say(&client, 3, "lo");
	assert_int_equal(sim_nsent, 0);
	/* room comes before its time is up */
	acknowledge(&client, sol->number, SOL_CHARACTERS);
	assert_int_equal(said(&client, 0).acknowledges, 3);
	assert_int_equal(said(&client, 0).count, 2);
	assert_int_equal(said(&client, 0).status, 0);
}

static void a_break_is_one_break(void **state)
{
	struct client client;
	struct sol *sol = open_with(&client, "raw-echo", NULL);

	(void)state;
	say_bytes(&client, 4, 0, 0, SOL_BREAK, "", 0);
	assert_acknowledged(&client, 4, 0, 0);
	say_bytes(&client, 4, 0, 0, SOL_BREAK, "", 0);
	assert_acknowledged(&client, 4, 0, 0);
	assert_int_equal(sol->counts.breaks, 1);
	say_bytes(&client, 5, 0, 0, SOL_BREAK, "", 0);
	assert_int_equal(sol->counts.breaks, 2);
}

static void a_break_from_the_machine_is_told(void **state)
{
	struct client client;
	struct sol *sol = open_with(&client, "raw-echo", NULL);

	(void)state;
	sim_clear();
	sol_tell(sol, SOL_BREAK_SEEN);
	assert_int_equal(sim_nsent, 1);
	assert_int_equal(said(&client, 0).status, SOL_BREAK_SEEN);
	assert_int_equal(said(&client, 0).number, 0);
}

static void short_payloads_and_other_sessions_are_not_heard(void **state)
{
	uint8_t packet[ANSWER_MAX];
	struct client client, other;
	size_t length;

	(void)state;
	open_with(&client, "raw-echo", NULL);
	for (size_t n = 0; n < SOL_HEADER; n++) {
		length = client_wrap(&client, PAYLOAD_SOL, (const uint8_t *)"\1\0\0\0", n, packet);
		client.number++;
		sim_clear();
		sim_receive(client.bmc, packet, length);
		assert_int_equal(sim_nsent, 0);
	}
	log_in(&other, client.bmc, 17);
	say(&other, 1, "mine");
	assert_int_equal(sim_nsent, 0);
}

/* -- to the console ---------------------------------------------------------------------------- */

static void characters_go_again_until_they_are_acknowledged(void **state)
{
	struct client client;
	struct sol *sol = open_with(&client, "raw-echo", NULL);

	(void)state;
	say(&client, 1, "hello");
	wait_for(accumulated);
	heard(&client, "hello");
	for (int i = 0; i < 3; i++) {
		/* what comes meanwhile waits */
		say(&client, (uint8_t)(2 + i), "x");
		assert_acknowledged(&client, (uint8_t)(2 + i), 1, 0);
		wait_for(retry_interval);
		assert_int_equal(heard(&client, "hello"), 1);
	}
	acknowledge(&client, 2, 5);
	assert_int_equal(sim_nsent, 0);
	acknowledge(&client, 1, 5);
	assert_int_equal(heard(&client, "xxx"), 2);
	assert_int_equal(sol->counts.retries, 3);
}

static void after_all_retries_the_characters_are_lost(void **state)
{
	struct client client;
	struct sol *sol = open_with(&client, "raw-echo", NULL);

	(void)state;
	sol->settings.retry_count = 2;
	say(&client, 1, "lost");
	wait_for(accumulated);
	heard(&client, "lost");
	say(&client, 2, "kept");
	for (int i = 0; i < 2; i++) {
		wait_for(retry_interval);
		heard(&client, "lost");
	}
	wait_for(retry_interval);
	assert_int_equal(heard(&client, "kept"), 2);
	assert_int_equal(sol->counts.dropped, 4);
}

static void what_was_taken_in_part_goes_on_under_the_next_number(void **state)
{
	struct client client;

	(void)state;
	open_with(&client, "raw-echo", NULL);
	say(&client, 1, "hello");
	wait_for(accumulated);
	heard(&client, "hello");
	say_bytes(&client, 0, 1, 2, SOL_NACK, "", 0);
	assert_int_equal(heard(&client, "llo"), 2);
	/* when nothing was, there is a pause */
	say_bytes(&client, 0, 2, 0, SOL_NACK, "", 0);
	assert_int_equal(sim_nsent, 0);
	wait_for(retry_interval);
	assert_int_equal(heard(&client, "llo"), 3);
	acknowledge(&client, 3, 200);
	wait_for(SOON);
	assert_int_equal(sim_nsent, 0);
}

static void numbers_go_from_fifteen_to_one(void **state)
{
	struct client client;

	(void)state;
	open_with(&client, "raw-echo", NULL);
	for (int i = 0; i < 40; i++) {
		uint8_t number = (uint8_t)(i % 15 + 1);

		say(&client, number, "x");
		assert_acknowledged(&client, number, 1, 0);
		wait_for(accumulated);
		assert_int_equal(heard(&client, "x"), number);
		acknowledge(&client, number, 1);
	}
}

static void characters_gather_until_they_are_enough_or_old(void **state)
{
	char many[201] = "";
	struct client client;
	struct sol *sol = open_with(&client, "raw-echo", NULL);

	(void)state;
	memset(many, 'm', 200);
	sol->settings.accumulate = 100;
	say(&client, 1, "first");
	wait_for(0.4);
	assert_int_equal(sim_nsent, 0);
	say(&client, 2, " second");
	wait_for(0.11);
	heard(&client, "first second");
	acknowledge(&client, 1, 12);
	say(&client, 3, many);
	assert_int_equal(sim_nsent, 2);
	assert_string_equal(said(&client, 1).text, many);
}

static void without_cts_nothing_comes_and_flush_empties(void **state)
{
	struct client client;
	struct sol *sol = open_with(&client, "raw-echo", NULL);

	(void)state;
	say_bytes(&client, 0, 0, 0, SOL_CTS_OFF | SOL_DCD_OFF, "", 0);
	assert_int_equal(sol_put(sol, "held", 4), 0);
	assert_true(sol->no_carrier);
	say_bytes(&client, 0, 0, 0, 0, "", 0);
	assert_false(sol->no_carrier);
	assert_int_equal(sol_put(sol, "sent", 4), 4);
	sol_go(sol);
	wait_for(accumulated);
	heard(&client, "sent");
	assert_int_equal(sol_put(sol, "flushed", 7), 7);
	say_bytes(&client, 0, 0, 0, SOL_FLUSH_OUT, "", 0);
	acknowledge(&client, 1, 4);
	wait_for(SOON);
	assert_int_equal(sim_nsent, 0);
	assert_int_equal(sol->counts.dropped, 7);
}

/* -- faults ------------------------------------------------------------------------------------ */

static void faults_of_acknowledgements(void **state)
{
	struct client client;
	struct sol *sol;

	(void)state;
	open_with(&client, "raw-echo", "sol-partial=2");
	say(&client, 1, "hello");
	assert_acknowledged(&client, 1, 2, 0);
	say(&client, 2, "lo");
	assert_acknowledged(&client, 2, 2, 0);
	sol = open_with(&client, "raw-echo", "sol-count-zero");
	say(&client, 1, "hello");
	assert_acknowledged(&client, 1, 0, 0);
	assert_int_equal(sol->counts.in, 5);
	sol = open_with(&client, "raw-echo", "sol-nack=100");
	say(&client, 1, "hello");
	assert_acknowledged(&client, 1, 0, SOL_NACK);
	assert_int_equal(sol->counts.in, 0);
	sol = open_with(&client, "raw-echo", "sol-lose-acks=100");
	say(&client, 1, "hello");
	assert_int_equal(sim_nsent, 0);
	assert_int_equal(sol->counts.in, 5);
}

static void faults_of_the_line(void **state)
{
	struct client client;
	struct sol *sol;

	(void)state;
	open_with(&client, "raw-echo", "sol-mute");
	say(&client, 1, "hello");
	assert_acknowledged(&client, 1, 5, 0);
	wait_for(SOON);
	assert_int_equal(sim_nsent, 0);
	open_with(&client, "echo", "sol-dead");
	say(&client, 1, "hello");
	assert_int_equal(sim_nsent, 0);
	wait_for(SOON);
	assert_int_equal(sim_nsent, 0);
	sol = open_with(&client, "raw-echo", "solpacketseq=2");
	say(&client, 1, "one");
	assert_acknowledged(&client, 1, 3, 0);
	for (int i = 0; i < 5; i++) {
		say(&client, 2, "two");
		assert_int_equal(sol->counts.in, 3);
	}
	say(&client, 3, "two");
	assert_int_equal(sol->counts.in, 6);
}

static void the_start_of_a_machine_makes_numbers_jump(void **state)
{
	struct client client;

	(void)state;
	open_with(&client, "raw-echo", "sequence-jump=100");
	say(&client, 1, "x");
	assert_int_equal(get32(sim_sent[0].bytes + 10), 3);
	power_set(client.bmc, true);
	say(&client, 2, "x");
	assert_int_equal(get32(sim_sent[0].bytes + 10), 104);
}

/* -- alarms ------------------------------------------------------------------------------------ */

enum { ALARMS = 100 };

static double rung[ALARMS + 1];
static size_t nrung;

static void note(struct alarm *alarm)
{
	rung[nrung++] = alarm->at;
}

static void alarms_ring_in_order_and_once(void **state)
{
	struct alarm alarms[ALARMS];

	(void)state;
	for (size_t i = 0; i < ALARMS; i++) {
		assert_true(alarm_init(&alarms[i], note));
		alarm_set(&alarms[i], now + 50 + (double)(i * 37 % ALARMS));
	}
	for (size_t i = 0; i < ALARMS; i++)
		alarm_set(&alarms[i], now + (double)(i * 61 % ALARMS));
	for (size_t i = 0; i < ALARMS; i += 10)
		alarm_stop(&alarms[i]);
	now += 49.5;
	alarm_ring();
	assert_int_equal(nrung, 45);
	now += 60;
	alarm_ring();
	assert_int_equal(nrung, 90);
	for (size_t i = 1; i < nrung; i++)
		assert_true(rung[i - 1] < rung[i]);
	alarm_ring();
	assert_int_equal(nrung, 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(characters_are_acknowledged_and_come_back, end_sessions),
		cmocka_unit_test_teardown(a_packet_that_comes_again_is_taken_once, end_sessions),
		cmocka_unit_test_teardown(acknowledgements_alone_are_not_acknowledged,
					  end_sessions),
		cmocka_unit_test_teardown(what_there_is_no_room_for_is_held_then_refused,
					  end_sessions),
		cmocka_unit_test_teardown(a_break_is_one_break, end_sessions),
		cmocka_unit_test_teardown(a_break_from_the_machine_is_told, end_sessions),
		cmocka_unit_test_teardown(short_payloads_and_other_sessions_are_not_heard,
					  end_sessions),
		cmocka_unit_test_teardown(characters_go_again_until_they_are_acknowledged,
					  end_sessions),
		cmocka_unit_test_teardown(after_all_retries_the_characters_are_lost, end_sessions),
		cmocka_unit_test_teardown(what_was_taken_in_part_goes_on_under_the_next_number,
					  end_sessions),
		cmocka_unit_test_teardown(numbers_go_from_fifteen_to_one, end_sessions),
		cmocka_unit_test_teardown(characters_gather_until_they_are_enough_or_old,
					  end_sessions),
		cmocka_unit_test_teardown(without_cts_nothing_comes_and_flush_empties,
					  end_sessions),
		cmocka_unit_test_teardown(faults_of_acknowledgements, end_sessions),
		cmocka_unit_test_teardown(faults_of_the_line, end_sessions),
		cmocka_unit_test_teardown(the_start_of_a_machine_makes_numbers_jump, end_sessions),
		cmocka_unit_test(alarms_ring_in_order_and_once),
	};

	return cmocka_run_group_tests(tests, add_admin, NULL);
}
