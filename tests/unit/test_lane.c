/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes: drivers of different rates side by side, under a fake clock. */
#include "test.h"
#include "engine/driver.h"
#include "engine/lane.h"
#include "fakeclock.h"
#include "fakedriver.h"
#include "model/machine.h"

#include <ev.h>

enum { QUICK = 15 };

static struct lanes *lanes;
static double slow_at, quick_at;	/* when the last one of each was started */
static unsigned started;

static unsigned slow_rate(const struct model *model)
{
	(void)model;
	return 1;
}

static unsigned quick_rate(const struct model *model)
{
	(void)model;
	return 100;
}

static const struct driver slow_driver = {
	.name = "slow", .summary = "for tests", .rank = 1, .rate = slow_rate,
};
DRIVER(slow_driver);

static const struct driver quick_driver = {
	.name = "quick", .summary = "for tests", .rank = 2, .rate = quick_rate,
};
DRIVER(quick_driver);

static void on_start(void *data, struct attempt *attempt)
{
	*(attempt->driver == &slow_driver ? &slow_at : &quick_at) = fakeclock_now();
	lane_leave(lanes, attempt);
	if (++started == QUICK + 2)
		ev_break(data, EVBREAK_ALL);
}

static void on_round(struct ev_loop *loop, ev_prepare *watcher, int events)
{
	(void)loop, (void)watcher, (void)events;
	lanes_run(lanes, 1024);
}

static void a_slow_driver_does_not_hold_up_a_quick_one(void **state)
{
	struct attempt slow[2] = {{.driver = &slow_driver}, {.driver = &slow_driver}};
	struct attempt quick[QUICK] = {0};
	struct model *model = model_of("");
	struct ev_loop *loop;
	ev_prepare round;

	(void)state;
	fakeclock_start();
	loop = ev_loop_new(EVFLAG_NOENV);
	lanes = lanes_new(loop, model, 0, on_start, loop);
	assert_non_null(lanes);
	for (unsigned i = 0; i < 2; i++)
		lane_queue(lanes, &slow[i], false);
	for (unsigned i = 0; i < QUICK; i++) {
		quick[i].driver = &quick_driver;
		lane_queue(lanes, &quick[i], false);
	}
	ev_prepare_init(&round, on_round);
	ev_prepare_start(loop, &round);
	ev_run(loop, 0);
	/* five at once, then one every 10 ms, while the slow one waits for its second */
	assert_true(quick_at < 0.2);
	assert_true(slow_at >= 1 && slow_at < 1.1);
	lanes_free(lanes);
	ev_loop_destroy(loop);
	fakeclock_stop();
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_driver_does_not_hold_up_a_quick_one),
	};

	return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
