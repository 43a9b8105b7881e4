/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the configuration files of emulators tell: as much of them as a start depends on. */
#ifndef GUEST_EMULATOR_CONFIG_H
#define GUEST_EMULATOR_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * CHARON: the next interface that a text names, set NAME interface = "eth0" or load packet_port
 * NAME interface = "eth0"; *text moves on behind it. Names of parts of the configuration, which
 * stand without quotes, and "(disabled)" are none. false: there is no more.
 */
bool charon_interface(const char **text, char *name, size_t size);

/* SIMH: the port of set console telnet=PORT, the last that counts; 0: it has none. */
uint16_t simh_telnet_port(const char *text);

#endif
