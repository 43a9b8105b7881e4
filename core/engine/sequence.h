/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of a plan as a whole, on top of hosts and `after`: in turn or at once, some before all
 * others, with pauses between; and how long it may take. For the service of guests.
 */
#ifndef ENGINE_SEQUENCE_H
#define ENGINE_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

struct fault;
struct plan;

/* Arrays by the number of the step. */
struct sequence {
	const bool *early; /* these are done before the others begin; NULL: none */
	/* how long after a step the next one waits, in ms; none after early ones; NULL: never */
	const uint32_t *pause_ms;
	bool in_turn; /* one after the other, as they stand in the plan; else at once */
};

/*
 * Adds order and delays to a plan that is closed, and closes it again. What `after` and hosts say
 * goes before: an early step that waits for one that is not becomes like the others. Where steps
 * are begun at once, their beginnings lie the pauses apart. A step that fails holds up no other;
 * one that is done already is left out, and its pause has to be 0.
 * -ENOMEM with a sentence.
 */
int plan_sequence(struct plan *plan, const struct sequence *sequence, struct fault *f);

/*
 * How long a closed plan may take, in ms, where each method takes all of its time: at most so many
 * steps at a time, 0 for all at once.
 */
uint64_t plan_longest_ms(const struct plan *plan, unsigned at_once);

#endif
