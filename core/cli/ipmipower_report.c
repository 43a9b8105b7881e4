/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What ipmipower says of each host: "HOST: TEXT" as soon as it is done, with -B all of it at the
 * end, with -C hosts of the same text in one block. Results and failures alike go to standard
 * output.
 */
#include "base/text.h"
#include "cli/ipmi_front.h"
#include "cli/ipmipower.h"
#include "engine/plan.h"
#include "engine/reporter.h"
#include "model/address.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The completion code of what makes no sense as the machine is now. */
enum { NOT_IN_THIS_STATE = 0xd5 };

static const char *const texts[REMARKS] = {
	[REMARK_ON] = "on",
	[REMARK_OFF] = "off",
	[REMARK_OK] = "ok",
	[REMARK_UNKNOWN] = "unknown",
	[REMARK_USERNAME] = "username invalid",
	[REMARK_PASSWORD] = "password invalid",
	[REMARK_PASSWORD_LENGTH] = "password length invalid",
	[REMARK_KG] = "k_g invalid",
	[REMARK_PRIVILEGE] = "privilege level cannot be obtained for this user",
	[REMARK_OPERATION] = "operation invalid",
	[REMARK_AUTHENTICATION] = "authentication type unavailable for attempted privilege level",
	[REMARK_CIPHER_SUITE] = "cipher suite id unavailable",
	[REMARK_VERIFICATION_TIMEOUT] = "password verification timeout",
	[REMARK_CONNECTION_TIMEOUT] = "connection timeout",
	[REMARK_SESSION_TIMEOUT] = "session timeout",
	[REMARK_HOSTNAME] = "invalid hostname",
	[REMARK_RESOURCES] = "out of resources",
	[REMARK_BUSY] = "BMC busy",
	[REMARK_ERROR] = "BMC error",
};

/* Hosts of one remark, for -C. */
struct group {
	char **hosts;
	size_t n, size;
};

static const struct manner *manner;
static struct group groups[REMARKS];
static struct buffer held;
static bool failed, lost;

void remarks_begin(const struct manner *it)
{
	manner = it;
}

static bool group_add(struct group *g, const char *host)
{
	if (g->n == g->size) {
		size_t size = g->size ? g->size * 2 : 16;
		char **hosts = realloc(g->hosts, size * sizeof(*hosts));

		if (!hosts)
			return false;
		g->hosts = hosts;
		g->size = size;
	}
	g->hosts[g->n] = strdup(host);
	return g->hosts[g->n] ? (g->n++, true) : false;
}

void remark_add(const char *host, enum remark remark)
{
	failed = failed || remark >= REMARK_UNKNOWN;
	if (manner->folded)
		lost = !group_add(&groups[remark], host) || lost;
	else if (manner->late)
		buffer_add(&held, "%s: %s\n", host, texts[remark]);
	else
		printf("%s: %s\n", host, texts[remark]);
}

static void print_group(struct group *g, const char *text)
{
	char *hosts = g->n ? range_fold((const char *const *)g->hosts, g->n) : NULL;

	if (hosts)
		printf("----------------\n%s\n----------------\n %s\n", hosts, text);
	lost = lost || (g->n && !hosts);
	free(hosts);
	for (size_t i = 0; i < g->n; i++)
		free(g->hosts[i]);
	free(g->hosts);
	*g = (struct group){0};
}

bool remarks_end(void)
{
	bool well;

	for (unsigned i = 0; i < REMARKS; i++)
		print_group(&groups[i], texts[i]);
	fputs(buffer_text(&held), stdout);
	lost = lost || held.failed;
	buffer_free(&held);
	if (lost)
		fputs("out of memory: not all results could be told\n", stderr);
	well = !failed && !lost;
	failed = lost = false;
	return well;
}

static enum remark remark_of(const struct outcome *o)
{
	switch (-o->err) {
	case EACCES:
		/* by IPMI 1.5 a BMC does not answer who has another password */
		return manner->v15 ? REMARK_VERIFICATION_TIMEOUT : REMARK_PASSWORD;
	case ENOENT:
		return REMARK_USERNAME;
	case EPERM:
		return REMARK_PRIVILEGE;
	case EKEYREJECTED:
		return REMARK_KG;
	case ENOTSUP:
		return manner->v15 ? REMARK_AUTHENTICATION : REMARK_CIPHER_SUITE;
	case ETIMEDOUT:
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
		return REMARK_CONNECTION_TIMEOUT;
	case ETIME:
		return REMARK_SESSION_TIMEOUT;
	case EADDRNOTAVAIL:
		return REMARK_HOSTNAME;
	case EBUSY:
		return REMARK_BUSY;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return REMARK_RESOURCES;
	case ECANCELED:
		return REMARK_UNKNOWN;
	default:
		return ipmi_code(o->error) == NOT_IN_THIS_STATE ? REMARK_OPERATION : REMARK_ERROR;
	}
}

static void tell_step(const struct step *step)
{
	const struct outcome *o = &step->outcome;
	struct selection *found = o->state == STATE_ON ? manner->on : manner->off;
	char buffer[VALUE_MAX];
	const char *host = machine_value(step->machine, manner->bmc, 0, buffer);
	struct endpoint endpoint;

	if (o->ok && found) {
		lost = selection_add(found, step->machine->section->model, step->machine) || lost;
		return;
	}
	if (host && !endpoint_parse(host, &endpoint, NULL))
		host = endpoint.host;
	if (!o->ok && manner->loud && o->error)
		fprintf(stderr, "%s: %s\n", host, o->error);
	if (!o->ok)
		remark_add(host, remark_of(o));
	else if (step->verb != VERB_STATUS)
		remark_add(host, REMARK_OK);
	else
		remark_add(host, o->state == STATE_ON ? REMARK_ON : REMARK_OFF);
}

static const struct report_format ipmipower_format = {
	.name = "ipmipower",
	.step = tell_step,
};
REPORT_FORMAT(ipmipower_format);
