/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What verbs can be done with, in a build that asks for some that take words. See words.h. */
#include "engine/words.h"
#include "base/fault.h"

#include <errno.h>

int verb_check_words(enum verb verb, size_t n, char *const *words, struct fault *f)
{
	struct bootdev bootdev;
	struct identify identify;

	if (verb == VERB_BOOTDEV)
		return bootdev_parse(n, words, &bootdev, f);
	if (verb == VERB_IDENTIFY)
		return identify_parse(n, words, &identify, f);
	if (verb_info(verb)->check_words)
		return verb_info(verb)->check_words(n, words, f);
	return n ? fault_set(f, EINVAL, "%s takes no \"%s\"", verb_info(verb)->name, words[0]) : 0;
}
