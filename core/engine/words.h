/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a verb is to be done with, in words behind it: "pxe always" of bootdev, "30s" of identify.
 * Drivers parse attempt->words by the functions here; they were checked when the plan was made.
 */
#ifndef ENGINE_WORDS_H
#define ENGINE_WORDS_H

#include "engine/verb.h"

#include <stddef.h>

struct fault;

/*
 * Whether a verb can be done with these words: what bootdev_parse and identify_parse take, none for
 * the others. 0, or -EINVAL with a sentence.
 */
int verb_check_words(enum verb verb, size_t n, char *const *words, struct fault *f);

/* What a machine boots from next, or from now on: IPMI 2.0, table 28-14. */
struct bootdev {
	enum bootdev_device {
		BOOTDEV_NONE,		/* as its firmware is set up */
		BOOTDEV_PXE,
		BOOTDEV_DISK,
		BOOTDEV_SAFE,		/* its disk, in safe mode */
		BOOTDEV_DIAG,		/* its diagnostic partition */
		BOOTDEV_CDROM,
		BOOTDEV_BIOS,		/* into the set-up of its firmware */
		BOOTDEV_FLOPPY,		/* or other removable medium */
		BOOTDEVS
	} device;
	bool always;			/* from now on; else the next time alone */
	bool efi;			/* else as a legacy BIOS */
};

/*
 * A device's name (none pxe disk safe diag cdrom bios floppy), then once or always, legacy or efi.
 */
int bootdev_parse(size_t n, char *const *words, struct bootdev *to, struct fault *f);
const char *bootdev_name(enum bootdev_device device);

/* How the identify light is switched: IPMI 2.0, section 28.5. */
struct identify {
	bool off, forever;
	unsigned seconds;		/* 1 to 255, where neither is set */
};

enum { IDENTIFY_SECONDS = 15, IDENTIFY_SECONDS_MAX = 255 };

/* Nothing (IDENTIFY_SECONDS), a time of whole seconds, on (for good) or off. */
int identify_parse(size_t n, char *const *words, struct identify *to, struct fault *f);

#endif
