/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drivers without a runner. See attempts.h. */
#include "test.h"
#include "attempts.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/words.h"
#include "model/machine.h"

#include <ev.h>

void __real_attempt_done(struct attempt *attempt, enum state state, const char *text);
void __real_attempt_fail(struct attempt *attempt, int err, const char *format, ...);
void __wrap_attempt_done(struct attempt *attempt, enum state state, const char *text);
void __wrap_attempt_fail(struct attempt *attempt, int err, const char *format, ...);

void __real_attempt_note(struct attempt *attempt, const char *format, ...);
void __wrap_attempt_note(struct attempt *attempt, const char *format, ...);

static struct trial *trial_of(struct attempt *attempt)
{
	return (struct trial *)((char *)attempt - offsetof(struct trial, attempt));
}

static void record(struct attempt *attempt, int err, enum state state, const char *text)
{
	struct trial *trial = trial_of(attempt);

	trial->ended.times++;
	trial->ended.err = err;
	trial->ended.state = state;
	snprintf(trial->ended.text, sizeof(trial->ended.text), "%s", text ? text : "");
	ev_break(attempt->loop, EVBREAK_ALL);
}

void __wrap_attempt_done(struct attempt *attempt, enum state state, const char *text)
{
	if (attempt->run)
		__real_attempt_done(attempt, state, text);
	else
		record(attempt, 0, state, text);
}

void __wrap_attempt_fail(struct attempt *attempt, int err, const char *format, ...)
{
	struct fault f;
	va_list args;

	va_start(args, format);
	fault_vset(&f, 0, format, args);
	va_end(args);
	if (attempt->run)
		__real_attempt_fail(attempt, err, "%s", f.text);
	else
		record(attempt, err, STATE_UNKNOWN, f.text);
}

void __wrap_attempt_note(struct attempt *attempt, const char *format, ...)
{
	struct fault f;
	va_list args;

	va_start(args, format);
	fault_vset(&f, 0, format, args);
	va_end(args);
	if (attempt->run) {
		__real_attempt_note(attempt, "%s", f.text);
	} else {
		char *notes = trial_of(attempt)->ended.notes;
		size_t length = strlen(notes);

		snprintf(notes + length, sizeof(trial_of(attempt)->ended.notes) - length, "%s\n",
			 f.text);
	}
}

void trial_start(struct trial *trial, const struct model *model, const char *machine,
		 enum verb verb, const char *method)
{
	trial_start_with(trial, model, machine, verb, "", method);
}

void trial_start_with(struct trial *trial, const struct model *model, const char *machine,
		      enum verb verb, const char *words, const char *method)
{
	struct ev_loop *loop = ev_default_loop(0);
	const struct driver *driver;
	const struct verb_op *op;
	struct fault f;
	size_t count, nwords;

	*trial = (struct trial){0};
	assert_int_equal(words_split(method, &trial->words, &count, &f), 0);
	assert_int_equal(words_split(words, &trial->verb_words, &nwords, &f), 0);
	/* in a ladder they are the method's arguments */
	if (count == 1 && verb_check_words(verb, nwords, trial->verb_words, &f))
		fail_msg("%s", f.text);
	driver = driver_find(trial->words[0]);
	assert_non_null(driver);
	op = driver_op(driver, verb);
	assert_non_null(op);
	ev_now_update(loop);
	trial->attempt = (struct attempt){
		.machine = machine_find(model, machine), .verb = verb, .argc = count - 1,
		.argv = trial->words + 1, .nwords = nwords, .words = trial->verb_words,
		.loop = loop, .deadline = ev_now(loop) + 60, .op = op, .driver = driver,
		.phase = ATTEMPT_RUNNING,
	};
	assert_non_null(trial->attempt.machine);
	if (count > 1) {
		assert_non_null(driver->check_arguments);
		if (driver->check_arguments(verb, count - 1, trial->attempt.argv, &f))
			fail_msg("%s", f.text);
	}
	op->start(&trial->attempt);
}

static void on_time(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)w, (void)events;
	ev_break(loop, EVBREAK_ALL);
}

void loop_for(double seconds)
{
	struct ev_loop *loop = ev_default_loop(0);
	double end;

	ev_now_update(loop);
	end = ev_now(loop) + seconds;
	while (ev_now(loop) < end) {
		ev_timer timer;

		ev_timer_init(&timer, on_time, end - ev_now(loop), 0);
		ev_timer_start(loop, &timer);
		ev_run(loop, 0);
		ev_timer_stop(loop, &timer);
		ev_now_update(loop);
	}
}

bool loop_until(const bool *flag, double seconds)
{
	struct ev_loop *loop = ev_default_loop(0);
	double end;

	ev_now_update(loop);
	end = ev_now(loop) + seconds;
	while (!*flag && ev_now(loop) < end) {
		ev_timer timer;

		ev_timer_init(&timer, on_time, end - ev_now(loop), 0);
		ev_timer_start(loop, &timer);
		ev_run(loop, EVRUN_ONCE);
		ev_timer_stop(loop, &timer);
	}
	return *flag;
}

void trial_wait(struct trial *trial, double seconds)
{
	struct ev_loop *loop = trial->attempt.loop;
	double end = ev_now(loop) + seconds;

	while (!trial->ended.times) {
		ev_timer timer;

		if (ev_now(loop) >= end)
			fail_msg("%s: no answer in %g s", trial->attempt.driver->name, seconds);
		ev_timer_init(&timer, on_time, end - ev_now(loop), 0);
		ev_timer_start(loop, &timer);
		ev_run(loop, EVRUN_ONCE);
		ev_timer_stop(loop, &timer);
	}
	assert_int_equal(trial->ended.times, 1);
}

struct ended trial_run(const struct model *model, const char *machine, enum verb verb,
		       const char *method)
{
	return trial_run_with(model, machine, verb, "", method);
}

struct ended trial_run_with(const struct model *model, const char *machine, enum verb verb,
			    const char *words, const char *method)
{
	struct trial trial;

	trial_start_with(&trial, model, machine, verb, words, method);
	trial_wait(&trial, 20);
	/* a second report would come soon */
	loop_for(0.001);
	assert_int_equal(trial.ended.times, 1);
	trial_free(&trial);
	return trial.ended;
}

void trial_cancel(struct trial *trial)
{
	trial->attempt.driver->cancel(&trial->attempt);
}

void trial_free(struct trial *trial)
{
	free(trial->words);
	free(trial->verb_words);
	trial->words = trial->verb_words = NULL;
}
