/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What PID 1 reads: the kernel's command line, ip=, DHCP's answers, labels of file systems. */
#include "test.h"
#include "base/fault.h"
#include "init/dhcp_packet.h"
#include "init/label.h"
#include "init/setting.h"
#include "init/words.h"

#include <arpa/inet.h>
#include <errno.h>

static struct fault fault;

/* --- the command line ------------------------------------------------------------------------ */

static char line[512];

static int words(const char *text, struct words_given *given)
{
	strcpy(line, text);
	fault.text[0] = '\0';
	return words_read(line, given, &fault);
}

static void the_command_line_is_cut_as_the_kernel_does(void **state)
{
	struct words_given w;

	(void)state;
	assert_int_equal(words("quiet stoker.run=\"wake nas1 --wait\" root=/dev/sda ip=dhcp "
			       "\"stoker.conf=/etc/my own.conf\" stoker.on_failure=reboot "
			       "stoker.then=stay\n", &w), 0);
	assert_string_equal(w.run, "wake nas1 --wait");
	assert_string_equal(w.conf, "/etc/my own.conf");
	assert_string_equal(w.ip, "dhcp");
	assert_int_equal(w.then, THEN_STAY);
	assert_int_equal(w.on_failure, THEN_REBOOT);
}

static void without_words_the_builds_own_count(void **state)
{
	struct words_given w;

	(void)state;
	assert_int_equal(words("", &w), 0);
	assert_string_equal(w.run, "wake all");
	assert_null(w.conf);
	assert_string_equal(w.ip, "");
	assert_int_equal(w.then, THEN_POWEROFF);
	assert_int_equal(w.on_failure, THEN_SHELL);
}

static void a_word_that_is_wrong_is_told_and_the_others_count(void **state)
{
	struct words_given w;

	(void)state;
	assert_int_equal(words("stoker.rum=x stoker.then=reboot", &w), -EINVAL);
	assert_contains(fault.text, "did you mean stoker.run?");
	assert_int_equal(w.then, THEN_REBOOT);
	assert_int_equal(words("stoker.then=explode stoker.run=version", &w), -EINVAL);
	assert_contains(fault.text, "stoker.then=explode: it is one of");
	assert_string_equal(w.run, "version");
	assert_int_equal(words("stoker.run", &w), -EINVAL);
	assert_contains(fault.text, "stoker.run has no value");
	/* others' words, and quotes that do not end */
	assert_int_equal(words("stokerx.run=1 =x \" = \"", &w), 0);
	assert_int_equal(words("stoker.run=\"wake a b", &w), 0);
	assert_string_equal(w.run, "wake a b");
}

/* --- ip= ------------------------------------------------------------------------------------- */

static void is_address(struct in_addr address, const char *text)
{
	char got[INET_ADDRSTRLEN];

	assert_string_equal(inet_ntop(AF_INET, &address, got, sizeof(got)), text);
}

static void addresses_are_read_as_the_kernel_does(void **state)
{
	struct setting_wish w;

	(void)state;
	assert_int_equal(setting_read("192.168.7.2::192.168.7.1:255.255.255.0:box:eth1:off:9.9.9.9",
				      &w, &fault), 0);
	is_address(w.setting.address, "192.168.7.2");
	is_address(w.setting.gateway, "192.168.7.1");
	is_address(w.setting.netmask, "255.255.255.0");
	is_address(w.setting.dns[0], "9.9.9.9");
	assert_string_equal(w.setting.host, "box");
	assert_string_equal(w.device, "eth1");
	assert_false(w.dhcp);
	assert_int_equal(setting_read("dhcp", &w, &fault), 0);
	assert_true(w.dhcp);
	assert_int_equal(setting_read(":::::eth0:dhcp", &w, &fault), 0);
	assert_true(w.dhcp);
	assert_string_equal(w.device, "eth0");
	assert_int_equal(setting_read("", &w, &fault), 0);
	assert_false(w.dhcp);
	is_address(setting_class((struct in_addr){htonl(0xac100001)}), "255.255.0.0");
}

static void addresses_that_are_none_are_told(void **state)
{
	struct setting_wish w;

	(void)state;
	assert_int_equal(setting_read("192.168.7.300::", &w, &fault), -EINVAL);
	assert_contains(fault.text, "\"192.168.7.300\"");
	assert_int_equal(setting_read("::::::magic", &w, &fault), -EINVAL);
	assert_contains(fault.text, "\"magic\" is no way to an address");
	assert_int_equal(setting_read(":::::an-interface-with-a-long-name", &w, &fault), -EINVAL);
	assert_int_equal(setting_read("::::::::::::", &w, &fault), -EINVAL);
}

/* --- DHCP ------------------------------------------------------------------------------------ */

static const struct dhcp_question question = {
	.kind = DHCP_DISCOVER, .id = 0x12345678, .seconds = 258,
	.mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56},
};

static uint8_t packet[DHCP_PACKET_SIZE];

/* An answer with these options behind the message type. */
static size_t make(enum dhcp_kind kind, const char *options, size_t length)
{
	const uint8_t start[] = {99, 130, 83, 99, 53, 1, (uint8_t)kind};

	memset(packet, 0, sizeof(packet));
	packet[0] = 2;
	packet[1] = 1;
	packet[2] = 6;
	memcpy(packet + 4, &question.id, 4);
	memcpy(packet + 16, "\x0a\x00\x02\x0f", 4);
	memcpy(packet + 28, question.mac, 6);
	memcpy(packet + 236, start, sizeof(start));
	memcpy(packet + 236 + sizeof(start), options, length);
	return 236 + sizeof(start) + length;
}

#define MAKE(kind, options) make(kind, options, sizeof(options) - 1)

static void questions_are_as_rfc_2131_has_them(void **state)
{
	static const uint8_t options[] = {
		53, 1, 3, 61, 7, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 50, 4, 10, 0, 2, 15, 54, 4, 10, 0, 2, 2,
		57, 2, 2, 64, 55, 8, 1, 3, 6, 12, 15, 51, 58, 59, 255,
	};
	struct dhcp_question q = question;

	(void)state;
	q.kind = DHCP_REQUEST;
	q.wants.s_addr = htonl(0x0a00020f);
	q.server.s_addr = htonl(0x0a000202);
	assert_int_equal(dhcp_write(&q, packet), 300);
	assert_memory_equal(packet, "\x01\x01\x06\0", 4);
	assert_memory_equal(packet + 8, "\x01\x02\x80\0", 4);
	assert_memory_equal(packet + 236, "\x63\x82\x53\x63", 4);
	assert_memory_equal(packet + 240, options, sizeof(options));
	/* one that prolongs is answered to the address that it has */
	q = (struct dhcp_question){.kind = DHCP_REQUEST, .has.s_addr = htonl(0x0a00020f)};
	dhcp_write(&q, packet);
	assert_memory_equal(packet + 10, "\0\0\x0a\0\x02\x0f", 6);
}

static void answers_are_read(void **state)
{
	struct dhcp_answer a;
	size_t n;

	(void)state;
	n = MAKE(DHCP_ACK, "\x01\x04\xff\xff\xff\0\x03\x04\x0a\0\x02\x02\x06\x08\x0a\0\x02\x03\x09\x09\x09\x09"
		 "\x33\x04\0\x01\x51\x80\x36\x04\x0a\0\x02\x02\x0c\x03" "box" "\x0f\x0b" "lan.example" "\xff");
	assert_true(dhcp_read(packet, n, &question, &a));
	assert_int_equal(a.kind, DHCP_ACK);
	is_address(a.setting.address, "10.0.2.15");
	is_address(a.setting.netmask, "255.255.255.0");
	is_address(a.setting.gateway, "10.0.2.2");
	is_address(a.setting.dns[0], "10.0.2.3");
	is_address(a.setting.dns[1], "9.9.9.9");
	is_address(a.server, "10.0.2.2");
	assert_string_equal(a.setting.host, "box");
	assert_string_equal(a.setting.domain, "lan.example");
	assert_int_equal(a.lease, 86400);
	assert_int_equal(a.renew, 43200);
	assert_int_equal(a.rebind, 75600);
}

static void answers_to_others_and_broken_ones_are_none(void **state)
{
	struct dhcp_question other = question;
	struct dhcp_answer a;
	size_t n = MAKE(DHCP_OFFER, "\xff");

	(void)state;
	assert_true(dhcp_read(packet, n, &question, &a));
	assert_int_equal(a.lease, 3600);
	for (size_t i = 0; i < 243; i++)
		assert_false(dhcp_read(packet, i, &question, &a));
	other.id++;
	assert_false(dhcp_read(packet, n, &other, &a));
	other = question;
	other.mac[5]++;
	assert_false(dhcp_read(packet, n, &other, &a));
	packet[0] = 1;
	assert_false(dhcp_read(packet, n, &question, &a));
	/* an option that ends behind the packet */
	n = MAKE(DHCP_OFFER, "\x0c\x20" "box");
	assert_false(dhcp_read(packet, n, &question, &a));
	/* an offer of nothing; a refusal needs none */
	n = MAKE(DHCP_OFFER, "\xff");
	memset(packet + 16, 0, 4);
	assert_false(dhcp_read(packet, n, &question, &a));
	n = MAKE(DHCP_NAK, "\xff");
	memset(packet + 16, 0, 4);
	assert_true(dhcp_read(packet, n, &question, &a));
}

static void options_may_be_where_names_would_be(void **state)
{
	struct dhcp_answer a;
	size_t n = MAKE(DHCP_ACK, "\x34\x01\x03\xff");

	(void)state;
	memcpy(packet + 108, "\x01\x04\xff\xff\0\0\xff", 7);
	memcpy(packet + 44, "\x03\x04\x0a\0\0\x01\xff", 7);
	assert_true(dhcp_read(packet, n, &question, &a));
	is_address(a.setting.netmask, "255.255.0.0");
	is_address(a.setting.gateway, "10.0.0.1");
}

static void names_are_names(void **state)
{
	struct dhcp_answer a;
	size_t n = MAKE(DHCP_ACK, "\x0f\x0c" "lan\nsearch x" "\x0c\x07" "a b;c\0d" "\xff");

	(void)state;
	assert_true(dhcp_read(packet, n, &question, &a));
	assert_string_equal(a.setting.domain, "lan");
	assert_string_equal(a.setting.host, "a");
}

static void times_that_contradict_each_other_are_set(void **state)
{
	struct dhcp_answer a;
	size_t n = MAKE(DHCP_ACK, "\x33\x04\0\0\0\x64\x3a\x04\0\0\x27\x10\x3b\x04\0\0\x27\x10\xff");

	(void)state;
	assert_true(dhcp_read(packet, n, &question, &a));
	assert_int_equal(a.lease, 100);
	assert_int_equal(a.renew, 50);
	assert_int_equal(a.rebind, 87);
	n = MAKE(DHCP_ACK, "\x33\x04\xff\xff\xff\xff\xff");
	assert_true(dhcp_read(packet, n, &question, &a));
	assert_int_equal(a.renew, UINT32_MAX);
}

/* --- labels ---------------------------------------------------------------------------------- */

static void labels_are_read(void **state)
{
	static uint8_t head[LABEL_HEAD];
	char label[LABEL_SIZE];

	(void)state;
	label_read(head, sizeof(head), label);
	assert_string_equal(label, "");
	memcpy(head + 82, "FAT32   ", 8);
	memcpy(head + 71, "STOKER     ", 11);
	label_read(head, sizeof(head), label);
	assert_string_equal(label, "STOKER");
	label_read(head, 80, label);
	assert_string_equal(label, "");
	memset(head, 0, sizeof(head));
	memcpy(head + 1080, "\x53\xef", 2);
	memcpy(head + 1144, "sixteen letters!", 16);
	label_read(head, sizeof(head), label);
	assert_string_equal(label, "sixteen letters!");
	memset(head, 0, sizeof(head));
	memcpy(head + 32768, "\x01" "CD001\x01", 7);
	memset(head + 32808, ' ', 32);
	memcpy(head + 32808, "STOKER", 6);
	label_read(head, sizeof(head), label);
	assert_string_equal(label, "STOKER");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_line_is_cut_as_the_kernel_does),
		cmocka_unit_test(without_words_the_builds_own_count),
		cmocka_unit_test(a_word_that_is_wrong_is_told_and_the_others_count),
		cmocka_unit_test(addresses_are_read_as_the_kernel_does),
		cmocka_unit_test(addresses_that_are_none_are_told),
		cmocka_unit_test(questions_are_as_rfc_2131_has_them),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(answers_to_others_and_broken_ones_are_none),
		cmocka_unit_test(options_may_be_where_names_would_be),
		cmocka_unit_test(names_are_names),
		cmocka_unit_test(times_that_contradict_each_other_are_set),
		cmocka_unit_test(labels_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
