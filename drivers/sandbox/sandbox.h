/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulated machines' verbs and their consoles have in common. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdint.h>

struct console_ops;
struct ev_loop;
struct fault;
struct key;
struct machine;
struct unit;

/*
 * The simulated machine, with what other runs have changed of it taken in; to be left by
 * unit_leave. -errno with a sentence.
 */
int sandbox_unit(struct ev_loop *loop, const struct machine *machine, struct unit **unit,
		 struct fault *f);
/* Takes in again what other runs have changed: cheap. */
int sandbox_look(struct ev_loop *loop, const struct machine *machine, struct fault *f);
uint64_t sandbox_latency_ms(const struct machine *machine);

/* weak: their addresses are NULL in builds without consoles */
extern const struct console_ops sandbox_console __attribute__((weak));
extern const struct key key_sandbox_console __attribute__((weak));

#endif
