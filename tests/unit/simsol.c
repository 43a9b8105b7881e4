/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of Serial over LAN in the simulator of BMCs share. See simsol.h. */
#include "test.h"
#include "simsol.h"

struct said said(struct client *client, unsigned answer)
{
	uint8_t p[ANSWER_MAX];
	size_t length = client_payload(client, answer, p);
	struct said said = {p[0], p[1], p[2], p[3], length - SOL_HEADER, ""};

	assert_int_equal(sim_sent[answer].bytes[5] & PAYLOAD_TYPE, PAYLOAD_SOL);
	assert_in_range(length, SOL_HEADER, SOL_HEADER + SOL_CHARACTERS);
	memcpy(said.text, p + SOL_HEADER, said.length);
	return said;
}

void say_bytes(struct client *client, uint8_t number, uint8_t acknowledges, uint8_t count,
	       uint8_t operation, const void *text, size_t length)
{
	uint8_t p[SOL_HEADER + SOL_CHARACTERS] = {number, acknowledges, count, operation};
	uint8_t packet[ANSWER_MAX];

	memcpy(p + SOL_HEADER, text, length);
	length = client_wrap(client, PAYLOAD_SOL, p, SOL_HEADER + length, packet);
	client->number++;
	sim_clear();
	sim_receive(client->bmc, packet, length);
}

void say(struct client *client, uint8_t number, const char *text)
{
	say_bytes(client, number, 0, 0, 0, text, strlen(text));
}

void acknowledge(struct client *client, uint8_t number, uint8_t count)
{
	say_bytes(client, 0, number, count, 0, "", 0);
}

void wait_for(double seconds)
{
	sim_clear();
	now += seconds;
	alarm_ring();
}

int activate(struct client *client, uint8_t flags)
{
	const uint8_t request[6] = {PAYLOAD_SOL, 1, flags};

	return client_ask(client, NETFN_APP, ACTIVATE, request, sizeof(request));
}

int deactivate(struct client *client)
{
	return client_ask(client, NETFN_APP, DEACTIVATE, "\1\1\0\0\0\0", 6);
}

void log_in(struct client *client, struct bmc *bmc, int suite)
{
	client_login(client, bmc ? bmc : sim_bmc(), suite);
	assert_int_equal(client_ask(client, NETFN_APP, SET_PRIVILEGE, "\4", 1), 0);
}

struct sol *far_of(struct client *client, const char *far)
{
	struct sol *sol = sol_get(client->bmc);
	const char *why;

	assert_true(sol_console(sol, far, &why));
	return sol;
}

static void end_sessions_of(struct bmc *bmc, void *data)
{
	(void)data;
	while (bmc->sessions)
		session_end(bmc->sessions);
}

int end_sessions(void **state)
{
	(void)state;
	bmc_each(end_sessions_of, NULL);
	return 0;
}

struct sol *open_with(struct client *client, const char *far, const char *fault)
{
	struct bmc *bmc = sim_bmc();
	struct sol *sol;
	const char *why;

	end_sessions(NULL);
	if (fault)
		assert_true(bmc_fault(bmc, fault, &why));
	log_in(client, bmc, 17);
	sol = far_of(client, far);
	assert_int_equal(activate(client, CODED), 0);
	assert_int_equal(sim_nsent, 1);
	return sol;
}

uint8_t heard(struct client *client, const char *text)
{
	struct said packet;

	assert_int_equal(sim_nsent, 1);
	packet = said(client, 0);
	assert_string_equal(packet.text, text);
	assert_int_not_equal(packet.number, 0);
	return packet.number;
}

void assert_acknowledged(struct client *client, uint8_t number, uint8_t count, uint8_t status)
{
	struct said packet;

	assert_int_equal(sim_nsent, 1);
	packet = said(client, 0);
	assert_int_equal(packet.number, 0);
	assert_int_equal(packet.acknowledges, number);
	assert_int_equal(packet.count, count);
	assert_int_equal(packet.status, status);
	assert_int_equal(packet.length, 0);
}

const char *read_on(struct client *client, int steps)
{
	static char text[8192];
	size_t length = 0;

	for (int i = 0; i < steps; i++) {
		wait_for(0.02);
		for (; sim_nsent; acknowledge(client, said(client, 0).number, SOL_CHARACTERS)) {
			assert_int_equal(sim_nsent, 1);
			assert_true(length < sizeof(text) - SOL_CHARACTERS);
			strcpy(text + length, said(client, 0).text);
			length += said(client, 0).length;
		}
	}
	return text;
}

int add_admin(void **state)
{
	const char *why;

	(void)state;
	now = 1000;
	return !setting_add("user", "admin:secret:admin", NULL, &why);
}
