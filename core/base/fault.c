/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors as sentences: see fault.h. */
#include "base/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(struct fault *f, int length)
{
	static const char ellipsis[] = "…";

	if (length >= FAULT_TEXT_MAX)
		memcpy(f->text + FAULT_TEXT_MAX - sizeof(ellipsis), ellipsis, sizeof(ellipsis));
}

int fault_vset(struct fault *f, int err, const char *format, va_list args)
{
	if (f)
		mark_cut(f, vsnprintf(f->text, sizeof(f->text), format, args));
	return -err;
}

int fault_set(struct fault *f, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fault_vset(f, err, format, args);
	va_end(args);
	return -err;
}

int fault_prefix(struct fault *f, int err, const char *format, ...)
{
	struct fault old;
	va_list args;
	int length;

	if (!f)
		return err;
	old = *f;
	va_start(args, format);
	length = vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
	if (length < 0 || length >= FAULT_TEXT_MAX)
		length = 0;
	length += snprintf(f->text + length, sizeof(f->text) - (size_t)length, ": %s", old.text);
	mark_cut(f, length);
	return err;
}

int fault_no_memory(struct fault *f)
{
	return fault_set(f, ENOMEM, "out of memory");
}
