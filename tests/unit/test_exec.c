/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the driver exec, with real programs. */
#include "test.h"
#include "attempts.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

static struct model *model;

static int setup(void **state)
{
	(void)state;
	model = model_of("machine \"host1\" {}\n"
			 "machine \"a\" {\n address = \"10.0.0.7\"\n"
			 " mac = {\"00-16-3E-00-00-01\", \"001122334455\"}\n"
			 " host = \"host1\"\n}\nmachine \"b\" {}\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	drivers_quit();
	model_free(model);
	return 0;
}

static void succeeds(enum verb verb, const char *method, enum state expected, const char *text)
{
	struct ended e = trial_run(model, "a", verb, method);

	assert_string_equal(e.text, text);
	assert_int_equal(e.err, 0);
	assert_int_equal(e.state, expected);
}

static void fails(enum verb verb, const char *method, int err, const char *sentence)
{
	struct ended e = trial_run(model, "a", verb, method);

	assert_string_equal(e.text, sentence);
	assert_int_equal(e.err, err);
}

static void programs_that_succeed_have_sent(void **state)
{
	(void)state;
	succeeds(VERB_ON, "exec true", STATE_SENT, "");
	succeeds(VERB_OFF, "exec /bin/echo a 'b  c'", STATE_SENT, "a b  c");
	succeeds(VERB_CYCLE, "exec shell 'echo a  b; echo c >&2; echo'", STATE_SENT, "a b\nc");
	/* no shell, no expansion */
	succeeds(VERB_NMI, "exec echo '$HOME;*'", STATE_SENT, "$HOME;*");
}

static void status_follows_lsb(void **state)
{
	(void)state;
	succeeds(VERB_STATUS, "exec shell 'echo it runs'", STATE_ON, "it runs");
	succeeds(VERB_STATUS, "exec shell 'exit 3'", STATE_OFF, "");
	fails(VERB_STATUS, "exec shell 'exit 1'", -EIO,
	      "\"exit 1\" exited with status 1: it said nothing");
	fails(VERB_ON, "exec shell 'exit 3'", -EIO,
	      "\"exit 3\" exited with status 3: it said nothing");
}

static void failure_is_told_with_its_last_line(void **state)
{
	(void)state;
	fails(VERB_OFF, "exec sh -c 'echo one; echo two; echo; exit 7' x", -EIO,
	      "\"sh -c echo one; echo two; echo; exit 7 x\" exited with status 7: two");
	fails(VERB_OFF, "exec shell 'kill -9 $$'", -EIO,
	      "\"kill -9 $$\" was ended by signal 9 (Killed)");
}

static void long_commands_are_cut_in_sentences(void **state)
{
	char method[400];
	struct ended e;

	(void)state;
	snprintf(method, sizeof(method), "exec false %0300d", 0);
	e = trial_run(model, "a", VERB_ON, method);
	assert_contains(e.text, "000…\" exited with status 1");
	assert_true(strlen(e.text) < 250);
}

static void missing_programs_are_told(void **state)
{
	(void)state;
	fails(VERB_ON, "exec /no/such/pdu on", -ENOENT,
	      "there is no program \"/no/such/pdu\": No such file or directory");
	fails(VERB_ON, "exec /etc/passwd", -EACCES,
	      "\"/etc/passwd\" is not executable: chmod +x would make it so");
	assert_contains(trial_run(model, "a", VERB_ON, "exec stk-none").text,
			"the program \"stk-none\" is in none of the folders of PATH");
}

static void program_knows_the_machine(void **state)
{
	struct ended e;

	(void)state;
	setenv("STOKER_HOST", "old", 1);
	succeeds(VERB_SOFT, "exec shell 'echo $STOKER_MACHINE $STOKER_VERB $STOKER_ADDRESS "
		 "$STOKER_MAC $STOKER_HOST'", STATE_SENT,
		 "a soft 10.0.0.7 00:16:3e:00:00:01 host1");
	e = trial_run(model, "b", VERB_OFF, "exec shell 'env | grep -E "
		      "\"^STOKER_(MACHINE|VERB|ADDRESS|MAC|HOST)=\" | sort'");
	assert_string_equal(e.text, "STOKER_MACHINE=b\nSTOKER_VERB=off");
	unsetenv("STOKER_HOST");
}

static void secrets_stay_here(void **state)
{
	static const char *const secret[] = {
		"IPMI_PASSWORD", "IPMITOOL_PASSWORD", "IPMI_K_g", "my_secret_x", "GH_TOKEN",
		"AWS_ACCESS_KEY_ID", "SSHPASS",
	};
	struct ended e;

	(void)state;
	for (unsigned i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		setenv(secret[i], "hunter2", 1);
	setenv("PLAIN", "1", 1);
	e = trial_run(model, "a", VERB_ON, "exec shell 'env | grep -e hunter2 -e ^PLAIN='");
	assert_string_equal(e.text, "PLAIN=1");
	for (unsigned i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		unsetenv(secret[i]);
}

static void refuses(const char *a, const char *b, const char *c, const char *sentence)
{
	char *argv[] = {(char *)a, (char *)b, (char *)c, NULL};
	size_t argc = !!a + !!b + !!c;
	struct fault f;

	assert_int_equal(driver_find("exec")->check_arguments(VERB_ON, argc, argv, &f), -EINVAL);
	assert_string_equal(f.text, sentence);
}

static void wrong_arguments_are_told(void **state)
{
	(void)state;
	refuses(NULL, NULL, NULL, "exec needs a program: write for example \"exec /usr/sbin/pdu "
		"on\", or \"exec shell 'pdu on | logger'\"");
	refuses("shell", "pdu", "on", "exec shell needs one command line: put it in quotes, as in "
		"\"exec shell 'pdu on | logger'\"");
	refuses("shell", NULL, NULL, "exec shell needs one command line: put it in quotes, as in "
		"\"exec shell 'pdu on | logger'\"");
	refuses("bin/pdu", NULL, NULL, "\"bin/pdu\" is a relative path: write an absolute one, or "
		"a name that is found by PATH");
}

static void cancel_stops_all_that_it_started(void **state)
{
	struct trial trial;

	(void)state;
	trial_start(&trial, model, "a", VERB_ON, "exec shell 'sleep 60 & wait'");
	loop_for(0.2);
	trial_cancel(&trial);
	assert_int_equal(trial.ended.times, 0);
	trial_wait(&trial, 5);
	assert_int_equal(trial.ended.err, -ECANCELED);
	assert_string_equal(trial.ended.text,
			    "\"sleep 60 & wait\" did not end in time and was stopped");
	trial_free(&trial);
}

static void cancel_as_it_ends_is_told_once(void **state)
{
	struct trial trial;

	(void)state;
	trial_start(&trial, model, "a", VERB_ON, "exec shell 'echo x; sleep 60 & exit 0'");
	/* it has ended, its pipe is still open */
	loop_for(0.1);
	trial_cancel(&trial);
	trial_wait(&trial, 5);
	loop_for(0.3);
	assert_int_equal(trial.ended.times, 1);
	trial_free(&trial);
}

static void quit_leaves_no_program(void **state)
{
	struct trial trial;
	char path[64];
	int pid = 0;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/test_exec.%d", (int)getpid());
	setenv("PIDFILE", path, 1);
	trial_start(&trial, model, "a", VERB_ON, "exec shell 'echo $$ >$PIDFILE; exec sleep 60'");
	loop_for(0.3);
	drivers_quit();
	loop_for(0.2);
	FILE *file = fopen(path, "r");

	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	unlink(path);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(trial.ended.times, 0);
	trial_free(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(programs_that_succeed_have_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(status_follows_lsb, setup, teardown),
		cmocka_unit_test_setup_teardown(failure_is_told_with_its_last_line, setup,
						teardown),
		cmocka_unit_test_setup_teardown(long_commands_are_cut_in_sentences, setup,
						teardown),
		cmocka_unit_test_setup_teardown(missing_programs_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(program_knows_the_machine, setup, teardown),
		cmocka_unit_test_setup_teardown(secrets_stay_here, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_arguments_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(cancel_stops_all_that_it_started, setup, teardown),
		cmocka_unit_test_setup_teardown(cancel_as_it_ends_is_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(quit_leaves_no_program, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
