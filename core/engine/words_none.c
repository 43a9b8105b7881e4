/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What verbs can be done with, in a build that asks for none that takes words. See words.h. */
#include "engine/words.h"
#include "base/fault.h"

#include <errno.h>

int verb_check_words(enum verb verb, size_t n, char *const *words, struct fault *f)
{
	return n ? fault_set(f, EINVAL, "%s takes no \"%s\" in this build", verb_info(verb)->name,
			     words[0]) : 0;
}
