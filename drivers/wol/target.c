/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a machine's packets go: see target.h. */
#include "target.h"
#include "base/fault.h"
#include "interface.h"
#include "keys.h"
#include "model/address.h"
#include "model/machine.h"
#include "names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* More sentences than these are only counted. */
enum { TROUBLES_MAX = 4 };

struct choice {
	struct targets *targets;
	const struct machine *machine;
	const struct interfaces *interfaces;
};

/* What is sent out of an interface: adds it to the targets. */
typedef void out_fn(struct choice *c, const struct interface *interface, const struct target *to);

void targets_trouble(struct targets *targets, int err, const char *sentence)
{
	if (!targets->err)
		targets->err = err;
	/* interfaces often have the same one */
	if (targets->troubles && strstr(buffer_text(&targets->trouble), sentence))
		return;
	if (targets->troubles++ < TROUBLES_MAX)
		buffer_add(&targets->trouble, "%s%s", targets->troubles > 1 ? "; " : "", sentence);
	else if (targets->troubles == TROUBLES_MAX + 1)
		buffer_add_text(&targets->trouble, "; and more");
}

void targets_free(struct targets *targets)
{
	if (targets->list != targets->few)
		free(targets->list);
	buffer_free(&targets->trouble);
	*targets = (struct targets){0};
}

static void add_target(struct targets *t, const struct target *target)
{
	if (!t->list) {
		t->list = t->few;
		t->size = TARGETS_FEW;
	}
	if (t->n == t->size) {
		struct target *more = malloc(2 * t->size * sizeof(*more));

		if (!more) {
			targets_trouble(t, -ENOMEM, "out of memory");
			return;
		}
		memcpy(more, t->list, t->n * sizeof(*more));
		if (t->list != t->few)
			free(t->list);
		t->list = more;
		t->size *= 2;
	}
	t->list[t->n++] = *target;
}

static void out_of(struct choice *c, const struct interface *interface, const struct target *to)
{
	struct target target = *to;

	target.index = interface->index;
	add_target(c->targets, &target);
}

/* Out of an interface to its own broadcast addresses. */
static void out_to_broadcasts(struct choice *c, const struct interface *interface,
			      const struct target *to)
{
	struct target target = *to;
	bool any = false;

	target.index = interface->index;
	for (size_t i = 0; i < c->interfaces->nbroadcasts; i++) {
		if (c->interfaces->broadcasts[i].index != interface->index)
			continue;
		target.v4 = c->interfaces->broadcasts[i].address;
		add_target(c->targets, &target);
		any = true;
	}
	if (!any) {
		target.v4.s_addr = INADDR_BROADCAST;
		add_target(c->targets, &target);
	}
}

/* Whether an interface is sent out of without having been named. */
static bool is_suitable(const struct interface *i, sa_family_t family, bool bare)
{
	if (!i->up || !i->carrier || i->loopback || i->member)
		return false;
	if (family == AF_PACKET)
		return i->ethernet;
	if (family == AF_INET6)
		return i->multicasts && i->ipv6;
	return i->broadcasts && (bare ? i->ethernet : i->ipv4);
}

static bool add_those(struct choice *c, const struct target *to, out_fn *out, bool bare)
{
	bool any = false;

	for (size_t i = 0; i < c->interfaces->n; i++) {
		if (is_suitable(&c->interfaces->list[i], to->family, bare)) {
			out(c, &c->interfaces->list[i], to);
			any = true;
		}
	}
	return any;
}

static void add_suitable(struct choice *c, const struct target *to, out_fn *out)
{
	if (add_those(c, to, out, false))
		return;
	/*
	 * In an initramfs nothing may have an address. To broadcast needs none: the kernel sends
	 * from 0.0.0.0, as for DHCP.
	 */
	if (to->family == AF_INET && add_those(c, to, out, true))
		return;
	targets_trouble(c->targets, -ENETDOWN,
			to->family == AF_PACKET ?
			"no Ethernet interface is up and has a carrier: bring one up with \"ip "
			"link set NAME up\"" :
			to->family == AF_INET6 ?
			"no interface with an IPv6 address is up and has a carrier: bring one up "
			"with \"ip link set NAME up\"" :
			"no interface that can broadcast is up and has a carrier: bring one up, "
			"or name one with wol-interface");
}

static int check_named(const struct interface *interface, const struct target *to, out_fn *out,
		       struct fault *f)
{
	if (to->family == AF_PACKET && !interface->ethernet)
		return fault_set(f, ENODEV, "interface \"%s\" is not an Ethernet interface: raw "
				 "frames need one", interface->name);
	if (out == out_to_broadcasts && !interface->broadcasts)
		return fault_set(f, EOPNOTSUPP, "interface \"%s\" cannot broadcast: say where to "
				 "send with wol-to", interface->name);
	return interface_check(interface, f);
}

static void add_named(struct choice *c, const char *name, const struct target *to, out_fn *out)
{
	struct fault fault;
	const struct interface *interface = interface_find(c->interfaces, name, &fault);
	int err = interface ? check_named(interface, to, out, &fault) : -ENODEV;

	if (err)
		targets_trouble(c->targets, err, fault.text);
	else
		out(c, interface, to);
}

/* Out of every interface that the machine names, or every one that is suitable. */
static void add_chosen(struct choice *c, const struct target *to, out_fn *out)
{
	size_t n = machine_values(c->machine, &wol_interface);
	char buffer[VALUE_MAX];

	for (size_t i = 0; i < n; i++) {
		const char *name = machine_value(c->machine, &wol_interface, i, buffer);

		if (strcmp(name, "all"))
			add_named(c, name, to, out);
		else
			add_suitable(c, to, out);
	}
	if (!n)
		add_suitable(c, to, out);
}

static bool names_interfaces(const struct machine *machine)
{
	char buffer[VALUE_MAX];
	const char *first = machine_value(machine, &wol_interface, 0, buffer);

	return first && strcmp(first, "all");
}

/* An address that is the same on every network, so that no route tells which one is meant. */
static bool is_everywhere(const struct target *to)
{
	if (to->family == AF_INET)
		return to->v4.s_addr == INADDR_BROADCAST || IN_MULTICAST(ntohl(to->v4.s_addr));
	return IN6_IS_ADDR_MULTICAST(&to->v6) || IN6_IS_ADDR_LINKLOCAL(&to->v6);
}

static void add_address(struct choice *c, const struct target *to)
{
	if (to->index)
		add_target(c->targets, to);
	else if (is_everywhere(to) || names_interfaces(c->machine))
		add_chosen(c, to, out_of);
	else
		add_target(c->targets, to);
}

/* "ff02::1%eth0", already cut in two: adds the target when it can be used. */
static void add_zoned(struct choice *c, const char *host, const char *zone, struct target *to)
{
	struct fault fault;

	if (inet_pton(AF_INET6, host, &to->v6) == 1) {
		to->family = AF_INET6;
		add_named(c, zone, to, out_of);
	} else {
		fault_set(&fault, EINVAL, "\"%s%%%s\": only an IPv6 address can have a "
			  "%%interface", host, zone);
		targets_trouble(c->targets, -EINVAL, fault.text);
	}
}

static int add_by_name(struct choice *c, const char *host, struct target *to, struct ev_loop *loop,
		       struct waiter *waiter)
{
	struct sockaddr_storage address;
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	struct fault fault;
	int err = name_find(loop, host, waiter, &address, &fault);

	if (err == -EINPROGRESS)
		return err;
	if (err) {
		targets_trouble(c->targets, err, fault.text);
		return 0;
	}
	to->family = address.ss_family;
	if (to->family == AF_INET) {
		memcpy(&v4, &address, sizeof(v4));
		to->v4 = v4.sin_addr;
	} else {
		memcpy(&v6, &address, sizeof(v6));
		to->v6 = v6.sin6_addr;
		to->index = v6.sin6_scope_id;
	}
	add_address(c, to);
	return 0;
}

static int add_to(struct choice *c, const char *value, struct ev_loop *loop, struct waiter *waiter)
{
	struct target to = {0};
	struct endpoint endpoint;
	struct fault fault;
	char *percent;

	if (endpoint_parse(value, &endpoint, &fault)) {
		targets_trouble(c->targets, -EINVAL, fault.text);
		return 0;
	}
	to.port = endpoint.port ? endpoint.port : (uint16_t)machine_number(c->machine, &wol_port);
	percent = strchr(endpoint.host, '%');
	if (percent) {
		*percent = '\0';
		add_zoned(c, endpoint.host, percent + 1, &to);
		return 0;
	}
	if (inet_pton(AF_INET, endpoint.host, &to.v4) == 1)
		to.family = AF_INET;
	else if (inet_pton(AF_INET6, endpoint.host, &to.v6) == 1)
		to.family = AF_INET6;
	else
		return add_by_name(c, endpoint.host, &to, loop, waiter);
	add_address(c, &to);
	return 0;
}

static bool is_typed(const struct machine *machine, const struct key *key)
{
	const struct section *from;

	return machine_entry(machine, key, &from) && from->kind == SECTION_COMMAND;
}

/*
 * Whether the machine is to be woken by raw frames: 1, 0, or -EINVAL with a sentence where
 * addresses are set too, which raw frames do not have.
 */
static int is_raw(const struct machine *machine, struct fault *f)
{
	bool raw_typed;

	if (!machine_flag(machine, &wol_raw))
		return 0;
	if (!machine_values(machine, &wol_to))
		return 1;
	/* what is typed goes before what is configured */
	raw_typed = is_typed(machine, &wol_raw);
	if (raw_typed != is_typed(machine, &wol_to))
		return raw_typed;
	return fault_set(f, EINVAL, "wol-raw and wol-to exclude each other, since raw frames have "
			 "no IP address: leave one out (wol-interface says where raw frames go)");
}

int targets_choose(struct targets *targets, const struct machine *machine,
		   const struct interfaces *interfaces, struct ev_loop *loop,
		   struct waiter *waiter)
{
	struct choice c = {targets, machine, interfaces};
	struct fault fault;
	char buffer[VALUE_MAX];
	size_t n = machine_values(machine, &wol_to);
	int raw = is_raw(machine, &fault);

	if (raw < 0) {
		targets_trouble(targets, raw, fault.text);
	} else if (raw) {
		add_chosen(&c, &(struct target){.family = AF_PACKET}, out_of);
	} else if (!n) {
		struct target to = {.family = AF_INET};

		to.port = (uint16_t)machine_number(machine, &wol_port);
		add_chosen(&c, &to, out_to_broadcasts);
	} else {
		for (; targets->asked < n; targets->asked++) {
			const char *value = machine_value(machine, &wol_to, targets->asked, buffer);
			int err = add_to(&c, value, loop, waiter);

			if (err)
				return err;
		}
	}
	return 0;
}

/* Names of interfaces are looked at even where addresses alone say where packets go. */
static void check_named_all(struct choice *c)
{
	const struct target any = {.family = AF_INET};
	size_t n = machine_values(c->machine, &wol_interface);
	char buffer[VALUE_MAX];

	for (size_t i = 0; i < n; i++) {
		const char *name = machine_value(c->machine, &wol_interface, i, buffer);

		if (strcmp(name, "all"))
			add_named(c, name, &any, out_of);
	}
}

int targets_check(const struct machine *machine, const struct interfaces *interfaces,
		  struct fault *f)
{
	struct targets targets = {0};
	struct choice c = {&targets, machine, interfaces};
	const struct target raw_target = {.family = AF_PACKET}, udp_target = {.family = AF_INET};
	int raw = is_raw(machine, f), err;

	if (raw < 0)
		return raw;
	if (raw)
		add_chosen(&c, &raw_target, out_of);
	else if (machine_values(machine, &wol_to))
		check_named_all(&c);
	else
		add_chosen(&c, &udp_target, out_to_broadcasts);
	err = targets.err;
	if (err)
		fault_set(f, -err, "%s", buffer_text(&targets.trouble));
	targets_free(&targets);
	return err;
}

const char *target_print(const struct target *target, char text[TARGET_TEXT_SIZE])
{
	char address[INET6_ADDRSTRLEN], name[IF_NAMESIZE] = "";
	const char *on = target->index && if_indextoname(target->index, name) ? " on " : "";

	if (target->family == AF_PACKET) {
		snprintf(text, TARGET_TEXT_SIZE, "a raw frame%s%s", on, name);
		return text;
	}
	inet_ntop(target->family, &target->v4, address, sizeof(address));
	snprintf(text, TARGET_TEXT_SIZE, "%s port %u%s%s", address, target->port, on, name);
	return text;
}
