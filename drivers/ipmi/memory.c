/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The memory of what worked: lines "ADDRESS PORT SUITE TIME", TIME in seconds since 1970. Whatever
 * is wrong with the file counts as nothing remembered. See memory.h.
 */
#include "memory.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { FILE_MAX = 16 << 20, KEPT_S = 30 * 24 * 3600, NAME_SIZE = INET6_ADDRSTRLEN + 24 };

struct memory {
	char name[NAME_SIZE];		/* "ADDRESS PORT" */
	int suite;			/* -1: forgotten */
	int64_t time;
};

static struct {
	bool loaded, changed;
	struct table table;
	struct memory **list;
	size_t n, size;
} all;

static void name_of(const struct peer *peer, char name[NAME_SIZE])
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(peer->family, peer->address, address, sizeof(address));
	if (peer->scope)
		snprintf(name, NAME_SIZE, "%s%%%u %u", address, peer->scope, ntohs(peer->port));
	else
		snprintf(name, NAME_SIZE, "%s %u", address, ntohs(peer->port));
}

static bool grow(void)
{
	size_t size = all.size ? all.size * 2 : 16;
	struct memory **list;

	if (all.n < all.size)
		return true;
	list = realloc(all.list, size * sizeof(struct memory *));
	if (!list)
		return false;
	all.list = list;
	all.size = size;
	return true;
}

/* Remembering less than all is no error. */
static void set(const char *name, int suite, int64_t when)
{
	struct memory *m = table_find(&all.table, name);

	if (!m) {
		m = grow() ? calloc(1, sizeof(*m)) : NULL;
		if (!m)
			return;
		strcpy(m->name, name);
		if (table_add(&all.table, m->name, m, NULL)) {
			free(m);
			return;
		}
		all.list[all.n++] = m;
	}
	m->suite = suite;
	m->time = when;
}

static int path_of(char path[PATH_MAX])
{
	char directory[PATH_MAX - 16];
	int err = state_directory(directory, sizeof(directory), NULL);

	if (!err)
		snprintf(path, PATH_MAX, "%s/ipmi-suites", directory);
	return err;
}

static void load_line(const char *line, int64_t now)
{
	char address[INET6_ADDRSTRLEN + 12], name[NAME_SIZE];
	unsigned port, suite;
	long long when;

	if (sscanf(line, "%57s %5u %3u %19lld", address, &port, &suite, &when) != 4 ||
	    port > 65535 || suite > MEMORY_V15 || when > now || now - when > KEPT_S)
		return;
	snprintf(name, sizeof(name), "%s %u", address, port);
	set(name, (int)suite, when);
}

static void load(void)
{
	char path[PATH_MAX], *text;
	int64_t now = time(NULL);
	struct stat st;

	if (all.loaded)
		return;
	all.loaded = true;
	if (path_of(path) || stat(path, &st) || !S_ISREG(st.st_mode) ||
	    file_read(path, FILE_MAX, &text, NULL, NULL))
		return;
	for (char *line = text, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		load_line(line, now);
	}
	free(text);
}

int memory_suite(const struct peer *peer)
{
	const struct memory *m;
	char name[NAME_SIZE];

	load();
	if (!all.n)
		return -1;
	name_of(peer, name);
	m = table_find(&all.table, name);
	return m ? m->suite : -1;
}

void memory_keep(const struct peer *peer, int suite)
{
	char name[NAME_SIZE];

	if (memory_suite(peer) == suite)
		return;
	name_of(peer, name);
	set(name, suite, time(NULL));
	all.changed = true;
}

static void save(void)
{
	struct buffer text = {0};
	char path[PATH_MAX];

	for (size_t i = 0; i < all.n; i++) {
		if (all.list[i]->suite >= 0)
			buffer_add(&text, "%s %d %lld\n", all.list[i]->name, all.list[i]->suite,
				   (long long)all.list[i]->time);
	}
	if (!text.failed && !path_of(path))
		file_replace(path, buffer_text(&text), text.length, 0644, NULL);
	buffer_free(&text);
}

void memory_quit(void)
{
	if (all.changed)
		save();
	for (size_t i = 0; i < all.n; i++)
		free(all.list[i]);
	free(all.list);
	table_free(&all.table);
	all.list = NULL;
	all.n = all.size = 0;
	all.loaded = all.changed = false;
}
