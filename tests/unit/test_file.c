/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of base/file. */
#include "test.h"
#include "base/fault.h"
#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_file.XXXXXX";
static struct fault f;

static int setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return !mkdtemp(folder) || chdir(folder);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st, (void)type, (void)where;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	unsetenv("STOKER_STATE");
	unsetenv("STOKER_RUN");
	return chdir("/") || nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static unsigned files_here(void)
{
	DIR *d = opendir(".");
	unsigned n = 0;

	for (struct dirent *e; (e = readdir(d));)
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	closedir(d);
	return n;
}

static void assert_holds(const char *path, const char *expected)
{
	char *text;
	size_t length;

	assert_int_equal(file_read(path, 1000, &text, &length, &f), 0);
	assert_string_equal(text, expected);
	assert_int_equal(length, strlen(expected));
	free(text);
}

static void file_is_replaced_whole(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(file_replace("a", "old", 3, 0640, &f), 0);
	assert_holds("a", "old");
	assert_int_equal(file_replace("a", "newer", 5, 0600, &f), 0);
	assert_holds("a", "newer");
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(files_here(), 1);
}

static void mode_does_not_depend_on_umask(void **state)
{
	mode_t before = umask(0777);
	struct stat st;

	(void)state;
	assert_int_equal(file_replace("a", "", 0, 0644, &f), 0);
	umask(before);
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void link_stays_a_link(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("real", 0755), 0);
	assert_int_equal(file_replace("real/a", "old", 3, 0644, &f), 0);
	assert_int_equal(symlink("real/a", "link"), 0);
	assert_int_equal(file_replace("link", "new", 3, 0644, &f), 0);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_holds("real/a", "new");
}

static void failure_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(file_replace("no/a", "x", 1, 0644, &f), -ENOENT);
	assert_string_equal(f.text, "cannot write \"no/a\": No such file or directory");
	assert_int_equal(mkdir("a", 0755), 0);
	assert_int_equal(file_replace("a", "x", 1, 0644, &f), -EISDIR);
	assert_int_equal(files_here(), 1);
}

static void long_file_is_refused(void **state)
{
	char *text = NULL;

	(void)state;
	assert_int_equal(file_replace("a", "12345", 5, 0644, &f), 0);
	assert_int_equal(file_read("a", 4, &text, NULL, &f), -EFBIG);
	assert_string_equal(f.text, "\"a\" is longer than 4 bytes");
	assert_null(text);
	assert_int_equal(file_read("a", 5, &text, NULL, &f), 0);
	free(text);
	assert_int_equal(file_read("none", 5, &text, NULL, &f), -ENOENT);
	assert_int_equal(file_read(".", 5, &text, NULL, &f), -EISDIR);
}

static void file_without_a_size_is_read(void **state)
{
	char *text;
	size_t length;

	(void)state;
	assert_int_equal(file_read("/proc/self/status", 1 << 16, &text, &length, &f), 0);
	assert_memory_equal(text, "Name:", 5);
	assert_int_equal(strlen(text), length);
	free(text);
}

static void file_that_does_not_say_its_length_is_read_to_its_end(void **state)
{
	static const size_t lengths[] = {0, 1, 2045, 2046, 2047, 4092, 4093, 9999, 10000};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char bytes[10000], name[64], *text = NULL;
		int ends[2];
		size_t length;

		for (size_t n = 0; n < lengths[i]; n++)
			bytes[n] = (char)('a' + n % 26);
		for (size_t max = 10000; max >= 9999; max--) {
			assert_int_equal(pipe(ends), 0);
			assert_int_equal(write(ends[1], bytes, lengths[i]), lengths[i]);
			snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[0]);
			close(ends[1]);
			if (lengths[i] > max) {
				assert_int_equal(file_read(name, max, &text, &length, &f), -EFBIG);
			} else {
				assert_int_equal(file_read(name, max, &text, &length, &f), 0);
				assert_int_equal(length, lengths[i]);
				assert_memory_equal(text, bytes, length);
				assert_int_equal(text[length], 0);
				free(text);
			}
			close(ends[0]);
		}
	}
}

static void folders_are_made_with_those_above(void **state)
{
	(void)state;
	assert_int_equal(directory_make("a/b//c/", 0700, &f), 0);
	assert_int_equal(directory_make("a/b/c", 0700, &f), 0);
	assert_int_equal(directory_make("/", 0700, &f), 0);
	assert_int_equal(directory_make("/proc", 0700, &f), 0);
	assert_int_equal(file_replace("file", "x", 1, 0644, &f), 0);
	assert_int_equal(directory_make("file", 0700, &f), -ENOTDIR);
	assert_string_equal(f.text, "\"file\" is not a folder");
	assert_int_equal(directory_make("file/a", 0700, &f), -ENOTDIR);
	assert_string_equal(f.text, "\"file\" is not a folder");
	assert_int_equal(directory_make("", 0700, &f), -ENOENT);
}

static void variables_name_the_folders(void **state)
{
	char path[PATH_MAX], wanted[PATH_MAX];

	(void)state;
	snprintf(wanted, sizeof(wanted), "%s/x/state", folder);
	setenv("STOKER_STATE", wanted, 1);
	assert_int_equal(state_directory(path, sizeof(path), &f), 0);
	assert_string_equal(path, wanted);
	assert_int_equal(access(path, W_OK), 0);
	snprintf(wanted, sizeof(wanted), "%s/x/run", folder);
	setenv("STOKER_RUN", wanted, 1);
	assert_int_equal(run_directory(path, sizeof(path), &f), 0);
	assert_string_equal(path, wanted);
	assert_int_equal(run_directory(path, 4, &f), -ENAMETOOLONG);
}

static void bad_variable_is_told(void **state)
{
	char path[PATH_MAX];

	(void)state;
	setenv("STOKER_STATE", "state", 1);
	assert_int_equal(state_directory(path, sizeof(path), &f), -EINVAL);
	assert_string_equal(f.text, "STOKER_STATE is \"state\": write an absolute path");
	setenv("STOKER_RUN", "/proc/none", 1);
	assert_true(run_directory(path, sizeof(path), &f) < 0);
	assert_non_null(strstr(f.text, "STOKER_RUN: cannot make the folder \"/proc/none\": "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(file_is_replaced_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(mode_does_not_depend_on_umask, setup, teardown),
		cmocka_unit_test_setup_teardown(link_stays_a_link, setup, teardown),
		cmocka_unit_test_setup_teardown(failure_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(long_file_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(file_without_a_size_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(file_that_does_not_say_its_length_is_read_to_its_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(folders_are_made_with_those_above, setup, teardown),
		cmocka_unit_test_setup_teardown(variables_name_the_folders, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_variable_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
