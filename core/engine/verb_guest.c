/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of guests, and the configuration keys that hold their ladders. See verb.h. */
#include "base/fault.h"
#include "base/text.h"
#include "engine/driver.h"
#include "engine/ladder.h"
#include "engine/verb.h"
#include "engine/words.h"
#include "model/help.h"
#include "model/key.h"

#include <errno.h>
#include <string.h>

/* The drivers that run guests are those that the key can name. */
static int check_guest(const char *value, struct fault *f)
{
	struct nearest nearest = {.wanted = value};
	const struct driver *driver;
	struct buffer names = {0};
	int err;

	for (size_t i = 0; (driver = driver_at(i)); i++) {
		if (driver->needs != &key_guest)
			continue;
		if (!strcmp(driver->needs_value, value))
			goto known;
		nearest_offer(&nearest, driver->needs_value);
		buffer_add(&names, "%s%s", names.length ? ", " : "", driver->needs_value);
	}
	if (nearest.name)
		err = fault_set(f, EINVAL, "nothing of this build runs guests by \"%s\": did you "
				"mean \"%s\"?", value, nearest.name);
	else
		err = fault_set(f, EINVAL, "nothing of this build runs guests by \"%s\": write %s",
				value, names.length ? buffer_text(&names) : "nothing: no driver can");
	buffer_free(&names);
	return err;
known:
	buffer_free(&names);
	return 0;
}

const struct key key_guest = {
	.name = "guest", .type = KEY_TEXT, .check = check_guest,
	.help = HELP("What runs it as a guest of this machine: the driver of its lifecycle."),
};

#define LADDER(id, verb, verb_name, text) \
	static int rung_check_##id(const char *value, struct fault *f) \
	{ \
		return method_check(value, verb, f); \
	} \
	static const struct key key_##id = { \
		.name = verb_name, .type = KEY_TEXT, .flags = KEY_LIST, .help = HELP(text), \
		.check = rung_check_##id, \
	}

LADDER(start, VERB_START, "start",
       "How the service of guests starts it; without it: what was saved is restored, else it is "
       "put on.");
LADDER(stop, VERB_STOP, "stop",
       "How the service of guests stops it, best method first: {\"sysrq s\", \"migrate h2 300s\", "
       "\"save 300s\", \"soft 300s\", \"script /etc/stop 300s\", \"kill\"}; without it: soft. "
       "script runs a program of yours as the driver exec does.");
LADDER(pause, VERB_PAUSE, "pause", "How to stop its processors.");
LADDER(resume, VERB_RESUME, "resume", "How to let its processors go on.");
LADDER(suspend, VERB_SUSPEND, "suspend", "How to let its operating system sleep.");
LADDER(wakeup, VERB_WAKEUP, "wakeup", "How to end its sleep.");
LADDER(save, VERB_SAVE, "save", "How to save its whole state, and end it.");
LADDER(restore, VERB_RESTORE, "restore", "How to bring back what was saved.");
LADDER(snapshot, VERB_SNAPSHOT, "snapshot", "How to keep its state inside its disks.");
LADDER(migrate, VERB_MIGRATE, "migrate", "How to move it to another host.");
LADDER(sysrq, VERB_SYSRQ, "sysrq", "How to press magic keys of its kernel.");

static const struct key *const keys[] = {
	&key_guest, &key_start, &key_stop, &key_pause, &key_resume, &key_suspend, &key_wakeup, &key_save,
	&key_restore, &key_snapshot, &key_migrate, &key_sysrq, NULL,
};
static const struct key_set key_set = {.title = "Guests", .keys = keys};
KEY_SET(key_set);

static int check_snapshot(size_t n, char *const *words, struct fault *f)
{
	struct snapshot snapshot;

	return snapshot_parse(n, words, &snapshot, f);
}

static int check_migrate(size_t n, char *const *words, struct fault *f)
{
	const char *host;

	return migrate_parse(n, words, &host, f);
}

static int check_sysrq(size_t n, char *const *words, struct fault *f)
{
	const char *letters;

	return sysrq_parse(n, words, &letters, f);
}

static const enum verb start_is[] = {VERB_RESTORE, VERB_ON, VERBS};
static const enum verb stop_is[] = {VERB_SOFT, VERBS};

const struct verb_info guest_verbs[VERBS - VERB_START] = {
	[VERB_START - VERB_START] = {
		.name = "start", .participle = "started", .goal = STATE_ON, .key = &key_start,
		.made_of = start_is, .up = true, .observable = true,
	},
	[VERB_STOP - VERB_START] = {
		.name = "stop", .participle = "stopped", .goal = STATE_OFF,
		.also = 1U << STATE_SAVED | 1U << STATE_MOVED, .key = &key_stop,
		.made_of = stop_is, .down = true, .observable = true,
	},
	[VERB_PAUSE - VERB_START] = {
		.name = "pause", .participle = "paused", .goal = STATE_PAUSED, .key = &key_pause,
	},
	[VERB_RESUME - VERB_START] = {
		.name = "resume", .participle = "resumed", .goal = STATE_ON, .key = &key_resume,
	},
	[VERB_SUSPEND - VERB_START] = {
		.name = "suspend", .participle = "suspended", .goal = STATE_SUSPENDED,
		.key = &key_suspend,
	},
	[VERB_WAKEUP - VERB_START] = {
		.name = "wakeup", .participle = "woken", .goal = STATE_ON, .key = &key_wakeup,
	},
	[VERB_SAVE - VERB_START] = {
		.name = "save", .participle = "saved", .goal = STATE_SAVED, .key = &key_save,
		.down = true,
	},
	[VERB_RESTORE - VERB_START] = {
		.name = "restore", .participle = "restored", .goal = STATE_ON,
		.key = &key_restore, .up = true,
	},
	[VERB_SNAPSHOT - VERB_START] = {
		.name = "snapshot", .participle = "kept in a snapshot", .goal = STATE_DONE,
		.key = &key_snapshot, .check_words = check_snapshot,
	},
	[VERB_MIGRATE - VERB_START] = {
		.name = "migrate", .participle = "moved", .goal = STATE_MOVED,
		.key = &key_migrate, .check_words = check_migrate,
	},
	[VERB_SYSRQ - VERB_START] = {
		.name = "sysrq", .participle = "sent magic keys", .goal = STATE_SENT,
		.key = &key_sysrq, .check_words = check_sysrq,
	},
};
