/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The simulator of BMCs: datagrams, and what stands inside of sessions, one of which has SOL. The
 * input is a byte that says which sessions and far end, and a row of packets, each behind two
 * bytes: how it travels, and its length.
 */
#include "tests/unit/simnet.h"
#include "tools/bmcsim/sol.h"
#include "tools/bmcsim/wire.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum way { RAW, RAW_OPEN, MESSAGE, MESSAGE_15, PAYLOAD, WAYS };

/* A session of each kind, and the log-in that is on its way. */
struct sessions {
	struct client plain, strong, old, opening;
};

static struct sessions begin(struct bmc *bmc, uint8_t kind)
{
	static const uint8_t kinds[] = {1, 2, 3, 8, 12, 17};
	struct sessions s = {.opening = {.bmc = bmc}};

	client_login(&s.plain, bmc, 0);
	client_login(&s.strong, bmc, kinds[kind % sizeof(kinds)]);
	client_login15(&s.old, bmc, kind & 0x40 ? AUTH_MD5 : AUTH_NONE);
	client_open(&s.opening, 3);
	client_rakp1(&s.opening, "admin");
	return s;
}

static void begin_sol(struct client *client, uint8_t kind)
{
	static const char *const fars[] = {"echo", "raw-echo", "boot-log=1000", "source=1000"};
	uint8_t request[6] = {PAYLOAD_SOL, 1, 0x40};
	struct sol *sol = sol_get(client->bmc);
	const char *why;

	if (!sol || !sol_console(sol, fars[kind >> 4 & 3], &why))
		return;
	if (client->suite->confidentiality)
		request[2] |= 0x80;
	sol->settings = client->bmc->profile->sol;
	sol->no_access = 0;
	client_ask(client, NETFN_APP, 0x48, request, sizeof(request));
}

/* Network function, command and data, as a good message. */
static void send_message(struct client *client, const uint8_t *p, size_t length)
{
	if (length < 2)
		return;
	client_ask(client, p[0] & 0x3f, p[1], p + 2, length - 2 < 100 ? length - 2 : 100);
}

static void deliver(struct sessions *s, uint8_t way, const uint8_t *p, size_t length)
{
	struct bmc *bmc = s->plain.bmc;
	uint8_t packet[ANSWER_MAX];

	sim_clear();
	switch (way % WAYS) {
	case RAW:
		sim_receive(bmc, p, length);
		break;
	case RAW_OPEN:
		/* with the session id where a packet by RMCP+ and one of its log-in have it */
		length = length < sizeof(packet) ? length : sizeof(packet);
		memcpy(packet, p, length);
		if (length >= 10)
			put32(packet + 6, s->plain.id);
		if (length >= 24 && !(packet[5] & PAYLOAD_AUTHENTICATED))
			put32(packet + 20, s->opening.id);
		sim_receive(bmc, packet, length);
		break;
	case MESSAGE:
		send_message(way & 0x80 ? &s->plain : &s->strong, p, length);
		break;
	case MESSAGE_15:
		send_message(&s->old, p, length);
		break;
	case PAYLOAD:
		length = client_wrap(&s->strong, way & PAYLOAD_TYPE, p, length < 200 ? length : 200,
				     packet);
		s->strong.number++;
		sim_receive(bmc, packet, length);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bmc *bmc;
	struct sessions sessions;
	const char *why;

	if (!bmc) {
		now = 1000;
		if (!setting_add("user", "admin:secret:admin", NULL, &why))
			return 0;
		bmc = sim_bmc();
	}
	now += 100;
	while (bmc->sessions)
		session_end(bmc->sessions);
	if (!size)
		return 0;
	sessions = begin(bmc, *data);
	client_ask(&sessions.plain, NETFN_APP, 0x3b, "\x04", 1);
	client_ask(&sessions.strong, NETFN_APP, 0x3b, "\x04", 1);
	client_ask(&sessions.old, NETFN_APP, 0x3b, "\x04", 1);
	begin_sol(&sessions.strong, *data++);
	for (size--; size >= 2;) {
		size_t length = data[1] < size - 2 ? data[1] : size - 2;

		deliver(&sessions, data[0], data + 2, length);
		now += 0.05;
		alarm_ring();
		data += 2 + length;
		size -= 2 + length;
	}
	return 0;
}
