/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which process a guest is. See qemu_find.h. */
#include "qemu_find.h"
#include "base/fault.h"
#include "base/file.h"
#include "model/key.h"
#include "model/machine.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- command lines -------------------------------------------------------------------------- */

/* The word behind, or NULL at the end. */
static const char *next_word(const char *words, size_t length, const char *word)
{
	word += strlen(word) + 1;
	return word < words + length ? word : NULL;
}

/* As QEMU reads options: with one dash or two. */
static bool is_option(const char *word, const char *option)
{
	return *word == '-' && !strcmp(word + 1 + (word[1] == '-'), option);
}

static const char *option_after(const char *words, size_t length, const char *from,
				const char *option)
{
	for (const char *w = from; w; w = next_word(words, length, w)) {
		if (is_option(w, option))
			return next_word(words, length, w);
	}
	return NULL;
}

const char *words_option(const char *words, size_t length, const char *option)
{
	return option_after(words, length, words, option);
}

/* Copies up to a single comma; the place behind it. */
static const char *copy_part(const char *value, char *part, size_t size)
{
	size_t n = 0;

	for (; *value; value++) {
		if (*value == ',' && *++value != ',')
			break;
		if (n + 1 < size)
			part[n++] = *value;
	}
	part[n] = '\0';
	return value;
}

bool option_part(const char *value, const char *name, char *part, size_t size)
{
	char piece[4096];
	size_t length = strlen(name);

	while (*value) {
		value = copy_part(value, piece, sizeof(piece));
		if (!strncmp(piece, name, length) && piece[length] == '=' &&
		    strlen(piece + length + 1) < size) {
			strcpy(part, piece + length + 1);
			return true;
		}
	}
	return false;
}

/* The path of a socket that a monitor is said to be on, "unix:PATH,server=on". */
static bool socket_path(const char *value, char *path, size_t size)
{
	char piece[4096];

	copy_part(value, piece, sizeof(piece));
	if (strncmp(piece, "unix:/", 6) || strlen(piece) - 5 >= size)
		return false;
	strcpy(path, piece + 5);
	return true;
}

/* The socket of a -chardev by its id. */
static bool chardev_path(const struct found *p, const char *id, char *path, size_t size)
{
	char name[128];
	const char *v = p->words;

	while ((v = option_after(p->words, p->length, v, "chardev"))) {
		if (!strncmp(v, "socket,", 7) && option_part(v, "id", name, sizeof(name)) &&
		    !strcmp(name, id))
			return option_part(v, "path", path, size) && *path == '/';
	}
	return false;
}

/* The monitors that a command line tells of. */
static void read_monitors(struct found *p)
{
	const char *v = words_option(p->words, p->length, "qmp");
	char mode[32], chardev[128], path[sizeof(p->qmp)];

	if (v && socket_path(v, path, sizeof(path)))
		strcpy(p->qmp, path);
	v = p->words;
	while (!*p->qmp && (v = option_after(p->words, p->length, v, "mon"))) {
		if (option_part(v, "mode", mode, sizeof(mode)) && !strcmp(mode, "control") &&
		    option_part(v, "chardev", chardev, sizeof(chardev)) &&
		    chardev_path(p, chardev, path, sizeof(path)))
			strcpy(p->qmp, path);
	}
	strcpy(p->look, p->qmp);
}

/* --- one process ---------------------------------------------------------------------------- */

void found_free(struct found *found)
{
	free(found->words);
	*found = (struct found){0};
}

/* Whether a command line has this very socket of ours for its monitor. */
static bool has_monitor(const struct found *p, const char *qmp)
{
	char path[PATH_MAX];

	return chardev_path(p, "stoker-qmp", path, sizeof(path)) && !strcmp(path, qmp);
}

/* Takes a process up when it is the one that we started for this guest. */
static bool take_ours(pid_t pid, const uint64_t *start, const struct place *place,
		      struct found *found)
{
	char qmp[PATH_MAX], look[PATH_MAX];
	struct found p = {0};

	if (proc_identify(pid, &p.proc) || (start && p.proc.start != *start))
		return false;
	p.words = proc_words(pid, &p.length);
	if (!p.words || !has_monitor(&p, place_path(place->run, "qmp", qmp))) {
		found_free(&p);
		return false;
	}
	place_path(place->run, "look", look);
	snprintf(p.qmp, sizeof(p.qmp), "%.*s", (int)sizeof(p.qmp) - 1, qmp);
	snprintf(p.look, sizeof(p.look), "%.*s", (int)sizeof(p.look) - 1, look);
	*found = p;
	return true;
}

/* By the name of its program: others hold its words as arguments too, an editor or a shell. */
static bool is_emulator(const char *words)
{
	const char *name = strrchr(words, '/');

	name = name ? name + 1 : words;
	return strstr(name, "qemu") || !strcmp(name, "kvm");
}

/* By our record: number and start time. */
static bool find_recorded(const struct place *place, const json_t *record, struct found *found)
{
	pid_t pid = (pid_t)json_integer_value(json_object_get(record, "pid"));
	uint64_t start = (uint64_t)json_integer_value(json_object_get(record, "start"));

	if (!record)
		return false;
	if (take_ours(pid, &start, place, found))
		return true;
	/* one that was adopted has its own sockets */
	if (proc_identify(pid, &found->proc) || found->proc.start != start ||
	    !(found->words = proc_words(pid, &found->length)) || !is_emulator(found->words)) {
		found_free(found);
		return false;
	}
	found->by_hand = true;
	read_monitors(found);
	return true;
}

/* By the file that QEMU writes its number to. */
static bool find_by_file(const struct place *place, struct found *found)
{
	char path[PATH_MAX], *text;
	bool is;

	if (file_read(place_path(place->run, "pid", path), 32, &text, NULL, NULL))
		return false;
	is = take_ours((pid_t)strtol(text, NULL, 10), NULL, place, found);
	free(text);
	return is;
}

/* --- all processes -------------------------------------------------------------------------- */

/*
 * What runs QEMU on this machine, for a moment: two hundred guests are looked for in one go. Each
 * is looked at again before it is taken.
 */
static struct scan {
	double when;			/* CLOCK_MONOTONIC, s */
	size_t n, size;
	struct found *list;
} scan;

static const double scan_lasts = 0.1;

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int scan_add(pid_t pid)
{
	struct found p = {0};

	p.words = proc_words(pid, &p.length);
	if (!p.words || !is_emulator(p.words) || proc_identify(pid, &p.proc)) {
		found_free(&p);
		return 0;
	}
	if (scan.n == scan.size) {
		size_t size = scan.size ? 2 * scan.size : 64;
		struct found *list = realloc(scan.list, size * sizeof(*list));

		if (!list) {
			found_free(&p);
			return -ENOMEM;
		}
		scan.list = list;
		scan.size = size;
	}
	scan.list[scan.n++] = p;
	return 0;
}

static void scan_clear(void)
{
	while (scan.n)
		found_free(&scan.list[--scan.n]);
	free(scan.list);
	scan = (struct scan){0};
}

static int scan_all(struct fault *f)
{
	struct dirent *entry;
	int err = 0;
	DIR *dir;

	if (scan.list && seconds_now() - scan.when < scan_lasts)
		return 0;
	scan_clear();
	dir = opendir("/proc");
	if (!dir)
		return fault_set(f, errno, "cannot look for processes in /proc: %s",
				 strerror(errno));
	while (!err && (entry = readdir(dir))) {
		if (isdigit((unsigned char)*entry->d_name))
			err = scan_add((pid_t)strtol(entry->d_name, NULL, 10));
	}
	closedir(dir);
	scan.when = seconds_now();
	return err ? fault_no_memory(f) : 0;
}

static bool uuid_is(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += *a == '-';
		b += *b == '-';
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

static bool name_is(const char *value, const char *name)
{
	char text[NAME_LENGTH_MAX + 1];

	if (option_part(value, "guest", text, sizeof(text)))
		return !strcmp(text, name);
	copy_part(value, text, sizeof(text));
	return !strcmp(text, name);
}

/* Whether somebody has started it by hand as this guest: its UUID says most, else its name. */
static bool is_meant(const struct found *p, const struct machine *machine)
{
	char buffer[VALUE_MAX], path[PATH_MAX];
	const char *wanted = machine_value(machine, &key_uuid, 0, buffer);
	const char *uuid = words_option(p->words, p->length, "uuid");
	const char *name = words_option(p->words, p->length, "name");

	/* another service of this machine keeps it */
	if (chardev_path(p, "stoker-qmp", path, sizeof(path)))
		return false;
	if (wanted && uuid)
		return uuid_is(wanted, uuid);
	return name && name_is(name, machine->name);
}

static int copy_found(const struct found *from, struct found *to, struct fault *f)
{
	*to = *from;
	to->words = malloc(from->length + 1);
	if (!to->words)
		return fault_no_memory(f);
	memcpy(to->words, from->words, from->length + 1);
	return 0;
}

static int find_by_hand(const struct machine *machine, const struct place *place,
			struct found *found, struct fault *f)
{
	const struct found *one = NULL;
	int err = scan_all(f);

	for (size_t i = 0; i < scan.n && !err; i++) {
		const struct found *p = &scan.list[i];
		char qmp[PATH_MAX];

		if (!proc_lives(&p->proc))
			continue;
		/* ours, though its record and its pid file are lost */
		if (has_monitor(p, place_path(place->run, "qmp", qmp)))
			return take_ours(p->proc.pid, &p->proc.start, place, found) ? 0 : -ESRCH;
		if (!is_meant(p, machine))
			continue;
		if (one)
			return fault_set(f, EEXIST,
					 "two processes say that they are \"%s\": %ld and "
					 "%ld: end one of them",
					 machine->name, (long)one->proc.pid, (long)p->proc.pid);
		one = p;
	}
	if (err || !one)
		return err;
	err = copy_found(one, found, f);
	if (!err) {
		found->by_hand = true;
		read_monitors(found);
	}
	return err;
}

int qemu_find(const struct machine *machine, const struct place *place, const json_t *record,
	      struct found *found, struct fault *f)
{
	int err;

	*found = (struct found){0};
	if (find_recorded(place, record, found) || find_by_file(place, found))
		return 0;
	err = find_by_hand(machine, place, found, f);
	/* it ended while it was looked at */
	return err == -ESRCH ? 0 : err;
}
