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

/* A process of another user, or of one who may not write there; what lock_try says to it. */
static int try_as_another(const char *name, pid_t *holder, struct fault *fault)
{
	struct {
		int err;
		pid_t holder;
		struct fault fault;
	} result = {0};
	int answer[2], status;
	pid_t pid;

	assert_int_equal(pipe(answer), 0);
	pid = fork();
	if (!pid) {
		lock_quit();
		if (!geteuid() && setuid(65534))
			_exit(1);
		result.err = lock_try(name, &result.holder, &result.fault);
		_exit(write(answer[1], &result, sizeof(result)) != sizeof(result));
	}
	close(answer[1]);
	assert_int_equal(read(answer[0], &result, sizeof(result)), sizeof(result));
	close(answer[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	*holder = result.holder;
	*fault = result.fault;
	return result.err;
}

static void who_may_not_take_it_sees_the_holder(void **state)
{
	char command[96];
	struct fault fault;
	pid_t holder = 0;

	(void)state;
	assert_int_equal(lock_take("console rack5", NULL), 0);
	snprintf(command, sizeof(command), "chmod 1777 %s && chmod 444 %s/lock/*", directory,
		 directory);
	assert_int_equal(system(command), 0);
	assert_int_equal(try_as_another("console rack5", &holder, &fault), -EAGAIN);
	assert_int_equal(holder, getpid());
	lock_release("console rack5");
	assert_int_equal(try_as_another("console rack5", &holder, &fault), -EACCES);
	assert_string_equal(fault.text, "cannot lock console rack5: Permission denied");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_is_told_who_holds_it),
		cmocka_unit_test(a_killed_holder_leaves_no_lock),
		cmocka_unit_test(a_released_lock_is_free),
		cmocka_unit_test(who_may_not_take_it_sees_the_holder),
	};

	return cmocka_run_group_tests_name("lock", tests, set_up, tear_down);
}
