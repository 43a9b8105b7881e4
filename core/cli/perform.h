/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan that runs on a loop which somebody else runs: what context_perform is made of. */
#ifndef CLI_PERFORM_H
#define CLI_PERFORM_H

struct context;
struct ev_loop;
struct fault;
struct performance;
struct plan;
struct reporter;
struct runner;
struct selection;

/* Start with the first three set. */
struct performing {
	struct ev_loop *loop;
	/* all is done; reporter_end, which is not called, and performing_free may follow at once */
	void (*ended)(void *data);
	void *data;

	struct plan *plan;
	struct reporter *reporter;
	struct runner *runner;		/* NULL until it was started */
};

/*
 * Makes the plan and who tells of it; nothing begins. -errno with a sentence; performing_free in
 * both cases.
 */
int performing_make(struct performing *performing, struct context *context,
		    const struct selection *selection, const struct performance *performance,
		    struct fault *f);
/* Begins; steps are told as they are done. -errno with a sentence. */
int performing_start(struct performing *performing, struct context *context,
		     const struct performance *performance, struct fault *f);
/* Not between performing_start and `ended`. */
void performing_free(struct performing *performing);

#endif
