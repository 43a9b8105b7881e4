/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a BMC may say inside of a session: any plain text in packets that are signed and encrypted
 * rightly, of every suite. The first byte chooses what is done with the others.
 */
#include "drivers/ipmi/rmcpplus.h"
#include "ipmi_answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RMCP_SIZE = 4, HEADER_SIZE = 12, FLAG_ENCRYPTED = 0x80 };

static const uint8_t suites[] = {0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17};

static void make_keys(const struct suite *suite, struct session_keys *keys)
{
	const struct rakp rakp = {.suite = suite, .console = 1, .bmc = 2};

	if (rakp_keys(&rakp, (struct view){(const uint8_t *)"secret", 6}, (struct view){NULL, 0},
		      keys))
		abort();
}

/* A suite that signs as this one, and does not encrypt. */
static const struct suite *unencrypted(const struct suite *suite)
{
	for (size_t i = 0; i < sizeof(suites); i++) {
		const struct suite *other = suite_find(suites[i]);

		if (other->integrity == suite->integrity &&
		    other->confidentiality == CONFIDENTIALITY_NONE)
			return other;
	}
	abort();
}

/* Opens a packet; what is changed anywhere (at a bit of its own choosing) is not opened. */
static int open_packet(const struct packet *p, const struct suite *suite,
		       const struct session_keys *keys, unsigned bit, struct packet *room,
		       struct view *payload)
{
	struct rmcpplus_header header;
	size_t length = p->length - RMCP_SIZE;

	if (suite->integrity != INTEGRITY_NONE) {
		memcpy(room->bytes, p->bytes + RMCP_SIZE, length);
		room->bytes[bit / 8 % length] ^= (uint8_t)(1 << bit % 8);
		if (!rmcpplus_open(room->bytes, length, suite, keys, &header, payload))
			abort();
		memcpy(room->bytes, p->bytes + RMCP_SIZE, length);
		if (!rmcpplus_open(room->bytes, bit % length, suite, keys, &header, payload))
			abort();
	}
	memcpy(room->bytes, p->bytes + RMCP_SIZE, length);
	return rmcpplus_open(room->bytes, length, suite, keys, &header, payload);
}

/* A message comes out as it went in. */
static void send_message(const struct suite *suite, unsigned bit, struct view message)
{
	const struct rmcpplus_header header = {
		.type = PAYLOAD_IPMI, .session = 1, .sequence = bit,
		.encrypted = suite->confidentiality != CONFIDENTIALITY_NONE,
		.authenticated = suite->integrity != INTEGRITY_NONE,
	};
	struct session_keys keys;
	struct packet p, room;
	struct view payload;

	make_keys(suite, &keys);
	if (rmcpplus_encode(&p, &header, suite, &keys, message))
		return;
	if (open_packet(&p, suite, &keys, bit, &room, &payload) ||
	    payload.length != message.length ||
	    (message.length && memcmp(payload.at, message.at, message.length)))
		abort();
	read_message(payload);
}

static void seal_again(struct packet *p, const struct suite *suite, const struct session_keys *keys)
{
	static const enum hash hashes[] = {
		[INTEGRITY_HMAC_SHA1_96] = HASH_SHA1, [INTEGRITY_HMAC_MD5_128] = HASH_MD5,
		[INTEGRITY_HMAC_SHA256_128] = HASH_SHA256,
	};
	size_t size = suite->integrity == INTEGRITY_HMAC_SHA1_96 ? 12 : 16;
	struct view key = {keys->integrity, keys->integrity_length};
	struct view covered = {p->bytes + RMCP_SIZE, p->length - RMCP_SIZE - size};
	const struct view parts[] = {key, covered, key};
	uint8_t code[DIGEST_MAX];
	int err = suite->integrity == INTEGRITY_MD5_128 ?
		  hash_parts(HASH_MD5, parts, 3, code) :
		  hmac_parts(hashes[suite->integrity], key, &covered, 1, code);

	if (err)
		abort();
	memcpy(p->bytes + p->length - size, code, size);
}

/* Blocks with padding of the BMC's own making: refused, or a message that lies within them. */
static void send_blocks(const struct suite *suite, unsigned bit, struct view blocks)
{
	const struct rmcpplus_header header = {
		.type = PAYLOAD_IPMI, .session = 1, .sequence = bit, .authenticated = true,
	};
	struct packet sealed = {.length = 0}, p, room;
	struct session_keys keys;
	struct view payload;
	size_t n = blocks.length / AES_BLOCK * AES_BLOCK;

	if (suite->confidentiality == CONFIDENTIALITY_NONE)
		return;
	make_keys(suite, &keys);
	put_bytes(&sealed, keys.sik, AES_BLOCK);
	put_bytes(&sealed, blocks.at, blocks.length);
	if (sealed.overflow || aes_encrypt(keys.aes, sealed.bytes, sealed.bytes + AES_BLOCK, n))
		return;
	if (rmcpplus_encode(&p, &header, unencrypted(suite), &keys,
			    (struct view){sealed.bytes, sealed.length}))
		return;
	p.bytes[RMCP_SIZE + 1] |= FLAG_ENCRYPTED;
	seal_again(&p, suite, &keys);
	if (open_packet(&p, suite, &keys, bit, &room, &payload))
		return;
	if (n != blocks.length || payload.length >= n || n - payload.length > AES_BLOCK ||
	    (payload.length && memcmp(payload.at, blocks.at, payload.length)))
		abort();
	read_message(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct suite *suite;

	if (size < 3)
		return 0;
	if (crypt_open())
		abort();
	suite = suite_find(suites[data[0] % sizeof(suites)]);
	if (data[0] & 0x80)
		send_blocks(suite, get16(data + 1), (struct view){data + 3, size - 3});
	else
		send_message(suite, get16(data + 1), (struct view){data + 3, size - 3});
	return 0;
}
