/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses as people write them: MAC addresses, SecureOn passwords, hosts with ports. */
#ifndef MODEL_ADDRESS_H
#define MODEL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

enum { MAC_LENGTH = 6, MAC_TEXT_SIZE = 18, SECUREON_MAX = 6, HOST_MAX = 253 };

/*
 * A MAC address: aa:bb:cc:dd:ee:ff or aa-bb-cc-dd-ee-ff (one or two digits a byte), aabb.ccdd.eeff,
 * aabbccddeeff; case does not matter. -EINVAL with a sentence.
 */
int mac_parse(const char *text, uint8_t mac[MAC_LENGTH], struct fault *f);
/* Lower case, colons. */
void mac_print(const uint8_t mac[MAC_LENGTH], char text[MAC_TEXT_SIZE]);
/* Whether text could be meant as a MAC address rather than as a name: for better sentences. */
bool mac_resembles(const char *text);

/*
 * A SecureOn password (the "password" of AMD's Magic Packet white paper, 4 or 6 bytes): 12 or 8
 * hexadecimal digits, bytes joined by colons or dashes, or a dotted quad. length becomes 4 or 6.
 */
int secureon_parse(const char *text, uint8_t password[SECUREON_MAX], size_t *length,
		   struct fault *f);

/* A host (name, IPv4 or IPv6 address, the latter with an optional %interface) and a port. */
struct endpoint {
	char host[HOST_MAX + 1];
	uint16_t port;			/* 0: none was given */
};

/* "host", "host:port", "address", "[v6]:port", "v6". -EINVAL with a sentence. */
int endpoint_parse(const char *text, struct endpoint *endpoint, struct fault *f);

/* Whether text is a UUID: 32 hexadecimal digits, dashes anywhere between them. */
int uuid_check(const char *text, struct fault *f);

#endif
