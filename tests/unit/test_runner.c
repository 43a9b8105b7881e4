/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner, under a fake clock: ladders, edges, deadlines, fan-out, observation, cancellation. */
#include "test.h"
#include "base/fault.h"
#include "engine/plan.h"
#include "engine/runner.h"
#include "fakeclock.h"
#include "fakedriver.h"
#include "model/machine.h"
#include "model/select.h"

#include <errno.h>
#include <ev.h>

static struct model *model;
static struct plan *plan;
static double seconds;

/* What the verb is done with. */
static const char *const *words;
static size_t nwords;

static void run_with(const char *config, const char *expression, enum verb verb,
		     const struct runner_options *options)
{
	const struct plan_options plan_options = {
		.words = (char *const *)words, .nwords = nwords,
	};
	struct selection selection = {0};
	struct fault fault;

	fake_reset();
	model = model_of(config);
	assert_int_equal(select_machines(model, expression, &selection, NULL), 0);
	if (plan_make(model, &selection, verb, &plan_options, &plan, &fault))
		fail_msg("%s", fault.text);
	selection_free(&selection);
	seconds = run_plan(model, plan, options);
}

static void run(const char *config, const char *expression, enum verb verb)
{
	run_with(config, expression, verb, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	plan_free(plan);
	model_free(model);
	plan = NULL;
	model = NULL;
	words = NULL;
	nwords = 0;
	return 0;
}

static const struct outcome *outcome(const char *name)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->steps[i].counts && !strcmp(plan->steps[i].machine->name, name)) {
			assert_true(plan->steps[i].done);
			return &plan->steps[i].outcome;
		}
	}
	fail_msg("no step for %s", name);
	return NULL;
}

static void assert_about(double value, double wanted)
{
	if (value < wanted - 0.1 || value > wanted + 0.3)
		fail_msg("%.2f is not about %.2f", value, wanted);
}

static void a_rung_that_reaches_ends_the_ladder(void **state)
{
	(void)state;
	run("machine \"a\" { off = {\"fake reach 500\", \"fake fail\"} }", "a", VERB_OFF);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_OFF);
	assert_about(outcome("a")->seconds, 0.5);
	assert_string_equal(outcome("a")->output, "said so");
	assert_string_equal(fake_log, "start off a 0.0\n");
}

static void a_rung_that_fails_gives_way_to_the_next(void **state)
{
	(void)state;
	run("machine \"a\" { off = {\"fake fail\", \"fake wrong\", \"fake reach\"} }", "a",
	    VERB_OFF);
	assert_true(outcome("a")->ok);
	assert_string_equal(fake_log, "start off a 0.0\nstart off a 0.0\nstart off a 0.0\n");
}

static void all_reasons_are_told_when_all_rungs_fail(void **state)
{
	(void)state;
	run("machine \"a\" { off = {\"fake fail\", \"fake wrong\", \"fake hang 2s\"} }", "a",
	    VERB_OFF);
	assert_false(outcome("a")->ok);
	assert_string_equal(outcome("a")->error,
			    "fake: no luck with \"a\"; fake: it is still on; fake: not off within "
			    "2s");
}

static void a_rung_is_cancelled_at_its_deadline(void **state)
{
	(void)state;
	run("machine \"a\" { off = {\"fake hang 3s\", \"fake reach\"} }", "a", VERB_OFF);
	assert_true(outcome("a")->ok);
	assert_about(seconds, 3);
	assert_contains(fake_log, "start off a 0.0\ncancel off a 3.0\nstart off a 3.");
}

static void a_driver_may_take_its_time_to_stop(void **state)
{
	(void)state;
	run("machine \"a\" { off = {\"fake slow 1500 3s\", \"fake reach\"} }", "a", VERB_OFF);
	assert_true(outcome("a")->ok);
	assert_about(seconds, 4.5);
}

static void a_rung_that_prepares_never_ends_the_ladder(void **state)
{
	(void)state;
	run("machine \"a\" { off = {\"fake soft prepare\", \"fake reach\"} }", "a", VERB_OFF);
	assert_true(outcome("a")->ok);
	assert_string_equal(fake_log, "start soft a 0.0\nstart off a 0.0\n");
}

static void sent_is_never_on(void **state)
{
	(void)state;
	run("machine \"a\" { on = \"fake send\" }", "a", VERB_ON);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_SENT);
	assert_about(seconds, 0);
}

static void what_was_sent_last_counts(void **state)
{
	(void)state;
	run("machine \"a\" { on = {\"fake fail\", \"fake send\"} }", "a", VERB_ON);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_SENT);
	tear_down(NULL);
	run("machine \"a\" { on = {\"fake send 1s\", \"fake fail\"} }", "a", VERB_ON);
	assert_false(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_SENT);
	assert_string_equal(outcome("a")->error, "fake: no luck with \"a\"");
}

static void preparing_alone_is_a_failure(void **state)
{
	(void)state;
	run("machine \"a\" { off = \"fake soft prepare\" }", "a", VERB_OFF);
	assert_false(outcome("a")->ok);
	assert_contains(outcome("a")->error, "only prepares");
}

static void unobserved_rungs_get_their_whole_time(void **state)
{
	(void)state;
	run("machine \"a\" { on = {\"fake send 20s\", \"fake reach\"} }", "a", VERB_ON);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_ON);
	assert_about(seconds, 20);
}

static void the_observer_ends_a_rung_when_the_machine_is_on(void **state)
{
	(void)state;
	run("machine \"a\" { on = {\"fake send 60s\", \"fake fail\"} eye = \"12s\" }", "a",
	    VERB_ON);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_ON);
	assert_about(seconds, 12);
	/* and it was sent again every five seconds until then */
	assert_string_equal(fake_log, "start on a 0.0\nstart on a 5.0\nstart on a 10.0\n");
}

static void what_the_observer_saw_is_told_at_the_deadline(void **state)
{
	(void)state;
	run("machine \"a\" { on = \"fake send 8s\" eye = \"1h\" }", "a", VERB_ON);
	assert_false(outcome("a")->ok);
	assert_string_equal(outcome("a")->error,
			    "fake: sent, but not on within 8s: it does not answer");
	assert_int_equal(outcome("a")->state, STATE_OFF);
	assert_about(seconds, 8);
}

static void the_observer_has_the_last_word(void **state)
{
	(void)state;
	run("machine \"a\" { off = \"fake fail\" eye = \"0s\" eye-gone = \"0s\" }", "a", VERB_OFF);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_OFF);
	tear_down(NULL);
	run("machine \"a\" { off = \"fake fail\" eye = \"0s\" }", "a", VERB_OFF);
	assert_false(outcome("a")->ok);
}

static void a_reset_that_nobody_saw_is_sent(void **state)
{
	(void)state;
	run("machine \"a\" { reset = \"fake send\" eye = \"0s\" }", "a", VERB_RESET);
	assert_int_equal(outcome("a")->state, STATE_SENT);
}

static void a_reset_that_was_sent_is_not_sent_again(void **state)
{
	(void)state;
	run("machine \"a\" { reset = {\"fake send 2s\", \"fake send 2s\"} }", "a", VERB_RESET);
	assert_true(outcome("a")->ok);
	assert_string_equal(fake_log, "start reset a 0.0\n");
}

static void an_observer_that_hangs_is_asked_again(void **state)
{
	(void)state;
	run("machine \"a\" { on = \"fake send 4s\" status = \"fake hang 1s\" }", "a", VERB_ON);
	assert_false(outcome("a")->ok);
	assert_contains(fake_log, "start status a 0.0\ncancel status a 1.0\nstart status a ");
}

static void a_status_ladder_never_changes_anything(void **state)
{
	char *errors = errors_of("machine \"a\" { status = \"sandbox off\" }");

	(void)state;
	assert_contains(errors, "takes no argument \"off\"");
	free(errors);
	/* nor do those of verbs that leave the power alone, nor can theirs stand in others' */
	errors = errors_of("machine \"a\" { identify = \"sandbox off\" }\n"
			   "machine \"b\" { off = \"sandbox bootdev\" }");
	assert_contains(errors, "takes no argument \"off\"");
	assert_contains(errors, "takes no argument \"bootdev\"");
	free(errors);
}

static void verbs_that_leave_the_power_alone_end_when_they_are_done(void **state)
{
	static const char *const pxe[] = {"pxe", "efi"};

	(void)state;
	run("machine \"h\" { fake = yes }\nmachine \"v\" { fake = yes host = \"h\" }", "h",
	    VERB_IDENTIFY);
	assert_true(outcome("h")->ok);
	assert_int_equal(outcome("h")->state, STATE_DONE);
	/* the guest is left alone */
	assert_string_equal(fake_log, "start identify h 0.0\n");
	tear_down(NULL);
	words = pxe;
	nwords = 2;
	run("machine \"a\" { bootdev = \"fake send\" eye = \"1h\" }", "a", VERB_BOOTDEV);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_SENT);
	/* and its words reach the driver */
	assert_string_equal(fake_log, "start bootdev a 0.0 pxe efi\n");
	assert_about(seconds, 0);
}

static void to_diagnose_is_to_learn_the_state(void **state)
{
	(void)state;
	run("machine \"a\" { diagnose = {\"fake fail\", \"fake reach\"} }", "a", VERB_DIAGNOSE);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_ON);
	tear_down(NULL);
	run("machine \"a\" { diagnose = \"fake hang 2s\" }", "a", VERB_DIAGNOSE);
	assert_string_equal(outcome("a")->error, "fake: no answer within 2s");
}

static void notes_are_told_whatever_the_end_is_and_once(void **state)
{
	(void)state;
	run("machine \"a\" { diagnose = \"fake note\" }", "a", VERB_DIAGNOSE);
	assert_false(outcome("a")->ok);
	assert_string_equal(outcome("a")->output, "it answers\nit knows \"a\"");
	assert_string_equal(outcome("a")->error, "fake: wrong password");
	tear_down(NULL);
	/* at the deadline, and of both methods */
	run("machine \"a\" { off = {\"fake note 9000 2s\", \"fake lines\"} }", "a", VERB_OFF);
	assert_true(outcome("a")->ok);
	assert_string_equal(outcome("a")->output,
			    "it answers\nit knows \"a\"\nit answers\nit knows \"a\"");
	tear_down(NULL);
	/* a method that is repeated says the same again */
	run("machine \"a\" { on = \"fake lines 60s\" eye = \"12s\" }", "a", VERB_ON);
	assert_contains(fake_log, "start on a 10.0");
	assert_string_equal(outcome("a")->output, "it answers\nit knows \"a\"");
}

static void the_code_of_what_failed_last_is_kept(void **state)
{
	const struct runner_options options = {.timeout_ms = 1000};

	(void)state;
	run("machine \"a\" { off = {\"fake fail\", \"fake note\"} }\n"
	    "machine \"b\" { off = {\"fake note\", \"fake hang 1s\"} }\n"
	    "machine \"c\" { off = {\"fake note\", \"fake reach\"} }\n"
	    "machine \"d\" { off = \"fake wrong\" }\n"
	    "machine \"e\" { }\n", "all", VERB_OFF);
	assert_int_equal(outcome("a")->err, -EACCES);
	assert_int_equal(outcome("b")->err, -ETIME);
	assert_int_equal(outcome("c")->err, 0);
	assert_int_equal(outcome("d")->err, -EIO);
	assert_int_equal(outcome("e")->err, -ENOSYS);
	tear_down(NULL);
	run_with("machine \"a\" { off = {\"fake note\", \"fake hang\"} }", "a", VERB_OFF,
		 &options);
	assert_int_equal(outcome("a")->err, -ECANCELED);
}

static void an_unobserved_run_ends_when_it_was_sent(void **state)
{
	const struct runner_options options = {.unobserved = true};

	(void)state;
	run_with("machine \"a\" { on = {\"fake send\", \"fake fail\"} eye = \"1h\" }", "a", VERB_ON,
		 &options);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_SENT);
	assert_about(seconds, 0);
	tear_down(NULL);
	/* what observes by itself, or fails, does so */
	run_with("machine \"a\" { off = \"fake reach 2000\" }\n"
		 "machine \"b\" { off = \"fake fail\" eye = \"0s\" eye-gone = \"0s\" }", "all",
		 VERB_OFF, &options);
	assert_int_equal(outcome("a")->state, STATE_OFF);
	assert_false(outcome("b")->ok);
}

static void off_waits_for_guests(void **state)
{
	(void)state;
	run("machine \"h\" { off = \"fake reach 1000\" }\n"
	    "machine \"v\" { host = \"h\" off = \"fake reach 2000\" }", "h", VERB_OFF);
	assert_string_equal(fake_log, "start off v 0.0\nstart off h 2.0\n");
	assert_about(seconds, 3);
}

static void a_host_stays_on_when_a_guest_does(void **state)
{
	(void)state;
	run("machine \"h\" { off = \"fake reach\" }\n"
	    "machine \"v\" { host = \"h\" off = \"fake fail\" }", "h", VERB_OFF);
	assert_false(outcome("h")->ok);
	assert_string_equal(outcome("h")->error, "not tried: v could not be put off");
	assert_string_equal(fake_log, "start off v 0.0\n");
}

static void failure_is_passed_on_along_a_chain(void **state)
{
	(void)state;
	run("machine \"a\" { on = \"fake fail\" }\n"
	    "machine \"b\" { on = \"fake reach\" after = \"a\" }\n"
	    "machine \"c\" { on = \"fake reach\" after = \"b\" }\n"
	    "machine \"d\" { on = \"fake reach\" }", "all", VERB_ON);
	assert_string_equal(outcome("b")->error, "not tried: a could not be put on");
	assert_string_equal(outcome("c")->error, "not tried: b could not be put on");
	assert_true(outcome("d")->ok);
}

static void cycle_is_one_result(void **state)
{
	(void)state;
	run("machine \"a\" { off = \"fake reach 1000\" on = \"fake reach 1000\" }", "a",
	    VERB_CYCLE);
	assert_int_equal(plan->counted, 1);
	assert_int_equal(outcome("a")->state, STATE_ON);
	assert_about(seconds, 2);
	tear_down(NULL);
	run("machine \"a\" { off = \"fake fail\" on = \"fake reach\" }", "a", VERB_CYCLE);
	assert_string_equal(outcome("a")->error, "fake: no luck with \"a\"");
}

static void a_machine_without_a_way_does_not_hold_up_the_others(void **state)
{
	(void)state;
	run("machine \"a\" { }\nmachine \"b\" { on = \"fake reach\" }", "all", VERB_ON);
	assert_contains(outcome("a")->error, "set on =");
	assert_true(outcome("b")->ok);
}

static void sixty_four_attempts_are_in_flight_by_default(void **state)
{
	(void)state;
	run("machine \"a[1-640]\" { off = \"fake reach 1000\" }", "all", VERB_OFF);
	assert_int_equal(fake_most_in_flight, 64);
	assert_about(seconds, 10);
}

static void fanout_bounds_the_machines_under_way(void **state)
{
	const struct runner_options options = {.fanout = 3};

	(void)state;
	run_with("machine \"a[1-9]\" { off = \"fake reach 1000\" }", "all", VERB_OFF, &options);
	assert_int_equal(fake_most_in_flight, 3);
	assert_about(seconds, 3);
	tear_down(NULL);
	/* also while they are only watched */
	run_with("machine \"a[1-2]\" { on = \"fake send\" eye = \"4s\" }", "all", VERB_ON,
		 &(struct runner_options){.fanout = 1});
	assert_contains(fake_log, "start on a1 0.0\nstart on a2 4.");
}

static void deadlines_count_from_the_start_of_the_attempt(void **state)
{
	const struct runner_options options = {.fanout = 1};

	(void)state;
	run_with("machine \"a[1-5]\" { off = \"fake reach 1000 2s\" }", "all", VERB_OFF, &options);
	assert_true(outcome("a5")->ok);
	assert_about(seconds, 5);
}

static void status_takes_the_first_that_knows(void **state)
{
	(void)state;
	run("machine \"a\" { status = {\"fake fail\", \"eye\"} eye = \"1h\" }", "a", VERB_STATUS);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_OFF);
}

static void the_whole_run_has_a_time_limit(void **state)
{
	const struct runner_options options = {.timeout_ms = 2500, .fanout = 1};

	(void)state;
	run_with("machine \"a[1-3]\" { off = \"fake reach 2000\" }", "all", VERB_OFF, &options);
	assert_true(outcome("a1")->ok);
	assert_contains(outcome("a2")->error, "the time of the whole run is up (2500ms)");
	assert_contains(outcome("a3")->error, "not tried: the time of the whole run is up");
	assert_contains(fake_log, "cancel off a2 2.5");
	assert_about(seconds, 2.5);
}

struct interrupting {
	struct ev_loop *loop;
	struct runner *runner;
	ev_timer timer;
	unsigned done;
};

static void on_end(void *data)
{
	ev_break(((struct interrupting *)data)->loop, EVBREAK_ALL);
}

static void on_step(void *data, const struct step *step)
{
	(void)step;
	((struct interrupting *)data)->done++;
}

static void on_interrupt(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	runner_cancel(((struct interrupting *)timer->data)->runner, "interrupted");
}

static void interruption_tells_drivers_and_starts_nothing_new(void **state)
{
	struct interrupting in = {0};
	const struct runner_options options = {
		.fanout = 2, .no_locks = true, .data = &in, .on_step = on_step, .on_end = on_end,
	};
	const struct plan_options plan_options = {0};
	struct selection selection = {0};

	(void)state;
	fake_reset();
	model = model_of("machine \"a[1-4]\" { off = {\"fake slow 1000\", \"fake reach\"} }\n"
			 "machine \"z\" { host = \"a1\" off = \"fake reach\" }\n");
	assert_int_equal(select_machines(model, "a[1-4]", &selection, NULL), 0);
	assert_int_equal(plan_make(model, &selection, VERB_OFF, &plan_options, &plan, NULL), 0);
	selection_free(&selection);
	fakeclock_start();
	in.loop = ev_loop_new(EVFLAG_NOENV);
	in.runner = runner_start(in.loop, model, plan, &options, NULL);
	ev_timer_init(&in.timer, on_interrupt, 5, 0);
	in.timer.data = &in;
	ev_timer_start(in.loop, &in.timer);
	ev_run(in.loop, 0);
	/* slow drivers were given the time to stop */
	assert_about(fakeclock_now(), 6);
	assert_int_equal(fake_in_flight, 0);
	assert_int_equal(in.done, 5);
	assert_string_equal(outcome("a2")->error, "interrupted");
	assert_string_equal(outcome("a4")->error, "not tried: interrupted");
	assert_null(strstr(fake_log, "a4"));
	runner_free(in.runner);
	ev_loop_destroy(in.loop);
	fakeclock_stop();
}

static void ten_thousand_machines_run(void **state)
{
	(void)state;
	run("machine \"a[1-10000]\" { fake = yes off = \"fake reach\" }", "all", VERB_OFF);
	for (size_t i = 0; i < plan->n; i++)
		assert_true(plan->steps[i].outcome.ok);
}

static void what_cannot_be_restored_is_not_put_on(void **state)
{
	(void)state;
	run("machine \"a\" { start = {\"fake restore fail\", \"fake on\"} }", "a", VERB_START);
	assert_false(outcome("a")->ok);
	assert_string_equal(outcome("a")->error, "fake: no luck with \"a\"");
	assert_string_equal(fake_log, "start restore a 0.0\n");
	tear_down(state);
	run("machine \"a\" { start = {\"fake restore hang 2s\", \"fake on\"} }", "a", VERB_START);
	assert_false(outcome("a")->ok);
	assert_string_equal(fake_log, "start restore a 0.0\ncancel restore a 2.0\n");
}

static void where_nothing_was_saved_it_is_put_on(void **state)
{
	(void)state;
	run("machine \"a\" { start = {\"fake restore nothing\", \"fake on\"} }", "a", VERB_START);
	assert_true(outcome("a")->ok);
	assert_string_equal(fake_log, "start restore a 0.0\nstart on a 0.0\n");
}

static void to_stop_is_to_be_saved_or_moved_too(void **state)
{
	static const char *const keys[] = {"s"};

	(void)state;
	run("machine \"a\" { fake = yes stop = {\"sysrq s\", \"migrate fail\", \"save\", \"kill\"} }",
	    "a", VERB_STOP);
	assert_true(outcome("a")->ok);
	assert_int_equal(outcome("a")->state, STATE_SAVED);
	assert_string_equal(fake_log, "start sysrq a 0.0\nstart migrate a 0.0\nstart save a 0.0\n");
	tear_down(state);
	words = keys;
	nwords = 1;
	run("machine \"a\" { fake = yes }", "a", VERB_SYSRQ);
	assert_true(outcome("a")->ok);
}

#define RUNNER_TEST(test) cmocka_unit_test_teardown(test, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNNER_TEST(a_rung_that_reaches_ends_the_ladder),
		RUNNER_TEST(a_rung_that_fails_gives_way_to_the_next),
		RUNNER_TEST(all_reasons_are_told_when_all_rungs_fail),
		RUNNER_TEST(a_rung_is_cancelled_at_its_deadline),
		RUNNER_TEST(a_driver_may_take_its_time_to_stop),
		RUNNER_TEST(a_rung_that_prepares_never_ends_the_ladder),
		RUNNER_TEST(sent_is_never_on),
		RUNNER_TEST(what_was_sent_last_counts),
		RUNNER_TEST(preparing_alone_is_a_failure),
		RUNNER_TEST(unobserved_rungs_get_their_whole_time),
		RUNNER_TEST(the_observer_ends_a_rung_when_the_machine_is_on),
		RUNNER_TEST(what_the_observer_saw_is_told_at_the_deadline),
		RUNNER_TEST(the_observer_has_the_last_word),
		RUNNER_TEST(a_reset_that_nobody_saw_is_sent),
		RUNNER_TEST(a_reset_that_was_sent_is_not_sent_again),
		RUNNER_TEST(an_observer_that_hangs_is_asked_again),
		RUNNER_TEST(a_status_ladder_never_changes_anything),
		RUNNER_TEST(verbs_that_leave_the_power_alone_end_when_they_are_done),
		RUNNER_TEST(to_diagnose_is_to_learn_the_state),
		RUNNER_TEST(notes_are_told_whatever_the_end_is_and_once),
		RUNNER_TEST(the_code_of_what_failed_last_is_kept),
		RUNNER_TEST(an_unobserved_run_ends_when_it_was_sent),
		RUNNER_TEST(off_waits_for_guests),
		RUNNER_TEST(a_host_stays_on_when_a_guest_does),
		RUNNER_TEST(failure_is_passed_on_along_a_chain),
		RUNNER_TEST(cycle_is_one_result),
		RUNNER_TEST(a_machine_without_a_way_does_not_hold_up_the_others),
		RUNNER_TEST(sixty_four_attempts_are_in_flight_by_default),
		RUNNER_TEST(fanout_bounds_the_machines_under_way),
		RUNNER_TEST(deadlines_count_from_the_start_of_the_attempt),
		RUNNER_TEST(status_takes_the_first_that_knows),
		RUNNER_TEST(the_whole_run_has_a_time_limit),
		RUNNER_TEST(interruption_tells_drivers_and_starts_nothing_new),
		RUNNER_TEST(ten_thousand_machines_run),
		RUNNER_TEST(what_cannot_be_restored_is_not_put_on),
		RUNNER_TEST(where_nothing_was_saved_it_is_put_on),
		RUNNER_TEST(to_stop_is_to_be_saved_or_moved_too),
	};

	return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
