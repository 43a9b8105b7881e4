/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of guests' verbs. See words.h. */
#include "base/fault.h"
#include "base/text.h"
#include "engine/words.h"
#include "model/address.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { SYSRQ_MAX = 16 };

static const char *const deeds[] = {
	[SNAPSHOT_KEEP] = "keep", [SNAPSHOT_LOAD] = "load", [SNAPSHOT_DELETE] = "delete",
	[SNAPSHOT_LIST] = "list",
};

static int check_name(const char *name, struct fault *f)
{
	size_t length = strlen(name);

	if (!length || length > SNAPSHOT_NAME_MAX || !isalnum((unsigned char)*name) ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") !=
		    length)
		return fault_set(f, EINVAL, "\"%s\" is no name for a snapshot: write letters, "
				 "digits and ._-, %d at most", name, SNAPSHOT_NAME_MAX);
	return 0;
}

int snapshot_parse(size_t n, char *const *words, struct snapshot *to, struct fault *f)
{
	unsigned deed = 0;

	*to = (struct snapshot){0};
	if (!n)
		return fault_set(f, EINVAL, "snapshot wants a name, load NAME, delete NAME or list");
	while (deed <= SNAPSHOT_LIST && strcmp(deeds[deed], words[0]))
		deed++;
	if (deed == SNAPSHOT_LIST && n == 1) {
		to->deed = SNAPSHOT_LIST;
		return 0;
	}
	if (deed < SNAPSHOT_LIST && n == 2) {
		to->deed = deed;
		to->name = words[1];
	} else if (deed > SNAPSHOT_LIST && n == 1) {
		to->name = words[0];
	} else {
		return fault_set(f, EINVAL, "snapshot cannot do \"%s%s%s\": write a name, load "
				 "NAME, delete NAME or list", words[0], n > 1 ? " " : "",
				 n > 1 ? words[n - 1] : "");
	}
	return check_name(to->name, f);
}

int migrate_parse(size_t n, char *const *words, const char **host, struct fault *f)
{
	struct endpoint endpoint;

	if (n != 1)
		return fault_set(f, EINVAL, "migrate wants one host to move to, as in \"migrate "
				 "h2:4444\"");
	*host = words[0];
	return endpoint_parse(words[0], &endpoint, f);
}

int sysrq_parse(size_t n, char *const *words, const char **letters, struct fault *f)
{
	if (n != 1 || !*words[0] || strlen(words[0]) > SYSRQ_MAX)
		return fault_set(f, EINVAL, "sysrq wants its keys in one word, %d at most: \"s\" "
				 "writes disks, \"seiuo\" ends all and powers off", SYSRQ_MAX);
	for (const char *p = words[0]; *p; p++) {
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p))
			return fault_set(f, EINVAL, "\"%s\": there is no magic key \"%c\": they are "
					 "small letters and digits", words[0], *p);
	}
	*letters = words[0];
	return 0;
}
