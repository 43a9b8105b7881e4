/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of base/secret. */
#include "test.h"
#include "base/secret.h"

#include <sys/prctl.h>

/* What was wiped last. In place of the C library's. */
static const void *wiped;
static size_t wiped_length;

void explicit_bzero(void *bytes, size_t length)
{
	volatile uint8_t *p = bytes;

	wiped = bytes;
	wiped_length = length;
	for (size_t i = 0; i < length; i++)
		p[i] = 0;
}

/* first of all: no other test of this program may have made a secret before */
static void first_secret_makes_the_process_undumpable(void **state)
{
	struct secret *secret;

	(void)state;
	assert_int_equal(prctl(PR_GET_DUMPABLE), 1);
	secret = secret_new("sesame", 6);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
	secret_drop(secret);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
}

static void secret_is_a_copy(void **state)
{
	char text[] = "sesame";
	struct secret *secret = secret_new(text, 6);

	(void)state;
	wipe(text, sizeof(text));
	assert_memory_equal(text, "\0\0\0\0\0\0", 6);
	assert_int_equal(secret_length(secret), 6);
	assert_memory_equal(secret_bytes(secret), "sesame", 6);
	secret_drop(secret);
}

static void last_holder_wipes(void **state)
{
	struct secret *secret = secret_new("sesame", 6);
	const void *bytes;

	(void)state;
	assert_ptr_equal(secret_keep(secret), secret);
	secret_drop(secret);
	assert_memory_equal(secret_bytes(secret), "sesame", 6);
	assert_ptr_not_equal(wiped, secret_bytes(secret));
	bytes = secret_bytes(secret);
	secret_drop(secret);
	assert_ptr_equal(wiped, bytes);
	assert_int_equal(wiped_length, 6);
}

static void nothing_and_an_empty_one_are_fine(void **state)
{
	struct secret *secret = secret_new(NULL, 0);

	(void)state;
	assert_int_equal(secret_length(secret), 0);
	secret_drop(secret);
	secret_drop(NULL);
	assert_null(secret_keep(NULL));
	wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_secret_makes_the_process_undumpable),
		cmocka_unit_test(secret_is_a_copy),
		cmocka_unit_test(last_holder_wipes),
		cmocka_unit_test(nothing_and_an_empty_one_are_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
