/* SPDX-License-Identifier: GPL-3.0-or-later */
/* status and diagnose: what an emulator is at, and what keeps it from starting. */
#include "base/fault.h"
#include "base/keeper/keeper.h"
#include "base/offload.h"
#include "emulator_job.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void print_time(int64_t when, char *text, size_t size)
{
	time_t seconds = (time_t)when;
	struct tm tm;

	if (!when || !localtime_r(&seconds, &tm) || !strftime(text, size, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(text, size, "a time that is not known");
}

/* "process 4711 since …, started by hand" */
static void describe(const struct emulator_job *job, char *text, size_t size)
{
	const struct emulator_found *found = &job->found;
	char since[64];

	print_time(proc_since(&found->proc), since, sizeof(since));
	snprintf(text, size, "process %ld since %s%s%s", (long)found->proc.pid, since,
		 found->ours || job->emulator.detaches ? "" : ", started by hand",
		 emulator_job_lacks_keeper(job) && !job->emulator.detaches ?
		 ", without a keeper: `stoker on` brings its console back" : "");
}

static enum state state_of(const struct emulator_job *job)
{
	if (!job->found.proc.pid)
		return STATE_OFF;
	return job->found.stopped ? STATE_PAUSED : STATE_ON;
}

/* Its record is left where neither it nor its keeper is: nobody has seen its end. */
static bool lost_its_keeper(const struct emulator_job *job)
{
	struct keeper_record record;

	return !job->found.keeper.pid && !keeper_read(job->emulator.run, &record, NULL);
}

/* How it ended, where that is known, and whether in good order; to be freed. */
static char *last_end(const struct emulator_job *job, bool *well)
{
	int64_t when;
	char *end, time_text[64], *text;

	*well = false;
	if (lost_its_keeper(job))
		return strdup("it ended; how is not known, as its keeper was killed");
	end = keeper_last_end(job->emulator.state, &when, well);
	if (!end)
		return NULL;
	print_time(when, time_text, sizeof(time_text));
	if (asprintf(&text, "%s, at %s", end, time_text) < 0)
		text = NULL;
	free(end);
	return text;
}

void emulator_status(struct attempt *a)
{
	struct emulator_job *job = emulator_job_new(a);
	char text[200], *end;
	bool well;

	if (!job)
		return;
	if (job->found.proc.pid) {
		describe(job, text, sizeof(text));
		emulator_job_done(job, state_of(job), text);
		return;
	}
	/* a sentence says that it did not end in good order; diagnose tells of all ends */
	end = last_end(job, &well);
	emulator_job_done(job, STATE_OFF, well ? NULL : end);
	free(end);
}

/* --- diagnose -------------------------------------------------------------------------------- */

static void note_program(struct emulator_job *job, unsigned *faults)
{
	struct emulator again = {0};
	struct fault f;

	/* what failed when it was read fails again, with its sentence */
	if (emulator_read(&again, job->attempt->machine, &f)) {
		attempt_note(job->attempt, "program: %s", f.text);
		(*faults)++;
	} else {
		attempt_note(job->attempt, "program: \"%s\" is there", again.path);
	}
	emulator_free(&again);
}

static void note_file(struct emulator_job *job, const char *what, const char *path, int mode,
		      unsigned *faults)
{
	if (!path)
		return;
	if (access(path, mode)) {
		attempt_note(job->attempt, "%s: \"%s\": %s", what, path, strerror(errno));
		(*faults)++;
	} else {
		attempt_note(job->attempt, "%s: \"%s\" is there", what, path);
	}
}

static void note_interface(struct emulator_job *job, const char *interface, unsigned *faults)
{
	struct offloads offloads = {0};
	struct fault f;

	if (offloads_read(interface, &offloads, &f)) {
		attempt_note(job->attempt, "interface: %s", f.text);
		(*faults)++;
	} else if (offloads.on.length || offloads.fixed.length) {
		attempt_note(job->attempt, "interface: %s has offloads on:%s%s%s", interface,
			     buffer_text(&offloads.on), offloads.fixed.length ? "; fixed:" : "",
			     buffer_text(&offloads.fixed));
	} else {
		attempt_note(job->attempt, "interface: %s has no offload on", interface);
	}
	offloads_free(&offloads);
}

static void note_interfaces(struct emulator_job *job, unsigned *faults)
{
	char **interfaces;
	struct fault f;
	size_t n;

	if (emulator_interfaces(&job->emulator, &interfaces, &n, &f)) {
		attempt_note(job->attempt, "interfaces: %s", f.text);
		(*faults)++;
	}
	for (size_t i = 0; i < n; i++)
		note_interface(job, interfaces[i], faults);
	free(interfaces);
}

static void note_console(struct emulator_job *job)
{
	static const char *const names[] = {
		[CONSOLE_NONE] = "none", [CONSOLE_PTY] = "its terminal",
		[CONSOLE_TELNET] = "telnet", [CONSOLE_SOCKET] = "the socket",
	};
	const struct emulator *e = &job->emulator;

	attempt_note(job->attempt, "console: %s%s%s%s", names[e->console], e->address ? " " : "",
		     e->address ? e->address : "", e->holds ? ", held from start to end" : "");
}

void emulator_diagnose(struct attempt *a)
{
	struct emulator_job *job = emulator_job_new(a);
	unsigned faults = 0;
	char text[200], *end;
	bool well;

	if (!job)
		return;
	note_program(job, &faults);
	note_file(job, "configuration", job->emulator.config, R_OK, &faults);
	note_file(job, "folder", job->emulator.folder, X_OK, &faults);
	note_interfaces(job, &faults);
	note_console(job);
	if (job->found.proc.pid) {
		describe(job, text, sizeof(text));
		attempt_note(a, "%s", text);
	} else {
		end = last_end(job, &well);
		if (end)
			attempt_note(a, "last end: %s", end);
		free(end);
	}
	if (faults && !job->found.proc.pid)
		emulator_job_fail(job, -ENOENT, "it could not be started: see above");
	else
		emulator_job_done(job, state_of(job), NULL);
}
