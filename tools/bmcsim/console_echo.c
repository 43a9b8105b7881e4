/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Far ends that give back what they are given: "echo" is a machine with a prompt that repeats
 * lines, "raw-echo" repeats bytes.
 */
#include "console.h"
#include "sol.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one character can bring: a whole line and a prompt. */
enum { MOST = sizeof(((struct echo *)0)->line) + ADDRESS_TEXT_SIZE + 16 };

void echo_prompt(struct sol *sol, struct echo *echo)
{
	char address[ADDRESS_TEXT_SIZE];

	echo->length = 0;
	address_print(&sol->bmc->address, address);
	sol_put(sol, address, strlen(address));
	sol_put(sol, "> ", 2);
}

static void end_line(struct sol *sol, struct echo *echo)
{
	sol_put(sol, "\r\n", 2);
	if (echo->length) {
		sol_put(sol, echo->line, echo->length);
		sol_put(sol, "\r\n", 2);
	}
	echo_prompt(sol, echo);
}

static void take_one(struct sol *sol, struct echo *echo, uint8_t c)
{
	if (c == '\r' || c == '\n') {
		end_line(sol, echo);
	} else if (c == '\b' || c == 0x7f) {
		if (echo->length) {
			echo->length--;
			sol_put(sol, "\b \b", 3);
		}
	} else if (c && echo->length < sizeof(echo->line)) {
		/* a NUL is what keeps lines alive */
		echo->line[echo->length++] = c;
		sol_put(sol, &c, 1);
	}
}

size_t echo_take(struct sol *sol, struct echo *echo, const uint8_t *bytes, size_t length)
{
	size_t n = 0;

	while (n < length && sol_room(sol) >= MOST)
		take_one(sol, echo, bytes[n++]);
	return n;
}

static int open_echo(struct sol *sol)
{
	sol->far_state = calloc(1, sizeof(struct echo));
	return sol->far_state ? 0 : -ENOMEM;
}

static void close_echo(struct sol *sol)
{
	free(sol->far_state);
}

static void begin(struct sol *sol)
{
	echo_prompt(sol, sol->far_state);
}

static size_t take(struct sol *sol, const uint8_t *bytes, size_t length)
{
	return echo_take(sol, sol->far_state, bytes, length);
}

static void take_break(struct sol *sol)
{
	static const char text[] = "\r\n[break]\r\n";

	sol_put(sol, text, sizeof(text) - 1);
	echo_prompt(sol, sol->far_state);
}

const struct far_end far_echo = {
	.name = "echo",
	.open = open_echo,
	.close = close_echo,
	.begin = begin,
	.take = take,
	.take_break = take_break,
};

static size_t take_raw(struct sol *sol, const uint8_t *bytes, size_t length)
{
	return sol_put(sol, bytes, length);
}

const struct far_end far_raw_echo = {
	.name = "raw-echo",
	.take = take_raw,
};
