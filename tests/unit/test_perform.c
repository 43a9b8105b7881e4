/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What front ends get from context_perform: a report of their own, and runs that do not wait. */
#include "test.h"
#include "base/text.h"
#include "cli/context.h"
#include "engine/plan.h"
#include "engine/reporter.h"
#include "fakedriver.h"
#include "model/machine.h"
#include "model/select.h"

#include <errno.h>

static struct buffer told;

static void tell_step(const struct step *step)
{
	buffer_add(&told, "%s %s %d\n", step->machine->name, state_name(step->outcome.state),
		   step->outcome.err);
}

static void tell_end(const struct plan *plan, bool quiet)
{
	buffer_add(&told, "%zu of %s%s\n", plan->counted, verb_info(plan->verb)->name,
		   quiet ? ", quiet" : "");
}

static const struct report_format stepwise = {.name = "stepwise", .step = tell_step};
REPORT_FORMAT(stepwise);
static const struct report_format at_end = {.name = "at end", .end = tell_end};
REPORT_FORMAT(at_end);

static int perform(const char *config, struct context context, struct performance performance)
{
	struct selection selection = {0};
	int code;

	buffer_free(&told);
	fake_reset();
	context.model = model_of(config);
	performance.no_locks = true;
	assert_int_equal(select_machines(context.model, "all", &selection, NULL), 0);
	code = context_perform(&context, &selection, &performance);
	selection_free(&selection);
	model_free(context.model);
	return code;
}

static void a_front_end_tells_in_its_own_words(void **state)
{
	static const char config[] = "machine \"a\" { off = \"fake reach\" }\n"
				     "machine \"b\" { off = \"fake note\" }\n";
	const struct performance off = {.verb = VERB_OFF, .format = "stepwise"};
	const struct performance end = {.verb = VERB_OFF, .format = "at end"};
	char wanted[64];

	(void)state;
	assert_int_equal(perform(config, (struct context){.json = true}, off), 1);
	snprintf(wanted, sizeof(wanted), "a off 0\nb unknown %d\n", -EACCES);
	assert_string_equal(buffer_text(&told), wanted);
	/* of those that went well it is told nothing when it is to be quiet */
	assert_int_equal(perform(config, (struct context){.quiet = true}, off), 1);
	assert_string_equal(buffer_text(&told), wanted + strlen("a off 0\n"));
	assert_int_equal(perform(config, (struct context){.quiet = true}, end), 1);
	assert_string_equal(buffer_text(&told), "2 of off, quiet\n");
	buffer_free(&told);
}

static void a_front_end_need_not_wait_and_sets_the_fanout(void **state)
{
	const struct performance on = {
		.verb = VERB_ON, .format = "stepwise", .unobserved = true,
	};

	(void)state;
	assert_int_equal(perform("machine \"a\" { on = \"fake send\" eye = \"1h\" }",
				 (struct context){0}, on), 0);
	assert_string_equal(buffer_text(&told), "a sent 0\n");
	assert_int_equal(perform("machine \"a[1-9]\" { on = \"fake reach 1\" }",
				 (struct context){.fanout = 3}, on), 0);
	assert_int_equal(fake_most_in_flight, 3);
	buffer_free(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_front_end_tells_in_its_own_words),
		cmocka_unit_test(a_front_end_need_not_wait_and_sets_the_fanout),
	};

	return cmocka_run_group_tests_name("perform", tests, NULL, NULL);
}
