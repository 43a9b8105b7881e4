/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker guests scan: which guests there are, by their configuration files, and what several of
 * them have in common that they should not have. As ctys-vdbgen and its ENUMERATE.
 */
#include "base/fault.h"
#include "cli/context.h"
#include "cli/guests.h"
#include "cli/scan.h"
#include "cli/view.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tell(const char *sentence)
{
	usage_error("%s", sentence);
}

static int scan(struct inventory *inventory, const char *folder, struct fault *f)
{
	char path[PATH_MAX];

	if (!realpath(folder, path))
		return fault_set(f, errno, "%s: %s", folder, strerror(errno));
	inventory_forget(inventory, path);
	return scan_folder(inventory, path, tell, f);
}

static void print_text(const struct inventory *inventory, const struct duplicate *duplicates,
		       size_t n)
{
	int name = 0, kind = 0;

	for (size_t i = 0; i < inventory->n; i++) {
		const struct found *g = &inventory->list[i];
		int length = (int)strlen(g->name), other = (int)strlen(import_kind_name(g->kind));

		name = length > name ? length : name;
		kind = other > kind ? other : kind;
	}
	for (size_t i = 0; i < inventory->n; i++) {
		const struct found *g = &inventory->list[i];

		printf("%-*s  %-*s  %s\n", name, g->name, kind, import_kind_name(g->kind), g->file);
	}
	fflush(stdout);
	for (size_t i = 0; i < n; i++) {
		const struct duplicate *d = &duplicates[i];

		fprintf(stderr, "the same %s %s:", d->what, d->value);
		for (size_t w = 0; w < d->n; w++)
			fprintf(stderr, "%s %s (%s)", w ? "," : "", d->who[w]->name,
				d->who[w]->file);
		fputc('\n', stderr);
	}
}

static int print(struct context *c, const struct inventory *inventory)
{
	const struct view *guests = c->json ? view_find("guests", "json") : NULL;
	const struct view *twice = guests ? view_find("duplicates", "json") : NULL;
	struct duplicate *duplicates;
	size_t n;

	if (c->json && !twice)
		return EXIT_USAGE;
	duplicates = inventory_duplicates(inventory, &n);
	if (n == SIZE_MAX)
		return usage_error("out of memory");
	for (size_t i = 0; guests && i < inventory->n; i++)
		guests->print(&inventory->list[i]);
	for (size_t i = 0; twice && i < n; i++)
		twice->print(&duplicates[i]);
	if (!guests)
		print_text(inventory, duplicates, n);
	duplicates_free(duplicates, n);
	return n ? EXIT_NOT_ALL : 0;
}

static int scan_run(struct context *c, const struct guests_options *options, int argc, char **argv)
{
	struct inventory inventory = {0};
	struct fault f;
	int code = 0, printed;

	(void)options;
	/* one that cannot be read is made anew */
	if (inventory_read(&inventory, &f))
		tell(f.text);
	for (int i = 0; i < argc; i++) {
		if (scan(&inventory, argv[i], &f)) {
			tell(f.text);
			code = EXIT_NOT_ALL;
		}
	}
	inventory_sort(&inventory);
	if (inventory.failed)
		code = usage_error("out of memory: not all guests were found");
	else if (argc && inventory_write(&inventory, &f))
		code = usage_error("%s", f.text);
	printed = print(c, &inventory);
	inventory_free(&inventory);
	return code ? code : printed;
}

static const struct guests_deed scan_deed = {
	.name = "scan",
	.usage = "[DIR…]",
	.options = "",
	.run = scan_run,
};
GUESTS_DEED(scan_deed);
