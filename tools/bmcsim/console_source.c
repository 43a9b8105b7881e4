/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A far end that pours numbered lines at a rate, to whoever listens: for load, and to find what was
 * lost. A line is ADDRESS, its number with ten digits, and letters up to 80 bytes. The numbers go
 * on from one session to the next.
 */
#include "console.h"
#include "sol.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 80 };

/* Seconds between looks at what is due, at least. */
static const double step = 0.01;

struct source {
	double from;			/* when byte 0 of this session was due */
	double said;			/* bytes since then */
	uint64_t number;		/* of the next line */
	size_t at;			/* in the line */
	char line[LINE + 1];
};

static int open_source(struct sol *sol)
{
	sol->far_state = calloc(1, sizeof(struct source));
	return sol->far_state ? 0 : -ENOMEM;
}

static void close_source(struct sol *sol)
{
	free(sol->far_state);
}

static void begin(struct sol *sol)
{
	struct source *source = sol->far_state;

	source->from = now;
	source->said = 0;
}

static void make_line(struct sol *sol, struct source *source)
{
	char address[ADDRESS_TEXT_SIZE];
	int length = snprintf(source->line, sizeof(source->line), "%s %010llu ",
			      address_print(&sol->bmc->address, address),
			      (unsigned long long)source->number++);

	for (int i = length; i < LINE - 2; i++)
		source->line[i] = (char)('a' + (source->number + (uint64_t)i) % 26);
	memcpy(source->line + LINE - 2, "\r\n", 2);
	source->at = 0;
}

/* Says so many bytes; those without room are lost, as by a serial line. */
static void say(struct sol *sol, struct source *source, size_t bytes)
{
	while (bytes) {
		size_t n, put;

		if (source->at == LINE || !source->line[0])
			make_line(sol, source);
		n = LINE - source->at < bytes ? LINE - source->at : bytes;
		put = sol_put(sol, source->line + source->at, n);
		if (put < n)
			sol_overrun(sol, n - put);
		source->at += n;
		bytes -= n;
	}
}

static double tick(struct sol *sol)
{
	struct source *source = sol->far_state;
	double rate = sol->console.rate, due = floor((now - source->from) * rate);
	double next = LINE / rate > step ? LINE / rate : step;

	/* it may not: what is due comes later */
	if (sol->paused) {
		source->from = now - source->said / rate;
		return now + next;
	}
	if (due > source->said) {
		double bytes = due - source->said;

		source->said = due;
		say(sol, source, (size_t)bytes);
	}
	return now + next;
}

static size_t take(struct sol *sol, const uint8_t *bytes, size_t length)
{
	(void)sol, (void)bytes;
	return length;
}

const struct far_end far_source = {
	.name = "source",
	.value = RATE,
	.open = open_source,
	.close = close_source,
	.begin = begin,
	.take = take,
	.tick = tick,
};
