/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wake-on-LAN: AMD's Magic Packet with SecureOn, by UDP and by raw Ethernet frames. What is sent
 * where: target.c; how: burst.c.
 */
#include "burst.h"
#include "base/fault.h"
#include "engine/driver.h"
#include "interface.h"
#include "keys.h"
#include "model/help.h"
#include "model/machine.h"
#include "raw.h"
#include "target.h"

#include <errno.h>
#include <ev.h>

static const char help[] =
	"Sends magic packets (6 bytes FF, 16 times the MAC address) to every `mac` of the "
	"machine. A method takes no arguments: `on = {\"wol 60s\"}`.\n"
	"\n"
	"Without further keys a UDP packet to port 9 (wol-port) goes to the broadcast address "
	"of every interface that is up: this needs no privilege and reaches all machines on "
	"the networks that this one is attached to. Where no interface has an address, as in an "
	"initramfs, it goes to 255.255.255.255. wol-interface chooses the interfaces.\n"
	"\n"
	"A machine behind a router wants wol-to with its network's directed broadcast "
	"address, such as 192.168.3.255; the router must let that pass, and most do not "
	"unless told to. A host address works where the last router or switch still knows the "
	"sleeping machine's MAC address, by a fixed ARP entry for instance; it is also the "
	"way to a relay. Over IPv6 there are no broadcasts: use the multicast address "
	"ff02::1%eth0, or ff02::1 for every interface. 255.255.255.255 and ff02::1 go out of "
	"each chosen interface; other addresses go where they are routed, unless "
	"wol-interface names one. An address may have a port of its own: 192.168.3.255:7, "
	"[ff02::1%eth0]:9.\n"
	"\n"
	"With wol-raw packets are Ethernet frames (EtherType 0x0842) to the machine's MAC "
	"address, or to all with wol-broadcast, out of every Ethernet interface that is up, "
	"or those that wol-interface names. They need CAP_NET_RAW, but no IP address on "
	"either side. Use them where a switch or card passes nothing else, or where the "
	"interface has no address yet. wol-to does not go with wol-raw; if only one of the "
	"two was typed on the command line, that one counts.\n"
	"\n"
	"Send out of a bridge or bond, not out of its members: these are left out unless they "
	"are named. An interface without a carrier is left out too, and is an error when it "
	"is named.\n"
	"\n"
	"wol-password is the SecureOn password. It is no secret on the wire: everybody on the "
	"network sees it. wol-count and wol-interval send more than one packet at a time, for "
	"cards that sleep through the first. Nothing answers a magic packet: without a probe "
	"the machine's state is told as `sent`; with one the packets are sent again every 5 "
	"seconds until it is up or the method's time is over.\n";

static const struct verb_op ops[] = {
	{VERB_ON, OP_REPEATS, 5000, burst_start},
};

static unsigned rate(const struct model *model)
{
	return (unsigned)model_number(model, &wol_rate);
}

static int check(struct fault *f)
{
	int err = raw_check(f);

	if (err)
		fault_prefix(f, err, "UDP packets can be sent, raw ones cannot");
	return err;
}

static int check_machine(const struct machine *machine, struct fault *f)
{
	const struct interfaces *interfaces = interfaces_at(ev_time(), f);
	int err = interfaces ? targets_check(machine, interfaces, f) : -EIO;

	return err || !machine_flag(machine, &wol_raw) ? err : raw_check(f);
}

static const struct driver wol_driver = {
	.name = "wol",
	.summary = "Wake-on-LAN: magic packets, by UDP or as raw Ethernet frames",
	.help = HELP(help),
	.keys = wol_keys,
	.ops = ops,
	.nops = sizeof(ops) / sizeof(ops[0]),
	.needs = &key_mac,
	.rank = 10,
	.fanout = 65536,
	.timeout_ms = 120000,
	.rate = rate,
	.check = check,
	.check_machine = check_machine,
	.cancel = burst_cancel,
	.quit = burst_quit,
};
DRIVER(wol_driver);
