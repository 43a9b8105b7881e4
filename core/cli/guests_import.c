/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker guests import: guests of CHARON's service, of libvirt and of Xen as sections of our
 * configuration, and what was left out of them.
 */
#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/edit.h"
#include "cli/guests.h"
#include "cli/import.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int import_text(struct import *import, struct fault *f)
{
	enum import_kind kind = import_kind_of(import->text);

	switch (kind) {
	case IMPORT_CHARON_LIST:
		return import_charon(import, f);
	case IMPORT_XL:
		return import_xl(import, f);
	case IMPORT_LIBVIRT:
		return import_libvirt(import, f);
	case IMPORT_NOT_KNOWN:
		return fault_set(f, EINVAL,
				 "%s: it is neither a CHARON guests list nor a domain of libvirt "
				 "nor the configuration of a guest of Xen",
				 import->file);
	case IMPORT_STOKER:
		return fault_set(f, EINVAL, "%s: it is a configuration of ours: include it",
				 import->file);
	default:
		return fault_set(f, EINVAL,
				 "%s: it is what an emulator reads itself (%s): write a machine "
				 "with guest = \"emulator\" and emulator-config = \"%s\"",
				 import->file, import_kind_name(kind),
				 import->path ? import->path : import->file);
	}
}

static int import_file(struct import *import, const char *file, struct fault *f)
{
	char *text, path[PATH_MAX];
	size_t length;
	int err = file_read(file, IMPORT_FILE_MAX, &text, &length, f);

	if (err)
		return err;
	import->file = file;
	import->path = realpath(file, path);
	import->text = text;
	import->length = length;
	if (memchr(text, '\0', length))
		err = fault_set(f, EINVAL, "%s: not a text file: it contains a NUL byte", file);
	else
		err = import_text(import, f);
	import->path = import->text = NULL;
	free(text);
	return err;
}

static int deliver(struct context *c, const struct import *import, const char *into)
{
	struct buffer out = {0};
	struct fault f;
	int err = 0;

	import_print(import, &out);
	fputs(buffer_text(&import->left_out), stderr);
	if (import->failed || import->left_out.failed || out.failed)
		err = fault_no_memory(&f);
	else if (into && import->n)
		err = edit_append(c, into, buffer_text(&out), import->n, &f);
	else
		fputs(buffer_text(&out), stdout);
	buffer_free(&out);
	return err ? usage_error("%s", f.text) : 0;
}

static int import_run(struct context *c, const struct guests_options *options, int argc,
		      char **argv)
{
	struct import import = {0};
	struct fault f;
	int code = 0, delivered;

	for (int i = 0; i < argc; i++) {
		if (import_file(&import, argv[i], &f)) {
			usage_error("%s", f.text);
			code = EXIT_NOT_ALL;
		}
	}
	delivered = deliver(c, &import, options->into);
	import_free(&import);
	return delivered ? delivered : code;
}

static const struct guests_deed import_deed = {
	.name = "import",
	.usage = "[--into FILE] FILE…",
	.wants = true,
	.options = "i",
	.run = import_run,
};
GUESTS_DEED(import_deed);
