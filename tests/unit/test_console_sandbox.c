/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the consoles of simulated machines. */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/file.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <sys/wait.h>
#include <unistd.h>

static struct model *model;
static struct watched w;

static int teardown(void **state)
{
	(void)state;
	watched_close(&w);
	drivers_quit();
	model_free(model);
	model = NULL;
	return 0;
}

/* A machine "m" that is on or off, with this console. */
static void machine(const char *power, const char *console)
{
	char text[1024];

	snprintf(text, sizeof(text), "machine \"m\" {\n sandbox = \"%s\"\n%s%s%s}\n", power,
		 *console ? " sandbox-console = " : "", console, *console ? "\n" : "");
	model = model_of(text);
}

static void switch_it(enum verb verb)
{
	assert_int_equal(trial_run(model, "m", verb, "sandbox").err, 0);
}

static void heard(const char *text)
{
	assert_string_equal(buffer_text(&w.heard), text);
}

static void lines_come_back(void **state)
{
	(void)state;
	machine("on", "");
	watched_open(&w, model, "m");
	assert_string_equal(console_way(w.console), "sandbox");
	assert_string_equal(w.text, "");
	watched_type(&w, "helxx\x7f\blo\r");
	watched_hears(&w, "\nhello\r\nm> ");
	heard("m> helxx\b \b\b \blo\r\nhello\r\nm> ");
}

static void raw_bytes_come_back_as_they_are(void **state)
{
	enum { MEGABYTE = 1 << 20 };
	unsigned char *bytes = noise(MEGABYTE, 1);

	(void)state;
	machine("on", "\"raw-echo\"");
	watched_open(&w, model, "m");
	console_pause(w.console, true);
	watched_say(&w, bytes, MEGABYTE);
	loop_for(0.2);
	/* who does not read makes the machine wait, and so those who write */
	assert_true(w.said < 100000);
	assert_int_equal(w.heard.length, 0);
	console_pause(w.console, false);
	for (int i = 0; i < 10; i++) {
		console_pause(w.console, true);
		loop_for(0.002);
		console_pause(w.console, false);
		loop_for(0.001);
	}
	watched_hears_bytes(&w, MEGABYTE);
	assert_memory_equal(w.heard.text, bytes, MEGABYTE);
	free(bytes);
}

static void what_is_off_says_nothing(void **state)
{
	(void)state;
	machine("off", "\"log\"");
	watched_open(&w, model, "m");
	watched_type(&w, "hello\r");
	assert_int_equal(console_break(w.console, NULL), 0);
	loop_for(0.3);
	heard("");
}

static void the_boot_log_is_heard_from_its_first_byte(void **state)
{
	(void)state;
	machine("off", "\"log\"");
	watched_open(&w, model, "m");
	switch_it(VERB_ON);
	watched_hears(&w, "\r\nm login: ");
	assert_memory_equal(w.heard.text, "Sandbox firmware 1.0, ", 22);
	assert_contains(w.heard.text, "\r\nSandbox 1.0 m ttyS0\r\n\r\nm login: ");
	watched_type(&w, "root\r");
	watched_hears(&w, "root\r\nm> ");
	/* it is off in the midst of a line, and starts anew */
	watched_forget(&w);
	switch_it(VERB_CYCLE);
	watched_hears(&w, "m login: ");
	assert_memory_equal(w.heard.text, "Sandbox firmware 1.0, ", 22);
	watched_forget(&w);
	switch_it(VERB_RESET);
	watched_hears(&w, "m login: ");
	assert_memory_equal(w.heard.text, "Sandbox firmware 1.0, ", 22);
	/* `on` where it is on starts nothing */
	watched_forget(&w);
	switch_it(VERB_ON);
	loop_for(0.3);
	heard("");
}

static void one_that_runs_has_told_its_log(void **state)
{
	(void)state;
	machine("on", "\"log\"");
	watched_open(&w, model, "m");
	watched_hears(&w, "m login: ");
	heard("m login: ");
}

static void a_speed_is_kept(void **state)
{
	double begun;

	(void)state;
	machine("on", "{\"raw-echo\", \"pour 2000\", \"speed 38400\"}");
	watched_open(&w, model, "m");
	begun = ev_now(ev_default_loop(0));
	watched_hears_bytes(&w, 2000);
	/* 3,840 bytes a second: 0.52 s */
	begun = ev_now(ev_default_loop(0)) - begun;
	assert_true(begun > 0.45 && begun < 3);
	loop_for(0.05);
	assert_int_equal(w.heard.length, 2000);
}

/* Who types fast does not keep a slow line from talking. */
static void typing_does_not_hold_a_slow_line_up(void **state)
{
	(void)state;
	machine("on", "{\"raw-echo\", \"speed 9600\"}");
	watched_open(&w, model, "m");
	for (int i = 0; i < 100; i++) {
		watched_type(&w, "x");
		loop_for(0.003);
	}
	assert_true(w.heard.length > 50);
	watched_hears_bytes(&w, 100);
}

static void numbered_bytes_are_poured(void **state)
{
	enum { BYTES = 1000003 };
	char number[16];

	(void)state;
	machine("on", "{\"raw-echo\", \"pour 1000003\"}");
	watched_open(&w, model, "m");
	watched_hears_bytes(&w, BYTES);
	loop_for(0.15);
	assert_int_equal(w.heard.length, BYTES);
	for (size_t at = 0; at + 64 < BYTES; at += 64) {
		snprintf(number, sizeof(number), "%015zu", at);
		assert_memory_equal(w.heard.text + at, number, 15);
		assert_int_equal(w.heard.text[at + 63], '\n');
	}
}

static void pour_can_be_typed(void **state)
{
	(void)state;
	machine("on", "");
	watched_open(&w, model, "m");
	watched_type(&w, "pour 100\r");
	watched_hears(&w, "HIJ\r\n000000000000064 abcdefghijklmnopqrstm> ");
}

static void break_and_window_are_told(void **state)
{
	struct fault f;

	(void)state;
	machine("on", "");
	watched_open(&w, model, "m");
	watched_hears(&w, "m> ");
	assert_int_equal(console_break(w.console, &f), 0);
	watched_hears(&w, "m> [break]\r\nm> ");
	console_resize(w.console, 132, 43);
	watched_hears(&w, "m> [window 132x43]\r\nm> ");
}

static void faults_show(void **state)
{
	(void)state;
	machine("on", "\"fault refuse\"");
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	watched_ends(&w, -EACCES, "sandbox: the machine refuses the user: its sandbox-console says "
		     "so");
	teardown(NULL);
	machine("on", "\"fault busy\"");
	watched_begin(&w, model, "m", STEAL_NEVER);
	watched_ends(&w, -EBUSY, "sandbox: somebody else has it: its sandbox-console says so");
	watched_close(&w);
	watched_begin(&w, model, "m", STEAL_ALWAYS);
	assert_true(loop_until(&w.opened, 5));
	assert_string_equal(w.text, "taken from somebody else");
	teardown(NULL);
	machine("on", "{\"fault drop 100\", \"raw-echo\", \"pour 1000\"}");
	watched_open(&w, model, "m");
	watched_ends(&w, -ECONNRESET, "sandbox: the line was lost: its sandbox-console says so");
	assert_int_equal(w.heard.length, 100);
	teardown(NULL);
	machine("on", "{\"fault stolen 100\", \"raw-echo\", \"pour 1000\"}");
	watched_open(&w, model, "m");
	watched_ends(&w, -ESTALE, "sandbox: somebody else has taken it: its sandbox-console says "
		     "so");
	assert_int_equal(w.heard.length, 100);
	teardown(NULL);
	machine("on", "\"fault silent\"\n console = \"sandbox 100ms\"");
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	watched_ends(&w, -ETIMEDOUT, "sandbox: it did not open in 100ms");
}

static void wrong_values_are_told(void **state)
{
	char *errors = errors_of("machine \"m\" {\n sandbox = \"on\"\n"
				 "sandbox-console = \"fault drob 20\"\n}\n"
				 "machine \"n\" { sandbox-console = \"speed fast\" }\n"
				 "machine \"o\" { sandbox-console = \"log 3\" }\n"
				 "machine \"p\" { sandbox-console = \"dance\" }\n"
				 "machine \"q\" { console = \"sandbox x\" }\n");

	(void)state;
	assert_contains(errors, "test:3: sandbox-console: \"fault drob 20\" is nothing that a "
			"console can do: did you mean \"fault drop\"?\n");
	assert_contains(errors, "test:5: sandbox-console: the speed in bits a second");
	assert_contains(errors, "test:6: sandbox-console: \"log 3\": log takes no \"3\"\n");
	assert_contains(errors, "test:7: sandbox-console: \"dance\" is nothing that a console can "
			"do: write echo, raw-echo, ");
	assert_contains(errors, "test:8: console: \"sandbox x\": the console of sandbox takes no "
			"argument \"x\"\n");
	free(errors);
}

/* Another run switches the machine: it is seen by the state file. */
static void others_switching_is_seen(void **state)
{
	char path[] = "/tmp/test_console_sandbox.XXXXXX", lock[64], text[256];
	int fd = mkstemp(path), status;
	pid_t pid;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	snprintf(text, sizeof(text), "sandbox-state = \"%s\"\nmachine \"m\" {\n sandbox = \"on\"\n"
		 " sandbox-console = \"log\"\n}\n", path);
	model = model_of(text);
	watched_open(&w, model, "m");
	watched_hears(&w, "m login: ");
	watched_forget(&w);
	pid = fork();
	if (!pid) {
		ev_loop_fork(ev_default_loop(0));
		trial_run(model, "m", VERB_RESET, "sandbox");
		drivers_quit();
		_exit(0);
	}
	watched_hears(&w, "m login: ");
	assert_memory_equal(w.heard.text, "Sandbox firmware", 16);
	/* libev reaps children too */
	assert_true(waitpid(pid, &status, 0) == pid ? !status : errno == ECHILD);
	unlink(path);
	unlink(lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(lines_come_back, teardown),
		cmocka_unit_test_teardown(raw_bytes_come_back_as_they_are, teardown),
		cmocka_unit_test_teardown(what_is_off_says_nothing, teardown),
		cmocka_unit_test_teardown(the_boot_log_is_heard_from_its_first_byte, teardown),
		cmocka_unit_test_teardown(one_that_runs_has_told_its_log, teardown),
		cmocka_unit_test_teardown(a_speed_is_kept, teardown),
		cmocka_unit_test_teardown(typing_does_not_hold_a_slow_line_up, teardown),
		cmocka_unit_test_teardown(numbered_bytes_are_poured, teardown),
		cmocka_unit_test_teardown(pour_can_be_typed, teardown),
		cmocka_unit_test_teardown(break_and_window_are_told, teardown),
		cmocka_unit_test_teardown(faults_show, teardown),
		cmocka_unit_test_teardown(wrong_values_are_told, teardown),
		cmocka_unit_test_teardown(others_switching_is_seen, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
