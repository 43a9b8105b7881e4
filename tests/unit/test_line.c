/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of lines as --broadcast shows them. */
#include "test.h"
#include "base/text.h"
#include "cli/line.h"

static struct buffer told;

static void tell(void *data, const unsigned char *text, size_t length)
{
	(void)data;
	buffer_add(&told, "<%.*s>", (int)length, (const char *)text);
}

static void feed(struct line *l, const char *text)
{
	line_feed(l, (const unsigned char *)text, strlen(text), tell, NULL);
}

/* However it arrives. */
static void assert_shown(const char *text, const char *wanted)
{
	struct line whole = {.length = 0}, bytewise = {.length = 0};

	buffer_free(&told);
	feed(&whole, text);
	assert_string_equal(buffer_text(&told), wanted);
	buffer_free(&told);
	for (const char *p = text; *p; p++)
		line_feed(&bytewise, (const unsigned char *)p, 1, tell, NULL);
	assert_string_equal(buffer_text(&told), wanted);
	buffer_free(&told);
}

static void lines_are_shown_when_they_are_complete(void **state)
{
	(void)state;
	assert_shown("one\r\ntwo\nthree", "<one><two>");
	assert_shown("\r\n\n", "<><>");
	assert_shown("\tgr\303\274n\r\r\n", "<\tgr\303\274n>");
}

static void what_only_a_terminal_understands_is_left_out(void **state)
{
	(void)state;
	assert_shown("\033[1;31mred\033[m\033(B\033c.\n", "<red.>");
	assert_shown("\033]0;title\007a\033Pq#0\033\\b\n", "<ab>");
	assert_shown("a\001\007\177b\302\233\302\260C\n", "<ab\302\260C>");
	/* the end of a line is one, whatever stands before it */
	assert_shown("\033]0;never ended\nx\033[1\ny\033\nz\n", "<><x><y><z>");
}

static void a_line_can_be_begun_anew_and_mended(void **state)
{
	(void)state;
	assert_shown("10 %\r50 %\r100 %\r\n", "<100 %>");
	assert_shown("rool\b \bt\n", "<root>");
	assert_shown("\303\274\b\b\bx\n", "<x>");
}

static void a_long_line_is_shown_in_pieces(void **state)
{
	char text[2 * LINE_MAX_LENGTH + 1];
	struct line l = {.length = 0};

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	feed(&l, text);
	feed(&l, "\n");
	assert_int_equal(told.length, 2 * (LINE_MAX_LENGTH + strlen("<>")));
	buffer_free(&told);
}

static void what_waits_is_shown_once_and_then_the_whole(void **state)
{
	struct line l = {.length = 0};

	(void)state;
	assert_false(line_is_waiting(&l));
	feed(&l, "login: ");
	assert_true(line_is_waiting(&l));
	line_show(&l, tell, NULL);
	feed(&l, "ro");
	assert_false(line_is_waiting(&l));
	feed(&l, "ot\r\nPass");
	assert_true(line_is_waiting(&l));
	assert_string_equal(buffer_text(&told), "<login: ><login: root>");
	buffer_free(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_shown_when_they_are_complete),
		cmocka_unit_test(what_only_a_terminal_understands_is_left_out),
		cmocka_unit_test(a_line_can_be_begun_anew_and_mended),
		cmocka_unit_test(a_long_line_is_shown_in_pieces),
		cmocka_unit_test(what_waits_is_shown_once_and_then_the_whole),
	};

	return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
