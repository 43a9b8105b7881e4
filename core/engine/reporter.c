/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reporter: formats, progress, exit codes. See reporter.h. */
#include "engine/reporter.h"
#include "base/fault.h"
#include "engine/plan.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct report_format *const __start_stoker_formats[];
extern const struct report_format *const __stop_stoker_formats[];

static const double PROGRESS_EVERY = 0.25;

struct reporter {
	struct ev_loop *loop;
	const struct plan *plan;
	const struct report_format *format;
	struct reporter_options options;
	ev_timer tick;
	double started;
	size_t done, failed;
	bool line_shown;
};

static const struct report_format *format_find(const char *name)
{
	for (const struct report_format *const *f = __start_stoker_formats;
	     f < __stop_stoker_formats; f++) {
		if (!strcmp((*f)->name, name))
			return *f;
	}
	return NULL;
}

static void clear_line(struct reporter *r)
{
	if (r->line_shown)
		fputs("\r\033[K", stderr);
	r->line_shown = false;
}

/* Of the first that is under way and tells how far it is. */
static void show_percent(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];

		if (step->percent && !step->done) {
			fprintf(stderr, ", %s %u %%", step->machine->name, step->percent);
			return;
		}
	}
}

static void show_line(struct reporter *r)
{
	double seconds = ev_now(r->loop) - r->started;
	size_t left = r->plan->counted - r->done;

	fprintf(stderr, "\r\033[K%s: %zu of %zu done", verb_info(r->plan->verb)->name, r->done,
		r->plan->counted);
	if (r->failed)
		fprintf(stderr, ", %zu failed", r->failed);
	fprintf(stderr, ", %.0f s", seconds);
	if (r->done && left)
		fprintf(stderr, ", about %.0f s left", seconds * (double)left / (double)r->done);
	show_percent(r->plan);
	fflush(stderr);
	r->line_shown = true;
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct reporter *r = timer->data;

	(void)loop, (void)events;
	/* who reads our output through a pipe is not kept waiting */
	fflush(stdout);
	if (r->options.progress)
		show_line(r);
}

struct reporter *reporter_new(struct ev_loop *loop, const struct plan *plan,
			      const struct reporter_options *options, struct fault *f)
{
	const struct report_format *format = format_find(options->format);
	struct reporter *r;

	if (!format) {
		fault_set(f, ENOSYS, "the output format %s is not in this build: enable CONFIG_%s",
			  options->format, !strcmp(options->format, "json") ? "JSON" : "…");
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if (!r) {
		fault_no_memory(f);
		return NULL;
	}
	r->loop = loop;
	r->plan = plan;
	r->format = format;
	r->options = *options;
	r->started = ev_now(loop);
	ev_timer_init(&r->tick, on_tick, PROGRESS_EVERY, PROGRESS_EVERY);
	r->tick.data = r;
	ev_timer_start(loop, &r->tick);
	/* a look at the clock alone must not keep the loop alive */
	ev_unref(loop);
	return r;
}

void reporter_free(struct reporter *r)
{
	if (!r)
		return;
	ev_ref(r->loop);
	ev_timer_stop(r->loop, &r->tick);
	free(r);
}

void reporter_plan(const struct reporter *r)
{
	r->format->plan(r->plan);
	fflush(stdout);
}

void reporter_step(struct reporter *r, const struct step *step)
{
	r->done++;
	r->failed += !step->outcome.ok;
	if (r->format->step && !(r->options.quiet && step->outcome.ok))
		r->format->step(step);
}

void reporter_end(struct reporter *r)
{
	clear_line(r);
	if (r->format->end)
		r->format->end(r->plan, r->options.quiet);
	fflush(stdout);
}

int reporter_exit_code(const struct plan *plan)
{
	int code = 0;

	for (size_t i = 0; i < plan->n; i++) {
		const struct step *step = &plan->steps[i];

		if (!step->counts)
			continue;
		if (!step->outcome.ok)
			return 1;
		if (plan->verb == VERB_STATUS && verb_is_reached(VERB_OFF, step->outcome.state))
			code = 3;
	}
	return code;
}
