/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may come to the port of IPMI: any bytes, read as a packet of either version, as an answer of
 * the log-in, as data.
 */
#include "drivers/ipmi/lan.h"
#include "drivers/ipmi/rakp.h"
#include "drivers/ipmi/rmcp.h"
#include "drivers/ipmi/rmcpplus.h"
#include "ipmi_answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t password[LAN_PASSWORD_SIZE] = "secret";

/* The same header and payload make a packet that says the same, and bears the right code. */
static void lan_packet_returns(const struct lan_packet *packet)
{
	struct lan_packet again;
	struct packet p;

	lan_begin(&p, &packet->header);
	put_bytes(&p, packet->payload.at, packet->payload.length);
	if (lan_end(&p, &packet->header, password)) {
		if (packet->header.auth != AUTH_MD2 && packet->header.auth != AUTH_OEM)
			abort();
		return;
	}
	if (lan_decode((struct view){p.bytes + 4, p.length - 4}, packet->header.swapped, &again) ||
	    lan_check(&again, password) || again.header.auth != packet->header.auth ||
	    again.header.sequence != packet->header.sequence ||
	    again.header.session != packet->header.session ||
	    again.payload.length != packet->payload.length ||
	    (again.payload.length &&
	     memcmp(again.payload.at, packet->payload.at, again.payload.length)))
		abort();
}

static void read_lan(struct view v, bool swapped)
{
	struct lan_packet packet;

	if (lan_decode(v, swapped, &packet))
		return;
	must_contain(v, packet.payload);
	lan_check(&packet, password);
	lan_packet_returns(&packet);
	read_message(packet.payload);
}

static void read_log_in(struct view v)
{
	struct open_session opened;
	struct rakp_reply reply;

	open_session_decode(v, &opened);
	if (!rakp2_decode(v, &reply) && reply.status == RAKP_OK) {
		must_contain(v, (struct view){reply.random, RANDOM_SIZE});
		must_contain(v, (struct view){reply.guid, GUID_SIZE});
		must_contain(v, reply.code);
	}
	if (!rakp4_decode(v, &reply))
		must_contain(v, reply.code);
}

/* suite NULL: no session */
static void read_rmcpplus(struct view v, const struct suite *suite)
{
	const struct session_keys keys = {.sik_length = 20, .integrity_length = 20};
	uint8_t *bytes = malloc(v.length);
	struct rmcpplus_header header, peeked;
	struct view payload;

	if (!bytes)
		return;
	memcpy(bytes, v.at, v.length);
	if (!rmcpplus_open(bytes, v.length, suite, &keys, &header, &payload)) {
		must_contain((struct view){bytes, v.length}, payload);
		if (rmcpplus_peek(v, &peeked) || peeked.session != header.session ||
		    peeked.sequence != header.sequence || peeked.type != header.type)
			abort();
		read_log_in(payload);
		read_message(payload);
	}
	free(bytes);
}

static void check_codes(struct view v)
{
	const struct session_keys keys = {.sik_length = 20};

	for (unsigned id = 0; id < 20; id++) {
		struct rakp rakp = {.suite = suite_find(id)};

		if (!rakp.suite)
			continue;
		/* suite 0 proves nothing; of the others no fuzzer guesses the code */
		if (!rakp2_check(&rakp, (struct view){password, 6}, v) && (id || v.length))
			abort();
		if (!rakp4_check(&rakp, &keys, v) && (id || v.length))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view v = {data, size};
	uint32_t set = 0;
	struct pong pong;

	if (crypt_open())
		abort();
	read_log_in(v);
	read_message(v);
	read_answers((struct response){.data = v});
	suite_records_decode(v, &set);
	pong_decode(v, &pong);
	check_codes(v);
	switch (rmcp_take(&v)) {
	case RMCP_ASF:
		pong_decode(v, &pong);
		break;
	case RMCP_IPMI:
		read_lan(v, false);
		read_lan(v, true);
		read_rmcpplus(v, NULL);
		for (unsigned id = 0; id < 20; id++) {
			if (suite_find(id))
				read_rmcpplus(v, suite_find(id));
		}
		break;
	}
	return 0;
}
