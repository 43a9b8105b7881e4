/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: MAC, SecureOn, hosts with ports, UUIDs. */
#include "test.h"
#include "base/fault.h"
#include "model/address.h"

static void mac_addresses_are_read_in_every_form(void **state)
{
	static const char *const forms[] = {"00:16:3e:00:0a:ff", "0:16:3E:0:A:FF",
					    "00-16-3e-00-0a-ff", "0016.3e00.0aff", "00163e000aff"};
	uint8_t mac[MAC_LENGTH];
	char text[MAC_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_int_equal(mac_parse(forms[i], mac, NULL), 0);
		mac_print(mac, text);
		assert_string_equal(text, "00:16:3e:00:0a:ff");
		assert_true(mac_resembles(forms[i]));
	}
}

static void malformed_mac_addresses_are_quoted(void **state)
{
	static const char *const forms[] = {"", "00:16:3e:00:0a", "00:16:3e:00:0a:ff:00",
					    "00:16:3e:00:0a:zz", "00:16:3e:00:0a:",
					    ":16:3e:00:0a:ff", "00:16:3e:00:0a-ff", "00163e000af",
					    "016.3e00.0aff", "000:16:3e:00:0a:ff",
					    "00:16:3e:00:0a:ff "};
	uint8_t mac[MAC_LENGTH];
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_int_equal(mac_parse(forms[i], mac, &fault), -22);
		assert_contains(fault.text, forms[i]);
		assert_contains(fault.text, "00:16:3e:12:34:56");
	}
}

static void names_and_addresses_are_not_taken_for_mac(void **state)
{
	(void)state;
	assert_false(mac_resembles("mac:00:16:3e:00:00:01"));
	assert_false(mac_resembles("ip:10.0.0.1"));
	assert_false(mac_resembles("file:x"));
	assert_false(mac_resembles("rack[1-3]"));
	assert_false(mac_resembles("cafe"));
	assert_true(mac_resembles("00:16:3e:00:00:zz"));
	assert_true(mac_resembles("02:00:00:00:00:[00-ff]"));
}

static void secureon_has_four_or_six_bytes(void **state)
{
	uint8_t password[SECUREON_MAX];
	size_t length;

	(void)state;
	assert_int_equal(secureon_parse("001122334455", password, &length, NULL), 0);
	assert_int_equal(length, 6);
	assert_int_equal(password[5], 0x55);
	assert_int_equal(secureon_parse("00:11:22:33:44:55", password, &length, NULL), 0);
	assert_int_equal(length, 6);
	assert_int_equal(secureon_parse("192.168.1.255", password, &length, NULL), 0);
	assert_int_equal(length, 4);
	assert_int_equal(password[3], 255);
	assert_int_equal(secureon_parse("deadbeef", password, &length, NULL), 0);
	assert_int_equal(length, 4);
	assert_int_equal(password[0], 0xde);
}

static void secureon_of_a_wrong_length_is_told_but_not_shown(void **state)
{
	static const char *const cases[] = {"0011223344", "00:11", "192.168.1.256", "secret", "",
					    "00112233445566"};
	uint8_t password[SECUREON_MAX];
	struct fault fault;
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(secureon_parse(cases[i], password, &length, &fault), -22);
		assert_contains(fault.text, "4 or 6 bytes");
		if (strlen(cases[i]) > 5)
			assert_null(strstr(fault.text, cases[i]) == fault.text ? fault.text : NULL);
	}
}

static void hosts_and_ports_are_told_apart(void **state)
{
	static const struct {
		const char *text, *host;
		unsigned port;
	} cases[] = {
		{"nas1", "nas1", 0}, {"nas1.lan:22", "nas1.lan", 22},
		{"10.0.0.7:623", "10.0.0.7", 623},
		{"fe80::1%eth0", "fe80::1%eth0", 0}, {"[fe80::1]:9", "fe80::1", 9},
		{"[::1]", "::1", 0},
		{"255.255.255.255", "255.255.255.255", 0},
	};
	struct endpoint endpoint;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(endpoint_parse(cases[i].text, &endpoint, NULL), 0);
		assert_string_equal(endpoint.host, cases[i].host);
		assert_int_equal(endpoint.port, cases[i].port);
	}
}

static void bad_hosts_are_quoted(void **state)
{
	static const char *const cases[] = {"", "a b", "nas1:", "nas1:0", "nas1:99999", "[fe80::1",
					    "[fe80::1]x", "a:b:c", "-x", "nas1:22x", "http://x"};
	struct endpoint endpoint;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(endpoint_parse(cases[i], &endpoint, &fault), -22);
		assert_contains(fault.text, cases[i]);
	}
}

static void uuids_have_32_digits(void **state)
{
	(void)state;
	assert_int_equal(uuid_check("123e4567-e89b-12d3-a456-426614174000", NULL), 0);
	assert_int_equal(uuid_check("123E4567E89B12D3A456426614174000", NULL), 0);
	assert_int_equal(uuid_check("123e4567-e89b-12d3-a456-42661417400", NULL), -22);
	assert_int_equal(uuid_check("123e4567-e89b-12d3-a456-42661417400x", NULL), -22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mac_addresses_are_read_in_every_form),
		cmocka_unit_test(malformed_mac_addresses_are_quoted),
		cmocka_unit_test(names_and_addresses_are_not_taken_for_mac),
		cmocka_unit_test(secureon_has_four_or_six_bytes),
		cmocka_unit_test(secureon_of_a_wrong_length_is_told_but_not_shown),
		cmocka_unit_test(hosts_and_ports_are_told_apart),
		cmocka_unit_test(bad_hosts_are_quoted),
		cmocka_unit_test(uuids_have_32_digits),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
