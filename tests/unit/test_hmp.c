/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the question to QEMU's monitor for people, with a monitor of the test's own. */
#include "test.h"
#include "attempts.h"
#include "listener.h"
#include "drivers/guest/hmp.h"

#include <errno.h>
#include <ev.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING "QEMU 7.2.22 monitor - type 'help' for more information\r\n(qemu) "
#define ECHO "i\033[K\033[Din\033[K\033[D\033[Dinfo status\033[K\r\n"

/* --- what it says ---------------------------------------------------------------------------- */

static void states_are_read(void **state)
{
	static const struct {
		const char *line, *name;
	} table[] = {
		{"running\r\n", "running"},
		{"paused\r\n", "paused"},
		{"paused (suspended)\r\n(qemu) ", "suspended"},
		{"paused (io-error)\n", "io-error"},
		{"running (single step mode)\r\n", "running"},
		{"paused (single step mode) (debug)\r\n", "debug"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char text[512], name[HMP_STATE_MAX];

		snprintf(text, sizeof(text), GREETING ECHO "VM status: %s", table[i].line);
		assert_int_equal(hmp_read_state(text, name), 0);
		assert_string_equal(name, table[i].name);
	}
}

static void what_has_not_come_whole_is_waited_for(void **state)
{
	static const char text[] = GREETING ECHO "VM status: paused (suspended)\r\n(qemu) ";
	size_t whole = (size_t)(strstr(text, ")\r\n(") + 3 - text);
	char part[sizeof(text)], name[HMP_STATE_MAX];

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		snprintf(part, sizeof(part), "%.*s", (int)n, text);
		assert_int_equal(hmp_read_state(part, name), n < whole ? -EAGAIN : 0);
	}
}

static void what_is_no_state_is_not_guessed(void **state)
{
	static const char *const answers[] = {
		"unknown command: 'info status'\r\n(qemu) ",
		"VM status: \r\n",
		"VM status: asleep\r\n",
		"VM status: running away\r\n",
		"VM status: paused ()\r\n",
		"VM status: paused (Suspended)\r\n",
		"VM status: paused (suspended\r\n",
		"VM status: paused (suspended) now\r\n",
		"VM status: paused (a-name-that-is-longer-than-any-of-its-kind)\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		char text[512], name[HMP_STATE_MAX];

		snprintf(text, sizeof(text), GREETING ECHO "%s", answers[i]);
		assert_int_equal(hmp_read_state(text, name), -EPROTO);
	}
}

/* --- a conversation -------------------------------------------------------------------------- */

static struct hmp *hmp;
static bool told;
static char name[HMP_STATE_MAX];

static void on_state(void *data, const char *what)
{
	assert_ptr_equal(data, &told);
	hmp = NULL;
	told = true;
	snprintf(name, sizeof(name), "%s", what ? what : "none");
}

static void say(const char *text, size_t length)
{
	assert_int_equal(write(peer, text, length), (ssize_t)length);
}

static int setup(void **state)
{
	(void)state;
	told = false;
	if (!listener_start() ||
	    hmp_ask_state(ev_default_loop(0), listener_path, on_state, &told, &hmp))
		return -1;
	return !listener_accept();
}

static int teardown(void **state)
{
	(void)state;
	hmp_close(hmp);
	hmp = NULL;
	return listener_stop();
}

static void the_question_goes_before_the_greeting_and_is_answered_once(void **state)
{
	static const char answer[] = GREETING ECHO "VM status: paused (inmigrate)\r\n(qemu) ";
	char heard[32] = "";

	(void)state;
	assert_int_equal(read(peer, heard, sizeof(heard) - 1), 12);
	assert_string_equal(heard, "info status\n");
	for (size_t i = 0; i < sizeof(answer) - 1; i += 20) {
		say(answer + i, sizeof(answer) - 1 - i < 20 ? sizeof(answer) - 1 - i : 20);
		loop_for(0.001);
		if (told)
			break;
	}
	assert_true(told);
	assert_string_equal(name, "inmigrate");
	/* and leaves */
	assert_int_equal(read(peer, heard, sizeof(heard)), 0);
}

static void what_says_too_much_has_no_state(void **state)
{
	char much[4096];

	(void)state;
	memset(much, 'x', sizeof(much));
	say(much, sizeof(much));
	assert_true(loop_until(&told, 5));
	assert_string_equal(name, "none");
}

static void bytes_that_are_no_text_have_no_state(void **state)
{
	(void)state;
	say(GREETING "\0" ECHO "VM status: running\r\n", sizeof(GREETING ECHO) + 20);
	assert_true(loop_until(&told, 5));
	assert_string_equal(name, "none");
}

static void one_that_goes_without_an_answer_is_told(void **state)
{
	(void)state;
	say(GREETING, strlen(GREETING));
	shutdown(peer, SHUT_RDWR);
	assert_true(loop_until(&told, 5));
	assert_string_equal(name, "none");
}

static void where_nobody_listens_is_told_at_once(void **state)
{
	struct hmp *none = NULL;
	char far[256];

	(void)state;
	assert_int_equal(hmp_ask_state(ev_default_loop(0), "/nonexistent/status", on_state, NULL,
				       &none), -ENOENT);
	memset(far, 'x', sizeof(far) - 1);
	far[0] = '/';
	far[sizeof(far) - 1] = '\0';
	assert_int_equal(hmp_ask_state(ev_default_loop(0), far, on_state, NULL, &none),
			 -ENAMETOOLONG);
	assert_null(none);
	hmp_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_read),
		cmocka_unit_test(what_has_not_come_whole_is_waited_for),
		cmocka_unit_test(what_is_no_state_is_not_guessed),
		cmocka_unit_test_setup_teardown(
			the_question_goes_before_the_greeting_and_is_answered_once, setup,
			teardown),
		cmocka_unit_test_setup_teardown(what_says_too_much_has_no_state,
						setup, teardown),
		cmocka_unit_test_setup_teardown(bytes_that_are_no_text_have_no_state, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_that_goes_without_an_answer_is_told, setup,
						teardown),
		cmocka_unit_test(where_nobody_listens_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, listener_group_setup, listener_group_teardown);
}
