/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of MAC addresses in /etc/ethers: a line is a MAC address and a name, # begins a comment. */
#include "model/ethers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int ethers_find(const char *name, uint8_t mac[MAC_LENGTH])
{
	FILE *in = fopen("/etc/ethers", "re");
	char line[512], address[64], host[HOST_MAX + 1];
	int err = -ENOENT;

	if (!in)
		return -ENOENT;
	while (err && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "#")] = '\0';
		if (sscanf(line, "%63s %253s", address, host) == 2 && !strcmp(host, name) &&
		    !mac_parse(address, mac, NULL))
			err = 0;
	}
	fclose(in);
	return err;
}
