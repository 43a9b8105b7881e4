/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of an answer, with what can happen to it there. See net.h. */
#include "bmc.h"
#include "random.h"
#include "server.h"

#include <arpa/inet.h>
#include <string.h>

/* Seconds that an answer may come later because of reordering. */
static const double reorder_most = 0.05;

enum { NOISE_MAX = 96 };

struct stats stats;

uint16_t endpoint_port(const struct endpoint *endpoint)
{
	return ntohs(endpoint->u.in.sin_port);
}

int endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	if (a->u.any.sa_family != b->u.any.sa_family || a->u.in.sin_port != b->u.in.sin_port)
		return 0;
	if (a->u.any.sa_family == AF_INET)
		return a->u.in.sin_addr.s_addr == b->u.in.sin_addr.s_addr;
	return !memcmp(&a->u.in6.sin6_addr, &b->u.in6.sin6_addr, sizeof(a->u.in6.sin6_addr));
}

struct answer *answer_begin(struct bmc *bmc, const struct endpoint *to)
{
	struct answer *answer = server_answer();

	answer->bmc = bmc;
	answer->to = *to;
	answer->length = 0;
	return answer;
}

/* A datagram that is none: now and then it begins like one. */
static void send_noise(const struct answer *before)
{
	struct bmc *bmc = before->bmc;
	struct answer noise = {.bmc = bmc, .to = before->to};

	noise.length = 1 + random_below(&bmc->random, NOISE_MAX);
	random_fill(&bmc->random, noise.bytes, noise.length);
	if (random_below(&bmc->random, 2)) {
		size_t like = random_below(&bmc->random, (uint32_t)before->length);

		for (size_t i = 0; i < like && i < noise.length; i++)
			noise.bytes[i] = before->bytes[i];
	}
	server_send(&noise);
}

static double delay_of(struct bmc *bmc)
{
	double delay = 0;

	if (has(bmc, FAULT_LATENCY)) {
		delay = bmc->faults->value[FAULT_LATENCY] / 1e3;
		if (bmc->faults->jitter)
			delay += random_below(&bmc->random, bmc->faults->jitter) / 1e3;
	}
	if (bmc_chance(bmc, FAULT_REORDER))
		delay += reorder_most * random_below(&bmc->random, 1000) / 1e3;
	return delay;
}

static void send_one(const struct answer *answer)
{
	double delay = delay_of(answer->bmc);

	if (bmc_chance(answer->bmc, FAULT_LOSE_ANSWERS))
		stats.lost++;
	else if (delay > 0)
		delay_add(answer, now + delay);
	else
		server_send(answer);
}

void answer_send(struct answer *answer)
{
	const uint64_t faults = UINT64_C(1) << FAULT_LATENCY | UINT64_C(1) << FAULT_LOSE_ANSWERS |
				UINT64_C(1) << FAULT_DUPLICATE | UINT64_C(1) << FAULT_REORDER |
				UINT64_C(1) << FAULT_GARBAGE;
	struct answer copy;

	if (!(answer->bmc->faults->present & faults)) {
		server_commit();
		return;
	}
	/* its place is needed for what goes before it */
	copy = *answer;
	if (bmc_chance(copy.bmc, FAULT_GARBAGE))
		send_noise(&copy);
	send_one(&copy);
	if (bmc_chance(copy.bmc, FAULT_DUPLICATE))
		send_one(&copy);
}
