/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of a configuration's text leave everything else as it is. */
#include "test.h"
#include "base/fault.h"
#include "model/config_edit.h"

#include <errno.h>

static struct fault f;

static void sets(const char *text, const char *title, const char *key, const char *value,
		 const char *expected)
{
	char *changed;

	if (config_edit_set(text, title, key, value, &changed, &f))
		fail_msg("%s", f.text);
	assert_string_equal(changed, expected);
	free(changed);
}

static void removes(const char *text, const char *title, const char *expected)
{
	char *changed;

	if (config_edit_remove(text, title, &changed, &f))
		fail_msg("%s", f.text);
	assert_string_equal(changed, expected);
	free(changed);
}

static void refuses(const char *text, const char *sentence)
{
	char *changed;

	assert_int_not_equal(config_edit_set(text, "a", "order", "1", &changed, &f), 0);
	assert_string_equal(f.text, sentence);
}

static void a_value_is_replaced_where_it_stands(void **state)
{
	(void)state;
	sets("machine \"a\" {\n\torder=3   # third\n}\n", "a", "order", "1",
	     "machine \"a\" {\n\torder=1   # third\n}\n");
	sets("machine a { order = {\"3\", 4} mac = x }", "a", "order", "1",
	     "machine a { order = 1 mac = x }");
	sets("machine 'a'{order\n=\n'3'}", "a", "order", "\"x y\"",
	     "machine 'a'{order\n=\n\"x y\"}");
}

static void a_key_that_is_new_gets_a_line_like_the_others(void **state)
{
	(void)state;
	sets("machine \"a\" {\n    mac = x  # card\n    # the end\n}\n", "a", "order", "1",
	     "machine \"a\" {\n    mac = x  # card\n    # the end\n    order = 1\n}\n");
	sets("machine \"a\" {\n}\n", "a", "order", "1", "machine \"a\" {\n\torder = 1\n}\n");
	sets("  machine \"a\" {\n\t}\n", "a", "order", "1",
	     "  machine \"a\" {\n\torder = 1\n\t}\n");
}

static void a_section_on_one_line_stays_on_it(void **state)
{
	(void)state;
	sets("machine \"a\" { mac = x }\n", "a", "order", "1",
	     "machine \"a\" { mac = x  order = 1 }\n");
	sets("machine \"a\" {}\n", "a", "order", "1", "machine \"a\" {  order = 1 }\n");
	sets("machine \"a\" { mac = x\n\tb = y }\n", "a", "order", "1",
	     "machine \"a\" { mac = x\n\tb = y  order = 1 }\n");
}

static void comments_and_strings_are_not_taken_for_anything_else(void **state)
{
	static const char text[] =
		"# machine \"a\" { order = 9 }\n"
		"/* machine \"a\" { order = 9 */\n"
		"profile \"a\" { order = 9 }\n"
		"machine \"b\" { order = 9 append = \"machine \\\"a\\\" { order = 9 }\" }\n"
		"machine \"a\" { // order = 9 }\n"
		"\tappend = 'it is {\"order = 9\"} # not'\n"
		"\tpath = /a//b/\n"
		"\t# } order = 9\n"
		"%s}\n"
		"machine \"a2\" { order = 9 }\n";
	char before[1024], after[1024];

	(void)state;
	snprintf(before, sizeof(before), text, "");
	snprintf(after, sizeof(after), text, "\torder = 1\n");
	sets(before, "a", "order", "1", after);
}

static void a_removed_section_takes_only_itself_away(void **state)
{
	(void)state;
	removes("# about all\nx = 1\n\n# about a\nmachine \"a\" {\n\t# in it\n}\n\n# about "
		"b\nmachine \"b\" {}\n",
		"a", "# about all\nx = 1\n\n# about a\n\n# about b\nmachine \"b\" {}\n");
	removes("machine \"a\" {\n}\n\nmachine \"b\" {}\n", "a", "machine \"b\" {}\n");
	removes("x = 1\n\nmachine \"a\" {\n}\n\nmachine \"b\" {}\n", "a",
		"x = 1\n\nmachine \"b\" {}\n");
	removes("machine \"a\" {} machine \"b\" {} # both\n", "a", " machine \"b\" {} # both\n");
	removes("machine \"a\" {}", "a", "");
}

static void sections_are_put_behind_all_others(void **state)
{
	char *changed;

	(void)state;
	assert_int_equal(config_edit_append("x = 1 # no end", "machine \"a\" {}\n", &changed, &f),
			 0);
	assert_string_equal(changed, "x = 1 # no end\n\nmachine \"a\" {}\n");
	free(changed);
	assert_int_equal(config_edit_append("", "machine \"a\" {}\n", &changed, &f), 0);
	assert_string_equal(changed, "machine \"a\" {}\n");
	free(changed);
}

static void what_cannot_be_done_safely_is_refused(void **state)
{
	(void)state;
	refuses("machine \"b\" {}\n", "there is no section machine \"a\"");
	refuses("machine \"a\" {\n\torder = {1, # one\n\t2}\n}\n",
		"line 2: there is a comment in the value of order: change it by hand");
	refuses("machine \"a\" {\n\torder = 1\n\torder += 2\n}\n",
		"line 3: the key is set in several places: change it by hand");
	refuses("machine \"a\" {}\nmachine \"a\" {}\n",
		"line 2: there are two sections of that title: change it by hand");
	refuses("machine \"a\" {\n", "line 2: the name of a key is missing: change it by hand");
	refuses("machine \"a {}\n", "line 1: a text in quotes has no end: change it by hand");
	refuses("machine \"a\" { mac = ${M} }\n",
		"line 1: a variable stands outside of quotes: change it by hand");
	refuses("machine \"a\" { mac = \"${M:-\"x\"}\" }\n",
		"line 1: there are quotes inside of ${…}: change it by hand");
	refuses("machine \"a\" { mac }\n", "line 1: an = is missing: change it by hand");
	refuses("machine \"a\" { mac = {x (}\n", "line 1: a list has no end: change it by hand");
	refuses("machine \"a\" { mac = * }\n",
		"line 1: a character that says nothing here: change it by hand");
}

static void includes_and_settings_at_the_top_are_passed_over(void **state)
{
	(void)state;
	sets("include(\"a.conf\")\nx = {1, 2}\ny += 3\nmachine a {\n}\n", "a", "order", "1",
	     "include(\"a.conf\")\nx = {1, 2}\ny += 3\nmachine a {\n\torder = 1\n}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_replaced_where_it_stands),
		cmocka_unit_test(a_key_that_is_new_gets_a_line_like_the_others),
		cmocka_unit_test(a_section_on_one_line_stays_on_it),
		cmocka_unit_test(comments_and_strings_are_not_taken_for_anything_else),
		cmocka_unit_test(a_removed_section_takes_only_itself_away),
		cmocka_unit_test(sections_are_put_behind_all_others),
		cmocka_unit_test(what_cannot_be_done_safely_is_refused),
		cmocka_unit_test(includes_and_settings_at_the_top_are_passed_over),
	};

	return cmocka_run_group_tests_name("config_edit", tests, NULL, NULL);
}
