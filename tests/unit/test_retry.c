/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When lost consoles are tried again. */
#include "test.h"
#include "daemon/retry.h"

#include <errno.h>

static void waits_grow_to_a_minute(void **state)
{
	static const int waits[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	struct retry retry = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		assert_int_equal((int)retry_after(&retry, -ETIMEDOUT, 0), waits[i]);
	/* thousands of failures are no shift out of range */
	retry.failures = 100000;
	assert_int_equal((int)retry_after(&retry, -ETIMEDOUT, 0), 60);
}

static void one_that_was_steady_begins_anew(void **state)
{
	struct retry retry = {.failures = 5};

	(void)state;
	assert_int_equal((int)retry_after(&retry, -ECONNRESET, 3600), 1);
	/* one that falls over again and again does not */
	assert_int_equal((int)retry_after(&retry, -EPIPE, 0.5), 2);
	assert_int_equal((int)retry_after(&retry, -EPIPE, 9), 4);
	assert_int_equal((int)retry_after(&retry, -EPIPE, 10), 1);
	retry.failures = 5;
	retry_hope(&retry);
	assert_int_equal((int)retry_after(&retry, -ETIMEDOUT, 0), 1);
}

static void what_somebody_else_has_is_left_to_him_for_a_minute(void **state)
{
	struct retry retry = {0};

	(void)state;
	assert_int_equal((int)retry_after(&retry, -ESTALE, 3600), 60);
	assert_int_equal((int)retry_after(&retry, -EBUSY, 0), 60);
	assert_true(retry_is_taken(-EBUSY) && retry_is_taken(-ESTALE));
	assert_false(retry_is_taken(-EPIPE));
}

static void a_wrong_password_is_not_tried_again(void **state)
{
	(void)state;
	assert_true(retry_is_refused(-EACCES) && retry_is_refused(-EPERM));
	assert_true(retry_is_refused(-EINVAL) && retry_is_refused(-ENOSYS));
	/* a guest's socket comes with the guest */
	assert_false(retry_is_refused(-ENOENT) || retry_is_refused(-ECONNREFUSED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_grow_to_a_minute),
		cmocka_unit_test(one_that_was_steady_begins_anew),
		cmocka_unit_test(what_somebody_else_has_is_left_to_him_for_a_minute),
		cmocka_unit_test(a_wrong_password_is_not_tried_again),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
