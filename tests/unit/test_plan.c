/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans: which steps, by which ladders, in which order. */
#include "test.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/ladder.h"
#include "engine/plan.h"
#include "fakedriver.h"
#include "model/machine.h"
#include "model/select.h"

/* A plan as text: "VERB NAME <WAITS_FOR" a step; "!": no way to do it. */
static char *plan_text(const char *config, const char *expression, enum verb verb, bool force)
{
	struct plan_options options = {.force = force};
	struct selection selection = {0};
	struct model *model = model_of(config);
	struct buffer text = {0};
	struct plan *plan;
	struct fault fault;

	assert_int_equal(select_machines(model, expression, &selection, NULL), 0);
	if (plan_make(model, &selection, verb, &options, &plan, &fault)) {
		buffer_add(&text, "error: %s", fault.text);
	} else {
		for (size_t i = 0; i < plan->n; i++) {
			const struct step *s = &plan->steps[i];

			buffer_add(&text, "%s%s %s%s", i ? "; " : "", verb_info(s->verb)->name,
				   s->machine->name, s->ladder ? "" : "!");
			for (size_t e = 0; e < plan->nedges; e++) {
				if (plan->edges[e].after == i)
					buffer_add(&text, " <%s", plan->steps
						   [plan->edges[e].before].machine->name);
			}
		}
		plan_free(plan);
	}
	selection_free(&selection);
	model_free(model);
	return buffer_take(&text);
}

static void check(const char *config, const char *expression, enum verb verb, const char *wanted)
{
	char *text = plan_text(config, expression, verb, false);

	assert_string_equal(text, wanted);
	free(text);
}

static const char stack[] = "profile \"p\" { fake = yes }\n"
			    "machine \"h\" { profile = \"p\" }\n"
			    "machine \"v\" { profile = \"p\" host = \"h\" }\n"
			    "machine \"w\" { profile = \"p\" host = \"v\" }\n";

static void off_takes_the_guests_first_innermost_first(void **state)
{
	(void)state;
	check(stack, "h", VERB_OFF, "off h <v; off v <w; off w");
	check(stack, "v", VERB_OFF, "off v <w; off w");
	check(stack, "w", VERB_OFF, "off w");
	check(stack, "h", VERB_RESET, "reset h <v; off v <w; off w");
}

static const char *ladder_of_machine(const struct model *model, const char *name, enum verb verb)
{
	static char text[FAULT_TEXT_MAX];
	struct ladder *ladder;
	struct fault fault;

	if (ladder_make(machine_find(model, name), verb, &ladder, &fault)) {
		snprintf(text, sizeof(text), "%s", fault.text);
	} else {
		snprintf(text, sizeof(text), "%s", ladder->text);
		ladder_free(ladder);
	}
	return text;
}

static void guests_are_switched_by_what_runs_them_alone(void **state)
{
	struct model *model = model_of(
		"machine \"g\" { guest = \"fakeguest\" mac = \"02:00:00:00:00:01\" fake = yes eye = 1s\n"
		"stop = {\"kill\"} }\n"
		"machine \"m\" { mac = \"02:00:00:00:00:02\" fake = yes }\n");

	(void)state;
	assert_string_equal(ladder_of_machine(model, "g", VERB_ON), "fakeguest 60s");
	assert_string_equal(ladder_of_machine(model, "g", VERB_START),
			    "fakeguest restore 60s, fakeguest on 60s");
	assert_string_equal(ladder_of_machine(model, "g", VERB_STOP), "fakeguest off 60s");
	/* who only looks may do so */
	assert_string_equal(ladder_of_machine(model, "g", VERB_STATUS), "eye 60s");
	assert_string_equal(ladder_of_machine(model, "m", VERB_ON), "fake 60s, wol 2m");
	model_free(model);
}

static void force_leaves_the_stack_alone(void **state)
{
	char *text = plan_text(stack, "h", VERB_OFF, true);

	(void)state;
	assert_string_equal(text, "off h");
	free(text);
}

static void on_goes_from_the_host_up(void **state)
{
	(void)state;
	check(stack, "w,v,h", VERB_ON, "on w <v; on v <h; on h");
	check(stack, "v", VERB_ON, "on v");
}

static void after_orders_up_and_in_reverse_down(void **state)
{
	static const char config[] = "profile \"p\" { fake = yes }\n"
				     "machine \"nas\" { profile = \"p\" }\n"
				     "machine \"web[1-2]\" { profile = \"p\" "
				     "after = {\"nas\", \"db[1-2]\"} }\n"
				     "machine \"db[1-2]\" { profile = \"p\" after = \"nas\" }\n";

	(void)state;
	check(config, "web[1-2],db[1-2],nas", VERB_ON,
	      "on web1 <nas <db1; on web2 <nas <db2; on db1 <nas; on db2 <nas; on nas");
	check(config, "nas,db1", VERB_OFF, "off nas <db1; off db1");
	check(config, "all", VERB_STATUS,
	      "status nas; status web1; status web2; status db1; status db2");
}

static void a_set_of_machines_is_waited_for_as_a_whole(void **state)
{
	check("machine \"nas[1-2]\" { fake = yes }\n"
	      "machine \"a\" { fake = yes after = \"nas[1-2]\" }", "all", VERB_ON,
	      "on nas1; on nas2; on a <nas1 <nas2");
	(void)state;
}

static void cycle_without_a_ladder_is_off_then_on(void **state)
{
	(void)state;
	check("machine \"a\" { fake = yes }", "a", VERB_CYCLE, "off a; on a <a");
	check(stack, "h", VERB_CYCLE, "off h <v; on h <h; off v <w; off w");
}

static void a_machine_without_a_way_gets_a_step_with_an_error(void **state)
{
	(void)state;
	check("machine \"a\" { fake = yes }\nmachine \"b\" { }", "all", VERB_ON, "on a; on b!");
}

static void a_circle_is_told_with_its_machines(void **state)
{
	char *text = plan_text("machine \"a\" { fake = yes after = \"b\" }\n"
			       "machine \"b\" { fake = yes after = \"c\" }\n"
			       "machine \"c\" { fake = yes after = \"a\" }\n"
			       "machine \"d\" { fake = yes }\n",
			       "all", VERB_ON, false);

	(void)state;
	assert_contains(text, "in a circle");
	assert_contains(text, "a, b, c");
	free(text);
}

static void ladder_text(const char *config, enum verb verb, const char *wanted)
{
	struct model *model = model_of(config);
	struct ladder *ladder;
	struct fault fault;

	if (ladder_make(machine_find(model, "a"), verb, &ladder, &fault))
		fail_msg("%s", fault.text);
	assert_string_equal(ladder->text, wanted);
	ladder_free(ladder);
	model_free(model);
}

static void methods_name_driver_verb_arguments_and_limit(void **state)
{
	(void)state;
	ladder_text("machine \"a\" { off = {\"fake soft 7 90s\", \"fake\"} }", VERB_OFF,
		    "fake soft 7 90s, fake 60s");
	ladder_text("machine \"a\" { off = \"fake 'a b' 22\" }", VERB_OFF, "fake 'a b' 22 60s");
	ladder_text("machine \"a\" { fake = yes eye = 1s }", VERB_STATUS, "fake 60s, eye 60s");
}

static void a_sandbox_machine_is_never_touched_for_real_by_default(void **state)
{
	(void)state;
	ladder_text("machine \"a\" { mac = \"02:00:00:00:00:01\" sandbox = \"off\" }", VERB_ON,
		    "sandbox 60s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_takes_the_guests_first_innermost_first),
		cmocka_unit_test(guests_are_switched_by_what_runs_them_alone),
		cmocka_unit_test(force_leaves_the_stack_alone),
		cmocka_unit_test(on_goes_from_the_host_up),
		cmocka_unit_test(after_orders_up_and_in_reverse_down),
		cmocka_unit_test(a_set_of_machines_is_waited_for_as_a_whole),
		cmocka_unit_test(cycle_without_a_ladder_is_off_then_on),
		cmocka_unit_test(a_machine_without_a_way_gets_a_step_with_an_error),
		cmocka_unit_test(a_circle_is_told_with_its_machines),
		cmocka_unit_test(methods_name_driver_verb_arguments_and_limit),
		cmocka_unit_test(a_sandbox_machine_is_never_touched_for_real_by_default),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
