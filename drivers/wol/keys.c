/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration keys of Wake-on-LAN. */
#include "keys.h"
#include "base/fault.h"
#include "base/text.h"
#include "model/address.h"
#include "model/help.h"

#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>

static int interface_name_check(const char *value, struct fault *f)
{
	if (strlen(value) < IF_NAMESIZE && !value[strcspn(value, "/: \t\n")])
		return 0;
	return fault_set(f, EINVAL, "\"%s\" cannot be the name of an interface: that has at most "
			 "%d characters, and no slash, colon or blank", value, IF_NAMESIZE - 1);
}

static int port_check(const char *value, struct fault *f)
{
	uint64_t port;

	return number_parse(value, "port", 1, UINT16_MAX, &port, f);
}

static int count_check(const char *value, struct fault *f)
{
	uint64_t count;

	return number_parse(value, "number of packets", 1, 1000, &count, f);
}

static int password_check(const char *value, struct fault *f)
{
	uint8_t password[SECUREON_MAX];
	size_t length;
	int err = secureon_parse(value, password, &length, f);

	explicit_bzero(password, sizeof(password));
	return err;
}

const struct key wol_interface = {
	.name = "wol-interface", .type = KEY_TEXT, .flags = KEY_LIST, .check = interface_name_check,
	.help = HELP("The network interfaces to send packets out of; `all`, and the default: every "
		"one that is up."),
};
const struct key wol_to = {
	.name = "wol-to", .type = KEY_HOST, .flags = KEY_LIST,
	.help = HELP("Where UDP packets go, in place of the interfaces' broadcast addresses: a "
		"directed broadcast address, 255.255.255.255, a host, or an IPv6 address such as "
		"ff02::1%eth0; each with a port where that is not wol-port."),
};
const struct key wol_port = {
	.name = "wol-port", .type = KEY_COUNT, .def = "9", .check = port_check,
	.help = HELP("The UDP port that packets go to, 1 to 65535; 9 and 7 are usual."),
};
const struct key wol_raw = {
	.name = "wol-raw", .type = KEY_FLAG, .def = "no",
	.help = HELP("Send raw Ethernet frames (EtherType 0x0842) to the machine's MAC address in "
		"place of UDP packets; this needs CAP_NET_RAW."),
};
const struct key wol_broadcast = {
	.name = "wol-broadcast", .type = KEY_FLAG, .def = "no",
	.help = HELP("Send raw frames to ff:ff:ff:ff:ff:ff in place of the machine's MAC address."),
};
const struct key wol_password = {
	.name = "wol-password", .type = KEY_TEXT, .flags = KEY_SECRET, .check = password_check,
	.help = HELP("The SecureOn password that the network card wants behind the magic packet: 4 "
		"or 6 bytes, such as 192.168.1.1 or 00:11:22:33:44:55."),
};
const struct key wol_count = {
	.name = "wol-count", .type = KEY_COUNT, .def = "1", .check = count_check,
	.help = HELP("How many packets go to each destination in one burst, 1 to 1000."),
};
const struct key wol_interval = {
	.name = "wol-interval", .type = KEY_TIME, .def = "100ms",
	.help = HELP("The time between the packets of one burst."),
};
const struct key wol_reverse = {
	.name = "wol-reverse", .type = KEY_FLAG, .def = "no",
	.help = HELP("Write the MAC address from back to front in the packet, for network cards "
		"(old ones of nVidia) that wait for that."),
};
const struct key wol_rate = {
	.name = "wol-rate", .type = KEY_COUNT, .flags = KEY_GLOBAL, .def = "1000",
	.help = HELP("How many machines are woken in a second at most; 0 for no limit."),
};

const struct key *const wol_keys[] = {
	&wol_interface, &wol_to, &wol_port, &wol_raw, &wol_broadcast, &wol_password, &wol_count,
	&wol_interval, &wol_reverse, &wol_rate, NULL,
};
