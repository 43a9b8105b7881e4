/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients and consoles: who may have one, who has it, and who is told of it. */
#ifndef DAEMON_SHARE_H
#define DAEMON_SHARE_H

#include <stdbool.h>

struct client;
struct peer;
struct served;
struct wire_frame;

bool share_may_watch(const struct served *served, const struct peer *peer);
/* ATTACH has come: attaches the client, or ends it with a reason. */
void share_attach(struct client *client, const struct wire_frame *frame);
/* ASK has come: enum console_request. */
void share_ask(struct client *client, unsigned char request);
/* The client is about to go: takes it away from its console, if it has one. */
void share_leave(struct client *client);

#endif
