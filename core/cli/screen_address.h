/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the screens of guests are, as their key `display` and they themselves say. */
#ifndef CLI_SCREEN_ADDRESS_H
#define CLI_SCREEN_ADDRESS_H

#include "model/machine.h"

/* Where screen 0 is served, and screen N N behind it. */
enum { SCREEN_PORT = 5900 };

struct context;
struct fault;

/* The first word of its key `display`: none, vnc, sdl; written to buffer, and returned. */
const char *screen_kind(const struct machine *machine, char buffer[VALUE_MAX]);

/*
 * Where its VNC screen is, as viewers understand it: "127.0.0.1:7", "[::1]:0", the path of a
 * socket. What the key leaves open the guest is asked for, between context_begin and context_end.
 * -errno with a sentence.
 */
int screen_address(struct context *context, struct machine *machine, char address[VALUE_MAX],
		   struct fault *f);

#endif
