/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text: durations, words, the nearest name, tables. */
#include "test.h"
#include "base/fault.h"
#include "base/table.h"
#include "base/text.h"

static void durations_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} cases[] = {
		{"90s", 90000}, {"500ms", 500}, {"1m30s", 90000}, {"2h", 7200000}, {"1.5s", 1500},
		{"0.001s", 1}, {"3", 3000}, {"0s", 0}, {"1d", 86400000}, {"365d", 31536000000},
	};
	struct fault fault;
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(duration_parse(cases[i].text, &ms, &fault), 0);
		assert_int_equal(ms, cases[i].ms);
	}
}

static void bad_durations_are_quoted(void **state)
{
	static const char *const cases[] = {"", "s", "5x", "-1s", "1 s", "1s ", "5mss", "1.s",
					    "999999999d", "99999999999999999999s", "366d", "1,5s"};
	struct fault fault;
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(duration_parse(cases[i], &ms, &fault), -22);
		assert_contains(fault.text, cases[i]);
	}
}

static void durations_print_short(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {{500, "500ms"}, {60000, "60s"}, {90000, "90s"}, {120000, "2m"},
		     {7200000, "2h"},
		     {0, "0s"}, {86400000, "24h"}, {172800000, "2d"}};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		duration_print(cases[i].ms, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void words_are_split_as_a_shell_does(void **state)
{
	char **words;
	size_t n;

	(void)state;
	assert_int_equal(words_split(" exec  /bin/x 'a b' \"c'd\" e\\ f '' ", &words, &n, NULL), 0);
	assert_int_equal(n, 6);
	assert_string_equal(words[2], "a b");
	assert_string_equal(words[3], "c'd");
	assert_string_equal(words[4], "e f");
	assert_string_equal(words[5], "");
	assert_null(words[6]);
	free(words);
	assert_int_equal(words_split("", &words, &n, NULL), 0);
	assert_int_equal(n, 0);
	free(words);
}

static void an_open_quote_is_told(void **state)
{
	struct fault fault;
	char **words;
	size_t n;

	(void)state;
	assert_int_equal(words_split("a 'b", &words, &n, &fault), -22);
	assert_contains(fault.text, "quote");
}

static const char *nearest(const char *wanted)
{
	struct nearest n = {.wanted = wanted};

	nearest_offer(&n, "machine");
	nearest_offer(&n, "mac");
	nearest_offer(&n, "address");
	nearest_offer(&n, "profile");
	return n.name;
}

static void the_nearest_name_is_offered(void **state)
{
	(void)state;
	assert_string_equal(nearest("machin"), "machine");
	assert_string_equal(nearest("mca"), "mac");
	assert_string_equal(nearest("adress"), "address");
	assert_null(nearest("voltage"));
}

static void tables_find_what_was_added(void **state)
{
	static char keys[3000][16];
	struct table table = {0};
	void *old;

	(void)state;
	assert_null(table_find(&table, "x"));
	for (int i = 0; i < 3000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		assert_int_equal(table_add(&table, keys[i], keys[i], NULL), 0);
	}
	for (int i = 0; i < 3000; i++)
		assert_ptr_equal(table_find(&table, keys[i]), keys[i]);
	assert_int_equal(table_add(&table, "k7", NULL, &old), -17);
	assert_ptr_equal(old, keys[7]);
	assert_null(table_find(&table, "k3000"));
	table_free(&table);
}

static void a_long_sentence_is_cut_with_a_mark(void **state)
{
	struct fault fault;
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(fault_set(&fault, 5, "%s", text), -5);
	assert_int_equal(strlen(fault.text), FAULT_TEXT_MAX - 1);
	assert_contains(fault.text, "…");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_read),
		cmocka_unit_test(bad_durations_are_quoted),
		cmocka_unit_test(durations_print_short),
		cmocka_unit_test(words_are_split_as_a_shell_does),
		cmocka_unit_test(an_open_quote_is_told),
		cmocka_unit_test(the_nearest_name_is_offered),
		cmocka_unit_test(tables_find_what_was_added),
		cmocka_unit_test(a_long_sentence_is_cut_with_a_mark),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
