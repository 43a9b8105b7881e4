/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The chassis commands: what each power verb asks for, and how it is seen to have come. IPMI 2.0,
 * sections 28.2 and 28.3.
 *
 * First the state is looked at: what has the state already gets no command, and some commands make
 * sense in one state alone. Then the command, then looks until the state is there; how long, is the
 * rung's affair.
 */
#include "job.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

enum step { STEP_LOOK, STEP_ACT, STEP_WATCH, STEP_DOUBT };

/* What is done to a machine that is on, or off. */
enum deed {
	REFUSE = -2,			/* it makes no sense */
	NOTHING = -1,			/* it has the state already */
	/* else enum chassis_control */
};

static const struct way {
	int on, off;
	enum state goal;		/* STATE_SENT: nothing can be seen */
	bool again;			/* done twice it is as if it were done once */
	const char *what;
} ways[VERBS] = {
	[VERB_ON] = {NOTHING, CONTROL_ON, STATE_ON, true, "to put it on"},
	[VERB_OFF] = {CONTROL_OFF, NOTHING, STATE_OFF, true, "to put it off"},
	[VERB_SOFT] = {CONTROL_SOFT, NOTHING, STATE_OFF, true, "to shut it down"},
	[VERB_RESET] = {CONTROL_RESET, REFUSE, STATE_ON, false, "to reset it"},
	[VERB_CYCLE] = {CONTROL_CYCLE, CONTROL_ON, STATE_ON, false, "to cycle it"},
	[VERB_NMI] = {CONTROL_DIAG, REFUSE, STATE_SENT, false, "to interrupt it"},
};

/* a new state is looked for soon, then less and less often */
static const double POLL_FIRST = 0.2, POLL_GROWTH = 1.5;
/* a machine that was cycled and not seen to be off by then was off between two looks */
static const double CYCLE_UNSEEN = 5;

static const struct way *way_of(const struct job *job)
{
	return &ways[job->attempt->verb];
}

static void look(struct job *job, enum step step)
{
	struct request request = {0};

	job->step = step;
	chassis_status_request(&request);
	job_request(job, &request, false);
}

static void watch_later(struct job *job)
{
	double most = (double)machine_time_ms(job->attempt->machine, &key_poll) / 1000;

	if (job->pause < POLL_FIRST)
		job->pause = POLL_FIRST;
	if (job->pause > most)
		job->pause = most;
	job_pause(job, job->pause);
	job->pause *= POLL_GROWTH;
}

static void act(struct job *job, enum chassis_control control)
{
	struct request request = {0};

	job->step = STEP_ACT;
	job->deed = (int)control;
	chassis_control_request(&request, control);
	job_request(job, &request, true);
}

/* The verb's command for the state that the machine is in. */
static int deed_of(const struct job *job)
{
	const struct way *way = way_of(job);

	return job->seen == STATE_ON ? way->on : way->off;
}

static void decide(struct job *job)
{
	int deed = deed_of(job);

	if (deed == NOTHING)
		job_done(job, job->seen, NULL);
	else if (deed == REFUSE)
		job_fail(job, -EIO, "it is off: there is nothing to be %s; put it on",
			 verb_info(job->attempt->verb)->participle);
	else
		act(job, (enum chassis_control)deed);
}

/* Whether the state that was seen is what the verb was for. */
static bool is_reached(const struct job *job)
{
	if (job->seen != way_of(job)->goal)
		return false;
	/* one that was on and is on again: was it off in between? */
	return job->attempt->verb != VERB_CYCLE || job->was_off ||
	       job_now() - job->acted >= CYCLE_UNSEEN;
}

/* Whether the command may be sent again: done twice it is as if it were done once. */
static bool may_repeat(const struct job *job)
{
	return way_of(job)->again || job->deed == CONTROL_ON;
}

static void watch(struct job *job)
{
	job->was_off = job->was_off || job->seen == STATE_OFF;
	if (is_reached(job)) {
		/* whether it was reset or cycled nobody knows: the state does not show it */
		bool shows = !job->unsure || may_repeat(job) || job->was_off;

		job_done(job, shows ? job->seen : STATE_SENT, NULL);
	} else if (job->unsure && way_of(job)->goal == STATE_SENT) {
		job_done(job, STATE_SENT, NULL);
	} else if (job->unsure && may_repeat(job)) {
		/* the command was lost on its way */
		job->unsure = false;
		act(job, (enum chassis_control)job->deed);
	} else {
		watch_later(job);
	}
}

static void on_status(struct job *job, const struct response *answer)
{
	struct chassis_status status;

	if (answer->completion) {
		job_refused(job, "to tell its state", answer);
		return;
	}
	if (chassis_status_decode(answer, &status)) {
		job_fail(job, -EPROTO, "BMC %s answers with less than a chassis status",
			 job_bmc(job));
		return;
	}
	job->seen = status.on ? STATE_ON : STATE_OFF;
	if (job->attempt->verb == VERB_STATUS)
		job_done(job, job->seen, NULL);
	else if (job->step == STEP_LOOK)
		decide(job);
	else if (job->step == STEP_DOUBT && job->seen != way_of(job)->goal)
		job_fail(job, -EIO, "BMC %s refused %s: %s (code 0x%02x)", job_bmc(job),
			 way_of(job)->what, completion_text(NETFN_CHASSIS, 0, COMPLETION_STATE),
			 (unsigned)COMPLETION_STATE);
	else if (job->step == STEP_DOUBT)
		job_done(job, job->seen, NULL);
	else
		watch(job);
}

static void on_acted(struct job *job, const struct response *answer)
{
	const struct way *way = way_of(job);

	/* it may have come to the state by itself since it was looked at */
	if (answer->completion == COMPLETION_STATE && may_repeat(job) &&
	    !job->attempt->unobserved) {
		look(job, STEP_DOUBT);
		return;
	}
	if (answer->completion) {
		job_refused(job, way->what, answer);
		return;
	}
	job->was_off = job->seen == STATE_OFF;
	job->acted = job_now();
	job->step = STEP_WATCH;
	if (way->goal == STATE_SENT || job->attempt->unobserved)
		job_done(job, STATE_SENT, NULL);
	else
		watch_later(job);
}

/* --- the task ----------------------------------------------------------------------------- */

static void begin(struct job *job)
{
	/* who does not wait for the effect asks for the command itself, whatever the state is */
	if (job->attempt->unobserved && job->attempt->verb != VERB_STATUS) {
		const struct way *way = way_of(job);

		job->seen = way->on == NOTHING ? STATE_OFF : STATE_ON;
		act(job, (enum chassis_control)deed_of(job));
		return;
	}
	look(job, STEP_LOOK);
}

static void answer(struct job *job, const struct response *response)
{
	if (job->step == STEP_ACT)
		on_acted(job, response);
	else
		on_status(job, response);
}

static void wake(struct job *job)
{
	look(job, STEP_WATCH);
}

static void lost(struct job *job)
{
	job->unsure = true;
	job->acted = job_now();
	look(job, STEP_WATCH);
}

const struct task power_task = {.begin = begin, .answer = answer, .wake = wake, .lost = lost};
