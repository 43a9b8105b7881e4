/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks whether a machine answers: to ping, to ARP requests, or to a connection to a TCP port.
 * What answers is on. What is silent for the time limit, or is told to be unreachable, counts as
 * off. A machine that refuses a connection is up but its service is not: that is neither.
 */
#include "probe.h"
#include "base/fault.h"
#include "base/inet.h"
#include "base/resolve.h"
#include "base/text.h"
#include "model/help.h"
#include "model/key.h"
#include "model/machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a probe's words say. */
struct target {
	const struct probe_kind *kind;
	uint16_t port;
	const char *address;		/* NULL: the machine's */
};

static int find_kind(const char *word, const struct probe_kind **kind, struct fault *f)
{
	/* known, also where it is not built in */
	if (!strcmp(word, "arp") && !&probe_arp)
		return fault_set(f, ENOSYS,
				 "arp is not in this build: enable CONFIG_DRIVER_PROBE_ARP");
	*kind = !strcmp(word, "icmp") ? &probe_icmp : !strcmp(word, "tcp") ? &probe_tcp :
		!strcmp(word, "arp") ? &probe_arp : NULL;
	if (!*kind)
		return fault_set(f, EINVAL,
				 "there is no probe \"%s\": write icmp, arp, or tcp and a port",
				 word);
	return 0;
}

static int check_address(const struct probe_kind *kind, const char *address, struct fault *f)
{
	struct endpoint endpoint;
	int err = endpoint_parse(address, &endpoint, f);

	if (err)
		return err;
	if (endpoint.port)
		return fault_set(f, EINVAL, "\"%s\" names a port: a port stands behind tcp, as in "
				 "\"tcp %u %s\"", address, endpoint.port, endpoint.host);
	if (kind->family == AF_INET && strchr(endpoint.host, ':'))
		return fault_set(f, EINVAL,
				 "%s asks for IPv4 addresses, \"%s\" is none: write icmp",
				 kind->name, address);
	return 0;
}

/* "icmp [ADDRESS]", "arp [ADDRESS]", "tcp PORT [ADDRESS]" */
static int target_parse(size_t n, char *const *words, struct target *target, struct fault *f)
{
	uint64_t port = 0;
	size_t used = 1;
	int err = find_kind(n ? words[0] : "", &target->kind, f);

	if (err)
		return err;
	if (target->kind->has_port) {
		if (n < 2)
			return fault_set(f, EINVAL, "%s needs a port: write for example \"%s 22\"",
					 words[0], words[0]);
		err = number_parse(words[used++], "port", 1, 65535, &port, f);
		if (err)
			return err;
	}
	target->port = (uint16_t)port;
	target->address = used < n ? words[used++] : NULL;
	if (used < n)
		return fault_set(f, EINVAL,
				 "\"%s\" is one word too many: write %s%s and at most an address",
				 words[used], words[0], port ? ", the port" : "");
	return target->address ? check_address(target->kind, target->address, f) : 0;
}

static int check_probe(const char *value, struct fault *f)
{
	struct target target;
	char **words;
	size_t n;
	int err = words_split(value, &words, &n, f);

	if (err)
		return err;
	err = target_parse(n, words, &target, f);
	free(words);
	return err;
}

static int check_time(const char *value, struct fault *f)
{
	uint64_t ms;
	int err = duration_parse(value, &ms, f);

	if (!err && ms < 10)
		return fault_set(f, EINVAL, "\"%s\" leaves no time: write 10ms or more", value);
	return err;
}

static int check_arguments(enum verb verb, size_t argc, char *const *argv, struct fault *f)
{
	struct target target;

	(void)verb;
	return argc ? target_parse(argc, argv, &target, f) : 0;
}

static const struct key key_probe = {
	.name = "probe", .type = KEY_TEXT, .check = check_probe,
	.help = HELP("How to see whether the machine is on: \"icmp\" (it answers ping), \"arp\" "
		"(it answers ARP requests, also behind a firewall; in the same network only), or "
		"\"tcp PORT\" (a service answers). An address may follow; without one the "
		"machine's `address` is asked."),
};
static const struct key key_timeout = {
	.name = "probe-timeout", .type = KEY_TIME, .def = "2s", .check = check_time,
	.help = HELP("How long a probe waits for an answer before the machine counts as off."),
};
static const struct key key_interval = {
	.name = "probe-interval", .type = KEY_TIME, .def = "1s", .check = check_time,
	.help = HELP("How often a probe asks while a machine is awaited to go on or off."),
};

static const struct key *const keys[] = {&key_probe, &key_timeout, &key_interval, NULL};

const char *probe_name(const struct probe *p)
{
	static char text[HOST_MAX + INET6_ADDRSTRLEN + 8];
	char address[INET6_ADDRSTRLEN] = "";
	const void *from = p->address.ss_family == AF_INET6
		? (const void *)&((const struct sockaddr_in6 *)&p->address)->sin6_addr
		: (const void *)&((const struct sockaddr_in *)&p->address)->sin_addr;

	inet_ntop(p->address.ss_family, from, address, sizeof(address));
	if (!*address || !strncmp(p->host, address, strlen(address)))
		snprintf(text, sizeof(text), "%s", p->host);
	else
		snprintf(text, sizeof(text), "%s (%s)", p->host, address);
	return text;
}

static struct attempt *probe_free(struct probe *p)
{
	struct attempt *attempt = p->attempt;

	if (p->lookup)
		resolve_cancel(p->lookup);
	if (p->begun)
		p->kind->end(p);
	ev_timer_stop(attempt->loop, &p->timer);
	attempt->data = NULL;
	free(p);
	return attempt;
}

void probe_answered(struct probe *p)
{
	attempt_done(probe_free(p), STATE_ON, NULL);
}

/* why: the kernel's reason, NULL for silence alone. */
static void probe_silent(struct probe *p, const char *why)
{
	struct fault f;

	if (p->port)
		fault_set(&f, 0, "port %u of %s does not answer", p->port, probe_name(p));
	else
		fault_set(&f, 0, "%s does not answer %s", probe_name(p), p->kind->asked);
	if (why)
		snprintf(f.text + strlen(f.text), sizeof(f.text) - strlen(f.text), ": %s", why);
	attempt_done(probe_free(p), STATE_OFF, f.text);
}

void probe_error(struct probe *p, int err, const char *sentence)
{
	if (err == -EHOSTUNREACH || err == -EHOSTDOWN || err == -ETIMEDOUT)
		probe_silent(p, strerror(-err));
	else
		attempt_fail(probe_free(p), err, "%s", sentence);
}

void probe_sent(struct probe *p, int err)
{
	p->out = p->out || !err;
	p->unsent = p->out ? 0 : err;
}

int probe_fault(const struct probe *p, int err, struct fault *f)
{
	const char *why = strerror(err);

	if (err == ECONNREFUSED && p->port)
		return fault_set(f, err, "%s is up, but port %u refuses connections", probe_name(p),
				 p->port);
	if (err == ENETUNREACH || err == EADDRNOTAVAIL)
		return fault_set(f, err, "there is no way to %s: %s", probe_name(p), why);
	if (err == EACCES || err == EPERM)
		return fault_set(f, err, "asking %s is forbidden: a firewall is in the way, or it "
				 "is a broadcast address: %s", probe_name(p), why);
	if (err == ENOBUFS)
		return fault_set(f, err, "cannot ask %s: %s: more machines at a time than this "
				 "kernel's queues, or its table of neighbours "
				 "(net.ipv4.neigh.default.gc_thresh3), have room for",
				 probe_name(p), why);
	return fault_set(f, err, "cannot ask %s: %s", probe_name(p), why);
}

void probe_refused(struct probe *p, int err)
{
	struct fault f;

	err = probe_fault(p, err, &f);
	probe_error(p, err, f.text);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
	struct probe *p = w->data;
	struct fault f;
	int err;

	(void)loop, (void)events;
	if (p->sent == p->kind->sends) {
		if (p->unsent)
			probe_refused(p, p->unsent);
		else
			probe_silent(p, NULL);
		return;
	}
	p->sent++;
	err = p->kind->again(p, &f);
	if (err == PROBE_ANSWERED)
		probe_answered(p);
	else if (err)
		probe_error(p, err, f.text);
}

/* The address is known: asks it. */
static void begin(struct probe *p)
{
	struct attempt *attempt = p->attempt;
	ev_tstamp limit = (ev_tstamp)machine_time_ms(attempt->machine, &key_timeout) / 1000;
	struct fault f;
	int err;

	p->begun = true;
	p->sent = 1;
	err = p->kind->begin(p, &f);
	if (err == PROBE_ANSWERED) {
		probe_answered(p);
	} else if (err) {
		probe_error(p, err, f.text);
	} else {
		ev_timer_set(&p->timer, limit / p->kind->sends, limit / p->kind->sends);
		ev_timer_start(attempt->loop, &p->timer);
	}
}

static void take_address(struct probe *p, const struct sockaddr_storage *address)
{
	p->address = *address;
	if (address->ss_family == AF_INET6) {
		((struct sockaddr_in6 *)&p->address)->sin6_port = htons(p->port);
		p->address_length = sizeof(struct sockaddr_in6);
	} else {
		((struct sockaddr_in *)&p->address)->sin_port = htons(p->port);
		p->address_length = sizeof(struct sockaddr_in);
	}
}

static void on_resolved(void *data, int err, const struct sockaddr_storage *address,
			const char *sentence)
{
	struct probe *p = data;

	p->lookup = NULL;
	if (err) {
		attempt_fail(probe_free(p), err, "%s", sentence);
		return;
	}
	take_address(p, address);
	begin(p);
}

/* What the method's arguments say, else the machine's key. The words are to be freed. */
static int find_target(const struct attempt *attempt, struct target *target, char ***words,
		       struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *value;
	size_t n;
	int err;

	*words = NULL;
	if (attempt->argc)
		return target_parse(attempt->argc, attempt->argv, target, f);
	value = machine_value(attempt->machine, &key_probe, 0, buffer);
	if (!value)
		return fault_set(f, EINVAL, "there is nothing to ask: set probe = \"icmp\", "
				 "\"arp\" or \"tcp PORT\"");
	err = words_split(value, words, &n, f);
	return err ? err : target_parse(n, *words, target, f);
}

/* The host to ask: the probe's own address, else the machine's. */
static int find_host(const struct machine *machine, const struct target *target,
		     char host[HOST_MAX + 1], struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *value = target->address ? target->address
					    : machine_value(machine, &key_address, 0, buffer);
	struct endpoint endpoint;
	int err;

	if (!value)
		return fault_set(f, EINVAL, "there is no address to ask: set address, or write one "
				 "behind the probe, as in \"%s%s 10.0.0.7\"", target->kind->name,
				 target->port ? " PORT" : "");
	err = endpoint_parse(value, &endpoint, f);
	if (!err)
		strcpy(host, endpoint.host);
	return err;
}

/*
 * Fills the probe in, and starts the look-up where there is a name. 1: the address is known
 * already.
 */
static int prepare(struct probe *p, struct fault *f)
{
	struct sockaddr_storage address;
	struct target target;
	char **words;
	int err = find_target(p->attempt, &target, &words, f);

	if (!err) {
		p->kind = target.kind;
		p->port = target.port;
		err = find_host(p->attempt->machine, &target, p->host, f);
	}
	free(words);
	if (!err)
		err = inet_read(p->host, &address, f);
	if (err < 0)
		return err;
	if (!err)
		return resolve_start(p->attempt->loop, p->host, p->kind->family, on_resolved, p,
				     &p->lookup, f);
	if (p->kind->family != AF_UNSPEC && p->kind->family != address.ss_family)
		return fault_set(f, EAFNOSUPPORT,
				 "%s asks for IPv4 addresses, \"%s\" is none: write icmp",
				 p->kind->name, p->host);
	take_address(p, &address);
	return 1;
}

static void start(struct attempt *attempt)
{
	struct probe *p = calloc(1, sizeof(*p));
	struct fault f;
	int err;

	if (!p) {
		attempt_fail(attempt, -ENOMEM, "out of memory");
		return;
	}
	p->attempt = attempt;
	attempt->data = p;
	ev_init(&p->timer, on_timer);
	p->timer.data = p;
	err = prepare(p, &f);
	if (err < 0)
		attempt_fail(probe_free(p), err, "%s", f.text);
	else if (err)
		begin(p);
}

static void cancel(struct attempt *attempt)
{
	struct probe *p = attempt->data;
	struct fault f;

	if (p->lookup)
		fault_set(&f, ECANCELED, "the name \"%s\" is still being looked up", p->host);
	else
		fault_set(&f, ECANCELED, "%s has not answered yet", probe_name(p));
	attempt_fail(probe_free(p), -ECANCELED, "%s", f.text);
}

static void quit(void)
{
	probe_icmp.quit();
	if (&probe_arp)
		probe_arp.quit();
}

static int check_machine(const struct machine *machine, struct fault *f)
{
	struct attempt attempt = {.machine = machine};
	char host[HOST_MAX + 1], **words;
	struct target target;
	int err = find_target(&attempt, &target, &words, f);

	if (!err)
		err = find_host(machine, &target, host, f);
	free(words);
	return err;
}

static int check(struct fault *f)
{
	int err = icmp_check(f);

	return err ? fault_prefix(f, err, "only tcp works") : 0;
}

static const struct verb_op ops[] = {
	{.verb = VERB_STATUS, .flags = OP_OBSERVES, .start = start},
};

static const struct driver probe_driver = {
	.name = "probe",
	.summary = "sees whether a machine answers: ping, ARP, TCP",
	.help = HELP("A machine with the key `probe` can be seen: methods that cannot see their "
		"effect themselves, such as wol, are only done when the probe saw it. The method "
		"`probe` asks as the key says; with arguments, `probe icmp`, `probe arp` or `probe "
		"tcp PORT`, each with an address where it is not the machine's own, it asks as "
		"they say.\n"
		"\n"
		"A machine that answers is on; one that does not answer within `probe-timeout`, or "
		"of which a router says that it cannot be reached, is off. One that refuses the "
		"connection is up without its service: that is told, and counts as neither.\n"
		"\n"
		"Ping needs net.ipv4.ping_group_range to allow it, or CAP_NET_RAW. ARP needs "
		"CAP_NET_RAW, and an interface in the machine's network. For ping and TCP the "
		"kernel has to know the Ethernet address of each machine in its own network, by "
		"default of no more than 1024: with more of them raise "
		"net.ipv4.neigh.default.gc_thresh3, or use ARP, which needs it not.\n"
		"\n"
		"\tmachine \"nas\" {\n"
		"\t\taddress = \"nas.example.org\"\n"
		"\t\tmac = \"00:16:3e:12:34:56\"\n"
		"\t\ton = \"wol 120s\"\n"
		"\t\tprobe = \"tcp 22\"\n"
		"\t}\n"),
	.keys = keys,
	.ops = ops,
	.nops = sizeof(ops) / sizeof(ops[0]),
	.needs = &key_probe,
	.rank = 50,
	.observer = true,
	.interval = &key_interval,
	.fanout = 512,
	.check = check,
	.check_machine = check_machine,
	.check_arguments = check_arguments,
	.cancel = cancel,
	.quit = quit,
};

DRIVER(probe_driver);
