/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selection: machines by what a user types. */
#include "test.h"
#include "base/fault.h"
#include "fakedriver.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

static struct model *model;

static int set_up(void **state)
{
	(void)state;
	model = model_of("machine \"rack[1-40]\" { mac = \"02:00:00:00:00:[01-28]\" "
			 "address = \"10.0.0.[1-40]\" }\n"
			 "machine \"nas1\" { mac = {\"aa:bb:cc:dd:ee:01\", \"aa:bb:cc:dd:ee:02\"}\n"
			 "  uuid = \"123E4567-e89b-12d3-a456-426614174000\" label = \"store\"\n"
			 "  path = \"/vm/a/nas.conf\" }\n"
			 "machine \"vm1\" { path = \"/vm/ab/vm1.conf\" address = \"vm1.lan:22\" }\n"
			 "group \"front\" { machines = {\"rack[1-3]\", \"!rack2\"} }\n"
			 "group \"most\" { machines = {\"front\", \"nas1\"} }\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	model_free(model);
	return 0;
}

static void check(const char *expression, const char *wanted)
{
	struct selection selection = {0};
	const char *names[64];
	struct fault fault;
	char *folded;

	if (select_machines(model, expression, &selection, &fault))
		fail_msg("%s", fault.text);
	for (size_t i = 0; i < selection.n; i++)
		names[i] = selection.machines[i]->name;
	folded = range_fold(names, selection.n);
	assert_string_equal(folded, wanted);
	free(folded);
	selection_free(&selection);
}

static void refuse(const char *expression, const char *part)
{
	struct selection selection = {0};
	struct fault fault;

	assert_true(select_machines(model, expression, &selection, &fault) < 0);
	assert_contains(fault.text, part);
	selection_free(&selection);
}

static void names_ranges_and_groups(void **state)
{
	(void)state;
	check("nas1", "nas1");
	check("rack[1-3,7]", "rack[1-3,7]");
	check("front", "rack[1,3]");
	check("most", "nas1,rack[1,3]");
	check("all", "nas1,rack[1-40],vm1");
	check("rack1, nas1 rack1", "nas1,rack1");
}

static void exclusion_takes_out_wherever_it_stands(void **state)
{
	(void)state;
	check("rack[1-40],!rack7", "rack[1-6,8-40]");
	check("!rack7,rack[6-8]", "rack[6,8]");
	check("all,!rack[1-40],!nas1", "vm1");
	check("rack[1-4],!front", "rack[2,4]");
}

static void addresses_select(void **state)
{
	(void)state;
	check("mac:AA-BB-CC-DD-EE-02", "nas1");
	check("MAC:02:0:0:0:0:1", "rack1");
	check("mac:02:00:00:00:00:[09-0b]", "rack[9-11]");
	check("ip:10.0.0.7", "rack7");
	check("ip:vm1.lan", "vm1");
	check("uuid:123e4567e89b12d3a456426614174000", "nas1");
	check("label:store", "nas1");
	check("file:vm1.conf", "vm1");
	check("path:/vm/a/nas.conf", "nas1");
	check("path:/vm/a", "nas1");
	check("path:/vm/", "nas1,vm1");
	check("all,!mac:02:00:00:00:00:[01-28]", "nas1,vm1");
}

static void the_order_is_that_of_the_words(void **state)
{
	struct selection selection = {0};

	(void)state;
	assert_int_equal(select_machines(model, "rack3,nas1,rack1", &selection, NULL), 0);
	assert_string_equal(selection.machines[0]->name, "rack3");
	assert_string_equal(selection.machines[1]->name, "nas1");
	assert_string_equal(selection.machines[2]->name, "rack1");
	selection_free(&selection);
}

static void what_is_unknown_is_told(void **state)
{
	(void)state;
	refuse("rakc7", "did you mean \"rack7\"?");
	refuse("frnot", "did you mean \"front\"?");
	refuse("zzzzzzzz", "there is no machine or group \"zzzzzzzz\"");
	refuse("rack[39-41]", "\"rack41\"");
	refuse("mac:00:00:00:00:00:09", "no machine has mac");
	refuse("mac:xyz", "not a MAC address");
	refuse("label:none", "no machine has label \"none\"");
	refuse("!nas1", "write all,!nas1");
	refuse("nas1,!nas1", "leaves no machine");
	refuse("", "names no machine");
	refuse("rack[3-1]", "backwards");
	refuse("!", "missing");
	refuse("mac:", "missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_ranges_and_groups, set_up, tear_down),
		cmocka_unit_test_setup_teardown(exclusion_takes_out_wherever_it_stands, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(addresses_select, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_order_is_that_of_the_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_unknown_is_told, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
