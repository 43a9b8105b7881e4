/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a password leaves behind in our memory and in /proc when it has been used: nothing. */
#include "test.h"
#include "attempts.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "engine/credential.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/test_leftovers.XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* --- the needle ------------------------------------------------------------------------------ */

/* A password that stands nowhere in this program: each byte is less by one. */
static const char shifted[] = "`#7otu{kddc)0vmy.{lqqd2s";
enum { NEEDLE = sizeof(shifted) - 1 };

static void make_needle(char needle[NEEDLE + 1])
{
	for (int i = 0; i < NEEDLE; i++)
		needle[i] = (char)(shifted[i] + 1);
	needle[NEEDLE] = '\0';
}

static bool is_needle(const void *bytes)
{
	const char *text = bytes;

	for (int i = 0; i < NEEDLE; i++) {
		if (text[i] != shifted[i] + 1)
			return false;
	}
	return true;
}

static unsigned count_needles(const char *bytes, ssize_t length)
{
	unsigned n = 0;

	for (ssize_t i = 0; i + NEEDLE <= length; i++)
		n += is_needle(bytes + i);
	return n;
}

static unsigned needles_between(int memory, unsigned long low, unsigned long high)
{
	static char bytes[1 << 20];
	unsigned n = 0;

	for (unsigned long size; low < high; low += size) {
		size = high - low < sizeof(bytes) ? high - low : sizeof(bytes);
		/* not the copy that is made here */
		if ((char *)low < bytes + sizeof(bytes) && (char *)low + size > bytes)
			continue;
		n += count_needles(bytes, pread(memory, bytes, size, (off_t)low));
	}
	wipe(bytes, sizeof(bytes));
	return n;
}

/* How often it stands in what we can write to, but for what a sanitizer maps by the terabyte. */
static unsigned needles_in_memory(void)
{
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], mode[8];
	unsigned long low, high;
	unsigned n = 0;

	assert_true(memory >= 0 && maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &low, &high, mode) == 3 && mode[1] == 'w' &&
		    high - low <= 64 << 20)
			n += needles_between(memory, low, high);
	}
	fclose(maps);
	close(memory);
	return n;
}

/* In another process: this one never has it but by what is tested. */
static void write_needle(const char *path)
{
	char needle[NEEDLE + 1];
	int status;
	pid_t pid = fork();

	if (!pid) {
		make_needle(needle);
		_exit(file_replace(path, needle, NEEDLE, 0600, NULL) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- memory ---------------------------------------------------------------------------------- */

struct told {
	bool over, right;
};

static void look(struct told *told, struct secret *secret)
{
	told->over = true;
	told->right = secret && secret_length(secret) == NEEDLE && is_needle(secret_bytes(secret)) &&
		      /* while it is held it is found */
		      needles_in_memory() > 0;
	secret_drop(secret);
}

static void on_secret(void *data, int err, struct secret *secret, const char *sentence)
{
	(void)err, (void)sentence;
	look(data, secret);
}

/* Asks for the password of a machine with this key and value, which name the file with %s. */
static void leaves_nothing(const char *format)
{
	char path[64], text[256];
	struct credential_request *handle;
	struct secret *secret;
	struct told told = {0};
	struct model *model;
	struct fault f;
	int err;

	snprintf(path, sizeof(path), "%s/needle", folder);
	write_needle(path);
	snprintf(text, sizeof(text), format, path, path);
	model = model_of(text);
	err = credential_get(ev_default_loop(0), machine_find(model, "m"), CREDENTIAL_PASSWORD,
			     &secret, on_secret, &told, &handle, &f);
	if (err != -EINPROGRESS)
		look(&told, err ? NULL : secret);
	assert_true(loop_until(&told.over, 30));
	assert_true(told.right);
	credential_quit();
	model_free(model);
	assert_int_equal(needles_in_memory(), 0);
}

static void file_leaves_no_copy(void **state)
{
	(void)state;
	leaves_nothing("machine \"m\" { password-file = \"%s\" }");
}

static void program_leaves_no_copy(void **state)
{
	(void)state;
	leaves_nothing("machine \"m\" { password-command = \"cat %s\" }");
}

static void program_that_says_it_twice_leaves_no_copy(void **state)
{
	(void)state;
	leaves_nothing("machine \"m\" { password-command = "
		       "\"sh -c 'cat %s; echo; cat %s >&2'\" }");
}

/* --- /proc ----------------------------------------------------------------------------------- */

/* As main, in a process that was started with the password in its environment. */
static int look_into_own_environment(void)
{
	int fd = open("/proc/self/environ", O_RDONLY | O_CLOEXEC);
	struct model *model = model_of("machine \"m\" {}");
	static char bytes[1 << 16];
	struct credential_request *handle;
	struct secret *secret = NULL;
	struct fault f;
	int right;

	if (count_needles(bytes, read(fd, bytes, sizeof(bytes))) != 1)
		return 2;
	if (credential_get(ev_default_loop(0), machine_find(model, "m"), CREDENTIAL_PASSWORD,
			   &secret, on_secret, NULL, &handle, &f) || !secret)
		return 3;
	right = is_needle(secret_bytes(secret)) &&
		!count_needles(bytes, pread(fd, bytes, sizeof(bytes), 0));
	secret_drop(secret);
	credential_quit();
	model_free(model);
	close(fd);
	return right ? 0 : 4;
}

static void environment_shows_it_no_more(void **state)
{
	char *argv[] = {(char *)"test_leftovers", (char *)"environment", NULL};
	char needle[NEEDLE + 1];
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		make_needle(needle);
		setenv("STOKER_PASSWORD", needle, 1);
		execv("/proc/self/exe", argv);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_leaves_no_copy),
		cmocka_unit_test(program_leaves_no_copy),
		cmocka_unit_test(program_that_says_it_twice_leaves_no_copy),
		cmocka_unit_test(environment_shows_it_no_more),
	};

	if (argc == 2 && !strcmp(argv[1], "environment"))
		return look_into_own_environment();
	return cmocka_run_group_tests_name("leftovers", tests, make_folder, remove_folder);
}
