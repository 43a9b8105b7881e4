/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the driver program and of base/pty, with real programs. */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20 };

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

static void machine(const char *console)
{
	char text[1024];

	snprintf(text, sizeof(text), "machine \"m\" {\n address = \"10.0.0.7\"\n"
		 " console = \"program %s\"\n}\n", console);
	model = model_of(text);
}

static void opens(const char *console)
{
	machine(console);
	watched_open(&w, model, "m");
}

static void a_program_has_a_terminal_of_its_own(void **state)
{
	(void)state;
	opens("shell 'tty; ps -o sid=,pid= -p $$; stty -a'");
	watched_ends(&w, -EPIPE, "program: the program \"tty; ps -o sid=,pid= -p $$; stty -a\" "
		     "ended with exit status 0");
	assert_memory_equal(w.heard.text, "/dev/pts/", 9);
	assert_contains(w.heard.text, " -icanon ");
}

static void what_is_typed_reaches_it_and_it_waits(void **state)
{
	(void)state;
	opens("shell 'echo go; read line; echo got $line; read line'");
	watched_hears(&w, "go\n");
	/* a stdin that does not block would have ended it by now */
	loop_for(0.1);
	assert_false(w.closed);
	watched_type(&w, "this\n");
	watched_hears(&w, "got this\n");
}

static void its_end_is_told_in_words(void **state)
{
	(void)state;
	opens("shell 'echo last words; exit 3'");
	watched_ends(&w, -EPIPE, "program: the program \"echo last words; exit 3\" ended with exit "
		     "status 3");
	assert_string_equal(buffer_text(&w.heard), "last words\n");
	teardown(NULL);
	opens("sh -c 'kill -9 $$'");
	watched_ends(&w, -EPIPE, "program: the program \"sh\" was ended by signal 9 (Killed)");
}

/* A slow reader hears all that it said before it ended. */
static void last_words_wait_for_the_reader(void **state)
{
	(void)state;
	opens("seq 300");
	console_pause(w.console, true);
	loop_for(0.6);
	assert_false(w.closed);
	console_pause(w.console, false);
	assert_true(loop_until(&w.closed, 5));
	assert_contains(buffer_text(&w.heard), "\n299\n300\n");
}

static void a_megabyte_goes_both_ways(void **state)
{
	unsigned char *bytes = noise(MEGABYTE, 1);

	(void)state;
	/* as they are from the first on: none is echoed, translated or taken for a signal */
	opens("cat");
	console_pause(w.console, true);
	watched_say(&w, bytes, MEGABYTE);
	loop_for(0.1);
	assert_true(w.said < MEGABYTE);
	for (int i = 0; i < 20; i++) {
		console_pause(w.console, i % 2);
		loop_for(0.002);
	}
	console_pause(w.console, false);
	watched_hears_bytes(&w, MEGABYTE);
	assert_memory_equal(w.heard.text, bytes, MEGABYTE);
	free(bytes);
}

static void the_window_is_passed_on(void **state)
{
	(void)state;
	machine("shell 'trap \\\"stty size\\\" WINCH; stty size; while :; do read x; done'");
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	console_resize(w.console, 132, 43);
	watched_hears(&w, "43 132\n");
	console_resize(w.console, 80, 24);
	watched_hears(&w, "24 80\n");
}

static void nothing_of_ours_is_passed_on(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(fd >= 3);
	setenv("STOKER_PASSWORD", "hunter2", 1);
	setenv("PLAIN", "1", 1);
	opens("shell 'ls /proc/self/fd | tr \\\"\\n\\\" +; env | grep -e hunter2 -e ^PLAIN= -e ^STOKER_'");
	assert_true(loop_until(&w.closed, 5));
	unsetenv("STOKER_PASSWORD");
	/* the fourth is the folder that is listed */
	assert_memory_equal(w.heard.text, "0+1+2+3+", 8);
	assert_contains(w.heard.text, "PLAIN=1\n");
	assert_contains(w.heard.text, "STOKER_MACHINE=m\n");
	assert_contains(w.heard.text, "STOKER_VERB=console\n");
	assert_contains(w.heard.text, "STOKER_ADDRESS=10.0.0.7\n");
	assert_null(strstr(w.heard.text, "hunter2"));
	close(fd);
}

static void closing_hangs_up(void **state)
{
	char path[] = "/tmp/test_console_program.XXXXXX", text[256], found[8] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(text, sizeof(text), "shell 'trap \\\"echo hup >%s; exit\\\" HUP; echo go; "
		 "while :; do read x; done'", path);
	opens(text);
	watched_hears(&w, "go\n");
	watched_close(&w);
	assert_int_equal(w.err, -ECANCELED);
	assert_int_equal(read(fd, found, 4), 4);
	assert_string_equal(found, "hup\n");
	close(fd);
	unlink(path);
}

/* Also by a program that takes its time, and says much while nobody hears it. */
static void what_was_typed_before_one_leaves_is_read(void **state)
{
	char path[] = "/tmp/test_console_program.XXXXXX", text[256], found[16] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(text, sizeof(text), "shell 'echo go; head -c 100000 /dev/zero; sleep 0.2; "
		 "head -c 10 >%s; sleep 60'", path);
	opens(text);
	watched_hears(&w, "go\n");
	console_pause(w.console, true);
	watched_type(&w, "last words");
	watched_close(&w);
	assert_int_equal(read(fd, found, sizeof(found)), 10);
	assert_string_equal(found, "last words");
	close(fd);
	unlink(path);
}

static void one_that_reads_nothing_is_not_waited_for(void **state)
{
	double begun;

	(void)state;
	opens("shell 'echo go; sleep 60'");
	watched_hears(&w, "go\n");
	watched_type(&w, "last words");
	ev_now_update(ev_default_loop(0));
	begun = ev_now(ev_default_loop(0));
	watched_close(&w);
	ev_now_update(ev_default_loop(0));
	begun = ev_now(ev_default_loop(0)) - begun;
	assert_true(begun > 0.9 && begun < 5);
}

static pid_t pid_heard(void)
{
	pid_t pid;

	watched_hears(&w, "go\n");
	pid = atoi(w.heard.text);
	assert_true(pid > 1);
	assert_int_equal(kill(pid, 0), 0);
	return pid;
}

static void one_that_ignores_that_is_killed(void **state)
{
	double begun;
	pid_t pid;

	(void)state;
	opens("shell 'trap \\\"\\\" HUP; echo $$ go; while :; do sleep 60; done'");
	pid = pid_heard();
	begun = ev_now(ev_default_loop(0));
	watched_close(&w);
	ev_now_update(ev_default_loop(0));
	begun = ev_now(ev_default_loop(0)) - begun;
	assert_true(begun > 1.5 && begun < 6);
	assert_int_equal(kill(pid, 0), -1);
}

/* The terminal is closed by who runs on: nobody could see that one any more. */
static void one_that_leaves_its_terminal_is_ended(void **state)
{
	(void)state;
	opens("shell 'echo go; exec >/dev/null 2>&1 </dev/null; sleep 60'");
	watched_ends(&w, -EPIPE, "program: the program \"echo go; exec >/dev/null 2>&1 </dev/null; "
		     "sleep 60\" was ended by signal 1 (Hangup)");
	assert_string_equal(buffer_text(&w.heard), "go\n");
}

static void what_it_leaves_behind_is_not_waited_for(void **state)
{
	(void)state;
	opens("shell 'trap \\\"\\\" HUP; sleep 5 & echo go'");
	assert_true(loop_until(&w.closed, 3));
	assert_string_equal(buffer_text(&w.heard), "go\n");
}

static void quitting_leaves_none_behind(void **state)
{
	struct console *left;
	pid_t pid;

	(void)state;
	opens("shell 'echo $$ go; while :; do sleep 60; done'");
	pid = pid_heard();
	left = w.console;
	drivers_quit();
	for (int i = 0; i < 500 && !kill(pid, 0); i++)
		loop_for(0.01);
	assert_int_equal(kill(pid, 0), -1);
	/* what the driver held is gone: the engine is told, as by a driver that ends */
	console_closed(left, -EPIPE, "gone");
	assert_true(loop_until(&w.closed, 5));
}

static void what_cannot_be_run_is_told(void **state)
{
	struct fault f;

	(void)state;
	machine("/no/such/thing");
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	watched_ends(&w, -ENOENT, "program: there is no program \"/no/such/thing\": No such file or "
		     "directory");
	teardown(NULL);
	machine("/etc/passwd");
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	watched_ends(&w, -EACCES, "program: \"/etc/passwd\" is not executable: chmod +x would make "
		     "it so");
	teardown(NULL);
	opens("cat");
	assert_int_equal(console_break(w.console, &f), -ENOSYS);
	assert_string_equal(f.text, "program cat has no breaks");
}

static void wrong_arguments_are_told(void **state)
{
	char *errors = errors_of("machine \"a\" { console = \"program\" }\n"
				 "machine \"b\" { console = \"program ./x\" }\n"
				 "machine \"c\" { console = \"program shell a b\" }\n");

	(void)state;
	assert_contains(errors, "test:1: console: program needs a program: write for example ");
	assert_contains(errors, "test:2: console: \"./x\" is a relative path: write an absolute ");
	assert_contains(errors, "test:3: console: program shell needs one command line: put it ");
	free(errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_program_has_a_terminal_of_its_own, teardown),
		cmocka_unit_test_teardown(what_is_typed_reaches_it_and_it_waits, teardown),
		cmocka_unit_test_teardown(its_end_is_told_in_words, teardown),
		cmocka_unit_test_teardown(last_words_wait_for_the_reader, teardown),
		cmocka_unit_test_teardown(a_megabyte_goes_both_ways, teardown),
		cmocka_unit_test_teardown(the_window_is_passed_on, teardown),
		cmocka_unit_test_teardown(nothing_of_ours_is_passed_on, teardown),
		cmocka_unit_test_teardown(closing_hangs_up, teardown),
		cmocka_unit_test_teardown(what_was_typed_before_one_leaves_is_read, teardown),
		cmocka_unit_test_teardown(one_that_reads_nothing_is_not_waited_for, teardown),
		cmocka_unit_test_teardown(one_that_ignores_that_is_killed, teardown),
		cmocka_unit_test_teardown(one_that_leaves_its_terminal_is_ended, teardown),
		cmocka_unit_test_teardown(what_it_leaves_behind_is_not_waited_for, teardown),
		cmocka_unit_test_teardown(quitting_leaves_none_behind, teardown),
		cmocka_unit_test_teardown(what_cannot_be_run_is_told, teardown),
		cmocka_unit_test_teardown(wrong_arguments_are_told, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
