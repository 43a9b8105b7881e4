/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges: what they stand for, and what is refused. */
#include "test.h"
#include "base/fault.h"
#include "model/range.h"

static char *expand(const char *text, enum range_syntax syntax)
{
	struct range *range;
	struct fault fault;
	char *all = calloc(1, 4096), buffer[256];

	if (range_parse(text, syntax, &range, &fault))
		fail_msg("%s", fault.text);
	for (size_t i = 0; i < range_count(range); i++) {
		const char *one = range_nth(range, i, buffer, sizeof(buffer));

		assert_true(strlen(one) <= range_length(range));
		if (i)
			strcat(all, " ");
		strcat(all, one);
	}
	range_free(range);
	return all;
}

static void check(const char *text, enum range_syntax syntax, const char *wanted)
{
	char *got = expand(text, syntax);

	assert_string_equal(got, wanted);
	free(got);
}

static void plain_text_is_itself(void **state)
{
	(void)state;
	check("nas1", RANGE_NAMES, "nas1");
	check("", RANGE_VALUES, "");
}

static void padding_is_kept(void **state)
{
	(void)state;
	check("rack[008-011]", RANGE_NAMES, "rack008 rack009 rack010 rack011");
	check("r[8-11]", RANGE_NAMES, "r8 r9 r10 r11");
	check("r[98-101]x", RANGE_NAMES, "r98x r99x r100x r101x");
}

static void right_most_bracket_runs_fastest(void **state)
{
	(void)state;
	check("a[01-03,7]-b[0-1]", RANGE_NAMES,
	      "a01-b0 a01-b1 a02-b0 a02-b1 a03-b0 a03-b1 a7-b0 a7-b1");
}

static void address_range_has_its_count(void **state)
{
	struct range *range;
	char buffer[64];

	(void)state;
	assert_int_equal(range_parse("127.0.[0-39].[1-250]:9623", RANGE_VALUES, &range, NULL), 0);
	assert_int_equal(range_count(range), 10000);
	assert_string_equal(range_nth(range, 0, buffer, sizeof(buffer)), "127.0.0.1:9623");
	assert_string_equal(range_nth(range, 250, buffer, sizeof(buffer)), "127.0.1.1:9623");
	assert_string_equal(range_nth(range, 9999, buffer, sizeof(buffer)), "127.0.39.250:9623");
	range_free(range);
}

static void mac_ranges_count_in_hexadecimal(void **state)
{
	(void)state;
	check("02:00:00:00:00:[09-0b]", RANGE_HEX,
	      "02:00:00:00:00:09 02:00:00:00:00:0a 02:00:00:00:00:0b");
	check("x[FE-101]", RANGE_HEX, "xfe xff x100 x101");
}

static void other_brackets_in_values_are_plain(void **state)
{
	(void)state;
	check("[fe80::1]:623", RANGE_VALUES, "[fe80::1]:623");
	check("[fe80::1]:623", RANGE_NAMES, "[fe80::1]:623");
	check("sed s/[a-z]/x/", RANGE_VALUES, "sed s/[a-z]/x/");
	check("x\\[1-2\\]y[1-2]", RANGE_VALUES, "x[1-2]y1 x[1-2]y2");
	check("a[", RANGE_VALUES, "a[");
}

static void what_is_quoted_is_read_as_it_was(void **state)
{
	static const char *const texts[] = {"", "plain", "a[1-3]", "[", "]", "a\\[b", "a\\]", "\\", "[::1]"};
	char quoted[32];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check(range_quote(texts[i], quoted), RANGE_VALUES, texts[i]);
}

static void broken_ranges_are_told(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{"a[3-1]", "backwards"}, {"a[1-]", "missing"}, {"a[-1]", "missing"},
		{"a[1,,2]", "missing"}, {"a[]", "hold numbers"}, {"a[x]", "hold numbers"},
		{"a[1-2", "not closed"}, {"a[1-2-3]", "comma"}, {"a[0-99999999]", "more than"},
		{"a[0-9999]b[0-9999]", "more than"}, {"a[1234567890123456]", "digits"},
		{"[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]", "brackets"},
	};
	struct range *range;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(range_parse(cases[i].text, RANGE_NAMES, &range, &fault), -22);
		assert_contains(fault.text, cases[i].part);
		assert_contains(fault.text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_is_itself),
		cmocka_unit_test(padding_is_kept),
		cmocka_unit_test(right_most_bracket_runs_fastest),
		cmocka_unit_test(address_range_has_its_count),
		cmocka_unit_test(mac_ranges_count_in_hexadecimal),
		cmocka_unit_test(other_brackets_in_values_are_plain),
		cmocka_unit_test(what_is_quoted_is_read_as_it_was),
		cmocka_unit_test(broken_ranges_are_told),
	};

	return cmocka_run_group_tests_name("range", tests, NULL, NULL);
}
