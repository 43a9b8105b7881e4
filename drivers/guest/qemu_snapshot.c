/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Snapshots inside a guest's disks, its memory with them. Made and read by the monitor's words for
 * people (savevm, loadvm, delvm), which find the disk for the memory by themselves; told by
 * query-block.
 */
#include "qemu_task.h"
#include "engine/words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void wanted(const struct attempt *a, struct snapshot *snapshot)
{
	if (a->nwords ? snapshot_parse(a->nwords, a->words, snapshot, NULL) :
			snapshot_parse(a->argc, a->argv, snapshot, NULL))
		*snapshot = (struct snapshot){.deed = SNAPSHOT_LIST};
}

/* The snapshots of the disk that has the memory: the first with any. NULL: none. */
static const json_t *snapshots(const json_t *disks)
{
	for (size_t i = 0; i < json_array_size(disks); i++) {
		const json_t *disk = json_array_get(disks, i);
		const json_t *image = json_object_get(json_object_get(disk, "inserted"), "image");
		const json_t *list = json_object_get(image, "snapshots");

		if (json_array_size(list))
			return list;
	}
	return NULL;
}

static const json_t *find(const json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *its = json_string_value(json_object_get(one, "name"));

		if (its && !strcmp(its, name))
			return one;
	}
	return NULL;
}

static void print_one(struct buffer *b, const json_t *one)
{
	time_t when = (time_t)json_integer_value(json_object_get(one, "date-sec"));
	const char *name = json_string_value(json_object_get(one, "name"));
	struct tm parts;
	char date[32] = "?";

	if (localtime_r(&when, &parts))
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &parts);
	buffer_add(b, "%s%s  %s  %lld MB", b->length ? "\n" : "", name ? name : "?", date,
		   (long long)json_integer_value(json_object_get(one, "vm-state-size")) >> 20);
}

static void tell_list(struct task *task, const json_t *list)
{
	struct buffer b = {0};

	for (size_t i = 0; i < json_array_size(list); i++)
		print_one(&b, json_array_get(list, i));
	task_done(task, STATE_DONE, "%s", b.length ? buffer_text(&b) : "no snapshots");
	buffer_free(&b);
}

/* What these commands say is what went wrong. */
static void on_done(void *data, const json_t *value, const char *error)
{
	struct task *task = data;
	const char *text = json_string_value(value);

	if (!error && text)
		error = text + (!strncmp(text, "Error: ", 7) ? 7 : 0);
	if (error && *error)
		task_fail(task, -EIO, "QEMU refuses: %.*s", (int)strcspn(error, "\r\n"), error);
	else
		task_done(task, STATE_DONE, NULL);
}

static void on_disks(void *data, const json_t *value, const char *error)
{
	static const char *const words[] = {
		[SNAPSHOT_KEEP] = "savevm", [SNAPSHOT_LOAD] = "loadvm", [SNAPSHOT_DELETE] = "delvm",
	};
	struct task *task = data;
	const json_t *list = snapshots(value);
	struct snapshot s;

	wanted(task->attempt, &s);
	if (error)
		task_fail(task, -EIO, "QEMU does not tell its disks: %s", error);
	else if (s.deed == SNAPSHOT_LIST)
		tell_list(task, list);
	else if (s.deed == SNAPSHOT_KEEP && find(list, s.name))
		task_fail(task, -EEXIST,
			  "there is a snapshot \"%s\" already: \"stoker snapshot delete %s "
			  "%s\" removes it",
			  s.name, s.name, task->attempt->machine->name);
	else if (s.deed != SNAPSHOT_KEEP && !find(list, s.name))
		task_fail(task, -ENOENT,
			  "there is no snapshot \"%s\": \"stoker snapshot list %s\" lists "
			  "them",
			  s.name, task->attempt->machine->name);
	else
		task_command(task, "human-monitor-command",
			    json_pack("{s:o}", "command-line",
				      json_sprintf("%s %s", words[s.deed], s.name)), on_done);
}

static void step_ask_disks(struct task *task)
{
	task_command(task, "query-block", NULL, on_disks);
}

static step_fn *const steps[] = {
	step_find, step_keep_screen, step_connect, step_settle, step_needs_monitor, step_ask_disks, NULL,
};

void qemu_snapshot(struct attempt *attempt)
{
	task_start(attempt, steps, false);
}
