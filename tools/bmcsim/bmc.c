/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of BMCs. See bmc.h. */
#include "bmc.h"
#include "random.h"

#include <stdlib.h>
#include <string.h>

/* Many in one piece of memory: fifty thousand are normal. */
enum { SLAB = 256, BUCKETS_FIRST = 1024 };

double now;

static struct bmc **buckets;
static size_t nbuckets, nbmcs;
static struct bmc *slab;
static size_t slab_left;
static uint64_t seed;

void bmc_seed(uint64_t with)
{
	seed = with;
}

size_t bmc_count(void)
{
	return nbmcs;
}

static bool grow(void)
{
	size_t n = nbuckets ? nbuckets * 2 : BUCKETS_FIRST;
	struct bmc **wider = calloc(n, sizeof(struct bmc *));

	if (!wider)
		return nbuckets;
	for (size_t i = 0; i < nbuckets; i++) {
		struct bmc *bmc = buckets[i], *next;

		for (; bmc; bmc = next) {
			struct bmc **bucket = &wider[address_hash(&bmc->address) % n];

			next = bmc->next;
			bmc->next = *bucket;
			*bucket = bmc;
		}
	}
	free(buckets);
	buckets = wider;
	nbuckets = n;
	return true;
}

/* Its profile, and the counts that begin with it. */
static bool set_up(struct bmc *bmc)
{
	const struct profile *profile = profile_for(&bmc->address);

	if (!profile)
		return false;
	bmc->profile = profile;
	bmc->generation = profile_generation;
	if (!bmc->own_faults)
		bmc->faults = &profile->faults;
	bmc->busy_left = bmc->faults->value[FAULT_BUSY];
	bmc->silent_open_left = bmc->faults->value[FAULT_SILENT_OPEN_SESSION];
	bmc->silent_suites_left = bmc->faults->value[FAULT_SILENT_CIPHER_SUITES];
	return true;
}

/* A GUID that an address always has. */
static void make_guid(struct bmc *bmc)
{
	uint64_t state = address_hash(&bmc->address);

	random_fill(&state, bmc->guid, sizeof(bmc->guid));
	/* version 4, variant of RFC 4122, in the byte order of the packets (IPMI 2.0, 20.8) */
	bmc->guid[7] = (uint8_t)((bmc->guid[7] & 0x0f) | 0x40);
	bmc->guid[8] = (uint8_t)((bmc->guid[8] & 0x3f) | 0x80);
	if (bmc->profile->has_guid)
		memcpy(bmc->guid, bmc->profile->guid, sizeof(bmc->guid));
}

static struct bmc *make(const struct address *address, struct bmc **bucket)
{
	struct bmc *bmc;

	if (!slab_left) {
		slab = calloc(SLAB, sizeof(*slab));
		if (!slab)
			return NULL;
		slab_left = SLAB;
	}
	bmc = &slab[SLAB - slab_left];
	bmc->address = *address;
	if (!set_up(bmc))
		return NULL;
	slab_left--;
	nbmcs++;
	bmc->random = seed ^ address_hash(address);
	make_guid(bmc);
	bmc->power.on = bmc->profile->on;
	bmc->power.started = now;
	bmc->next = *bucket;
	*bucket = bmc;
	return bmc;
}

struct bmc *bmc_get(const struct address *address)
{
	struct bmc **bucket, *bmc;

	if (nbmcs >= nbuckets && !grow())
		return NULL;
	bucket = &buckets[address_hash(address) % nbuckets];
	for (bmc = *bucket; bmc && !address_equal(&bmc->address, address); bmc = bmc->next)
		;
	if (!bmc)
		return make(address, bucket);
	if (bmc->generation != profile_generation && !set_up(bmc))
		return NULL;
	return bmc;
}

void bmc_each(void (*call)(struct bmc *bmc, void *data), void *data)
{
	for (size_t i = 0; i < nbuckets; i++) {
		for (struct bmc *bmc = buckets[i]; bmc; bmc = bmc->next)
			call(bmc, data);
	}
}

bool bmc_fault(struct bmc *bmc, const char *text, const char **why)
{
	struct faults *faults = malloc(sizeof(*faults));
	bool good;

	*why = "out of memory";
	if (!faults)
		return false;
	*faults = *bmc->faults;
	good = fault_apply(faults, text, why);
	if (!good) {
		free(faults);
		return false;
	}
	free(bmc->own_faults);
	bmc->own_faults = faults;
	bmc->faults = faults;
	return set_up(bmc);
}

bool bmc_chance(struct bmc *bmc, enum fault fault)
{
	return has(bmc, fault) && random_below(&bmc->random, 100) < bmc->faults->value[fault];
}
