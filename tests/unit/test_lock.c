/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks of machines, against another process. */
#include "test.h"
#include "base/fault.h"
#include "engine/lock.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/stoker-lock-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(directory) ? setenv("STOKER_RUN", directory, 1) : -1;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	lock_quit();
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

/* A child that takes a lock, says so, and holds it until it is told to go. */
static pid_t hold(const char *machine, int go[2])
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (!pid) {
		lock_quit();
		close(go[1]);
		if (lock_take(machine, NULL) || write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit((int)read(go[0], &byte, 1));
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	close(go[0]);
	return pid;
}

static void the_second_is_told_who_holds_it(void **state)
{
	struct fault fault;
	char number[16];
	int go[2], status;
	pid_t pid = hold("rack1", go);

	(void)state;
	assert_int_equal(lock_take("rack1", &fault), -EAGAIN);
	snprintf(number, sizeof(number), "process %d", (int)pid);
	assert_contains(fault.text, number);
	assert_contains(fault.text, "rack1");
	assert_contains(fault.text, ", for ");
	/* another machine is not concerned */
	assert_int_equal(lock_take("rack2", &fault), 0);
	close(go[1]);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(lock_take("rack1", &fault), 0);
	assert_int_equal(lock_take("rack1", &fault), 0);
	lock_release("rack1");
	lock_release("rack2");
}

static void a_killed_holder_leaves_no_lock(void **state)
{
	int go[2], status;
	pid_t pid = hold("rack3", go);

	(void)state;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_int_equal(lock_take("rack3", NULL), 0);
	lock_release("rack3");
	close(go[1]);
}

static void a_released_lock_is_free(void **state)
{
	int go[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(lock_take("rack4", NULL), 0);
	lock_release("rack4");
	pid = hold("rack4", go);
	assert_int_equal(lock_take("rack4", NULL), -EAGAIN);
	close(go[1]);
	waitpid(pid, &status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_is_told_who_holds_it),
		cmocka_unit_test(a_killed_holder_leaves_no_lock),
		cmocka_unit_test(a_released_lock_is_free),
	};

	return cmocka_run_group_tests_name("lock", tests, set_up, tear_down);
}
