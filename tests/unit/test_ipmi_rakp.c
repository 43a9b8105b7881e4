/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of how a session of IPMI 2.0 is opened: cipher suites, Open Session, RAKP, keys. */
#include "ipmi.h"
#include "ipmi_vectors.h"

#include "drivers/ipmi/quirk.h"
#include "drivers/ipmi/rakp.h"
#include "drivers/ipmi/suite.h"

#include <errno.h>

static struct rakp rakp_of(unsigned suite, unsigned quirks)
{
	struct rakp rakp = {
		.suite = suite_find(suite), .quirks = quirks, .console = CONSOLE_ID, .bmc = BMC_ID,
		.role = ROLE, .user_length = sizeof(USER) - 1,
	};

	assert_non_null(rakp.suite);
	memcpy(rakp.console_random, CONSOLE_RANDOM, RANDOM_SIZE);
	memcpy(rakp.bmc_random, BMC_RANDOM, RANDOM_SIZE);
	memcpy(rakp.guid, GUID, GUID_SIZE);
	/* behind the name there may be anything */
	memset(rakp.user, 0x55, USER_MAX);
	memcpy(rakp.user, USER, sizeof(USER) - 1);
	return rakp;
}

static const struct suite_vector *vector_of(unsigned suite)
{
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		if (suite_vectors[i].suite == suite)
			return &suite_vectors[i];
	}
	fail_msg("no vector of suite %u", suite);
	return NULL;
}

/* The bytes and one more. To be freed. */
static struct view one_more(struct view v)
{
	uint8_t *copy = malloc(v.length + 1);

	assert_non_null(copy);
	if (v.length)
		memcpy(copy, v.at, v.length);
	copy[v.length] = 0x99;
	return (struct view){copy, v.length + 1};
}

/* --- suites --------------------------------------------------------------------------------- */

static void suites_are_those_that_can_be_spoken(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned id = 0; id < 300; id++) {
		const struct suite *suite = suite_find(id);

		if (suite) {
			assert_int_equal(suite->id, id);
			assert_int_equal(vector_of(id)->suite, id);
			n++;
		}
	}
	assert_int_equal(n, COUNT(suite_vectors));
	assert_null(suite_find(4));
	assert_null(suite_find(5));
	assert_null(suite_find(18));
}

static int decode_records(struct view v)
{
	uint32_t set = 0;

	return suite_records_decode(v, &set);
}

static void records_name_suites(void **state)
{
	uint32_t set = 1u << 31;

	(void)state;
	assert_int_equal(suite_records_decode(VIEW("\xc0\x00\x00\x40\x80\xc0\x01\x01\x40\x80"
						   "\xc0\x02\x01\x41\x80\xc0\x03\x01\x41\x81"
						   "\xc0\x11\x03\x44\x81\xc0\x04\x01\x41\x82"),
					      &set), 0);
	assert_int_equal(set, 1u << 31 | 1u << 17 | 0x1f);
	assert_int_equal(suite_records_decode(VIEW(""), &set), 0);
	assert_int_equal(set, 1u << 31 | 1u << 17 | 0x1f);
}

static void records_may_leave_out_what_a_suite_does_not_have(void **state)
{
	uint32_t set = 0;

	(void)state;
	assert_int_equal(suite_records_decode(VIEW("\xc0\x00\x00\xc0\x01\x01\xc0\x02\x01\x41"),
					      &set), 0);
	assert_int_equal(set, 0x07);
}

/* More than one algorithm of a kind; the Sun Fire 4100's tags are wrong. */
static void records_may_have_more_algorithms_and_other_tags(void **state)
{
	uint32_t set = 0;

	(void)state;
	assert_int_equal(suite_records_decode(VIEW("\xc0\x03\x01\x41\x42\x81\x82\xc0\x02\x01\x01\x00"
						   "\xc0\x10\x03\x84\x40"), &set), 0);
	assert_int_equal(set, 1u << 3 | 1u << 2 | 1u << 16);
}

static void records_of_manufacturers_are_passed_over(void **state)
{
	uint32_t set = 0;

	(void)state;
	assert_int_equal(suite_records_decode(VIEW("\xc1\x80\x57\x01\x00\x01\x41\x81"
						   "\xc0\x03\x01\x41\x81"
						   "\xc1\x03\xc0\x11\x00\x01"), &set), 0);
	assert_int_equal(set, 1u << 3);
}

static void records_that_make_no_sense_are_passed_over(void **state)
{
	uint32_t set = 0;

	(void)state;
	/* rubbish in front, a suite with too few algorithms, one that the set has no room for */
	assert_int_equal(suite_records_decode(VIEW("\x17\x81\xc2\xc0\x03\x01\xc0\x40\x01\x41\x81"
						   "\xc0\x02\x01\x41\x80"), &set), 0);
	assert_int_equal(set, 1u << 2);
}

static void records_that_are_cut_are_told(void **state)
{
	uint32_t set = 0;

	(void)state;
	assert_cut_is_refused(decode_records, VIEW("\xc0\x11\x03\x44\x81"), 1);
	assert_cut_is_refused(decode_records, VIEW("\xc1\x80\x57\x01\x00\x01"), 1);
	/* what came before counts */
	assert_int_equal(suite_records_decode(VIEW("\xc0\x03\x01\x41\x81\xc0\x11\x03\x44"), &set),
			 -EPROTO);
	assert_int_equal(set, 1u << 3);
}

/* --- Open Session --------------------------------------------------------------------------- */

static void an_open_session_request_proposes_one_suite(void **state)
{
	struct packet p = {.length = 0};

	(void)state;
	open_session_encode(&p, 0x2a, 4, CONSOLE_ID, suite_find(17));
	assert_packet(p, VIEW("\x2a\x04\x00\x00\xa4\xa3\xa2\xa0"
			      "\x00\x00\x00\x08\x03\x00\x00\x00"
			      "\x01\x00\x00\x08\x04\x00\x00\x00"
			      "\x02\x00\x00\x08\x01\x00\x00\x00"));
}

#define OPEN_SESSION_REPLY \
	"\x2a\x00\x04\x00\xa4\xa3\xa2\xa0\x5c\x1a\x00\x02" \
	"\x00\x00\x00\x08\x03\x00\x00\x00" \
	"\x01\x00\x00\x08\x04\x00\x00\x00" \
	"\x02\x00\x00\x08\x01\x00\x00\x00"

static void an_open_session_reply_is_taken_apart(void **state)
{
	struct open_session reply;

	(void)state;
	assert_int_equal(open_session_decode(VIEW(OPEN_SESSION_REPLY), &reply), 0);
	assert_int_equal(reply.tag, 0x2a);
	assert_int_equal(reply.status, RAKP_OK);
	assert_int_equal(reply.privilege, 4);
	assert_int_equal(reply.console, CONSOLE_ID);
	assert_int_equal(reply.bmc, BMC_ID);
	assert_int_equal(reply.auth, RAKP_HMAC_SHA256);
	assert_int_equal(reply.integrity, INTEGRITY_HMAC_SHA256_128);
	assert_int_equal(reply.confidentiality, CONFIDENTIALITY_AES_CBC_128);
}

static void a_refusal_may_be_short(void **state)
{
	struct open_session reply;
	struct rakp_reply rakp;

	(void)state;
	assert_int_equal(open_session_decode(VIEW("\x2a\x11\x00\x00\xa4\xa3\xa2\xa0"), &reply), 0);
	assert_int_equal(reply.tag, 0x2a);
	assert_int_equal(reply.status, RAKP_NO_SUITE);
	assert_int_equal(reply.console, CONSOLE_ID);
	assert_int_equal(open_session_decode(VIEW("\x2a\x01"), &reply), 0);
	assert_int_equal(reply.status, RAKP_NO_RESOURCES);
	assert_int_equal(reply.console, 0);
	assert_int_equal(open_session_decode(VIEW("\x2a"), &reply), -EPROTO);

	assert_int_equal(rakp2_decode(VIEW("\x2b\x0d\x00\x00\xa4\xa3\xa2\xa0"), &rakp), 0);
	assert_int_equal(rakp.tag, 0x2b);
	assert_int_equal(rakp.status, RAKP_NAME_UNAUTHORIZED);
	assert_int_equal(rakp.console, CONSOLE_ID);
	assert_null(rakp.random);
	assert_int_equal(rakp.code.length, 0);
	assert_int_equal(rakp4_decode(VIEW("\x2c\x0f\x00"), &rakp), 0);
	assert_int_equal(rakp.status, RAKP_INVALID_CODE);
	assert_int_equal(rakp.console, 0);
	assert_int_equal(rakp.code.length, 0);
}

static int decode_open_session(struct view v)
{
	struct open_session reply;

	return open_session_decode(v, &reply);
}

static int decode_rakp2(struct view v)
{
	struct rakp_reply reply;

	return rakp2_decode(v, &reply);
}

static int decode_rakp4(struct view v)
{
	struct rakp_reply reply;

	return rakp4_decode(v, &reply);
}

static void cut_replies_are_refused(void **state)
{
	(void)state;
	assert_cut_is_refused(decode_open_session, VIEW(OPEN_SESSION_REPLY), 0);
	/* how long the code must be is not known here */
	assert_cut_is_refused(decode_rakp2, VIEW("\x2b\x00\x00\x00\xa4\xa3\xa2\xa0" BMC_RANDOM GUID),
			      0);
	assert_cut_is_refused(decode_rakp4, VIEW("\x2c\x00\x00\x00\xa4\xa3\xa2\xa0"), 0);
}

/* --- RAKP messages -------------------------------------------------------------------------- */

static void rakp1_names_the_user(void **state)
{
	const struct rakp rakp = rakp_of(3, 0);
	struct packet p = {.length = 0};

	(void)state;
	rakp1_encode(&p, 0x2b, &rakp);
	assert_packet(p, VIEW("\x2b\x00\x00\x00\x5c\x1a\x00\x02" CONSOLE_RANDOM
			      "\x14\x00\x00\x05" USER));
}

static void rakp1_of_nobody_has_no_name(void **state)
{
	struct rakp rakp = rakp_of(3, 0);
	struct packet p = {.length = 0};

	(void)state;
	rakp.user_length = 0;
	rakp1_encode(&p, 0x2b, &rakp);
	assert_packet(p, VIEW("\x2b\x00\x00\x00\x5c\x1a\x00\x02" CONSOLE_RANDOM
			      "\x14\x00\x00\x00"));
}

static void rakp2_and_rakp4_are_taken_apart(void **state)
{
	struct rakp_reply reply;

	(void)state;
	assert_int_equal(rakp2_decode(VIEW("\x2b\x00\x00\x00\xa4\xa3\xa2\xa0" BMC_RANDOM GUID
					   "the code"), &reply), 0);
	assert_int_equal(reply.tag, 0x2b);
	assert_int_equal(reply.status, RAKP_OK);
	assert_int_equal(reply.console, CONSOLE_ID);
	assert_memory_equal(reply.random, BMC_RANDOM, RANDOM_SIZE);
	assert_memory_equal(reply.guid, GUID, GUID_SIZE);
	assert_view(reply.code, VIEW("the code"));
	assert_int_equal(rakp4_decode(VIEW("\x2c\x00\x00\x00\xa4\xa3\xa2\xa0value"), &reply), 0);
	assert_int_equal(reply.tag, 0x2c);
	assert_int_equal(reply.status, RAKP_OK);
	assert_int_equal(reply.console, CONSOLE_ID);
	assert_view(reply.code, VIEW("value"));
}

static void rakp3_has_a_code_or_a_reason(void **state)
{
	struct packet p = {.length = 0};

	(void)state;
	rakp3_encode(&p, 0x2c, RAKP_OK, BMC_ID, VIEW("the code"));
	assert_packet(p, VIEW("\x2c\x00\x00\x00\x5c\x1a\x00\x02the code"));
	p.length = 0;
	rakp3_encode(&p, 0x2c, RAKP_INVALID_CODE, BMC_ID, VIEW("the code"));
	assert_packet(p, VIEW("\x2c\x0f\x00\x00\x5c\x1a\x00\x02"));
}

/* --- codes and keys ------------------------------------------------------------------------- */

static void the_bmc_proves_that_it_knows_the_password(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite_vector *v = &suite_vectors[i];
		const struct rakp rakp = rakp_of(v->suite, 0);

		assert_int_equal(rakp2_check(&rakp, VIEW(PASSWORD), v->rakp2), 0);
	}
}

static void another_password_shows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite_vector *v = &suite_vectors[i];
		const struct rakp rakp = rakp_of(v->suite, 0);
		int expected = rakp.suite->auth == RAKP_NONE ? 0 : -EBADMSG;

		assert_int_equal(rakp2_check(&rakp, VIEW("twenty bytes secret?"), v->rakp2), expected);
		assert_int_equal(rakp2_check(&rakp, VIEW(""), v->rakp2), expected);
	}
}

static void another_input_shows(void **state)
{
	const struct suite_vector *v = vector_of(17);
	uint8_t *code = exact_copy(v->rakp2);
	struct rakp wrong[8];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		wrong[i] = rakp_of(17, 0);
	wrong[0].console++;
	wrong[1].bmc++;
	wrong[2].console_random[15]++;
	wrong[3].bmc_random[0]++;
	wrong[4].guid[15]++;
	wrong[5].role--;
	wrong[6].user[4]++;
	wrong[7].user_length--;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(rakp2_check(&wrong[i], VIEW(PASSWORD), v->rakp2), -EBADMSG);
	for (size_t i = 0; i < v->rakp2.length; i++) {
		const struct rakp right = rakp_of(17, 0);

		code[i] ^= 1;
		assert_int_equal(rakp2_check(&right, VIEW(PASSWORD),
					     (struct view){code, v->rakp2.length}), -EBADMSG);
		code[i] ^= 1;
	}
	free(code);
}

static void a_code_of_the_wrong_length_is_no_wrong_password(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite_vector *v = &suite_vectors[i];
		const struct rakp rakp = rakp_of(v->suite, 0);
		struct view longer = one_more(v->rakp2);

		assert_int_equal(rakp2_check(&rakp, VIEW(PASSWORD), longer), -EPROTO);
		free((void *)longer.at);
		for (size_t n = 0; n < v->rakp2.length; n++) {
			uint8_t *cut = exact_copy((struct view){v->rakp2.at, n});

			assert_int_equal(rakp2_check(&rakp, VIEW(PASSWORD), (struct view){cut, n}),
					 -EPROTO);
			free(cut);
		}
	}
}

static void we_prove_that_we_know_the_password(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite_vector *v = &suite_vectors[i];
		const struct rakp rakp = rakp_of(v->suite, 0);
		uint8_t code[DIGEST_MAX];
		size_t length = 99;

		assert_int_equal(rakp3_code(&rakp, VIEW(PASSWORD), code, &length), 0);
		assert_view(((struct view){code, length}), v->rakp3);
	}
}

static void assert_keys(const struct session_keys *keys, struct view sik, struct view integrity,
			struct view aes)
{
	static const uint8_t zeros[DIGEST_MAX];

	assert_view(((struct view){keys->sik, keys->sik_length}), sik);
	assert_view(((struct view){keys->integrity, keys->integrity_length}), integrity);
	assert_memory_equal(keys->aes, aes.length ? aes.at : zeros, sizeof(keys->aes));
}

static void keys_are_made_of_the_password(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite_vector *v = &suite_vectors[i];
		const struct rakp rakp = rakp_of(v->suite, 0);
		struct session_keys keys;

		memset(&keys, 0x55, sizeof(keys));
		assert_int_equal(rakp_keys(&rakp, VIEW(PASSWORD), VIEW(""), &keys), 0);
		assert_keys(&keys, v->sik, v->integrity, v->aes);
	}
}

static void keys_are_made_of_kg_where_there_is_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite_vector *v = &suite_vectors[i];
		const struct rakp rakp = rakp_of(v->suite, 0);
		struct session_keys keys;

		assert_int_equal(rakp_keys(&rakp, VIEW(PASSWORD), VIEW(KG), &keys), 0);
		assert_keys(&keys, v->kg_sik, v->kg_integrity, v->kg_aes);
		assert_int_equal(rakp4_check(&rakp, &keys, v->kg_rakp4), 0);
	}
}

static void without_password_md5_128_has_a_key_of_zeros(void **state)
{
	static const uint8_t zeros[PASSWORD_MAX];
	const struct rakp rakp = rakp_of(11, 0);
	struct session_keys keys;

	(void)state;
	assert_int_equal(rakp_keys(&rakp, (struct view){NULL, 0}, VIEW(""), &keys), 0);
	assert_int_equal(keys.integrity_length, PASSWORD_MAX);
	assert_memory_equal(keys.integrity, zeros, PASSWORD_MAX);
}

static void the_bmc_proves_that_it_has_the_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite_vector *v = &suite_vectors[i];
		const struct rakp rakp = rakp_of(v->suite, 0);
		bool none = rakp.suite->auth == RAKP_NONE;
		struct session_keys keys;
		struct view longer = one_more(v->rakp4);

		assert_int_equal(rakp_keys(&rakp, VIEW(PASSWORD), VIEW(""), &keys), 0);
		assert_int_equal(rakp4_check(&rakp, &keys, v->rakp4), 0);
		/* where there is one, a longer one is right as well */
		assert_int_equal(rakp4_check(&rakp, &keys, longer), none ? -EPROTO : 0);
		free((void *)longer.at);
		for (size_t n = 0; n < v->rakp4.length; n++) {
			uint8_t *cut = exact_copy((struct view){v->rakp4.at, n});

			assert_int_equal(rakp4_check(&rakp, &keys, (struct view){cut, n}), -EPROTO);
			free(cut);
		}
	}
}

static void another_kg_shows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(suite_vectors); i++) {
		const struct suite_vector *v = &suite_vectors[i];
		const struct rakp rakp = rakp_of(v->suite, 0);
		struct session_keys keys;

		if (rakp.suite->auth == RAKP_NONE)
			continue;
		assert_int_equal(rakp_keys(&rakp, VIEW(PASSWORD), VIEW(KG), &keys), 0);
		assert_int_equal(rakp4_check(&rakp, &keys, v->rakp4), -EBADMSG);
	}
}

/* --- quirks --------------------------------------------------------------------------------- */

static void intel20_pads_names(void **state)
{
	const struct rakp rakp = rakp_of(3, QUIRK_INTEL20);
	struct packet p = {.length = 0};

	(void)state;
	rakp1_encode(&p, 0x2b, &rakp);
	assert_packet(p, VIEW("\x2b\x00\x00\x00\x5c\x1a\x00\x02" CONSOLE_RANDOM
			      "\x14\x00\x00\x10" USER "\0\0\0\0\0\0\0\0\0\0\0"));
}

static void intel20_has_codes_and_keys_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(intel_vectors); i++) {
		const struct suite_vector *v = &intel_vectors[i];
		const struct rakp rakp = rakp_of(v->suite, QUIRK_INTEL20);
		struct session_keys keys;
		uint8_t code[DIGEST_MAX];
		size_t length;

		assert_int_equal(rakp2_check(&rakp, VIEW(PASSWORD), v->rakp2), 0);
		assert_int_equal(rakp3_code(&rakp, VIEW(PASSWORD), code, &length), 0);
		assert_view(((struct view){code, length}), v->rakp3);
		assert_int_equal(rakp_keys(&rakp, VIEW(PASSWORD), VIEW(""), &keys), 0);
		assert_keys(&keys, v->sik, v->integrity, v->aes);
		assert_int_equal(rakp4_check(&rakp, &keys, v->rakp4), 0);
	}
}

static void intel20_with_md5_128_cannot_be_checked(void **state)
{
	const struct rakp rakp = rakp_of(11, QUIRK_INTEL20);
	struct session_keys keys;

	(void)state;
	assert_int_equal(rakp_keys(&rakp, VIEW(PASSWORD), VIEW(""), &keys), 0);
	assert_int_equal(rakp4_check(&rakp, &keys, vector_of(11)->rakp4), -EBADMSG);
}

/* A byte too long: what came, and with which quirks that is right. */
static void assert_longer_rakp2(unsigned suite, unsigned quirks, int expected)
{
	const struct rakp rakp = rakp_of(suite, quirks);
	struct view longer = one_more(vector_of(suite)->rakp2), longest = one_more(longer);

	assert_int_equal(rakp2_check(&rakp, VIEW(PASSWORD), longer), expected);
	assert_int_equal(rakp2_check(&rakp, VIEW(PASSWORD), longest), -EPROTO);
	assert_int_equal(rakp2_check(&rakp, VIEW(PASSWORD), vector_of(suite)->rakp2), 0);
	((uint8_t *)longer.at)[0] ^= 1;
	if (rakp.suite->auth != RAKP_NONE && !expected)
		assert_int_equal(rakp2_check(&rakp, VIEW(PASSWORD), longer), -EBADMSG);
	free((void *)longer.at);
	free((void *)longest.at);
}

static void supermicro20_has_a_byte_too_many(void **state)
{
	(void)state;
	assert_longer_rakp2(0, QUIRK_SUPERMICRO20, 0);
	assert_longer_rakp2(3, QUIRK_SUPERMICRO20, 0);
	assert_longer_rakp2(8, QUIRK_SUPERMICRO20, 0);
	assert_longer_rakp2(17, QUIRK_SUPERMICRO20, 0);
}

static void sun20_has_a_byte_too_many_with_sha1(void **state)
{
	(void)state;
	assert_longer_rakp2(0, QUIRK_SUN20, -EPROTO);
	assert_longer_rakp2(3, QUIRK_SUN20, 0);
	assert_longer_rakp2(8, QUIRK_SUN20, -EPROTO);
	assert_longer_rakp2(17, QUIRK_SUN20, -EPROTO);
}

static void integritycheckvalue_is_of_suite_0(void **state)
{
	struct rakp rakp = rakp_of(0, QUIRK_INTEGRITYCHECKVALUE);
	struct session_keys keys = {.sik_length = 0};

	(void)state;
	assert_int_equal(rakp4_check(&rakp, &keys, VIEW("any value")), 0);
	assert_int_equal(rakp4_check(&rakp, &keys, VIEW("")), 0);
	rakp = rakp_of(0, 0);
	assert_int_equal(rakp4_check(&rakp, &keys, VIEW("any value")), -EPROTO);
	rakp = rakp_of(3, QUIRK_INTEGRITYCHECKVALUE);
	assert_int_equal(rakp_keys(&rakp, VIEW(PASSWORD), VIEW(""), &keys), 0);
	assert_int_equal(rakp4_check(&rakp, &keys, VIEW("twelve bytes")), -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(suites_are_those_that_can_be_spoken),
		cmocka_unit_test(records_name_suites),
		cmocka_unit_test(records_may_leave_out_what_a_suite_does_not_have),
		cmocka_unit_test(records_may_have_more_algorithms_and_other_tags),
		cmocka_unit_test(records_of_manufacturers_are_passed_over),
		cmocka_unit_test(records_that_make_no_sense_are_passed_over),
		cmocka_unit_test(records_that_are_cut_are_told),
		cmocka_unit_test(an_open_session_request_proposes_one_suite),
		cmocka_unit_test(an_open_session_reply_is_taken_apart),
		cmocka_unit_test(a_refusal_may_be_short),
		cmocka_unit_test(cut_replies_are_refused),
		cmocka_unit_test(rakp1_names_the_user),
		cmocka_unit_test(rakp1_of_nobody_has_no_name),
		cmocka_unit_test(rakp2_and_rakp4_are_taken_apart),
		cmocka_unit_test(rakp3_has_a_code_or_a_reason),
		cmocka_unit_test(the_bmc_proves_that_it_knows_the_password),
		cmocka_unit_test(another_password_shows),
		cmocka_unit_test(another_input_shows),
		cmocka_unit_test(a_code_of_the_wrong_length_is_no_wrong_password),
		cmocka_unit_test(we_prove_that_we_know_the_password),
		cmocka_unit_test(keys_are_made_of_the_password),
		cmocka_unit_test(keys_are_made_of_kg_where_there_is_one),
		cmocka_unit_test(without_password_md5_128_has_a_key_of_zeros),
		cmocka_unit_test(the_bmc_proves_that_it_has_the_keys),
		cmocka_unit_test(another_kg_shows),
		cmocka_unit_test(intel20_pads_names),
		cmocka_unit_test(intel20_has_codes_and_keys_of_its_own),
		cmocka_unit_test(intel20_with_md5_128_cannot_be_checked),
		cmocka_unit_test(supermicro20_has_a_byte_too_many),
		cmocka_unit_test(sun20_has_a_byte_too_many_with_sha1),
		cmocka_unit_test(integritycheckvalue_is_of_suite_0),
	};

	return cmocka_run_group_tests_name("ipmi_rakp", tests, open_crypt, close_crypt);
}
