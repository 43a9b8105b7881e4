/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Called as ipmitool: takes the arguments of ipmitool 1.8.19 (ipmitool(1)) for the power of a
 * machine, its boot device and its identify light, over the network, prints its lines and ends with
 * its exit codes: 0, else 1. The fence agents of Pacemaker and other scripts run it so.
 *
 * What differs, on purpose: words and options are checked before anything is sent; a password or a
 * K_g that is too long for IPMI is refused and never cut; a BMC that refuses a boot device makes
 * the exit code 1, as the manual page promises (it ends with 0); what cannot be done here (messages
 * bridged to other controllers, look-up of a user by its privilege, MD2) is refused.
 */
#include "base/fault.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/ipmi_front.h"
#include "cli/ipmitool.h"
#include "config/VERSION.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/select.h"

#include <getopt.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	RMCP_PORT = 623, TRIES = 4, PASSWORD_MAX = 20, PASSWORD_MAX_15 = 16,
	SECONDS_MAX = 24 * 60 * 60,
};

static bool is_v15(const struct wish *w)
{
	return !strcmp(w->interface, "lan");
}

/* As if the BMC had let nobody in. */
static enum ending no_session(const struct wish *w)
{
	if (is_v15(w))
		fputs("Error: Unable to establish LAN session\n", stderr);
	ipmitool_no_session(is_v15(w));
	return END_BADLY;
}

static bool has_no_auth(const struct wish *w)
{
	return w->auth && !strcasecmp(w->auth, "NONE");
}

static enum ending check_password(struct wish *w)
{
	size_t max = SIZE_MAX;

	if (w->host && !w->password && !has_no_auth(w) &&
	    ipmitool_keep(&w->password, ipmi_ask("Password: ")) != GO_ON)
		return END_BADLY;
	if (!w->interface && w->host)
		w->interface = "lan";
	if (w->interface && is_v15(w))
		max = PASSWORD_MAX_15;
	else if (w->interface && !strcmp(w->interface, "lanplus"))
		max = PASSWORD_MAX;
	if (!w->password || secret_length(w->password) <= max)
		return GO_ON;
	fprintf(stderr, "%s: password is longer than %zu bytes.\n", w->interface, max);
	return END_BADLY;
}

static enum ending check_interface(const struct wish *w)
{
	if (w->interface && (!strcmp(w->interface, "lan") || !strcmp(w->interface, "lanplus")))
		return GO_ON;
	fprintf(stderr, "Error loading interface %s\n", w->interface ? w->interface : "open");
	fputs("ipmitool: machines are reached over the network here, by -I lan or -I lanplus, "
	      "with -H HOST\n", stderr);
	return END_BADLY;
}

/* What an OEM type of ipmitool comes to here. */
static const struct oem {
	const char *name;
	const char *quirk;		/* NULL: none */
	bool v15_alone;			/* by IPMI 1.5 it wants what is not known here */
	bool refused;			/* it always does */
} oems[] = {
	{"supermicro", NULL, true, false}, {"intelwv2", NULL, false, false},
	{"intelplus", "intel20", false, false}, {"icts", NULL, false, true},
	{"ibm", NULL, false, false}, {"i82571spt", NULL, false, true},
	{"kontron", NULL, false, false}, {"quanta", NULL, true, false},
};

static enum ending check_oem(const struct wish *w, const char **quirk)
{
	for (size_t i = 0; w->oem && i < sizeof(oems) / sizeof(oems[0]); i++) {
		if (strcmp(w->oem, oems[i].name) || oems[i].refused ||
		    (oems[i].v15_alone && is_v15(w)))
			continue;
		*quirk = oems[i].quirk;
		return GO_ON;
	}
	if (!w->oem)
		return GO_ON;
	fprintf(stderr, "OEM setup for \"%s\" failed\n", w->oem);
	return END_BADLY;
}

static enum ending check_login(const struct wish *w)
{
	if (!w->host || !*w->host) {
		fputs("No hostname specified!\n", stderr);
		return END_BADLY;
	}
	if (!w->privilege)
		return no_session(w);
	return GO_ON;
}

/* --- keys ---------------------------------------------------------------------------------- */

/* The values of keys, which have to stay until the run is over. */
struct values {
	char bmc[NI_MAXHOST + 16], user[2 * USER_MAX + 1], suite[8], timeout[32], method[48];
};

/* Whether there is a way to an address; nothing is sent. */
static bool is_reachable(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool well = fd >= 0 && !connect(fd, address->ai_addr, address->ai_addrlen);

	if (fd >= 0)
		close(fd);
	return well;
}

static enum ending no_socket(const struct wish *w)
{
	fputs("Could not open socket!\n", stderr);
	if (!is_v15(w))
		ipmitool_no_session(false);
	return END_BADLY;
}

/* The first address that can be reached: looked up here, so that -4 and -6 count. */
static enum ending find_address(const struct wish *w, struct values *v)
{
	const struct addrinfo hints = {.ai_family = w->family, .ai_socktype = SOCK_DGRAM};
	const struct addrinfo *address;
	struct addrinfo *found;
	char host[NI_MAXHOST];
	int err;

	if (getaddrinfo(w->host, "623", &hints, &found)) {
		fprintf(stderr, "Address lookup for %s failed\n", w->host);
		return no_socket(w);
	}
	for (address = found; address && !is_reachable(address); address = address->ai_next)
		;
	err = !address || getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof(host),
				      NULL, 0, NI_NUMERICHOST);
	freeaddrinfo(found);
	if (err)
		return no_socket(w);
	snprintf(v->bmc, sizeof(v->bmc), strchr(host, ':') ? "[%s]:%lld" : "%s:%lld", host,
		 w->port ? w->port : RMCP_PORT);
	return GO_ON;
}

/* The ways to sign of IPMI 1.5, in the order in which ipmitool prefers them. */
static enum ending set_auth(struct context *c, const struct wish *w, struct fault *f)
{
	static const char *const ways[][2] = {
		{"MD5", "md5"}, {"PASSWORD", "straight"}, {"NONE", "none"},
	};
	bool found = false;
	int err = 0;

	for (size_t i = 0; i < 3 && !err; i++) {
		if (w->auth && strcasecmp(w->auth, ways[i][0]))
			continue;
		found = true;
		err = context_set(c, "ipmi-auth", ways[i][1], f);
	}
	if (err)
		return usage_error("%s", f->text), END_BADLY;
	if (found)
		return GO_ON;
	fprintf(stderr, "Authentication type %s not supported\n",
		!strcasecmp(w->auth, "MD2") || !strcasecmp(w->auth, "OEM") ? w->auth :
		"Unknown (0xFF)");
	return no_session(w);
}

static enum ending set_suite(struct context *c, const struct wish *w, struct values *v,
			     struct fault *f)
{
	const struct key *key = key_find("cipher-suites");

	if (w->suite == NO_SUITE)
		return GO_ON;
	snprintf(v->suite, sizeof(v->suite), "%lld", w->suite);
	if (key && key_check(key, v->suite, NULL)) {
		fprintf(stderr, "Unsupported cipher suite ID : %s\n\n", v->suite);
		return no_session(w);
	}
	if (context_set(c, "cipher-suites", v->suite, f))
		return usage_error("%s", f->text), END_BADLY;
	return GO_ON;
}

/*
 * ipmitool waits -N seconds for each of -R tries. The limit of it all is for BMCs that answer, but
 * are slow or busy.
 */
static void set_times(const struct wish *w, struct values *v)
{
	long long wait = w->wait ? w->wait : is_v15(w) ? 2 : 1, tries = w->tries ? w->tries : TRIES;
	long long patience = wait > SECONDS_MAX / tries ? SECONDS_MAX : wait * tries;

	snprintf(v->timeout, sizeof(v->timeout), "%llds", patience);
	snprintf(v->method, sizeof(v->method), "ipmi %llds", 5 * patience + 10);
}

static int set_keys(struct context *c, const struct wish *w, const char *quirk, struct values *v,
		    struct fault *f)
{
	int err = context_set(c, "ipmi-version", is_v15(w) ? "1.5" : "2.0", f);

	if (!err)
		err = context_set(c, "privilege", w->privilege, f);
	if (!err && w->user && *w->user)
		err = context_set(c, "user", range_quote(w->user, v->user), f);
	if (!err && quirk)
		err = context_set(c, "quirks", quirk, f);
	/* it asks Open Session for the level, unless it is the highest anyway */
	if (!err && !is_v15(w) && strcmp(w->privilege, "admin"))
		err = context_set(c, "quirks", "opensesspriv", f);
	if (!err)
		err = context_set(c, "ipmi-timeout", v->timeout, f);
	return err;
}

/* --- the run ------------------------------------------------------------------------------- */

static enum ending add_machine(struct context *c, const struct values *v, struct selection *s)
{
	const struct key *bmc = key_find("bmc");
	struct section *section;
	struct fault fault;

	if (!bmc)
		return usage_error("the driver ipmi is not in this build: enable "
				   "CONFIG_DRIVER_IPMI"), END_BADLY;
	section = model_add(c->model, SECTION_MACHINE, "bmc", NULL, 0, &fault);
	if (!section || section_add(section, bmc, 0, v->bmc, &fault))
		return usage_error("%s", fault.text), END_BADLY;
	if (model_finish(c->model, NULL, NULL) || selection_add(s, c->model, c->model->machines))
		return usage_error("out of memory"), END_BADLY;
	return GO_ON;
}

static enum ending perform(struct context *c, const struct wish *w, const struct deed *deed,
			   const struct values *v)
{
	const char *const methods[] = {v->method};
	const struct performance performance = {
		.verb = deed->verb, .methods = methods, .nmethods = 1,
		.words = deed->words, .nwords = deed->nwords,
		.no_locks = true, .format = "ipmitool", .unobserved = deed->verb != VERB_STATUS,
	};
	const struct telling telling = {
		.deed = deed, .v15 = is_v15(w), .loud = w->verbose, .auth = w->auth,
		.low = !strcmp(w->privilege, "user") || !strcmp(w->privilege, "callback"),
	};
	struct selection selection = {0};
	enum ending end = add_machine(c, v, &selection);
	int code = 0;

	if (end == GO_ON && ipmi_give(w->password, w->kg))
		end = END_BADLY;
	ipmitool_tell_by(&telling);
	if (end == GO_ON)
		code = context_perform(c, &selection, &performance);
	selection_free(&selection);
	return end != GO_ON ? end : code && code != EXIT_OFF ? END_BADLY : END_WELL;
}

static enum ending run(struct context *c, struct wish *w, int argc, char **argv)
{
	const char *quirk = NULL;
	struct values values;
	struct fault fault;
	struct deed deed;
	enum ending end;

	if (argc && !strcmp(argv[0], "help")) {
		deed_list();
		return END_WELL;
	}
	end = check_password(w);
	if (end == GO_ON)
		end = check_interface(w);
	if (end == GO_ON)
		end = check_oem(w, &quirk);
	if (end == GO_ON)
		end = check_login(w);
	if (end != GO_ON)
		return end;
	end = deed_read(argc, argv, &deed);
	if (end != GO_ON)
		return end;
	set_times(w, &values);
	if (is_v15(w))
		end = set_auth(c, w, &fault);
	else
		end = set_suite(c, w, &values, &fault);
	if (end == GO_ON)
		end = find_address(w, &values);
	if (end != GO_ON)
		return end;
	if (set_keys(c, w, quirk, &values, &fault))
		return usage_error("%s", fault.text), END_BADLY;
	return context_load_none(c) ? END_BADLY : perform(c, w, &deed, &values);
}

static int ipmitool_front(struct context *context, int argc, char **argv)
{
	struct wish wish = {.suite = NO_SUITE, .privilege = "admin"};
	enum ending end = ipmitool_options(&wish, argc, argv);

	if (end == GO_ON)
		end = run(context, &wish, argc - optind, argv + optind);
	secret_drop(wish.password);
	secret_drop(wish.kg);
	return end == END_WELL ? 0 : 1;
}

static const struct command ipmitool_command = {
	.name = "ipmitool",
	.summary = "Switch a machine by its BMC, with the arguments of ipmitool",
	.usage = "[options...] <command>",
	.help = ipmitool_help,
	.front = ipmitool_front,
};
COMMAND(ipmitool_command);
