/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of MAC addresses in /etc/ethers (ethers(5)). */
#ifndef MODEL_ETHERS_H
#define MODEL_ETHERS_H

#include "model/address.h"

/* Looks a name up. 0; -ENOENT when the file is missing or has no such name. */
int ethers_find(const char *name, uint8_t mac[MAC_LENGTH]);

#endif
