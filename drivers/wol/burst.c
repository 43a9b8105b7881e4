/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A burst goes on until it has sent all, or waits: for a host name, for room in a socket or an
 * interface's queue, or for the next packet's time. See burst.h.
 */
#include "burst.h"
#include "base/fault.h"
#include "engine/driver.h"
#include "interface.h"
#include "keys.h"
#include "model/machine.h"
#include "names.h"
#include "packet.h"
#include "queue.h"
#include "raw.h"
#include "target.h"
#include "udp.h"

#include <errno.h>
#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* When there is no room: seconds until it is tried again, and how many may try in vain then. */
static const double room_wait = 0.002;
enum { VAIN_MAX = 16 };
/*
 * How long a burst that has got through elsewhere waits for room on one interface, in seconds. With
 * nowhere else to go it waits as long as its attempt may.
 */
static const double patience = 2;

struct burst {
	struct attempt *attempt;
	struct waiter waiter;
	ev_timer timer;			/* until the next packet */
	struct targets targets;
	uint64_t interval_ms;
	uint32_t count;
	uint32_t packet, mac;		/* what is being sent */
	uint32_t sent;
	double since;			/* it waits for room; where again is set */
	bool again;			/* only to targets that are waiting */
	bool chosen;			/* the targets are */
	bool broadcast, reverse;
};

/* Bursts that wait for room, and the one timer that tries them again. */
static struct queue no_room;
static ev_timer room_timer;
static struct ev_loop *room_loop;
static unsigned vain;			/* how often there was no room; counts on and on */

/* The attempt's one answer. The same attempt may be started again from within. */
static void burst_end(struct burst *b)
{
	struct attempt *attempt = b->attempt;
	char *trouble = b->targets.troubles ? buffer_take(&b->targets.trouble) : NULL;
	uint32_t sent = b->sent;
	int err = b->targets.err;

	waiter_leave(&b->waiter);
	ev_timer_stop(attempt->loop, &b->timer);
	targets_free(&b->targets);
	free(b);
	attempt->data = NULL;
	if (sent)
		attempt_done(attempt, STATE_SENT, trouble);
	else
		attempt_fail(attempt, err, "%s", trouble ? trouble : "out of memory");
	free(trouble);
}

static void tell_target(struct targets *targets, const struct target *t)
{
	char where[TARGET_TEXT_SIZE];
	struct fault fault;
	const char *why = strerror(-t->err);

	if (t->family == AF_PACKET && raw_check(&fault)) {
		targets_trouble(targets, t->err, fault.text);
		return;
	}
	if (t->err == -EPERM || t->err == -EACCES)
		why = "a firewall or a route of this machine forbids it";
	else if (t->err == -ENOBUFS)
		why = "the interface takes no more packets";
	fault_set(&fault, -t->err, "cannot send %s%s: %s", t->family == AF_PACKET ? "" : "to ",
		  target_print(t, where), why);
	targets_trouble(targets, t->err, fault.text);
}

static void burst_finish(struct burst *b)
{
	for (size_t i = 0; i < b->targets.n; i++) {
		const struct target *target = &b->targets.list[i];

		/* after other errors a later packet got there: that is what bursts are for */
		if (!target->sent || target->err == -ENOBUFS)
			tell_target(&b->targets, target);
	}
	burst_end(b);
}

static int send_to(const struct burst *b, const struct target *target,
		   const uint8_t mac[MAC_LENGTH], const uint8_t *packet, size_t size)
{
	static const uint8_t everybody[MAC_LENGTH] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	const struct interfaces *interfaces;
	const struct interface *interface;

	if (target->family != AF_PACKET)
		return udp_send(target, packet, size);
	interfaces = interfaces_at(ev_now(b->attempt->loop), NULL);
	interface = interfaces ? interface_by_index(interfaces, target->index) : NULL;
	if (!interface)
		return -ENODEV;
	return raw_send(interface, b->broadcast ? everybody : mac, packet, size);
}

static size_t make_packet(const struct burst *b, const uint8_t mac[MAC_LENGTH],
			  uint8_t packet[PACKET_MAX])
{
	uint8_t written[MAC_LENGTH], password[SECUREON_MAX];
	char buffer[VALUE_MAX];
	const char *text = machine_value(b->attempt->machine, &wol_password, 0, buffer);
	size_t length = 0, size;

	if (text && secureon_parse(text, password, &length, NULL))
		length = 0;
	memcpy(written, mac, sizeof(written));
	if (b->reverse)
		mac_reverse(written);
	size = packet_build(packet, written, password, length);
	explicit_bzero(password, sizeof(password));
	return size;
}

/* One packet for one MAC address to all targets, or to those that wait. -EAGAIN: some wait. */
static int send_packet(struct burst *b, const uint8_t mac[MAC_LENGTH])
{
	uint8_t packet[PACKET_MAX];
	size_t size = make_packet(b, mac, packet);
	bool waiting = false;

	for (size_t i = 0; i < b->targets.n; i++) {
		struct target *target = &b->targets.list[i];
		int err;

		if ((b->again && !target->waiting) || target->err == -ENOBUFS)
			continue;
		err = send_to(b, target, mac, packet, size);
		target->waiting = err == -EAGAIN;
		if (target->waiting) {
			waiting = true;
		} else if (err) {
			target->err = err;
		} else {
			target->sent = true;
			b->sent++;
		}
	}
	explicit_bzero(packet, sizeof(packet));
	return waiting ? -EAGAIN : 0;
}

/* Some targets have no room: whether it is time to go on without them. */
static bool give_up(struct burst *b)
{
	double now = ev_now(b->attempt->loop);
	bool elsewhere = false;

	if (!b->again) {
		b->again = true;
		b->since = now;
	}
	for (size_t i = 0; i < b->targets.n; i++)
		elsewhere |= b->targets.list[i].sent && !b->targets.list[i].waiting;
	if (!elsewhere || now - b->since < patience)
		return false;
	for (size_t i = 0; i < b->targets.n; i++) {
		if (b->targets.list[i].waiting)
			b->targets.list[i].err = -ENOBUFS;
	}
	return true;
}

/* One packet for each MAC address. */
static int send_round(struct burst *b)
{
	size_t n = machine_values(b->attempt->machine, &key_mac);
	uint8_t mac[MAC_LENGTH];
	int err;

	for (; b->mac < n; b->mac++, b->again = false) {
		err = machine_mac(b->attempt->machine, &key_mac, b->mac, mac, NULL);
		if (!err)
			err = send_packet(b, mac);
		if (err == -EAGAIN && !give_up(b))
			return err;
	}
	b->mac = 0;
	return 0;
}

static void on_room(struct ev_loop *loop, ev_timer *timer, int events)
{
	const struct waiter *last = no_room.last, *woken = NULL;
	unsigned before = vain;

	(void)events;
	while (no_room.first && woken != last && vain - before < VAIN_MAX) {
		woken = no_room.first;
		queue_wake_first(&no_room);
	}
	if (no_room.first && !ev_is_active(timer)) {
		ev_timer_set(timer, room_wait, 0);
		ev_timer_start(loop, timer);
	}
}

/* At the end of the queue, so that one interface that is stuck does not hold up the others. */
static void wait_for_room(struct burst *b)
{
	vain++;
	queue_add(&no_room, &b->waiter);
	if (ev_is_active(&room_timer))
		return;
	room_loop = b->attempt->loop;
	ev_timer_init(&room_timer, on_room, room_wait, 0);
	ev_timer_start(room_loop, &room_timer);
}

static void burst_send(struct burst *b)
{
	while (b->packet < b->count) {
		if (send_round(b)) {
			wait_for_room(b);
			return;
		}
		b->packet++;
		if (b->packet < b->count && b->interval_ms) {
			ev_timer_set(&b->timer, b->interval_ms / 1000.0, 0);
			ev_timer_start(b->attempt->loop, &b->timer);
			return;
		}
	}
	burst_finish(b);
}

static void on_interval(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)events;
	burst_send(timer->data);
}

static void burst_choose(struct burst *b)
{
	struct ev_loop *loop = b->attempt->loop;
	struct fault fault;
	const struct interfaces *interfaces = interfaces_at(ev_now(loop), &fault);

	if (!interfaces)
		targets_trouble(&b->targets, -EIO, fault.text);
	else if (targets_choose(&b->targets, b->attempt->machine, interfaces, loop, &b->waiter))
		return;
	b->chosen = true;
	if (b->targets.n)
		burst_send(b);
	else
		burst_end(b);
}

static void on_wake(struct waiter *waiter)
{
	struct burst *b = (struct burst *)((char *)waiter - offsetof(struct burst, waiter));

	if (b->chosen)
		burst_send(b);
	else
		burst_choose(b);
}

void burst_start(struct attempt *attempt)
{
	const struct machine *machine = attempt->machine;
	uint8_t mac[MAC_LENGTH];
	struct fault fault;
	struct burst *b;
	int err = machine_mac(machine, &key_mac, 0, mac, &fault);

	if (err) {
		attempt_fail(attempt, err, "%s", fault.text);
		return;
	}
	b = calloc(1, sizeof(*b));
	if (!b) {
		attempt_fail(attempt, -ENOMEM, "out of memory");
		return;
	}
	b->attempt = attempt;
	b->waiter.wake = on_wake;
	b->count = (uint32_t)machine_number(machine, &wol_count);
	b->broadcast = machine_flag(machine, &wol_broadcast);
	b->reverse = machine_flag(machine, &wol_reverse);
	if (b->count > 1)
		b->interval_ms = machine_time_ms(machine, &wol_interval);
	ev_timer_init(&b->timer, on_interval, 0, 0);
	b->timer.data = b;
	attempt->data = b;
	burst_choose(b);
}

void burst_cancel(struct attempt *attempt)
{
	struct burst *b = attempt->data;
	struct fault fault;

	if (!b)
		return;
	if (!b->chosen)
		fault_set(&fault, ECANCELED, "stopped while a name in wol-to was being looked up");
	else if (b->waiter.queue)
		fault_set(&fault, ECANCELED, "stopped in packet %u of %u: the network interface "
			  "takes no more packets", b->packet + 1, b->count);
	else
		fault_set(&fault, ECANCELED, "stopped after %u of %u packets", b->packet, b->count);
	targets_trouble(&b->targets, -ECANCELED, fault.text);
	burst_end(b);
}

void burst_quit(void)
{
	if (room_loop)
		ev_timer_stop(room_loop, &room_timer);
	while (no_room.first)
		waiter_leave(no_room.first);
	room_loop = NULL;
	names_forget();
	interfaces_forget();
	raw_close();
	udp_close();
}
