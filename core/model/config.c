/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration file, read with libconfuse 3.3 into the model. See config.h.
 *
 * libconfuse ends at the first name that it does not know. So that one run tells every error, such
 * a name is added to its table, marked, and the file is read again: once more for each unknown
 * name. Every section is moved into the model and taken away from libconfuse as soon as it is
 * complete, since libconfuse compares each title with all others before it. Its lexer miscounts
 * lines at comments, and it forgets where a section began: see config_text.c.
 */
#include "model/config.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "model/config_sentences.h"
#include "model/config_text.h"
#include "model/key.h"
#include "model/machine.h"

#include <confuse.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { UNKNOWN_MAX = 64, FILES_MAX = 10000, FILE_SIZE_MAX = 64 << 20 };

/* A name that no key or section has. */
struct unknown {
	char *name;
	bool section;		/* it is followed by a title and braces */
};

struct file {
	char *path;
	char *from;		/* "FILE:LINE" of the include, NULL for the first */
};

/* One option of libconfuse's table while a section is read: when it was set, and how often. */
struct seen {
	unsigned line;
	bool twice;
};

struct reading {
	const struct config_reader *reader;
	size_t errors;
	struct file *files;
	size_t nfiles, files_size;
	dev_t *devices;
	ino_t *inodes;
	size_t nread;
	/* the file under work */
	const char *path;
	const struct config_text *text;
	size_t section;			/* how many sections of it were complete */
	size_t nkeys;			/* in reader->keys */
	cfg_opt_t *inner, *outer;	/* the options in a section, and at the top */
	struct seen *inner_seen, *outer_seen;
	struct unknown unknown[UNKNOWN_MAX];
	size_t nunknown;
	bool again;			/* an unknown name was found: read once more */
	bool told;			/* libconfuse has said why it stopped */
	struct sentences sentences;	/* of this pass */
};

/* libconfuse's call-backs get no pointer of ours. */
static struct reading *current;

static void tell(struct reading *r, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* An error in the file under work. Kept until the pass is known to be the last one. */
static void tell(struct reading *r, unsigned line, const char *format, ...)
{
	struct fault fault;
	va_list args;
	char *text;

	va_start(args, format);
	fault_vset(&fault, EINVAL, format, args);
	va_end(args);
	if (asprintf(&text, "%s:%u: %s", r->path, line, fault.text) < 0)
		text = NULL;
	sentences_add(&r->sentences, line, text);
}

/* An error elsewhere; place says where. */
static void tell_at(struct reading *r, const char *place, const char *what, const char *why)
{
	char *text;

	if (asprintf(&text, "%s%s%s: %s", place ? place : "", place ? ": " : "", what, why) < 0)
		text = NULL;
	sentences_add(&r->sentences, 0, text);
}

static void tell_all(struct reading *r)
{
	r->errors += sentences_tell(&r->sentences, r->reader->tell, r->reader->data);
}

static void tell_section(void *data, const struct section *section, unsigned line,
			 const char *sentence)
{
	struct reading *r = data;
	char place[PATH_MAX + 16];

	tell_at(r, NULL, section_place(section, line, place, sizeof(place)), sentence);
}

static struct unknown *find_unknown(struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->nunknown; i++) {
		if (!strcmp(r->unknown[i].name, name))
			return &r->unknown[i];
	}
	return NULL;
}

static void learn_unknown(struct reading *r, const char *name)
{
	if (find_unknown(r, name) || strchr(name, '|') || r->nunknown == UNKNOWN_MAX)
		return;
	r->unknown[r->nunknown].name = strdup(name);
	if (!r->unknown[r->nunknown].name)
		return;
	r->unknown[r->nunknown++].section = false;
	r->again = true;
}

static void on_error(cfg_t *cfg, const char *format, va_list args)
{
	struct reading *r = current;
	struct fault fault;

	/* the sentences of libconfuse are told apart by their format: it has no codes for them */
	if (strstr(format, "no such option")) {
		va_list copy;

		va_copy(copy, args);
		learn_unknown(r, va_arg(copy, const char *));
		va_end(copy);
	} else if (strstr(format, "missing equal sign after option")) {
		struct unknown *u;
		va_list copy;

		va_copy(copy, args);
		u = find_unknown(r, va_arg(copy, const char *));
		va_end(copy);
		if (u && !u->section) {
			u->section = true;
			r->again = true;
		}
	}
	fault_vset(&fault, EINVAL, format, args);
	tell(r, (unsigned)cfg->line, "%s", fault.text);
	r->told = true;
}

/* Called for each value that is set, before it is stored. */
static int on_value(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result)
{
	struct reading *r = current;
	bool top = cfg->title == NULL;
	struct seen *seen = &(top ? r->outer_seen : r->inner_seen)[option - cfg->opts];

	/* the first value of an assignment: += only ever adds further ones */
	if (option->nvalues == 1) {
		seen->twice = seen->line != 0;
		seen->line = (unsigned)cfg->line;
		if (seen->twice)
			tell(r, (unsigned)cfg->line, "%s is set twice", option->name);
	}
	*(const char **)result = value;
	return 0;
}

static void offer_keys(struct nearest *nearest, const struct reading *r, bool top, bool group)
{
	if (group)
		nearest_offer(nearest, key_machines.name);
	for (size_t i = 0; i < r->nkeys && !group; i++) {
		if (!(r->reader->keys[i]->flags & KEY_GLOBAL) == !top)
			nearest_offer(nearest, r->reader->keys[i]->name);
	}
	if (top) {
		nearest_offer(nearest, "machine");
		nearest_offer(nearest, "profile");
		nearest_offer(nearest, "group");
		nearest_offer(nearest, "include");
	}
}

static void tell_unknown(struct reading *r, const char *name, unsigned line, bool top, bool group)
{
	struct nearest nearest = {.wanted = name};

	for (size_t i = 0; i < r->nkeys; i++) {
		if (strcmp(r->reader->keys[i]->name, name))
			continue;
		if (group)
			tell(r, line, "%s does not belong in a group: a group has only machines =",
			     name);
		else
			tell(r, line, "%s belongs %s", name, top ?
			     "in a machine or profile section, not at the top of the file" :
			     "at the top of the file, not in a section");
		return;
	}
	offer_keys(&nearest, r, top, group);
	if (!strcmp(name, "password") || !strcmp(name, "kg"))
		tell(r, line, "%s is refused: whoever reads a configuration, or a copy of it, "
		     "would know it: name a file or a program that has it, with %s", name,
		     *name == 'k' ? "kg-file" : "password-file or password-command");
	else if (nearest.name)
		tell(r, line, "unknown key \"%s\": did you mean \"%s\"?", name, nearest.name);
	else
		tell(r, line, "unknown key \"%s\": `stoker help keys` lists all", name);
}

/* Whether a key may stand in a section of this kind; a sentence is told if not. */
static bool belongs(struct reading *r, const struct section *section, const struct key *key,
		    unsigned line)
{
	if (section->kind == SECTION_GROUP ? key != &key_machines :
	    section->kind == SECTION_GLOBAL ? !(key->flags & KEY_GLOBAL) :
	    key->flags & KEY_GLOBAL || key == &key_machines) {
		tell_unknown(r, key->name, line, section->kind == SECTION_GLOBAL,
			     section->kind == SECTION_GROUP);
		return false;
	}
	if (section->kind == SECTION_PROFILE && key->flags & KEY_OWN) {
		tell(r, line, "%s belongs to one machine: it cannot stand in a profile",
		     key->name);
		return false;
	}
	return true;
}

/* Moves what was set among a section's options into the model. */
static void take_options(struct reading *r, struct section *section, cfg_opt_t *options,
			 struct seen *seen)
{
	const char *either = NULL;
	struct fault fault;

	for (size_t i = 0; options[i].name; i++) {
		unsigned line = seen[i].line ? seen[i].line : section->line;
		const struct key *key = i < r->nkeys ? r->reader->keys[i] :
					i == r->nkeys ? &key_machines : NULL;

		if (options[i].type != CFGT_STR || !(options[i].flags & CFGF_MODIFIED))
			continue;
		seen[i] = (struct seen){0};
		if (!key) {
			tell_unknown(r, options[i].name, line, section->kind == SECTION_GLOBAL,
				     section->kind == SECTION_GROUP);
			continue;
		}
		if (!belongs(r, section, key, line))
			continue;
		if (key->flags & KEY_EITHER && either)
			tell(r, line, "%s and %s are both set: one of them is enough", either,
			     key->name);
		if (key->flags & KEY_EITHER)
			either = key->name;
		if (!section_entry(section, key, line))
			tell(r, line, "out of memory");
		for (unsigned n = 0; n < options[i].nvalues; n++) {
			if (section_add(section, key, line, options[i].values[n]->string, &fault))
				tell(r, line, "%s: %s", key->name, fault.text);
		}
	}
}

/* A section is complete: it moves into the model. */
static int on_section(cfg_t *cfg, cfg_opt_t *option)
{
	static const char *const kinds[] = {
		[SECTION_MACHINE] = "machine", [SECTION_PROFILE] = "profile",
		[SECTION_GROUP] = "group",
	};
	struct reading *r = current;
	cfg_t *from = cfg_opt_getnsec(option, 0);
	enum section_kind kind = SECTION_MACHINE;
	struct section *section;
	struct fault fault;
	unsigned line = config_text_section(r->text, r->section++);

	(void)cfg;
	while (kind <= SECTION_GROUP && strcmp(kinds[kind], option->name))
		kind++;
	if (kind > SECTION_GROUP) {
		struct nearest nearest = {.wanted = option->name};

		for (unsigned i = 0; i <= SECTION_GROUP; i++)
			nearest_offer(&nearest, kinds[i]);
		tell(r, line, "unknown section \"%s\": %s%s", option->name,
		     nearest.name ? "did you mean " : "there are machine, profile and group",
		     nearest.name ? nearest.name : "");
		memset(r->inner_seen, 0, (r->nkeys + 2 + UNKNOWN_MAX) * sizeof(*r->inner_seen));
	} else {
		section = model_add(r->reader->model, kind, from->title, r->path, line, &fault);
		if (section)
			take_options(r, section, from->opts, r->inner_seen);
		else
			tell(r, line, "%s", fault.text);
	}
	cfg_opt_rmnsec(option, 0);
	return 0;
}

static int add_file(struct reading *r, char *path, char *from)
{
	if (r->nfiles == r->files_size) {
		size_t size = r->files_size ? r->files_size * 2 : 8;
		struct file *files = realloc(r->files, size * sizeof(*files));

		if (files)
			r->files = files;
		if (!files || r->nfiles >= FILES_MAX)
			path = (free(path), NULL);
		else
			r->files_size = size;
	}
	if (!path) {
		tell_at(r, from, r->path, "too many files, or out of memory");
		free(from);
		return -ENOMEM;
	}
	r->files[r->nfiles++] = (struct file){path, from};
	return 0;
}

static int is_configuration(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       !strcmp(entry->d_name + length - 5, ".conf");
}

static void add_directory(struct reading *r, const char *directory, const char *from)
{
	struct dirent **list;
	int n = scandir(directory, &list, is_configuration, alphasort);

	if (n < 0) {
		tell_at(r, from, directory, strerror(errno));
		return;
	}
	for (int i = 0; i < n; i++) {
		char *path;

		if (asprintf(&path, "%s/%s", directory, list[i]->d_name) < 0)
			path = NULL;
		add_file(r, path, strdup(from));
		free(list[i]);
	}
	free(list);
}

/*
 * include("PATH"): a file, or all *.conf of a directory, by name; relative to the file it stands
 * in.
 */
static int on_include(cfg_t *cfg, cfg_opt_t *option, int argc, const char **argv)
{
	struct reading *r = current;
	const char *slash = strrchr(r->path, '/');
	struct stat st;
	char *path, from[PATH_MAX + 16];

	(void)option;
	snprintf(from, sizeof(from), "%s:%d", r->path, cfg->line);
	if (argc != 1 || !*argv[0]) {
		tell(r, (unsigned)cfg->line,
		     "include takes one file or directory: include(\"/etc/stoker/conf.d\")");
		return 0;
	}
	if (asprintf(&path, "%.*s%s", slash && *argv[0] != '/' ? (int)(slash + 1 - r->path) : 0,
		     r->path, argv[0]) < 0) {
		tell(r, (unsigned)cfg->line, "out of memory");
		return 0;
	}
	if (stat(path, &st)) {
		tell(r, (unsigned)cfg->line, "include \"%s\": %s", path, strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		add_directory(r, path, from);
	} else {
		add_file(r, path, strdup(from));
		return 0;
	}
	free(path);
	return 0;
}

static cfg_opt_t value_option(const char *name)
{
	/* a value of any form: what it must be is checked when it is moved into the model */
	cfg_opt_t option = CFG_STR_LIST(NULL, NULL, CFGF_NODEFAULT);

	option.name = name;
	option.parsecb = (cfg_callback_t)on_value;
	return option;
}

static cfg_opt_t section_option(const char *name, cfg_opt_t *inner)
{
	cfg_opt_t option = CFG_SEC(NULL, NULL, CFGF_MULTI | CFGF_TITLE);

	option.name = name;
	option.subopts = inner;
	option.validcb = on_section;
	return option;
}

/*
 * Fills libconfuse's tables: known keys in the order of reader->keys, machines, then unknown ones.
 */
static void make_options(struct reading *r)
{
	const cfg_opt_t end = CFG_END();
	size_t i, o;

	for (i = 0; i < r->nkeys; i++)
		r->inner[i] = r->outer[i] = value_option(r->reader->keys[i]->name);
	/* at the top, that name is a section's */
	for (i = 0; i < r->nkeys; i++) {
		if (!strcmp(r->outer[i].name, "profile"))
			r->outer[i].name = "=";
	}
	r->inner[i] = r->outer[i] = value_option(key_machines.name);
	o = ++i;
	for (size_t u = 0; u < r->nunknown; u++) {
		r->inner[i++] = value_option(r->unknown[u].name);
		r->outer[o++] = r->unknown[u].section ?
				section_option(r->unknown[u].name, r->inner) :
				value_option(r->unknown[u].name);
	}
	r->inner[i] = end;
	r->outer[o++] = section_option("machine", r->inner);
	r->outer[o++] = section_option("profile", r->inner);
	r->outer[o++] = section_option("group", r->inner);
	r->outer[o++] = (cfg_opt_t)CFG_FUNC("include", on_include);
	r->outer[o] = end;
}

static int make_tables(struct reading *r)
{
	size_t most;

	while (r->reader->keys[r->nkeys])
		r->nkeys++;
	most = r->nkeys + UNKNOWN_MAX + 8;
	r->inner = calloc(most, sizeof(*r->inner));
	r->outer = calloc(most, sizeof(*r->outer));
	r->inner_seen = calloc(most, sizeof(*r->inner_seen));
	r->outer_seen = calloc(most, sizeof(*r->outer_seen));
	return r->inner && r->outer && r->inner_seen && r->outer_seen ? 0 : -ENOMEM;
}

/* One reading of one file; what it put into the model goes away again if it has to be repeated. */
static void read_pass(struct reading *r)
{
	size_t sections = r->reader->model->nsections, files = r->nfiles;
	size_t seen_size = (r->nkeys + UNKNOWN_MAX + 8) * sizeof(*r->inner_seen);
	struct section *global = r->reader->model->global;
	FILE *in = fmemopen(r->text->bytes, r->text->length, "r");
	cfg_t *cfg;

	r->again = r->told = false;
	r->section = 0;
	memset(r->inner_seen, 0, seen_size);
	memset(r->outer_seen, 0, seen_size);
	make_options(r);
	cfg = in ? cfg_init(r->outer, CFGF_NONE) : NULL;
	if (!cfg) {
		tell(r, 0, "out of memory");
		goto out;
	}
	cfg_set_error_function(cfg, on_error);
	cfg->filename = strdup(r->path);
	if (cfg_parse_fp(cfg, in) != CFG_SUCCESS && !r->told)
		tell(r, (unsigned)cfg->line, "cannot be read from here on");
	if (r->again) {
		model_truncate(r->reader->model, sections);
		while (r->nfiles > files) {
			free(r->files[--r->nfiles].path);
			free(r->files[r->nfiles].from);
		}
		sentences_forget(&r->sentences);
	} else {
		take_options(r, global, cfg->opts, r->outer_seen);
	}
	cfg_free(cfg);
out:
	if (in)
		fclose(in);
}

/* text becomes config_text's, which blanks its comments. */
static void read_text(struct reading *r, const char *path, char *bytes, size_t length)
{
	struct config_text text;

	r->path = path;
	if (memchr(bytes, '\0', length)) {
		tell_at(r, NULL, path, "not a text file: it contains a NUL byte");
		return;
	}
	if (config_text_prepare(&text, bytes, length)) {
		tell_at(r, NULL, path, "out of memory");
		return;
	}
	r->text = &text;
	current = r;
	do {
		/* an empty file cannot be opened in memory, and says nothing */
		if (length)
			read_pass(r);
	} while (r->again);
	current = NULL;
	r->text = NULL;
	if (text.unclosed && !r->told && text.nsections)
		tell(r, text.sections[text.nsections - 1], "the closing brace is missing");
	config_text_free(&text);
	for (size_t i = 0; i < r->nunknown; i++)
		free(r->unknown[i].name);
	r->nunknown = 0;
}

/* Whether a file was read already, by another name or in a circle of includes. */
static bool seen_before(struct reading *r, const struct stat *st)
{
	size_t n = r->nread;
	dev_t *devices = realloc(r->devices, (n + 1) * sizeof(*devices));
	ino_t *inodes = devices ? realloc(r->inodes, (n + 1) * sizeof(*inodes)) : NULL;

	if (devices)
		r->devices = devices;
	if (!inodes)
		return true;
	r->inodes = inodes;
	for (size_t i = 0; i < n; i++) {
		if (devices[i] == st->st_dev && inodes[i] == st->st_ino)
			return true;
	}
	devices[n] = st->st_dev;
	inodes[n] = st->st_ino;
	r->nread++;
	return false;
}

static void read_file(struct reading *r, size_t n)
{
	const char *path = r->files[n].path, *from = r->files[n].from;
	struct fault fault;
	struct stat st;
	size_t length;
	char *bytes;

	r->path = path;
	if (stat(path, &st)) {
		tell_at(r, from, path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		tell_at(r, from, path, "not a regular file");
	} else if (seen_before(r, &st)) {
		tell_at(r, from, path, "the file was read already");
	} else if (file_read(path, FILE_SIZE_MAX, &bytes, &length, &fault)) {
		tell_at(r, from, "configuration", fault.text);
	} else {
		read_text(r, path, bytes, length);
		free(bytes);
	}
}

static size_t finish_reading(struct reading *r)
{
	/* references are only worth checking when all that they may refer to was read */
	model_finish(r->reader->model, tell_section, r);
	tell_all(r);
	for (size_t i = 0; i < r->nfiles; i++) {
		free(r->files[i].path);
		free(r->files[i].from);
	}
	free(r->files);
	free(r->devices);
	free(r->inodes);
	free(r->inner);
	free(r->outer);
	free(r->inner_seen);
	free(r->outer_seen);
	return r->errors;
}

size_t config_read(const struct config_reader *reader, const char *path)
{
	struct reading r = {.reader = reader, .path = path};

	if (make_tables(&r)) {
		tell_at(&r, NULL, path, "out of memory");
	} else {
		char *first = strdup(path);

		add_file(&r, first, NULL);
		/* includes add files behind those that wait */
		for (size_t i = 0; i < r.nfiles; i++) {
			read_file(&r, i);
			tell_all(&r);
		}
	}
	return finish_reading(&r);
}

size_t config_read_text(const struct config_reader *reader, const char *name, const char *text)
{
	struct reading r = {.reader = reader, .path = name};
	char *bytes = strdup(text);

	if (make_tables(&r) || !bytes)
		tell_at(&r, NULL, name, "out of memory");
	else
		read_text(&r, name, bytes, strlen(bytes));
	free(bytes);
	tell_all(&r);
	for (size_t i = 0; i < r.nfiles; i++) {
		read_file(&r, i);
		tell_all(&r);
	}
	return finish_reading(&r);
}
