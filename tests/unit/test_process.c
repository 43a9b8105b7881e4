/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of base/process, with real programs. */
#include "test.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/process.h"
#include "attempts.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

struct ran {
	struct process *process;
	bool over;
	int status, signal;
	size_t cut, length;
	char output[8192], errors[128];
	double seconds;
};

static struct fault f;

static void on_done(void *data, const struct process_end *end)
{
	struct ran *ran = data;

	assert_false(ran->over);
	ran->over = true;
	ran->status = end->status;
	ran->signal = end->signal;
	ran->cut = end->cut;
	snprintf(ran->output, sizeof(ran->output), "%s", end->output);
}

static void begin(struct ran *ran, const char *command, size_t keep)
{
	char *argv[] = {"sh", "-c", (char *)command, NULL};
	struct process_options o = {.argv = argv, .keep = keep, .done = on_done, .data = ran};

	*ran = (struct ran){0};
	ev_now_update(ev_default_loop(0));
	ran->seconds = ev_now(ev_default_loop(0));
	assert_int_equal(process_start(ev_default_loop(0), &o, &ran->process, &f), 0);
	assert_false(ran->over);
}

static void finish(struct ran *ran)
{
	assert_true(loop_until(&ran->over, 10));
	ran->seconds = ev_now(ev_default_loop(0)) - ran->seconds;
}

static struct ran run(const char *command, size_t keep)
{
	struct ran ran;

	begin(&ran, command, keep);
	finish(&ran);
	return ran;
}

static void status_and_output_are_told(void **state)
{
	struct ran ran = run("echo out; echo err >&2; exit 3", 4096);

	(void)state;
	assert_int_equal(ran.status, 3);
	assert_int_equal(ran.signal, 0);
	assert_string_equal(ran.output, "out\nerr\n");
	assert_true(ran.seconds < 2);
}

static void signal_is_told(void **state)
{
	struct ran ran = run("kill -9 $$", 4096);

	(void)state;
	assert_int_equal(ran.status, -1);
	assert_int_equal(ran.signal, SIGKILL);
}

static void stdin_is_empty(void **state)
{
	(void)state;
	assert_string_equal(run("cat; echo end", 100).output, "end\n");
}

static void only_the_end_of_long_output_is_kept(void **state)
{
	struct ran ran = run("i=0; while [ $i -lt 3000 ]; do echo 123456789; i=$((i+1)); done; "
			     "echo last", 20);

	(void)state;
	assert_int_equal(ran.cut, 30005 - 20);
	assert_string_equal(ran.output, "[… 29985 bytes cut]\n6789\n123456789\nlast\n");
	assert_string_equal(run("printf 'x\\0y'", 20).output, "x y");
	/* no half a letter: three bytes of "€€" would begin with its last byte but one */
	assert_string_equal(run("printf '€€'", 5).output, "[… 3 bytes cut]\n€");
	assert_string_equal(run("echo much", 0).output, "");
}

static void on_private(void *data, const struct process_end *end)
{
	struct ran *ran = data;

	on_done(data, end);
	assert_true(end->length < sizeof(ran->output));
	memcpy(ran->output, end->output, end->length + 1);
	ran->length = end->length;
	snprintf(ran->errors, sizeof(ran->errors), "%s", end->errors);
}

static void private_output_is_stdout_as_it_is(void **state)
{
	char *argv[] = {"sh", "-c", "echo no >&2; printf 'a\\0b\\n€'; echo yes >&2", NULL};
	struct process_options o = {
		.argv = argv, .keep = 4096, .private = true, .done = on_private,
	};
	struct ran ran = {0};

	(void)state;
	o.data = &ran;
	assert_int_equal(process_start(ev_default_loop(0), &o, &ran.process, &f), 0);
	finish(&ran);
	assert_int_equal(ran.length, 7);
	assert_memory_equal(ran.output, "a\0b\n€", 8);
	assert_string_equal(ran.errors, "no\nyes\n");
	o.keep = 2;
	ran = (struct ran){0};
	assert_int_equal(process_start(ev_default_loop(0), &o, &ran.process, &f), 0);
	finish(&ran);
	assert_int_equal(ran.cut, 5);
	assert_memory_equal(ran.output, "\x82\xac", 3);
	assert_string_equal(ran.errors, "[… 5 bytes cut]\ns\n");
}

static void errors_of_private_output_are_waited_for(void **state)
{
	char *argv[] = {"sh", "-c", "exec >&-; sleep 0.05; echo late >&2", NULL};
	struct ran ran = {0};
	struct process_options o = {
		.argv = argv, .keep = 4096, .private = true, .done = on_private, .data = &ran,
	};

	(void)state;
	assert_int_equal(process_start(ev_default_loop(0), &o, &ran.process, &f), 0);
	finish(&ran);
	assert_string_equal(ran.errors, "late\n");
}

/* How many of these descriptors the child can not have from who started us; ls opens one itself. */
static unsigned own_descriptors(const char *list)
{
	unsigned n = 0;
	int fd, length;

	assert_non_null(list);
	for (; sscanf(list, "%d%n", &fd, &length) == 1; list += length) {
		int flags = fcntl(fd, F_GETFD);

		n += fd > 2 && (flags < 0 || flags & FD_CLOEXEC);
	}
	return n;
}

static void child_is_a_fresh_program(void **state)
{
	sigset_t blocked;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), group, pid;
	unsigned long mask, ignored;
	struct ran ran;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	ran = run("sed -n 's/^Sig\\(Blk\\|Ign\\):/0x/p' /proc/self/status; cut -d' ' -f5 "
		  "/proc/$$/stat; echo $$; ls /proc/self/fd", 4096);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	assert_int_equal(sscanf(ran.output, "0x %lx 0x %lx %d %d", &mask, &ignored, &group, &pid),
			 4);
	assert_int_equal(mask, 0);
	/* glibc leaves two of its own ignored, 32 and 33 */
	assert_int_equal(ignored & 0x7fffffff, 0);
	assert_int_equal(group, pid);
	assert_true(own_descriptors(strstr(ran.output, "\n0\n")) <= 1);
	close(fd);
}

static void environment_is_the_callers(void **state)
{
	char *argv[] = {"env", NULL}, *environment[] = {"A=1", NULL};
	struct ran ran = {0};
	struct process_options o = {
		.argv = argv, .environment = environment, .keep = 4096, .done = on_done,
		.data = &ran,
	};

	(void)state;
	assert_int_equal(process_start(ev_default_loop(0), &o, &ran.process, &f), 0);
	finish(&ran);
	assert_string_equal(ran.output, "A=1\n");
}

static void closed_descriptors_do_not_matter(void **state)
{
	int in = dup(0), out = dup(1);
	struct ran ran;

	(void)state;
	fflush(stdout);
	close(0);
	close(1);
	begin(&ran, "cat; echo hello", 100);
	dup2(in, 0);
	dup2(out, 1);
	close(in);
	close(out);
	finish(&ran);
	assert_string_equal(ran.output, "hello\n");
}

static void grandchild_that_keeps_the_pipe_does_not_hang_us(void **state)
{
	struct ran ran = run("echo before; sleep 5 & exit 0", 4096);

	(void)state;
	assert_int_equal(ran.status, 0);
	assert_string_equal(ran.output, "before\n");
	assert_true(ran.seconds < 2);
}

static void grandchild_that_writes_on_does_not_hang_us(void **state)
{
	struct ran ran = run("(while :; do echo x; done) & exit 0", 16);

	(void)state;
	assert_int_equal(ran.status, 0);
	assert_true(ran.seconds < 2);
}

static void program_that_closes_its_output_is_waited_for(void **state)
{
	struct ran ran = run("exec >/dev/null 2>&1; sleep 0.3; exit 7", 16);

	(void)state;
	assert_int_equal(ran.status, 7);
}

static void stop_ends_the_whole_group(void **state)
{
	struct ran ran;
	pid_t pid = 0;

	(void)state;
	begin(&ran, "sleep 60 & echo $!; wait", 100);
	loop_for(0.2);
	process_stop(ran.process);
	process_stop(ran.process);
	assert_false(ran.over);
	finish(&ran);
	assert_int_equal(ran.signal, SIGTERM);
	assert_int_equal(sscanf(ran.output, "%d", &pid), 1);
	assert_true(ran.seconds < 1.5 || kill(pid, 0));
}

static void stop_kills_who_does_not_listen(void **state)
{
	struct ran ran;

	(void)state;
	begin(&ran, "trap '' TERM; while :; do sleep 0.1; done", 100);
	loop_for(0.2);
	process_stop(ran.process);
	finish(&ran);
	assert_int_equal(ran.signal, SIGKILL);
	assert_true(ran.seconds > 1.9 && ran.seconds < 4);
}

static void stop_reaches_one_that_sleeps_stopped(void **state)
{
	struct ran ran;

	(void)state;
	begin(&ran, "kill -STOP $$; echo woken", 100);
	loop_for(0.2);
	process_stop(ran.process);
	finish(&ran);
	assert_int_equal(ran.signal, SIGTERM);
	assert_true(ran.seconds < 2);
}

static void dropped_one_is_killed_and_not_told(void **state)
{
	struct ran ran;

	(void)state;
	begin(&ran, "sleep 60", 100);
	process_drop(ran.process);
	loop_for(0.1);
	assert_false(ran.over);
}

static void refuses(const char *program, int err, const char *sentence)
{
	char *argv[] = {(char *)program, NULL};
	struct process_options o = {.argv = argv, .done = on_done};
	struct process *p;

	assert_int_equal(process_start(ev_default_loop(0), &o, &p, &f), err);
	assert_string_equal(f.text, sentence);
}

static void what_cannot_be_run_is_told(void **state)
{
	char folder[] = "/tmp/test_process.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(file_replace("plain", "x", 1, 0644, &f), 0);
	assert_int_equal(file_replace("empty", "x", 1, 0755, &f), 0);
	assert_int_equal(file_replace("lost", "#!/no/such\n", 11, 0755, &f), 0);
	setenv("PATH", "/bin::.", 1);
	refuses("./none", -ENOENT, "there is no program \"./none\": No such file or directory");
	refuses("./plain", -EACCES, "\"./plain\" is not executable: chmod +x would make it so");
	refuses("/tmp", -EACCES, "\"/tmp\" is a folder, not a program");
	refuses("./empty", -ENOEXEC,
		"\"./empty\" is not a program: a script begins with #!/bin/sh");
	refuses("./lost", -ENOENT, "\"./lost\" cannot be run: the interpreter that its first line "
		"names, or its loader, is missing");
	refuses("stk-none", -ENOENT, "the program \"stk-none\" is in none of the folders of PATH "
		"(/bin::.): install it, or write its absolute path");
	unlink("plain");
	unlink("empty");
	unlink("lost");
	assert_int_equal(chdir("/"), 0);
	rmdir(folder);
}

static void many_at_a_time(void **state)
{
	enum { N = 200 };
	static struct ran ran[N];

	(void)state;
	for (int i = 0; i < N; i++)
		begin(&ran[i], "echo $$", 100);
	for (int i = 0; i < N; i++) {
		finish(&ran[i]);
		assert_int_equal(ran[i].status, 0);
		assert_true(atoi(ran[i].output) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_and_output_are_told),
		cmocka_unit_test(signal_is_told),
		cmocka_unit_test(stdin_is_empty),
		cmocka_unit_test(only_the_end_of_long_output_is_kept),
		cmocka_unit_test(private_output_is_stdout_as_it_is),
		cmocka_unit_test(errors_of_private_output_are_waited_for),
		cmocka_unit_test(child_is_a_fresh_program),
		cmocka_unit_test(environment_is_the_callers),
		cmocka_unit_test(closed_descriptors_do_not_matter),
		cmocka_unit_test(grandchild_that_keeps_the_pipe_does_not_hang_us),
		cmocka_unit_test(grandchild_that_writes_on_does_not_hang_us),
		cmocka_unit_test(program_that_closes_its_output_is_waited_for),
		cmocka_unit_test(stop_ends_the_whole_group),
		cmocka_unit_test(stop_kills_who_does_not_listen),
		cmocka_unit_test(stop_reaches_one_that_sleeps_stopped),
		cmocka_unit_test(dropped_one_is_killed_and_not_told),
		cmocka_unit_test(what_cannot_be_run_is_told),
		cmocka_unit_test(many_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
