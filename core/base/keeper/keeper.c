/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How keepers are started, and what they leave to be read. See keeper.h. Defined by:
 * posix_spawn(3).
 */
#include "base/keeper/keeper.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/keeper/record.h"
#include "base/local.h"
#include "base/process.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RECORD_SIZE_MAX = 256, ENDED_MAX = 1024 };

/* The kernel's CLOSE_RANGE_CLOEXEC, which not every libc knows. */
enum { RANGE_CLOEXEC = 1 << 2 };

/* --- starting -------------------------------------------------------------------------------- */

/* An errno. */
static int actions_make(posix_spawn_file_actions_t *actions, int report, int terminal)
{
	int err = posix_spawn_file_actions_init(actions);

	if (err)
		return err;
	err = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDWR, 0);
	for (int fd = 1; fd <= 2 && !err; fd++)
		err = posix_spawn_file_actions_adddup2(actions, 0, fd);
	if (!err)
		err = posix_spawn_file_actions_adddup2(actions, report, KEEPER_REPORT);
	if (!err && terminal)
		err = posix_spawn_file_actions_adddup2(actions, terminal, KEEPER_GIVEN);
	if (err)
		posix_spawn_file_actions_destroy(actions);
	return err;
}

/*
 * The program that runs, also where its file has been replaced meanwhile; by its name where that is
 * still its own: it is more than a link into what a tracer may have put in its place.
 */
static const char *own_path(char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (n > 0) {
		path[n] = '\0';
		if (!access(path, X_OK))
			return path;
	}
	return "/proc/self/exe";
}

/* An errno. */
static int spawn(char *const *argv, const struct keeper_job *job, int report)
{
	char path[PATH_MAX];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid;
	int err = process_attributes(&attributes, POSIX_SPAWN_SETSID);

	if (err)
		return err;
	err = actions_make(&actions, report, job->terminal);
	if (!err) {
		err = posix_spawn(&pid, own_path(path), &actions, &attributes, argv,
				  job->environment);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	return err;
}

static void add(struct buffer *b, const char *name, const char *value)
{
	if (!value)
		return;
	buffer_add(b, "%s=%s", name, value);
	buffer_add_bytes(b, "", 1);
}

/* Its command line: what it is to do, then "--" and the program's own. NULL without memory. */
static char **argv_make(const struct keeper_job *job)
{
	size_t words = 0, n = 0, own = 0;
	struct buffer b = {0};
	char adopt[64], **argv = NULL, *text;

	snprintf(adopt, sizeof(adopt), "%ld:%llu", (long)job->adopt.pid,
		 (unsigned long long)job->adopt.start);
	add(&b, "run", job->run);
	add(&b, "state", job->state);
	add(&b, "folder", job->folder);
	add(&b, "path", job->path);
	add(&b, "line", job->line);
	add(&b, "resume", job->resume);
	add(&b, "offloads-off", job->interfaces);
	add(&b, "detaches", job->detaches ? "yes" : NULL);
	add(&b, "terminal", job->terminal ? "given" : NULL);
	add(&b, "draws", job->draws ? "yes" : NULL);
	add(&b, "adopt", job->adopt.pid ? adopt : NULL);
	for (size_t i = 0; i < b.length; i++)
		own += !b.text[i];
	while (job->argv[words])
		words++;
	if (!b.failed)
		argv = malloc((3 + own + words + 1) * sizeof(*argv) + b.length);
	if (argv) {
		text = (char *)(argv + 3 + own + words + 1);
		memcpy(text, b.text, b.length);
		argv[n++] = (char *)KEEPER_NAME;
		argv[n++] = (char *)job->name;
		for (char *p = text; p < text + b.length; p += strlen(p) + 1)
			argv[n++] = p;
		argv[n++] = (char *)"--";
		memcpy(argv + n, job->argv, (words + 1) * sizeof(*argv));
	}
	buffer_free(&b);
	return argv;
}

int keeper_start(const struct keeper_job *job, int *report, struct fault *f)
{
	char **argv = argv_make(job);
	int ends[2], err;

	if (!argv)
		return fault_no_memory(f);
	if (pipe2(ends, O_CLOEXEC)) {
		err = fault_set(f, errno, "no pipe for the keeper of %s: %s", job->name,
				strerror(errno));
		free(argv);
		return err;
	}
	/* what others left open when they started us is not passed on */
	syscall(SYS_close_range, 3, ~0U, RANGE_CLOEXEC);
	err = spawn(argv, job, ends[1]);
	close(ends[1]);
	free(argv);
	if (!err && fcntl(ends[0], F_SETFL, O_NONBLOCK))
		err = errno;
	if (err) {
		close(ends[0]);
		return fault_set(f, err, "the keeper of %s cannot be started: %s", job->name,
				 strerror(err));
	}
	*report = ends[0];
	return 0;
}

/* --- what is left to be read ----------------------------------------------------------------- */

void boot_id(char id[BOOT_ID_SIZE])
{
	FILE *in = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!in || !fgets(id, BOOT_ID_SIZE, in))
		strcpy(id, "-");
	if (in)
		fclose(in);
	id[strcspn(id, "\n")] = '\0';
}

/* "PID START", and moves on behind it. */
static bool read_proc(char **p, struct proc *proc)
{
	char *end;

	proc->pid = (pid_t)strtol(*p, &end, 10);
	if (end == *p || *end != ' ')
		return false;
	*p = end;
	proc->start = strtoull(*p, &end, 10);
	if (end == *p || *end != ' ')
		return false;
	*p = end + 1;
	return true;
}

int keeper_read(const char *run, struct keeper_record *record, struct fault *f)
{
	char path[PATH_MAX], id[BOOT_ID_SIZE], *text, *p;
	int err;

	if (snprintf(path, sizeof(path), "%s/record", run) >= (int)sizeof(path))
		return fault_set(f, ENAMETOOLONG, "\"%s\" is longer than a path can be", run);
	err = file_read(path, RECORD_SIZE_MAX, &text, NULL, f);
	if (err)
		return err;
	p = text;
	boot_id(id);
	if (!read_proc(&p, &record->program) || !read_proc(&p, &record->keeper))
		err = fault_set(f, ENOENT, "\"%s\" is no keeper's record", path);
	else if (p[strcspn(p, "\n")] = '\0', strcmp(p, id))
		err = fault_set(f, ENOENT, "\"%s\" is of before the machine's last start", path);
	free(text);
	return err;
}

int keeper_connect(const char *run, const char *name)
{
	int folder = open(run, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
	char path[PATH_MAX];

	if (folder < 0)
		return -errno;
	/* by way of the folder's descriptor: the path of a socket has room for 107 bytes only */
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", folder, name);
	fd = local_connect(path);
	close(folder);
	return fd;
}

int keeper_end_write(const char *state, bool well, int64_t when, const char *sentence,
		     struct fault *f)
{
	char path[PATH_MAX], text[ENDED_MAX];

	if (snprintf(path, sizeof(path), "%s/ended", state) >= (int)sizeof(path))
		return fault_set(f, ENAMETOOLONG, "\"%s\" is longer than a path can be", state);
	snprintf(text, sizeof(text), "%lld %s %s\n", (long long)when, well ? "well" : "badly",
		 sentence);
	return file_replace(path, text, strlen(text), 0600, f);
}

/* Moves on behind a word and its blank. */
static bool skip_word(char **p, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*p, word, length))
		return false;
	*p += length;
	return true;
}

char *keeper_last_end(const char *state, int64_t *when, bool *well)
{
	char path[PATH_MAX], *text, *end;

	if (snprintf(path, sizeof(path), "%s/ended", state) >= (int)sizeof(path) ||
	    file_read(path, ENDED_MAX, &text, NULL, NULL))
		return NULL;
	*when = strtoll(text, &end, 10);
	*well = end > text && skip_word(&end, " well ");
	if (end == text || (!*well && !skip_word(&end, " badly "))) {
		free(text);
		return NULL;
	}
	end[strcspn(end, "\n")] = '\0';
	memmove(text, end, strlen(end) + 1);
	return text;
}

int keeper_end_was_meant(const char *run, const char *state, struct fault *f)
{
	struct keeper_record record;
	char path[PATH_MAX], *sentence;
	int64_t when;
	bool well;
	int err = 0;

	/* a keeper that was killed has left its record, and has not written how it ended */
	if (!keeper_read(run, &record, NULL) && proc_look(&record.program) == PROC_GONE &&
	    proc_look(&record.keeper) == PROC_GONE &&
	    snprintf(path, sizeof(path), "%s/record", run) < (int)sizeof(path))
		unlink(path);
	sentence = keeper_last_end(state, &when, &well);
	if (sentence && !well)
		err = keeper_end_write(state, true, when, sentence, f);
	free(sentence);
	return err;
}
