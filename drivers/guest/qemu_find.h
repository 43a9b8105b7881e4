/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which process a guest is: one that we started, by the record of it, the pid file that QEMU keeps
 * and the sockets in its command line; or one that somebody started by hand, by -name and -uuid. A
 * process of the same number, or a guest of the same name that another service of this machine
 * keeps, is none of ours.
 */
#ifndef GUEST_QEMU_FIND_H
#define GUEST_QEMU_FIND_H

#include "place.h"
#include "base/proc.h"

struct fault;
struct json_t;
struct machine;

struct found {
	struct proc proc;		/* pid 0: the guest does not run */
	bool by_hand;
	char *words;			/* its command line, as proc_words gives it */
	size_t length;
	/* its monitors of JSON, "" for none: one for work, one to look; they may be the same */
	char qmp[108], look[108];
};

/*
 * Looks for it. record: what we noted of it when it was started, or NULL. 0, also where it does not
 * run; -EEXIST with a sentence where several processes claim to be it; -ENOMEM. To be given back
 * with found_free.
 */
int qemu_find(const struct machine *machine, const struct place *place,
	      const struct json_t *record, struct found *found, struct fault *f);
void found_free(struct found *found);

/* The value behind an option of a command line as proc_words gives it; NULL: it has none. */
const char *words_option(const char *words, size_t length, const char *option);
/* A part of such a value, "path" of "socket,path=/x,server=on", commas undoubled; false: none. */
bool option_part(const char *value, const char *name, char *part, size_t size);

#endif
