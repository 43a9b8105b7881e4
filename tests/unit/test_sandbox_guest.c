/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the driver sandbox: what only guests can do. */
#include "test.h"
#include "attempts.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/file.h"
#include "engine/ladder.h"
#include "model/machine.h"

#include <errno.h>
#include <unistd.h>

static char path[] = "/tmp/test_sandbox.XXXXXX";
static struct model *model;
static struct fault f;

static int setup(void **state)
{
	int fd;

	(void)state;
	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	close(fd);
	return fd < 0 || unlink(path);
}

static int teardown(void **state)
{
	char lock[64];

	(void)state;
	drivers_quit();
	model_free(model);
	model = NULL;
	unlink(path);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	unlink(lock);
	return 0;
}

/* A machine, with these keys besides, and what its state file says of it. */
static void guest(const char *keys, const char *line)
{
	char all[1024];

	snprintf(all, sizeof(all),
		 "sandbox-state = \"%s\"\nmachine \"a\" { sandbox = \"off\"\n%s }\n", path, keys);
	assert_int_equal(file_replace(path, line, strlen(line), 0644, &f), 0);
	model = model_of(all);
}

static struct ended ask(enum verb verb, const char *words)
{
	return trial_run_with(model, "a", verb, words, "sandbox");
}

static void gives(enum verb verb, const char *words, enum state expected)
{
	struct ended e = ask(verb, words);

	assert_string_equal(e.text, "");
	assert_int_equal(e.err, 0);
	assert_int_equal(e.state, expected);
}

static void fails(enum verb verb, const char *words, const char *sentence)
{
	struct ended e = ask(verb, words);

	assert_string_equal(e.text, sentence);
	assert_int_not_equal(e.err, 0);
}

static void assert_file(const char *expected)
{
	char *text;

	drivers_quit();
	if (file_read(path, 1 << 20, &text, NULL, &f))
		fail_msg("%s", f.text);
	assert_string_equal(text, expected);
	free(text);
}

static void states_of_guests_last_between_runs(void **state)
{
	(void)state;
	guest("", "a on\n");
	gives(VERB_PAUSE, "", STATE_PAUSED);
	assert_file("a paused\n");
	gives(VERB_STATUS, "", STATE_PAUSED);
	gives(VERB_RESUME, "", STATE_ON);
	gives(VERB_SUSPEND, "", STATE_SUSPENDED);
	assert_file("a suspended\n");
	gives(VERB_WAKEUP, "", STATE_ON);
	gives(VERB_SAVE, "", STATE_SAVED);
	assert_file("a saved\n");
	gives(VERB_STATUS, "", STATE_SAVED);
	gives(VERB_RESTORE, "", STATE_ON);
	gives(VERB_MIGRATE, "h2:4444", STATE_MOVED);
	assert_file("a moved\n");
	gives(VERB_STATUS, "", STATE_MOVED);
	/* none of it was a start from nothing */
	gives(VERB_ON, "", STATE_ON);
	assert_file("a on,boots=1\n");
}

static void what_does_not_run_is_not_paused_saved_or_moved(void **state)
{
	(void)state;
	guest("", "a off\n");
	fails(VERB_PAUSE, "", "\"a\" refuses to be paused: it is off");
	fails(VERB_RESUME, "", "\"a\" refuses to be resumed: it is off");
	fails(VERB_SUSPEND, "", "\"a\" refuses to be suspended: it is off");
	fails(VERB_SAVE, "", "\"a\" refuses to be saved: it is off");
	fails(VERB_MIGRATE, "h2", "\"a\" refuses to be moved: it is off");
	fails(VERB_SYSRQ, "s", "\"a\" refuses to be sent magic keys: it is off");
}

static void a_sleeping_guest_is_not_asked_to_shut_down(void **state)
{
	(void)state;
	guest("", "a paused\n");
	fails(VERB_SOFT, "",
	      "\"a\" refuses to be shut down: it is paused: \"stoker resume\" lets it "
	      "go on");
	fails(VERB_ON, "",
	      "\"a\" refuses to be put on: it is paused: \"stoker resume\" lets it go on");
	gives(VERB_SAVE, "", STATE_SAVED);
	gives(VERB_RESTORE, "", STATE_ON);
	gives(VERB_SUSPEND, "", STATE_SUSPENDED);
	fails(VERB_SOFT, "",
	      "\"a\" refuses to be shut down: it sleeps: \"stoker wakeup\" ends that");
	gives(VERB_OFF, "", STATE_OFF);
}

static void what_is_saved_is_not_put_on(void **state)
{
	(void)state;
	guest("", "a saved\n");
	fails(VERB_ON, "",
	      "\"a\" refuses to be put on: it is saved: \"stoker restore\" brings it back; "
	      "\"off\" behind its name in the file of sandbox-state discards what was saved");
	/* nor is it lost by what makes sure that it does not run */
	gives(VERB_OFF, "", STATE_SAVED);
	gives(VERB_SOFT, "", STATE_SAVED);
	assert_file("a saved\n");
}

static void where_nothing_was_saved_restore_says_so(void **state)
{
	(void)state;
	guest("", "a on\n");
	assert_int_equal(ask(VERB_RESTORE, "").err, -ENODATA);
	assert_string_equal(ask(VERB_RESTORE, "").text, "nothing is saved of \"a\"");
	assert_file("a on\n");
}

static void a_failed_restore_keeps_what_was_saved(void **state)
{
	(void)state;
	guest("sandbox-fault = {\"restore:fail\"}", "a saved\n");
	fails(VERB_RESTORE, "", "\"a\" refuses to be restored: its sandbox-fault says so");
	assert_file("a saved\n");
	assert_int_equal(file_replace(path, "a off\n", 6, 0644, &f), 0);
	fails(VERB_RESTORE, "", "nothing is saved of \"a\"");
}

static void what_is_cancelled_leaves_the_guest_as_it_was(void **state)
{
	struct trial trial;

	(void)state;
	guest("sandbox-delay = 500ms", "a on\n");
	trial_start(&trial, model, "a", VERB_SAVE, "sandbox");
	loop_for(0.1);
	trial_cancel(&trial);
	trial_wait(&trial, 5);
	assert_int_equal(trial.ended.state, STATE_ON);
	trial_free(&trial);
	loop_for(0.6);
	gives(VERB_STATUS, "", STATE_ON);
	trial_start(&trial, model, "a", VERB_MIGRATE, "sandbox h2");
	loop_for(0.1);
	trial_cancel(&trial);
	trial_wait(&trial, 5);
	assert_int_equal(trial.ended.state, STATE_ON);
	trial_free(&trial);
	assert_file("a on\n");
}

static void faults_show_in_each_verb(void **state)
{
	struct trial trial;

	(void)state;
	guest("sandbox-fault = {\"save:fail\", \"migrate:hang\", \"pause:ignore\", "
	      "\"suspend:blind\", "
	      "\"snapshot:ignore\", \"sysrq:fail\"}",
	      "a on\n");
	fails(VERB_SAVE, "", "\"a\" refuses to be saved: its sandbox-fault says so");
	fails(VERB_SNAPSHOT, "x", "\"a\" accepted it, and has not done it");
	fails(VERB_SYSRQ, "s", "\"a\" refuses to be sent magic keys: its sandbox-fault says so");
	trial_start(&trial, model, "a", VERB_MIGRATE, "sandbox h2");
	loop_for(0.1);
	assert_int_equal(trial.ended.times, 0);
	trial_cancel(&trial);
	assert_int_equal(trial.ended.err, -ECANCELED);
	trial_free(&trial);
	trial_start(&trial, model, "a", VERB_PAUSE, "sandbox");
	loop_for(0.3);
	assert_int_equal(trial.ended.times, 0);
	trial_cancel(&trial);
	assert_int_equal(trial.ended.state, STATE_ON);
	trial_free(&trial);
	gives(VERB_SUSPEND, "", STATE_SENT);
	gives(VERB_STATUS, "", STATE_SUSPENDED);
}

static void snapshots_are_kept_by_name(void **state)
{
	(void)state;
	guest("", "a on\n");
	gives(VERB_SNAPSHOT, "before", STATE_DONE);
	gives(VERB_SNAPSHOT, "keep after", STATE_DONE);
	gives(VERB_SNAPSHOT, "after", STATE_DONE);
	assert_file("a on,snapshot=before,snapshot=after\n");
	assert_string_equal(ask(VERB_SNAPSHOT, "list").notes, "before\nafter\n");
	gives(VERB_OFF, "", STATE_OFF);
	gives(VERB_SNAPSHOT, "load after", STATE_DONE);
	gives(VERB_STATUS, "", STATE_ON);
	gives(VERB_SNAPSHOT, "delete before", STATE_DONE);
	fails(VERB_SNAPSHOT, "load before",
	      "\"a\" has no snapshot \"before\": \"snapshot list\" tells "
	      "what there is");
	assert_file("a on,snapshot=after\n");
	for (int i = 1; i < 16; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		gives(VERB_SNAPSHOT, name, STATE_DONE);
	}
	fails(VERB_SNAPSHOT, "more",
	      "\"more\": a simulated machine keeps 16 snapshots: delete one");
}

static void magic_keys_have_their_effect(void **state)
{
	(void)state;
	guest("", "a on\n");
	gives(VERB_SYSRQ, "s", STATE_SENT);
	assert_file("a on\n");
	gives(VERB_SYSRQ, "sub", STATE_SENT);
	gives(VERB_STATUS, "", STATE_ON);
	gives(VERB_SYSRQ, "seiuo", STATE_SENT);
	gives(VERB_STATUS, "", STATE_OFF);
	assert_file("a off,boots=1\n");
}

static void words_may_stand_in_a_ladder(void **state)
{
	struct method method;

	(void)state;
	guest("", "a on\n");
	assert_int_equal(trial_run(model, "a", VERB_SYSRQ, "sandbox s").state, STATE_SENT);
	assert_int_equal(trial_run(model, "a", VERB_MIGRATE, "sandbox h2:7000").state, STATE_MOVED);
	assert_int_equal(method_parse("sandbox migrate h2 300s", VERB_STOP, &method, &f), 0);
	method_free(&method);
	assert_int_equal(method_parse("sandbox sysrq S", VERB_STOP, &method, &f), -EINVAL);
	assert_int_equal(method_parse("sandbox save x", VERB_STOP, &method, &f), -EINVAL);
	assert_string_equal(f.text, "the driver sandbox takes no argument \"x\"");
}

#define GUEST_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GUEST_TEST(states_of_guests_last_between_runs),
		GUEST_TEST(what_does_not_run_is_not_paused_saved_or_moved),
		GUEST_TEST(a_sleeping_guest_is_not_asked_to_shut_down),
		GUEST_TEST(what_is_saved_is_not_put_on),
		GUEST_TEST(where_nothing_was_saved_restore_says_so),
		GUEST_TEST(a_failed_restore_keeps_what_was_saved),
		GUEST_TEST(what_is_cancelled_leaves_the_guest_as_it_was),
		GUEST_TEST(faults_show_in_each_verb),
		GUEST_TEST(snapshots_are_kept_by_name),
		GUEST_TEST(magic_keys_have_their_effect),
		GUEST_TEST(words_may_stand_in_a_ladder),
	};

	return cmocka_run_group_tests_name("sandbox guests", tests, NULL, NULL);
}
