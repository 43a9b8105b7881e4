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

/* A snapshot, by its name in the guest's disks. */
struct snapshot {
	enum snapshot_deed { SNAPSHOT_KEEP, SNAPSHOT_LOAD, SNAPSHOT_DELETE, SNAPSHOT_LIST } deed;
	const char *name;		/* one of the words; NULL: of SNAPSHOT_LIST */
};
enum { SNAPSHOT_NAME_MAX = 64 };

/* keep, load or delete with a name of letters, digits and ._-, or list; a name alone is kept. */
int snapshot_parse(size_t n, char *const *words, struct snapshot *to, struct fault *f);

/* Where a guest goes: host or host:port; one of the words. */
int migrate_parse(size_t n, char *const *words, const char **host, struct fault *f);

/* Letters and digits, pressed one after the other: Linux, admin-guide/sysrq. One of the words. */
int sysrq_parse(size_t n, char *const *words, const char **letters, struct fault *f);

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
