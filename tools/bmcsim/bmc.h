/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The BMCs: each comes into being when it is first asked for, and has a state of its own. */
#ifndef BMCSIM_BMC_H
#define BMCSIM_BMC_H

#include "address.h"
#include "profile.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct session;
struct sol;

enum { BOOT_FLAGS = 5, BOOT_INITIATOR = 9, MAILBOX = 80 };

/* System boot options (IPMI 2.0, 28.12 to 28.14). */
struct boot {
	uint8_t progress, partition, scan, keep_valid, acknowledged, mailbox_initiator;
	uint8_t flags[BOOT_FLAGS];
	uint8_t initiator[BOOT_INITIATOR];
	uint8_t mailbox[MAILBOX];
	double set_at;			/* the flags */
	uint8_t booted;			/* the device of the last start: bits 5:2 of flag byte 2 */
	bool booted_efi;
};

/* Power at present, and up to two changes to come. */
struct power {
	bool on;
	uint8_t nsteps;
	struct {
		double at;
		bool on;
	} steps[2];
	uint8_t policy;			/* restore policy */
	double started;			/* when last */
	uint8_t last_event, restart_cause;	/* as in Get Chassis Status, … Restart Cause */
	/* what was asked for, and could be done */
	uint32_t ons, offs, cycles, resets, softs, nmis;
};

struct bmc {
	struct address address;
	struct bmc *next;		/* with the same hash */
	const struct profile *profile;
	unsigned generation;		/* of the profile */
	const struct faults *faults;	/* the profile's, or its own */
	struct faults *own_faults;	/* NULL: none */
	struct session *sessions;
	struct sol *sol;		/* NULL: nobody asked for it yet */
	uint64_t random;
	uint8_t guid[GUID_LENGTH];
	struct power power;
	struct boot boot;
	double silent_until;		/* it starts again itself */
	double identify_until;		/* HUGE_VAL: until it is told otherwise */
	uint16_t challenge_port;	/* of the ignored Get Session Challenge; 0: none */
	uint32_t busy_left, silent_open_left, silent_suites_left;
	uint32_t requests, logins_begun, logins_good, logins_failed;
};

/* Seconds; set before each round of packets. */
extern double now;

/* Seeds what is random in BMCs that come into being from now on. */
void bmc_seed(uint64_t seed);

/* The BMC of an address; made when there is none. NULL without memory. */
struct bmc *bmc_get(const struct address *address);

size_t bmc_count(void);

/* Calls for each BMC there is. */
void bmc_each(void (*call)(struct bmc *bmc, void *data), void *data);

/* Switches a fault of one BMC, whatever the settings say. False with what is wrong in *why. */
bool bmc_fault(struct bmc *bmc, const char *text, const char **why);

static inline bool has(const struct bmc *bmc, enum fault fault)
{
	return fault_is(bmc->faults, fault);
}

/* A throw of dice: the fault's value is a number of percent. */
bool bmc_chance(struct bmc *bmc, enum fault fault);

/* Whether the power is on now. */
bool power_is_on(struct bmc *bmc);

/* Sets the power at once, as somebody at the machine does. */
void power_set(struct bmc *bmc, bool on);

/* Chassis Control's verbs (IPMI 2.0, 28.3); a completion code. */
enum control {
	CONTROL_OFF,
	CONTROL_ON,
	CONTROL_CYCLE,
	CONTROL_RESET,
	CONTROL_NMI,
	CONTROL_SOFT,
	CONTROLS
};

int power_control(struct bmc *bmc, enum control control);

extern const char *const control_words[CONTROLS];

/*
 * The machine starts: it uses the boot flags, which are good for one start unless they say
 * otherwise.
 */
void boot_start(struct bmc *bmc);

/* "pxe" and the like: what boot flags say; "none" when they are not valid. */
const char *boot_device(const uint8_t flags[BOOT_FLAGS]);
const char *boot_device_word(uint8_t device);

/* Lets flags that nobody used grow old. */
void boot_expire(struct bmc *bmc);

#endif
