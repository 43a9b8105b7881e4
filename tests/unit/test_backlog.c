/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a console said last, for readers of any speed. */
#include "test.h"
#include "consoles.h"
#include "daemon/backlog.h"

/* Reads from a position on into a buffer, at most size bytes. */
static size_t drain(const struct backlog *backlog, uint64_t *position, unsigned char *to,
		    size_t size)
{
	const unsigned char *bytes;
	size_t done = 0, n;

	while (done < size && (n = backlog_read(backlog, position, &bytes, NULL))) {
		n = n < size - done ? n : size - done;
		memcpy(to + done, bytes, n);
		done += n;
		*position += n;
	}
	return done;
}

static void readers_of_any_speed_get_the_same(void **state)
{
	enum { LENGTH = 3000000, STEP = 777 };
	struct backlog backlog = {.keep = 32768};
	unsigned char *said = noise(LENGTH, 1), *fast = malloc(LENGTH), *slow = malloc(LENGTH);
	uint64_t at_fast = 0, at_slow = 0;
	size_t nfast = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH; i += STEP) {
		size_t n = LENGTH - i < STEP ? LENGTH - i : STEP;

		assert_int_equal(backlog_add(&backlog, said + i, n), 0);
		nfast += drain(&backlog, &at_fast, fast + nfast, LENGTH);
		backlog_trim(&backlog, at_slow);
	}
	assert_int_equal(nfast, LENGTH);
	assert_memory_equal(fast, said, LENGTH);
	assert_int_equal(drain(&backlog, &at_slow, slow, LENGTH), LENGTH);
	assert_memory_equal(slow, said, LENGTH);
	/* nobody needs it any more */
	backlog_trim(&backlog, at_slow);
	assert_true(backlog.end - backlog.start >= 32768);
	assert_true(backlog.end - backlog.start < 32768 + 2 * 16384);
	backlog_free(&backlog);
	free(said);
	free(fast);
	free(slow);
}

static void who_stands_still_misses_a_part_and_hears_how_much(void **state)
{
	enum { STEP = 10000, STEPS = 2000 };
	struct backlog backlog = {.keep = 1024};
	unsigned char *said = noise(STEP, 2);
	const unsigned char *bytes;
	uint64_t position = 0, skipped;
	size_t n;

	(void)state;
	for (unsigned i = 0; i < STEPS; i++) {
		assert_int_equal(backlog_add(&backlog, said, STEP), 0);
		backlog_trim(&backlog, position);
		assert_true(backlog.end - backlog.start <= BACKLOG_MOST + 2 * 16384);
	}
	n = backlog_read(&backlog, &position, &bytes, &skipped);
	assert_true(n > 0 && skipped > 0);
	assert_int_equal(skipped, (uint64_t)STEP * STEPS - (backlog.end - backlog.start));
	assert_int_equal(position, skipped);
	assert_int_equal(bytes[0], said[position % STEP]);
	/* told once */
	backlog_read(&backlog, &position, &bytes, &skipped);
	assert_int_equal(skipped, 0);
	backlog_free(&backlog);
	free(said);
}

static void all_together_hold_no_more_than_a_machine_has(void **state)
{
	enum { CONSOLES = 24, STEP = 65536, STEPS = (20 << 20) / STEP };
	static struct backlog backlogs[CONSOLES];
	unsigned char *said = noise(STEP, 6);
	uint64_t held = 0;

	(void)state;
	for (unsigned step = 0; step < STEPS; step++) {
		for (unsigned i = 0; i < CONSOLES; i++) {
			assert_int_equal(backlog_add(&backlogs[i], said, STEP), 0);
			backlog_trim(&backlogs[i], 0);
		}
	}
	for (unsigned i = 0; i < CONSOLES; i++)
		held += backlogs[i].end - backlogs[i].start;
	assert_true(held <= BACKLOG_ALL + CONSOLES * (STEP + 16384));
	for (unsigned i = 0; i < CONSOLES; i++)
		backlog_free(&backlogs[i]);
	free(said);
}

static void the_last_bytes_are_kept_without_readers(void **state)
{
	struct backlog backlog = {.keep = 4096};
	unsigned char *said = noise(50000, 3), tail[4096];
	uint64_t position;

	(void)state;
	for (size_t i = 0; i < 50000; i += 100) {
		assert_int_equal(backlog_add(&backlog, said + i, 100), 0);
		backlog_trim(&backlog, backlog.end);
	}
	position = backlog_replay(&backlog);
	assert_int_equal(position, 50000 - 4096);
	assert_int_equal(drain(&backlog, &position, tail, sizeof(tail)), 4096);
	assert_memory_equal(tail, said + 50000 - 4096, 4096);
	assert_int_equal(backlog_tail(&backlog, tail, 10), 10);
	assert_memory_equal(tail, said + 49990, 10);
	backlog_free(&backlog);
	free(said);
}

static void a_console_that_says_little_costs_little(void **state)
{
	struct backlog backlog = {.keep = 32768};
	unsigned char tail[16];
	uint64_t position = 0;

	(void)state;
	assert_int_equal(backlog_tail(&backlog, tail, sizeof(tail)), 0);
	assert_int_equal(drain(&backlog, &position, tail, sizeof(tail)), 0);
	assert_int_equal(backlog_add(&backlog, "login: ", 7), 0);
	assert_int_equal(backlog_replay(&backlog), 0);
	assert_int_equal(backlog_tail(&backlog, tail, sizeof(tail)), 7);
	assert_memory_equal(tail, "login: ", 7);
	backlog_free(&backlog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_of_any_speed_get_the_same),
		cmocka_unit_test(who_stands_still_misses_a_part_and_hears_how_much),
		cmocka_unit_test(all_together_hold_no_more_than_a_machine_has),
		cmocka_unit_test(the_last_bytes_are_kept_without_readers),
		cmocka_unit_test(a_console_that_says_little_costs_little),
	};

	return cmocka_run_group_tests_name("backlog", tests, NULL, NULL);
}
