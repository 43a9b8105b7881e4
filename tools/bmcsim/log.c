/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log. See log.h. */
#include "log.h"
#include "bmc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static FILE *file;

int log_open(const char *path)
{
	file = fopen(path, "ae");
	return file ? 0 : errno;
}

void log_line(const struct bmc *bmc, int code, const char *format, ...)
{
	char text[ADDRESS_TEXT_SIZE];
	va_list arguments;

	if (!file)
		return;
	fprintf(file, "%s ", address_print(&bmc->address, text));
	va_start(arguments, format);
	vfprintf(file, format, arguments);
	va_end(arguments);
	if (code < 0)
		fputs(" silent\n", file);
	else if (code)
		fprintf(file, " 0x%02x\n", (unsigned)code);
	else
		fputs(" ok\n", file);
}

void log_flush(void)
{
	if (file)
		fflush(file);
}
