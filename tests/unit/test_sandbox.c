/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the driver sandbox. */
#include "test.h"
#include "attempts.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/file.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <sys/wait.h>
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

/* Reads the machines; with a state file where kept is set. */
static void machines(const char *text, bool kept)
{
	char all[2048];

	snprintf(all, sizeof(all), "%s%s%s%s", kept ? "sandbox-state = \"" : "", kept ? path : "",
		 kept ? "\"\n" : "", text);
	model = model_of(all);
}

static struct ended ask(const char *machine, enum verb verb)
{
	return trial_run(model, machine, verb, "sandbox");
}

static void gives(const char *machine, enum verb verb, enum state expected)
{
	struct ended e = ask(machine, verb);

	assert_string_equal(e.text, "");
	assert_int_equal(e.err, 0);
	assert_int_equal(e.state, expected);
}

static void fails(const char *machine, enum verb verb, const char *sentence)
{
	struct ended e = ask(machine, verb);

	assert_int_equal(e.err, -EIO);
	assert_string_equal(e.text, sentence);
}

static void verbs_change_the_state(void **state)
{
	(void)state;
	machines("machine \"a\" { sandbox = \"on\" }\nmachine \"b\" { sandbox = \"off\" }\n",
		 false);
	gives("a", VERB_STATUS, STATE_ON);
	gives("b", VERB_STATUS, STATE_OFF);
	gives("b", VERB_ON, STATE_ON);
	gives("b", VERB_ON, STATE_ON);
	gives("b", VERB_STATUS, STATE_ON);
	gives("b", VERB_RESET, STATE_ON);
	gives("b", VERB_CYCLE, STATE_ON);
	gives("b", VERB_NMI, STATE_SENT);
	gives("b", VERB_SOFT, STATE_OFF);
	gives("b", VERB_OFF, STATE_OFF);
	gives("b", VERB_STATUS, STATE_OFF);
	gives("a", VERB_STATUS, STATE_ON);
}

static void what_is_off_is_not_reset(void **state)
{
	(void)state;
	machines("machine \"a\" { sandbox = \"off\" }\n", false);
	fails("a", VERB_RESET, "\"a\" refuses to be reset: it is off");
	fails("a", VERB_CYCLE, "\"a\" refuses to be cycled: it is off");
	fails("a", VERB_NMI, "\"a\" refuses to be interrupted: it is off");
}

static void change_takes_its_delay(void **state)
{
	struct trial trial;

	(void)state;
	machines("machine \"a\" { sandbox = \"off\"\n sandbox-delay = 300ms }\n", false);
	trial_start(&trial, model, "a", VERB_ON, "sandbox");
	loop_for(0.1);
	assert_int_equal(trial.ended.times, 0);
	gives("a", VERB_STATUS, STATE_OFF);
	trial_wait(&trial, 5);
	assert_int_equal(trial.ended.state, STATE_ON);
	trial_free(&trial);
	/* a cycle goes through off */
	trial_start(&trial, model, "a", VERB_CYCLE, "sandbox");
	loop_for(0.1);
	gives("a", VERB_STATUS, STATE_OFF);
	trial_wait(&trial, 5);
	assert_int_equal(trial.ended.state, STATE_ON);
	trial_free(&trial);
}

static void answer_takes_its_latency(void **state)
{
	struct ev_loop *loop = ev_default_loop(0);
	double begun;

	(void)state;
	machines("machine \"a\" { sandbox = \"off\"\n sandbox-latency = 200ms }\n", false);
	ev_now_update(loop);
	begun = ev_now(loop);
	gives("a", VERB_STATUS, STATE_OFF);
	assert_true(ev_now(loop) - begun > 0.19);
}

static void later_request_overrules_the_earlier(void **state)
{
	struct trial on, off;

	(void)state;
	machines("machine \"a\" { sandbox = \"off\"\n sandbox-delay = 100ms }\n", false);
	trial_start(&on, model, "a", VERB_ON, "sandbox");
	loop_for(0.05);
	trial_start(&off, model, "a", VERB_OFF, "sandbox");
	trial_wait(&off, 5);
	assert_int_equal(off.ended.state, STATE_OFF);
	loop_for(0.3);
	assert_int_equal(on.ended.times, 0);
	trial_cancel(&on);
	assert_int_equal(on.ended.times, 1);
	assert_int_equal(on.ended.state, STATE_OFF);
	trial_free(&on);
	trial_free(&off);
}

static void faults_show(void **state)
{
	struct ended e;

	(void)state;
	machines("machine \"a\" { sandbox = \"on\"\n"
		 "sandbox-fault = {\"off:fail\", \"soft:blind\", \"reset:flaky 2\", "
		 "\"status:blind\"} }\n", false);
	fails("a", VERB_OFF, "\"a\" refuses to be put off: its sandbox-fault says so");
	fails("a", VERB_RESET, "\"a\" refuses to be reset: its sandbox-fault says so, for now");
	fails("a", VERB_RESET, "\"a\" refuses to be reset: its sandbox-fault says so, for now");
	gives("a", VERB_RESET, STATE_ON);
	gives("a", VERB_SOFT, STATE_SENT);
	fails("a", VERB_RESET, "\"a\" refuses to be reset: it is off");
	e = ask("a", VERB_STATUS);
	assert_int_equal(e.state, STATE_UNKNOWN);
	assert_string_equal(e.text, "the machine cannot tell its state");
}

static void hanging_and_ignoring_wait_for_the_deadline(void **state)
{
	struct trial hang, ignore;

	(void)state;
	machines("machine \"a\" { sandbox = \"on\"\n"
		 "sandbox-fault = {\"off:ignore\", \"soft:hang\"} }\n", false);
	trial_start(&hang, model, "a", VERB_SOFT, "sandbox");
	trial_start(&ignore, model, "a", VERB_OFF, "sandbox");
	loop_for(0.5);
	assert_int_equal(hang.ended.times, 0);
	assert_int_equal(ignore.ended.times, 0);
	trial_cancel(&hang);
	trial_cancel(&ignore);
	loop_for(0.3);
	assert_int_equal(hang.ended.times, 1);
	assert_int_equal(hang.ended.err, -ECANCELED);
	assert_int_equal(ignore.ended.times, 1);
	assert_int_equal(ignore.ended.err, 0);
	assert_int_equal(ignore.ended.state, STATE_ON);
	trial_free(&hang);
	trial_free(&ignore);
	gives("a", VERB_STATUS, STATE_ON);
}

static const struct key *find_key(const char *name)
{
	const struct key *const *keys = driver_find("sandbox")->keys;

	while (strcmp((*keys)->name, name))
		keys++;
	return *keys;
}

static void refuses(const char *key, const char *value, const char *sentence)
{
	assert_int_equal(key_check(find_key(key), value, &f), -EINVAL);
	assert_string_equal(f.text, sentence);
}

static void wrong_values_are_told(void **state)
{
	(void)state;
	assert_int_equal(key_check(find_key("sandbox-fault"), "on:flaky 3", &f), 0);
	refuses("sandbox", "maybe",
		"\"maybe\" is neither on nor off: write the state that the machine starts with");
	refuses("sandbox-fault", "fail", "\"fail\" is no fault of a verb: write for example "
		"\"off:ignore\" or \"on:flaky 2\"");
	refuses("sandbox-fault", "of:fail",
		"\"of:fail\": there is no verb \"of\" of simulated "
		"machines: write one of on, off, soft, reset, cycle, nmi, status, identify, "
		"bootdev, "
		"diagnose, pause, resume, suspend, wakeup, save, restore, snapshot, migrate, "
		"sysrq");
	refuses("sandbox-fault", "off:fial", "\"off:fial\": there is no fault \"fial\" (did you "
		"mean \"fail\"?): write fail, hang, ignore, blind or flaky N");
	refuses("sandbox-fault", "off:",
		"\"off:\": there is no fault \"\": write fail, hang, ignore, blind or flaky N");
	refuses("sandbox-fault", "off:fail 2", "\"off:fail 2\": fail takes no \"2\"");
	refuses("sandbox-fault", "off:flaky",
		"how often flaky fails, \"\" is not a number from 1 to 1000");
	refuses("sandbox-fault", "averyveryverylongverb:fail",
		"\"averyveryverylongverb:fail\": there is no such verb");
	refuses("sandbox-state", "state", "\"state\" is not an absolute path: write for example "
		"/tmp/sandbox.state");
}

static void assert_file(const char *expected)
{
	char *text;

	if (file_read(path, 1 << 20, &text, NULL, &f))
		fail_msg("%s", f.text);
	assert_string_equal(text, expected);
	free(text);
}

static void write_state(const char *text)
{
	assert_int_equal(file_replace(path, text, strlen(text), 0644, &f), 0);
}

static void states_last_between_runs(void **state)
{
	(void)state;
	machines("machine \"r[1-2]\" { sandbox = \"off\"\n sandbox-delay = 1h\n"
		 "sandbox-fault = \"on:blind\" }\n", true);
	gives("r2", VERB_ON, STATE_SENT);
	drivers_quit();
	/* the change goes on without us */
	assert_file("r2 on,boots=1\n");
	gives("r2", VERB_STATUS, STATE_ON);
	gives("r1", VERB_STATUS, STATE_OFF);
	/* nothing was changed: nothing is written */
	write_state("r2 off\n# by hand\n");
	drivers_quit();
	assert_file("r2 off\n# by hand\n");
}

static void file_is_written_while_we_run(void **state)
{
	(void)state;
	machines("machine \"a\" { sandbox = \"off\" }\n", true);
	gives("a", VERB_ON, STATE_ON);
	loop_for(1.2);
	assert_file("a on,boots=1\n");
}

static void does(enum verb verb, const char *words)
{
	struct ended e = trial_run_with(model, "a", verb, words, "sandbox");

	assert_string_equal(e.text, "");
	assert_int_equal(e.state, STATE_DONE);
}

static void tells(const char *notes)
{
	struct ended e = ask("a", VERB_DIAGNOSE);

	assert_int_equal(e.err, 0);
	assert_string_equal(e.notes, notes);
}

#define STEPS "reached: it is simulated, and answers\nlog-in: none is wanted\n"

static void boot_device_and_light_are_remembered(void **state)
{
	(void)state;
	machines("machine \"a\" { sandbox = \"on\" }\n", true);
	tells(STEPS "identify light: off\nboots: as its firmware is set up\n");
	does(VERB_BOOTDEV, "pxe efi");
	does(VERB_IDENTIFY, "on");
	tells(STEPS "identify light: on\nboots: from pxe, once, EFI\n");
	drivers_quit();
	assert_file("a on,lit,pxe,efi\n");
	/* to look changes nothing, nor does on where it is on */
	gives("a", VERB_STATUS, STATE_ON);
	gives("a", VERB_ON, STATE_ON);
	does(VERB_IDENTIFY, "off");
	tells(STEPS "identify light: off\nboots: from pxe, once, EFI\n");
	does(VERB_BOOTDEV, "none");
	drivers_quit();
	assert_file("a on\n");
}

static void what_is_chosen_for_once_is_used_once(void **state)
{
	(void)state;
	machines("machine \"a\" { sandbox = \"on\" }\n", false);
	does(VERB_BOOTDEV, "cdrom");
	gives("a", VERB_OFF, STATE_OFF);
	tells(STEPS "identify light: off\nboots: from cdrom, once, legacy\n");
	gives("a", VERB_ON, STATE_ON);
	tells(STEPS "identify light: off\nboots: as its firmware is set up\n");
	does(VERB_BOOTDEV, "disk always");
	gives("a", VERB_RESET, STATE_ON);
	tells(STEPS "identify light: off\nboots: from disk, always, legacy\n");
}

static void the_light_goes_off_by_itself(void **state)
{
	(void)state;
	machines("machine \"a\" { sandbox = \"on\" }\n", true);
	does(VERB_IDENTIFY, "");
	tells(STEPS "identify light: on for a time\nboots: as its firmware is set up\n");
	drivers_quit();
	write_state("a on,lit=1700000000\n");
	tells(STEPS "identify light: off\nboots: as its firmware is set up\n");
}

static void faults_show_in_the_other_verbs_too(void **state)
{
	struct ended e;

	(void)state;
	machines("machine \"a\" { sandbox = \"on\"\n"
		 "sandbox-fault = {\"bootdev:ignore\", \"identify:blind\", \"diagnose:fail\"} }\n",
		 false);
	e = trial_run_with(model, "a", VERB_BOOTDEV, "pxe", "sandbox");
	assert_string_equal(e.text, "\"a\" accepted it, and has not done it");
	assert_int_equal(trial_run_with(model, "a", VERB_IDENTIFY, "30s", "sandbox").state,
			 STATE_SENT);
	e = ask("a", VERB_DIAGNOSE);
	assert_int_equal(e.err, -EIO);
	assert_string_equal(e.notes, "reached: it is simulated, and answers\n");
}

static void others_changes_are_taken_in(void **state)
{
	(void)state;
	machines("machine \"r[1-3]\" { sandbox = \"off\" }\n", true);
	gives("r1", VERB_ON, STATE_ON);
	gives("r2", VERB_STATUS, STATE_OFF);
	/* another run changes r2, and knows a machine that we do not */
	write_state("r1 off\nr2 on\nx y on\n");
	loop_for(0.15);
	gives("r2", VERB_STATUS, STATE_ON);
	/* ours was not yet written: it counts */
	gives("r1", VERB_STATUS, STATE_ON);
	drivers_quit();
	assert_file("r1 on,boots=1\nr2 on\nx y on\n");
}

static void broken_file_is_told_and_kept(void **state)
{
	char expected[256];
	struct ended e;

	(void)state;
	machines("machine \"a\" { sandbox = \"off\" }\n", true);
	write_state("a on\nb on,pxe,twice\n");
	assert_int_equal(ask("a", VERB_OFF).err, -EINVAL);
	loop_for(0.15);
	write_state("a on\nb maybe\n");
	e = ask("a", VERB_OFF);
	snprintf(expected, sizeof(expected),
		 "%s:2: \"b maybe\" does not say a state as \"NAME on\" "
		 "does: mend the line, or remove the file",
		 path);
	assert_string_equal(e.text, expected);
	assert_int_equal(e.err, -EINVAL);
	drivers_quit();
	assert_file("a on\nb maybe\n");
}

static void unwritable_file_is_told(void **state)
{
	struct ended e;

	(void)state;
	model = model_of("sandbox-state = \"/proc/none/state\"\n"
			 "machine \"a\" { sandbox = \"off\" }\n");
	e = ask("a", VERB_ON);
	assert_string_equal(e.text, "sandbox-state: cannot write \"/proc/none/state.lock\": No "
			    "such file or directory");
	/* and again: it is not taken for open */
	e = ask("a", VERB_ON);
	assert_int_equal(e.err, -ENOENT);
}

/* Several processes switch machines of their own: no change is lost. */
static void parallel_runs_lose_nothing(void **state)
{
	enum { RUNS = 8 };
	pid_t pids[RUNS];
	char name[16], *text;
	int status;

	(void)state;
	machines("machine \"r[0-799]\" { sandbox = \"off\" }\n", true);
	for (int i = 0; i < RUNS; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		ev_loop_fork(ev_default_loop(0));
		for (int j = 0; j < 100; j++) {
			struct trial trial;

			snprintf(name, sizeof(name), "r%d", i * 100 + j);
			trial_start(&trial, model, name, VERB_ON, "sandbox");
			trial_wait(&trial, 5);
			trial_free(&trial);
			if (j % 30 == 29)
				drivers_quit();
		}
		drivers_quit();
		_exit(0);
	}
	for (int i = 0; i < RUNS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(file_read(path, 1 << 20, &text, NULL, &f), 0);
	assert_null(strstr(text, " off"));
	status = 0;
	for (const char *p = text; (p = strstr(p, " on,boots=1\n")); p++)
		status++;
	assert_int_equal(status, 800);
	free(text);
}

static void ten_thousand_are_cheap(void **state)
{
	enum { N = 10000 };
	struct ev_loop *loop = ev_default_loop(0);
	struct trial *trials = calloc(N, sizeof(*trials));
	double begun;
	char name[16];

	(void)state;
	machines("machine \"r[0-9999]\" { sandbox = \"off\"\n sandbox-delay = 100ms }\n", true);
	ev_now_update(loop);
	begun = ev_now(loop);
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		trial_start(&trials[i], model, name, VERB_ON, "sandbox");
	}
	for (int i = 0; i < N; i++) {
		if (!trials[i].ended.times)
			trial_wait(&trials[i], 10);
		assert_int_equal(trials[i].ended.state, STATE_ON);
		trial_free(&trials[i]);
	}
	ev_now_update(loop);
	drivers_quit();
	/* some 0.2 s, the delay included; with a sanitizer on a busy machine ten times that */
	assert_true(ev_now(loop) - begun < 5);
	print_message("%d machines: %.3f s\n", N, ev_now(loop) - begun);
	free(trials);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(verbs_change_the_state, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_off_is_not_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(change_takes_its_delay, setup, teardown),
		cmocka_unit_test_setup_teardown(answer_takes_its_latency, setup, teardown),
		cmocka_unit_test_setup_teardown(later_request_overrules_the_earlier, setup,
						teardown),
		cmocka_unit_test_setup_teardown(faults_show, setup, teardown),
		cmocka_unit_test_setup_teardown(hanging_and_ignoring_wait_for_the_deadline, setup,
						teardown),
		cmocka_unit_test_setup_teardown(wrong_values_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(states_last_between_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(file_is_written_while_we_run, setup, teardown),
		cmocka_unit_test_setup_teardown(boot_device_and_light_are_remembered, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_chosen_for_once_is_used_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_light_goes_off_by_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(faults_show_in_the_other_verbs_too, setup,
						teardown),
		cmocka_unit_test_setup_teardown(others_changes_are_taken_in, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_file_is_told_and_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(unwritable_file_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(parallel_runs_lose_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(ten_thousand_are_cheap, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
