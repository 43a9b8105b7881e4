/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internet addresses in figures: RFC 4291, section 2.2; RFC 4007, section 11. See inet.h. */
#include "base/inet.h"
#include "base/fault.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 255 };

int inet_read(const char *text, struct sockaddr_storage *address, struct fault *f)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
	const char *zone = strchr(text, '%');
	char plain[TEXT_MAX + 1];

	memset(address, 0, sizeof(*address));
	snprintf(plain, sizeof(plain), "%.*s", zone ? (int)(zone - text) : TEXT_MAX, text);
	if (!zone && inet_pton(AF_INET, plain, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		return 1;
	}
	if (inet_pton(AF_INET6, plain, &v6->sin6_addr) != 1)
		return 0;
	v6->sin6_family = AF_INET6;
	if (!zone)
		return 1;
	v6->sin6_scope_id = if_nametoindex(zone + 1);
	if (!v6->sin6_scope_id)
		return fault_set(f, ENODEV,
				 "there is no network interface \"%s\", which \"%s\" names",
				 zone + 1, text);
	return 1;
}
