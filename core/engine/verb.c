/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs, states, and the configuration keys that hold the ladders. See verb.h. */
#include "engine/verb.h"
#include "engine/ladder.h"
#include "model/help.h"
#include "model/key.h"

#include <stddef.h>
#include <string.h>

#define LADDER_KEY(verb, verb_name, text) \
	static const struct key key_##verb = { \
		.name = verb_name, .type = KEY_TEXT, .flags = KEY_LIST, .help = HELP(text), \
		.check = rung_check_##verb, \
	}

/* One check a verb, since a driver has some verbs and not others. */
#define RUNG_CHECK(verb, id) \
	static int rung_check_##verb(const char *value, struct fault *f) \
	{ \
		return method_check(value, id, f); \
	}

RUNG_CHECK(on, VERB_ON)
RUNG_CHECK(off, VERB_OFF)
RUNG_CHECK(soft, VERB_SOFT)
RUNG_CHECK(reset, VERB_RESET)
RUNG_CHECK(cycle, VERB_CYCLE)
RUNG_CHECK(nmi, VERB_NMI)
RUNG_CHECK(status, VERB_STATUS)
RUNG_CHECK(identify, VERB_IDENTIFY)
RUNG_CHECK(bootdev, VERB_BOOTDEV)
RUNG_CHECK(diagnose, VERB_DIAGNOSE)

LADDER_KEY(on, "on",
	   "How to put it on, best method first: {\"wol 60s\", \"exec /usr/sbin/pdu on\"}.");
LADDER_KEY(off, "off", "How to put it off, best method first.");
LADDER_KEY(soft, "soft", "How to ask its operating system to go down.");
LADDER_KEY(reset, "reset", "How to reset it.");
LADDER_KEY(cycle, "cycle", "How to put it off and on again; without it: `off`, then `on`.");
LADDER_KEY(nmi, "nmi", "How to send it a diagnostic interrupt.");
LADDER_KEY(status, "status",
	   "How to ask for its state; without it: its probe, and drivers that can tell.");
LADDER_KEY(identify, "identify", "How to switch its identify light.");
LADDER_KEY(bootdev, "bootdev", "How to choose the device that it boots from.");
LADDER_KEY(diagnose, "diagnose", "How to look where a log-in to its device fails.");

static const struct verb_info verbs[VERB_START] = {
	[VERB_ON] = {
		.name = "on", .participle = "put on", .goal = STATE_ON, .key = &key_on,
		.up = true, .observable = true,
	},
	[VERB_OFF] = {
		.name = "off", .participle = "put off", .goal = STATE_OFF,
		.also = 1U << STATE_SAVED, .key = &key_off,
		.down = true, .observable = true,
	},
	[VERB_SOFT] = {
		.name = "soft", .participle = "shut down", .goal = STATE_OFF,
		.also = 1U << STATE_SAVED, .key = &key_soft,
		.down = true, .observable = true,
	},
	[VERB_RESET] = {
		.name = "reset", .participle = "reset", .goal = STATE_ON, .key = &key_reset,
		.down = true,
	},
	[VERB_CYCLE] = {
		.name = "cycle", .participle = "cycled", .goal = STATE_ON, .key = &key_cycle,
		.down = true,
	},
	[VERB_NMI] = {
		.name = "nmi", .participle = "interrupted", .goal = STATE_SENT, .key = &key_nmi,
	},
	[VERB_STATUS] = {
		.name = "status", .participle = "asked for its state", .goal = STATE_UNKNOWN,
		.key = &key_status, .looks = true,
	},
	[VERB_IDENTIFY] = {
		.name = "identify", .participle = "identified", .goal = STATE_DONE,
		.key = &key_identify,
	},
	[VERB_BOOTDEV] = {
		.name = "bootdev", .participle = "given a boot device", .goal = STATE_DONE,
		.key = &key_bootdev,
	},
	[VERB_DIAGNOSE] = {
		.name = "diagnose", .participle = "diagnosed", .goal = STATE_UNKNOWN,
		.key = &key_diagnose, .looks = true,
	},
};

const struct key *const verb_keys[] = {
	&key_on, &key_off, &key_soft, &key_reset, &key_cycle, &key_nmi, &key_status,
	&key_identify, &key_bootdev, &key_diagnose, NULL,
};

unsigned verb_count(void)
{
	return guest_verbs ? VERBS : VERB_START;
}

const struct verb_info *verb_info(enum verb verb)
{
	return verb < VERB_START ? &verbs[verb] : &guest_verbs[verb - VERB_START];
}

bool verb_is_reached(enum verb verb, enum state state)
{
	const struct verb_info *info = verb_info(verb);

	if (info->goal == STATE_UNKNOWN)
		return state != STATE_UNKNOWN;
	return state == info->goal || info->also & 1U << state;
}

enum verb verb_find(const char *name)
{
	unsigned verb = 0;

	while (verb < verb_count() && strcmp(verb_info(verb)->name, name))
		verb++;
	return verb < verb_count() ? verb : VERBS;
}

const char *state_name(enum state state)
{
	static const char *const names[] = {
		"unknown", "on", "off", "sent", "done", "paused", "suspended", "saved", "moved",
	};

	return names[state];
}
