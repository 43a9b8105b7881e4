/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may watch and write. */
#include "test.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "daemon/keys.h"
#include "daemon/permit.h"
#include "model/machine.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct permit *watch_of(struct permits *permits, const struct model *model,
				     const char *name)
{
	const struct permit *permit;
	struct fault f;

	if (permit_of(permits, machine_find(model, name), &key_watch, &permit, &f))
		fail_msg("%s", f.text);
	return permit;
}

static void names_and_groups_may_and_others_may_not(void **state)
{
	struct model *model = model_of("machine \"a\" { console-watch = {\"daemon\", \"@bin\"} }\n"
				       "machine \"b\" { console-watch = \"all\" }\n"
				       "machine \"c\" { }\n"
				       "machine \"d\" { console-watch = {\"daemon\", "
				       "\"@bin\"} }\n");
	gid_t bin = 2, other = 54321;
	struct peer named = {.uid = 1}, member = {.uid = 4242, .groups = &bin, .ngroups = 1};
	struct peer stranger = {.uid = 4242, .groups = &other, .ngroups = 1};
	struct peer own = {.uid = geteuid()};
	struct permits permits = {0};

	(void)state;
	assert_true(permit_has(watch_of(&permits, model, "a"), &named));
	assert_true(permit_has(watch_of(&permits, model, "a"), &member));
	assert_false(permit_has(watch_of(&permits, model, "a"), &stranger));
	assert_true(permit_has(watch_of(&permits, model, "b"), &stranger));
	assert_null(watch_of(&permits, model, "c"));
	assert_false(permit_has(NULL, &stranger));
	assert_true(permit_has(NULL, &own));
	assert_string_equal(permit_text(watch_of(&permits, model, "a")), "daemon, @bin");
	/* thousands of machines with one list have one */
	assert_ptr_equal(watch_of(&permits, model, "a"), watch_of(&permits, model, "d"));
	permits_free(&permits);
	model_free(model);
}

static void names_that_the_system_does_not_have_are_quoted(void **state)
{
	struct model *model = model_of("machine \"a\" { console-watch = \"nobody-such\" }\n"
				       "machine \"b\" { console-watch = \"@no-such\" }\n");
	struct permits permits = {0};
	const struct permit *permit;
	struct fault f;

	(void)state;
	assert_int_equal(permit_of(&permits, machine_find(model, "a"), &key_watch, &permit, &f),
			 -ENOENT);
	assert_contains(f.text, "no user \"nobody-such\"");
	assert_int_equal(permit_of(&permits, machine_find(model, "b"), &key_watch, &permit, &f),
			 -ENOENT);
	assert_contains(f.text, "no group \"no-such\"");
	permits_free(&permits);
	model_free(model);
}

static void the_kernel_says_who_is_there(void **state)
{
	struct peer peer;
	char text[128], wanted[128];
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(peer_read(fds[0], &peer), 0);
	assert_int_equal(peer.uid, getuid());
	assert_int_equal(peer.pid, getpid());
	assert_true(peer.ngroups >= 1);
	assert_int_equal(peer.groups[peer.ngroups - 1], getgid());
	peer_print(&peer, text, sizeof(text));
	snprintf(wanted, sizeof(wanted), "%s (uid %u, process %d)", peer.name, getuid(), getpid());
	assert_string_equal(text, wanted);
	peer_free(&peer);
	close(fds[0]);
	close(fds[1]);
}

static void keys_tell_what_is_wrong_with_them(void **state)
{
	static const struct {
		const char *key, *value, *sentence;
	} wrong[] = {
		{"console-log", "log/%n", "\"log/%n\" is not an absolute path"},
		{"console-log", "/log/%x", "there is no %x: write %n"},
		{"console-log", "/log/%", "there is no %"},
		{"console-log-size", "10X", "\"10X\" is no size"},
		{"console-log-size", "M", "\"M\" is no size"},
		{"console-log-size", "99G", "\"99G\" is too large"},
		{"console-log-size", "99999999999999999999", "is no size"},
		{"console-replay", "20000", "20000"},
		{"console-watch", "@", "\"@\" is nobody"},
		{"console-write", "a b", "\"a b\" is nobody"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[256], *errors;

		snprintf(text, sizeof(text), "machine \"a\" { %s = \"%s\" }", wrong[i].key,
			 wrong[i].value);
		errors = errors_of(text);
		assert_contains(errors, wrong[i].sentence);
		free(errors);
	}
}

static void sizes_have_units(void **state)
{
	uint64_t bytes;

	(void)state;
	assert_int_equal(size_parse("0", &bytes, NULL), 0);
	assert_int_equal(bytes, 0);
	assert_int_equal(size_parse("10M", &bytes, NULL), 0);
	assert_int_equal(bytes, 10 << 20);
	assert_int_equal(size_parse("8G", &bytes, NULL), 0);
	assert_int_equal(bytes, UINT64_C(8) << 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_groups_may_and_others_may_not),
		cmocka_unit_test(names_that_the_system_does_not_have_are_quoted),
		cmocka_unit_test(the_kernel_says_who_is_there),
		cmocka_unit_test(keys_tell_what_is_wrong_with_them),
		cmocka_unit_test(sizes_have_units),
	};

	return cmocka_run_group_tests_name("permit", tests, NULL, NULL);
}
