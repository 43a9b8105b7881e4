/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folding: the opposite of ranges. */
#include "test.h"
#include "model/range.h"

static void check(const char *const *names, size_t n, const char *wanted)
{
	char *folded = range_fold(names, n);

	assert_non_null(folded);
	assert_string_equal(folded, wanted);
	free(folded);
}

#define CHECK(wanted, ...) \
	check((const char *const[]){__VA_ARGS__}, \
	      sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), wanted)

static void neighbours_become_a_span(void **state)
{
	(void)state;
	CHECK("rack[001-003]", "rack003", "rack001", "rack002");
	CHECK("r[8-11]", "r8", "r9", "r10", "r11");
	CHECK("r[1,3,5-6]", "r5", "r1", "r6", "r3");
}

static void one_name_stays_as_it_is(void **state)
{
	(void)state;
	CHECK("nas1", "nas1");
	CHECK("nas1,rack[1-2]", "rack2", "nas1", "rack1");
	check(NULL, 0, "");
}

static void a_grid_becomes_one_text(void **state)
{
	(void)state;
	CHECK("a[1-2]-b[0-1]", "a1-b0", "a1-b1", "a2-b0", "a2-b1");
	CHECK("10.0.[0-1].[7-8]", "10.0.0.7", "10.0.0.8", "10.0.1.7", "10.0.1.8");
	CHECK("n[1-3]-ib0", "n1-ib0", "n2-ib0", "n3-ib0");
}

static void different_padding_is_kept_apart(void **state)
{
	struct range *range;
	char *folded = range_fold((const char *const[]){"x1", "x01", "x2", "x02", "x10"}, 5),
	     buffer[32];
	static const char *const names[] = {"x1", "x01", "x2", "x02", "x10"};
	unsigned seen = 0;

	(void)state;
	assert_int_equal(range_parse(folded, RANGE_NAMES, &range, NULL), 0);
	assert_int_equal(range_count(range), 5);
	for (size_t i = 0; i < 5; i++) {
		const char *name = range_nth(range, i, buffer, sizeof(buffer));

		for (unsigned j = 0; j < 5; j++)
			seen |= (unsigned)!strcmp(name, names[j]) << j;
	}
	assert_int_equal(seen, 31);
	range_free(range);
	free(folded);
}

static void mac_addresses_fold_in_hexadecimal(void **state)
{
	(void)state;
	CHECK("02:00:00:00:00:[09-0b]", "02:00:00:00:00:0a", "02:00:00:00:00:09",
	      "02:00:00:00:00:0b");
	CHECK("02:00:00:00:[00-01]:[fe-ff],nas1", "02:00:00:00:00:fe", "02:00:00:00:00:ff", "nas1",
	      "02:00:00:00:01:fe", "02:00:00:00:01:ff");
}

static void equal_names_count_once(void **state)
{
	(void)state;
	CHECK("a[1-2]", "a1", "a2", "a1");
	CHECK("a", "a", "a");
}

static void ten_thousand_fold_back(void **state)
{
	static char store[10000][16];
	const char *names[10000];
	char *folded;

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		/* in no order: 7919 is a prime */
		snprintf(store[i], sizeof(store[i]), "rack%05u", i * 7919u % 10000);
		names[i] = store[i];
	}
	folded = range_fold(names, 10000);
	assert_string_equal(folded, "rack[00000-09999]");
	free(folded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_become_a_span),
		cmocka_unit_test(one_name_stays_as_it_is),
		cmocka_unit_test(a_grid_becomes_one_text),
		cmocka_unit_test(different_padding_is_kept_apart),
		cmocka_unit_test(mac_addresses_fold_in_hexadecimal),
		cmocka_unit_test(equal_names_count_once),
		cmocka_unit_test(ten_thousand_fold_back),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
