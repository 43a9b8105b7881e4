/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the table of quirks. */
#include "test.h"

#include "base/fault.h"
#include "drivers/ipmi/quirk.h"

#include <errno.h>

static void every_quirk_is_found_by_its_name(void **state)
{
	static const struct {
		const char *name;
		unsigned bits;
	} expected[] = {
		{"authcap", QUIRK_AUTHCAP},
		{"idzero", QUIRK_IDZERO},
		{"unexpectedauth", QUIRK_UNEXPECTEDAUTH},
		{"forcepermsg", QUIRK_FORCEPERMSG},
		{"endianseq", QUIRK_ENDIANSEQ},
		{"noauthcodecheck", QUIRK_NOAUTHCODECHECK},
		{"nochecksumcheck", QUIRK_NOCHECKSUMCHECK},
		{"intel20", QUIRK_INTEL20 | QUIRK_OPENSESSPRIV},
		{"supermicro20", QUIRK_SUPERMICRO20},
		{"sun20", QUIRK_SUN20 | QUIRK_OPENSESSPRIV},
		{"opensesspriv", QUIRK_OPENSESSPRIV},
		{"integritycheckvalue", QUIRK_INTEGRITYCHECKVALUE},
		{"ipmiping", QUIRK_IPMIPING},
		{"solpayloadsize", QUIRK_SOLPAYLOADSIZE},
		{"solport", QUIRK_SOLPORT},
		{"solstatus", QUIRK_SOLSTATUS},
		{"solchannelsupport", QUIRK_SOLCHANNELSUPPORT},
		{"serialalertsdeferred", QUIRK_SERIALALERTSDEFERRED},
		{"solpacketseq", QUIRK_SOLPACKETSEQ},
	};
	size_t n = sizeof(expected) / sizeof(expected[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct quirk_info *info = quirk_at((unsigned)i);
		unsigned bits = 1u << 31;

		assert_string_equal(info->name, expected[i].name);
		assert_int_equal(info->bits, expected[i].bits);
		assert_int_equal(quirk_find(expected[i].name, &bits, NULL), 0);
		assert_int_equal(bits, 1u << 31 | expected[i].bits);
	}
	assert_null(quirk_at((unsigned)n));
	assert_null(quirk_at(UINT32_MAX));
}

static void every_quirk_names_its_machines_and_what_is_done(void **state)
{
	(void)state;
	for (unsigned i = 0; quirk_at(i); i++) {
		assert_true(strlen(quirk_at(i)->seen) > 0);
		assert_true(strlen(quirk_at(i)->help) > 0);
		assert_int_equal(quirk_at(i)->help[strlen(quirk_at(i)->help) - 1], '.');
	}
}

static void an_unknown_quirk_is_told_with_the_nearest_one(void **state)
{
	unsigned bits = 0;
	struct fault f;

	(void)state;
	assert_int_equal(quirk_find("opensespriv", &bits, &f), -EINVAL);
	assert_string_equal(f.text, "there is no quirk \"opensespriv\": did you mean "
			    "\"opensesspriv\"?");
	assert_int_equal(quirk_find("assumeio", &bits, &f), -EINVAL);
	assert_contains(f.text, "there is no quirk \"assumeio\": there are authcap, idzero, ");
	assert_contains(f.text, ", solpacketseq");
	assert_int_equal(quirk_find("", &bits, &f), -EINVAL);
	assert_contains(f.text, "there is no quirk \"\"");
	assert_int_equal(bits, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_quirk_is_found_by_its_name),
		cmocka_unit_test(every_quirk_names_its_machines_and_what_is_done),
		cmocka_unit_test(an_unknown_quirk_is_told_with_the_nearest_one),
	};

	return cmocka_run_group_tests_name("ipmi_quirk", tests, NULL, NULL);
}
