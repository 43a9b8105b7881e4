/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Promises of keepers, with real programs. The keeper's process is this program again, called by
 * its name.
 */
#include "test.h"
#include "attempts.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/keeper/keeper.h"
#include "base/keeper/log.h"
#include "base/keeper/telnet.h"
#include "base/proc.h"
#include "base/text.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static struct fault f;
static char folder[] = "/tmp/stoker-keeper-XXXXXX", run[64], kept[64];
static char reports[4096];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(run, sizeof(run), "%s/run", folder);
	snprintf(kept, sizeof(kept), "%s/state", folder);
	return mkdir(run, 0700) || mkdir(kept, 0700);
}

/* What is left of a test ends with it: the program, and with it the keeper. */
static int teardown(void **state)
{
	struct keeper_record record;
	char command[80];

	(void)state;
	unsetenv("STOKER_CRASH");
	if (!keeper_read(run, &record, NULL)) {
		proc_signal(&record.program, SIGKILL);
		for (double end = now() + 5; proc_look(&record.keeper) != PROC_GONE && now() < end;)
			nap();
	}
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* Reads all that a keeper reports, to the end. */
static void hear(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t n = 0;
	ssize_t got;

	do {
		assert_int_equal(poll(&p, 1, 15000), 1);
		got = read(fd, reports + n, sizeof(reports) - 1 - n);
		n += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	reports[n] = '\0';
	close(fd);
}

static int begin(const struct keeper_job *like, const char *command)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
	struct keeper_job job = *like;
	int report;

	job.name = "m1";
	job.run = run;
	job.state = kept;
	job.path = "/bin/sh";
	job.argv = argv;
	job.environment = environ;
	if (keeper_start(&job, &report, &f))
		fail_msg("%s", f.text);
	return report;
}

static struct keeper_record record_of(void)
{
	struct keeper_record record;

	if (keeper_read(run, &record, &f))
		fail_msg("%s", f.text);
	return record;
}

static void keep_as(const struct keeper_job *like, const char *command)
{
	hear(begin(like, command));
}

static struct keeper_record keeps(const char *command)
{
	keep_as(&(struct keeper_job){0}, command);
	assert_memory_equal(reports, "on ", 3);
	return record_of();
}

static void await_gone(const struct proc *proc)
{
	double end = now() + 10;

	while (proc_look(proc) != PROC_GONE && now() < end)
		nap();
	assert_int_equal(proc_look(proc), PROC_GONE);
}

/* Reads until a text has come. */
static void hears(int fd, const char *text)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	static char heard[65536];
	size_t n = 0;

	*heard = '\0';
	while (!strstr(heard, text)) {
		ssize_t got;

		if (poll(&p, 1, 10000) != 1 || n + 1 >= sizeof(heard))
			fail_msg("\"%s\" does not contain \"%s\"", heard, text);
		got = read(fd, heard + n, sizeof(heard) - 1 - n);
		if (got <= 0)
			fail_msg("ended with \"%s\", without \"%s\"", heard, text);
		n += (size_t)got;
		heard[n] = '\0';
	}
}

static int visit(const char *name)
{
	int fd = keeper_connect(run, name);

	assert_true(fd >= 0);
	return fd;
}

static void says(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void ended_as(const char *sentence)
{
	int64_t when;
	bool well;
	char *end = keeper_last_end(kept, &when, &well);

	assert_non_null(end);
	assert_string_equal(end, sentence);
	assert_in_range(time(NULL) - when, 0, 30);
	assert_int_equal(well, strstr(sentence, "status 0") != NULL);
	free(end);
}

/* --- programs -------------------------------------------------------------------------------- */

static void a_program_is_kept_and_its_end_is_written_down(void **state)
{
	struct keeper_record record = keeps("echo ready; read line; exit 7");
	int fd = visit(KEEPER_TERMINAL);

	(void)state;
	says(fd, "go\n");
	await_gone(&record.keeper);
	assert_int_equal(proc_look(&record.program), PROC_GONE);
	close(fd);
	ended_as("it exited with status 7; the last that it said: go");
	assert_int_equal(keeper_read(run, &record, NULL), -ENOENT);
	assert_int_equal(keeper_connect(run, KEEPER_TERMINAL), -ENOENT);
}

static void a_program_that_ends_at_once_is_told_with_its_last_words(void **state)
{
	(void)state;
	keep_as(&(struct keeper_job){0}, "echo no licence; exit 3");
	assert_string_equal(reports, "fail 5 it exited with status 3; the last that it said: no "
			    "licence\n");
	ended_as("it exited with status 3; the last that it said: no licence");
}

static void a_program_that_is_not_there_is_told(void **state)
{
	struct keeper_job job = {
		.name = "m1", .run = run, .state = kept, .path = "/nowhere/pdp11",
		.argv = (char *[]){(char *)"pdp11", NULL}, .environment = environ,
	};
	int report;

	(void)state;
	assert_int_equal(keeper_start(&job, &report, &f), 0);
	hear(report);
	assert_string_equal(reports, "fail 2 there is no program \"/nowhere/pdp11\": No such file "
			    "or directory\n");
}

static void it_works_in_its_folder(void **state)
{
	struct keeper_record record;

	(void)state;
	keep_as(&(struct keeper_job){.folder = "/usr/bin"}, "read line; pwd; read line");
	record = record_of();
	int fd = visit(KEEPER_TERMINAL);

	says(fd, "\n");
	hears(fd, "/usr/bin\r\n");
	close(fd);
	proc_signal(&record.program, SIGKILL);
	await_gone(&record.keeper);
}

static void what_goes_into_the_background_is_found(void **state)
{
	struct keeper_record record;

	(void)state;
	keep_as(&(struct keeper_job){.detaches = true}, "setsid sleep 1000 & sleep 0.1; exit 0");
	assert_memory_equal(reports, "on ", 3);
	record = record_of();
	assert_int_equal(strtol(reports + 3, NULL, 10), record.program.pid);
	assert_int_equal(proc_look(&record.program), PROC_RUNS);
	proc_signal(&record.program, SIGTERM);
	await_gone(&record.keeper);
	ended_as("it was ended by signal 15 (Terminated)");
}

static void what_leaves_nothing_in_the_background_has_failed(void **state)
{
	(void)state;
	keep_as(&(struct keeper_job){.detaches = true}, "exit 0");
	assert_string_equal(reports, "fail 3 it ended without an error and left nothing running, "
			    "though it should go into the background\n");
	keep_as(&(struct keeper_job){.detaches = true}, "echo bad config; exit 1");
	assert_string_equal(reports, "fail 5 it exited with status 1; the last that it said: bad "
			    "config\n");
}

static void all_that_it_started_ends_with_it(void **state)
{
	struct keeper_record record = keeps("setsid sleep 1234 & echo $! >child; sleep 1000");
	struct proc child;
	char *text;

	(void)state;
	assert_int_equal(file_read("child", 100, &text, NULL, &f), 0);
	unlink("child");
	assert_int_equal(proc_identify((pid_t)strtol(text, NULL, 10), &child), 0);
	free(text);
	proc_signal(&record.program, SIGKILL);
	await_gone(&record.keeper);
	assert_int_equal(proc_look(&child), PROC_GONE);
}

/* --- one keeper, and the next ---------------------------------------------------------------- */

static void two_keepers_start_one_program(void **state)
{
	static const char command[] = "echo x >>count; sleep 1000";
	struct keeper_job none = {0};
	struct keeper_record record;
	int first = begin(&none, command), second = begin(&none, command);
	struct stat st;
	char one[64];

	(void)state;
	hear(first);
	strcpy(one, reports);
	hear(second);
	assert_string_equal(reports, one);
	assert_memory_equal(reports, "on ", 3);
	assert_int_equal(stat("count", &st), 0);
	unlink("count");
	assert_int_equal(st.st_size, 2);
	record = record_of();
	assert_int_equal(proc_look(&record.program), PROC_RUNS);
}

static void a_killed_keeper_is_followed_and_the_terminal_is_the_same(void **state)
{
	struct keeper_record record = keeps("while read line; do echo got $line; done"), next;
	int fd;

	(void)state;
	proc_signal(&record.keeper, SIGKILL);
	await_gone(&record.keeper);
	assert_int_equal(proc_look(&record.program), PROC_RUNS);
	keep_as(&(struct keeper_job){.adopt = record.program}, "exit 1");
	assert_memory_equal(reports, "on ", 3);
	next = record_of();
	assert_int_equal(next.program.pid, record.program.pid);
	assert_int_not_equal(next.keeper.pid, record.keeper.pid);
	fd = visit(KEEPER_TERMINAL);
	says(fd, "it\n");
	hears(fd, "got it\r\n");
	close(fd);
}

/* Whether it is the program of the test below, or the shell that is about to become it. */
static bool is_sleeper(const struct proc_seen *seen)
{
	const char *one = proc_word(seen, 1), *two = proc_word(seen, 2);

	return (one && !strcmp(one, "4321")) ||
	       (one && two && !strcmp(one, "-c") && !strcmp(two, "exec sleep 4321"));
}

/* Killed at each of its steps: what comes then ends with one program, and with a keeper. */
static void killed_at_any_step_it_is_followed_and_nothing_runs_twice(void **state)
{
	static const char *const points[] = {"keeper-locked", "keeper-started", "keeper-recorded"};

	for (unsigned i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		struct keeper_record record;
		struct procs procs;
		struct proc it = {0};
		unsigned n = 0;

		setenv("STOKER_CRASH", points[i], 1);
		keep_as(&(struct keeper_job){0}, "exec sleep 4321");
		assert_string_equal(reports, "");
		unsetenv("STOKER_CRASH");
		/* as the driver does: what runs is looked for, and adopted */
		assert_int_equal(procs_read(&procs), 0);
		for (size_t t = 0; t < procs.n; t++) {
			if (is_sleeper(&procs.list[t]))
				it = procs.list[t].id;
		}
		procs_free(&procs);
		keep_as(&(struct keeper_job){.adopt = it}, "exec sleep 4321");
		assert_memory_equal(reports, "on ", 3);
		assert_int_equal(procs_read(&procs), 0);
		for (size_t t = 0; t < procs.n; t++)
			n += is_sleeper(&procs.list[t]);
		procs_free(&procs);
		assert_int_equal(n, 1);
		record = record_of();
		proc_signal(&record.program, SIGKILL);
		await_gone(&record.keeper);
	}
	(void)state;
}

static void a_record_of_before_a_start_of_the_machine_is_none(void **state)
{
	struct keeper_record record;
	char path[80];

	(void)state;
	snprintf(path, sizeof(path), "%s/record", run);
	assert_int_equal(file_replace(path, "1 2 3 4 other-boot\n", 19, 0600, &f), 0);
	assert_int_equal(keeper_read(run, &record, &f), -ENOENT);
	assert_int_equal(file_replace(path, "one two\n", 8, 0600, &f), 0);
	assert_int_equal(keeper_read(run, &record, &f), -ENOENT);
	unlink(path);
}

/* --- lines ----------------------------------------------------------------------------------- */

static void its_terminal_is_seen_by_all_who_come(void **state)
{
	int one, two;

	(void)state;
	keeps("stty -echo; while read line; do echo got $line; done");
	one = visit(KEEPER_TERMINAL);
	two = visit(KEEPER_TERMINAL);
	says(one, "first\n");
	hears(one, "got first\r\n");
	hears(two, "got first\r\n");
	close(one);
	says(two, "second\n");
	hears(two, "got second\r\n");
	close(two);
	one = visit(KEEPER_TERMINAL);
	says(one, "third\n");
	hears(one, "got third\r\n");
	close(one);
}

static void who_does_not_read_holds_it_up_for_a_moment_only(void **state)
{
	struct keeper_record record = keeps("read line; stty -onlcr; seq 200000; echo done; "
					    "sleep 1000");
	int deaf = visit(KEEPER_TERMINAL), fd = visit(KEEPER_TERMINAL);
	double began = now();

	(void)state, (void)record;
	says(fd, "go\n");
	/* more than a socket takes: read to its end by one, and by the other not at all */
	for (char last[16384] = "", bytes[8192]; !strstr(last, "\ndone");) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		size_t length = strlen(last);
		ssize_t n;

		assert_int_equal(poll(&p, 1, 10000), 1);
		n = read(fd, bytes, sizeof(bytes) - 1);
		assert_true(n > 0);
		bytes[n] = '\0';
		if (length > 8)
			memmove(last, last + length - 8, 9);
		strcat(last, bytes);
	}
	assert_true(now() - began < 8);
	close(fd);
	hears(deaf, "1\n2\n3\n");
	close(deaf);
}

static void what_it_says_is_logged_and_the_log_is_bounded(void **state)
{
	struct keeper_log log;
	char path[80], *text;
	unsigned char bytes[4096];
	int fd = open(kept, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	keeper_log_open(&log, fd);
	for (size_t n = 0; n < 3 * KEEPER_LOG_MAX; n += sizeof(bytes))
		keeper_log_write(&log, bytes, sizeof(bytes));
	keeper_log_write(&log, (const unsigned char *)"end\n", 4);
	keeper_log_close(&log);
	close(fd);
	snprintf(path, sizeof(path), "%s/log", kept);
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, 4, KEEPER_LOG_MAX);
	assert_int_equal(file_read(path, KEEPER_LOG_MAX, &text, NULL, &f), 0);
	assert_string_equal(text + st.st_size - 4, "end\n");
	free(text);
	snprintf(path, sizeof(path), "%s/log.1", kept);
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, KEEPER_LOG_MAX / 2, KEEPER_LOG_MAX);
}

/* --- telnet ---------------------------------------------------------------------------------- */

static int listen_on(unsigned *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &length), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void a_telnet_line_is_held_and_made_again(void **state)
{
	unsigned port;
	int listener = listen_on(&port), far, near, terminal;
	char address[32];

	(void)state;
	snprintf(address, sizeof(address), "127.0.0.1:%u", port);
	keep_as(&(struct keeper_job){.line = address, .resume = "cont"},
		"stty -echo; while read line; do echo told to $line; done");
	assert_memory_equal(reports, "on ", 3);
	far = accept(listener, NULL, NULL);
	near = visit(KEEPER_LINE);
	terminal = visit(KEEPER_TERMINAL);
	says(near, "typed");
	hears(far, "typed");
	assert_int_equal(write(far, "\xff\xfb\x01hello\r\n", 10), 10);
	hears(near, "hello\r\n");
	/* it stays when those who look go */
	close(near);
	near = visit(KEEPER_LINE);
	says(near, "typed again");
	hears(far, "typed again");
	says(far, "still\n");
	hears(near, "still\n");
	/* it is made again when it is lost, and the machine is told to go on */
	close(far);
	far = accept(listener, NULL, NULL);
	hears(terminal, "told to cont\r\n");
	says(far, "back\n");
	hears(near, "back\n");
	close(near);
	close(far);
	close(terminal);
	close(listener);
}

/* TIME_WAIT on the emulator's side would keep SIMH from listening again for a minute. */
static void the_ports_of_the_dead_are_free_at_once(void **state)
{
	struct keeper_record record;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	unsigned port;
	int listener = listen_on(&port), far, fd;
	double end = now() + 5;
	char address[32];

	(void)state;
	snprintf(address, sizeof(address), "127.0.0.1:%u", port);
	keep_as(&(struct keeper_job){.line = address}, "sleep 1000");
	record = record_of();
	far = accept(listener, NULL, NULL);
	/* as a process that is killed: the listener first, then the connection from its side */
	close(listener);
	proc_signal(&record.program, SIGKILL);
	close(far);
	await_gone(&record.keeper);
	a.sin_port = htons((uint16_t)port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	while (bind(fd, (struct sockaddr *)&a, sizeof(a)) && now() < end)
		nap();
	assert_true(now() < end);
	close(fd);
}

static void telnet_is_read_and_declined(void **state)
{
	/* WILL LINEMODE, WILL SGA, WILL ECHO, WILL BINARY, DO BINARY: SIMH's first words */
	static const unsigned char first[] = "\xff\xfb\x22\xff\xfb\x03\xff\xfb\x01\xff\xfb\x00\xff\xfd\x00"
					     "Hi\xff\xff";
	static const unsigned char wanted[] =
		"\xff\xfe\x22\xff\xfd\x03\xff\xfd\x01\xff\xfd\x00\xff\xfb\x00";
	struct telnet t = {0};
	struct buffer answers = {0};
	unsigned char out[64], bytes[64];

	(void)state;
	assert_int_equal(telnet_escape(&t, (const unsigned char *)"a\r\xff", 3, out), 5);
	assert_memory_equal(out, "a\r\0\xff\xff", 5);
	assert_int_equal(telnet_read(&t, first, sizeof(first) - 1, out, &answers), 3);
	assert_memory_equal(out, "Hi\xff", 3);
	assert_int_equal(answers.length, sizeof(wanted) - 1);
	assert_memory_equal(answers.text, wanted, sizeof(wanted) - 1);
	/* said again it is not answered again */
	buffer_free(&answers);
	answers = (struct buffer){0};
	memcpy(bytes, first + 3, 12);
	assert_int_equal(telnet_read(&t, bytes, 12, out, &answers), 0);
	assert_int_equal(answers.length, 0);
	/* binary both ways now */
	assert_int_equal(telnet_escape(&t, (const unsigned char *)"a\r\xff", 3, out), 4);
	/* DO TERMINAL-TYPE, and a subnegotiation with an IAC in it, byte by byte */
	for (const char *p = "\xff\xfd\x18\xff\xfa\x18\x01\xff\xff\xff\xf0x"; *p; p++) {
		size_t n = telnet_read(&t, (const unsigned char *)p, 1, out, &answers);

		assert_int_equal(n, *p == 'x');
	}
	assert_int_equal(answers.length, 3);
	assert_memory_equal(answers.text, "\xff\xfc\x18", 3);
	buffer_free(&answers);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_program_is_kept_and_its_end_is_written_down,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_program_that_ends_at_once_is_told_with_its_last_words, setup, teardown),
		cmocka_unit_test_setup_teardown(a_program_that_is_not_there_is_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(it_works_in_its_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(what_goes_into_the_background_is_found, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_leaves_nothing_in_the_background_has_failed,
						setup, teardown),
		cmocka_unit_test_setup_teardown(all_that_it_started_ends_with_it, setup, teardown),
		cmocka_unit_test_setup_teardown(two_keepers_start_one_program, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_killed_keeper_is_followed_and_the_terminal_is_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(
			killed_at_any_step_it_is_followed_and_nothing_runs_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(a_record_of_before_a_start_of_the_machine_is_none,
						setup, teardown),
		cmocka_unit_test_setup_teardown(its_terminal_is_seen_by_all_who_come, setup,
						teardown),
		cmocka_unit_test_setup_teardown(who_does_not_read_holds_it_up_for_a_moment_only,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_it_says_is_logged_and_the_log_is_bounded,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_telnet_line_is_held_and_made_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_ports_of_the_dead_are_free_at_once, setup,
						teardown),
		cmocka_unit_test(telnet_is_read_and_declined),
	};

	if (argc && !strcmp(argv[0], KEEPER_NAME))
		return keeper_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
