/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of base/offload, on interfaces of a network of the test's own. */
#include "test.h"
#include "base/fault.h"
#include "base/offload.h"

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fault f;
static struct offloads offloads;

/* Every test begins with a fresh pair, all of whose offloads are as the kernel makes them. */
static int setup(void **state)
{
	(void)state;
	offloads = (struct offloads){0};
	return unshare(CLONE_NEWNET) ||
	       system("ip link add veth7 type veth peer name veth8 && ip link set veth7 up");
}

static int teardown(void **state)
{
	(void)state;
	offloads_free(&offloads);
	return 0;
}

/*
 * What ethtool says: the features that are on and not fixed, of those that `ethtool -K` switches.
 */
static bool ethtool_sees_some_on(void)
{
	return !system("ethtool -k veth7 | grep -E "
		       "'^(rx-checksumming|tx-checksumming|scatter-gather|tcp-segmentation-offload|generic-segmentation-offload|"
		       "generic-receive-offload|large-receive-offload|rx-vlan-offload|"
		       "tx-vlan-offload|ntuple-filters|receive-hashing): on$' >/dev/null");
}

static void all_offloads_are_switched_off_and_ethtool_agrees(void **state)
{
	(void)state;
	assert_true(ethtool_sees_some_on());
	assert_int_equal(offloads_off("veth7", &offloads, &f), 0);
	assert_contains(buffer_text(&offloads.on), " tx-scatter-gather");
	assert_contains(buffer_text(&offloads.on), " tx-checksum-ip-generic");
	assert_false(ethtool_sees_some_on());
	offloads_free(&offloads);
	offloads = (struct offloads){0};
	assert_int_equal(offloads_read("veth7", &offloads, &f), 0);
	assert_string_equal(buffer_text(&offloads.on), "");
}

static void switching_twice_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(offloads_off("veth7", &offloads, &f), 0);
	offloads_free(&offloads);
	offloads = (struct offloads){0};
	assert_int_equal(offloads_off("veth7", &offloads, &f), 0);
	assert_string_equal(buffer_text(&offloads.on), "");
}

static void older_kernels_are_asked_flag_by_flag(void **state)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(offload_by_flag.read(fd, "veth7", &offloads), 0);
	assert_contains(buffer_text(&offloads.on), " sg");
	assert_contains(buffer_text(&offloads.on), " tso");
	assert_contains(buffer_text(&offloads.on), " gso");
	assert_int_equal(offload_by_flag.off(fd, "veth7"), 0);
	offloads_free(&offloads);
	offloads = (struct offloads){0};
	assert_int_equal(offload_by_flag.read(fd, "veth7", &offloads), 0);
	assert_string_equal(buffer_text(&offloads.on), "");
	close(fd);
	/* what came later than these commands is not theirs */
	assert_int_equal(system("test \"$(ethtool -k veth7 | grep -cE "
				"'^(rx-checksumming|tx-checksumming|scatter-gather|generic-segmentation-offload|"
				"generic-receive-offload): off$')\" = 5"), 0);
}

static void what_cannot_be_switched_is_told(void **state)
{
	(void)state;
	assert_int_equal(offloads_off("lo", &offloads, &f), 0);
	assert_contains(buffer_text(&offloads.fixed), " tx-scatter-gather");
}

static void an_interface_that_is_not_there_is_told(void **state)
{
	(void)state;
	assert_int_equal(offloads_off("eth99", &offloads, &f), -ENODEV);
	assert_string_equal(f.text, "there is no network interface \"eth99\"");
	assert_int_equal(offloads_off("a-name-that-no-interface-can-have", &offloads, &f), -ENODEV);
}

/* 0: it said what it should, in a process that may not switch anything. */
static int try_unprivileged(int err, const char *part)
{
	struct offloads fresh = {0};
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (setresuid(65534, 65534, 65534))
			_exit(2);
		if (offloads_off("veth7", &fresh, &f) != err)
			_exit(3);
		_exit(err && !strstr(f.text, part));
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void privilege_is_needed_only_where_something_is_on(void **state)
{
	(void)state;
	assert_int_equal(try_unprivileged(-EPERM, "user 65534 may not switch the offloads of veth7 "
					  "off: run as root, or with CAP_NET_ADMIN; these are on: "
			 ), 0);
	assert_int_equal(offloads_off("veth7", &offloads, &f), 0);
	assert_int_equal(try_unprivileged(0, ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_offloads_are_switched_off_and_ethtool_agrees,
						setup, teardown),
		cmocka_unit_test_setup_teardown(switching_twice_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(older_kernels_are_asked_flag_by_flag, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_switched_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(an_interface_that_is_not_there_is_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(privilege_is_needed_only_where_something_is_on,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
