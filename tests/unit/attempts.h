/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drivers without a runner: attempts that belong to no run are recorded here. For that every test
 * is linked with --wrap=attempt_done, --wrap=attempt_fail and --wrap=attempt_note; what belongs to
 * a run goes on to the runner.
 */
#ifndef TESTS_ATTEMPTS_H
#define TESTS_ATTEMPTS_H

#include "engine/driver.h"

/* How an attempt ended. */
struct ended {
	unsigned times;			/* that it was reported: once, if all is well */
	int err;
	enum state state;
	char text[1024];		/* text or sentence; "" for none */
	char notes[4096];		/* a line each */
};

/* An attempt of a method, as in a ladder: "exec /bin/true". */
struct trial {
	struct attempt attempt;
	struct ended ended;
	char **words, **verb_words;
};

/*
 * Starts a method for a verb; fails the test where the driver lacks the verb or refuses the
 * arguments.
 */
void trial_start(struct trial *trial, const struct model *model, const char *machine,
		 enum verb verb, const char *method);
/* The same for a verb with words: "pxe always". */
void trial_start_with(struct trial *trial, const struct model *model, const char *machine,
		      enum verb verb, const char *words, const char *method);
/*
 * Runs the default loop until the attempt is over, for some seconds at most: then fails the test.
 */
void trial_wait(struct trial *trial, double seconds);
/* Both, and frees the trial's memory. */
struct ended trial_run(const struct model *model, const char *machine, enum verb verb,
		       const char *method);
struct ended trial_run_with(const struct model *model, const char *machine, enum verb verb,
			    const char *words, const char *method);
/* The runner's way to end it early. */
void trial_cancel(struct trial *trial);
void trial_free(struct trial *trial);

/* Runs the default loop for a time. */
void loop_for(double seconds);
/* Runs it until the flag is set, for some seconds at most; whether it was set. */
bool loop_until(const bool *flag, double seconds);

#endif
