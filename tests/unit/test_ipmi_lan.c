/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of what IPMI 1.5 is made of: RMCP, the presence ping, messages, the session wrapper. */
#include "ipmi.h"
#include "ipmi_vectors.h"

#include "drivers/ipmi/lan.h"
#include "drivers/ipmi/message.h"
#include "drivers/ipmi/rmcp.h"

#include <errno.h>

/* --- RMCP ----------------------------------------------------------------------------------- */

static void rmcp_says_which_class_follows(void **state)
{
	struct view ipmi = VIEW("\x06\x00\xff\x07\x99"), asf = VIEW("\x06\x00\x05\x06");

	(void)state;
	assert_int_equal(rmcp_take(&ipmi), RMCP_IPMI);
	assert_view(ipmi, VIEW("\x99"));
	assert_int_equal(rmcp_take(&asf), RMCP_ASF);
	assert_view(asf, VIEW(""));
}

static void what_is_not_rmcp_is_left_as_it_was(void **state)
{
	static const char *const wrong[] = {
		"\x05\x00\xff\x07",	/* version */
		"\x06\x00\xff\x87",	/* acknowledgement */
		"\x06\x00\xff\x08",	/* class */
		"\x06\x00\xff\x00",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct view v = {(const uint8_t *)wrong[i], 4};

		assert_int_equal(rmcp_take(&v), -EPROTO);
		assert_int_equal(v.length, 4);
	}
}

static int take(struct view v)
{
	return rmcp_take(&v);
}

static void a_cut_rmcp_header_is_refused(void **state)
{
	(void)state;
	assert_cut_is_refused(take, VIEW("\x06\x00\xff\x07"), 0);
}

/* --- ping ----------------------------------------------------------------------------------- */

#define PONG \
	"\x00\x00\x11\xbe\x40\x2a\x00\x10" \
	"\x00\x00\x11\xbe\x00\x00\x00\x00\x81\x00\x00\x00\x00\x00\x00\x00"

static void a_ping_is_twelve_bytes(void **state)
{
	struct packet p;

	(void)state;
	ping_encode(&p, 0x2a);
	assert_packet(p, VIEW("\x06\x00\xff\x06\x00\x00\x11\xbe\x80\x2a\x00\x00"));
}

static void a_pong_says_whether_there_is_ipmi(void **state)
{
	uint8_t bytes[sizeof(PONG) - 1];
	struct pong pong;

	(void)state;
	memcpy(bytes, PONG, sizeof(bytes));
	assert_int_equal(pong_decode((struct view){bytes, sizeof(bytes)}, &pong), 0);
	assert_int_equal(pong.tag, 0x2a);
	assert_int_equal(pong.enterprise, 4542);
	assert_true(pong.ipmi);
	bytes[8 + 8] = 0x01;
	bytes[8 + 2] = 0x02;
	assert_int_equal(pong_decode((struct view){bytes, sizeof(bytes)}, &pong), 0);
	assert_int_equal(pong.enterprise, 0x02be);
	assert_false(pong.ipmi);
}

static int decode_pong(struct view v)
{
	struct pong pong;

	return pong_decode(v, &pong);
}

static void what_is_no_pong_is_refused(void **state)
{
	static const size_t places[] = {0, 3, 4, 7};	/* enterprise, type, length */
	uint8_t bytes[sizeof(PONG) - 1];

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		memcpy(bytes, PONG, sizeof(bytes));
		bytes[places[i]] ^= 0x01;
		assert_int_equal(decode_pong((struct view){bytes, sizeof(bytes)}), -EPROTO);
	}
	assert_cut_is_refused(decode_pong, VIEW(PONG), 0);
}

/* --- messages ------------------------------------------------------------------------------- */

static void a_request_has_two_checksums(void **state)
{
	const struct request request = {
		.netfn = NETFN_APP, .command = 0x38, .sequence = 0x3f, .length = 2,
		.data = {0x8e, 0x04},
	};
	struct packet p = {.length = 0};

	(void)state;
	/* 20 + 18 + c8 = 100; 81 + fc + 38 + 8e + 04 + b9 = 300 */
	request_encode(&p, &request);
	assert_packet(p, VIEW("\x20\x18\xc8\x81\xfc\x38\x8e\x04\xb9"));
}

static void a_request_without_data_ends_behind_its_command(void **state)
{
	const struct request request = {.netfn = NETFN_CHASSIS, .command = 0x01, .sequence = 5};
	struct packet p = {.length = 0};

	(void)state;
	request_encode(&p, &request);
	assert_packet(p, VIEW("\x20\x00\xe0\x81\x14\x01\x6a"));
}

#define RESPONSE "\x81\x04\x7b\x20\x14\x01\x00\x61\x10\x70\xea"

static void a_response_is_taken_apart(void **state)
{
	struct response response;

	(void)state;
	assert_int_equal(response_decode(VIEW(RESPONSE), true, &response), 0);
	assert_int_equal(response.netfn, NETFN_CHASSIS);
	assert_int_equal(response.command, 0x01);
	assert_int_equal(response.sequence, 5);
	assert_int_equal(response.completion, 0);
	assert_view(response.data, VIEW("\x61\x10\x70"));
	assert_int_equal(response_decode(VIEW("\x81\x1c\x63\x20\xfc\x3b\xd4\xd5"), true, &response),
			 0);
	assert_int_equal(response.netfn, NETFN_APP);
	assert_int_equal(response.command, 0x3b);
	assert_int_equal(response.sequence, 63);
	assert_int_equal(response.completion, 0xd4);
	assert_int_equal(response.data.length, 0);
}

static void a_wrong_byte_shows_in_a_checksum(void **state)
{
	uint8_t bytes[sizeof(RESPONSE) - 1];
	struct response response;

	(void)state;
	for (size_t i = 2; i < sizeof(bytes); i++) {
		memcpy(bytes, RESPONSE, sizeof(bytes));
		bytes[i] ^= 0x40;
		assert_int_equal(response_decode((struct view){bytes, sizeof(bytes)}, true,
						 &response), -EBADMSG);
		assert_int_equal(response_decode((struct view){bytes, sizeof(bytes)}, false,
						 &response), 0);
	}
}

static void what_is_no_response_to_us_is_refused(void **state)
{
	struct response response;

	(void)state;
	/* to somebody else; a request */
	assert_int_equal(response_decode(VIEW("\x8f\x04\x6d\x20\x14\x01\x00\xcb"), false, &response),
			 -EPROTO);
	assert_int_equal(response_decode(VIEW("\x81\x00\x7f\x20\x14\x01\x00\xcb"), false, &response),
			 -EPROTO);
}

static int decode_unchecked(struct view v)
{
	struct response response;

	return response_decode(v, false, &response);
}

static int decode_checked(struct view v)
{
	struct response response;

	return response_decode(v, true, &response);
}

static void a_cut_response_is_refused(void **state)
{
	(void)state;
	assert_cut_is_refused(decode_checked, VIEW(RESPONSE), 0);
	/* without checksums it cannot be told where the data should end */
	assert_cut_is_refused(decode_unchecked, VIEW("\x81\x04\x7b\x20\x14\x01\x00\xcb"), 0);
}

/* --- the session wrapper --------------------------------------------------------------------- */

static const uint8_t password[LAN_PASSWORD_SIZE] = "secret";
static const uint8_t wrong_password[LAN_PASSWORD_SIZE] = "Secret";

static struct lan_header header_of(const struct lan_vector *vector)
{
	return (struct lan_header){
		.auth = (enum auth_type)vector->auth, .swapped = vector->swapped,
		.sequence = 0x0a0b0c0d, .session = 0x11223344,
	};
}

/* Behind the RMCP header. */
static struct view inside(const struct lan_vector *vector)
{
	return (struct view){vector->packet.at + 4, vector->packet.length - 4};
}

static void packets_are_those_of_the_specification(void **state)
{
	const struct request request = {
		.netfn = NETFN_APP, .command = 0x3b, .sequence = 3, .length = 1, .data = {4},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lan_vectors); i++) {
		struct lan_header header = header_of(&lan_vectors[i]);
		struct packet p;

		lan_begin(&p, &header);
		request_encode(&p, &request);
		assert_int_equal(lan_end(&p, &header, password), 0);
		assert_packet(p, lan_vectors[i].packet);
	}
}

static void packets_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lan_vectors); i++) {
		bool swapped = lan_vectors[i].swapped;
		struct lan_packet packet;

		assert_int_equal(lan_decode(inside(&lan_vectors[i]), swapped, &packet), 0);
		assert_int_equal(packet.header.auth, lan_vectors[i].auth);
		assert_int_equal(packet.header.sequence, 0x0a0b0c0d);
		assert_int_equal(packet.header.session, 0x11223344);
		assert_int_equal(packet.header.swapped, swapped);
		assert_view(packet.payload, VIEW("\x20\x18\xc8\x81\x0c\x3b\x04\x34"));
		if (packet.header.auth == AUTH_NONE)
			assert_null(packet.code);
		assert_int_equal(lan_check(&packet, password), 0);
	}
}

static void a_sequence_number_is_swapped_only_when_told(void **state)
{
	struct lan_packet packet;

	(void)state;
	assert_int_equal(lan_decode(inside(&lan_vectors[0]), true, &packet), 0);
	assert_int_equal(packet.header.sequence, 0x0d0c0b0a);
}

static void a_code_by_another_password_is_wrong(void **state)
{
	struct lan_packet packet;

	(void)state;
	for (size_t i = 0; i < COUNT(lan_vectors); i++) {
		assert_int_equal(lan_decode(inside(&lan_vectors[i]), lan_vectors[i].swapped,
					    &packet), 0);
		assert_int_equal(lan_check(&packet, wrong_password),
				 packet.header.auth == AUTH_NONE ? 0 : -EBADMSG);
	}
}

/* By MD5: the straight password says nothing of the rest. */
static void a_changed_packet_has_a_wrong_code(void **state)
{
	struct view v = inside(&lan_vectors[1]);
	uint8_t *bytes = exact_copy(v);

	(void)state;
	assert_int_equal(lan_vectors[1].auth, AUTH_MD5);
	for (size_t i = 1; i < v.length; i++) {
		struct lan_packet packet;

		if (i == 25)		/* the length */
			continue;
		bytes[i] ^= 0x10;
		assert_int_equal(lan_decode((struct view){bytes, v.length}, false, &packet), 0);
		assert_int_equal(lan_check(&packet, password), -EBADMSG);
		bytes[i] ^= 0x10;
	}
	free(bytes);
}

static void other_authentication_is_not_supported(void **state)
{
	static const enum auth_type others[] = {AUTH_MD2, AUTH_OEM};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		const struct lan_header header = {.auth = others[i]};
		struct lan_packet packet;
		struct packet p;

		lan_begin(&p, &header);
		put8(&p, 1);
		assert_int_equal(lan_end(&p, &header, password), -ENOTSUP);
		assert_int_equal(lan_decode((struct view){p.bytes + 4, p.length - 4}, false,
					    &packet), 0);
		assert_int_equal(lan_check(&packet, password), -ENOTSUP);
	}
}

static void no_more_than_255_bytes_are_sent(void **state)
{
	const struct lan_header header = {.auth = AUTH_MD5};
	uint8_t payload[256] = {0};
	struct packet p;

	(void)state;
	lan_begin(&p, &header);
	put_bytes(&p, payload, 255);
	assert_int_equal(lan_end(&p, &header, password), 0);
	lan_begin(&p, &header);
	put_bytes(&p, payload, 256);
	assert_int_equal(lan_end(&p, &header, password), -EMSGSIZE);
	lan_begin(&p, &header);
	for (int i = 0; i < 2; i++)
		put_bytes(&p, payload, 256);
	assert_true(p.overflow);
	assert_int_equal(lan_end(&p, &header, password), -EMSGSIZE);
}

static void a_byte_of_padding_may_follow(void **state)
{
	uint8_t bytes[64] = {0};
	struct lan_packet packet;
	struct view v = inside(&lan_vectors[1]);

	(void)state;
	memcpy(bytes, v.at, v.length);
	assert_int_equal(lan_decode((struct view){bytes, v.length + 1}, false, &packet), 0);
	assert_int_equal(packet.payload.length, 8);
	assert_int_equal(lan_check(&packet, password), 0);
	assert_int_equal(lan_decode((struct view){bytes, v.length + 2}, false, &packet), -EPROTO);
}

static int decode_lan(struct view v)
{
	struct lan_packet packet;

	return lan_decode(v, false, &packet);
}

static void what_is_no_packet_of_version_1_5_is_refused(void **state)
{
	static const uint8_t wrong[] = {3, 6, 7, 0x0f};
	uint8_t bytes[11] = {0};

	(void)state;
	assert_int_equal(decode_lan((struct view){bytes, 10}), 0);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		bytes[0] = wrong[i];
		assert_int_equal(decode_lan((struct view){bytes, 10}), -EPROTO);
	}
	for (size_t i = 0; i < COUNT(lan_vectors); i++)
		assert_cut_is_refused(decode_lan, inside(&lan_vectors[i]), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rmcp_says_which_class_follows),
		cmocka_unit_test(what_is_not_rmcp_is_left_as_it_was),
		cmocka_unit_test(a_cut_rmcp_header_is_refused),
		cmocka_unit_test(a_ping_is_twelve_bytes),
		cmocka_unit_test(a_pong_says_whether_there_is_ipmi),
		cmocka_unit_test(what_is_no_pong_is_refused),
		cmocka_unit_test(a_request_has_two_checksums),
		cmocka_unit_test(a_request_without_data_ends_behind_its_command),
		cmocka_unit_test(a_response_is_taken_apart),
		cmocka_unit_test(a_wrong_byte_shows_in_a_checksum),
		cmocka_unit_test(what_is_no_response_to_us_is_refused),
		cmocka_unit_test(a_cut_response_is_refused),
		cmocka_unit_test(packets_are_those_of_the_specification),
		cmocka_unit_test(packets_are_taken_apart),
		cmocka_unit_test(a_sequence_number_is_swapped_only_when_told),
		cmocka_unit_test(a_code_by_another_password_is_wrong),
		cmocka_unit_test(a_changed_packet_has_a_wrong_code),
		cmocka_unit_test(other_authentication_is_not_supported),
		cmocka_unit_test(no_more_than_255_bytes_are_sent),
		cmocka_unit_test(a_byte_of_padding_may_follow),
		cmocka_unit_test(what_is_no_packet_of_version_1_5_is_refused),
	};

	return cmocka_run_group_tests_name("ipmi_lan", tests, open_crypt, close_crypt);
}
