/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A BMC's power, as IPMI 2.0, 28.3 has it. Changes take the profile's time; they are made when
 * looked at.
 */
#include "bmc.h"
#include "command.h"
#include "sol.h"

const char *const control_words[CONTROLS] = {"off", "on", "cycle", "reset", "diag", "soft"};

/* Get System Restart Cause (table 28-11), and Get Chassis Status' last power event. */
enum { CAUSE_CONTROL = 0x01, EVENT_IPMI_ON = 0x10 };

static void start(struct bmc *bmc, double at)
{
	bmc->power.started = at;
	boot_start(bmc);
	sol_power(bmc, true);
}

static void change(struct bmc *bmc, bool on, double at)
{
	bool started = on && !bmc->power.on;

	bmc->power.on = on;
	if (started)
		start(bmc, at);
}

bool power_is_on(struct bmc *bmc)
{
	struct power *power = &bmc->power;

	while (power->nsteps && power->steps[0].at <= now) {
		change(bmc, power->steps[0].on, power->steps[0].at);
		power->steps[0] = power->steps[1];
		power->nsteps--;
	}
	return power->on;
}

void power_set(struct bmc *bmc, bool on)
{
	bmc->power.nsteps = 0;
	change(bmc, on, now);
	sol_power(bmc, false);
}

/*
 * The next change, so many seconds after the one before it; replaces what was to come when first.
 */
static void plan(struct bmc *bmc, bool first, double delay, bool on)
{
	struct power *power = &bmc->power;
	double from = now;

	if (first)
		power->nsteps = 0;
	else if (power->nsteps)
		from = power->steps[power->nsteps - 1].at;
	power->steps[power->nsteps].at = from + delay;
	power->steps[power->nsteps++].on = on;
	power_is_on(bmc);
	sol_power(bmc, false);
}

int power_control(struct bmc *bmc, enum control control)
{
	struct power *power = &bmc->power;
	double delay = bmc->profile->power_delay;
	bool on = power_is_on(bmc);

	if (!on && control != CONTROL_ON && control != CONTROL_OFF)
		return CODE_NOT_NOW;
	if (has(bmc, FAULT_STUCK_POWER))
		return CODE_OK;
	switch (control) {
	case CONTROL_OFF:
		power->offs++;
		plan(bmc, true, delay, false);
		break;
	case CONTROL_ON:
		power->ons++;
		power->last_event = EVENT_IPMI_ON;
		power->restart_cause = CAUSE_CONTROL;
		plan(bmc, true, delay, true);
		break;
	case CONTROL_CYCLE:
		power->cycles++;
		power->last_event = EVENT_IPMI_ON;
		power->restart_cause = CAUSE_CONTROL;
		plan(bmc, true, delay, false);
		plan(bmc, false, bmc->profile->cycle_interval, true);
		break;
	case CONTROL_RESET:
		power->resets++;
		power->restart_cause = CAUSE_CONTROL;
		start(bmc, now);
		break;
	case CONTROL_NMI:
		power->nmis++;
		break;
	case CONTROL_SOFT:
		if (has(bmc, FAULT_SOFT_IGNORED))
			break;
		power->softs++;
		plan(bmc, true, delay, false);
		break;
	default:
		return CODE_BAD_FIELD;
	}
	return CODE_OK;
}
