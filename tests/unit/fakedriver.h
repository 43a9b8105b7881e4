/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three drivers under the test's control. "fake" does what its arguments say: `fake WHAT MS` with
 * WHAT one of reach (comes to the asked state), wrong (comes to the other one), send (cannot tell),
 * prepare, fail, nothing (-ENODATA), note (two lines, then -EACCES), lines (the same two, then send), hang, slow
 * (hangs, and takes MS to stop); MS: how long that takes. "eye" is an
 * observer: a machine with `eye = T` is seen on from T on, and off before; with `eye-gone = T` the
 * other way round. "fakeguest" runs guests and does what it is asked for.
 */
#ifndef FAKEDRIVER_H
#define FAKEDRIVER_H

#include <stddef.h>

struct model;
struct plan;

/*
 * What the fake driver was told, in order: "start on a 0.0" a line, with the words of its verb
 * behind it; emptied by fake_reset.
 */
extern char fake_log[65536];
extern unsigned fake_in_flight, fake_most_in_flight;
void fake_reset(void);

/* A model read from a text with all keys of this build; fails the test on any error. */
struct model *model_of(const char *text);
/* Errors of a configuration text, a line each; to be freed. */
char *errors_of(const char *text);

/* Runs a plan under the fake clock until its end; seconds that took. */
struct runner_options;
double run_plan(struct model *model, struct plan *plan, const struct runner_options *options);

#endif
