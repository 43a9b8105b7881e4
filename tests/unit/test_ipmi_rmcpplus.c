/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the session wrapper of IPMI 2.0: what is sent, and what is accepted. */
#include "ipmi.h"
#include "ipmi_vectors.h"

#include "drivers/ipmi/message.h"
#include "drivers/ipmi/rmcpplus.h"

#include <errno.h>

enum { RMCP_SIZE = 4, HEADER_SIZE = 12, SHA1_96_SIZE = 12 };

#define REQUEST	 "\x20\x00\xe0\x81\x14\x01\x6a"
#define RESPONSE "\x81\x04\x7b\x20\x14\x01\x00\x61\x10\x70\xea"

static struct session_keys keys_of(const struct suite_vector *v)
{
	struct session_keys keys = {
		.sik_length = (uint8_t)v->sik.length,
		.integrity_length = (uint8_t)v->integrity.length,
	};

	if (v->sik.length)
		memcpy(keys.sik, v->sik.at, v->sik.length);
	if (v->integrity.length)
		memcpy(keys.integrity, v->integrity.at, v->integrity.length);
	if (v->aes.length)
		memcpy(keys.aes, v->aes.at, v->aes.length);
	return keys;
}

static struct rmcpplus_header header_of(const struct suite *suite, uint32_t session,
					uint32_t sequence)
{
	return (struct rmcpplus_header){
		.type = PAYLOAD_IPMI, .session = session, .sequence = sequence,
		.encrypted = suite->confidentiality != CONFIDENTIALITY_NONE,
		.authenticated = suite->integrity != INTEGRITY_NONE,
	};
}

/* Opens what lies behind the RMCP header, in memory of its own; *bytes is to be freed. */
static int open_copy(struct view packet, const struct suite *suite, const struct session_keys *keys,
		     struct rmcpplus_header *header, struct view *payload, uint8_t **bytes)
{
	struct view inside = {packet.at + RMCP_SIZE, packet.length - RMCP_SIZE};

	*bytes = exact_copy(inside);
	return rmcpplus_open(*bytes, inside.length, suite, keys, header, payload);
}

static int try_open(struct view packet, const struct suite *suite, const struct session_keys *keys)
{
	struct rmcpplus_header header;
	struct view payload;
	uint8_t *bytes;
	int err = open_copy(packet, suite, keys, &header, &payload, &bytes);

	free(bytes);
	return err;
}

/* --- what is sent --------------------------------------------------------------------------- */

static void signed_packets_are_those_of_the_specification(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		const struct session_keys keys = keys_of(&suite_vectors[i]);
		struct rmcpplus_header header = header_of(suite, BMC_ID, 0x01020304);
		struct packet p;

		if (header.encrypted)
			continue;
		assert_int_equal(rmcpplus_encode(&p, &header, suite, &keys, VIEW(REQUEST)), 0);
		assert_packet(p, suite_vectors[i].request);
	}
}

/* The initialisation vector differs each time: all but that is as the specification says. */
static void encrypted_packets_are_those_of_the_specification(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		const struct session_keys keys = keys_of(&suite_vectors[i]);
		struct rmcpplus_header header = header_of(suite, BMC_ID, 0x01020304);
		const uint8_t *iv;
		struct packet p, q;

		if (!header.encrypted)
			continue;
		assert_int_equal(rmcpplus_encode(&p, &header, suite, &keys, VIEW(REQUEST)), 0);
		assert_int_equal(rmcpplus_encode(&q, &header, suite, &keys, VIEW(REQUEST)), 0);
		assert_int_equal(p.length, suite_vectors[i].request.length);
		assert_memory_equal(p.bytes, suite_vectors[i].request.at, RMCP_SIZE + HEADER_SIZE);
		iv = p.bytes + RMCP_SIZE + HEADER_SIZE;
		assert_memory_not_equal(iv, q.bytes + RMCP_SIZE + HEADER_SIZE, AES_BLOCK);
		assert_int_equal(aes_decrypt(keys.aes, iv, p.bytes + RMCP_SIZE + HEADER_SIZE +
					     AES_BLOCK, AES_BLOCK), 0);
		assert_memory_equal(iv + AES_BLOCK, REQUEST "\x01\x02\x03\x04\x05\x06\x07\x08\x08",
				    AES_BLOCK);
	}
}

static void what_is_sent_can_be_opened_at_any_length(void **state)
{
	uint8_t payload[128];

	(void)state;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		const struct session_keys keys = keys_of(&suite_vectors[i]);
		struct rmcpplus_header header = header_of(suite, BMC_ID, 7), seen;

		for (size_t n = 0; n <= sizeof(payload); n++) {
			struct view sent = {payload, n}, got;
			struct packet p;
			uint8_t *bytes;

			assert_int_equal(rmcpplus_encode(&p, &header, suite, &keys, sent), 0);
			assert_int_equal(open_copy((struct view){p.bytes, p.length}, suite, &keys,
						   &seen, &got, &bytes), 0);
			assert_view(got, sent);
			free(bytes);
		}
	}
}

static void a_payload_without_session_is_neither_signed_nor_encrypted(void **state)
{
	const struct rmcpplus_header header = {.type = PAYLOAD_RAKP_1};
	struct rmcpplus_header seen;
	struct view payload;
	struct packet p;
	uint8_t *bytes;

	(void)state;
	assert_int_equal(rmcpplus_encode(&p, &header, NULL, NULL, VIEW("payload")), 0);
	assert_packet(p, VIEW("\x06\x00\xff\x07\x06\x12\0\0\0\0\0\0\0\0\x07\x00payload"));
	assert_int_equal(open_copy((struct view){p.bytes, p.length}, NULL, NULL, &seen, &payload,
				   &bytes), 0);
	assert_int_equal(seen.type, PAYLOAD_RAKP_1);
	assert_view(payload, VIEW("payload"));
	free(bytes);
}

static size_t expected_length(const struct suite *suite, size_t payload)
{
	static const size_t codes[] = {
		[INTEGRITY_HMAC_SHA1_96] = 12, [INTEGRITY_HMAC_MD5_128] = 16,
		[INTEGRITY_MD5_128] = 16, [INTEGRITY_HMAC_SHA256_128] = 16,
	};
	size_t length = RMCP_SIZE + HEADER_SIZE;

	length += suite->confidentiality == CONFIDENTIALITY_NONE ?
		  payload : AES_BLOCK + (payload + 1 + AES_BLOCK - 1) / AES_BLOCK * AES_BLOCK;
	return suite->integrity == INTEGRITY_NONE ?
	       length : (length + 2 + 3) / 4 * 4 + codes[suite->integrity];
}

static void what_does_not_fit_is_told(void **state)
{
	static const uint8_t payload[PACKET_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		const struct session_keys keys = keys_of(&suite_vectors[i]);
		struct rmcpplus_header header = header_of(suite, BMC_ID, 7);

		for (size_t n = 0; n <= sizeof(payload); n++) {
			struct packet p;
			bool fits = expected_length(suite, n) <= PACKET_MAX;

			assert_int_equal(rmcpplus_encode(&p, &header, suite, &keys,
							 (struct view){payload, n}),
					 fits ? 0 : -EMSGSIZE);
			if (fits)
				assert_int_equal(p.length, expected_length(suite, n));
		}
	}
}

/* --- what is accepted ------------------------------------------------------------------------ */

static void answers_are_opened(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		const struct session_keys keys = keys_of(&suite_vectors[i]);
		struct rmcpplus_header header;
		struct view payload;
		uint8_t *bytes;

		assert_int_equal(open_copy(suite_vectors[i].response, suite, &keys, &header, &payload,
					   &bytes), 0);
		assert_int_equal(header.type, PAYLOAD_IPMI);
		assert_int_equal(header.session, CONSOLE_ID);
		assert_int_equal(header.sequence, 0x05060708);
		assert_view(payload, VIEW(RESPONSE));
		free(bytes);
	}
}

static void a_peek_shows_whose_packet_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		struct view packet = suite_vectors[i].response;
		struct rmcpplus_header header;

		assert_int_equal(rmcpplus_peek((struct view){packet.at + RMCP_SIZE,
							     packet.length - RMCP_SIZE}, &header), 0);
		assert_int_equal(header.session, CONSOLE_ID);
		assert_int_equal(header.sequence, 0x05060708);
		assert_int_equal(header.authenticated, suite->integrity != INTEGRITY_NONE);
		assert_int_equal(header.encrypted,
				 suite->confidentiality != CONFIDENTIALITY_NONE);
	}
}

/* Of suites that sign: no bit of a packet can be changed. */
static void a_changed_packet_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		const struct session_keys keys = keys_of(&suite_vectors[i]);
		struct view packet = suite_vectors[i].response;
		uint8_t *changed = exact_copy(packet);

		for (size_t bit = RMCP_SIZE * 8; bit < packet.length * 8; bit++) {
			if (suite->integrity == INTEGRITY_NONE)
				break;
			changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_true(try_open((struct view){changed, packet.length}, suite, &keys) < 0);
			changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		free(changed);
	}
}

static void a_wrong_signature_is_told_from_a_malformed_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		struct session_keys keys = keys_of(&suite_vectors[i]);
		struct view packet = suite_vectors[i].response;
		uint8_t *changed = exact_copy(packet);

		if (suite->integrity != INTEGRITY_NONE) {
			changed[packet.length - 1] ^= 1;
			assert_int_equal(try_open((struct view){changed, packet.length}, suite,
						  &keys), -EBADMSG);
			keys.integrity[0] ^= 1;
			assert_int_equal(try_open(packet, suite, &keys), -EBADMSG);
		}
		free(changed);
	}
}

/* Each suite's packet, to each suite's session: it takes its own kind. */
static void a_session_takes_no_less_than_its_suite_demands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		const struct session_keys keys = keys_of(&suite_vectors[i]);

		for (size_t j = 0; j < COUNT(suite_vectors); j++) {
			const struct suite *other = suite_find(suite_vectors[j].suite);
			int err = try_open(suite_vectors[j].response, suite, &keys);

			if (other->integrity == suite->integrity &&
			    other->confidentiality == suite->confidentiality)
				continue;
			assert_true(err < 0);
			if (other->integrity == INTEGRITY_NONE && suite->integrity != INTEGRITY_NONE)
				assert_int_equal(err, -EBADMSG);
			else if (other->confidentiality != suite->confidentiality)
				assert_int_equal(err, -EPROTO);
		}
	}
}

static void without_a_session_nothing_signed_or_encrypted_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite *suite = suite_find(suite_vectors[i].suite);
		bool plain = suite->integrity == INTEGRITY_NONE &&
			     suite->confidentiality == CONFIDENTIALITY_NONE;

		assert_int_equal(try_open(suite_vectors[i].response, NULL, NULL),
				 plain ? 0 : -EPROTO);
	}
}

/* Opens a packet of suite 3 that is signed rightly around these blocks, whatever they are. */
static int open_sealed(struct view plain)
{
	const struct suite_vector *v = suite_vectors;
	struct packet blocks = {.length = 0}, p;
	struct rmcpplus_header header;
	struct session_keys keys;
	struct view covered;

	while (v->suite != 3)
		v++;
	keys = keys_of(v);
	put_bytes(&blocks, "initial vector.", AES_BLOCK);
	put_bytes(&blocks, plain.at, plain.length);
	if (plain.length % AES_BLOCK == 0)
		assert_int_equal(aes_encrypt(keys.aes, blocks.bytes, blocks.bytes + AES_BLOCK,
					     plain.length), 0);
	header = header_of(suite_find(2), CONSOLE_ID, 1);
	assert_int_equal(rmcpplus_encode(&p, &header, suite_find(2), &keys,
					 (struct view){blocks.bytes, blocks.length}), 0);
	/* say that it is encrypted, and sign again */
	p.bytes[RMCP_SIZE + 1] |= 0x80;
	covered = (struct view){p.bytes + RMCP_SIZE, p.length - RMCP_SIZE - SHA1_96_SIZE};
	assert_int_equal(hmac_parts(HASH_SHA1, v->integrity, &covered, 1,
				    p.bytes + RMCP_SIZE + covered.length), 0);
	return try_open((struct view){p.bytes, p.length}, suite_find(3), &keys);
}

/* The trailer of a signed packet that says another length of padding, and is signed again. */
static void the_trailers_padding_is_as_long_as_it_says(void **state)
{
	const struct suite *suite = suite_find(2);
	const struct suite_vector *v = suite_vectors;
	struct rmcpplus_header header = header_of(suite, CONSOLE_ID, 1);
	struct session_keys keys;

	(void)state;
	while (v->suite != 2)
		v++;
	keys = keys_of(v);
	for (uint8_t says = 0; says < 8; says++) {
		struct view covered;
		struct packet p;

		/* 12 + 11 + 2 bytes want 3 of padding */
		assert_int_equal(rmcpplus_encode(&p, &header, suite, &keys, VIEW(RESPONSE)), 0);
		covered = (struct view){p.bytes + RMCP_SIZE, p.length - RMCP_SIZE - SHA1_96_SIZE};
		p.bytes[RMCP_SIZE + covered.length - 2] = says;
		assert_int_equal(hmac_parts(HASH_SHA1, v->integrity, &covered, 1,
					    p.bytes + RMCP_SIZE + covered.length), 0);
		assert_int_equal(try_open((struct view){p.bytes, p.length}, suite, &keys),
				 says == 3 ? 0 : -EPROTO);
	}
}

static void padding_is_checked(void **state)
{
	(void)state;
	assert_int_equal(open_sealed(VIEW("message\x01\x02\x03\x04\x05\x06\x07\x08\x08")), 0);
	assert_int_equal(open_sealed(VIEW("\x01\x02\x03\x04\x05\x06\x07\x08"
					  "\x09\x0a\x0b\x0c\x0d\x0e\x0f\x0f")), 0);
	/* wrong in the beginning, in the end, longer than a block, longer than what is there */
	assert_int_equal(open_sealed(VIEW("message\x02\x02\x03\x04\x05\x06\x07\x08\x08")),
			 -EPROTO);
	assert_int_equal(open_sealed(VIEW("message\x01\x02\x03\x04\x05\x06\x07\x09\x08")),
			 -EPROTO);
	assert_int_equal(open_sealed(VIEW("0123456789abcde\x01"
					  "\x02\x03\x04\x05\x06\x07\x08\x09"
					  "\x0a\x0b\x0c\x0d\x0e\x0f\x10\x10")), -EPROTO);
	assert_int_equal(open_sealed(VIEW("0123456789abcde\xff")), -EPROTO);
}

static void encrypted_payloads_are_whole_blocks(void **state)
{
	(void)state;
	assert_int_equal(open_sealed(VIEW("")), -EPROTO);
	assert_int_equal(open_sealed(VIEW("0123456789abcd\x00")), -EPROTO);
	assert_int_equal(open_sealed(VIEW("0123456789abcdef\x00")), -EPROTO);
}

static int peek(struct view v)
{
	struct rmcpplus_header header;

	return rmcpplus_peek(v, &header);
}

static const struct suite_vector *cutting;

static int open_cut(struct view v)
{
	const struct session_keys keys = keys_of(cutting);
	struct rmcpplus_header header;
	struct view payload;

	return rmcpplus_open((uint8_t *)v.at, v.length, suite_find(cutting->suite), &keys, &header,
			     &payload);
}

static void cut_packets_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		struct view packet = suite_vectors[i].response;
		struct view inside = {packet.at + RMCP_SIZE, packet.length - RMCP_SIZE};

		cutting = &suite_vectors[i];
		assert_cut_is_refused(open_cut, inside, 0);
		/* a peek needs no trailer */
		inside.length = (size_t)HEADER_SIZE + get16(inside.at + 10);
		assert_cut_is_refused(peek, inside, 0);
	}
}

static void what_follows_an_unsigned_payload_is_refused(void **state)
{
	(void)state;
	assert_int_equal(peek(VIEW("\x06\x00\0\0\0\0\0\0\0\0\x02\x00xy")), 0);
	assert_int_equal(peek(VIEW("\x06\x00\0\0\0\0\0\0\0\0\x02\x00xyz")), -EPROTO);
}

static void what_is_no_packet_of_version_2_is_refused(void **state)
{
	(void)state;
	assert_int_equal(peek(VIEW("\x06\x00\0\0\0\0\0\0\0\0\x00\x00")), 0);
	assert_int_equal(peek(VIEW("\x00\x00\0\0\0\0\0\0\0\0\x00\x00")), -EPROTO);
	assert_int_equal(peek(VIEW("\x02\x00\0\0\0\0\0\0\0\0\x00\x00")), -EPROTO);
	/* a manufacturer's payload, which has a longer header */
	assert_int_equal(peek(VIEW("\x06\x02\0\0\0\0\0\0\0\0\x00\x00")), -EPROTO);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_packets_are_those_of_the_specification),
		cmocka_unit_test(encrypted_packets_are_those_of_the_specification),
		cmocka_unit_test(what_is_sent_can_be_opened_at_any_length),
		cmocka_unit_test(a_payload_without_session_is_neither_signed_nor_encrypted),
		cmocka_unit_test(what_does_not_fit_is_told),
		cmocka_unit_test(answers_are_opened),
		cmocka_unit_test(a_peek_shows_whose_packet_it_is),
		cmocka_unit_test(a_changed_packet_is_refused),
		cmocka_unit_test(a_wrong_signature_is_told_from_a_malformed_packet),
		cmocka_unit_test(a_session_takes_no_less_than_its_suite_demands),
		cmocka_unit_test(without_a_session_nothing_signed_or_encrypted_is_taken),
		cmocka_unit_test(the_trailers_padding_is_as_long_as_it_says),
		cmocka_unit_test(padding_is_checked),
		cmocka_unit_test(encrypted_payloads_are_whole_blocks),
		cmocka_unit_test(cut_packets_are_refused),
		cmocka_unit_test(what_follows_an_unsigned_payload_is_refused),
		cmocka_unit_test(what_is_no_packet_of_version_2_is_refused),
	};

	return cmocka_run_group_tests_name("ipmi_rmcpplus", tests, open_crypt, close_crypt);
}
