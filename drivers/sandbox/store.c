/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The simulated machines and their state file: a line "NAME on", or another state, for each
 * machine, with what was set besides: "NAME on,boots=2,lit=1700000000,pxe,always,snapshot=a" has
 * been started twice, has its identify light on until then (lit alone: for good), boots from the
 * network and has a snapshot; "NAME off,failed" has ended by itself, and not in good order.
 *
 * The file is shared with other runs. It is written whole, at most once a second and at the end,
 * under a lock (the file PATH.lock): what others wrote is taken in first, then what was changed
 * here goes over it. It holds the state that a machine comes to: a change under way goes on without
 * this program, as it does in a real device.
 */
#include "store.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 256 << 20 };

static const ev_tstamp write_every = 1, write_retry = 0.05, look_every = 0.1;

static struct {
	struct table by_name;
	struct unit **units;
	size_t n, size;
	size_t users;			/* of units */
	char *path;			/* NULL: memory alone */
	int lock;			/* PATH.lock, open; -1: not yet */
	struct stat seen;		/* the file as it was last read or written */
	double looked;			/* when it was last looked at */
	struct ev_loop *loop;
	ev_timer writer;		/* runs while something is dirty */
	int err;			/* of the last writing */
	struct fault fault;
} store = {.lock = -1};

static struct unit *unit_add(const char *name, size_t length, enum state state)
{
	struct unit *unit = calloc(1, sizeof(*unit) + length + 1);

	if (!unit)
		return NULL;
	if (store.n == store.size) {
		size_t size = store.size ? store.size * 2 : 64;
		struct unit **units = realloc(store.units, size * sizeof(*units));

		if (!units)
			goto fail;
		store.units = units;
		store.size = size;
	}
	memcpy(unit->name, name, length);
	unit->was = unit->will = state;
	if (table_add(&store.by_name, unit->name, unit, NULL))
		goto fail;
	store.units[store.n++] = unit;
	return unit;
fail:
	free(unit);
	return NULL;
}

static struct unit *unit_get(const char *name, enum state first)
{
	struct unit *unit = table_find(&store.by_name, name);

	return unit ? unit : unit_add(name, strlen(name), first);
}

struct unit *store_unit(const char *name, enum state first)
{
	struct unit *unit = unit_get(name, first);

	store.users += unit != NULL;
	return unit;
}

void unit_leave(struct unit *unit)
{
	(void)unit;
	store.users--;
}

enum state unit_state(const struct unit *unit, double now)
{
	return now >= unit->changes_at ? unit->will : unit->was;
}

void unit_change(struct unit *unit, enum state was, enum state will, double at)
{
	unit->was = was;
	unit->will = will;
	unit->changes_at = at;
	unit->failed = false;
	unit_changed(unit);
}

void unit_changed(struct unit *unit)
{
	if (!store.path)
		return;
	unit->dirty = true;
	if (!ev_is_active(&store.writer)) {
		ev_timer_set(&store.writer, write_every, 0);
		ev_timer_start(store.loop, &store.writer);
		/* the program may end before it is written: store_close does it then */
		ev_unref(store.loop);
	}
}

static bool read_number(const char *word, const char *name, uint64_t *number)
{
	size_t length = strlen(name);

	return !strncmp(word, name, length) &&
	       !number_parse(word + length, name, 0, UINT32_MAX, number, NULL);
}

static enum state read_state(const char *word)
{
	static const enum state states[] = {
		STATE_ON, STATE_OFF, STATE_PAUSED, STATE_SUSPENDED, STATE_SAVED, STATE_MOVED,
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!strcmp(word, state_name(states[i])))
			return states[i];
	}
	return STATE_UNKNOWN;
}

/* One of the words behind the state; those that it does not know are boot's. */
static bool read_word(const char *word, struct unit *to, struct buffer *snapshots)
{
	uint64_t number;

	if (!strcmp(word, "failed"))
		to->failed = true;
	else if (!strcmp(word, "lit"))
		to->lit_until = INFINITY;
	else if (read_number(word, "lit=", &number))
		to->lit_until = (double)number;
	else if (read_number(word, "boots=", &number))
		to->boots = (uint32_t)number;
	else if (!strncmp(word, "snapshot=", 9) && word[9])
		buffer_add(snapshots, "%s,", word + 9);
	else
		return false;
	return true;
}

/* What stands behind a name. */
static int read_words(const char *text, struct unit *to, struct buffer *snapshots)
{
	enum { BOOT_WORDS = 3 };
	char buffer[64 + SNAPSHOTS_MAX * (SNAPSHOT_NAME_MAX + 10)], *boot[BOOT_WORDS], *rest = NULL;
	size_t nboot = 0;

	if (snprintf(buffer, sizeof(buffer), "%s", text) >= (int)sizeof(buffer))
		return -EINVAL;
	for (char *word = strtok_r(buffer, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (word == buffer)
			to->will = read_state(word);
		else if (read_word(word, to, snapshots))
			continue;
		else if (nboot < BOOT_WORDS)
			boot[nboot++] = word;
		else
			return -EINVAL;
	}
	if (to->will == STATE_UNKNOWN)
		return -EINVAL;
	return nboot ? bootdev_parse(nboot, boot, &to->boot, NULL) : 0;
}

/* Takes one line in; what was changed here and is not yet written counts more. */
static int read_line(char *line, unsigned number, struct fault *f)
{
	char *blank = strrchr(line, ' ');
	struct unit read = {.will = STATE_UNKNOWN}, *unit;
	struct buffer snapshots = {0};

	if (!*line || *line == '#')
		return 0;
	if (!blank || blank == line || read_words(blank + 1, &read, &snapshots)) {
		buffer_free(&snapshots);
		return fault_set(f, EINVAL,
				 "%s:%u: \"%s\" does not say a state as \"NAME on\" "
				 "does: mend the line, or remove the file",
				 store.path, number, line);
	}
	*blank = '\0';
	unit = unit_get(line, read.will);
	if (!unit || unit->dirty || snapshots.failed) {
		bool dirty = unit && unit->dirty;

		buffer_free(&snapshots);
		return dirty ? 0 : fault_no_memory(f);
	}
	free(unit->snapshots);
	unit->snapshots = snapshots.text;
	/* a change of our own, still under way, ends in what the file says */
	if (unit->will != read.will)
		unit->was = unit->will = read.will;
	unit->failed = read.failed;
	unit->lit_until = read.lit_until;
	unit->boot = read.boot;
	/* who wrote the line by hand did not count */
	if (read.boots > unit->boots)
		unit->boots = read.boots;
	return 0;
}

static int read_lines(char *text, struct fault *f)
{
	int err = 0;

	for (unsigned number = 1; *text && !err; number++) {
		char *end = text + strcspn(text, "\n"), *next = *end ? end + 1 : end;

		*end = '\0';
		err = read_line(text, number, f);
		text = next;
	}
	return err;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads the file if it is another than the one that was seen last. */
static int read_file(struct fault *f)
{
	struct stat now;
	char *text;
	int err;

	if (stat(store.path, &now)) {
		if (errno == ENOENT)
			return 0;
		return fault_set(f, errno, "cannot read \"%s\": %s", store.path, strerror(errno));
	}
	if (is_same_file(&now, &store.seen))
		return 0;
	err = file_read(store.path, FILE_MAX, &text, NULL, f);
	if (err)
		return err;
	err = read_lines(text, f);
	free(text);
	if (!err)
		store.seen = now;
	return err;
}

static void add_line(struct buffer *b, const struct unit *unit)
{
	buffer_add(b, "%s %s", unit->name, state_name(unit->will));
	if (unit->failed && unit->will == STATE_OFF)
		buffer_add_text(b, ",failed");
	if (unit->boots)
		buffer_add(b, ",boots=%u", unit->boots);
	if (isinf(unit->lit_until))
		buffer_add_text(b, ",lit");
	else if (unit->lit_until > 0)
		buffer_add(b, ",lit=%.0f", unit->lit_until);
	if (unit->boot.device != BOOTDEV_NONE)
		buffer_add(b, ",%s%s%s", bootdev_name(unit->boot.device),
			   unit->boot.always ? ",always" : "", unit->boot.efi ? ",efi" : "");
	for (const char *p = unit->snapshots; p && *p; p += strcspn(p, ",") + 1)
		buffer_add(b, ",snapshot=%.*s", (int)strcspn(p, ","), p);
	buffer_add_text(b, "\n");
}

/* Writes all states; under the lock. */
static int write_file(struct fault *f)
{
	struct buffer b = {0};
	int err = read_file(f);

	if (err)
		return err;
	for (size_t i = 0; i < store.n; i++)
		add_line(&b, store.units[i]);
	if (b.failed) {
		buffer_free(&b);
		return fault_no_memory(f);
	}
	err = file_replace(store.path, buffer_text(&b), b.length, 0644, f);
	buffer_free(&b);
	if (err)
		return err;
	for (size_t i = 0; i < store.n; i++)
		store.units[i]->dirty = false;
	if (stat(store.path, &store.seen))
		store.seen = (struct stat){0};
	return 0;
}

static void write_now(void)
{
	store.err = write_file(&store.fault);
	flock(store.lock, LOCK_UN);
}

static void on_writer(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)events;
	ev_ref(loop);
	if (!flock(store.lock, LOCK_EX | LOCK_NB)) {
		write_now();
		return;
	}
	/* another run is writing just now */
	ev_timer_set(w, write_retry, 0);
	ev_timer_start(loop, w);
	ev_unref(loop);
}

static int open_lock(struct fault *f)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s.lock", store.path) >= (int)sizeof(path))
		return fault_set(f, ENAMETOOLONG, "\"%s\" is longer than a path can be",
				 store.path);
	store.lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (store.lock < 0)
		return fault_set(f, errno, "sandbox-state: cannot write \"%s\": %s", path,
				 strerror(errno));
	return 0;
}

static int switch_to(const char *path, struct fault *f)
{
	if (store.users)
		return fault_set(f, EBUSY, "sandbox-state was changed while simulated machines are "
				 "at work: try again");
	store_close();
	if (!path)
		return 0;
	store.path = strdup(path);
	if (!store.path)
		return fault_no_memory(f);
	ev_init(&store.writer, on_writer);
	return open_lock(f);
}

int store_open(struct ev_loop *loop, const char *path, struct fault *f)
{
	int err;

	if (path ? !store.path || store.lock < 0 || strcmp(path, store.path) : store.path != NULL) {
		err = switch_to(path, f);
		if (err)
			return err;
	}
	store.loop = loop;
	if (!path)
		return 0;
	if (store.err) {
		if (f)
			*f = store.fault;
		return store.err;
	}
	if (ev_now(loop) >= store.looked && ev_now(loop) < store.looked + look_every)
		return 0;
	store.looked = ev_now(loop);
	return read_file(f);
}

static bool is_dirty(void)
{
	for (size_t i = 0; i < store.n; i++) {
		if (store.units[i]->dirty)
			return true;
	}
	return false;
}

void store_close(void)
{
	if (store.path && ev_is_active(&store.writer)) {
		ev_ref(store.loop);
		ev_timer_stop(store.loop, &store.writer);
	}
	if (store.lock >= 0) {
		/* the other run holds it for no longer than it writes */
		if (is_dirty() && !flock(store.lock, LOCK_EX))
			write_now();
		close(store.lock);
	}
	for (size_t i = 0; i < store.n; i++) {
		free(store.units[i]->snapshots);
		free(store.units[i]);
	}
	free(store.units);
	free(store.path);
	table_free(&store.by_name);
	memset(&store, 0, sizeof(store));
	store.lock = -1;
}
