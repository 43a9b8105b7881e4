/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of MAC addresses in /etc/ethers: a line is a MAC address and a name, # begins a comment. */
#include "model/ethers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int ethers_find(const char *name, uint8_t mac[MAC_LENGTH])
{
	FILE *in = fopen("/etc/ethers", "re");
	static const char blanks[] = " \t\r\n";
	char line[512];
	int err = -ENOENT;

	if (!in)
		return -ENOENT;
	while (err && fgets(line, sizeof(line), in)) {
		char *rest, *address, *host;

		line[strcspn(line, "#")] = '\0';
		address = strtok_r(line, blanks, &rest);
		host = address ? strtok_r(NULL, blanks, &rest) : NULL;
		if (host && !strcmp(host, name) && !mac_parse(address, mac, NULL))
			err = 0;
	}
	fclose(in);
	return err;
}
