/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Performs a verb by a program of the user's: the way to every device that has no driver. The
 * program is told about the machine in its environment, and says by its exit status how it went;
 * for status that is the Linux Standard Base's meaning (LSB 5.0 core, section 22.2: 0 runs, 3 does
 * not run).
 */
#include "base/fault.h"
#include "base/process.h"
#include "base/text.h"
#include "engine/driver.h"
#include "engine/environment.h"
#include "model/help.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_KEPT = 4096, LSB_STOPPED = 3 };

/* One program that runs. */
struct job {
	struct attempt *attempt;
	struct process *process;
	bool cancelled;
	struct job *previous, *next;
};

static struct job *jobs;

static void job_free(struct job *job)
{
	*(job->previous ? &job->previous->next : &jobs) = job->next;
	if (job->next)
		job->next->previous = job->previous;
	free(job);
}

static bool is_shell(const struct attempt *a)
{
	return a->argc && !strcmp(a->argv[0], "shell");
}

static int check_arguments(enum verb verb, size_t argc, char *const *argv, struct fault *f)
{
	const char *name = verb_info(verb)->name;

	if (!argc || !*argv[0])
		return fault_set(f, EINVAL, "exec needs a program: write for example \"exec "
				 "/usr/sbin/pdu %s\", or \"exec shell 'pdu %s | logger'\"", name,
				 name);
	if (!strcmp(argv[0], "shell")) {
		if (argc != 2 || !*argv[1])
			return fault_set(f, EINVAL, "exec shell needs one command line: put it in "
					 "quotes, as in \"exec shell 'pdu %s | logger'\"", name);
		return 0;
	}
	/* what it is relative to would depend on who calls */
	if (strchr(argv[0], '/') && *argv[0] != '/')
		return fault_set(f, EINVAL, "\"%s\" is a relative path: write an absolute one, or "
				 "a name that is found by PATH", argv[0]);
	return 0;
}

/* "/x/y on", for sentences. */
static void print_command(const struct attempt *a, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = is_shell(a); i < a->argc && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "",
					 a->argv[i]);
	if (used >= size)
		strcpy(text + size - sizeof("…"), "…");
}

/* The last line that is not empty; ends the text behind it. */
static const char *last_line(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(" \t\r\n", text[length - 1]))
		text[--length] = '\0';
	text = strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text;
	return text;
}

static void tell_failure(struct attempt *a, const struct process_end *end)
{
	char command[160], *output = strdup(end->output);
	const char *line = output ? last_line(output) : "";

	print_command(a, command, sizeof(command));
	if (end->signal)
		attempt_fail(a, -EIO, "\"%s\" was ended by signal %d (%s)%s%.250s", command,
			     end->signal, strsignal(end->signal), *line ? ": " : "", line);
	else
		attempt_fail(a, -EIO, "\"%s\" exited with status %d: %.250s", command, end->status,
			     *line ? line : "it said nothing");
	free(output);
}

/* What the program said, without the white space at its end. */
static void tell_success(struct attempt *a, enum state state, const char *output)
{
	size_t length = strlen(output);
	char *text;

	while (length && strchr(" \t\r\n", output[length - 1]))
		length--;
	text = strndup(output, length);
	attempt_done(a, state, text);
	free(text);
}

static void on_end(void *data, const struct process_end *end)
{
	struct job *job = data;
	struct attempt *a = job->attempt;
	bool cancelled = job->cancelled, asks = a->verb == VERB_STATUS;
	char command[160];

	job_free(job);
	a->data = NULL;
	if (cancelled) {
		print_command(a, command, sizeof(command));
		attempt_fail(a, -ECANCELED, "\"%s\" did not end in time and was stopped", command);
	} else if (!end->signal && !end->status) {
		tell_success(a, asks ? STATE_ON : STATE_SENT, end->output);
	} else if (!end->signal && asks && end->status == LSB_STOPPED) {
		tell_success(a, STATE_OFF, end->output);
	} else {
		tell_failure(a, end);
	}
}

/* Its own words behind the program, NULL at the end; to be freed. NULL without memory. */
static char **make_argv(const struct attempt *a)
{
	static char sh[] = "/bin/sh", dash_c[] = "-c";
	char **argv = calloc(a->argc + 3, sizeof(*argv)), **end = argv;

	if (!argv)
		return NULL;
	if (is_shell(a)) {
		*end++ = sh;
		*end++ = dash_c;
	}
	for (size_t i = is_shell(a); i < a->argc; i++)
		*end++ = a->argv[i];
	return argv;
}

static int job_start(struct job *job, struct fault *f)
{
	struct attempt *a = job->attempt;
	char **environment = environment_make(a->machine, verb_info(a->verb)->name);
	char **argv = make_argv(a);
	struct process_options options = {
		.argv = argv, .environment = environment, .keep = OUTPUT_KEPT, .done = on_end,
		.data = job,
	};
	int err;

	if (argv && environment)
		err = process_start(a->loop, &options, &job->process, f);
	else
		err = fault_no_memory(f);
	free(argv);
	free(environment);
	return err;
}

static void start(struct attempt *a)
{
	struct job *job;
	struct fault f;
	int err = check_arguments(a->verb, a->argc, a->argv, &f);

	if (err) {
		attempt_fail(a, err, "%s", f.text);
		return;
	}
	job = calloc(1, sizeof(*job));
	if (!job) {
		attempt_fail(a, -ENOMEM, "out of memory");
		return;
	}
	job->attempt = a;
	job->next = jobs;
	if (jobs)
		jobs->previous = job;
	jobs = job;
	err = job_start(job, &f);
	if (err) {
		job_free(job);
		attempt_fail(a, err, "%s", f.text);
		return;
	}
	a->data = job;
}

static void cancel(struct attempt *a)
{
	struct job *job = a->data;

	job->cancelled = true;
	process_stop(job->process);
}

static void quit(void)
{
	while (jobs) {
		process_drop(jobs->process);
		job_free(jobs);
	}
}

static int check(struct fault *f)
{
	(void)f;
	return 0;
}

static const struct verb_op ops[] = {
	{.verb = VERB_ON, .start = start},
	{.verb = VERB_OFF, .start = start},
	{.verb = VERB_SOFT, .start = start},
	{.verb = VERB_RESET, .start = start},
	{.verb = VERB_CYCLE, .start = start},
	{.verb = VERB_NMI, .start = start},
	{.verb = VERB_STATUS, .flags = OP_OBSERVES, .start = start},
};

static const struct driver exec_driver = {
	.name = "exec",
	.summary = "runs a program of yours",
	.help = HELP("`exec PROGRAM ARGUMENTS` runs a program, without a shell: its absolute path, "
		"or a name that is found by PATH. `exec shell 'COMMAND LINE'` runs a line by "
		"/bin/sh.\n"
		"\n"
		"It may take 60 seconds unless the method says otherwise; then it gets SIGTERM "
		"with all that it started, and SIGKILL two seconds later. The last 4 KB of what it "
		"writes are kept. What it leaves in the background should write elsewhere.\n"
		"\n"
		"Exit status 0: done, and nothing is known of the effect unless a `probe` can see "
		"it. For status 0 means on and 3 off. Anything else is a failure, and the last "
		"line of output says why.\n"
		"\n"
		"It finds in its environment STOKER_MACHINE, STOKER_VERB, and as far as they are "
		"known STOKER_ADDRESS, STOKER_MAC (the first) and STOKER_HOST; and all of stoker's "
		"own but for variables that look like secrets.\n"
		"\n"
		"\tmachine \"press\" {\n"
		"\t\ton = \"exec /usr/sbin/pdu on 7 20s\"\n"
		"\t\toff = \"exec shell 'echo off 7 >/dev/ttyS1'\"\n"
		"\t\tprobe = \"tcp 22 10.0.0.7\"\n"
		"\t}\n"),
	.ops = ops,
	.nops = sizeof(ops) / sizeof(ops[0]),
	.rank = 80,
	.fanout = 32,
	.timeout_ms = 60 * 1000,
	.check = check,
	.check_arguments = check_arguments,
	.cancel = cancel,
	.quit = quit,
};

DRIVER(exec_driver);
