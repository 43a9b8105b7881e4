/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logs of consoles. See logfile.h. Each write goes to the end of the file (O_APPEND), so that a
 * restarted daemon goes on where a killed one was, and nothing is written twice. Of a write that
 * was cut by a full disk the fragment is taken away again: a file has whole characters and stamps.
 */
#include "daemon/logfile.h"
#include "base/fault.h"
#include "base/file.h"
#include "daemon/keys.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 16384, NOTE_MAX = FAULT_TEXT_MAX + 64 };

static const double try_again_s = 1;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A number for the local day, other than that of its neighbours; asked once a second at most. */
static unsigned day_of(double time)
{
	static time_t last = -1;
	static unsigned day;
	time_t second = (time_t)time;
	struct tm tm;

	if (second != last) {
		localtime_r(&second, &tm);
		day = (unsigned)(tm.tm_year * 366 + tm.tm_yday);
		last = second;
	}
	return day;
}

/* --- which files are open ------------------------------------------------------------------- */

static struct logfile *oldest, *newest;
static unsigned open_files, most_files = 512;

static void leave_row(struct logfile *log)
{
	*(log->older ? &log->older->newer : &oldest) = log->newer;
	*(log->newer ? &log->newer->older : &newest) = log->older;
	log->older = log->newer = NULL;
}

static void enter_row(struct logfile *log)
{
	log->older = newest;
	*(newest ? &newest->newer : &oldest) = log;
	newest = log;
}

void logfile_close(struct logfile *log)
{
	if (log->fd < 0)
		return;
	leave_row(log);
	open_files--;
	close(log->fd);
	log->fd = -1;
}

void logfile_set_most(unsigned most)
{
	most_files = most ? most : 1;
	while (open_files > most_files)
		logfile_close(oldest);
}

static void use(struct logfile *log)
{
	if (newest == log)
		return;
	leave_row(log);
	enter_row(log);
}

/* --- names ---------------------------------------------------------------------------------- */

void logfile_init(struct logfile *log, const struct machine *machine)
{
	char text[VALUE_MAX];

	*log = (struct logfile){.fd = -1};
	if (!machine_values(machine, &key_log))
		return;
	log->machine = machine;
	log->text = (struct logtext){
		.raw = machine_flag(machine, &key_raw), .line_start = true,
		.stamps = machine_flag(machine, &key_stamps),
	};
	log->files = (unsigned)machine_number(machine, &key_log_files);
	size_parse(machine_value(machine, &key_log_size, 0, text), &log->limit, NULL);
}

/* A machine's name in a path: it stays one part of it, and no hidden one. */
static int add_name(const char *name, char *out, size_t size)
{
	int length = snprintf(out, size, "%s", name);

	for (char *p = out; size && *p; p++) {
		if (*p == '/' || (*p == '.' && p == out))
			*p = '_';
	}
	return length;
}

static int add_part(char kind, const struct machine *machine, const struct tm *tm, char *out,
		    size_t size)
{
	switch (kind) {
	case 'n':
		return add_name(machine->name, out, size);
	case 'Y':
		return snprintf(out, size, "%04d", tm->tm_year + 1900);
	case 'm':
		return snprintf(out, size, "%02d", tm->tm_mon + 1);
	case 'd':
		return snprintf(out, size, "%02d", tm->tm_mday);
	default:
		return snprintf(out, size, "%%");
	}
}

int logfile_path(const struct machine *machine, double time, char *path, size_t size,
		 struct fault *f)
{
	char buffer[VALUE_MAX];
	const char *pattern = machine_value(machine, &key_log, 0, buffer);
	time_t second = (time_t)time;
	size_t length = 0;
	struct tm tm;

	localtime_r(&second, &tm);
	for (const char *p = pattern; *p && length < size; p++) {
		if (*p == '%' && p[1])
			length += (size_t)add_part(*++p, machine, &tm, path + length,
						   size - length);
		else
			path[length++] = *p;
	}
	if (length >= size)
		return fault_set(f, ENAMETOOLONG, "console-log: \"%s\" becomes longer than a path "
				 "can be", pattern);
	path[length] = '\0';
	return 0;
}

/* --- opening and renaming ------------------------------------------------------------------- */

/* Whether the last byte of a file ends a line; an empty one has no line to end. */
static bool ends_in_line(int fd, off_t size)
{
	char last = '\n';

	return !size || (pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

static int open_path(const char *path)
{
	char folder[PATH_MAX];
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);

	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (directory_make(folder, 0750, NULL))
		return -ENOENT;
	fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	return fd < 0 ? -errno : fd;
}

/* -errno. */
static int open_log(struct logfile *log, double time)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, err = logfile_path(log->machine, time, path, sizeof(path), NULL);

	if (err)
		return err;
	fd = open_path(path);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ENOTSUP;
	}
	if (open_files >= most_files)
		logfile_close(oldest);
	log->fd = fd;
	log->day = day_of(time);
	log->text.line_start = ends_in_line(fd, st.st_size);
	enter_row(log);
	open_files++;
	return 0;
}

/* NAME.1 becomes NAME.2 and so on, the oldest goes; NAME becomes NAME.1. */
static void rename_all(const struct logfile *log, const char *path)
{
	char from[PATH_MAX + 16], to[PATH_MAX + 16];

	for (unsigned i = log->files; i; i--) {
		snprintf(to, sizeof(to), "%s.%u", path, i);
		if (i > 1)
			snprintf(from, sizeof(from), "%s.%u", path, i - 1);
		else
			snprintf(from, sizeof(from), "%s", path);
		rename(from, to);
	}
	if (!log->files)
		unlink(path);
}

/* Begins a new file, and goes on with the old one where that fails. */
static int rotate(struct logfile *log, double time)
{
	bool line_start = log->text.line_start;
	char path[PATH_MAX];
	int err = logfile_path(log->machine, time, path, sizeof(path), NULL);

	if (err)
		return err;
	rename_all(log, path);
	logfile_close(log);
	err = open_log(log, time);
	/* a line that goes on in the new file has its stamp in the old one */
	if (!err)
		log->text.line_start = line_start;
	return err;
}

static off_t size_of(const struct logfile *log)
{
	struct stat st;

	return fstat(log->fd, &st) ? 0 : st.st_size;
}

/* --- writing -------------------------------------------------------------------------------- */

/* Writes all, or nothing: what was written of it is taken away again. -errno. */
static int put_all(struct logfile *log, const char *bytes, size_t length)
{
	size_t done = 0;
	ssize_t n;

	while (done < length) {
		n = write(log->fd, bytes + done, length - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno != EINTR)
			break;
	}
	if (done < length) {
		int err = -errno;

		/* where this fails too, a fragment stays: nothing better can be done */
		if (done && ftruncate(log->fd, size_of(log) - (off_t)done))
			return err;
		return err;
	}
	return 0;
}

/* A new file, when these bytes would make this one too large. */
static int make_room(struct logfile *log, size_t length, double time)
{
	off_t size;

	if (!log->limit)
		return 0;
	size = size_of(log);
	if (!size || (uint64_t)size + length <= log->limit)
		return 0;
	return rotate(log, time);
}

/* What of a text still fits a file of the limit's size: to the end of a line, if there is one. */
static size_t fitting(const struct logfile *log, const char *bytes, size_t length)
{
	uint64_t size = log->limit ? (uint64_t)size_of(log) : 0;
	const char *newline;

	if (!log->limit || size + length <= log->limit)
		return length;
	if (size >= log->limit)
		return 0;
	newline = memrchr(bytes, '\n', (size_t)(log->limit - size));
	if (newline)
		return (size_t)(newline - bytes) + 1;
	return size ? 0 : length;
}

/* -errno; nothing of it is written then but what ended a file. */
static int put_text(struct logfile *log, const char *bytes, size_t length, double time,
		    size_t *written)
{
	size_t fits = fitting(log, bytes, length);
	int err = put_all(log, bytes, fits);

	*written = 0;
	if (err)
		return err;
	*written = fits;
	if (fits < length) {
		err = make_room(log, length - fits, time);
		if (!err)
			err = put_all(log, bytes + fits, length - fits);
	}
	if (!err)
		*written = length;
	return err;
}

/* How many of the bytes from the console are in the first `length` that were made of them. */
static size_t bytes_within(struct logtext *text, const unsigned char *bytes, size_t n,
			   const char *stamp, size_t length)
{
	size_t made = 0, i;

	for (i = 0; i < n && made < length; i++) {
		char out[LOGTEXT_MAX];

		made += logtext_byte(text, bytes[i], stamp, out);
	}
	return i;
}

/* Writes a piece of what the console said; done: how much of it is in the file. -errno. */
static int put_piece(struct logfile *log, const unsigned char *bytes, size_t n, double time,
		     size_t *done)
{
	static char out[PIECE * LOGTEXT_MAX];
	struct logtext before = log->text;
	char stamp[STAMP_MAX] = "";
	size_t length = 0, written;
	int err;

	if (log->text.stamps)
		logtext_stamp(time, stamp);
	for (size_t i = 0; i < n; i++)
		length += logtext_byte(&log->text, bytes[i], stamp, out + length);
	err = put_text(log, out, length, time, &written);
	*done = n;
	if (err) {
		*done = bytes_within(&before, bytes, n, stamp, written);
		log->text = before;
	}
	return err;
}

/* "2026-… [stoker: SENTENCE]" as a line. */
static int put_note(struct logfile *log, const char *sentence, double time)
{
	char line[NOTE_MAX + STAMP_MAX], stamp[STAMP_MAX];
	size_t written;
	int length, err;

	logtext_stamp(time, stamp);
	length = snprintf(line, sizeof(line), "%s%s[stoker: %s]\n",
			  log->text.line_start ? "" : "\n", stamp, sentence);
	err = put_text(log, line, (size_t)length, time, &written);
	if (!err)
		log->text = (struct logtext){.raw = log->text.raw, .stamps = log->text.stamps,
					     .line_start = true};
	return err;
}

/* --- trouble -------------------------------------------------------------------------------- */

void logfile_trouble(const struct logfile *log, char *text, size_t size)
{
	char path[PATH_MAX] = "";

	*text = '\0';
	if (!log->err)
		return;
	logfile_path(log->machine, log->since, path, sizeof(path), NULL);
	snprintf(text, size, "%s: %s", path,
		 log->err == -ENOTSUP ? "this is no file" : strerror(-log->err));
}

static int failed(struct logfile *log, int err, double time, struct fault *f)
{
	char why[FAULT_TEXT_MAX];
	bool first = !log->err;

	if (first)
		log->since = time;
	log->err = err;
	log->next_try = time + try_again_s;
	/* the name may stand for another file by then */
	logfile_close(log);
	if (!first)
		return 0;
	logfile_trouble(log, why, sizeof(why));
	return fault_set(f, -err, "its console is not logged: %s", why);
}

/* It can be written again: the gap is told in the file. */
static int told_gap(struct logfile *log, double time, struct fault *f)
{
	char stamp[STAMP_MAX], sentence[NOTE_MAX];
	int err;

	logtext_stamp(log->since, stamp);
	stamp[strlen(stamp) - 1] = '\0';
	snprintf(sentence, sizeof(sentence), "%llu bytes are missing here, since %s: %s",
		 (unsigned long long)log->missing, stamp, strerror(-log->err));
	err = put_note(log, sentence, time);
	if (err)
		return err;
	fault_set(f, 0, "its console is logged again: %llu bytes are missing, since %s",
		  (unsigned long long)log->missing, stamp);
	log->err = 0;
	log->missing = 0;
	return 1;
}

/* A file to write to: 0, 1 with a sentence after trouble, -errno. */
static int prepare(struct logfile *log, double time, struct fault *f)
{
	int err = 0;

	if (log->fd >= 0 && log->day != day_of(time))
		logfile_close(log);
	if (log->fd < 0)
		err = open_log(log, time);
	else
		use(log);
	if (!err && log->err)
		err = told_gap(log, time, f);
	return err;
}

int logfile_write(struct logfile *log, const void *bytes, size_t length, struct fault *f)
{
	const unsigned char *p = bytes;
	double time;
	int result, err = 0;

	if (!log->machine)
		return 0;
	time = now();
	if (log->err && time < log->next_try && time >= log->since) {
		log->missing += length;
		return 0;
	}
	result = prepare(log, time, f);
	if (result < 0)
		err = result;
	while (length && !err) {
		size_t n = length < PIECE ? length : PIECE, done;

		err = put_piece(log, p, n, time, &done);
		p += done;
		length -= done;
	}
	if (!err)
		return result;
	log->missing += length;
	return failed(log, err, time, f);
}

int logfile_note(struct logfile *log, struct fault *f, const char *format, ...)
{
	struct fault sentence;
	double time = now();
	va_list args;
	int result, err;

	if (!log->machine || (log->err && time < log->next_try && time >= log->since))
		return 0;
	va_start(args, format);
	fault_vset(&sentence, 0, format, args);
	va_end(args);
	result = prepare(log, time, f);
	err = result < 0 ? result : put_note(log, sentence.text, time);
	return err ? failed(log, err, time, f) : result;
}
