/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Called as ipmipower or ipmi-power: takes the arguments of ipmipower 1.6.10 (ipmipower(8)), prints
 * its lines and ends with its exit codes: 0 when all hosts did what they were asked to, else 1; 64:
 * the command line is wrong.
 *
 * What differs, on purpose: "BMC error" makes the exit code 1, as the manual page promises (it ends
 * with 0); a name that is not known is told of its host alone (it does nothing at all); a BMC that
 * does not take the cipher suite is told so, by whichever of four codes it says it. There is no
 * interactive mode.
 */
#include "base/fault.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/ipmi_front.h"
#include "cli/ipmipower.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The values of keys, which have to stay until the run is over. */
struct values {
	char user[2 * POWER_USER_MAX + 1], timeout[32], poll[32];
};

static int set_keys(struct context *c, const struct order *o, struct values *v, struct fault *f)
{
	int err = context_set(c, "ipmi-version", o->v15 ? "1.5" : "2.0", f);

	snprintf(v->timeout, sizeof(v->timeout), "%llums", (unsigned long long)o->timeout_ms);
	snprintf(v->poll, sizeof(v->poll), "%llums", (unsigned long long)o->wait_ms);
	if (!err)
		err = context_set(c, "ipmi-timeout", v->timeout, f);
	if (!err)
		err = context_set(c, "ipmi-poll", v->poll, f);
	if (!err)
		err = context_set(c, "privilege", o->privilege, f);
	if (!err && *o->user)
		err = context_set(c, "user", range_quote(o->user, v->user), f);
	if (!err)
		err = context_set(c, "cipher-suites", o->suite, f);
	if (!err)
		err = context_set(c, "ipmi-auth", o->auth, f);
	if (!err && *o->workarounds)
		err = context_set_list(c, "quirks", o->workarounds, f);
	return err;
}

/* 0 or 1 when it was run, whatever came of it: that has been told. */
static int perform(struct context *c, const struct order *o, const struct selection *selection,
		   enum verb verb)
{
	char method[40];
	const char *const methods[] = {method};
	const bool waits = (verb == VERB_ON && o->wait_until_on) ||
			   (verb == VERB_OFF && o->wait_until_off);
	const struct performance performance = {
		.verb = verb, .methods = methods, .nmethods = 1, .no_locks = true,
		.format = "ipmipower", .unobserved = verb != VERB_STATUS && !waits,
	};

	if (!selection->n)
		return 0;
	/* who does not wait is limited by the BMC's silence: more than one may be borne */
	snprintf(method, sizeof(method), "ipmi %llums",
		 (unsigned long long)o->timeout_ms * (waits ? 1 : 2));
	if (ipmi_give(o->password, o->kg))
		return EXIT_USAGE;
	return context_perform(c, selection, &performance);
}

/* --on-if-off: who is off is put on; the others get what was asked for. */
static int perform_by_state(struct context *c, const struct order *o, const struct selection *all,
			    struct manner *manner)
{
	struct selection on = {0}, off = {0};
	int code;

	manner->on = &on;
	manner->off = &off;
	code = perform(c, o, all, VERB_STATUS);
	manner->on = manner->off = NULL;
	if (code != EXIT_USAGE)
		code = perform(c, o, &off, VERB_ON);
	if (code != EXIT_USAGE)
		code = perform(c, o, &on, o->verb);
	selection_free(&on);
	selection_free(&off);
	return code;
}

/* The host without its port, if it has one. */
static void tell_bad(char *host)
{
	char *colon = strrchr(host, ':');

	if (colon && colon == strchr(host, ':') && colon[1] &&
	    !colon[1 + strspn(colon + 1, "0123456789")])
		*colon = '\0';
	remark_add(host, REMARK_HOSTNAME);
}

static int add_hosts(struct context *c, const struct order *o, const struct key *bmc,
		     struct selection *all)
{
	struct fault fault;
	char *bad;
	int err = hosts_add(c->model, bmc, o->hosts, &bad, &fault);

	if (bad && err == -EINVAL)
		tell_bad(bad);
	else if (err)
		usage_error("%s", fault.text);
	free(bad);
	for (size_t i = 0; i < c->model->nmachines && !err; i++)
		err = selection_add(all, c->model, &c->model->machines[i]);
	return err;
}

static bool may_do(const struct order *o)
{
	static const char *const names[VERBS] = {
		[VERB_ON] = "on", [VERB_OFF] = "off", [VERB_CYCLE] = "cycle",
		[VERB_RESET] = "reset", [VERB_NMI] = "diagnostic interrupt",
		[VERB_SOFT] = "soft shutdown os",
	};

	if (o->verb == VERB_STATUS || strcmp(o->privilege, "user"))
		return true;
	fprintf(stderr, "'%s' requires atleast operator privilege\n", names[o->verb]);
	return false;
}

static int run(struct context *c, const struct order *o)
{
	struct manner manner = {
		.bmc = key_find("bmc"), .v15 = o->v15, .late = o->late, .folded = o->folded,
		.loud = o->loud,
	};
	struct selection all = {0};
	struct values values;
	struct fault fault;
	int code;

	if (!manner.bmc)
		return usage_error("the driver ipmi is not in this build: enable "
				   "CONFIG_DRIVER_IPMI");
	if (set_keys(c, o, &values, &fault))
		return usage_error("%s", fault.text);
	if (context_load_none(c))
		return EXIT_USAGE;
	remarks_begin(&manner);
	c->fanout = o->fanout;
	code = add_hosts(c, o, manner.bmc, &all) || !may_do(o) ? EXIT_USAGE : 0;
	if (!code && o->on_if_off && (o->verb == VERB_CYCLE || o->verb == VERB_RESET))
		code = perform_by_state(c, o, &all, &manner);
	else if (!code)
		code = perform(c, o, &all, o->verb);
	selection_free(&all);
	return !remarks_end() || code == EXIT_USAGE;
}

static int ipmipower_front(struct context *context, int argc, char **argv)
{
	struct order order;
	int code = order_read(&order, argc, argv);

	if (code == ORDER_GOES_ON)
		code = run(context, &order) ? 1 : 0;
	secret_drop(order.password);
	secret_drop(order.kg);
	return code;
}

static const struct command ipmipower_command = {
	.name = "ipmipower",
	.summary = "Switch machines by their BMCs, with the arguments of ipmipower",
	.usage = "[OPTION...]",
	.help = ipmipower_help,
	.front = ipmipower_front,
};
COMMAND(ipmipower_command);

static const struct command ipmi_power_command = {
	.name = "ipmi-power",
	.summary = "The same, by its other name",
	.usage = "[OPTION...]",
	.help = "As ipmipower.",
	.front = ipmipower_front,
};
COMMAND(ipmi_power_command);
