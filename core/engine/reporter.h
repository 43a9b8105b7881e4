/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reporter: the one piece of code that tells what happened. What it prints is a format's
 * affair; formats register themselves as drivers do. A front end that tells what happened in
 * another program's words has a format of its own, in its own file.
 */
#ifndef ENGINE_REPORTER_H
#define ENGINE_REPORTER_H

#include <stdbool.h>
#include <stddef.h>

struct ev_loop;
struct fault;
struct plan;
struct reporter;
struct step;

struct report_format {
	const char *name;			/* "text", "json" */
	/* what would be done, for --dry-run; NULL where that cannot be asked for */
	void (*plan)(const struct plan *plan);
	void (*step)(const struct step *step);	/* a step that counts is done; may be NULL */
	/* all is done; quiet: only what went wrong; may be NULL */
	void (*end)(const struct plan *plan, bool quiet);
};

#define REPORT_FORMAT(format) \
	static const struct report_format *const format##_entry \
		__attribute__((used, section("stoker_formats"))) = &format

struct reporter_options {
	const char *format;
	bool quiet;
	bool progress;		/* a line on standard error that shows how far it has come */
};

/* NULL and a sentence where the format is not in this build, or without memory. */
struct reporter *reporter_new(struct ev_loop *loop, const struct plan *plan,
			      const struct reporter_options *options, struct fault *f);
void reporter_free(struct reporter *reporter);

/* Prints the plan instead of what comes of it. */
void reporter_plan(const struct reporter *reporter);
/* A step that counts is done. */
void reporter_step(struct reporter *reporter, const struct step *step);
/* All is done. */
void reporter_end(struct reporter *reporter);

/* 0: every machine reached the asked state; 1: some did not; 3: status found a machine off. */
int reporter_exit_code(const struct plan *plan);

#endif
