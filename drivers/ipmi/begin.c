/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The beginning of a job: what the machine's configuration says, the BMC's address, the secrets. See
 * job.h; what follows is in client.c.
 */
#include "base/fault.h"
#include "base/inet.h"
#include "base/resolve.h"
#include "bmc.h"
#include "crypt.h"
#include "engine/credential.h"
#include "job.h"
#include "model/address.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

int bmc_read(const struct machine *machine, struct endpoint *endpoint, struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *value = machine_value(machine, &key_bmc, 0, buffer);

	if (!value)
		return fault_set(f, EINVAL, "there is no BMC: set bmc = \"ADDRESS\"");
	return endpoint_parse(value, endpoint, f);
}

static void abandon(struct job *job, int err, const char *sentence)
{
	struct attempt *attempt = job->attempt;

	job_free(job);
	attempt_fail(attempt, err, "%s", sentence);
}

static void get_secrets(struct job *job);

/* Which of the two is asked for now: the password first. */
static void on_secret(void *data, int err, struct secret *secret, const char *sentence)
{
	struct job *job = data;

	job->asking = NULL;
	if (err) {
		abandon(job, err, sentence);
		return;
	}
	if (job->step++ == 0)
		job->login.password = secret;
	else
		job->login.kg = secret;
	get_secrets(job);
}

enum { SECRETS = 2 };

static void get_secrets(struct job *job)
{
	static const enum credential which[SECRETS] = {CREDENTIAL_PASSWORD, CREDENTIAL_KG};
	struct attempt *attempt = job->attempt;
	struct secret *secret;
	struct fault fault;
	int err = 0;

	while (!err && job->step < SECRETS) {
		err = credential_get(attempt->loop, attempt->machine, which[job->step], &secret,
				     on_secret, job, &job->asking, &fault);
		if (err == -EINPROGRESS)
			return;
		if (!err && job->step++ == 0)
			job->login.password = secret;
		else if (!err)
			job->login.kg = secret;
	}
	if (!err)
		err = login_check(&job->login, &fault);
	job->step = 0;
	if (err)
		abandon(job, err, fault.text);
	else
		job_take_turn(job);
}

static void take_address(struct job *job, const struct sockaddr_storage *address)
{
	struct peer peer = peer_of(address, job->port);

	job->bmc = bmc_get(&peer);
	if (!job->bmc)
		abandon(job, -ENOMEM, "out of memory");
	else
		get_secrets(job);
}

static void on_resolved(void *data, int err, const struct sockaddr_storage *address,
			const char *sentence)
{
	struct job *job = data;

	job->lookup = NULL;
	/* not the errno of an unknown user */
	if (err)
		abandon(job, err == -ENOMEM ? err : -EADDRNOTAVAIL, sentence);
	else
		take_address(job, address);
}

static double seconds_of(const struct machine *machine, const struct key *key)
{
	return (double)machine_time_ms(machine, key) / 1000;
}

void client_start(struct attempt *attempt, const struct task *task, uint8_t privilege)
{
	const struct machine *machine = attempt->machine;
	struct job *job = calloc(1, sizeof(*job));
	struct sockaddr_storage address;
	struct endpoint endpoint;
	struct fault fault;
	int err;

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
	err = crypt_open();
	if (err)
		fault_set(&fault, -err, "libgcrypt cannot be used: %s", strerror(-err));
	if (!err)
		err = login_read(machine, privilege, &job->login, &fault);
	if (!err)
		err = bmc_read(machine, &endpoint, &fault);
	job->port = !err && endpoint.port ? endpoint.port : RMCP_PORT;
	if (!err)
		err = inet_read(endpoint.host, &address, &fault);
	if (err > 0) {
		take_address(job, &address);
		return;
	}
	if (!err)
		err = resolve_start(attempt->loop, endpoint.host, AF_UNSPEC, on_resolved, job,
				    &job->lookup, &fault);
	if (err)
		abandon(job, err, fault.text);
}
