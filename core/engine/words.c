/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of verbs. See words.h. */
#include "engine/words.h"
#include "base/fault.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

static const char *const devices[BOOTDEVS] = {
	[BOOTDEV_NONE] = "none", [BOOTDEV_PXE] = "pxe", [BOOTDEV_DISK] = "disk",
	[BOOTDEV_SAFE] = "safe", [BOOTDEV_DIAG] = "diag", [BOOTDEV_CDROM] = "cdrom",
	[BOOTDEV_BIOS] = "bios", [BOOTDEV_FLOPPY] = "floppy",
};

const char *bootdev_name(enum bootdev_device device)
{
	return devices[device];
}

static int find_device(const char *word, enum bootdev_device *device, struct fault *f)
{
	struct nearest nearest = {.wanted = word};

	for (unsigned i = 0; i < BOOTDEVS; i++) {
		if (!strcmp(devices[i], word)) {
			*device = i;
			return 0;
		}
		nearest_offer(&nearest, devices[i]);
	}
	if (nearest.name)
		return fault_set(f, EINVAL, "there is no boot device \"%s\": did you mean \"%s\"?",
				 word, nearest.name);
	return fault_set(f, EINVAL, "there is no boot device \"%s\": choose none, pxe, disk, safe, "
			 "diag, cdrom, bios or floppy", word);
}

int bootdev_parse(size_t n, char *const *words, struct bootdev *to, struct fault *f)
{
	/* two and two exclude each other */
	static const char *const manners[] = {"once", "always", "legacy", "efi"};
	unsigned said = 0;
	int err;

	*to = (struct bootdev){0};
	if (!n)
		return fault_set(f, EINVAL, "bootdev wants a device: none, pxe, disk, safe, diag, "
				 "cdrom, bios or floppy");
	err = find_device(words[0], &to->device, f);
	for (size_t i = 1; i < n && !err; i++) {
		unsigned m = 0;

		while (m < 4 && strcmp(manners[m], words[i]))
			m++;
		if (m == 4)
			err = fault_set(f, EINVAL, "bootdev takes no \"%s\" behind the device: "
					"write once or always, legacy or efi", words[i]);
		else if (said & 1U << (m ^ 1))
			err = fault_set(f, EINVAL, "bootdev cannot do both \"%s\" and \"%s\"",
					manners[m ^ 1], manners[m]);
		said |= 1U << m;
	}
	to->always = said & 2;
	to->efi = said & 8;
	return err;
}

int identify_parse(size_t n, char *const *words, struct identify *to, struct fault *f)
{
	uint64_t ms;

	*to = (struct identify){.seconds = IDENTIFY_SECONDS};
	if (n > 1)
		return fault_set(f, EINVAL, "identify takes one word, not \"%s\" as well",
				 words[1]);
	if (!n)
		return 0;
	to->off = !strcmp(words[0], "off");
	to->forever = !strcmp(words[0], "on");
	if (to->off || to->forever)
		return 0;
	if (duration_parse(words[0], &ms, NULL) || !ms || ms % 1000 ||
	    ms > IDENTIFY_SECONDS_MAX * 1000)
		return fault_set(f, EINVAL, "identify cannot be \"%s\": write a time of 1s to "
				 "%ds, on or off", words[0], IDENTIFY_SECONDS_MAX);
	to->seconds = (unsigned)(ms / 1000);
	return 0;
}
