/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a machine's configuration to its BMC's address and secrets. See approach.h. */
#include "approach.h"
#include "base/fault.h"
#include "base/inet.h"
#include "base/resolve.h"
#include "engine/credential.h"
#include "job.h"
#include "model/address.h"
#include "model/key.h"
#include "model/machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

static int read_bmc(const struct machine *machine, struct endpoint *endpoint, struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *value = machine_value(machine, &key_bmc, 0, buffer);

	if (!value)
		return fault_set(f, EINVAL, "there is no BMC: set bmc = \"ADDRESS\"");
	return endpoint_parse(value, endpoint, f);
}

const char *approach_bmc(const struct approach *a)
{
	static char text[HOST_MAX + INET6_ADDRSTRLEN + 16];
	char address[INET6_ADDRSTRLEN] = "", port[8] = "";
	struct endpoint endpoint = {.host = "?"};

	read_bmc(a->machine, &endpoint, NULL);
	if (a->port != RMCP_PORT)
		snprintf(port, sizeof(port), ":%u", a->port);
	if (a->peer.family)
		inet_ntop(a->peer.family, a->peer.address, address, sizeof(address));
	if (!*address || !strncmp(endpoint.host, address, strlen(address)))
		snprintf(text, sizeof(text),
			 strchr(endpoint.host, ':') && *port ? "[%s]%s" : "%s%s", endpoint.host,
			 port);
	else
		snprintf(text, sizeof(text), "%s%s (%s)", endpoint.host, port, address);
	return text;
}

static void get_secrets(struct approach *a);

/* The password is asked for first. */
static void keep_secret(struct approach *a, struct secret *secret)
{
	if (a->secrets++ == 0)
		a->login.password = secret;
	else
		a->login.kg = secret;
}

static void on_secret(void *data, int err, struct secret *secret, const char *sentence)
{
	struct approach *a = data;

	a->asking = NULL;
	if (err) {
		a->done(a, err, sentence);
		return;
	}
	keep_secret(a, secret);
	get_secrets(a);
}

static void get_secrets(struct approach *a)
{
	static const enum credential which[CREDENTIALS] = {CREDENTIAL_PASSWORD, CREDENTIAL_KG};
	struct secret *secret;
	struct fault fault;
	int err = 0;

	while (!err && a->secrets < CREDENTIALS) {
		err = credential_get(a->loop, a->machine, which[a->secrets], &secret, on_secret, a,
				     &a->asking, &fault);
		if (err == -EINPROGRESS)
			return;
		if (!err)
			keep_secret(a, secret);
	}
	if (!err)
		err = login_check(&a->login, &fault);
	a->done(a, err, err ? fault.text : NULL);
}

static void take_address(struct approach *a, const struct sockaddr_storage *address)
{
	a->peer = peer_of(address, a->port);
	get_secrets(a);
}

static void on_resolved(void *data, int err, const struct sockaddr_storage *address,
			const char *sentence)
{
	struct approach *a = data;

	a->lookup = NULL;
	/* not the errno of an unknown user */
	if (err)
		a->done(a, err == -ENOMEM ? err : -EADDRNOTAVAIL, sentence);
	else
		take_address(a, address);
}

void approach_start(struct approach *a, struct ev_loop *loop, const struct machine *machine,
		    uint8_t privilege,
		    void (*done)(struct approach *approach, int err, const char *sentence))
{
	struct sockaddr_storage address;
	struct endpoint endpoint;
	struct fault fault;
	int err;

	*a = (struct approach){.loop = loop, .machine = machine, .done = done, .port = RMCP_PORT};
	err = login_read(machine, privilege, &a->login, &fault);
	if (!err)
		err = read_bmc(machine, &endpoint, &fault);
	if (!err && endpoint.port)
		a->port = endpoint.port;
	if (!err)
		err = inet_read(endpoint.host, &address, &fault);
	if (err > 0) {
		take_address(a, &address);
		return;
	}
	if (!err)
		err = resolve_start(loop, endpoint.host, AF_UNSPEC, on_resolved, a, &a->lookup,
				    &fault);
	if (err)
		done(a, err, fault.text);
}

void approach_stop(struct approach *a)
{
	if (a->lookup)
		resolve_cancel(a->lookup);
	if (a->asking)
		credential_cancel(a->asking);
	a->lookup = NULL;
	a->asking = NULL;
	login_drop(&a->login);
}
