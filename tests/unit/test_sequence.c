/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of a plan as a whole, under a fake clock: in turn, at once, early ones, pauses. */
#include "test.h"
#include "base/fault.h"
#include "engine/plan.h"
#include "engine/runner.h"
#include "engine/sequence.h"
#include "fakedriver.h"
#include "model/machine.h"
#include "model/select.h"

enum { STEPS_MAX = 512 };

static struct model *model;
static struct plan *plan;
static bool early[STEPS_MAX];
static uint32_t pauses[STEPS_MAX];
static double seconds;

static void make(const char *config, const char *expression, enum verb verb)
{
	const struct plan_options options = {0};
	struct selection selection = {0};
	struct fault fault;

	fake_reset();
	memset(early, 0, sizeof(early));
	memset(pauses, 0, sizeof(pauses));
	model = model_of(config);
	assert_int_equal(select_machines(model, expression, &selection, NULL), 0);
	if (plan_make(model, &selection, verb, &options, &plan, &fault))
		fail_msg("%s", fault.text);
	selection_free(&selection);
}

static void run(bool in_turn)
{
	const struct sequence sequence = {early, pauses, in_turn};
	struct fault fault;

	if (plan_sequence(plan, &sequence, &fault))
		fail_msg("%s", fault.text);
	seconds = run_plan(model, plan, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	plan_free(plan);
	model_free(model);
	plan = NULL;
	model = NULL;
	return 0;
}

static void in_turn_goes_by_the_list(void **state)
{
	(void)state;
	make("machine \"m[1-3]\" { off = \"fake reach 1000\" }", "m3,m1,m2", VERB_OFF);
	run(true);
	assert_string_equal(fake_log, "start off m3 0.0\nstart off m1 1.0\nstart off m2 2.0\n");
}

static void a_failure_holds_up_no_other(void **state)
{
	(void)state;
	make("machine \"m[1-2]\" { off = \"fake fail\" }\nmachine \"m3\" { off = \"fake reach\" }",
	     "m1,m2,m3", VERB_OFF);
	run(true);
	assert_string_equal(fake_log, "start off m1 0.0\nstart off m2 0.0\nstart off m3 0.0\n");
	assert_true(plan->steps[2].outcome.ok);
}

static void after_goes_before_the_list(void **state)
{
	(void)state;
	make("machine \"m1\" { on = \"fake reach 1000\" after = \"m2\" }\n"
	     "machine \"m[2-3]\" { on = \"fake reach 1000\" }",
	     "m1,m2,m3", VERB_ON);
	run(true);
	assert_string_equal(fake_log, "start on m2 0.0\nstart on m1 1.0\nstart on m3 2.0\n");
}

static void what_after_names_must_not_fail(void **state)
{
	(void)state;
	make("machine \"m1\" { on = \"fake reach\" after = \"m2\" }\n"
	     "machine \"m2\" { on = \"fake fail\" }\nmachine \"m3\" { on = \"fake reach\" }",
	     "m1,m2,m3", VERB_ON);
	run(true);
	assert_string_equal(fake_log, "start on m2 0.0\nstart on m3 0.0\n");
	assert_string_equal(plan->steps[0].outcome.error, "not tried: m2 could not be put on");
}

static void early_ones_are_done_before_the_others_begin(void **state)
{
	(void)state;
	make("machine \"m[1-4]\" { on = \"fake reach 1000\" }", "m1,m2,m3,m4", VERB_ON);
	early[1] = early[3] = true;
	run(false);
	assert_string_equal(fake_log, "start on m2 0.0\nstart on m4 0.0\nstart on m1 1.0\n"
				      "start on m3 1.0\n");
	tear_down(state);
	make("machine \"m[1-4]\" { on = \"fake reach 1000\" }", "m1,m2,m3,m4", VERB_ON);
	early[1] = early[3] = true;
	run(true);
	assert_string_equal(fake_log, "start on m2 0.0\nstart on m4 1.0\nstart on m1 2.0\n"
				      "start on m3 3.0\n");
}

static void an_early_one_that_waits_for_another_is_none(void **state)
{
	(void)state;
	make("machine \"m1\" { on = \"fake reach 1000\" }\n"
	     "machine \"m2\" { on = \"fake reach 1000\" after = \"m1\" }\n"
	     "machine \"m3\" { on = \"fake reach 1000\" }",
	     "m1,m2,m3", VERB_ON);
	early[1] = early[2] = true;
	run(false);
	assert_string_equal(fake_log, "start on m3 0.0\nstart on m1 1.0\nstart on m2 2.0\n");
}

static void pauses_lie_between_the_beginnings(void **state)
{
	(void)state;
	make("machine \"m[1-3]\" { on = \"fake reach 1000\" }", "m1,m2,m3", VERB_ON);
	pauses[0] = 5000;
	pauses[1] = 500;
	run(false);
	assert_string_equal(fake_log, "start on m1 0.0\nstart on m2 5.0\nstart on m3 5.5\n");
}

static void in_turn_a_pause_begins_when_the_one_before_is_done(void **state)
{
	(void)state;
	make("machine \"m[1-3]\" { on = \"fake reach 1000\" }", "m1,m2,m3", VERB_ON);
	pauses[0] = pauses[1] = pauses[2] = 5000;
	run(true);
	assert_string_equal(fake_log, "start on m1 0.0\nstart on m2 6.0\nstart on m3 12.0\n");
	/* and none behind the last */
	assert_true(seconds < 13.5);
}

static void after_early_ones_there_is_no_pause(void **state)
{
	(void)state;
	make("machine \"m[1-3]\" { on = \"fake reach 1000\" }", "m1,m2,m3", VERB_ON);
	pauses[0] = pauses[1] = pauses[2] = 5000;
	early[0] = early[1] = true;
	run(true);
	assert_string_equal(fake_log, "start on m1 0.0\nstart on m2 1.0\nstart on m3 2.0\n");
}

static void what_waits_for_another_pauses_after_that(void **state)
{
	(void)state;
	make("machine \"m1\" { on = \"fake reach 1000\" }\n"
	     "machine \"m2\" { on = \"fake reach 1000\" after = \"m1\" }",
	     "m1,m2", VERB_ON);
	pauses[0] = pauses[1] = 3000;
	run(false);
	assert_string_equal(fake_log, "start on m1 0.0\nstart on m2 4.0\n");
}

static void an_interruption_does_not_wait_for_pauses(void **state)
{
	const struct runner_options options = {.timeout_ms = 2000};
	const struct sequence sequence = {early, pauses, false};

	(void)state;
	make("machine \"m[1-3]\" { on = \"fake reach 1000\" }", "m1,m2,m3", VERB_ON);
	pauses[0] = 1000 * 3600;
	assert_int_equal(plan_sequence(plan, &sequence, NULL), 0);
	seconds = run_plan(model, plan, &options);
	assert_true(seconds < 2.5);
	assert_true(plan->steps[0].outcome.ok);
	assert_contains(plan->steps[2].outcome.error, "not tried: the time of the whole run is up");
}

static void what_is_done_already_is_not_done_again(void **state)
{
	(void)state;
	make("machine \"m1\" { on = \"fake reach 1000\" }\n"
	     "machine \"m2\" { on = \"fake reach 1000\" after = \"m1\" }\n"
	     "machine \"m3\" { on = \"fake reach 1000\" after = \"m2\" }",
	     "m1,m2,m3", VERB_ON);
	plan->steps[1].done = true;
	plan->steps[1].outcome = (struct outcome){.ok = true, .state = STATE_PAUSED};
	pauses[0] = 500;
	run(true);
	assert_string_equal(fake_log, "start on m1 0.0\nstart on m3 1.5\n");
	assert_int_equal(plan->steps[1].outcome.state, STATE_PAUSED);
	tear_down(state);
	make("machine \"m[1-2]\" { on = \"fake reach 1000\" }", "m1,m2", VERB_ON);
	plan->steps[0].done = plan->steps[1].done = true;
	run(false);
	assert_string_equal(fake_log, "");
}

static void the_longest_time_is_the_sum_of_all_limits(void **state)
{
	(void)state;
	make("machine \"m[1-4]\" { off = {\"fake reach 10s\", \"fake reach 20s\"} }", "m1,m2,m3,m4",
	     VERB_OFF);
	assert_int_equal(plan_longest_ms(plan, 1), 120000);
	assert_int_equal(plan_longest_ms(plan, 0), 30000);
	assert_int_equal(plan_longest_ms(plan, 2), 90000);
	assert_int_equal(plan_longest_ms(plan, 4), 60000);
	pauses[0] = 5000;
	assert_int_equal(plan_sequence(plan, &(struct sequence){NULL, pauses, true}, NULL), 0);
	assert_int_equal(plan_longest_ms(plan, 0), 125000);
	tear_down(state);
	make("machine \"m1\" { off = \"fake reach 10s\" after = \"m2\" }\n"
	     "machine \"m2\" { off = \"fake reach 20s\" }\nmachine \"m3\" { off = \"fake reach "
	     "25s\" }",
	     "m1,m2,m3", VERB_OFF);
	assert_int_equal(plan_longest_ms(plan, 0), 30000);
	assert_int_equal(plan_longest_ms(plan, 3), 48333);
}

static void hundreds_keep_their_order(void **state)
{
	char *p = fake_log;

	(void)state;
	make("machine \"m[100-499]\" { on = \"fake reach 10\" }", "m[100-499]", VERB_ON);
	for (int i = 0; i < 400; i++)
		early[i] = i % 2;
	run(true);
	for (int i = 0; i < 400; i++) {
		char line[32];
		int length = snprintf(line, sizeof(line), "start on m%d ",
				      i < 200 ? 101 + 2 * i : 100 + 2 * (i - 200));

		if (strncmp(p, line, (size_t)length))
			fail_msg("%.20s is not %s", p, line);
		p = strchr(p, '\n') + 1;
	}
}

#define SEQUENCE_TEST(test) cmocka_unit_test_teardown(test, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEQUENCE_TEST(in_turn_goes_by_the_list),
		SEQUENCE_TEST(a_failure_holds_up_no_other),
		SEQUENCE_TEST(after_goes_before_the_list),
		SEQUENCE_TEST(what_after_names_must_not_fail),
		SEQUENCE_TEST(early_ones_are_done_before_the_others_begin),
		SEQUENCE_TEST(an_early_one_that_waits_for_another_is_none),
		SEQUENCE_TEST(pauses_lie_between_the_beginnings),
		SEQUENCE_TEST(in_turn_a_pause_begins_when_the_one_before_is_done),
		SEQUENCE_TEST(after_early_ones_there_is_no_pause),
		SEQUENCE_TEST(what_waits_for_another_pauses_after_that),
		SEQUENCE_TEST(an_interruption_does_not_wait_for_pauses),
		SEQUENCE_TEST(what_is_done_already_is_not_done_again),
		SEQUENCE_TEST(the_longest_time_is_the_sum_of_all_limits),
		SEQUENCE_TEST(hundreds_keep_their_order),
	};

	return cmocka_run_group_tests_name("sequence", tests, NULL, NULL);
}
