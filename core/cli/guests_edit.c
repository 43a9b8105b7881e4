/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stoker guests add, remove, order, auto: the list of guests, changed in the configuration itself.
 * Comments, blanks and the order of what is not meant stay as they are.
 */
#include "base/fault.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/edit.h"
#include "cli/guests.h"
#include "cli/import.h"
#include "model/key.h"
#include "model/machine.h"
#include "model/range.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed(const struct fault *f)
{
	return usage_error("%s", f->text);
}

/* A file that can be changed: not the built-in configuration, and not none. 0 or EXIT_USAGE. */
static int load(struct context *c)
{
	const char *path = c->config_path ? c->config_path : getenv("STOKER_CONF");
	int code = context_load(c);

	if (code)
		return code;
	if (!c->config_used || (!(path && *path) && *c->config_used != '/'))
		return usage_error(
			"there is no configuration file to change: name one with -c FILE");
	return 0;
}

static struct section *section_titled(const struct context *c, const char *title)
{
	for (size_t i = 0; i < c->model->nsections; i++) {
		struct section *section = c->model->sections[i];

		if (section->kind == SECTION_MACHINE && !strcmp(section->title, title))
			return section;
	}
	return NULL;
}

/*
 * The section that describes a machine and no other, or one that is named by its whole title. 0, or
 * -errno with a sentence.
 */
static int find_section(const struct context *c, const char *word, struct section **section,
			struct fault *f)
{
	const struct machine *machine = machine_find(c->model, word);
	char place[256];

	*section = section_titled(c, word);
	if (!*section && machine)
		return fault_set(f, EINVAL,
				 "%s is one of the machines of \"%s\" (%s), which are changed "
				 "together: name \"%s\", or change it by hand",
				 word, machine->section->title,
				 section_place(machine->section, 0, place, sizeof(place)),
				 machine->section->title);
	if (!*section)
		return fault_set(f, ENOENT, "there is no machine \"%s\" in %s", word,
				 c->config_used);
	if (!(*section)->file || strcmp((*section)->file, c->config_used))
		return fault_set(f, EINVAL,
				 "%s stands in %s, which is included: name that file with -c to "
				 "change it",
				 word, section_place(*section, 0, place, sizeof(place)));
	return 0;
}

static int change(struct context *c, const struct edit_wish *wishes, size_t n)
{
	struct fault f;

	return n && edit_file(c, c->config_used, wishes, n, &f) ? failed(&f) : 0;
}

/* --- auto ------------------------------------------------------------------------------------ */

static int auto_run(struct context *c, const struct guests_options *options, int argc, char **argv)
{
	struct edit_wish *wishes;
	struct section *section;
	int yes, code;
	struct fault f;

	(void)options;
	yes = flag_parse(argv[0], &f);
	if (yes < 0 || argc < 2)
		return usage_error("guests auto: write yes or no, then the guests: stoker guests "
				   "auto yes vm1");
	code = load(c);
	if (code)
		return code;
	wishes = calloc((size_t)argc, sizeof(*wishes));
	if (!wishes)
		return usage_error("out of memory");
	for (int i = 1; i < argc && !code; i++) {
		if (find_section(c, argv[i], &section, &f))
			code = failed(&f);
		wishes[i - 1] = (struct edit_wish){argv[i], key_autostart.name, yes ? "yes" : "no"};
	}
	if (!code)
		code = change(c, wishes, (size_t)argc - 1);
	free(wishes);
	return code;
}

/* --- order ----------------------------------------------------------------------------------- */

struct ordering {
	struct context *context;
	struct roster roster;
	struct edit_wish *wishes;
	char (*numbers)[24];
	size_t n;
	uint64_t last; /* the place given last */
};

/* Gives a guest the next place, unless it has a later one that can stay. */
static int place(struct ordering *o, const struct machine *machine, bool may_stay, struct fault *f)
{
	struct section *section;
	bool set = machine_entry(machine, &key_order, NULL) != NULL;
	uint64_t now = set ? machine_number(machine, &key_order) : 0;
	int err;

	/* those without a place come last anyway */
	if (may_stay && (!set || now > o->last)) {
		o->last = set ? now : o->last;
		return 0;
	}
	o->last++;
	if (set && now == o->last)
		return 0;
	err = find_section(o->context, machine->name, &section, f);
	if (err)
		return err;
	snprintf(o->numbers[o->n], sizeof(o->numbers[0]), "%" PRIu64, o->last);
	o->wishes[o->n] = (struct edit_wish){machine->name, key_order.name, o->numbers[o->n]};
	o->n++;
	return 0;
}

/* The guests that are named, in that order; then the others in theirs. */
static int give_places(struct ordering *o, int argc, char **argv, struct fault *f)
{
	int err = 0;

	for (int i = 0; i < argc && !err; i++) {
		struct guest *guest = NULL;

		for (size_t g = 0; g < o->roster.n; g++) {
			if (!strcmp(o->roster.list[g].machine->name, argv[i]))
				guest = &o->roster.list[g];
		}
		if (!guest)
			return fault_set(f, ENOENT,
					 "there is no guest \"%s\": `stoker guests status` lists "
					 "them",
					 argv[i]);
		if (guest->wanted)
			return fault_set(f, EINVAL, "%s is named twice", argv[i]);
		guest->wanted = true;
		err = place(o, guest->machine, false, f);
	}
	for (size_t g = 0; g < o->roster.n && !err; g++) {
		if (!o->roster.list[g].wanted)
			err = place(o, o->roster.list[g].machine, true, f);
	}
	return err;
}

static int order_run(struct context *c, const struct guests_options *options, int argc, char **argv)
{
	struct ordering o = {.context = c};
	struct fault f;
	int code = load(c);

	(void)options;
	if (code)
		return code;
	if (roster_make(c, &o.roster, &f))
		return failed(&f);
	o.wishes = calloc(o.roster.n + 1, sizeof(*o.wishes));
	o.numbers = calloc(o.roster.n + 1, sizeof(*o.numbers));
	if (!o.wishes || !o.numbers)
		code = usage_error("out of memory");
	else if (give_places(&o, argc, argv, &f))
		code = failed(&f);
	else
		code = change(c, o.wishes, o.n);
	free(o.wishes);
	free(o.numbers);
	roster_free(&o.roster);
	return code;
}

/* --- add and remove -------------------------------------------------------------------------- */

static int remove_run(struct context *c, const struct guests_options *options, int argc,
		      char **argv)
{
	struct edit_wish *wishes;
	struct section *section;
	struct fault f;
	int code = load(c);

	(void)options;
	if (code)
		return code;
	wishes = calloc((size_t)argc, sizeof(*wishes));
	if (!wishes)
		return usage_error("out of memory");
	for (int i = 0; i < argc && !code; i++) {
		if (find_section(c, argv[i], &section, &f))
			code = failed(&f);
		wishes[i].title = argv[i];
	}
	if (!code)
		code = change(c, wishes, (size_t)argc);
	free(wishes);
	return code;
}

/* KEY=VALUE words; one key several times makes a list. */
static int print_keys(struct buffer *out, int argc, char **argv, struct fault *f)
{
	char plain[2 * VALUE_MAX];

	for (int i = 0; i < argc; i++) {
		size_t length = strcspn(argv[i], "=");
		unsigned n = 0;
		bool repeated = false;

		if (!argv[i][length] || !length)
			return fault_set(f, EINVAL,
					 "\"%s\": write KEY=VALUE, for example autostart=yes",
					 argv[i]);
		for (int j = 0; j < argc; j++) {
			bool same = strcspn(argv[j], "=") == length &&
				    !strncmp(argv[i], argv[j], length);

			repeated |= same && j < i;
			n += same;
		}
		if (repeated)
			continue;
		buffer_add(out, "\t%.*s = %s", (int)length, argv[i], n > 1 ? "{" : "");
		for (int j = i; j < argc; j++) {
			const char *value = argv[j] + length + 1;

			if (strcspn(argv[j], "=") != length || strncmp(argv[i], argv[j], length))
				continue;
			if (strlen(value) >= VALUE_MAX)
				return fault_set(f, EINVAL,
						 "the value of %.*s is longer than %d bytes",
						 (int)length, argv[i], VALUE_MAX - 1);
			buffer_add_text(out, j > i ? ", " : "");
			import_quote(out, range_quote(value, plain));
		}
		buffer_add_text(out, n > 1 ? "}\n" : "\n");
	}
	return 0;
}

static int add_run(struct context *c, const struct guests_options *options, int argc, char **argv)
{
	struct buffer out = {0};
	struct fault f;
	int err, code = load(c);

	(void)options;
	if (code)
		return code;
	if (machine_find(c->model, argv[0]) || section_titled(c, argv[0]))
		return usage_error("there is a machine \"%s\" already", argv[0]);
	buffer_add_text(&out, "machine ");
	import_quote(&out, argv[0]);
	buffer_add_text(&out, " {\n");
	err = print_keys(&out, argc - 1, argv + 1, &f);
	buffer_add_text(&out, "}\n");
	if (!err && out.failed)
		err = fault_no_memory(&f);
	if (!err)
		err = edit_append(c, c->config_used, out.text, 1, &f);
	buffer_free(&out);
	return err ? failed(&f) : 0;
}

#define DEED(id, word, follows, does)          \
	static const struct guests_deed id = { \
		.name = word,                  \
		.usage = follows,              \
		.wants = true,                 \
		.options = "",                 \
		.run = does,                   \
	};                                     \
	GUESTS_DEED(id)

DEED(auto_deed, "auto", "yes|no GUEST…", auto_run);
DEED(order_deed, "order", "GUEST…", order_run);
DEED(add_deed, "add", "NAME KEY=VALUE…", add_run);
DEED(remove_deed, "remove", "GUEST…", remove_run);
