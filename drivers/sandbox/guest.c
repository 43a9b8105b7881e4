/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What only guests can do, done by simulated machines: paused, saved, moved and so on, with the
 * limits that hypervisors have. What was saved or moved is remembered in the state file.
 */
#include "request.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/words.h"
#include "model/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The words of the command line, else those of the ladder. */
static size_t words_of(const struct attempt *a, char *const **words)
{
	*words = a->nwords ? a->words : a->argv;
	return a->nwords ? a->nwords : a->argc;
}

static bool has_snapshot(const struct unit *unit, const char *name, size_t *count)
{
	size_t length = strlen(name);
	bool found = false;

	*count = 0;
	for (const char *p = unit->snapshots; p && *p; p += strcspn(p, ",") + 1) {
		++*count;
		found |= strcspn(p, ",") == length && !strncmp(p, name, length);
	}
	return found;
}

static int keep_snapshot(struct unit *unit, const char *name, struct fault *f)
{
	struct buffer names = {0};
	size_t count;

	/* the same name again replaces what was kept */
	if (has_snapshot(unit, name, &count))
		return 0;
	if (count == SNAPSHOTS_MAX)
		return fault_set(f, ENOSPC,
				 "\"%s\": a simulated machine keeps %d snapshots: delete "
				 "one",
				 name, SNAPSHOTS_MAX);
	buffer_add(&names, "%s%s,", unit->snapshots ? unit->snapshots : "", name);
	if (names.failed) {
		buffer_free(&names);
		return fault_no_memory(f);
	}
	free(unit->snapshots);
	unit->snapshots = names.text;
	return 0;
}

static void delete_snapshot(struct unit *unit, const char *name)
{
	size_t length = strlen(name);

	for (char *p = unit->snapshots; *p; p += strcspn(p, ",") + 1) {
		if (strcspn(p, ",") == length && !strncmp(p, name, length)) {
			memmove(p, p + length + 1, strlen(p + length + 1) + 1);
			return;
		}
	}
}

static void list_snapshots(const struct request *r)
{
	for (const char *p = r->unit->snapshots; p && *p; p += strcspn(p, ",") + 1)
		attempt_note(r->attempt, "%.*s", (int)strcspn(p, ","), p);
}

static int do_snapshot(struct request *r, struct fault *f)
{
	struct snapshot snapshot;
	char *const *words;
	size_t count, n = words_of(r->attempt, &words);
	int err = snapshot_parse(n, words, &snapshot, f);

	if (err)
		return err;
	if (snapshot.deed == SNAPSHOT_LIST) {
		list_snapshots(r);
		return 0;
	}
	if (snapshot.deed == SNAPSHOT_KEEP) {
		err = keep_snapshot(r->unit, snapshot.name, f);
	} else if (!has_snapshot(r->unit, snapshot.name, &count)) {
		return fault_set(f, ENOENT,
				 "\"%s\" has no snapshot \"%s\": \"snapshot list\" tells "
				 "what there is",
				 r->attempt->machine->name, snapshot.name);
	} else if (snapshot.deed == SNAPSHOT_DELETE) {
		delete_snapshot(r->unit, snapshot.name);
	} else {
		unit_change(r->unit, STATE_ON, STATE_ON, 0);
	}
	if (!err)
		unit_changed(r->unit);
	return err;
}

static void act_snapshot(struct request *r)
{
	struct fault f;
	int err;

	if (r->quirk.kind == FAULT_IGNORE)
		err = fault_set(&f, EIO, "\"%s\" accepted it, and has not done it",
				r->attempt->machine->name);
	else
		err = do_snapshot(r, &f);
	if (err)
		request_fail(r, err, f.text);
	else
		request_finish(r, r->quirk.kind == FAULT_BLIND ? STATE_SENT : STATE_DONE);
}

static void act_migrate(struct request *r)
{
	const char *host;
	char *const *words;
	size_t n = words_of(r->attempt, &words);
	struct fault f;
	int err = migrate_parse(n, words, &host, &f);

	if (err)
		request_fail(r, err, f.text);
	else
		request_change(r, STATE_MOVED);
}

/* Linux, admin-guide/sysrq: o powers off, b resets; the others are not seen from outside. */
static void act_sysrq(struct request *r)
{
	const char *letters;
	char *const *words;
	size_t n = words_of(r->attempt, &words);
	double now = ev_now(r->attempt->loop);
	struct fault f;
	int err = sysrq_parse(n, words, &letters, &f);

	if (err) {
		request_fail(r, err, f.text);
		return;
	}
	if (strchr(letters, 'b') && r->quirk.kind != FAULT_IGNORE)
		request_boot(r);
	else if (strchr(letters, 'o') && r->quirk.kind != FAULT_IGNORE)
		unit_change(r->unit, STATE_OFF, STATE_OFF, now);
	request_finish(r, STATE_SENT);
}

static void act_restore(struct request *r)
{
	struct fault f;

	if (request_state(r) == STATE_SAVED) {
		request_change(r, STATE_ON);
		return;
	}
	fault_set(&f, ENODATA, "nothing is saved of \"%s\"", r->attempt->machine->name);
	request_fail(r, -ENODATA, f.text);
}

/* The states in which a verb can be done, a bit each, besides the one that it leads to. */
static unsigned states_of(enum verb verb)
{
	switch (verb) {
	case VERB_RESUME:
		return 1U << STATE_PAUSED;
	case VERB_WAKEUP:
		return 1U << STATE_SUSPENDED;
	case VERB_SAVE:
	case VERB_MIGRATE:
		return 1U << STATE_ON | 1U << STATE_PAUSED | 1U << STATE_SUSPENDED;
	case VERB_SNAPSHOT:
		return ~0U;
	case VERB_RESTORE:
		return ~0U;
	default:
		return 1U << STATE_ON;
	}
}

void guest_act(struct request *r)
{
	enum verb verb = r->attempt->verb;
	enum state now = request_state(r), goal = verb_info(verb)->goal;
	char why[64];

	if (now == goal && r->unit->will == goal && verb != VERB_RESTORE) {
		request_finish(r, now);
		return;
	}
	if (!(states_of(verb) & 1U << now)) {
		snprintf(why, sizeof(why), "it is %s", state_name(now));
		request_refuse(r, why);
		return;
	}
	switch (verb) {
	case VERB_SNAPSHOT:
		act_snapshot(r);
		break;
	case VERB_MIGRATE:
		act_migrate(r);
		break;
	case VERB_SYSRQ:
		act_sysrq(r);
		break;
	case VERB_RESTORE:
		act_restore(r);
		break;
	default:
		request_change(r, goal);
	}
}
