/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serial over LAN in the simulator of BMCs: what other people's clients do not show of it. */
#include "test.h"
#include "simnet.h"
#include "tools/bmcsim/sol.h"
#include "tools/bmcsim/wire.h"

enum {
	SET_PRIVILEGE = 0x3b,
	CLOSE = 0x3c,
	ACTIVATE = 0x48,
	DEACTIVATE = 0x49,
	STATUS = 0x4a,
	INFO = 0x4b,
	SET_ACCESS = 0x4c,
	SUSPEND = 0x55,
	SET_PARAMETER = 0x21,
	GET_PARAMETER = 0x22,
	CODED = 0xc0,			/* Activate Payload with encryption and authentication */
	/* of the BMC's settings, in seconds */
	SOON = 1,
};

static const double retry_interval = 0.1, accumulated = 0.006, held = 0.06;

/* What a SOL packet of the BMC says. */
struct said {
	uint8_t number, acknowledges, count, status;
	size_t length;
	char text[SOL_CHARACTERS + 1];
};

static struct said said(struct client *client, unsigned answer)
{
	uint8_t p[ANSWER_MAX];
	size_t length = client_payload(client, answer, p);
	struct said said = {p[0], p[1], p[2], p[3], length - SOL_HEADER, ""};

	assert_int_equal(sim_sent[answer].bytes[5] & PAYLOAD_TYPE, PAYLOAD_SOL);
	assert_in_range(length, SOL_HEADER, SOL_HEADER + SOL_CHARACTERS);
	memcpy(said.text, p + SOL_HEADER, said.length);
	return said;
}

/* A packet of the console; the answers to it are the only ones. */
static void say_bytes(struct client *client, uint8_t number, uint8_t acknowledges, uint8_t count,
		      uint8_t operation, const void *text, size_t length)
{
	uint8_t p[SOL_HEADER + SOL_CHARACTERS] = {number, acknowledges, count, operation};
	uint8_t packet[ANSWER_MAX];

	memcpy(p + SOL_HEADER, text, length);
	length = client_wrap(client, PAYLOAD_SOL, p, SOL_HEADER + length, packet);
	client->number++;
	sim_clear();
	sim_receive(client->bmc, packet, length);
}

static void say(struct client *client, uint8_t number, const char *text)
{
	say_bytes(client, number, 0, 0, 0, text, strlen(text));
}

static void acknowledge(struct client *client, uint8_t number, uint8_t count)
{
	say_bytes(client, 0, number, count, 0, "", 0);
}

/* Time goes by; what is sent meanwhile are the only answers. */
static void wait_for(double seconds)
{
	sim_clear();
	now += seconds;
	alarm_ring();
}

static int activate(struct client *client, uint8_t flags)
{
	const uint8_t request[6] = {PAYLOAD_SOL, 1, flags};

	return client_ask(client, NETFN_APP, ACTIVATE, request, sizeof(request));
}

static int deactivate(struct client *client)
{
	return client_ask(client, NETFN_APP, DEACTIVATE, "\1\1\0\0\0\0", 6);
}

/* A session at a BMC, with administrator's privilege; NULL: at a new one. */
static void log_in(struct client *client, struct bmc *bmc, int suite)
{
	client_login(client, bmc ? bmc : sim_bmc(), suite);
	assert_int_equal(client_ask(client, NETFN_APP, SET_PRIVILEGE, "\4", 1), 0);
}

static struct sol *far_of(struct client *client, const char *far)
{
	struct sol *sol = sol_get(client->bmc);
	const char *why;

	assert_true(sol_console(sol, far, &why));
	return sol;
}

static void end_sessions_of(struct bmc *bmc, void *data)
{
	(void)data;
	while (bmc->sessions)
		session_end(bmc->sessions);
}

/* Nobody is there any more who could send something. */
static int end_sessions(void **state)
{
	(void)state;
	bmc_each(end_sessions_of, NULL);
	return 0;
}

/* The only session there is, which has SOL with this far end and fault. */
static struct sol *open_with(struct client *client, const char *far, const char *fault)
{
	struct bmc *bmc = sim_bmc();
	struct sol *sol;
	const char *why;

	end_sessions(NULL);
	if (fault)
		assert_true(bmc_fault(bmc, fault, &why));
	log_in(client, bmc, 17);
	sol = far_of(client, far);
	assert_int_equal(activate(client, CODED), 0);
	assert_int_equal(sim_nsent, 1);
	return sol;
}

/* The characters that came by the only packet since; its number. */
static uint8_t heard(struct client *client, const char *text)
{
	struct said packet;

	assert_int_equal(sim_nsent, 1);
	packet = said(client, 0);
	assert_string_equal(packet.text, text);
	assert_int_not_equal(packet.number, 0);
	return packet.number;
}

static void assert_acknowledged(struct client *client, uint8_t number, uint8_t count,
				uint8_t status)
{
	struct said packet;

	assert_int_equal(sim_nsent, 1);
	packet = said(client, 0);
	assert_int_equal(packet.number, 0);
	assert_int_equal(packet.acknowledges, number);
	assert_int_equal(packet.count, count);
	assert_int_equal(packet.status, status);
	assert_int_equal(packet.length, 0);
}

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

/* What comes in so many steps of time, all of it acknowledged. */
static const char *read_on(struct client *client, int steps)
{
	static char text[8192];
	size_t length = 0;

	for (int i = 0; i < steps; i++) {
		wait_for(0.02);
		for (; sim_nsent; acknowledge(client, said(client, 0).number, SOL_CHARACTERS)) {
			assert_int_equal(sim_nsent, 1);
			assert_true(length < sizeof(text) - SOL_CHARACTERS);
			strcpy(text + length, said(client, 0).text);
			length += said(client, 0).length;
		}
	}
	return text;
}

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
		cmocka_unit_test_teardown(faults_of_acknowledgements, end_sessions),
		cmocka_unit_test_teardown(faults_of_the_line, end_sessions),
		cmocka_unit_test_teardown(the_start_of_a_machine_makes_numbers_jump, end_sessions),
		cmocka_unit_test(alarms_ring_in_order_and_once),
	};
	const char *why;

	now = 1000;
	if (!setting_add("user", "admin:secret:admin", NULL, &why))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
