/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and programs that secrets come from. See credential_source.h. */
#include "engine/credential_source.h"
#include "base/fault.h"
#include "base/process.h"
#include "base/secret.h"
#include "base/table.h"
#include "base/text.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One that waits for a source; in the order in which they asked. */
struct credential_request {
	struct source *source;
	credential_fn *done;
	void *data;
	struct credential_request *next, **link;
};

struct source {
	enum source_kind kind;
	bool ready;			/* secret or err and sentence are final */
	int err;
	char *sentence;
	struct secret *secret;
	struct ev_loop *loop;
	struct process *process;	/* the command, while it runs */
	ev_io input;			/* of a pipe, while it is read */
	size_t used;
	char line[CREDENTIAL_MAX + 2];	/* what came out of the pipe: one byte too many, a newline */
	struct credential_request *waiting, **end;
	struct source *next;
	char name[];			/* in the table: the kind as a digit, then path or command */
};

enum { OUTPUT_KEPT = 4096, ERROR_SHOWN = 200 };

static const char *const kind_names[] = {
	[SOURCE_PASSWORD_FILE] = "password-file",
	[SOURCE_PASSWORD_COMMAND] = "password-command",
	[SOURCE_KG_FILE] = "kg-file",
};

static struct table by_name;
static struct source *sources;

static const char *source_text(const struct source *s)
{
	return s->name + 1;
}

static struct source *source_new(enum source_kind kind, const char *text)
{
	size_t length = strlen(text);
	struct source *s = calloc(1, sizeof(*s) + length + 2);

	if (!s)
		return NULL;
	s->kind = kind;
	s->input.fd = -1;
	s->end = &s->waiting;
	s->name[0] = (char)('0' + kind);
	memcpy(s->name + 1, text, length + 1);
	if (table_add(&by_name, s->name, s, NULL)) {
		free(s);
		return NULL;
	}
	s->next = sources;
	sources = s;
	return s;
}

static struct source *source_find(enum source_kind kind, const char *text)
{
	size_t length = strlen(text);
	char *name = malloc(length + 2);
	struct source *s;

	if (!name)
		return NULL;
	name[0] = (char)('0' + kind);
	memcpy(name + 1, text, length + 1);
	s = table_find(&by_name, name);
	free(name);
	return s ? s : source_new(kind, text);
}

/* -- what was read -------------------------------------------------------------------------- */

static int keep_line(struct source *s, const char *line, size_t length, struct fault *f)
{
	if (!length)
		return fault_set(f, EINVAL, "its first line is empty");
	if (length > CREDENTIAL_MAX)
		return fault_set(f, EINVAL, "its first line is longer than %d bytes",
				 CREDENTIAL_MAX);
	if (memchr(line, '\0', length))
		return fault_set(f, EINVAL, "its first line has a NUL in it");
	/* what an editor of another system left: a refused log-in counts against the account */
	if (line[length - 1] == '\r')
		return fault_set(f, EINVAL, "its first line ends in a carriage return: save it with "
				 "the line ends of Unix");
	if (length >= 3 && !memcmp(line, "\xef\xbb\xbf", 3))
		return fault_set(f, EINVAL, "it begins with a byte order mark: save it without");
	if (s->kind == SOURCE_KG_FILE)
		return credential_kg(line, length, &s->secret, f);
	s->secret = secret_new(line, length);
	return s->secret ? 0 : fault_no_memory(f);
}

/* Takes the first line of what was read. */
static int keep(struct source *s, const char *bytes, size_t length, struct fault *f)
{
	const char *end = length ? memchr(bytes, '\n', length) : NULL;

	return keep_line(s, bytes, end ? (size_t)(end - bytes) : length, f);
}

/* The result is final. f: the sentence where err is not 0. */
static int settle(struct source *s, int err, const struct fault *f)
{
	s->ready = true;
	s->err = err;
	if (err)
		s->sentence = strdup(f->text);
	wipe(s->line, sizeof(s->line));
	return err;
}

static int result(const struct source *s, struct secret **secret, struct fault *f)
{
	if (s->err)
		return fault_set(f, -s->err, "%s", s->sentence ? s->sentence : "out of memory");
	*secret = secret_keep(s->secret);
	return 0;
}

static void request_free(struct credential_request *request)
{
	*request->link = request->next;
	*(request->next ? &request->next->link : &request->source->end) = request->link;
	free(request);
}

/* Whoever is told may cancel others, and ask again. */
static void tell_waiting(struct source *s)
{
	while (s->waiting) {
		credential_fn *done = s->waiting->done;
		void *data = s->waiting->data;
		struct secret *secret = NULL;
		struct fault fault = {{0}};
		int err = result(s, &secret, &fault);

		request_free(s->waiting);
		done(data, err, secret, err ? fault.text : NULL);
	}
}

/* -- programs ------------------------------------------------------------------------------- */

/* The program that a source runs, for sentences: what follows it may be nobody's business. */
static int prefix_program(const struct source *s, int err, struct fault *f)
{
	char **words;
	size_t n;

	if (words_split(source_text(s), &words, &n, NULL))
		return err;
	fault_prefix(f, err, "%s \"%s\"", kind_names[s->kind], n ? words[0] : "");
	free(words);
	return err;
}

/* The last line that is not empty, cut at a length that sentences can bear. */
static int last_line(const char *text, const char **line)
{
	const char *end = text + strlen(text);

	while (end > text && strchr(" \t\r\n", end[-1]))
		end--;
	for (*line = end; *line > text && (*line)[-1] != '\n'; (*line)--)
		;
	return end - *line < ERROR_SHOWN ? (int)(end - *line) : ERROR_SHOWN;
}

/* What it said on stderr is told, on stdout never. */
static int tell_status(const struct process_end *end, struct fault *f)
{
	const char *line;
	int length = last_line(end->errors, &line);

	if (!length)
		return fault_set(f, EIO, "it exited with status %d: run it by hand to see why",
				 end->status);
	return fault_set(f, EIO, "it exited with status %d: %.*s", end->status, length, line);
}

static void on_end(void *data, const struct process_end *end)
{
	struct source *s = data;
	struct fault fault;
	int err;

	s->process = NULL;
	if (end->signal)
		err = fault_set(&fault, EIO, "it was ended by signal %d (%s)", end->signal,
				strsignal(end->signal));
	else if (end->status)
		err = tell_status(end, &fault);
	else if (end->cut)
		err = fault_set(&fault, EINVAL, "it says more than %d bytes: the password is to be "
				"its first line", OUTPUT_KEPT);
	else if (!end->length)
		err = fault_set(&fault, EINVAL, "it says nothing: the password is to be its first "
				"line of standard output");
	else
		err = keep(s, end->output, end->length, &fault);
	if (err)
		prefix_program(s, err, &fault);
	settle(s, err, &fault);
	tell_waiting(s);
}

static int run_command(struct source *s, struct ev_loop *loop, struct fault *f)
{
	struct process_options options = {
		.keep = OUTPUT_KEPT, .private = true, .done = on_end, .data = s,
	};
	char **words;
	size_t n;
	int err = words_split(source_text(s), &words, &n, f);

	if (!err) {
		options.argv = words;
		err = n ? process_start(loop, &options, &s->process, f) :
			  fault_set(f, EINVAL, "it is empty");
		free(words);
	}
	return err ? fault_prefix(f, err, "%s", kind_names[s->kind]) : 0;
}

/* -- files and pipes ------------------------------------------------------------------------ */

static int prefix_file(const struct source *s, int err, struct fault *f)
{
	return fault_prefix(f, err, "%s \"%s\"", kind_names[s->kind], source_text(s));
}

static void close_input(struct source *s)
{
	if (s->input.fd < 0)
		return;
	ev_io_stop(s->loop, &s->input);
	close(s->input.fd);
	s->input.fd = -1;
}

/* A byte at a time: what is behind the line is left for who reads the pipe next. */
static void on_input(struct ev_loop *loop, ev_io *w, int events)
{
	struct source *s = w->data;
	struct fault fault;
	ssize_t n = read(w->fd, s->line + s->used, 1);
	int err = 0;

	(void)loop, (void)events;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		err = fault_set(&fault, errno, "%s", strerror(errno));
	else if (n && s->line[s->used++] != '\n' && s->used <= CREDENTIAL_MAX)
		return;
	else
		err = keep(s, s->line, s->used, &fault);
	close_input(s);
	if (err)
		prefix_file(s, err, &fault);
	settle(s, err, &fault);
	tell_waiting(s);
}

static int read_regular(struct source *s, int fd, struct fault *f)
{
	while (s->used < sizeof(s->line)) {
		ssize_t n = read(fd, s->line + s->used, sizeof(s->line) - s->used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_set(f, errno, "%s", strerror(errno));
		if (!n)
			break;
		s->used += (size_t)n;
	}
	return keep(s, s->line, s->used, f);
}

/* Reads a file at once; begins to read a pipe. */
static int read_file(struct source *s, struct ev_loop *loop, struct fault *f)
{
	bool pipe;
	int fd, err = secret_file_open(source_text(s), &fd, &pipe, f);

	if (err)
		return prefix_file(s, err, f);
	if (pipe) {
		ev_io_init(&s->input, on_input, fd, EV_READ);
		s->input.data = s;
		ev_io_start(loop, &s->input);
		return 0;
	}
	err = read_regular(s, fd, f);
	close(fd);
	return err ? prefix_file(s, err, f) : 0;
}

/* -- who asks ------------------------------------------------------------------------------- */

static int wait_for(struct source *s, credential_fn *done, void *data,
		    struct credential_request **handle, struct fault *f)
{
	struct credential_request *request = calloc(1, sizeof(*request));

	if (!request)
		return fault_no_memory(f);
	*request = (struct credential_request){
		.source = s, .done = done, .data = data, .link = s->end,
	};
	*s->end = request;
	s->end = &request->next;
	*handle = request;
	return -EINPROGRESS;
}

int source_get(struct ev_loop *loop, enum source_kind kind, const char *text,
	       struct secret **secret, credential_fn *done, void *data,
	       struct credential_request **handle, struct fault *f)
{
	struct source *s = source_find(kind, text);
	int err;

	if (!s)
		return fault_no_memory(f);
	if (!s->ready && !s->loop) {
		struct fault fault;

		secret_expect();
		s->loop = loop;
		err = kind == SOURCE_PASSWORD_COMMAND ? run_command(s, loop, &fault) :
							read_file(s, loop, &fault);
		if (err || (!s->process && s->input.fd < 0))
			settle(s, err, &fault);
	}
	return s->ready ? result(s, secret, f) : wait_for(s, done, data, handle, f);
}

void credential_cancel(struct credential_request *handle)
{
	request_free(handle);
}

void credential_read_again(void)
{
	for (struct source *s = sources; s; s = s->next) {
		if (!s->ready)
			continue;
		s->ready = false;
		s->loop = NULL;
		s->used = 0;
		s->err = 0;
		secret_drop(s->secret);
		s->secret = NULL;
		free(s->sentence);
		s->sentence = NULL;
	}
}

void sources_quit(void)
{
	while (sources) {
		struct source *s = sources;

		sources = s->next;
		if (s->process)
			process_drop(s->process);
		close_input(s);
		while (s->waiting)
			request_free(s->waiting);
		wipe(s->line, sizeof(s->line));
		secret_drop(s->secret);
		free(s->sentence);
		free(s);
	}
	table_free(&by_name);
	by_name = (struct table){0};
}
