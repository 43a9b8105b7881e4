/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the driver wol. What is sent stays on the loopback interface. */
#include "test.h"
#include "attempts.h"
#include "base/fault.h"
#include "drivers/wol/interface.h"
#include "drivers/wol/keys.h"
#include "drivers/wol/packet.h"
#include "drivers/wol/target.h"
#include "fakedriver.h"
#include "model/key.h"
#include "model/machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAC "mac = \"00:16:3e:12:34:56\"\n"

static struct model *model;
static struct targets targets;
static int receiver = -1;

static int teardown(void **state)
{
	(void)state;
	targets_free(&targets);
	drivers_quit();
	model_free(model);
	model = NULL;
	if (receiver >= 0)
		close(receiver);
	receiver = -1;
	return 0;
}

/* The machine m with these keys. */
static const struct machine *machine(const char *keys)
{
	char text[1024];

	snprintf(text, sizeof(text), "machine \"m\" {\n%s}\n", keys);
	model = model_of(text);
	return machine_find(model, "m");
}

/* --- packets ------------------------------------------------------------------------------- */

static const uint8_t mac[MAC_LENGTH] = {0x00, 0x16, 0x3e, 0x12, 0x34, 0x56};

#define SIX_FF "\xff\xff\xff\xff\xff\xff"
#define TWICE(bytes) bytes bytes
#define SIXTEEN(bytes) TWICE(TWICE(TWICE(TWICE(bytes))))
#define FORWARDS SIX_FF SIXTEEN("\x00\x16\x3e\x12\x34\x56")
#define BACKWARDS SIX_FF SIXTEEN("\x56\x34\x12\x3e\x16\x00")

static void a_packet_is_six_ff_and_sixteen_times_the_mac_address(void **state)
{
	uint8_t packet[PACKET_MAX];

	(void)state;
	assert_int_equal(packet_build(packet, mac, NULL, 0), 102);
	assert_memory_equal(packet, FORWARDS, 102);
}

static void the_password_follows(void **state)
{
	uint8_t packet[PACKET_MAX];

	(void)state;
	assert_int_equal(packet_build(packet, mac, (const uint8_t *)"\xc0\xa8\x01\x02", 4), 106);
	assert_memory_equal(packet, FORWARDS "\xc0\xa8\x01\x02", 106);
	assert_int_equal(packet_build(packet, mac, (const uint8_t *)"\x00\x11\x22\x33\x44\x55", 6),
			 108);
	assert_memory_equal(packet, FORWARDS "\x00\x11\x22\x33\x44\x55", 108);
}

static void a_mac_address_is_reversed_byte_by_byte(void **state)
{
	uint8_t packet[PACKET_MAX], reversed[MAC_LENGTH];

	(void)state;
	memcpy(reversed, mac, sizeof(reversed));
	mac_reverse(reversed);
	assert_int_equal(packet_build(packet, reversed, NULL, 0), 102);
	assert_memory_equal(packet, BACKWARDS, 102);
}

/* --- keys ---------------------------------------------------------------------------------- */

static void keys_have_their_defaults(void **state)
{
	static const struct {
		const char *name, *def;
	} expected[] = {
		{"wol-interface", NULL}, {"wol-to", NULL}, {"wol-port", "9"}, {"wol-raw", "no"},
		{"wol-broadcast", "no"}, {"wol-password", NULL}, {"wol-count", "1"},
		{"wol-interval", "100ms"}, {"wol-reverse", "no"}, {"wol-rate", "1000"},
	};
	const struct driver *driver = driver_find("wol");
	size_t n = sizeof(expected) / sizeof(expected[0]);

	(void)state;
	assert_non_null(driver);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(driver->keys[i]->name, expected[i].name);
		if (expected[i].def)
			assert_string_equal(driver->keys[i]->def, expected[i].def);
		else
			assert_null(driver->keys[i]->def);
		if (expected[i].def)
			assert_int_equal(key_check(driver->keys[i], expected[i].def, NULL), 0);
	}
	assert_null(driver->keys[n]);
	assert_true(wol_password.flags & KEY_SECRET);
	assert_true(wol_rate.flags & KEY_GLOBAL);
}

static void values_out_of_bounds_are_refused(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(key_check(&wol_port, "0", &f), -EINVAL);
	assert_int_equal(key_check(&wol_port, "65536", &f), -EINVAL);
	assert_contains(f.text, "\"65536\"");
	assert_contains(f.text, "65535");
	assert_int_equal(key_check(&wol_port, "65535", &f), 0);
	assert_int_equal(key_check(&wol_count, "0", &f), -EINVAL);
	assert_int_equal(key_check(&wol_count, "1001", &f), -EINVAL);
	assert_int_equal(key_check(&wol_count, "1000", &f), 0);
	assert_int_equal(key_check(&wol_interface, "a/b", &f), -EINVAL);
	assert_int_equal(key_check(&wol_interface, "sixteen-letters-", &f), -EINVAL);
	assert_contains(f.text, "\"sixteen-letters-\"");
	assert_int_equal(key_check(&wol_interface, "fifteen-letters", &f), 0);
}

static void a_wrong_password_is_not_shown(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(key_check(&wol_password, "00:11:22:33:44:55:66", &f), -EINVAL);
	assert_null(strstr(f.text, "00:11:22:33:44:55:66"));
	assert_int_equal(key_check(&wol_password, "192.168.1.1", &f), 0);
	assert_int_equal(key_check(&wol_password, "00:11:22:33:44:55", &f), 0);
}

static void the_rate_is_the_whole_programs(void **state)
{
	(void)state;
	model = model_of("wol-rate = 50\n");
	assert_int_equal(driver_find("wol")->rate(model), 50);
	model_free(model);
	model = model_of("");
	assert_int_equal(driver_find("wol")->rate(model), 1000);
}

/* --- where packets go ---------------------------------------------------------------------- */

enum { LO = 1, ETH0, ETH1, DOWN, LOOSE, BARE, TUN, PORT };

static struct interface interfaces_list[] = {
	{.name = "lo", .index = LO, .up = true, .carrier = true, .loopback = true, .ipv4 = true,
	 .ipv6 = true},
	{.name = "eth0", .index = ETH0, .up = true, .carrier = true, .ethernet = true,
	 .broadcasts = true, .multicasts = true, .ipv4 = true, .ipv6 = true},
	{.name = "eth1", .index = ETH1, .up = true, .carrier = true, .ethernet = true,
	 .broadcasts = true, .multicasts = true, .ipv4 = true, .ipv6 = true},
	{.name = "down0", .index = DOWN, .ethernet = true, .broadcasts = true, .multicasts = true,
	 .ipv4 = true},
	{.name = "loose0", .index = LOOSE, .up = true, .ethernet = true, .broadcasts = true,
	 .multicasts = true, .ipv4 = true},
	{.name = "bare0", .index = BARE, .up = true, .carrier = true, .ethernet = true,
	 .broadcasts = true, .multicasts = true},
	{.name = "tun0", .index = TUN, .up = true, .carrier = true, .ipv4 = true},
	{.name = "port0", .index = PORT, .up = true, .carrier = true, .ethernet = true,
	 .broadcasts = true, .multicasts = true, .ipv4 = true, .ipv6 = true, .member = true},
};
static struct broadcast broadcasts[5];
static struct interfaces interfaces = {
	interfaces_list, sizeof(interfaces_list) / sizeof(interfaces_list[0]), broadcasts, 5,
};

static void choose(const char *keys)
{
	static const struct broadcast all[] = {{ETH0, {0}}, {ETH1, {0}}, {ETH1, {0}}, {DOWN, {0}},
					       {PORT, {0}}};
	static const char *const addresses[] = {"10.0.255.255", "192.168.3.255", "192.168.4.255",
						"10.1.255.255", "10.2.255.255"};
	const struct machine *m = machine(keys);

	for (size_t i = 0; i < 5; i++) {
		broadcasts[i] = all[i];
		inet_pton(AF_INET, addresses[i], &broadcasts[i].address);
	}
	assert_int_equal(targets_choose(&targets, m, &interfaces, NULL, NULL), 0);
}

static void assert_target(size_t n, const char *address, unsigned port, unsigned index)
{
	char text[INET6_ADDRSTRLEN] = "raw";

	assert_true(n < targets.n);
	if (targets.list[n].family != AF_PACKET)
		inet_ntop(targets.list[n].family, &targets.list[n].v4, text, sizeof(text));
	assert_string_equal(text, address);
	assert_int_equal(targets.list[n].port, port);
	assert_int_equal(targets.list[n].index, index);
}

static void udp_goes_to_the_broadcast_addresses_of_interfaces_that_are_up(void **state)
{
	(void)state;
	choose("wol-port = 7\n");
	assert_int_equal(targets.n, 3);
	assert_target(0, "10.0.255.255", 7, ETH0);
	assert_target(1, "192.168.3.255", 7, ETH1);
	assert_target(2, "192.168.4.255", 7, ETH1);
	assert_int_equal(targets.err, 0);
}

static void where_no_interface_has_an_address_all_that_can_broadcast_are_used(void **state)
{
	struct interfaces few = {&interfaces_list[BARE - 1], 2, NULL, 0};
	const struct machine *m = machine(MAC);

	(void)state;
	assert_int_equal(interfaces_list[BARE - 1].index, BARE);
	interfaces_list[TUN - 1].ipv4 = false;
	assert_int_equal(targets_choose(&targets, m, &few, NULL, NULL), 0);
	interfaces_list[TUN - 1].ipv4 = true;
	assert_int_equal(targets.n, 1);
	assert_target(0, "255.255.255.255", 9, BARE);
	assert_int_equal(targets.err, 0);
}

static void a_named_interface_is_the_only_one(void **state)
{
	(void)state;
	choose("wol-interface = {\"eth0\", \"bare0\"}\n");
	assert_int_equal(targets.n, 2);
	assert_target(0, "10.0.255.255", 9, ETH0);
	/* without an address of its own: the broadcast that is the same everywhere */
	assert_target(1, "255.255.255.255", 9, BARE);
}

static void an_interface_that_does_not_work_is_told(void **state)
{
	const char *text;

	(void)state;
	choose("wol-interface = {\"eth0\", \"down0\", \"loose0\", \"tun0\"}\n");
	text = buffer_text(&targets.trouble);
	assert_int_equal(targets.n, 1);
	assert_int_equal(targets.err, -ENETDOWN);
	assert_contains(text, "interface \"down0\" is down: bring it up with \"ip link set down0 ");
	assert_contains(text, "; interface \"loose0\" has no carrier");
	assert_contains(text, "; interface \"tun0\" cannot broadcast");
}

static void an_unknown_interface_is_told_with_those_that_there_are(void **state)
{
	struct fault f;

	(void)state;
	assert_null(interface_find(&interfaces, "wlan9", &f));
	assert_contains(f.text, "there is no interface \"wlan9\": there are lo, eth0, eth1, down0");
	assert_null(interface_find(&interfaces, "ehh1", &f));
	assert_contains(f.text, "did you mean \"eth1\"?");
}

static void an_address_is_left_to_the_route(void **state)
{
	(void)state;
	choose("wol-to = {\"192.168.7.255\", \"10.0.0.7:40000\", \"2001:db8::1\"}\nwol-port = 7\n");
	assert_int_equal(targets.n, 3);
	assert_target(0, "192.168.7.255", 7, 0);
	assert_target(1, "10.0.0.7", 40000, 0);
	assert_target(2, "2001:db8::1", 7, 0);
}

static void an_address_goes_out_of_the_interface_that_is_named(void **state)
{
	(void)state;
	choose("wol-to = \"10.0.0.7\"\nwol-interface = \"eth1\"\n");
	assert_int_equal(targets.n, 1);
	assert_target(0, "10.0.0.7", 9, ETH1);
}

static void what_is_the_same_everywhere_goes_out_of_every_interface(void **state)
{
	(void)state;
	choose("wol-to = {\"255.255.255.255\", \"ff02::1\", \"[ff02::1%eth1]:7\", "
	       "\"ff02::1%tun0\"}\n");
	assert_int_equal(targets.n, 6);
	assert_target(0, "255.255.255.255", 9, ETH0);
	assert_target(1, "255.255.255.255", 9, ETH1);
	assert_target(2, "ff02::1", 9, ETH0);
	assert_target(3, "ff02::1", 9, ETH1);
	assert_target(4, "ff02::1", 7, ETH1);
	assert_target(5, "ff02::1", 9, TUN);
}

static void raw_frames_go_out_of_every_ethernet_interface_but_members(void **state)
{
	(void)state;
	choose("wol-raw = yes\n");
	assert_int_equal(targets.n, 3);
	assert_target(0, "raw", 0, ETH0);
	assert_target(1, "raw", 0, ETH1);
	assert_target(2, "raw", 0, BARE);
}

static void a_member_is_sent_out_of_when_it_is_named(void **state)
{
	(void)state;
	choose("wol-raw = yes\nwol-interface = {\"port0\", \"tun0\"}\n");
	assert_int_equal(targets.n, 1);
	assert_target(0, "raw", 0, PORT);
	assert_contains(buffer_text(&targets.trouble), "\"tun0\" is not an Ethernet interface");
}

static void raw_frames_and_addresses_exclude_each_other(void **state)
{
	(void)state;
	choose("wol-raw = yes\nwol-to = \"10.0.0.7\"\n");
	assert_int_equal(targets.n, 0);
	assert_int_equal(targets.err, -EINVAL);
	assert_contains(buffer_text(&targets.trouble), "wol-raw and wol-to exclude each other");
}

static void what_is_typed_decides_between_raw_and_address(void **state)
{
	const struct machine *m = machine("wol-raw = yes\n");

	(void)state;
	assert_int_equal(section_add(model->command, &wol_to, 0, "10.0.0.7", NULL), 0);
	assert_int_equal(targets_choose(&targets, m, &interfaces, NULL, NULL), 0);
	assert_int_equal(targets.n, 1);
	assert_target(0, "10.0.0.7", 9, 0);
	targets_free(&targets);
	model_free(model);

	m = machine("wol-to = \"10.0.0.7\"\n");
	assert_int_equal(section_add(model->command, &wol_raw, 0, "yes", NULL), 0);
	assert_int_equal(targets_choose(&targets, m, &interfaces, NULL, NULL), 0);
	assert_int_equal(targets.n, 3);
	assert_target(0, "raw", 0, ETH0);
}

static void without_interfaces_it_is_told_what_to_do(void **state)
{
	static const struct interfaces none;
	const struct machine *m = machine(MAC);

	(void)state;
	assert_int_equal(targets_choose(&targets, m, &none, NULL, NULL), 0);
	assert_int_equal(targets.n, 0);
	assert_int_equal(targets.err, -ENETDOWN);
	assert_contains(buffer_text(&targets.trouble), "no interface that can broadcast is up");
}

/* --- sending ------------------------------------------------------------------------------- */

/* A UDP socket of the loopback interface; its port. */
static unsigned receive(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(receiver >= 0);
	assert_int_equal(bind(receiver, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(receiver, (struct sockaddr *)&address, &size), 0);
	return ntohs(address.sin_port);
}

/* The next packet's size, 0 when there is none. */
static size_t received(uint8_t packet[PACKET_MAX + 1])
{
	ssize_t size = recv(receiver, packet, PACKET_MAX + 1, 0);

	return size > 0 ? (size_t)size : 0;
}

static void every_mac_address_gets_every_packet(void **state)
{
	uint8_t packet[PACKET_MAX + 1];
	char keys[256];
	struct ended ended;

	(void)state;
	snprintf(keys, sizeof(keys), "mac = {\"00:16:3e:12:34:56\", \"02:00:00:00:00:01\"}\n"
		 "wol-to = \"127.0.0.1:%u\"\nwol-count = 2\nwol-interval = 1ms\n"
		 "wol-password = \"1.2.3.4\"\n", receive());
	machine(keys);
	ended = trial_run(model, "m", VERB_ON, "wol");
	assert_int_equal(ended.err, 0);
	assert_int_equal(ended.state, STATE_SENT);
	assert_string_equal(ended.text, "");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(received(packet), 106);
		assert_memory_equal(packet, FORWARDS "\1\2\3\4", 106);
		assert_int_equal(received(packet), 106);
		assert_memory_equal(packet, SIX_FF SIXTEEN("\2\0\0\0\0\1") "\1\2\3\4", 106);
	}
	assert_int_equal(received(packet), 0);
}

static void a_name_is_looked_up(void **state)
{
	uint8_t packet[PACKET_MAX + 1];
	char keys[256];
	struct ended ended;

	(void)state;
	/* where "localhost" is ::1 first, the packet goes there: that it was sent is what counts */
	snprintf(keys, sizeof(keys), MAC "wol-reverse = yes\nwol-to = {\"localhost:%u\", "
		 "\"127.0.0.1\"}\nwol-port = %u\n", receive(), 9);
	machine(keys);
	ended = trial_run(model, "m", VERB_ON, "wol");
	assert_int_equal(ended.err, 0);
	assert_int_equal(ended.state, STATE_SENT);
	if (received(packet))
		assert_memory_equal(packet, BACKWARDS, 102);
}

static void what_failed_is_told_beside_what_was_sent(void **state)
{
	uint8_t packet[PACKET_MAX + 1];
	char keys[256];
	struct ended ended;

	(void)state;
	snprintf(keys, sizeof(keys), MAC "wol-to = {\"ff02::1%%no-such-one\", \"127.0.0.1:%u\"}\n",
		 receive());
	machine(keys);
	ended = trial_run(model, "m", VERB_ON, "wol");
	assert_int_equal(ended.err, 0);
	assert_int_equal(ended.state, STATE_SENT);
	assert_contains(ended.text, "there is no interface \"no-such-one\"");
	assert_int_equal(received(packet), 102);
}

static void it_fails_when_nothing_could_be_sent(void **state)
{
	struct ended ended;

	(void)state;
	machine(MAC "wol-interface = \"no-such-one\"\n");
	ended = trial_run(model, "m", VERB_ON, "wol");
	assert_int_equal(ended.err, -ENODEV);
	assert_contains(ended.text, "there is no interface \"no-such-one\"");
}

static void a_machine_without_mac_address_is_told(void **state)
{
	struct ended ended;

	(void)state;
	machine("");
	ended = trial_run(model, "m", VERB_ON, "wol");
	assert_int_equal(ended.err, -EINVAL);
	assert_contains(ended.text, "mac");
}

static void a_host_that_refuses_does_not_stop_the_others(void **state)
{
	uint8_t packet[PACKET_MAX + 1];
	unsigned closed = receive();
	char keys[256];

	(void)state;
	close(receiver);
	snprintf(keys, sizeof(keys), MAC "wol-to = {\"127.0.0.1:%u\", \"127.0.0.1:%u\"}\n"
		 "wol-count = 20\nwol-interval = 0s\n", closed, receive());
	machine(keys);
	assert_string_equal(trial_run(model, "m", VERB_ON, "wol").text, "");
	for (int i = 0; i < 20; i++)
		assert_int_equal(received(packet), 102);
	assert_int_equal(received(packet), 0);
}

static void cancelling_stops_the_burst(void **state)
{
	uint8_t packet[PACKET_MAX + 1];
	struct trial trial;
	char keys[256];

	(void)state;
	snprintf(keys, sizeof(keys), MAC "wol-to = \"127.0.0.1:%u\"\nwol-count = 9\n"
		 "wol-interval = 10ms\n", receive());
	machine(keys);
	trial_start(&trial, model, "m", VERB_ON, "wol");
	trial_cancel(&trial);
	trial_cancel(&trial);
	loop_for(0.05);
	assert_int_equal(trial.ended.times, 1);
	assert_int_equal(trial.ended.state, STATE_SENT);
	assert_string_equal(trial.ended.text, "stopped after 1 of 9 packets");
	assert_int_equal(received(packet), 102);
	assert_int_equal(received(packet), 0);
	trial_free(&trial);
}

static void cancelling_leaves_a_look_up(void **state)
{
	struct trial trial;

	(void)state;
	machine(MAC "wol-to = \"localhost\"\n");
	trial_start(&trial, model, "m", VERB_ON, "wol");
	assert_int_equal(trial.ended.times, 0);
	trial_cancel(&trial);
	loop_for(0.05);
	assert_int_equal(trial.ended.times, 1);
	assert_int_equal(trial.ended.err, -ECANCELED);
	assert_contains(trial.ended.text, "looked up");
	trial_free(&trial);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_packet_is_six_ff_and_sixteen_times_the_mac_address),
		TEST(the_password_follows),
		TEST(a_mac_address_is_reversed_byte_by_byte),
		TEST(keys_have_their_defaults),
		TEST(values_out_of_bounds_are_refused),
		TEST(a_wrong_password_is_not_shown),
		TEST(the_rate_is_the_whole_programs),
		TEST(udp_goes_to_the_broadcast_addresses_of_interfaces_that_are_up),
		TEST(where_no_interface_has_an_address_all_that_can_broadcast_are_used),
		TEST(a_named_interface_is_the_only_one),
		TEST(an_interface_that_does_not_work_is_told),
		TEST(an_unknown_interface_is_told_with_those_that_there_are),
		TEST(an_address_is_left_to_the_route),
		TEST(an_address_goes_out_of_the_interface_that_is_named),
		TEST(what_is_the_same_everywhere_goes_out_of_every_interface),
		TEST(raw_frames_go_out_of_every_ethernet_interface_but_members),
		TEST(a_member_is_sent_out_of_when_it_is_named),
		TEST(raw_frames_and_addresses_exclude_each_other),
		TEST(what_is_typed_decides_between_raw_and_address),
		TEST(without_interfaces_it_is_told_what_to_do),
		TEST(every_mac_address_gets_every_packet),
		TEST(a_name_is_looked_up),
		TEST(what_failed_is_told_beside_what_was_sent),
		TEST(it_fails_when_nothing_could_be_sent),
		TEST(a_machine_without_mac_address_is_told),
		TEST(a_host_that_refuses_does_not_stop_the_others),
		TEST(cancelling_stops_the_burst),
		TEST(cancelling_leaves_a_look_up),
	};

	return cmocka_run_group_tests_name("wol", tests, NULL, NULL);
}
