/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What verbs can be done with, and what is said of what they cannot. */
#include "test.h"
#include "base/fault.h"
#include "base/text.h"
#include "engine/plan.h"
#include "engine/words.h"
#include "fakedriver.h"
#include "model/machine.h"
#include "model/select.h"

#include <errno.h>

static struct fault fault;

static int check(enum verb verb, const char *text)
{
	char **words;
	size_t n;
	int err;

	assert_int_equal(words_split(text, &words, &n, NULL), 0);
	fault.text[0] = '\0';
	err = verb_check_words(verb, n, words, &fault);
	free(words);
	return err;
}

static void refuses(enum verb verb, const char *text, const char *sentence)
{
	assert_int_equal(check(verb, text), -EINVAL);
	assert_string_equal(fault.text, sentence);
}

static void reads_bootdev(const char *text, enum bootdev_device device, bool always, bool efi)
{
	struct bootdev bootdev;
	char **words;
	size_t n;

	assert_int_equal(words_split(text, &words, &n, NULL), 0);
	assert_int_equal(bootdev_parse(n, words, &bootdev, &fault), 0);
	assert_int_equal(bootdev.device, device);
	assert_int_equal(bootdev.always, always);
	assert_int_equal(bootdev.efi, efi);
	free(words);
}

static void bootdev_takes_a_device_and_manners(void **state)
{
	(void)state;
	reads_bootdev("pxe", BOOTDEV_PXE, false, false);
	reads_bootdev("none once legacy", BOOTDEV_NONE, false, false);
	reads_bootdev("disk always", BOOTDEV_DISK, true, false);
	reads_bootdev("safe efi", BOOTDEV_SAFE, false, true);
	reads_bootdev("diag efi always", BOOTDEV_DIAG, true, true);
	reads_bootdev("cdrom always efi", BOOTDEV_CDROM, true, true);
	reads_bootdev("bios once efi", BOOTDEV_BIOS, false, true);
	reads_bootdev("floppy efi efi", BOOTDEV_FLOPPY, false, true);
}

static void what_is_no_boot_device_is_told(void **state)
{
	(void)state;
	refuses(VERB_BOOTDEV, "", "bootdev wants a device: none, pxe, disk, safe, diag, cdrom, "
		"bios or floppy");
	refuses(VERB_BOOTDEV, "cdorm", "there is no boot device \"cdorm\": did you mean "
		"\"cdrom\"?");
	refuses(VERB_BOOTDEV, "moon", "there is no boot device \"moon\": choose none, pxe, disk, "
		"safe, diag, cdrom, bios or floppy");
	refuses(VERB_BOOTDEV, "pxe twice", "bootdev takes no \"twice\" behind the device: write "
		"once or always, legacy or efi");
	refuses(VERB_BOOTDEV, "pxe always once", "bootdev cannot do both \"always\" and \"once\"");
	refuses(VERB_BOOTDEV, "pxe legacy always efi",
		"bootdev cannot do both \"legacy\" and \"efi\"");
}

static void reads_identify(const char *text, bool off, bool forever, unsigned seconds)
{
	struct identify identify;
	char **words;
	size_t n;

	assert_int_equal(words_split(text, &words, &n, NULL), 0);
	assert_int_equal(identify_parse(n, words, &identify, &fault), 0);
	assert_int_equal(identify.off, off);
	assert_int_equal(identify.forever, forever);
	if (!off && !forever)
		assert_int_equal(identify.seconds, seconds);
	free(words);
}

static void identify_takes_a_time_on_or_off(void **state)
{
	(void)state;
	reads_identify("", false, false, 15);
	reads_identify("1s", false, false, 1);
	reads_identify("90", false, false, 90);
	reads_identify("4m15s", false, false, 255);
	reads_identify("on", false, true, 0);
	reads_identify("off", true, false, 0);
}

static void what_is_no_time_to_identify_is_told(void **state)
{
	(void)state;
	refuses(VERB_IDENTIFY, "0s",
		"identify cannot be \"0s\": write a time of 1s to 255s, on or off");
	refuses(VERB_IDENTIFY, "256s",
		"identify cannot be \"256s\": write a time of 1s to 255s, on or off");
	refuses(VERB_IDENTIFY, "1500ms",
		"identify cannot be \"1500ms\": write a time of 1s to 255s, on or off");
	refuses(VERB_IDENTIFY, "blink",
		"identify cannot be \"blink\": write a time of 1s to 255s, on or off");
	refuses(VERB_IDENTIFY, "on off", "identify takes one word, not \"off\" as well");
}

static void other_verbs_take_no_words(void **state)
{
	(void)state;
	for (unsigned verb = 0; verb < verb_count(); verb++) {
		if (verb != VERB_BOOTDEV && !verb_info(verb)->check_words)
			assert_int_equal(check(verb, ""), 0);
	}
	refuses(VERB_OFF, "pxe", "off takes no \"pxe\"");
	refuses(VERB_DIAGNOSE, "on", "diagnose takes no \"on\"");
}

static void snapshots_have_names_that_disks_can_keep(void **state)
{
	(void)state;
	assert_int_equal(check(VERB_SNAPSHOT, "before-upgrade"), 0);
	assert_int_equal(check(VERB_SNAPSHOT, "keep load"), 0);
	assert_int_equal(check(VERB_SNAPSHOT, "load 2026-11.a"), 0);
	assert_int_equal(check(VERB_SNAPSHOT, "list"), 0);
	refuses(VERB_SNAPSHOT, "", "snapshot wants a name, load NAME, delete NAME or list");
	refuses(VERB_SNAPSHOT, "load", "snapshot cannot do \"load\": write a name, load NAME, "
		"delete NAME or list");
	refuses(VERB_SNAPSHOT, "a/b", "\"a/b\" is no name for a snapshot: write letters, digits and "
		"._-, 64 at most");
	refuses(VERB_SNAPSHOT, "delete -x", "\"-x\" is no name for a snapshot: write letters, digits "
		"and ._-, 64 at most");
}

static void hosts_to_move_to_and_magic_keys_are_checked(void **state)
{
	(void)state;
	assert_int_equal(check(VERB_MIGRATE, "h2:4444"), 0);
	refuses(VERB_MIGRATE, "", "migrate wants one host to move to, as in \"migrate h2:4444\"");
	assert_int_equal(check(VERB_SYSRQ, "seiuo"), 0);
	refuses(VERB_SYSRQ, "S", "\"S\": there is no magic key \"S\": they are small letters and "
		"digits");
}

static void no_plan_is_made_of_wrong_words(void **state)
{
	char moon[] = "moon", *words[] = {moon};
	const struct plan_options options = {.words = words, .nwords = 1};
	struct model *model = model_of("machine \"a\" { fake = yes }");
	struct selection selection = {0};
	struct plan *plan;

	(void)state;
	assert_int_equal(select_machines(model, "a", &selection, NULL), 0);
	assert_int_equal(plan_make(model, &selection, VERB_BOOTDEV, &options, &plan, &fault),
			 -EINVAL);
	assert_contains(fault.text, "there is no boot device \"moon\"");
	selection_free(&selection);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bootdev_takes_a_device_and_manners),
		cmocka_unit_test(what_is_no_boot_device_is_told),
		cmocka_unit_test(identify_takes_a_time_on_or_off),
		cmocka_unit_test(what_is_no_time_to_identify_is_told),
		cmocka_unit_test(other_verbs_take_no_words),
		cmocka_unit_test(snapshots_have_names_that_disks_can_keep),
		cmocka_unit_test(hosts_to_move_to_and_magic_keys_are_checked),
		cmocka_unit_test(no_plan_is_made_of_wrong_words),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
