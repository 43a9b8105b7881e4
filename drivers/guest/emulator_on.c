/* SPDX-License-Identifier: GPL-3.0-or-later */
/* on: what has to be so before an emulator starts, and its start. */
#include "base/crash.h"
#include "base/fault.h"
#include "base/text.h"
#include "emulator_job.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- what has to be so ----------------------------------------------------------------------- */

static bool wants_offloads_off(const struct emulator *e)
{
	char buffer[VALUE_MAX];
	const char *value = machine_value(e->machine, &key_emulator_offloads, 0, buffer);

	return value ? !strcmp(value, "off") : e->kind->offloads_off;
}

/* The interfaces that want it, a blank between them, to be freed; NULL: none. */
static int interfaces_of(const struct emulator *e, char **text, struct fault *f)
{
	struct buffer b = {0};
	char **interfaces;
	size_t n;
	int err;

	*text = NULL;
	if (!wants_offloads_off(e))
		return 0;
	err = emulator_interfaces(e, &interfaces, &n, f);
	for (size_t i = 0; i < n && !err; i++)
		buffer_add(&b, "%s%s", i ? " " : "", interfaces[i]);
	free(interfaces);
	if (!err && n) {
		*text = buffer_take(&b);
		return *text ? 0 : fault_no_memory(f);
	}
	buffer_free(&b);
	return err;
}

/* Its telnet line would be another's: it would start all the same, and say so to nobody. */
static int check_port(const struct emulator *e, struct fault *f)
{
	const char *colon = e->holds ? strrchr(e->address, ':') : NULL;
	struct sockaddr_in any = {.sin_family = AF_INET};
	const int yes = 1;
	int fd, err = 0;

	if (!colon || strncmp(e->address, "127.", 4))
		return 0;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	any.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	/* connections of before, on their way out, are no obstacle that can be told from others */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) && errno == EADDRINUSE)
		err = fault_set(f, EADDRINUSE, "its console's port %s is taken by another process: "
				"`ss -ltnp` tells which", colon + 1);
	close(fd);
	return err;
}

static int check_files(const struct emulator *e, struct fault *f)
{
	if (e->config && access(e->config, R_OK))
		return fault_set(f, errno, "its configuration file \"%s\" cannot be read: %s",
				 e->config, strerror(errno));
	if (e->folder && access(e->folder, X_OK))
		return fault_set(f, errno,
				 "the folder \"%s\" that it works in cannot be entered: %s",
				 e->folder, strerror(errno));
	return 0;
}

static int prepare(struct emulator_job *job, struct fault *f)
{
	const struct emulator *e = &job->emulator;
	int err;

	if (!e->argv) {
		/* read again for the sentence: why there is no command line */
		struct emulator again = {0};

		err = emulator_read(&again, e->machine, f);
		emulator_free(&again);
		return err ? err : fault_set(f, EAGAIN, "its program has just appeared: try again");
	}
	err = check_files(e, f);
	if (!err)
		err = check_port(e, f);
	return err ? err : interfaces_of(e, &job->interfaces, f);
}

/* --- on -------------------------------------------------------------------------------------- */

static void done(struct emulator_job *job)
{
	emulator_job_done(job, job->found.stopped ? STATE_PAUSED : STATE_ON, NULL);
}

static void begun(struct emulator_job *job)
{
	const struct emulator *e = &job->emulator;
	char text[160];

	crash_point("emulator-begun");
	snprintf(text, sizeof(text), "process %ld%s%s", (long)job->found.proc.pid,
		 e->console == CONSOLE_TELNET && e->kind->listens_everywhere ?
		 "; its console is open to every address of this host, port " : "",
		 e->console == CONSOLE_TELNET && e->kind->listens_everywhere ?
		 strrchr(e->address, ':') + 1 : "");
	emulator_job_done(job, STATE_ON, text);
}

void emulator_job_begin(struct emulator_job *job)
{
	struct fault f;
	int err;

	crash_point("emulator-before");
	err = prepare(job, &f);
	if (err) {
		emulator_job_fail(job, err, "%s", f.text);
		return;
	}
	crash_point("emulator-prepared");
	emulator_job_keep(job, begun);
	crash_point("emulator-keeper-started");
}

/*
 * It was there when it was looked for, and is not now: one whose keeper was killed before it had gone
 * into the background, perhaps. Where it is there, or nothing is, is looked for again, once.
 */
static void look_again(struct emulator_job *job)
{
	struct fault f;
	int err;

	job->lost = NULL;
	job->reports.length = 0;
	emulator_find_forget(); /* it was looked for a moment ago */
	err = emulator_find(&job->emulator, &job->found, &f);
	if (err)
		emulator_job_fail(job, err, "%s", f.text);
	else if (!job->found.proc.pid)
		emulator_job_begin(job);
	else if (emulator_job_wants_keeper(job))
		emulator_job_keep(job, done);
	else
		done(job);
}

void emulator_on(struct attempt *a)
{
	struct emulator_job *job = emulator_job_new(a);

	if (!job)
		return;
	if (!job->found.proc.pid) {
		emulator_job_begin(job);
	} else if (emulator_job_wants_keeper(job)) {
		job->lost = look_again;
		emulator_job_keep(job, done);
	} else {
		done(job);
	}
}
