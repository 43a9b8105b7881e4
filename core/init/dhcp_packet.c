/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DHCP's packets: see dhcp_packet.h. Defined by: RFC 2131, RFC 2132, RFC 951 for the frame. */
#include "init/dhcp_packet.h"

#include <ctype.h>
#include <string.h>

/* Where things are in a packet. */
enum {
	OP = 0, HARDWARE = 1, HARDWARE_LENGTH = 2, ID = 4, SECONDS = 8, FLAGS = 10, CLIENT = 12,
	YOURS = 16, CLIENT_HARDWARE = 28, SERVER_NAME = 44, SERVER_NAME_SIZE = 64, FILE_NAME = 108,
	FILE_NAME_SIZE = 128, COOKIE = 236, OPTIONS = 240,
};

enum { OP_REQUEST = 1, OP_REPLY = 2, ETHERNET = 1, BROADCAST = 0x80 };

enum option {
	PAD = 0, NETMASK = 1, ROUTER = 3, NAME_SERVER = 6, HOST_NAME = 12, DOMAIN_NAME = 15,
	WANTED_ADDRESS = 50, LEASE_TIME = 51, OVERLOAD = 52, KIND = 53, SERVER = 54, LIST = 55,
	LARGEST = 57, RENEW_TIME = 58, REBIND_TIME = 59, CLIENT_ID = 61, END = 255,
};

/* What OVERLOAD says. */
enum { IN_FILE_NAME = 1, IN_SERVER_NAME = 2 };

enum { HOUR = 3600, FOREVER = 0xffffffff };

static const uint8_t cookie[4] = {99, 130, 83, 99};

/* --- writing --------------------------------------------------------------------------------- */

static uint8_t *put(uint8_t *at, enum option option, const void *bytes, size_t length)
{
	*at++ = (uint8_t)option;
	*at++ = (uint8_t)length;
	memcpy(at, bytes, length);
	return at + length;
}

size_t dhcp_write(const struct dhcp_question *q, uint8_t packet[DHCP_PACKET_SIZE])
{
	static const uint8_t list[] = {
		NETMASK, ROUTER, NAME_SERVER, HOST_NAME, DOMAIN_NAME, LEASE_TIME, RENEW_TIME, REBIND_TIME,
	};
	static const uint8_t largest[] = {(DHCP_PACKET_SIZE + 28) >> 8, (DHCP_PACKET_SIZE + 28) & 255};
	const uint8_t kind = (uint8_t)q->kind;
	uint8_t id[1 + LINK_ADDRESS_SIZE] = {ETHERNET}, *at = packet + OPTIONS;

	memset(packet, 0, DHCP_PACKET_SIZE);
	packet[OP] = OP_REQUEST;
	packet[HARDWARE] = ETHERNET;
	packet[HARDWARE_LENGTH] = LINK_ADDRESS_SIZE;
	memcpy(packet + ID, &q->id, sizeof(q->id));
	packet[SECONDS] = (uint8_t)(q->seconds >> 8);
	packet[SECONDS + 1] = (uint8_t)q->seconds;
	/* without an address nothing else would come in */
	if (!q->has.s_addr)
		packet[FLAGS] = BROADCAST;
	memcpy(packet + CLIENT, &q->has, sizeof(q->has));
	memcpy(packet + CLIENT_HARDWARE, q->mac, sizeof(q->mac));
	memcpy(packet + COOKIE, cookie, sizeof(cookie));
	memcpy(id + 1, q->mac, sizeof(q->mac));
	at = put(at, KIND, &kind, 1);
	at = put(at, CLIENT_ID, id, sizeof(id));
	if (q->wants.s_addr)
		at = put(at, WANTED_ADDRESS, &q->wants, sizeof(q->wants));
	if (q->server.s_addr)
		at = put(at, SERVER, &q->server, sizeof(q->server));
	at = put(at, LARGEST, largest, sizeof(largest));
	at = put(at, LIST, list, sizeof(list));
	*at++ = END;
	/* relays of old want the 300 bytes of RFC 951 */
	return at - packet > 300 ? (size_t)(at - packet) : 300;
}

/* --- reading --------------------------------------------------------------------------------- */

/* A name as it may stand in files: letters, digits, dots and dashes, as far as it has them. */
static void read_name(const uint8_t *bytes, size_t length, char name[SETTING_NAME_SIZE])
{
	size_t n = 0;

	while (n < length && n < SETTING_NAME_SIZE - 1 &&
	       (isalnum(bytes[n]) || bytes[n] == '.' || bytes[n] == '-')) {
		name[n] = (char)bytes[n];
		n++;
	}
	name[n] = '\0';
}

static void read_address(const uint8_t *bytes, size_t length, struct in_addr *address)
{
	if (length >= sizeof(*address))
		memcpy(address, bytes, sizeof(*address));
}

static void read_time(const uint8_t *bytes, size_t length, uint32_t *seconds)
{
	if (length == 4)
		*seconds = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
			   (uint32_t)bytes[2] << 8 | bytes[3];
}

static void take(enum option option, const uint8_t *bytes, size_t length, struct dhcp_answer *a,
		 unsigned *overload)
{
	struct setting *s = &a->setting;

	switch (option) {
	case KIND:
		if (length == 1)
			a->kind = (enum dhcp_kind)bytes[0];
		break;
	case OVERLOAD:
		if (length == 1)
			*overload = bytes[0];
		break;
	case NETMASK: read_address(bytes, length, &s->netmask); break;
	case ROUTER: read_address(bytes, length, &s->gateway); break;
	case SERVER: read_address(bytes, length, &a->server); break;
	case NAME_SERVER:
		read_address(bytes, length, &s->dns[0]);
		if (length >= 8)
			read_address(bytes + 4, length - 4, &s->dns[1]);
		break;
	case HOST_NAME: read_name(bytes, length, s->host); break;
	case DOMAIN_NAME: read_name(bytes, length, s->domain); break;
	case LEASE_TIME: read_time(bytes, length, &a->lease); break;
	case RENEW_TIME: read_time(bytes, length, &a->renew); break;
	case REBIND_TIME: read_time(bytes, length, &a->rebind); break;
	default: break;
	}
}

/* false: an option goes beyond the end. */
static bool read_options(const uint8_t *at, size_t left, struct dhcp_answer *a, unsigned *overload)
{
	while (left && *at != END) {
		size_t length;

		if (*at == PAD) {
			at++, left--;
			continue;
		}
		if (left < 2 || at[1] > left - 2)
			return false;
		length = at[1];
		take((enum option)*at, at + 2, length, a, overload);
		at += 2 + length;
		left -= 2 + length;
	}
	return true;
}

static void set_times(struct dhcp_answer *a)
{
	if (!a->lease)
		a->lease = HOUR;
	if (a->lease == FOREVER) {
		a->renew = a->rebind = FOREVER;
		return;
	}
	if (!a->rebind || a->rebind > a->lease)
		a->rebind = (uint32_t)((uint64_t)a->lease * 7 / 8);
	if (!a->renew || a->renew > a->rebind)
		a->renew = a->lease / 2 < a->rebind ? a->lease / 2 : a->rebind;
}

bool dhcp_read(const uint8_t *packet, size_t length, const struct dhcp_question *q,
	       struct dhcp_answer *a)
{
	unsigned overload = 0, none;

	*a = (struct dhcp_answer){0};
	if (length < OPTIONS || packet[OP] != OP_REPLY || packet[HARDWARE_LENGTH] != LINK_ADDRESS_SIZE ||
	    memcmp(packet + ID, &q->id, sizeof(q->id)) ||
	    memcmp(packet + CLIENT_HARDWARE, q->mac, sizeof(q->mac)) ||
	    memcmp(packet + COOKIE, cookie, sizeof(cookie)) ||
	    !read_options(packet + OPTIONS, length - OPTIONS, a, &overload))
		return false;
	if (overload & IN_FILE_NAME && !read_options(packet + FILE_NAME, FILE_NAME_SIZE, a, &none))
		return false;
	if (overload & IN_SERVER_NAME && !read_options(packet + SERVER_NAME, SERVER_NAME_SIZE, a, &none))
		return false;
	memcpy(&a->setting.address, packet + YOURS, sizeof(a->setting.address));
	set_times(a);
	return a->kind == DHCP_NAK ||
	       ((a->kind == DHCP_OFFER || a->kind == DHCP_ACK) && a->setting.address.s_addr);
}
