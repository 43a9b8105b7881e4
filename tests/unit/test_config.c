/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration: what it means, and that every error is told with its place. */
#include "test.h"
#include "base/fault.h"
#include "fakedriver.h"
#include "model/config.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

static const char *value(const struct model *m, const char *name, const struct key *key, size_t n)
{
	static char buffer[VALUE_MAX];

	assert_non_null(machine_find(m, name));
	return machine_value(machine_find(m, name), key, n, buffer);
}

static void ranges_match_one_to_one(void **state)
{
	struct model *m = model_of("machine \"rack[001-400]\" {\n"
				   "  mac = \"02:00:00:00:[00-01]:[00-c7]\"\n"
				   "  address = \"10.0.[0-1].[1-200]\"\n"
				   "  label = \"same\"\n}\n");

	(void)state;
	assert_int_equal(m->nmachines, 400);
	assert_string_equal(value(m, "rack001", &key_mac, 0), "02:00:00:00:00:00");
	assert_string_equal(value(m, "rack201", &key_mac, 0), "02:00:00:00:01:00");
	assert_string_equal(value(m, "rack400", &key_address, 0), "10.0.1.200");
	assert_string_equal(value(m, "rack399", &key_label, 0), "same");
	assert_null(value(m, "rack001", &key_uuid, 0));
	model_free(m);
}

static void machines_take_keys_from_profiles(void **state)
{
	struct model *m = model_of("profile \"base\" { after = \"nas1\" host = \"h1\" }\n"
				   "profile \"lab\" { profile = \"base\" host = \"h2\" }\n"
				   "machine \"a\" { profile = \"lab\" }\n"
				   "machine \"b\" { profile = \"lab\" host = \"h1\" }\n"
				   "machine \"nas1\" {}\nmachine \"h[1-2]\" {}\n");
	const struct section *from;

	(void)state;
	assert_string_equal(value(m, "a", &key_host, 0), "h2");
	assert_string_equal(value(m, "a", &key_after, 0), "nas1");
	assert_string_equal(value(m, "b", &key_host, 0), "h1");
	assert_int_equal(machine_entry(machine_find(m, "a"), &key_after, &from)->line, 1);
	assert_string_equal(from->title, "base");
	model_free(m);
}

static void a_range_of_one_is_plain(void **state)
{
	struct model *m = model_of("wol-rate = \"[7]\"\nmachine \"a\" { label = \"x[3]\" }\n");

	(void)state;
	assert_string_equal(range_nth(machine_entry(machine_find(m, "a"), &key_label,
						    NULL)->values[0], 0, NULL, 0),
			    "x3");
	model_free(m);
}

static void lists_and_bare_values_are_the_same(void **state)
{
	struct model *m = model_of("machine \"a\" { mac = "
				   "{\"00:00:00:00:00:01\", \"00:00:00:00:00:02\"} }\n"
				   "machine \"b\" { mac = \"00:00:00:00:00:03\" }\n"
				   "machine \"c\" { mac = \"00:00:00:00:00:04\" mac += "
				   "\"00:00:00:00:00:05\" }\n");

	(void)state;
	assert_int_equal(machine_values(machine_find(m, "a"), &key_mac), 2);
	assert_int_equal(machine_values(machine_find(m, "b"), &key_mac), 1);
	assert_int_equal(machine_values(machine_find(m, "c"), &key_mac), 2);
	assert_string_equal(value(m, "a", &key_mac, 1), "00:00:00:00:00:02");
	model_free(m);
}

static void guests_are_found_by_their_host(void **state)
{
	struct model *m = model_of("machine \"h[1-2]\" {}\n"
				   "machine \"v[1-4]\" { host = \"h[1-1,2,1,2]\" }\n");
	const uint32_t *guests;
	size_t n;

	(void)state;
	guests = machine_guests(machine_find(m, "h2"), &n);
	assert_int_equal(n, 2);
	assert_string_equal(m->machines[guests[0]].name, "v2");
	assert_string_equal(m->machines[guests[1]].name, "v4");
	assert_null(machine_guests(machine_find(m, "v1"), &n));
	assert_int_equal(n, 0);
	assert_string_equal(machine_host(machine_find(m, "v3"))->name, "h1");
	model_free(m);
}

static void every_error_is_told(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"machine \"a\" { mca = 1 }", "test:1: unknown key \"mca\": did you mean \"mac\"?"},
		{"machine \"a\" {\n\n voltage = {1, 2} }", "test:3: unknown key \"voltage\""},
		{"machin \"a\" { mac = 1 }",
		 "test:1: unknown section \"machin\": did you mean machine"},
		{"machine \"a\" {\n mac = \"1\"\n}", "test:2: mac: \"1\" is not a MAC address"},
		{"machine \"a[1-3]\" { address = \"b[1-2]\" }",
		 "test:1: address: \"b[1-2]\" stands for 2 values, but \"a[1-3]\" for 3 machines"},
		{"machine \"a\" {}\nmachine \"a\" {}",
		 "test:2: machine \"a\" was already defined at test:1"},
		{"machine \"a\" {}\ngroup \"a\" { machines = \"a\" }",
		 "\"a\" was already defined at test:2"},
		{"machine \"all\" {}", "\"all\" means all machines"},
		{"machine \"a b\" {}", "cannot be the name of a machine"},
		{"machine \"a\" { host = \"b\" }", "host: there is no machine \"b\""},
		{"machine \"a1\" { host = \"a2\" }\nmachine \"a2\" { host = \"a1\" }",
		 "host: \"a1\" would run on itself"},
		{"machine \"nas1\" {}\nmachine \"b\" { after = \"nsa1\" }",
		 "test:2: after: there is no machine or group \"nsa1\": did you mean \"nas1\"?"},
		{"machine \"a\" { profile = \"x\" }", "profile: there is no profile \"x\""},
		{"profile \"p\" {}\nmachine \"a[1-2]\" { profile = \"p[1-2]\" }",
		 "there is no profile \"a range\""},
		{"profile \"p\" { profile = \"q\" }\nprofile \"q\" { profile = \"p\" }",
		 "profile \"p\" takes its keys from itself"},
		{"profile \"p\" { mac = \"00:00:00:00:00:01\" }", "mac belongs to one machine"},
		{"profile \"p\" { host = \"h[1-2]\" }\nmachine \"h[1-2]\" {}\n"
		 "machine \"v[1-3]\" { profile = \"p\" }", "host of profile \"p\" has 2 values"},
		{"group \"g\" { machines = \"g2\" }\ngroup \"g2\" { machines = \"g\" }",
		 "group \"g\" is a member of itself"},
		{"group \"g\" { }", "group \"g\" is empty"},
		{"group \"g\" { machines = \"x\" mac = \"1\" }", "mac does not belong in a group"},
		{"mac = \"00:00:00:00:00:01\"", "mac belongs in a machine"},
		{"machine \"a\" { label = \"x\"\n label = \"y\" }", "test:2: label is set twice"},
		{"machine \"a\" { label = {\"x\", \"y\"} }", "label: takes one value"},
		{"machine \"a\" { eye = \"soon\" }", "eye: \"soon\" is not a duration"},
		{"machine \"a\" { on = \"ipmmi\" }", "on: there is no driver \"ipmmi\""},
		{"machine \"a\" { on = \"fak 3s\" }", "did you mean \"fake\"?"},
		{"machine \"a\" { cycle = \"fake\" }",
		 "cycle: the driver fake cannot do \"cycle\""},
		{"machine \"a\" { on = \"fake 0s\" }", "leaves no time"},
		{"machine {", "test:1: missing title"},
		{"\nmachine \"a\" {\n", "test:2: the closing brace is missing"},
		{"machine \"a\"", "test:1: premature end of file"},
		{"machine \"a\" { mac \"x\" }", "missing equal sign"},
		{"include(\"/nonexistent/x\")", "test:1: include \"/nonexistent/x\": No such file"},
		{"include()", "include takes one file"},
		{"machine \"a[1-99999999]\" {}", "stands for more than"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *errors = errors_of(cases[i].text);

		assert_contains(errors, cases[i].error);
		free(errors);
	}
}

static void one_run_tells_all_errors_in_order(void **state)
{
	char *errors = errors_of("fooo = 3\n"
				 "machine \"a\" {\n mca = 1\n adress = {1, 2}\n mac = \"x\"\n}\n"
				 "machine \"b\" { voltage = 3 }\n");
	static const char *const parts[] = {"test:1:", "test:3:", "test:4:", "test:5:", "test:7:"};
	const char *at = errors;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		at = strstr(at, parts[i]);
		assert_non_null(at);
	}
	free(errors);
}

static void comments_and_long_sections_do_not_shift_lines(void **state)
{
	char *errors = errors_of("# one\n// two\n/* three\n   four */\nmachine \"a\" {\n"
				 "  label = \"# no comment // here\" # but here\n\n  mca = 1\n}\n"
				 "machine \"a\"\n{\n\n\n}\n");

	(void)state;
	assert_contains(errors, "test:8: unknown key \"mca\"");
	assert_contains(errors, "test:11: machine \"a\" was already defined at test:5");
	free(errors);
}

static void an_empty_text_is_an_empty_configuration(void **state)
{
	struct model *m = model_of("");

	(void)state;
	assert_int_equal(m->nmachines, 0);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_match_one_to_one),
		cmocka_unit_test(machines_take_keys_from_profiles),
		cmocka_unit_test(a_range_of_one_is_plain),
		cmocka_unit_test(lists_and_bare_values_are_the_same),
		cmocka_unit_test(guests_are_found_by_their_host),
		cmocka_unit_test(every_error_is_told),
		cmocka_unit_test(one_run_tells_all_errors_in_order),
		cmocka_unit_test(comments_and_long_sections_do_not_shift_lines),
		cmocka_unit_test(an_empty_text_is_an_empty_configuration),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
