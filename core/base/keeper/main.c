/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main of the keeper's process: reads what keeper_start wrote, and leaves its parent. */
#include "base/keeper/keep.h"
#include "base/keeper/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *value_of(const char *word, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(word, name, length) && word[length] == '=' ? word + length + 1 : NULL;
}

static void read_adopted(const char *text, struct proc *proc)
{
	char *end;

	proc->pid = (pid_t)strtol(text, &end, 10);
	proc->start = *end == ':' ? strtoull(end + 1, NULL, 10) : 0;
}

static bool read_word(struct keep *k, const char *word)
{
	const char **const texts[] = {
		&k->run, &k->state, &k->folder, &k->path, &k->line_text, &k->resume, &k->interfaces,
	};
	static const char *const names[] = {
		"run", "state", "folder", "path", "line", "resume", "offloads-off",
	};
	const char *value;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = value_of(word, names[i]);
		if (value) {
			*texts[i] = value;
			return true;
		}
	}
	if (value_of(word, "detaches")) {
		k->detaches = true;
		return true;
	}
	if (value_of(word, "draws")) {
		k->draws = true;
		return true;
	}
	if (value_of(word, "terminal")) {
		k->given = true;
		return !fcntl(KEEPER_GIVEN, F_SETFD, FD_CLOEXEC);
	}
	value = value_of(word, "adopt");
	if (value)
		read_adopted(value, &k->record.program);
	return value;
}

static bool read_words(struct keep *k, int argc, char **argv)
{
	int i = 2;

	while (i < argc && strcmp(argv[i], "--")) {
		if (!read_word(k, argv[i++]))
			return false;
	}
	k->argv = argv + i + 1;
	k->holds_line = k->line_text;
	return i + 1 < argc && k->run && k->state && k->path;
}

/* The folders are held by their descriptors: a socket's path through them is short. */
static bool open_folders(struct keep *k)
{
	k->run_folder = open(k->run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	k->state_folder = open(k->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return k->run_folder >= 0 && k->state_folder >= 0;
}

int keeper_main(int argc, char **argv)
{
	struct keep k = {0};
	pid_t pid;

	if (!read_words(&k, argc, argv) || fcntl(KEEPER_REPORT, F_SETFD, FD_CLOEXEC) < 0) {
		fprintf(stderr, "%s: stoker starts this beside emulators; it is not for people\n",
			KEEPER_NAME);
		return 2;
	}
	k.reports = true;
	/* whoever started us waits for this one only, and need not be there when we end */
	pid = fork();
	if (pid)
		return pid < 0;
	if (!open_folders(&k)) {
		dprintf(KEEPER_REPORT, "fail 2 the folders \"%s\" and \"%s\" cannot be opened\n",
			k.run, k.state);
		return 1;
	}
	return keep_run(&k);
}
