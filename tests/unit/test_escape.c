/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the escape character. */
#include "test.h"
#include "base/fault.h"
#include "cli/escape.h"

#include <errno.h>

/* Feeds a text in pieces of so many bytes: what is the machine's, with <LETTER> for requests. */
static const char *feed(struct escape *e, const char *text, size_t piece)
{
	static char told[256];
	unsigned char out[64];
	size_t used = 0;

	for (const char *p = text, *end = text + strlen(text); p < end;) {
		size_t length = (size_t)(end - p) < piece ? (size_t)(end - p) : piece, n;
		enum escape_request request;

		p += escape_feed(e, (const unsigned char *)p, length, out, &n, &request);
		memcpy(told + used, out, n);
		used += n;
		if (request == ESCAPE_YES || request == ESCAPE_NO)
			used += (size_t)sprintf(told + used, "<%s>",
						request == ESCAPE_YES ? "yes" : "no");
		else if (request)
			used += (size_t)sprintf(told + used, "<%c>", escape_letter(request));
	}
	told[used] = '\0';
	return told;
}

/* However it arrives. */
static void assert_typed(int character, const char *text, const char *wanted)
{
	for (size_t piece = 1; piece <= strlen(text); piece++) {
		struct escape e = {.character = character};

		assert_string_equal(feed(&e, text, piece), wanted);
	}
}

static void every_request_has_its_letter(void **state)
{
	(void)state;
	assert_typed('&', "&.&?&B&C&I&L&M&R&W&Z", "<.><?><B><C><I><L><M><R><W><Z>");
	assert_typed('&', "ls&Bps\r&.", "ls<B>ps\r<.>");
	assert_typed(0x1d, "a&.b\x1d.", "a&.b<.>");
}

static void doubled_sends_it(void **state)
{
	(void)state;
	assert_typed('&', "a && b &&&& c", "a & b && c");
	assert_typed('&', "&&.", "&.");
	assert_typed('&', "&&&.", "&<.>");
}

static void before_a_character_that_asks_for_nothing_both_are_sent(void **state)
{
	(void)state;
	assert_typed('&', "make 2>&1 &\r&b&x", "make 2>&1 &\r&b&x");
}

static void without_one_everything_is_sent(void **state)
{
	(void)state;
	assert_typed(ESCAPE_NONE, "&.&&\377", "&.&&\377");
}

static void an_answer_is_one_byte(void **state)
{
	struct escape e = {.character = '&'};

	(void)state;
	escape_ask(&e);
	assert_string_equal(feed(&e, "yes", 3), "<yes>es");
	escape_ask(&e);
	assert_string_equal(feed(&e, "Y", 1), "<yes>");
	escape_ask(&e);
	assert_string_equal(feed(&e, "\r", 1), "<no>");
	escape_ask(&e);
	/* nor does it leave by accident */
	assert_string_equal(feed(&e, "&.", 1), "<no>.");
}

static int parse(const char *text)
{
	struct fault f;
	int character = 4711, err = escape_parse(text, &character, &f);

	assert_true(!err || (err == -EINVAL && strstr(f.text, text)));
	return err ? err : character;
}

static void characters_are_read_and_shown(void **state)
{
	char text[3];

	(void)state;
	assert_int_equal(parse("&"), '&');
	assert_int_equal(parse("^"), '^');
	assert_int_equal(parse("^]"), 0x1d);
	assert_int_equal(parse("^a"), 1);
	assert_int_equal(parse("^?"), 0x7f);
	assert_int_equal(parse("none"), ESCAPE_NONE);
	assert_string_equal(escape_name('&', text), "&");
	assert_string_equal(escape_name(0x1d, text), "^]");
	assert_string_equal(escape_name(0x7f, text), "^?");
}

static void what_could_not_be_typed_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "ab", "^]]", "^&", "^@", "^M", "^J", "ä", ".", "B", "R", "\r",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse(wrong[i]), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_has_its_letter),
		cmocka_unit_test(doubled_sends_it),
		cmocka_unit_test(before_a_character_that_asks_for_nothing_both_are_sent),
		cmocka_unit_test(without_one_everything_is_sent),
		cmocka_unit_test(an_answer_is_one_byte),
		cmocka_unit_test(characters_are_read_and_shown),
		cmocka_unit_test(what_could_not_be_typed_is_refused),
	};

	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
