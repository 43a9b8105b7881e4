/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of what is shown again. */
#include "test.h"
#include "base/text.h"
#include "cli/replay.h"

#include <stdlib.h>

static void collect(void *data, const unsigned char *bytes, size_t length)
{
	buffer_add_bytes(data, bytes, length);
}

static char *shown(const struct replay *replay)
{
	struct buffer text = {0};

	replay_show(replay, collect, &text);
	buffer_add_text(&text, "");
	return buffer_take(&text);
}

static void add_numbers(struct replay *replay, int from, int to)
{
	for (int i = from; i < to; i++) {
		char line[16];
		int n = snprintf(line, sizeof(line), "%07d\r\n", i);

		replay_add(replay, (const unsigned char *)line, (size_t)n);
	}
}

static void all_is_shown_while_there_is_room(void **state)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	char *text;

	(void)state;
	text = shown(replay);
	assert_string_equal(text, "");
	free(text);
	replay_add(replay, (const unsigned char *)"torn off\nlogin: ", 16);
	text = shown(replay);
	assert_string_equal(text, "torn off\nlogin: ");
	free(text);
	free(replay);
}

static void then_the_last_lines_whole(void **state)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	char *text;

	(void)state;
	add_numbers(replay, 0, 10000);
	text = shown(replay);
	/* 3,640 lines of 9 bytes, and a torn one */
	assert_int_equal(strlen(text), REPLAY_SIZE / 9 * 9);
	assert_int_equal(strncmp(text, "0006360\r\n", 9), 0);
	assert_string_equal(text + strlen(text) - 9, "0009999\r\n");
	free(text);
	free(replay);
}

static void more_than_there_is_room_for_at_once(void **state)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	unsigned char *bytes = malloc(REPLAY_SIZE + 5);
	char *text;

	(void)state;
	memset(bytes, 'x', REPLAY_SIZE + 5);
	memcpy(bytes, "first", 5);
	replay_add(replay, (const unsigned char *)"before", 6);
	replay_add(replay, bytes, REPLAY_SIZE + 5);
	text = shown(replay);
	/* a line that is longer than what there is has no begin to look for */
	assert_int_equal(strlen(text), REPLAY_SIZE);
	assert_int_equal(strspn(text, "x"), REPLAY_SIZE);
	free(text);
	free(bytes);
	free(replay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_shown_while_there_is_room),
		cmocka_unit_test(then_the_last_lines_whole),
		cmocka_unit_test(more_than_there_is_room_for_at_once),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
