/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The beginning of a job: the way to the machine's BMC. See job.h; what follows is in client.c.
 */
#include "bmc.h"
#include "crypt.h"
#include "engine/credential.h"
#include "job.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

static void abandon(struct job *job, int err, const char *sentence)
{
	struct attempt *attempt = job->attempt;

	job_free(job);
	attempt_fail(attempt, err, "%s", sentence);
}

static void on_approach(struct approach *approach, int err, const char *sentence)
{
	struct job *job = (struct job *)((char *)approach - offsetof(struct job, approach));

	if (!err) {
		job->bmc = bmc_get(&approach->peer);
		if (!job->bmc) {
			err = -ENOMEM;
			sentence = "out of memory";
		}
	}
	if (err)
		abandon(job, err, sentence);
	else
		job_take_turn(job);
}

static double seconds_of(const struct machine *machine, const struct key *key)
{
	return (double)machine_time_ms(machine, key) / 1000;
}

void client_start(struct attempt *attempt, const struct task *task, uint8_t privilege)
{
	const struct machine *machine = attempt->machine;
	struct job *job;
	int err = crypt_open();

	if (err) {
		attempt_fail(attempt, err, "libgcrypt cannot be used: %s", strerror(-err));
		return;
	}
	job = calloc(1, sizeof(*job));
	if (!job) {
		attempt_fail(attempt, -ENOMEM, "out of memory");
		return;
	}
	job->attempt = attempt;
	job->task = task;
	attempt->data = job;
	job_init(job);
	job->patience = seconds_of(machine, &key_timeout);
	job->interval = seconds_of(machine, &key_interval);
	approach_start(&job->approach, attempt->loop, machine, privilege, on_approach);
}
