/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BMCs by their addresses, in a hash table. See bmc.h. */
#include "bmc.h"
#include "base/secret.h"
#include "job.h"

#include <stdlib.h>

enum { BUCKETS = 1 << 14, BMCS_A_PORT = 512, REJECTIONS_MAX = 8 };

struct rejection {
	struct rejection *next;
	struct secret *password, *kg;
	double when;			/* by job_now() */
	uint8_t user_length;
	uint8_t user[USER_MAX];
};

static struct bmc **buckets;
static size_t nbmcs;

/* FNV-1a */
static uint32_t hash_of(const struct peer *peer)
{
	uint32_t hash = 2166136261u ^ peer->port;

	for (unsigned i = 0; i < sizeof(peer->address); i++)
		hash = (hash ^ peer->address[i]) * 16777619u;
	return (hash ^ hash >> 15) % BUCKETS;
}

static bool peers_equal(const struct peer *a, const struct peer *b)
{
	return a->family == b->family && a->port == b->port && a->scope == b->scope &&
	       !memcmp(a->address, b->address, sizeof(a->address));
}

struct bmc *bmc_find(const struct peer *peer)
{
	struct bmc *bmc = buckets ? buckets[hash_of(peer)] : NULL;

	while (bmc && !peers_equal(&bmc->peer, peer))
		bmc = bmc->next;
	return bmc;
}

struct bmc *bmc_get(const struct peer *peer)
{
	struct bmc *bmc = bmc_find(peer), **bucket;

	if (bmc)
		return bmc;
	if (!buckets)
		buckets = calloc(BUCKETS, sizeof(struct bmc *));
	bmc = buckets ? calloc(1, sizeof(*bmc)) : NULL;
	if (!bmc)
		return NULL;
	bucket = &buckets[hash_of(peer)];
	bmc->peer = *peer;
	bmc->tail = &bmc->queue;
	bmc->port = (uint8_t)(nbmcs++ / BMCS_A_PORT % PORTS);
	bmc->next = *bucket;
	*bucket = bmc;
	return bmc;
}

static void bmc_free(struct bmc *bmc)
{
	while (bmc->rejections) {
		struct rejection *r = bmc->rejections;

		bmc->rejections = r->next;
		secret_drop(r->password);
		secret_drop(r->kg);
		free(r);
	}
	free(bmc);
}

void bmcs_quit(void)
{
	for (unsigned i = 0; buckets && i < BUCKETS; i++) {
		while (buckets[i]) {
			struct bmc *bmc = buckets[i];

			buckets[i] = bmc->next;
			bmc_free(bmc);
		}
	}
	free(buckets);
	buckets = NULL;
	nbmcs = 0;
}

void bmc_queue(struct bmc *bmc, struct job *job)
{
	*bmc->tail = job;
	bmc->tail = &job->next;
}

void bmc_dequeue(struct bmc *bmc, struct job *job)
{
	struct job **link = &bmc->queue;

	while (*link && *link != job)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = job->next;
	if (!*link)
		bmc->tail = link;
}

struct job *bmc_next(struct bmc *bmc)
{
	struct job *job = bmc->queue;

	if (job) {
		bmc->queue = job->next;
		if (!bmc->queue)
			bmc->tail = &bmc->queue;
	}
	return job;
}

static bool secrets_equal(const struct secret *a, const struct secret *b)
{
	const struct view left = login_bytes(a), right = login_bytes(b);

	return left.length == right.length && !memcmp(left.at, right.at, left.length);
}

static bool is_same(const struct rejection *r, const struct login *login)
{
	return r->user_length == login->user_length &&
	       !memcmp(r->user, login->user, login->user_length) &&
	       secrets_equal(r->password, login->password) && secrets_equal(r->kg, login->kg);
}

bool bmc_has_rejected(const struct bmc *bmc, const struct login *login, double seconds)
{
	double since = job_now() - seconds;
	unsigned n = 0;

	for (const struct rejection *r = bmc->rejections; r; r = r->next) {
		if (r->when < since)
			continue;
		if (is_same(r, login) || ++n == REJECTIONS_MAX)
			return true;
	}
	return false;
}

/* What was refused before has an entry already. */
static struct rejection *rejection_for(struct bmc *bmc, const struct login *login)
{
	struct rejection *r = bmc->rejections;

	while (r && !is_same(r, login))
		r = r->next;
	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->password = login->password ? secret_keep(login->password) : NULL;
	r->kg = login->kg ? secret_keep(login->kg) : NULL;
	r->user_length = login->user_length;
	memcpy(r->user, login->user, USER_MAX);
	r->next = bmc->rejections;
	bmc->rejections = r;
	return r;
}

void bmc_reject(struct bmc *bmc, const struct login *login)
{
	struct rejection *r = rejection_for(bmc, login);

	/* without memory nothing goes on for long */
	if (r)
		r->when = job_now();
}
