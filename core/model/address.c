/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses as people write them. See address.h. */
#include "model/address.h"
#include "base/fault.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Reads bytes, most at most, in groups of group digits between separators; a group of two may be
 * one digit. Without a separator all is one group. The number of bytes; 0 when the text is not of
 * that form.
 */
static size_t read_bytes(const char *text, char separator, size_t group, uint8_t *bytes,
			 size_t most)
{
	size_t n = 0;

	for (;;) {
		size_t digits = strspn(text, "0123456789abcdefABCDEF");

		if (separator ? digits > group || (group > 2 && digits < group) : digits % 2)
			return 0;
		if (!digits || n + (digits + 1) / 2 > most)
			return 0;
		if (digits == 1) {
			bytes[n++] = (uint8_t)hex_value(text[0]);
		} else {
			for (size_t i = 0; i + 1 < digits; i += 2)
				bytes[n++] =
					(uint8_t)(hex_value(text[i]) << 4 | hex_value(text[i + 1]));
		}
		text += digits;
		if (!*text)
			return n;
		if (!separator || *text++ != separator)
			return 0;
	}
}

/* The forms that MAC addresses and SecureOn passwords share. */
static size_t read_forms(const char *text, uint8_t *bytes, size_t most)
{
	if (strchr(text, ':'))
		return read_bytes(text, ':', 2, bytes, most);
	if (strchr(text, '-'))
		return read_bytes(text, '-', 2, bytes, most);
	if (strchr(text, '.'))
		return read_bytes(text, '.', 4, bytes, most);
	return read_bytes(text, '\0', 0, bytes, most);
}

int mac_parse(const char *text, uint8_t mac[MAC_LENGTH], struct fault *f)
{
	uint8_t bytes[MAC_LENGTH];

	if (read_forms(text, bytes, sizeof(bytes)) != MAC_LENGTH)
		return fault_set(f, EINVAL, "\"%s\" is not a MAC address: write six bytes, for "
				 "example 00:16:3e:12:34:56", text);
	memcpy(mac, bytes, sizeof(bytes));
	return 0;
}

void mac_print(const uint8_t mac[MAC_LENGTH], char text[MAC_TEXT_SIZE])
{
	snprintf(text, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
}

bool mac_resembles(const char *text)
{
	uint8_t bytes[2 * MAC_LENGTH];
	size_t first = strspn(text, "0123456789abcdefABCDEF");

	/* up to two digits and a colon: "mac:…" and "ip:…" do not begin so, nor do host names */
	if (*text == '[' || (first && first <= 2 && (text[first] == ':' || text[first] == '[')))
		return strchr(text, ':') != NULL;
	return read_forms(text, bytes, sizeof(bytes)) == MAC_LENGTH;
}

int secureon_parse(const char *text, uint8_t password[SECUREON_MAX], size_t *length,
		   struct fault *f)
{
	struct in_addr quad;
	size_t n;

	if (inet_pton(AF_INET, text, &quad) == 1) {
		memcpy(password, &quad, sizeof(quad));
		*length = sizeof(quad);
		return 0;
	}
	n = strchr(text, '.') ? 0 : read_forms(text, password, SECUREON_MAX);
	/* the text is not quoted here: it is a password */
	if (n != 4 && n != 6)
		return fault_set(f, EINVAL, "a SecureOn password has 4 or 6 bytes, this one has "
				 "%s: write for example 00:11:22:33:44:55, 001122334455 or "
				 "192.168.1.1", n ? "another number" : "another form");
	*length = n;
	return 0;
}

static bool is_host(const char *host)
{
	if (!*host || *host == '-')
		return false;
	for (const char *p = host; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("-._%:", *p))
			return false;
	}
	return true;
}

int endpoint_parse(const char *text, struct endpoint *endpoint, struct fault *f)
{
	const char *host = text, *end = text + strlen(text), *port = NULL;
	uint64_t number = 0;
	struct in6_addr v6;
	struct fault ignored;

	if (*text == '[') {
		host++;
		end = strchr(host, ']');
		if (!end || (end[1] && end[1] != ':'))
			goto bad;
		if (end[1])
			port = end + 2;
	} else if (strchr(text, ':') && strchr(text, ':') == strrchr(text, ':')) {
		end = strchr(text, ':');
		port = end + 1;
	}
	if (end - host > HOST_MAX)
		goto bad;
	memcpy(endpoint->host, host, (size_t)(end - host));
	endpoint->host[end - host] = '\0';
	if (!is_host(endpoint->host))
		goto bad;
	if (strchr(endpoint->host, ':')) {
		char address[HOST_MAX + 1];

		strcpy(address, endpoint->host);
		address[strcspn(address, "%")] = '\0';
		if (inet_pton(AF_INET6, address, &v6) != 1)
			goto bad;
	}
	if (port && number_parse(port, "port", 1, 65535, &number, &ignored))
		return fault_set(f, EINVAL,
				 "\"%s\": the port \"%s\" is not a number from 1 to 65535", text,
				 port);
	endpoint->port = (uint16_t)number;
	return 0;
bad:
	return fault_set(f, EINVAL, "\"%s\" is not a host or address: write for example nas1, "
			 "10.0.0.7, 10.0.0.7:623, fe80::1%%eth0 or [fe80::1]:623", text);
}

int uuid_check(const char *text, struct fault *f)
{
	size_t digits = 0;

	for (const char *p = text; *p; p++) {
		if (hex_value(*p) >= 0)
			digits++;
		else if (*p != '-')
			digits = 33;
	}
	if (digits != 32)
		return fault_set(f, EINVAL, "\"%s\" is not a UUID: write for example "
				 "123e4567-e89b-12d3-a456-426614174000", text);
	return 0;
}
