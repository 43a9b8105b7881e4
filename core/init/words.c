/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's command line: see words.h. Defined by: the kernel's lib/cmdline.c (next_arg) and
 * kernel/params.c: blanks separate, "…" quotes, - and _ are the same in names.
 */
#include "init/words.h"
#include "base/fault.h"
#include "base/text.h"
#include "config/INIT_IP.h"
#include "config/INIT_ON_FAILURE.h"
#include "config/INIT_RUN.h"
#include "config/INIT_THEN.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const char ours[] = "stoker.";

static const char *const then_names[] = {
	[THEN_POWEROFF] = "poweroff", [THEN_REBOOT] = "reboot", [THEN_STAY] = "stay",
	[THEN_SHELL] = "shell",
};

const char *then_name(enum then then)
{
	return then_names[then];
}

/* Takes the quote away from an end. */
static void unquote(char *start, char *end)
{
	if (end > start && end[-1] == '"')
		end[-1] = '\0';
}

/* Cuts the next word off. Its value is NULL where it has no "=". NULL: there is none. */
static char *next_word(char **text, char **value)
{
	char *word = *text, *end;
	bool quoted = false, whole;

	while (isspace((unsigned char)*word))
		word++;
	if (!*word)
		return NULL;
	whole = *word == '"';
	word += whole;
	*value = NULL;
	for (end = word, quoted = whole; *end && (quoted || !isspace((unsigned char)*end)); end++) {
		if (*end == '=' && !*value)
			*value = end + 1;
		quoted ^= *end == '"';
	}
	*text = end + (*end != '\0');
	*end = '\0';
	if (whole)
		unquote(word, end);
	if (*value) {
		(*value)[-1] = '\0';
		if (**value == '"') {
			++*value;
			unquote(*value, end);
		}
	}
	return word;
}

static bool is_named(const char *word, const char *name)
{
	for (; *name; word++, name++) {
		if (*word != *name && !(*name == '-' && *word == '_'))
			return false;
	}
	return !*word;
}

static int read_then(const char *name, const char *value, enum then *then, struct fault *f)
{
	for (size_t i = 0; i < sizeof(then_names) / sizeof(then_names[0]); i++) {
		if (!strcmp(value, then_names[i])) {
			*then = (enum then)i;
			return 0;
		}
	}
	return fault_set(f, EINVAL, "%s%s=%s: it is one of poweroff, reboot, stay and shell", ours,
			 name, value);
}

static int take(const char *name, const char *value, struct words_given *words, struct fault *f)
{
	static const char *const names[] = {"conf", "on-failure", "run", "then"};
	struct nearest nearest = {.wanted = name};

	if (!value)
		return fault_set(f, EINVAL, "%s%s has no value: write %s%s=VALUE", ours, name,
				 ours, name);
	if (is_named(name, "conf"))
		words->conf = value;
	else if (is_named(name, "run"))
		words->run = value;
	else if (is_named(name, "then"))
		return read_then(name, value, &words->then, f);
	else if (is_named(name, "on-failure"))
		return read_then(name, value, &words->on_failure, f);
	else {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			nearest_offer(&nearest, names[i]);
		return fault_set(f, EINVAL, "%s%s=%s: there are stoker.conf, stoker.on-failure, "
				 "stoker.run and stoker.then: did you mean %s%s?", ours, name, value,
				 ours, nearest.name ? nearest.name : "run");
	}
	return 0;
}

int words_read(char *text, struct words_given *words, struct fault *f)
{
	char *word, *value;
	int err, first = 0;

	*words = (struct words_given){.run = CONFIG_INIT_RUN, .ip = CONFIG_INIT_IP,
				      .on_failure = THEN_STAY};
	err = read_then("then", CONFIG_INIT_THEN, &words->then, f);
	if (!err)
		err = read_then("on-failure", CONFIG_INIT_ON_FAILURE, &words->on_failure, f);
	while ((word = next_word(&text, &value))) {
		if (!first)
			first = err;
		if (!strncmp(word, ours, sizeof(ours) - 1))
			err = take(word + sizeof(ours) - 1, value, words, first ? NULL : f);
		else if (!strcmp(word, "ip") && value)
			words->ip = value;
	}
	return first ? first : err;
}
