/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes of configuration files. A changed text is read as the program reads it, and compared with
 * the one before, section by section and value by value: what was not asked for is refused. See
 * edit.h.
 */
#include "cli/edit.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/context.h"
#include "model/config.h"
#include "model/config_edit.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_SIZE_MAX = 64 << 20, COMPARED_MAX = 256 };

/* --- what a text says ------------------------------------------------------------------------ */

/* The first error of a reading. */
static void keep_first(void *data, const char *sentence)
{
	struct fault *first = data;

	if (!*first->text)
		fault_set(first, EINVAL, "%s", sentence);
}

/* NULL with the first error in the sentence. */
static struct model *read_model(const char *path, const char *text, struct fault *f)
{
	struct fault first = {{0}};
	struct config_reader reader = {
		.model = model_new(),
		.keys = all_keys(),
		.tell = keep_first,
		.data = &first,
	};

	if (!reader.model) {
		fault_no_memory(f);
		return NULL;
	}
	if (!config_read_text(&reader, path, text))
		return reader.model;
	model_free(reader.model);
	fault_set(f, EINVAL, "%s", first.text);
	return NULL;
}

/* --- comparing ------------------------------------------------------------------------------- */

static bool is_same_range(const struct range *a, const struct range *b)
{
	char first[VALUE_MAX], second[VALUE_MAX];
	size_t n = range_count(a);

	if (n != range_count(b))
		return false;
	/* the ends of a long one, and its beginning */
	for (size_t i = 0; i < n; i = i < COMPARED_MAX || i + 1 == n ? i + 1 : n - 1) {
		const char *one = range_nth(a, i, first, sizeof(first));
		const char *other = range_nth(b, i, second, sizeof(second));

		if (strcmp(one, other))
			return false;
	}
	return true;
}

static bool is_same_entry(const struct entry *a, const struct entry *b)
{
	if (!a || !b || a->nvalues != b->nvalues)
		return false;
	for (unsigned i = 0; i < a->nvalues; i++) {
		if (!is_same_range(a->values[i], b->values[i]))
			return false;
	}
	return true;
}

static const struct entry *find_entry(const struct section *section, const struct key *key)
{
	for (unsigned i = 0; i < section->nentries; i++) {
		if (section->entries[i].key == key)
			return &section->entries[i];
	}
	return NULL;
}

static const struct edit_wish *find_wish(const struct edit_wish *wishes, size_t n,
					 const struct section *section, const char *key)
{
	for (size_t i = n; i-- > 0;) {
		if (section->kind == SECTION_MACHINE && !strcmp(wishes[i].title, section->title) &&
		    (key ? wishes[i].key && !strcmp(wishes[i].key, key) : !wishes[i].key))
			return &wishes[i];
	}
	return NULL;
}

/* Whether a section says what it said, but for what was wished. */
static bool is_same_section(const struct section *a, const struct section *b,
			    const struct edit_wish *wishes, size_t n)
{
	if (a->kind != b->kind || (a->title && strcmp(a->title, b->title)))
		return false;
	for (unsigned i = 0; i < a->nentries; i++) {
		const struct key *key = a->entries[i].key;

		if (!find_wish(wishes, n, a, key->name) &&
		    !is_same_entry(&a->entries[i], find_entry(b, key)))
			return false;
	}
	for (unsigned i = 0; i < b->nentries; i++) {
		const struct key *key = b->entries[i].key;

		if (!find_entry(a, key) && !find_wish(wishes, n, a, key->name))
			return false;
	}
	return true;
}

/* Whether it says what it did, but for the wishes, and has so many more sections at its end. */
static bool is_as_meant(const struct model *before, const struct model *now,
			const struct edit_wish *wishes, size_t n, size_t added)
{
	size_t at = 0;

	for (size_t i = 0; i < before->nsections; i++) {
		if (find_wish(wishes, n, before->sections[i], NULL))
			continue;
		if (at == now->nsections ||
		    !is_same_section(before->sections[i], now->sections[at++], wishes, n))
			return false;
	}
	return now->nsections - at == added;
}

/* --- files ----------------------------------------------------------------------------------- */

/* Puts the text in the file's place, unless somebody else has changed it meanwhile. */
static int write_text(const char *path, const char *before, const char *now, struct fault *f)
{
	mode_t mode = 0644;
	struct stat st;
	char *there = NULL;
	int err = 0;

	if (!stat(path, &st)) {
		mode = st.st_mode & 07777;
		err = file_read(path, FILE_SIZE_MAX, &there, NULL, f);
		if (!err && strcmp(there, before))
			err = fault_set(f, EAGAIN,
					"%s was changed by somebody else just now: nothing was "
					"written",
					path);
		free(there);
	}
	return err ? err : file_replace(path, now, strlen(now), mode, f);
}

/* Reads a text before and after its change. */
static int check(const char *path, const char *before, const char *now,
		 const struct edit_wish *wishes, size_t n, size_t added, struct fault *f)
{
	struct model *old = read_model(path, before, f), *new;
	int err = 0;

	if (!old)
		return fault_prefix(f, -EINVAL, "it has errors already, and is not changed");
	new = read_model(path, now, f);
	if (!new)
		err = fault_prefix(f, -EINVAL, "it would have an error, and was not changed");
	else if (!is_as_meant(old, new, wishes, n, added))
		err = fault_set(f, EINVAL,
				"%s: more than what was meant would be changed: change it by hand",
				path);
	model_free(new);
	model_free(old);
	return err;
}

static int change_text(const char *text, const struct edit_wish *wish, char **changed,
		       struct fault *f)
{
	return wish->key ? config_edit_set(text, wish->title, wish->key, wish->value, changed, f)
			 : config_edit_remove(text, wish->title, changed, f);
}

int edit_file(struct context *c, const char *path, const struct edit_wish *wishes, size_t n,
	      struct fault *f)
{
	char *before, *now;
	size_t length;
	int err = file_read(path, FILE_SIZE_MAX, &before, &length, f);

	(void)c;
	if (err)
		return err;
	now = strdup(before);
	if (!now)
		err = fault_no_memory(f);
	for (size_t i = 0; i < n && !err; i++) {
		char *changed = NULL;

		err = change_text(now, &wishes[i], &changed, f);
		if (err) {
			fault_prefix(f, err, "%s", path);
		} else {
			free(now);
			now = changed;
		}
	}
	if (!err)
		err = check(path, before, now, wishes, n, 0, f);
	if (!err)
		err = write_text(path, before, now, f);
	free(before);
	free(now);
	return err;
}

int edit_append(struct context *c, const char *path, const char *sections, size_t n,
		struct fault *f)
{
	char *before = NULL, *now = NULL;
	int err = file_read(path, FILE_SIZE_MAX, &before, NULL, f);

	(void)c;
	if (err == -ENOENT) {
		before = strdup("");
		err = before ? 0 : fault_no_memory(f);
	}
	if (!err)
		err = config_edit_append(before, sections, &now, f);
	if (!err)
		err = check(path, before, now, NULL, 0, n, f);
	if (!err)
		err = write_text(path, before, now, f);
	free(before);
	free(now);
	return err;
}
