/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator of BMCs without its socket. See simnet.h. */
#include "simnet.h"
#include "tools/bmcsim/server.h"
#include "tools/bmcsim/wire.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct answer sim_sent[SENT_MAX];
unsigned sim_nsent;

static uint16_t port = 5000;

/* -- in place of server.c and delay.c's timer -------------------------------------------------- */

struct answer *server_answer(void)
{
	return &sim_sent[sim_nsent < SENT_MAX ? sim_nsent : SENT_MAX - 1];
}

void server_commit(void)
{
	if (sim_nsent < SENT_MAX)
		sim_nsent++;
}

void server_send(const struct answer *answer)
{
	*server_answer() = *answer;
	server_commit();
}

void server_flush(void)
{
}

/* -- datagrams --------------------------------------------------------------------------------- */

void sim_clear(void)
{
	sim_nsent = 0;
}

struct endpoint sim_peer(uint16_t of_port)
{
	struct endpoint peer = {.length = sizeof(struct sockaddr_in)};

	peer.u.in.sin_family = AF_INET;
	peer.u.in.sin_port = htons(of_port);
	peer.u.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return peer;
}

struct bmc *sim_bmc(void)
{
	static uint32_t next = 0x7f000001;
	uint32_t four = htonl(next++);
	struct address address;

	address_from_v4(&address, &four);
	port++;
	return bmc_get(&address);
}

/* A copy of its own size: a byte too far is found. */
void sim_receive(struct bmc *bmc, const void *bytes, size_t length)
{
	struct endpoint peer = sim_peer(port);
	uint8_t *copy = malloc(length ? length : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, length);
	rmcp_receive(bmc, &peer, copy, length);
	free(copy);
}

static size_t put_message(uint8_t *p, uint8_t netfn, uint8_t command, const void *data,
			  size_t length)
{
	p[0] = 0x20;
	p[1] = (uint8_t)(netfn << 2);
	p[2] = checksum(p, 2);
	p[3] = 0x81;
	p[4] = 7 << 2;
	p[5] = command;
	memcpy(p + 6, data, length);
	p[6 + length] = checksum(p + 3, length + 3);
	return length + 7;
}

static uint8_t *put_rmcp(uint8_t *p)
{
	static const uint8_t header[] = {6, 0, 0xff, 7};

	memcpy(p, header, sizeof(header));
	return p + sizeof(header);
}

/* -- IPMI 1.5 ---------------------------------------------------------------------------------- */

static const uint8_t password[20] = "secret";

static size_t pack15(struct client *client, const uint8_t *message, size_t length,
		     uint8_t packet[ANSWER_MAX])
{
	uint8_t *p = put_rmcp(packet);

	*p++ = client->auth_type;
	put32(p, client->number);
	put32(p + 4, client->id);
	p += 8;
	if (client->auth_type == AUTH_MD5)
		md5_code(password, client->id, message, length, client->number, p);
	else if (client->auth_type)
		memcpy(p, password, 16);
	p += client->auth_type ? 16 : 0;
	*p++ = (uint8_t)length;
	memcpy(p, message, length);
	return (size_t)(p - packet) + length;
}

int sim_ask(struct bmc *bmc, uint8_t netfn, uint8_t command, const void *data, size_t length)
{
	struct client nobody = {.bmc = bmc};

	return client_ask(&nobody, netfn, command, data, length);
}

void client_login15(struct client *client, struct bmc *bmc, uint8_t auth_type)
{
	struct client nobody = {.bmc = bmc};
	uint8_t request[22] = {auth_type, 'a', 'd', 'm', 'i', 'n'};
	const uint8_t *data;
	size_t length;

	*client = (struct client){.bmc = bmc, .auth_type = auth_type};
	client_ask(&nobody, NETFN_APP, 0x39, request, 17);
	if (client_reply(&nobody, &data, &length) || length != 20)
		abort();
	client->id = get32(data);
	request[1] = PRIVILEGE_ADMIN;
	memcpy(request + 2, data + 4, 16);
	put32(request + 18, 100);
	client_ask(client, NETFN_APP, 0x3a, request, 22);
	if (client_reply(client, &data, &length) || length != 10)
		abort();
	client->id = get32(data + 1);
	client->number = get32(data + 5);
}

/* -- RMCP+ ------------------------------------------------------------------------------------- */

static uint8_t *put_header(uint8_t *p, uint8_t payload, uint32_t id, uint32_t number)
{
	p = put_rmcp(p);
	p[0] = AUTH_RMCPPLUS;
	p[1] = payload;
	put32(p + 2, id);
	put32(p + 6, number);
	return p + 12;
}

static void send_setup(struct client *client, uint8_t payload, const uint8_t *bytes, size_t length)
{
	uint8_t packet[ANSWER_MAX], *p = put_header(packet, payload, 0, 0);

	put16(p - 2, (uint16_t)length);
	memcpy(p, bytes, length);
	sim_clear();
	sim_receive(client->bmc, packet, (size_t)(p - packet) + length);
}

void client_open(struct client *client, int suite)
{
	uint8_t p[32] = {0x11, 0, 0, 0, 0xa4, 0xa3, 0xa2, 0xa0, 0, 0, 0, 8, 0, 0, 0, 0,
			 1, 0, 0, 8, 0, 0, 0, 0, 2, 0, 0, 8};

	client->suite = suite_by_id((uint8_t)suite);
	client->console_id = get32(p + 4);
	p[12] = client->suite->rakp;
	p[20] = client->suite->integrity;
	p[28] = client->suite->confidentiality;
	send_setup(client, PAYLOAD_OPEN_REQUEST, p, sizeof(p));
	if (sim_nsent && sim_sent[0].length == 52)
		client->id = get32(sim_sent[0].bytes + 24);
}

void client_rakp1(struct client *client, const char *name)
{
	uint8_t p[64] = {0x22};
	size_t length = strlen(name);

	memset(client->random[0], 0x5a, 16);
	client->role = 0x10 | PRIVILEGE_ADMIN;
	put32(p + 4, client->id);
	memcpy(p + 8, client->random[0], 16);
	p[24] = client->role;
	p[27] = (uint8_t)length;
	memcpy(p + 28, name, length);
	send_setup(client, PAYLOAD_RAKP1, p, 28 + length);
	if (sim_nsent && sim_sent[0].length >= 56)
		memcpy(client->random[1], sim_sent[0].bytes + 24, 16);
}

/* Role, length of the name, name. */
static size_t put_name(const struct client *client, const char *name, uint8_t *p)
{
	p[0] = client->role;
	p[1] = (uint8_t)strlen(name);
	memcpy(p + 2, name, p[1]);
	return p[1] + 2u;
}

void client_rakp3(struct client *client, const char *name, const char *with)
{
	uint8_t p[64] = {0x33}, data[96], sik[DIGEST_MAX], key[20] = {0};
	size_t n;

	memcpy(key, with, strlen(with));
	put32(p + 4, client->id);
	memcpy(data, client->random[1], 16);
	put32(data + 16, client->console_id);
	n = put_name(client, name, data + 20);
	n = rakp_hmac(client->suite->rakp, key, sizeof(key), data, 20 + n, p + 8);
	send_setup(client, PAYLOAD_RAKP3, p, 8 + n);
	memcpy(data, client->random[0], 16);
	memcpy(data + 16, client->random[1], 16);
	n = put_name(client, name, data + 32);
	rakp_hmac(client->suite->rakp, key, sizeof(key), data, 32 + n, sik);
	keys_make(&client->keys, client->suite, sik, key);
	client->number = 1;
}

void client_login(struct client *client, struct bmc *bmc, int suite)
{
	*client = (struct client){.bmc = bmc};
	client_open(client, suite);
	client_rakp1(client, "admin");
	client_rakp3(client, "admin", "secret");
	if (sim_nsent != 1 || sim_sent[0].bytes[17])
		abort();
}

size_t client_wrap(struct client *client, uint8_t payload, const uint8_t *bytes, size_t length,
		   uint8_t packet[ANSWER_MAX])
{
	uint8_t *p, *start;
	const struct suite *suite = client->suite;

	payload |= suite->integrity ? PAYLOAD_AUTHENTICATED : 0;
	payload |= suite->confidentiality ? PAYLOAD_ENCRYPTED : 0;
	start = p = put_header(packet, payload, client->id, client->number);
	if (suite->confidentiality) {
		size_t pad = BLOCK - 1 - length % BLOCK;

		memset(p, 0x77, BLOCK);
		memcpy(p + BLOCK, bytes, length);
		p += BLOCK + length;
		for (size_t i = 1; i <= pad; i++)
			*p++ = (uint8_t)i;
		*p++ = (uint8_t)pad;
		encrypt(&client->keys, start, start + BLOCK, (size_t)(p - start) - BLOCK);
	} else {
		memcpy(p, bytes, length);
		p += length;
	}
	put16(start - 2, (uint16_t)(p - start));
	if (suite->integrity) {
		uint8_t code[DIGEST_MAX], pad = 0;

		for (; (p - packet + 2) % 4; pad++)
			*p++ = 0xff;
		*p++ = pad;
		*p++ = 7;
		length = integrity_code(&client->keys, suite->integrity, packet + 4,
					(size_t)(p - packet) - 4, code);
		memcpy(p, code, length);
		p += length;
	}
	return (size_t)(p - packet);
}

/* -- messages ---------------------------------------------------------------------------------- */

size_t client_pack(struct client *client, uint8_t netfn, uint8_t command, const void *data,
		   size_t length, uint8_t packet[ANSWER_MAX])
{
	uint8_t message[128];

	length = put_message(message, netfn, command, data ? data : "", length);
	if (client->suite)
		return client_wrap(client, PAYLOAD_IPMI, message, length, packet);
	return pack15(client, message, length, packet);
}

size_t client_payload(struct client *client, unsigned answer, uint8_t payload[ANSWER_MAX])
{
	const uint8_t *p = sim_sent[answer].bytes;
	size_t n;

	if (!client->suite) {
		p += p[4] ? 29 : 13;
		n = *p++;
	} else {
		n = get16(p + 14);
		p += 16;
	}
	memcpy(payload, p, n);
	if (client->suite && sim_sent[answer].bytes[5] & PAYLOAD_ENCRYPTED) {
		n -= BLOCK;
		decrypt(&client->keys, p, payload + BLOCK, n);
		memmove(payload, payload + BLOCK, n);
		n -= payload[n - 1] + 1u;
	}
	return n;
}

int client_reply(struct client *client, const uint8_t **data, size_t *length)
{
	static uint8_t copy[ANSWER_MAX];
	uint8_t *p = copy;
	size_t n;

	if (!sim_nsent)
		return -1;
	n = client_payload(client, sim_nsent - 1, copy);
	*data = p + 7;
	*length = n - 8;
	return p[6];
}

int client_ask(struct client *client, uint8_t netfn, uint8_t command, const void *data,
	       size_t length)
{
	uint8_t packet[ANSWER_MAX];
	const uint8_t *reply;

	length = client_pack(client, netfn, command, data, length, packet);
	client->number++;
	sim_clear();
	sim_receive(client->bmc, packet, length);
	return client_reply(client, &reply, &length);
}
