/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator of BMCs: what other people's clients do not show of it. */
#include "test.h"
#include "simnet.h"
#include "tools/bmcsim/wire.h"

enum {
	STATUS = 0x01,			/* Get Chassis Status, … */
	CONTROL = 0x02,
	IDENTIFY = 0x04,
	SET_BOOT = 0x08,
	GET_BOOT = 0x09,
	DEVICE_ID = 0x01,
	SET_PRIVILEGE = 0x3b,
	CLOSE = 0x3c,
	CYCLE = 0x02,			/* of Chassis Control */
	ON = 0x01,
};

static const uint8_t admin = PRIVILEGE_ADMIN, on = ON, cycle = CYCLE;

static int ask(struct client *client, uint8_t netfn, uint8_t command, uint8_t byte)
{
	return client_ask(client, netfn, command, &byte, 1);
}

/* Of the answer to Open Session, RAKP 1 or 3; -1: there is none. */
static int status(void)
{
	return sim_nsent ? sim_sent[0].bytes[17] : -1;
}

static struct bmc *faulty_bmc(const char *fault)
{
	struct bmc *bmc = sim_bmc();
	const char *why;

	assert_true(bmc_fault(bmc, fault, &why));
	return bmc;
}

static void log_in_on(struct client *client)
{
	struct bmc *bmc = sim_bmc();

	power_set(bmc, true);
	client_login(client, bmc, 3);
	assert_int_equal(ask(client, NETFN_APP, SET_PRIVILEGE, admin), 0);
}

/* -- what arrives twice, late, or changed ------------------------------------------------------ */

static void a_packet_that_comes_twice_is_done_once(void **state)
{
	uint8_t packet[ANSWER_MAX];
	struct client client;
	size_t length;

	(void)state;
	log_in_on(&client);
	length = client_pack(&client, NETFN_CHASSIS, CONTROL, &cycle, 1, packet);
	sim_clear();
	sim_receive(client.bmc, packet, length);
	assert_int_equal(sim_nsent, 1);
	sim_receive(client.bmc, packet, length);
	assert_int_equal(sim_nsent, 1);
	assert_int_equal(client.bmc->power.cycles, 1);
}

static void a_packet_of_ipmi15_that_comes_twice_is_done_once(void **state)
{
	uint8_t packet[ANSWER_MAX];
	struct bmc *bmc = sim_bmc();
	struct client client;
	size_t length;

	(void)state;
	power_set(bmc, true);
	client_login15(&client, bmc, AUTH_MD5);
	assert_int_equal(ask(&client, NETFN_APP, SET_PRIVILEGE, admin), 0);
	length = client_pack(&client, NETFN_CHASSIS, CONTROL, &cycle, 1, packet);
	sim_clear();
	sim_receive(bmc, packet, length);
	sim_receive(bmc, packet, length);
	assert_int_equal(sim_nsent, 1);
	assert_int_equal(bmc->power.cycles, 1);
}

/* Asks with numbers from a first one on; how many of them are answered. */
static unsigned answered(struct client *client, uint32_t first, int n)
{
	unsigned answers = 0;

	for (int i = 0; i < n; i++) {
		client->number = first + (uint32_t)i;
		answers += client_ask(client, NETFN_CHASSIS, STATUS, NULL, 0) == 0;
	}
	return answers;
}

static void numbers_count_inside_the_window_in_any_order(void **state)
{
	struct client client;

	(void)state;
	log_in_on(&client);
	client.number = 30;
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, STATUS, NULL, 0), -1);
	/* 1 was used: 15 ahead, then the 16 below, each once */
	assert_int_equal(answered(&client, 16, 1), 1);
	assert_int_equal(answered(&client, 1, 1), 0);
	assert_int_equal(answered(&client, 2, 14), 14);
	assert_int_equal(answered(&client, 2, 14), 0);
	assert_int_equal(answered(&client, 31, 1), 1);
	assert_int_equal(answered(&client, 14, 1), 0);
	assert_int_equal(answered(&client, 17, 14), 14);
	assert_int_equal(answered(&client, 47, 1), 0);
	assert_int_equal(answered(&client, 0, 1), 0);
}

static void numbers_of_ipmi15_reach_eight_each_way(void **state)
{
	struct client client;
	uint32_t first;

	(void)state;
	client_login15(&client, sim_bmc(), AUTH_PASSWORD);
	first = client.number;
	assert_int_equal(answered(&client, first - 1, 1), 0);
	assert_int_equal(answered(&client, first + 8, 1), 0);
	assert_int_equal(answered(&client, first + 7, 1), 1);
	assert_int_equal(answered(&client, first, 7), 7);
	assert_int_equal(answered(&client, first, 8), 0);
}

static void one_wrong_bit_and_there_is_no_answer(void **state)
{
	static const int kinds[] = {2, 3, 8, 12, 17};
	uint8_t packet[ANSWER_MAX];
	struct client client;
	size_t length;

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		client_login(&client, sim_bmc(), kinds[k]);
		length = client_pack(&client, NETFN_CHASSIS, STATUS, NULL, 0, packet);
		sim_clear();
		for (size_t bit = 4 * 8; bit < length * 8; bit++) {
			packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
			sim_receive(client.bmc, packet, length);
			packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_int_equal(sim_nsent, 0);
		sim_receive(client.bmc, packet, length);
		assert_int_equal(sim_nsent, 1);
	}
}

static void shortened_packets_have_no_answer(void **state)
{
	uint8_t packet[ANSWER_MAX];
	struct client client;
	size_t length;

	(void)state;
	client_login(&client, sim_bmc(), 17);
	length = client_pack(&client, NETFN_CHASSIS, STATUS, NULL, 0, packet);
	sim_clear();
	for (size_t n = 0; n < length; n++)
		sim_receive(client.bmc, packet, n);
	assert_int_equal(sim_nsent, 0);
}

/* -- logging in -------------------------------------------------------------------------------- */

static void open_session_again_is_the_same_session(void **state)
{
	struct client client = {.bmc = sim_bmc()};
	uint32_t first;

	(void)state;
	client_open(&client, 17);
	first = client.id;
	client_open(&client, 17);
	assert_int_equal(client.id, first);
	client_rakp1(&client, "admin");
	/* late repetitions change nothing */
	client_open(&client, 17);
	assert_int_equal(client.id, first);
	client_rakp3(&client, "admin", "secret");
	assert_int_equal(status(), 0);
	assert_int_equal(session_count(client.bmc), 1);
	/* another log-in, by the same numbers, is another session */
	client_open(&client, 17);
	assert_int_not_equal(client.id, first);
}

static void rakp_messages_are_answered_again_alike(void **state)
{
	struct client client = {.bmc = sim_bmc()};
	struct answer first;

	(void)state;
	client_open(&client, 3);
	client_rakp1(&client, "admin");
	first = sim_sent[0];
	client_rakp1(&client, "admin");
	assert_memory_equal(sim_sent[0].bytes, first.bytes, first.length);
	client_rakp3(&client, "admin", "secret");
	first = sim_sent[0];
	client_rakp3(&client, "admin", "secret");
	assert_int_equal(sim_nsent, 1);
	assert_memory_equal(sim_sent[0].bytes, first.bytes, first.length);
	assert_int_equal(client.bmc->logins_good, 1);
	/* what is wrong now ends no session that is there */
	client_rakp3(&client, "admin", "wrong");
	assert_int_equal(status(), 0x0f);
	assert_int_equal(session_count(client.bmc), 1);
}

static void log_ins_fail_with_their_status(void **state)
{
	struct client client = {.bmc = sim_bmc()};

	(void)state;
	client_open(&client, 3);
	client.id++;
	client_rakp1(&client, "admin");
	assert_int_equal(status(), 0x02);
	client.id--;
	client_rakp1(&client, "nobody");
	assert_int_equal(status(), 0x0d);
	client_rakp1(&client, "a-name-of-more-than-16-bytes");
	assert_int_equal(status(), 0x0c);
	/* RAKP 3 before its time */
	client_rakp3(&client, "admin", "secret");
	assert_int_equal(status(), 0x02);
	client_rakp1(&client, "admin");
	client_rakp3(&client, "admin", "wrong");
	assert_int_equal(status(), 0x0f);
	client_rakp3(&client, "admin", "secret");
	assert_int_equal(status(), 0x02);
	assert_int_equal(client.bmc->logins_failed, 2);
	assert_int_equal(client.bmc->logins_good, 0);
}

/* Open Session with these algorithms and this privilege; its status. */
static int open_with(uint8_t rakp, uint8_t integrity, uint8_t confidentiality, uint8_t privilege)
{
	uint8_t p[48] = {6, 0, 0xff, 7, 6, PAYLOAD_OPEN_REQUEST, [14] = 32};

	p[17] = privilege;
	p[20] = 1;
	p[27] = p[35] = p[43] = 8;
	p[28] = rakp;
	p[32] = 1;
	p[36] = integrity;
	p[40] = 2;
	p[44] = confidentiality;
	sim_clear();
	sim_receive(sim_bmc(), p, sizeof(p));
	return status();
}

static void proposals_are_refused_with_their_status(void **state)
{
	(void)state;
	assert_int_equal(open_with(1, 1, 1, 0), 0x00);
	assert_int_equal(open_with(4, 1, 1, 0), 0x04);
	assert_int_equal(open_with(1, 5, 1, 0), 0x05);
	assert_int_equal(open_with(1, 1, 2, 0), 0x10);
	assert_int_equal(open_with(1, 2, 1, 0), 0x11);
	assert_int_equal(open_with(1, 1, 1, 6), 0x09);
}

static void log_ins_that_are_not_complete_make_room(void **state)
{
	struct client clients[9];
	struct bmc *bmc = sim_bmc();

	(void)state;
	for (int i = 0; i < 9; i++) {
		clients[i] = (struct client){.bmc = bmc};
		client_open(&clients[i], 3);
		/* each from an end of its own */
		bmc->sessions->from = sim_peer((uint16_t)(6000 + i));
		now++;
	}
	client_rakp1(&clients[0], "admin");
	assert_int_equal(status(), 0x02);
	client_rakp1(&clients[1], "admin");
	assert_int_equal(status(), 0x00);
}

static void sessions_that_are_active_do_not_make_room(void **state)
{
	struct bmc *bmc = sim_bmc();
	struct client clients[8], late = {.bmc = bmc};

	(void)state;
	for (int i = 0; i < 8; i++)
		client_login(&clients[i], bmc, 3);
	client_open(&late, 3);
	assert_int_equal(status(), 0x01);
	assert_int_equal(client_ask(&clients[0], NETFN_APP, CLOSE, "\0\0\0\0\1", 5), 0);
	client_open(&late, 3);
	assert_int_equal(status(), 0x00);
}

static void sessions_end_after_sixty_seconds_of_silence(void **state)
{
	struct client client;

	(void)state;
	client_login(&client, sim_bmc(), 17);
	for (int i = 0; i < 3; i++) {
		now += 59;
		assert_int_equal(client_ask(&client, NETFN_CHASSIS, STATUS, NULL, 0), 0);
	}
	now += 61;
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, STATUS, NULL, 0), -1);
	assert_int_equal(session_count(client.bmc), 0);
}

static void activate_session_again_is_the_same_session(void **state)
{
	uint8_t packet[ANSWER_MAX], request[22] = {AUTH_MD5, 'a', 'd', 'm', 'i', 'n'};
	struct client client = {.bmc = sim_bmc()};
	struct answer first;
	const uint8_t *data;
	size_t length;

	(void)state;
	client_ask(&client, NETFN_APP, 0x39, request, 17);
	assert_int_equal(client_reply(&client, &data, &length), 0);
	client.auth_type = AUTH_MD5;
	client.id = get32(data);
	client.number = 0;
	request[1] = PRIVILEGE_ADMIN;
	memcpy(request + 2, data + 4, 16);
	put32(request + 18, 77);
	length = client_pack(&client, NETFN_APP, 0x3a, request, 22, packet);
	sim_clear();
	sim_receive(client.bmc, packet, length);
	first = sim_sent[0];
	sim_receive(client.bmc, packet, length);
	assert_int_equal(sim_nsent, 2);
	assert_memory_equal(sim_sent[1].bytes, first.bytes, first.length);
	/* the first number is the one that was asked for */
	assert_int_equal(get32(first.bytes + 5), 77);
	/* the id of before is good for nothing else */
	assert_int_equal(client_ask(&client, NETFN_APP, DEVICE_ID, NULL, 0), -1);
}

/* -- completion codes -------------------------------------------------------------------------- */

static void commands_are_refused_with_their_code(void **state)
{
	struct client client;

	(void)state;
	client_login(&client, sim_bmc(), 17);
	/* a session begins at user level */
	assert_int_equal(ask(&client, NETFN_CHASSIS, CONTROL, on), 0xd4);
	assert_int_equal(ask(&client, NETFN_APP, SET_PRIVILEGE, PRIVILEGE_OEM), 0x80);
	assert_int_equal(ask(&client, NETFN_APP, SET_PRIVILEGE, PRIVILEGE_CALLBACK), 0xcc);
	assert_int_equal(ask(&client, NETFN_APP, SET_PRIVILEGE, admin), 0x00);
	assert_int_equal(client_ask(&client, NETFN_APP, 0x7f, NULL, 0), 0xc1);
	assert_int_equal(client_ask(&client, 0x2c, 0x00, NULL, 0), 0xc1);
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, CONTROL, NULL, 0), 0xc7);
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, CONTROL, "\0\0", 2), 0xc7);
	assert_int_equal(ask(&client, NETFN_CHASSIS, CONTROL, 6), 0xcc);
	assert_int_equal(ask(&client, NETFN_CHASSIS, CONTROL, cycle), 0xd5);
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, GET_BOOT, "\x60\0\0", 3), 0x80);
	assert_int_equal(client_ask(&client, NETFN_APP, CLOSE, "\1\2\3\4", 4), 0x87);
	assert_int_equal(ask(&client, NETFN_CHASSIS, CONTROL, on), 0x00);
}

static void outside_of_sessions_there_is_little(void **state)
{
	struct bmc *bmc = sim_bmc();

	(void)state;
	assert_int_equal(sim_ask(bmc, NETFN_CHASSIS, STATUS, NULL, 0), 0xd4);
	assert_int_equal(sim_ask(bmc, NETFN_CHASSIS, CONTROL, &on, 1), 0xd4);
	assert_int_equal(sim_ask(bmc, 0x2c, 0x00, NULL, 0), 0xd4);
	assert_int_equal(sim_ask(bmc, NETFN_APP, 0x38, "\x0e\x04", 2), 0x00);
	assert_int_equal(sim_ask(bmc, NETFN_APP, 0x37, NULL, 0), 0x00);
	assert_false(power_is_on(bmc));
}

static void one_session_changes_only_its_own_bmc(void **state)
{
	struct bmc *other = sim_bmc();
	uint8_t packet[ANSWER_MAX];
	struct client client;
	size_t length;

	(void)state;
	client_login(&client, sim_bmc(), 3);
	ask(&client, NETFN_APP, SET_PRIVILEGE, admin);
	length = client_pack(&client, NETFN_CHASSIS, CONTROL, &on, 1, packet);
	sim_clear();
	sim_receive(other, packet, length);
	assert_int_equal(sim_nsent, 0);
	assert_false(power_is_on(other));
	assert_false(power_is_on(client.bmc));
}

/* -- the clock --------------------------------------------------------------------------------- */

static void power_goes_through_its_states_in_time(void **state)
{
	struct ranges *at = malloc(sizeof(*at));
	struct bmc *bmc = sim_bmc();
	char text[ADDRESS_TEXT_SIZE];
	const char *why;

	(void)state;
	assert_true(ranges_parse(address_print(&bmc->address, text), at));
	assert_true(setting_add("power-delay", "5000", at, &why));
	assert_true(setting_add("cycle-interval", "3000", at, &why));
	bmc = bmc_get(&bmc->address);
	assert_int_equal(power_control(bmc, CONTROL_ON), 0);
	now += 4.9;
	assert_false(power_is_on(bmc));
	now += 0.2;
	assert_true(power_is_on(bmc));
	assert_int_equal(power_control(bmc, CONTROL_CYCLE), 0);
	now += 5.1;
	assert_false(power_is_on(bmc));
	now += 2.8;
	assert_false(power_is_on(bmc));
	now += 0.2;
	assert_true(power_is_on(bmc));
	/* what was asked for last counts */
	assert_int_equal(power_control(bmc, CONTROL_CYCLE), 0);
	assert_int_equal(power_control(bmc, CONTROL_OFF), 0);
	now += 60;
	assert_false(power_is_on(bmc));
}

/* Sets the boot flags; then what they are after so many seconds. */
static const char *boot_after(struct client *client, const char *flags, double seconds)
{
	uint8_t request[6] = {5};

	memcpy(request + 1, flags, 5);
	assert_int_equal(client_ask(client, NETFN_CHASSIS, SET_BOOT, request, 6), 0);
	now += seconds;
	boot_expire(client->bmc);
	return boot_device(client->bmc->boot.flags);
}

static void boot_flags_that_nobody_uses_grow_old(void **state)
{
	struct client client;

	(void)state;
	log_in_on(&client);
	assert_string_equal(boot_after(&client, "\x80\x04\0\0\0", 59), "pxe");
	assert_string_equal(boot_after(&client, "\x80\x04\0\0\0", 0), "pxe");
	log_in_on(&client);
	assert_string_equal(boot_after(&client, "\x80\x04\0\0\0", 61), "none");
	log_in_on(&client);
	assert_string_equal(boot_after(&client, "\xc0\x04\0\0\0", 61), "pxe");
	log_in_on(&client);
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, SET_BOOT, "\3\x08", 2), 0);
	assert_string_equal(boot_after(&client, "\x80\x14\0\0\0", 61), "cdrom");
}

static void identify_ends_by_itself(void **state)
{
	struct client client;
	const uint8_t *data;
	size_t length;

	(void)state;
	log_in_on(&client);
	assert_int_equal(ask(&client, NETFN_CHASSIS, IDENTIFY, 10), 0);
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, STATUS, NULL, 0), 0);
	client_reply(&client, &data, &length);
	assert_int_equal(length, 3);
	assert_int_equal(data[2], 0x50);
	now += 11;
	client_ask(&client, NETFN_CHASSIS, STATUS, NULL, 0);
	client_reply(&client, &data, &length);
	assert_int_equal(data[2], 0x40);
}

/* -- faults and ranges ------------------------------------------------------------------------- */

static void answers_get_the_faults_that_were_asked_for(void **state)
{
	struct client client;

	(void)state;
	client_login(&client, faulty_bmc("sequence-gaps"), 2);
	for (uint32_t i = 0; i < 3; i++) {
		client_ask(&client, NETFN_CHASSIS, STATUS, NULL, 0);
		assert_int_equal(get32(sim_sent[0].bytes + 10), 1 + 2 * i);
	}
	client_login15(&client, faulty_bmc("endianseq"), AUTH_NONE);
	assert_int_equal(get32(sim_sent[0].bytes + 5), 100u << 24);
	client_login15(&client, faulty_bmc("idzero"), AUTH_NONE);
	assert_int_equal(get32(sim_sent[0].bytes + 9), 0);
	client_login15(&client, faulty_bmc("sequence-off-by-one"), AUTH_NONE);
	assert_int_equal(get32(sim_sent[0].bytes + 5), 101);
	client_login(&client, faulty_bmc("busy=2"), 0);
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, STATUS, NULL, 0), 0xc0);
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, STATUS, NULL, 0), 0xc0);
	assert_int_equal(client_ask(&client, NETFN_CHASSIS, STATUS, NULL, 0), 0x00);
}

static void faults_are_read_as_they_are_written(void **state)
{
	static const char *const wrong[] = {
		"", "=", "dead=1", "loss=101", "loss=", "latency=", "latency=1+", "latency=1-2",
		"refuse", "refuse=18", "refuse=3:", "refuse=3:0", "code", "code=1/2",
		"code=1/2:300", "busy=x", "nonsense",
	};
	struct faults faults = {0};
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(fault_apply(&faults, wrong[i], &why));
	faults = (struct faults){0};
	assert_true(fault_apply(&faults, "latency=50+20", &why));
	assert_int_equal(faults.value[FAULT_LATENCY], 50);
	assert_int_equal(faults.jitter, 20);
	assert_true(fault_apply(&faults, "loss=40", &why));
	assert_int_equal(faults.value[FAULT_LOSE_REQUESTS], 40);
	assert_int_equal(faults.value[FAULT_LOSE_ANSWERS], 40);
	assert_true(fault_apply(&faults, "refuse=17:0x12", &why));
	assert_int_equal(faults.refuse[17], 0x12);
	assert_true(fault_apply(&faults, "-refuse", &why));
	assert_false(fault_is(&faults, FAULT_REFUSE));
	assert_int_equal(faults.refuse[17], 0);
}

static bool is_in(const char *range, const char *text)
{
	struct address address;
	struct ranges ranges;
	bool in;

	assert_true(ranges_parse(range, &ranges));
	assert_true(address_parse(text, &address));
	in = ranges_match(&ranges, &address);
	free(ranges.list);
	return in;
}

static void ranges_hold_what_they_say(void **state)
{
	static const char *const wrong[] = {
		"", ",", "127.0.0", "127.0.0.1-", "127.0.0.9-3", "127.0.0.1/33", "127.0.0.1/",
		"::1/129", "127.0.0.1,", "x", "127.0.0.1-256", "127.0.0.300",
	};
	struct ranges ranges;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(ranges_parse(wrong[i], &ranges));
	assert_true(is_in("127.0.0.1-20", "127.0.0.20"));
	assert_false(is_in("127.0.0.1-20", "127.0.0.21"));
	assert_true(is_in("127.0.0.200-127.0.1.5", "127.0.1.0"));
	assert_true(is_in("127.1.2.3/16", "127.1.255.255"));
	assert_false(is_in("127.1.2.3/16", "127.2.0.0"));
	assert_true(is_in("::1,fd00::/64", "fd00::5"));
	assert_false(is_in("::/1", "fd00::5"));
	assert_true(is_in("127.0.0.0/8", "::ffff:127.1.1.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_that_comes_twice_is_done_once),
		cmocka_unit_test(a_packet_of_ipmi15_that_comes_twice_is_done_once),
		cmocka_unit_test(numbers_count_inside_the_window_in_any_order),
		cmocka_unit_test(numbers_of_ipmi15_reach_eight_each_way),
		cmocka_unit_test(one_wrong_bit_and_there_is_no_answer),
		cmocka_unit_test(shortened_packets_have_no_answer),
		cmocka_unit_test(open_session_again_is_the_same_session),
		cmocka_unit_test(rakp_messages_are_answered_again_alike),
		cmocka_unit_test(log_ins_fail_with_their_status),
		cmocka_unit_test(proposals_are_refused_with_their_status),
		cmocka_unit_test(log_ins_that_are_not_complete_make_room),
		cmocka_unit_test(sessions_that_are_active_do_not_make_room),
		cmocka_unit_test(sessions_end_after_sixty_seconds_of_silence),
		cmocka_unit_test(activate_session_again_is_the_same_session),
		cmocka_unit_test(commands_are_refused_with_their_code),
		cmocka_unit_test(outside_of_sessions_there_is_little),
		cmocka_unit_test(one_session_changes_only_its_own_bmc),
		cmocka_unit_test(power_goes_through_its_states_in_time),
		cmocka_unit_test(boot_flags_that_nobody_uses_grow_old),
		cmocka_unit_test(identify_ends_by_itself),
		cmocka_unit_test(answers_get_the_faults_that_were_asked_for),
		cmocka_unit_test(faults_are_read_as_they_are_written),
		cmocka_unit_test(ranges_hold_what_they_say),
	};
	const char *why;

	now = 1000;
	if (!setting_add("user", "admin:secret:admin", NULL, &why))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
