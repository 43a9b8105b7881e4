/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders are looked through, and the inventory is kept. See scan.h. */
#include "cli/scan.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, FIRST_LOOK = 4096, INVENTORY_MAX = 64 << 20 };

static const char header[] = "stoker guests inventory 1";

/* --- folders --------------------------------------------------------------------------------- */

/* A folder or file that was looked at: links may lead there again. */
struct visited {
	struct visited *next;
	char key[48];
};

struct walk {
	struct inventory *inventory;
	struct table seen;
	struct visited *all;
	void (*tell)(const char *sentence);
};

/* Whether it is new. */
static bool visit(struct walk *w, const struct stat *st)
{
	struct visited *v = calloc(1, sizeof(*v));

	if (!v) {
		w->inventory->failed = true;
		return false;
	}
	snprintf(v->key, sizeof(v->key), "%jx:%jx", (uintmax_t)st->st_dev, (uintmax_t)st->st_ino);
	v->next = w->all;
	if (table_add(&w->seen, v->key, v, NULL)) {
		free(v);
		return false;
	}
	w->all = v;
	return true;
}

/* File systems that the kernel makes up: there are no guests in them, and no end. */
static bool is_made_up(const char *path)
{
	static const unsigned long types[] = {
		PROC_SUPER_MAGIC,   SYSFS_MAGIC,	 DEVPTS_SUPER_MAGIC,
		CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,
		TRACEFS_MAGIC,	    SECURITYFS_MAGIC,	 BPF_FS_MAGIC,
	};
	struct statfs fs;

	if (statfs(path, &fs))
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((unsigned long)fs.f_type == types[i])
			return true;
	}
	return false;
}

/* Bytes of a text from one place to another; false where there are fewer, or a NUL among them. */
static bool read_part(int fd, char *text, size_t from, size_t to)
{
	while (from < to) {
		ssize_t n = read(fd, text + from, to - from);

		if (n <= 0 || memchr(text + from, '\0', (size_t)n))
			return false;
		from += (size_t)n;
	}
	return true;
}

/* A text of at most IMPORT_FILE_MAX bytes; NULL: it is none. Of what is none little is read. */
static char *read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = NULL;
	struct stat st;
	size_t size, first;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    st.st_size > IMPORT_FILE_MAX)
		goto out;
	size = (size_t)st.st_size;
	first = size < FIRST_LOOK ? size : FIRST_LOOK;
	text = malloc(size + 1);
	if (!text || !read_part(fd, text, 0, first) || !read_part(fd, text, first, size)) {
		free(text);
		text = NULL;
	} else {
		text[size] = '\0';
	}
out:
	close(fd);
	return text;
}

static void scan_file(struct walk *w, const char *path)
{
	char *text, file[PATH_MAX];

	/* by whatever links it was found, it is one file */
	if (!realpath(path, file))
		return;
	for (const char *p = file; *p; p++) {
		/* such a name would break the inventory's lines */
		if (iscntrl((unsigned char)*p))
			return;
	}
	text = read_text(file);
	if (text)
		scan_text(w->inventory, file, text);
	free(text);
}

static int walk(struct walk *w, const char *folder, unsigned depth, struct fault *f);

static void walk_entry(struct walk *w, const char *folder, const char *name, unsigned depth)
{
	char path[PATH_MAX];
	struct fault fault;
	struct stat st;

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return;
	if (snprintf(path, sizeof(path), "%s/%s", strcmp(folder, "/") ? folder : "", name) >=
	    (int)sizeof(path))
		return;
	/* a link that leads nowhere is nothing */
	if (stat(path, &st) || !(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)) || !visit(w, &st))
		return;
	if (S_ISREG(st.st_mode))
		scan_file(w, path);
	else if (walk(w, path, depth + 1, &fault))
		w->tell(fault.text);
}

static int walk(struct walk *w, const char *folder, unsigned depth, struct fault *f)
{
	struct dirent **entries;
	int n;

	if (is_made_up(folder))
		return 0;
	if (depth > DEPTH_MAX)
		return fault_set(f, ELOOP,
				 "%s: it lies deeper than %d folders, and was not looked at",
				 folder, DEPTH_MAX);
	/* sorted: of two names of one file the first counts, each time the same */
	n = scandir(folder, &entries, NULL, alphasort);
	if (n < 0)
		return fault_set(f, errno, "%s: %s", folder, strerror(errno));
	for (int i = 0; i < n; i++) {
		walk_entry(w, folder, entries[i]->d_name, depth);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

int scan_folder(struct inventory *inventory, const char *folder, void (*tell)(const char *sentence),
		struct fault *f)
{
	struct walk w = {.inventory = inventory, .tell = tell};
	struct stat st;
	int err = 0;

	if (stat(folder, &st))
		err = fault_set(f, errno, "%s: %s", folder, strerror(errno));
	else if (S_ISREG(st.st_mode))
		scan_file(&w, folder);
	else if (visit(&w, &st))
		err = walk(&w, folder, 0, f);
	while (w.all) {
		struct visited *next = w.all->next;

		free(w.all);
		w.all = next;
	}
	table_free(&w.seen);
	return err;
}

/* --- the inventory --------------------------------------------------------------------------- */

static void found_free(struct found *found)
{
	free(found->file);
	free(found->name);
	free(found->uuid);
	free(found->macs);
	free(found->addresses);
	free(found->behind);
}

void inventory_free(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->n; i++)
		found_free(&inventory->list[i]);
	free(inventory->list);
	*inventory = (struct inventory){0};
}

static int compare(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	int order = strcmp(a->file, b->file);

	return order ? order : strverscmp(a->name, b->name);
}

void inventory_sort(struct inventory *inventory)
{
	size_t kept = 0;

	if (inventory->n)
		qsort(inventory->list, inventory->n, sizeof(*inventory->list), compare);
	for (size_t i = 0; i < inventory->n; i++) {
		struct found *found = &inventory->list[i];

		/* what was found twice, by two folders, or is not there any more */
		if ((kept && !compare(&inventory->list[kept - 1], found)) ||
		    access(found->file, F_OK))
			found_free(found);
		else
			inventory->list[kept++] = *found;
	}
	inventory->n = kept;
}

void inventory_forget(struct inventory *inventory, const char *folder)
{
	size_t length = strcmp(folder, "/") ? strlen(folder) : 0, kept = 0;

	for (size_t i = 0; i < inventory->n; i++) {
		const char *file = inventory->list[i].file;

		if (!strncmp(file, folder, length) && (!file[length] || file[length] == '/'))
			found_free(&inventory->list[i]);
		else
			inventory->list[kept++] = inventory->list[i];
	}
	inventory->n = kept;
}

static int inventory_path(char *path, size_t size, struct fault *f)
{
	char directory[PATH_MAX - 24];
	int err = state_directory(directory, sizeof(directory), f);

	if (!err)
		snprintf(path, size, "%s/guests.inventory", directory);
	return err;
}

static enum import_kind kind_named(const char *name)
{
	unsigned kind = IMPORT_CHARON_LIST;

	while (kind <= IMPORT_STOKER && strcmp(import_kind_name(kind), name))
		kind++;
	return kind <= IMPORT_STOKER ? kind : IMPORT_NOT_KNOWN;
}

static void parse_line(struct inventory *inventory, char *line)
{
	enum { FILE_FIELD, KIND, NAME, UUID, MACS, ADDRESSES, BEHIND, FIELDS };
	char *fields[FIELDS];
	size_t n = 0;

	for (char *rest = line; rest && n < FIELDS;)
		fields[n++] = strsep(&rest, "\t");
	if (n < FIELDS || *fields[FILE_FIELD] != '/' || !kind_named(fields[KIND]))
		return;
	if (inventory->n == inventory->size) {
		size_t size = inventory->size ? inventory->size * 2 : 16;
		struct found *list = realloc(inventory->list, size * sizeof(*list));

		if (!list) {
			inventory->failed = true;
			return;
		}
		inventory->list = list;
		inventory->size = size;
	}
	inventory->list[inventory->n] = (struct found){
		.file = strdup(fields[FILE_FIELD]),
		.kind = kind_named(fields[KIND]),
		.name = strdup(fields[NAME]),
		.uuid = strdup(fields[UUID]),
		.macs = strdup(fields[MACS]),
		.addresses = strdup(fields[ADDRESSES]),
		.behind = strdup(fields[BEHIND]),
	};
	inventory->n++;
}

void inventory_parse(struct inventory *inventory, char *text)
{
	char *rest = NULL, *line = strtok_r(text, "\n", &rest);

	/* one of another version is made anew by the next scan */
	if (!line || strcmp(line, header))
		return;
	while ((line = strtok_r(NULL, "\n", &rest)))
		parse_line(inventory, line);
	for (size_t i = 0; i < inventory->n; i++) {
		const struct found *g = &inventory->list[i];

		if (g->file && g->name && g->uuid && g->macs && g->addresses && g->behind)
			continue;
		inventory->failed = true;
		found_free(&inventory->list[i]);
		inventory->list[i--] = inventory->list[--inventory->n];
	}
}

int inventory_read(struct inventory *inventory, struct fault *f)
{
	char path[PATH_MAX], *text;
	int err = inventory_path(path, sizeof(path), f);

	if (err)
		return err;
	err = file_read(path, INVENTORY_MAX, &text, NULL, f);
	if (err)
		return err == -ENOENT ? 0 : err;
	inventory_parse(inventory, text);
	free(text);
	return 0;
}

int inventory_write(const struct inventory *inventory, struct fault *f)
{
	struct buffer out = {0};
	char path[PATH_MAX];
	int err = inventory_path(path, sizeof(path), f);

	if (err)
		return err;
	buffer_add(&out, "%s\n", header);
	for (size_t i = 0; i < inventory->n; i++) {
		const struct found *g = &inventory->list[i];

		buffer_add(&out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", g->file, import_kind_name(g->kind),
			   g->name, g->uuid, g->macs, g->addresses, g->behind);
	}
	err = out.failed ? fault_no_memory(f) : file_replace(path, out.text, out.length, 0644, f);
	buffer_free(&out);
	return err;
}
