/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What save, restore and migrate have in common. See qemu_state.h. */
#include "qemu_state.h"
#include "model/address.h"
#include "worker.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int saved_write(struct task *task, const struct worker_result *result, struct fault *f)
{
	json_t *saved = json_pack("{s:O, s:O, s:O, s:O, s:I, s:I, s:I}",
				  "program", json_object_get(task->record, "program"),
				  "arguments", json_object_get(task->record, "arguments"),
				  "version", json_object_get(task->record, "version"),
				  "type", json_object_get(task->record, "type"),
				  "crc32", (json_int_t)result->crc,
				  "length", (json_int_t)result->length,
				  "when", (json_int_t)time(NULL));
	int err = saved ? place_write(task->place.state, "saved", saved, f) : fault_no_memory(f);

	json_decref(saved);
	return err;
}

int task_note_deed(struct task *task, const char *deed, struct fault *f)
{
	if (json_object_set_new(task->record, "ran", json_boolean(task->run_state != RUN_PAUSED)))
		return fault_no_memory(f);
	return task_record(task, deed, f);
}

static void set_bandwidth(void *data, const json_t *value, const char *error)
{
	struct task *task = data;

	(void)value;
	if (error) {
		task_fail(task, -ENOTSUP, "QEMU %s cannot move guests safely: %s",
			  qmp_version(task->qmp), error);
		return;
	}
	task_command(task, "migrate-set-parameters",
		    json_pack("{s:I}", "max-bandwidth", (json_int_t)1 << 40), NULL);
}

/*
 * To another QEMU: it says when it has all, and gets the last of it only at our word (migrate-
 * continue), so that until then, and only till then, the guest can be called back.
 */
static void set_capabilities(struct task *task, bool to_another)
{
	task_command(task, "migrate-set-capabilities",
		     json_pack("{s:[{s:s, s:b}, {s:s, s:b}]}", "capabilities",
			       "capability", "return-path", "state", to_another,
			       "capability", "pause-before-switchover", "state", to_another),
		     set_bandwidth);
}

void step_to_file(struct task *task)
{
	set_capabilities(task, false);
}

void step_to_another(struct task *task)
{
	set_capabilities(task, true);
}

int migrate_uri(const char *host, char *uri, size_t size, struct fault *f)
{
	struct endpoint to;
	int err = endpoint_parse(host, &to, f);
	bool v6 = !err && strchr(to.host, ':');

	if (!err)
		snprintf(uri, size, "tcp:%s%s%s:%u", v6 ? "[" : "", to.host, v6 ? "]" : "",
			 to.port ? to.port : (unsigned)MIGRATE_PORT);
	return err;
}
