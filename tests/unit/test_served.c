/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server and its clients in one process, under the fake clock, with a driver of consoles that
 * does what the test says.
 */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "fakeclock.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "daemon/client.h"
#include "daemon/remote.h"
#include "daemon/served.h"
#include "daemon/server.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <unistd.h>

/* --- the driver ----------------------------------------------------------------------------- */

/* What the far end does when it is opened: 0: opens, 1: nothing, else it fails with that. */
static int answer;
static enum console_steal asked_steal;
static struct console *line;	/* the last one that was opened and is not closed */
static unsigned opens;
static size_t room;
static struct buffer typed;
static unsigned breaks;
static double opened_at;

static void line_open(struct console *c)
{
	opens++;
	opened_at = fakeclock_now();
	asked_steal = c->steal;
	if (answer < 0) {
		console_closed(c, answer, "it says %s", strerror(-answer));
		return;
	}
	line = c;
	if (!answer)
		console_opened(c, "by line");
}

static size_t line_write(struct console *c, const unsigned char *bytes, size_t length)
{
	(void)c;
	if (length > room)
		length = room;
	buffer_add_bytes(&typed, bytes, length);
	room -= length;
	return length;
}

static int line_break(struct console *c, struct fault *f)
{
	(void)c, (void)f;
	breaks++;
	return 0;
}

static void line_close(struct console *c)
{
	line = NULL;
	console_closed(c, 0, "closed");
}

static const struct console_ops line_ops = {
	.open = line_open, .write = line_write, .send_break = line_break, .close = line_close,
};
static const struct driver line_driver = {
	.name = "line", .summary = "for tests", .help = "", .rank = 7, .console = &line_ops,
};
DRIVER(line_driver);

static void hang_up(int err, const char *sentence)
{
	struct console *c = line;

	line = NULL;
	console_closed(c, err, "%s", sentence);
}

static void line_says(const char *text)
{
	console_bytes(line, (const unsigned char *)text, strlen(text));
}

/* --- the server ----------------------------------------------------------------------------- */

static char run_folder[] = "/tmp/stoker-served-XXXXXX";
static struct model *model;
static struct server server;
static FILE *told_file;
static int real_stderr;

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(run_folder) ? setenv("STOKER_RUN", run_folder, 1) : -1;
}

static int drop_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", run_folder);
	return system(command);
}

/* What the daemon said on standard error since it began. */
static const char *told(void)
{
	static char text[8192];
	ssize_t n;

	fflush(stderr);
	n = pread(fileno(told_file), text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int set_up(void **state)
{
	(void)state;
	fakeclock_start();
	ev_now_update(ev_default_loop(0));
	answer = 0;
	opens = breaks = 0;
	room = SIZE_MAX;
	line = NULL;
	buffer_free(&typed);
	told_file = tmpfile();
	real_stderr = dup(2);
	return told_file && dup2(fileno(told_file), 2) == 2 ? 0 : -1;
}

static int tear_down(void **state)
{
	const char *text = told();

	(void)state;
	/* why a test has failed is there too */
	dup2(real_stderr, 2);
	close(real_stderr);
	fputs(text, stderr);
	fclose(told_file);
	server_end(&server);
	loop_for(0.1);
	server_stop(&server);
	model_free(model);
	buffer_free(&typed);
	fakeclock_stop();
	return 0;
}

static void begin(const char *config)
{
	struct fault f;

	model = model_of(config);
	if (server_start(&server, ev_default_loop(0), model, &f))
		fail_msg("%s", f.text);
	loop_for(0.1);
}

static struct served *served(const char *name)
{
	return served_find(&server, machine_find(model, name));
}

static void attach_to(struct watched *w, const char *how)
{
	watched_begin_by(w, &remote_console_ops, how);
	if (!loop_until(&w->opened, 30))
		fail_msg("%s does not open: %s", how, w->sentence);
}

static void refused(struct watched *w, const char *how, int err, const char *part)
{
	watched_begin_by(w, &remote_console_ops, how);
	assert_true(loop_until(&w->closed, 30));
	assert_contains(w->sentence, part);
	assert_int_equal(w->err, err);
}

static const char kept[] = "machine \"a\" { console = \"line\" console-keep = yes }\n"
			   "machine \"b\" { console = \"line\" }\n"
			   "machine \"c\" { }\n";

/* --- keeping -------------------------------------------------------------------------------- */

static void a_lost_console_is_tried_with_growing_waits_and_told_once(void **state)
{
	static const double waits[] = {1, 2, 4, 8, 16, 32, 60, 60};
	double since;

	(void)state;
	begin(kept);
	assert_int_equal(opens, 1);
	loop_for(20);
	answer = -ETIMEDOUT;
	since = fakeclock_now();
	hang_up(-ECONNRESET, "the BMC reboots");
	for (unsigned i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		while (opens == i + 1 && fakeclock_now() < since + 100)
			loop_for(0.05);
		assert_true(opened_at - since > waits[i] - 0.1);
		assert_true(opened_at - since < waits[i] + 0.1);
		since = opened_at;
	}
	assert_string_equal(served_state_name(served("a")), "lost");
	assert_string_equal(told(), "stoker: a: console lost: line: the BMC reboots: next try in "
				    "1 s\n");
	answer = 0;
	loop_for(61);
	assert_int_equal(served("a")->state, SERVED_OPEN);
	assert_contains(told(), "stoker: a: console back\n");
}

static void a_refused_one_is_tried_when_somebody_asks(void **state)
{
	struct watched w;

	(void)state;
	answer = -EACCES;
	begin(kept);
	assert_int_equal(served("a")->state, SERVED_REFUSED);
	assert_contains(told(), "not tried again before somebody attaches, or SIGHUP");
	loop_for(3600);
	assert_int_equal(opens, 1);
	/* that the machine was switched on mends no password */
	control_tell_powered((const char *[]){"a"}, 1);
	loop_for(5);
	assert_int_equal(opens, 1);
	attach_to(&w, "write a");
	assert_int_equal(opens, 2);
	watched_is_told(&w, "it says Permission denied");
	answer = 0;
	raise(SIGHUP);
	loop_for(1);
	assert_int_equal(opens, 3);
	watched_is_told(&w, "the console is open");
	watched_close(&w);
}

static void a_stolen_one_is_left_to_the_thief(void **state)
{
	struct watched w;

	(void)state;
	begin(kept);
	answer = -EBUSY;
	hang_up(-ESTALE, "somebody took it");
	loop_for(59);
	assert_int_equal(opens, 1);
	loop_for(2);
	assert_int_equal(opens, 2);
	assert_int_equal(asked_steal, STEAL_NEVER);
	loop_for(61);
	assert_int_equal(opens, 3);
	assert_int_equal(asked_steal, STEAL_NEVER);
	/* unless a user wants it taken */
	answer = 0;
	attach_to(&w, "steal a");
	assert_int_equal(opens, 4);
	assert_int_equal(asked_steal, STEAL_ALWAYS);
	watched_close(&w);
	hang_up(-ETIMEDOUT, "lost");
	loop_for(2);
	assert_int_equal(opens, 5);
	assert_int_equal(asked_steal, STEAL_CONFIGURED);
}

static void a_machine_that_was_switched_on_is_tried_at_once(void **state)
{
	(void)state;
	answer = -ECONNREFUSED;
	begin(kept);
	loop_for(100);
	assert_int_equal(opens, 7);
	answer = 0;
	control_tell_powered((const char *[]){"c", "nix", "a"}, 3);
	loop_for(0.5);
	assert_int_equal(opens, 8);
	assert_int_equal(served("a")->state, SERVED_OPEN);
	/* by the same connection */
	control_tell_powered((const char *[]){"a"}, 1);
	loop_for(0.1);
	assert_int_equal(server.nclients, 1);
}

static void thousands_are_opened_some_at_a_time_and_dead_ones_keep_nobody_waiting(void **state)
{
	(void)state;
	answer = 1;
	begin("machine \"m[1-1000]\" { console = \"line 30s\" console-keep = yes }\n");
	assert_int_equal(opens, 64);
	loop_for(5);
	assert_true(opens >= 64 * 5 && opens <= 64 * 6);
	/* those that answer make room at once */
	answer = 0;
	loop_for(1.1);
	assert_int_equal(opens, 1000);
	assert_int_equal(served("m1000")->state, SERVED_OPEN);
	loop_for(60);
	for (size_t i = 0; i < model->nmachines; i++)
		assert_int_equal(server.served[i]->state, SERVED_OPEN);
}

/* --- sharing -------------------------------------------------------------------------------- */

static void one_writes_and_others_are_told_who(void **state)
{
	struct watched w, second, m;
	char who[64];

	(void)state;
	begin(kept);
	attach_to(&w, "write a");
	snprintf(who, sizeof(who), "(uid %u, process %d) has it since ", getuid(), getpid());
	refused(&second, "write a", -EBUSY, who);
	assert_contains(second.sentence, "join with --join, take it with --steal, look with "
					 "--monitor");
	attach_to(&m, "monitor a");
	watched_is_told(&w, "watches now");
	line_says("hello");
	watched_hears(&w, "hello");
	watched_hears(&m, "hello");
	watched_type(&m, "rm -rf /");
	watched_is_told(&m, "you only watch: nothing was sent");
	watched_type(&w, "ls\r");
	loop_for(0.1);
	assert_string_equal(buffer_text(&typed), "ls\r");
	assert_int_equal(console_break(m.console, NULL), 0);
	watched_is_told(&m, "you only watch: no break was sent");
	assert_int_equal(console_break(w.console, NULL), 0);
	loop_for(0.1);
	assert_int_equal(breaks, 1);
	watched_close(&m);
	watched_is_told(&w, "leaves");
	watched_close(&w);
	watched_close(&second);
}

static void two_join_and_a_thief_ends_both(void **state)
{
	struct watched w, second, thief;

	(void)state;
	begin(kept);
	attach_to(&w, "write a");
	attach_to(&second, "join a");
	watched_is_told(&w, "writes too now");
	watched_type(&w, "a");
	loop_for(0.1);
	watched_type(&second, "b");
	loop_for(0.1);
	assert_string_equal(buffer_text(&typed), "ab");
	line_says("last words");
	attach_to(&thief, "steal a");
	assert_true(loop_until(&w.closed, 5) && (second.closed || loop_until(&second.closed, 5)));
	assert_int_equal(w.err, -ESTALE);
	assert_contains(w.sentence, "took it");
	/* who is ended has heard what was said until then */
	assert_string_equal(buffer_text(&w.heard), "last words");
	watched_type(&thief, "c");
	loop_for(0.1);
	assert_string_equal(buffer_text(&typed), "abc");
	watched_close(&w);
	watched_close(&second);
	watched_close(&thief);
}

static void everything_that_can_be_asked_is_answered(void **state)
{
	struct watched w, m;

	(void)state;
	begin("machine \"a\" { console = \"line\" console-keep = yes console-replay = 1 }\n");
	for (unsigned i = 0; i < 100; i++)
		line_says("a line of thirty-two characters\n");
	line_says("login: ");
	attach_to(&w, "write a");
	attach_to(&m, "monitor a");
	assert_int_equal(console_ask(w.console, CONSOLE_WHO, NULL), 0);
	watched_is_told(&w, ", you, writes, since ");
	watched_is_told(&w, "watches, since ");
	assert_int_equal(console_ask(w.console, CONSOLE_INFO, NULL), 0);
	watched_is_told(&w, "a: line, open since ");
	watched_is_told(&w, "3207 bytes; 1 writes, 1 watches; kept open");
	/* nothing comes unasked */
	assert_int_equal(w.heard.length, 0);
	assert_int_equal(console_ask(w.console, CONSOLE_REPLAY, NULL), 0);
	watched_hears(&w, "login: ");
	assert_int_equal(w.heard.length, 1024);
	assert_int_equal(console_ask(w.console, CONSOLE_WATCH, NULL), 0);
	watched_is_told(&w, "you only watch now");
	watched_is_told(&m, "only watches now");
	assert_int_equal(console_ask(m.console, CONSOLE_WRITE, NULL), 0);
	watched_is_told(&m, "you write now");
	assert_int_equal(console_ask(w.console, CONSOLE_WRITE, NULL), 0);
	watched_is_told(&w, "has it since");
	watched_type(&m, "x");
	loop_for(0.1);
	assert_string_equal(buffer_text(&typed), "x");
	watched_close(&w);
	watched_close(&m);
}

static void what_is_typed_faster_than_it_goes_waits(void **state)
{
	enum { LENGTH = 200000 };
	unsigned char *said = noise(LENGTH, 3);
	struct watched w, second;

	(void)state;
	begin(kept);
	attach_to(&w, "write a");
	attach_to(&second, "join a");
	room = 0;
	watched_say(&w, said, LENGTH);
	loop_for(1);
	/* the window, and no more */
	assert_int_equal(w.said, 16384);
	watched_say(&second, "now", 3);
	loop_for(1);
	/* the other one's turn comes, though the first has more */
	for (unsigned i = 0; i < 100; i++) {
		if (typed.length && memmem(typed.text, typed.length, "now", 3))
			break;
		room = 1000;
		console_writable(line);
		loop_for(0.01);
	}
	assert_true(typed.length < 3000);
	room = SIZE_MAX;
	console_writable(line);
	assert_true(w.all_said || loop_until(&w.all_said, 10));
	loop_for(0.1);
	assert_int_equal(typed.length, LENGTH + 3);
	watched_close(&w);
	watched_close(&second);
	free(said);
}

static void one_that_stands_still_keeps_nobody_waiting_and_misses_nothing(void **state)
{
	enum { LENGTH = 10 << 20, STEP = 16000 };
	unsigned char *said = noise(LENGTH, 4);
	struct watched quick, slow;

	(void)state;
	begin(kept);
	attach_to(&quick, "monitor a");
	attach_to(&slow, "monitor a");
	console_pause(slow.console, true);
	for (size_t i = 0; i < LENGTH; i += STEP) {
		console_bytes(line, said + i, LENGTH - i < STEP ? LENGTH - i : STEP);
		loop_for(0.0001);
	}
	watched_hears_bytes(&quick, LENGTH);
	assert_memory_equal(quick.heard.text, said, LENGTH);
	assert_true(slow.heard.length < LENGTH / 4);
	console_pause(slow.console, false);
	watched_hears_bytes(&slow, LENGTH);
	assert_memory_equal(slow.heard.text, said, LENGTH);
	/* what nobody needs any more is forgotten */
	loop_for(0.1);
	assert_true(served("a")->backlog.end - served("a")->backlog.start < 100000);
	watched_close(&quick);
	watched_close(&slow);
	free(said);
}

static void who_is_too_slow_is_told_what_he_missed(void **state)
{
	enum { STEP = 16000, STEPS = 1500 };
	unsigned char *said = noise(STEP, 4);
	struct watched slow;
	size_t missed;
	const char *note;

	(void)state;
	begin(kept);
	attach_to(&slow, "monitor a");
	console_pause(slow.console, true);
	loop_for(0.1);
	for (size_t i = 0; i < STEPS; i++)
		console_bytes(line, said, STEP);
	console_pause(slow.console, false);
	watched_is_told(&slow, "bytes were skipped: you were too slow");
	note = strstr(buffer_text(&slow.notes), " bytes were skipped");
	while (note > slow.notes.text && note[-1] >= '0' && note[-1] <= '9')
		note--;
	missed = strtoull(note, NULL, 10);
	watched_hears_bytes(&slow, (size_t)STEP * STEPS - missed);
	loop_for(0.1);
	assert_int_equal(slow.heard.length + missed, (size_t)STEP * STEPS);
	watched_close(&slow);
	free(said);
}

/* --- those that are not kept ---------------------------------------------------------------- */

static void one_that_is_not_kept_is_open_while_somebody_is_there(void **state)
{
	struct watched w, m;

	(void)state;
	begin(kept);
	attach_to(&w, "write b");
	assert_string_equal(w.text, "by line");
	attach_to(&m, "monitor b");
	watched_close(&w);
	loop_for(0.1);
	assert_int_equal(served("b")->state, SERVED_OPEN);
	watched_close(&m);
	loop_for(0.1);
	assert_null(served("b"));
	/* the far end's last words come before the end that it made */
	attach_to(&w, "write b");
	line_says("bye");
	hang_up(-EPIPE, "the program has ended");
	watched_ends(&w, -EPIPE, "line: the program has ended");
	assert_string_equal(buffer_text(&w.heard), "bye");
	watched_close(&w);
	loop_for(0.1);
	assert_null(served("b"));
	answer = -EACCES;
	refused(&w, "write b", -EACCES, "line: it says Permission denied");
	watched_close(&w);
}

static void what_has_no_console_is_told(void **state)
{
	struct watched w;

	(void)state;
	begin(kept);
	refused(&w, "write c", -ENOENT, "c has no console");
	refused(&w, "write nix", -ENOENT, "no machine \"nix\"");
	refused(&w, "look a", -EINVAL, "\"look a\" is no console of the server");
	refused(&w, "write ", -EPIPE, "");
}

static void who_waits_for_a_line_is_let_in_in_the_end(void **state)
{
	struct watched w;

	(void)state;
	answer = 1;
	begin(kept);
	watched_begin_by(&w, &remote_console_ops, "write a");
	loop_for(10);
	assert_false(w.opened);
	assert_true(loop_until(&w.opened, 15));
	watched_is_told(&w, "not open yet: the server goes on trying");
	watched_type(&w, "x");
	watched_is_told(&w, "the console is not open: nothing was sent");
	console_opened(line, "at last");
	watched_is_told(&w, "the console is open");
	watched_type(&w, "y");
	loop_for(0.1);
	assert_string_equal(buffer_text(&typed), "y");
	watched_close(&w);
}

static void one_too_many_is_told_and_disturbs_nobody(void **state)
{
	struct watched all[3], more;

	(void)state;
	begin(kept);
	server.most_clients = 3;
	for (unsigned i = 0; i < 3; i++)
		attach_to(&all[i], "monitor a");
	refused(&more, "monitor a", -EAGAIN, "too many are connected to the server");
	line_says("hello");
	for (unsigned i = 0; i < 3; i++) {
		watched_hears(&all[i], "hello");
		watched_close(&all[i]);
	}
	loop_for(0.1);
	attach_to(&more, "monitor a");
	watched_close(&more);
}

static void the_end_is_told_to_all(void **state)
{
	struct watched w, m;

	(void)state;
	begin(kept);
	attach_to(&w, "write a");
	attach_to(&m, "monitor b");
	raise(SIGTERM);
	watched_ends(&w, -EPIPE, "the daemon has ended");
	assert_true(m.closed || loop_until(&m.closed, 5));
	watched_close(&w);
	watched_close(&m);
}

/* --- beginnings that are none --------------------------------------------------------------- */

static void a_configuration_that_cannot_be_is_told(void **state)
{
	static const struct {
		const char *config, *sentence;
	} wrong[] = {
		{"machine \"a\" { console-keep = yes }", "a: console-keep is set, but it has no "
							 "console"},
		{"machine \"a\" { console = \"line\" console-write = \"no-such-user\" }",
		 "a: console-write: the system has no user \"no-such-user\""},
		{"machine \"a[1-2]\" { console = \"line\" console-log = \"/tmp/x.log\" }",
		 "a2: console-log: \"/tmp/x.log\" is also that of a1: write %n"},
	};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		model = model_of(wrong[i].config);
		assert_true(server_start(&server, ev_default_loop(0), model, &f) < 0);
		assert_contains(f.text, wrong[i].sentence);
		server_stop(&server);
		model_free(model);
	}
	begin(kept);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lost_console_is_tried_with_growing_waits_and_told_once),
		TEST(a_refused_one_is_tried_when_somebody_asks),
		TEST(a_stolen_one_is_left_to_the_thief),
		TEST(a_machine_that_was_switched_on_is_tried_at_once),
		TEST(thousands_are_opened_some_at_a_time_and_dead_ones_keep_nobody_waiting),
		TEST(one_writes_and_others_are_told_who),
		TEST(two_join_and_a_thief_ends_both),
		TEST(everything_that_can_be_asked_is_answered),
		TEST(what_is_typed_faster_than_it_goes_waits),
		TEST(one_that_stands_still_keeps_nobody_waiting_and_misses_nothing),
		TEST(who_is_too_slow_is_told_what_he_missed),
		TEST(one_that_is_not_kept_is_open_while_somebody_is_there),
		TEST(what_has_no_console_is_told),
		TEST(who_waits_for_a_line_is_let_in_in_the_end),
		TEST(one_too_many_is_told_and_disturbs_nobody),
		TEST(the_end_is_told_to_all),
		TEST(a_configuration_that_cannot_be_is_told),
	};

	return cmocka_run_group_tests_name("served", tests, make_folder, drop_folder);
}
