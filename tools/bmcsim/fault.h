/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be wrong with a BMC or with the way to it. Each fault has a name, by which --fault and
 * the control socket switch it. The vendors' faults have the names of FreeIPMI's workarounds for
 * them (freeipmi.conf(5)); "FIB" in fault.c is its doc/freeipmi-bugs-issues-and-workarounds.txt.
 */
#ifndef BMCSIM_FAULT_H
#define BMCSIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum fault {
	/* the way to it */
	FAULT_LATENCY,			/* value: ms */
	FAULT_LOSE_REQUESTS,		/* percent, as in the next ones */
	FAULT_LOSE_ANSWERS,
	FAULT_DUPLICATE,
	FAULT_REORDER,
	FAULT_GARBAGE,
	FAULT_BAD_CHECKSUM,
	FAULT_BAD_AUTHCODE,
	/* what it does not do */
	FAULT_DEAD,
	FAULT_NO_PING,
	FAULT_SILENT_OPEN_SESSION,	/* value: how often; 0 is always */
	FAULT_SILENT_CIPHER_SUITES,	/* likewise */
	FAULT_ONLY_15,
	FAULT_ONLY_20,
	FAULT_STUCK_POWER,
	FAULT_SOFT_IGNORED,
	FAULT_NO_CLOSE_ANSWER,
	FAULT_LOSE_RAKP4,		/* value: how often in a session; 0 is always */
	FAULT_CHALLENGE_NEW_PORT,
	/* what it answers */
	FAULT_REFUSE,
	FAULT_BUSY,			/* value: how often */
	FAULT_CODE,
	FAULT_LOCKOUT,			/* value: after how many failed log-ins */
	FAULT_ECHO_PRIVILEGE,
	FAULT_EXACT_PRIVILEGE,
	FAULT_SEQUENCE_OFF_BY_ONE,
	FAULT_SEQUENCE_GAPS,
	/* vendors' */
	FAULT_AUTHCAP,
	FAULT_IDZERO,
	FAULT_UNEXPECTEDAUTH,
	FAULT_FORCEPERMSG,
	FAULT_ENDIANSEQ,
	FAULT_NOAUTHCODECHECK,
	FAULT_NOCHECKSUMCHECK,
	FAULT_INTEL20,
	FAULT_SUPERMICRO20,
	FAULT_SUN20,
	FAULT_OPENSESSPRIV,
	FAULT_INTEGRITYCHECKVALUE,
	/* vendors' and others' of SOL */
	FAULT_SOLPAYLOADSIZE,		/* value: the sizes told */
	FAULT_SOLPORT,			/* value: the port told */
	FAULT_SOLSTATUS,		/* value: completion code */
	FAULT_SOLCHANNELSUPPORT,
	FAULT_SERIALALERTSDEFERRED,
	FAULT_SOLPACKETSEQ,		/* value: each which packet */
	FAULT_SOL_NO_CAPACITY,
	FAULT_SOL_STATUS_BLIND,
	FAULT_SOL_ALWAYS_ACTIVE,
	FAULT_SOL_KEEPS,
	FAULT_SOL_OWN_DEACTIVATE,
	FAULT_SOL_NO_NOTICE,
	FAULT_SOL_NO_ENCRYPTION,
	FAULT_SOL_HANDSHAKE,
	FAULT_SOL_DEAD,
	FAULT_SOL_MUTE,
	FAULT_SOL_PARTIAL,		/* value: characters */
	FAULT_SOL_COUNT_ZERO,
	FAULT_SOL_NACK,			/* percent */
	FAULT_SOL_LOSE_ACKS,		/* percent */
	FAULT_SEQUENCE_JUMP,		/* value: how far */
	FAULT_COUNT
};

_Static_assert(FAULT_COUNT <= 64, "each fault is a bit of struct faults' present");

enum { CODES_MAX = 8, SUITE_IDS = 18 };

struct faults {
	uint64_t present;			/* bit 1 << FAULT_… */
	uint32_t value[FAULT_COUNT];
	uint32_t jitter;			/* of the latency, ms */
	uint8_t refuse[SUITE_IDS];		/* status for this suite; 0: not refused */
	struct {
		uint8_t netfn, command, code;
	} codes[CODES_MAX];
	uint8_t ncodes;
};

static inline bool fault_is(const struct faults *faults, enum fault fault)
{
	return faults->present >> fault & 1;
}

/*
 * Switches on "NAME" or "NAME=VALUE"; with "-NAME" switches it off. False when the text is no such
 * thing, with what is wrong in *why.
 */
bool fault_apply(struct faults *faults, const char *text, const char **why);

/* The faults, one a line or two, as --help shows them. */
void fault_list(FILE *to);

#endif
