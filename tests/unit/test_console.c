/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Promises of engine/console, with a driver of the test's own: `con WHAT` opens at once ("open"),
 * opens later ("later"), fails with a code ("fails EBUSY"), never answers ("silent").
 */
#include "test.h"
#include "attempts.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "engine/console.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>

static struct fault f;

/* --- the driver ----------------------------------------------------------------------------- */

/* What it was asked to do, a letter each; and how much it takes. */
static char asked[256];
static size_t room;
static char taken[256];
static struct console *live;
static bool closes_late;
static ev_timer opener;

static void ask(const char *what)
{
	assert_true(strlen(asked) + strlen(what) < sizeof(asked));
	strcat(asked, what);
}

static void on_opener(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)revents;
	ev_timer_stop(loop, w);
	console_opened(w->data, "late, but here");
}

static int con_check(size_t argc, char *const *argv, struct fault *fault)
{
	if (!argc || !strcmp(argv[0], "wrong"))
		return fault_set(fault, EINVAL, "con needs to know what to do");
	return 0;
}

static int code_of(const char *name)
{
	return !strcmp(name, "EBUSY") ? -EBUSY : !strcmp(name, "EACCES") ? -EACCES : -ENOTCONN;
}

static void con_open(struct console *c)
{
	live = c;
	ask("o");
	if (!strcmp(c->argv[0], "open")) {
		console_opened(c, "here");
	} else if (!strcmp(c->argv[0], "later")) {
		ev_timer_init(&opener, on_opener, 0.02, 0);
		opener.data = c;
		ev_timer_start(c->loop, &opener);
	} else if (!strcmp(c->argv[0], "fails")) {
		console_closed(c, code_of(c->argv[1]), "it says %s", c->argv[1]);
	}
}

static size_t con_write(struct console *c, const unsigned char *bytes, size_t length)
{
	(void)c;
	if (length > room)
		length = room;
	strncat(taken, (const char *)bytes, length);
	room -= length;
	return length;
}

static int con_break(struct console *c, struct fault *fault)
{
	(void)c, (void)fault;
	ask("b");
	return 0;
}

static void con_resize(struct console *c, unsigned columns, unsigned rows)
{
	(void)c;
	assert_int_equal(columns, 80);
	assert_int_equal(rows, 24);
	ask("r");
}

static void con_pause(struct console *c, bool pause)
{
	(void)c;
	ask(pause ? "p" : "u");
}

static void con_close(struct console *c)
{
	ask("c");
	ev_timer_stop(c->loop, &opener);
	if (!closes_late)
		console_closed(c, -EIO, "as it was told");
}

static const struct console_ops con_ops = {
	.check_arguments = con_check, .open = con_open, .write = con_write,
	.send_break = con_break, .resize = con_resize, .pause = con_pause, .close = con_close,
};

/* the least that a driver can have: no argument, no break, no size, no pause */
static const struct console_ops bare_ops = {
	.open = con_open, .write = con_write, .close = con_close,
};

static const struct key key_con = {.name = "con", .type = KEY_TEXT, .help = "For tests."};
static const struct key *const con_keys[] = {&key_con, NULL};
static const struct driver con_driver = {
	.name = "con", .summary = "for tests", .help = "", .rank = 7, .console = &con_ops,
};
static const struct driver bare_driver = {
	.name = "bare", .summary = "for tests", .help = "", .rank = 7, .console = &bare_ops,
	.keys = con_keys, .needs = &key_con,
};
DRIVER(con_driver);
DRIVER(bare_driver);

/* --- the owner ------------------------------------------------------------------------------ */

struct watcher {
	struct console *console;
	char text[64], bytes[256], notes[512], sentence[512];
	unsigned opens, writables;
	bool opened, closed, close_when_opened, close_at_bytes;
	int err;
};

static void on_opened(void *data, const char *text)
{
	struct watcher *w = data;

	assert_false(w->closed);
	w->opens++;
	w->opened = true;
	snprintf(w->text, sizeof(w->text), "%s", text ? text : "");
	if (w->close_when_opened)
		console_close(w->console);
}

static void on_bytes(void *data, const unsigned char *bytes, size_t length)
{
	struct watcher *w = data;

	assert_true(w->opened && !w->closed);
	strncat(w->bytes, (const char *)bytes, length);
	if (w->close_at_bytes)
		console_close(w->console);
}

static void on_writable(void *data)
{
	struct watcher *w = data;

	w->writables++;
}

static void on_note(void *data, const char *sentence)
{
	struct watcher *w = data;

	strncat(w->notes, sentence, sizeof(w->notes) - strlen(w->notes) - 2);
	strcat(w->notes, "\n");
}

static void on_closed(void *data, int err, const char *sentence)
{
	struct watcher *w = data;

	assert_false(w->closed);
	w->closed = true;
	w->err = err;
	snprintf(w->sentence, sizeof(w->sentence), "%s", sentence);
}

static const struct console_events events = {on_opened, on_bytes, on_writable, on_note, on_closed};
static struct model *model;
static struct watcher w;

static int setup(void **state)
{
	(void)state;
	memset(asked, 0, sizeof(asked));
	memset(taken, 0, sizeof(taken));
	room = 0;
	closes_late = false;
	live = NULL;
	w = (struct watcher){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (w.console && !w.closed) {
		closes_late = false;
		console_close(w.console);
		assert_true(loop_until(&w.closed, 5));
	}
	model_free(model);
	model = NULL;
	return 0;
}

/* Begins to open the consoles of a machine "m" with this in its section. */
static int begin(const char *section)
{
	char text[512];

	snprintf(text, sizeof(text), "machine \"m\" {\n%s\n}\n", section);
	model = model_of(text);
	return console_open(ev_default_loop(0), machine_find(model, "m"), STEAL_CONFIGURED,
			    &events, &w, &w.console, &f);
}

static void opens(const char *section)
{
	assert_int_equal(begin(section), 0);
	assert_false(w.opened);
	assert_true(loop_until(&w.opened, 5));
	assert_true(console_is_open(w.console));
}

static void ends(int err, const char *sentence)
{
	assert_true(loop_until(&w.closed, 5));
	assert_string_equal(w.sentence, sentence);
	assert_int_equal(w.err, err);
}

/* --- promises ------------------------------------------------------------------------------- */

static void the_first_that_opens_is_taken(void **state)
{
	(void)state;
	opens("console = {\"con fails EBUSY\", \"con open\", \"con silent\"}");
	assert_string_equal(w.text, "here");
	assert_string_equal(asked, "oo");
	assert_string_equal(console_way(w.console), "con open");
	console_bytes(live, (const unsigned char *)"hello", 5);
	console_note(live, "a %s", "note");
	assert_string_equal(w.bytes, "hello");
	assert_string_equal(w.notes, "a note\n");
	console_close(w.console);
	assert_false(w.closed);
	ends(-ECANCELED, "closed");
	assert_string_equal(asked, "ooc");
}

static void when_none_opens_each_is_told(void **state)
{
	(void)state;
	assert_int_equal(begin("console = {\"con fails ENOTCONN\", \"con fails EBUSY\"}"), 0);
	ends(-EBUSY, "con: it says ENOTCONN; con: it says EBUSY");
	assert_int_equal(w.opens, 0);
}

static void what_only_the_user_can_mend_goes_first(void **state)
{
	(void)state;
	assert_int_equal(begin("console = {\"con fails EACCES\", \"con fails EBUSY\"}"), 0);
	ends(-EACCES, "con: it says EACCES; con: it says EBUSY");
}

static void one_that_does_not_open_has_its_time(void **state)
{
	(void)state;
	assert_int_equal(begin("console = {\"con silent 50ms\", \"con later\"}"), 0);
	assert_true(loop_until(&w.opened, 5));
	assert_string_equal(w.text, "late, but here");
	assert_string_equal(asked, "oco");
	console_closed(live, -EPIPE, "it hung up");
	/* what failed before it opened does not matter any more */
	ends(-EPIPE, "con: it hung up");
}

static void time_that_is_up_is_told(void **state)
{
	(void)state;
	assert_int_equal(begin("console = \"con silent 50ms\""), 0);
	ends(-ETIMEDOUT, "con: it did not open in 50ms");
}

static void a_machine_without_a_console_is_told(void **state)
{
	(void)state;
	assert_int_equal(begin("mac = \"02:00:00:00:00:01\""), -ENOENT);
	assert_string_equal(f.text, "it has no console: set console = in its section, for example "
			    "console = \"tty /dev/ttyS0 115200\"");
	assert_false(console_exists(machine_find(model, "m")));
}

static void a_drivers_key_is_enough(void **state)
{
	(void)state;
	assert_int_equal(begin("con = \"x\""), 0);
	assert_true(console_exists(machine_find(model, "m")));
	assert_string_equal(console_way(w.console), "bare");
}

/* As `on = {}` does, this says that there shall be none. */
static void an_empty_key_goes_before_the_drivers(void **state)
{
	(void)state;
	assert_int_equal(begin("con = \"x\"\nconsole = {}"), -ENOENT);
	assert_false(console_exists(machine_find(model, "m")));
}

static void wrong_keys_are_told(void **state)
{
	char *errors;

	(void)state;
	errors = errors_of("machine \"m\" { console = \"wol\" }\n"
			   "machine \"n\" { console = \"con wrong\" }\n"
			   "machine \"o\" { console = \"bare x\" }\n"
			   "machine \"p\" { console = \"cno open\" }\n");
	assert_contains(errors, "test:1: console: the driver wol shows no consoles: these do: ");
	assert_contains(errors, "test:2: console: con needs to know what to do\n");
	assert_contains(errors, "test:3: console: \"bare x\": the console of bare takes no "
			"argument \"x\"\n");
	assert_contains(errors, "test:4: console: there is no driver \"cno\" in this build: did "
			"you mean \"con\"?\n");
	free(errors);
}

static void writing_waits_for_room(void **state)
{
	(void)state;
	opens("console = \"con open\"");
	room = 3;
	assert_int_equal(console_write(w.console, "hello", 5), 3);
	console_writable(live);
	assert_int_equal(w.writables, 1);
	/* nobody waits: nobody is told */
	console_writable(live);
	assert_int_equal(w.writables, 1);
	room = 9;
	assert_int_equal(console_write(w.console, "lo", 2), 2);
	console_writable(live);
	assert_int_equal(w.writables, 1);
	assert_string_equal(taken, "hello");
}

static void who_writes_too_early_is_told_when_it_is_open(void **state)
{
	(void)state;
	assert_int_equal(begin("console = \"con later\""), 0);
	assert_int_equal(console_write(w.console, "x", 1), 0);
	assert_true(loop_until(&w.opened, 5));
	assert_int_equal(w.writables, 1);
}

static void size_and_pause_hold_from_the_beginning(void **state)
{
	(void)state;
	assert_int_equal(begin("console = \"con later\""), 0);
	console_resize(w.console, 80, 24);
	console_pause(w.console, true);
	assert_string_equal(asked, "");
	assert_true(loop_until(&w.opened, 5));
	assert_string_equal(asked, "orp");
	console_pause(w.console, false);
	assert_string_equal(asked, "orpu");
}

static void what_a_driver_lacks_is_told(void **state)
{
	(void)state;
	assert_int_equal(begin("con = \"x\"\nconsole = \"bare\""), 0);
	assert_int_equal(console_break(w.console, &f), -ENOTCONN);
	assert_int_equal(console_ask(w.console, CONSOLE_WHO, &f), -ENOTCONN);
	console_close(w.console);
	ends(-ECANCELED, "closed");
	model_free(model);
	setup(NULL);
	opens("console = \"con open\"");
	assert_int_equal(console_break(w.console, &f), 0);
	assert_string_equal(asked, "ob");
	assert_int_equal(console_ask(w.console, CONSOLE_WHO, &f), -ENOSYS);
	assert_string_equal(f.text, "con open cannot tell that");
}

static void it_may_be_closed_at_any_time(void **state)
{
	static const char *const sections[] = {
		"console = \"con open\"", "console = \"con later\"", "console = \"con silent\"",
		"console = {\"con fails EBUSY\", \"con open\"}",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		for (int turns = 0; turns < 3; turns++) {
			setup(NULL);
			assert_int_equal(begin(sections[i]), 0);
			for (int n = 0; n < turns; n++)
				ev_run(ev_default_loop(0), EVRUN_ONCE | EVRUN_NOWAIT);
			console_close(w.console);
			ends(-ECANCELED, "closed");
			model_free(model);
			model = NULL;
		}
	}
}

static void it_may_be_closed_from_its_events(void **state)
{
	(void)state;
	w.close_when_opened = true;
	assert_int_equal(begin("console = \"con open\""), 0);
	/* too early: who waits for that must not be told of a console that closes */
	assert_int_equal(console_write(w.console, "x", 1), 0);
	ends(-ECANCELED, "closed");
	assert_int_equal(w.writables, 0);
	model_free(model);
	setup(NULL);
	w.close_at_bytes = true;
	opens("console = \"con open\"");
	console_bytes(live, (const unsigned char *)"x", 1);
	ends(-ECANCELED, "closed");
}

static void a_driver_may_take_its_time_to_close(void **state)
{
	(void)state;
	closes_late = true;
	opens("console = \"con open\"");
	console_close(w.console);
	loop_for(0.02);
	assert_false(w.closed);
	console_bytes(live, (const unsigned char *)"too late", 8);
	console_note(live, "too late");
	assert_string_equal(w.bytes, "");
	assert_string_equal(w.notes, "");
	console_closed(live, 0, "at last");
	ends(-ECANCELED, "closed");
}

/* A rung whose time is up is being closed when the owner closes all. */
static void closing_overtakes_the_ladder(void **state)
{
	(void)state;
	closes_late = true;
	assert_int_equal(begin("console = {\"con silent 20ms\", \"con open\"}"), 0);
	loop_for(0.05);
	assert_string_equal(asked, "oc");
	console_close(w.console);
	console_closed(live, -EIO, "slowly");
	ends(-ECANCELED, "closed");
	assert_string_equal(asked, "oc");
}

static void a_console_of_no_configuration_opens_too(void **state)
{
	(void)state;
	assert_int_equal(console_open_by(ev_default_loop(0), &con_ops, "open", &events, &w,
					 &w.console, &f), 0);
	assert_true(loop_until(&w.opened, 5));
	assert_string_equal(console_way(w.console), "open");
	assert_null(live->machine);
	console_closed(live, -ESTALE, "bob took it");
	ends(-ESTALE, "bob took it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_that_opens_is_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(when_none_opens_each_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(what_only_the_user_can_mend_goes_first, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_that_does_not_open_has_its_time, setup,
						teardown),
		cmocka_unit_test_setup_teardown(time_that_is_up_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_machine_without_a_console_is_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_drivers_key_is_enough, setup, teardown),
		cmocka_unit_test_setup_teardown(an_empty_key_goes_before_the_drivers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(wrong_keys_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(writing_waits_for_room, setup, teardown),
		cmocka_unit_test_setup_teardown(who_writes_too_early_is_told_when_it_is_open,
						setup, teardown),
		cmocka_unit_test_setup_teardown(size_and_pause_hold_from_the_beginning, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_a_driver_lacks_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(it_may_be_closed_at_any_time, setup, teardown),
		cmocka_unit_test_setup_teardown(it_may_be_closed_from_its_events, setup, teardown),
		cmocka_unit_test_setup_teardown(a_driver_may_take_its_time_to_close, setup,
						teardown),
		cmocka_unit_test_setup_teardown(closing_overtakes_the_ladder, setup, teardown),
		cmocka_unit_test_setup_teardown(a_console_of_no_configuration_opens_too, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
