/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logs of consoles: on a small file system of the test's own, in a mount namespace of its own, so
 * that it can be full.
 */
#include "test.h"
#include "consoles.h"
#include "fakeclock.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/file.h"
#include "daemon/logfile.h"
#include "model/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { DISK = 256 << 10 };

static char disk[] = "/tmp/stoker-log-XXXXXX";
static struct model *model;
static struct logfile logs;
static struct fault f;

static int make_disk(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	if (!mkdtemp(disk) || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	return 0;
}

static int drop_disk(void **state)
{
	(void)state;
	return rmdir(disk);
}

static int set_up(void **state)
{
	(void)state;
	return mount("none", disk, "tmpfs", 0, "size=256k");
}

static int tear_down(void **state)
{
	(void)state;
	logfile_close(&logs);
	model_free(model);
	model = NULL;
	fakeclock_stop();
	return umount2(disk, MNT_DETACH);
}

/* The log of a machine with these keys: "" or more; its file is DISK/c.log. */
static void begin(const char *keys)
{
	char text[512];

	snprintf(text, sizeof(text), "machine \"c\" { %s console-log = \"%s/%%n.log\" }", keys,
		 disk);
	model = model_of(text);
	logfile_init(&logs, machine_find(model, "c"));
}

static void say(const char *text)
{
	assert_int_equal(logfile_write(&logs, text, strlen(text), &f), 0);
}

/* The content of DISK/NAME; static; "(none)" where there is none. */
static const char *content(const char *name)
{
	static char text[2 * DISK];
	char path[64], *bytes;
	size_t length;

	snprintf(path, sizeof(path), "%s/%s", disk, name);
	if (file_read(path, sizeof(text) - 1, &bytes, &length, NULL))
		return "(none)";
	memcpy(text, bytes, length + 1);
	free(bytes);
	return text;
}

/* --- text ----------------------------------------------------------------------------------- */

static void what_controls_a_terminal_is_visible(void **state)
{
	static const struct {
		const char *said, *logged;
	} lines[] = {
		{"login: root\r\n", "login: root\n"},
		{"a\r\r\nb\n\rc\r\n", "a\nb\nc\n"},
		{"\r\n\r\n", "\n\n"},
		{"10%\r20%\r\n", "10%\n20%\n"},
		{"\033[31mred\033[0m\n", "^[[31mred^[[0m\n"},
		{"\a\b\177\ttab\n", "^G^H^?\ttab\n"},
		{"\303\244 \342\202\254 \360\237\230\200\n",
		 "\303\244 \342\202\254 \360\237\230\200\n"},
		{"\204 \303( \377\n", "~^D \303( ~^?\n"},
		{"\302\233\n", "\302~^[\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct logtext text = {.line_start = true};
		char out[256];
		size_t n = 0;

		for (const char *p = lines[i].said; *p; p++)
			n += logtext_byte(&text, (unsigned char)*p, "", out + n);
		out[n] = '\0';
		assert_string_equal(out, lines[i].logged);
		assert_true(text.line_start);
	}
}

static void each_line_has_the_time_of_its_first_byte(void **state)
{
	(void)state;
	fakeclock_start();
	begin("console-timestamps = yes");
	say("one\r\ntwo");
	say(" and more\r\n\r\nthree");
	assert_string_equal(content("c.log"),
			    "2001-09-09T01:46:40.000+00:00 one\n"
			    "2001-09-09T01:46:40.000+00:00 two and more\n"
			    "2001-09-09T01:46:40.000+00:00 \n"
			    "2001-09-09T01:46:40.000+00:00 three");
	assert_int_equal(logfile_note(&logs, &f, "console lost: %s", "why"), 0);
	say("four");
	assert_contains(content("c.log"), "three\n2001-09-09T01:46:40.000+00:00 "
					  "[stoker: console lost: why]\n"
					  "2001-09-09T01:46:40.000+00:00 four");
}

static void raw_logs_have_the_very_bytes(void **state)
{
	unsigned char *said = noise(100000, 5);
	char path[64], *bytes;
	size_t length;

	(void)state;
	begin("console-raw = yes");
	for (size_t i = 0; i < 100000; i += 1000)
		assert_int_equal(logfile_write(&logs, said + i, 1000, &f), 0);
	snprintf(path, sizeof(path), "%s/c.log", disk);
	assert_int_equal(file_read(path, DISK, &bytes, &length, NULL), 0);
	assert_int_equal(length, 100000);
	assert_memory_equal(bytes, said, length);
	free(bytes);
	free(said);
}

/* --- files ---------------------------------------------------------------------------------- */

static void names_have_machine_and_day_and_folders_are_made(void **state)
{
	char text[256];
	struct stat st;
	char path[128];

	(void)state;
	fakeclock_start();
	snprintf(text, sizeof(text),
		 "machine \"c\" { console-log = \"%s/a/%%Y-%%m/%%d/%%n%%%%.log\" }", disk);
	model = model_of(text);
	logfile_init(&logs, machine_find(model, "c"));
	say("hello\n");
	assert_string_equal(content("a/2001-09/09/c%.log"), "hello\n");
	snprintf(path, sizeof(path), "%s/a/2001-09/09/c%%.log", disk);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void after_a_restart_it_goes_on_on_a_line_of_its_own(void **state)
{
	(void)state;
	begin("");
	say("half a li");
	/* as after kill -9 */
	logfile_close(&logs);
	logfile_init(&logs, machine_find(model, "c"));
	assert_int_equal(logfile_note(&logs, &f, "daemon starts"), 0);
	say("more\n");
	assert_true(!strncmp(content("c.log"), "half a li\n2", 11));
	assert_contains(content("c.log"), " [stoker: daemon starts]\nmore\n");
}

static void large_logs_are_renamed_at_the_end_of_a_line(void **state)
{
	char line[32];

	(void)state;
	begin("console-log-size = \"100\" console-log-files = 2");
	for (unsigned i = 0; i < 50; i++) {
		snprintf(line, sizeof(line), "this is line %06u\n", i);
		say(line);
	}
	/* five lines of 20 bytes each */
	assert_string_equal(content("c.log"), "this is line 000045\nthis is line 000046\n"
			    "this is line 000047\nthis is line 000048\nthis is line 000049\n");
	assert_true(!strncmp(content("c.log.1"), "this is line 000040\n", 20));
	assert_true(!strncmp(content("c.log.2"), "this is line 000035\n", 20));
	assert_string_equal(content("c.log.3"), "(none)");
	/* a line that is longer than a file may be is in one all the same */
	for (unsigned i = 0; i < 20; i++)
		say("0123456789");
	assert_true(strlen(content("c.log")) <= 200);
}

static void many_lines_at_once_fill_files_to_their_ends(void **state)
{
	char text[4096] = "";

	(void)state;
	begin("console-log-size = \"1K\" console-log-files = 9");
	for (unsigned i = 0; i < 100; i++)
		snprintf(text + strlen(text), 32, "this is line %06u\n", i);
	say(text);
	assert_int_equal(strlen(content("c.log.1")), 1020);
	assert_int_equal(strlen(content("c.log")), 2000 - 1020);
}

static void who_renames_it_gets_a_new_one(void **state)
{
	char from[64], to[64];

	(void)state;
	begin("");
	say("old\n");
	snprintf(from, sizeof(from), "%s/c.log", disk);
	snprintf(to, sizeof(to), "%s/c.log.old", disk);
	assert_int_equal(rename(from, to), 0);
	say("still old\n");
	logfile_close(&logs);
	say("new\n");
	assert_string_equal(content("c.log.old"), "old\nstill old\n");
	assert_string_equal(content("c.log"), "new\n");
}

static void of_many_logs_only_some_are_open(void **state)
{
	static struct logfile many[10];
	char text[256], name[16];

	(void)state;
	snprintf(text, sizeof(text), "machine \"m[0-9]\" { console-log = \"%s/%%n.log\" }", disk);
	model = model_of(text);
	logfile_set_most(3);
	for (unsigned round = 0; round < 3; round++) {
		unsigned open = 0;

		for (unsigned i = 0; i < 10; i++) {
			snprintf(name, sizeof(name), "m%u", i);
			if (!round)
				logfile_init(&many[i], machine_find(model, name));
			assert_int_equal(logfile_write(&many[i], "x\n", 2, &f), 0);
		}
		for (unsigned i = 0; i < 10; i++)
			open += many[i].fd >= 0;
		assert_int_equal(open, 3);
	}
	assert_string_equal(content("m4.log"), "x\nx\nx\n");
	for (unsigned i = 0; i < 10; i++)
		logfile_close(&many[i]);
	logfile_set_most(512);
}

/* --- trouble -------------------------------------------------------------------------------- */

/* Leaves so many bytes free, in whole pages. */
static void fill(size_t leave)
{
	struct statvfs st;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/ballast", disk);
	assert_int_equal(statvfs(disk, &st), 0);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(posix_fallocate(fd, 0, (off_t)(st.f_bavail * st.f_bsize - leave)), 0);
	close(fd);
}

static void make_space(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/ballast", disk);
	assert_int_equal(unlink(path), 0);
}

static void pass(double seconds)
{
	const double fraction = seconds - (double)(time_t)seconds;
	const struct timespec ts = {(time_t)seconds, (long)(fraction * 1e9)};

	nanosleep(&ts, NULL);
}

static void a_full_disk_is_told_once_and_the_gap_is_in_the_log(void **state)
{
	static char line[] = "0123456789012345678901234567890123456789012345678\n";
	char wanted[64];
	unsigned told = 0, lines = 0;
	size_t said = 0;

	(void)state;
	begin("console-timestamps = yes");
	say("begin\n");
	fill(8192);
	for (unsigned i = 0; i < 1000; i++) {
		int result = logfile_write(&logs, line, 50, &f);

		told += result == -ENOSPC;
		assert_true(result == 0 || result == -ENOSPC);
	}
	assert_int_equal(told, 1);
	assert_contains(f.text, "its console is not logged: ");
	assert_contains(f.text, "/c.log: No space left on device");
	/* of what was cut nothing is left but whole bytes of the console */
	for (const char *p = content("c.log"); (p = strstr(p, " 0123")); p++)
		lines++;
	said = (size_t)lines * 50;
	assert_true(lines > 50 && lines < 200);
	make_space();
	pass(1.1);
	assert_int_equal(logfile_write(&logs, "again\n", 6, &f), 1);
	assert_contains(f.text, "its console is logged again");
	/* the last line may be there in part */
	assert_in_range(logs.missing, 0, 0);
	for (size_t part = 0; part < 50; part++) {
		snprintf(wanted, sizeof(wanted), "[stoker: %zu bytes are missing here, since ",
			 50000 - said + part);
		if (strstr(content("c.log"), wanted))
			told++;
	}
	assert_int_equal(told, 2);
	assert_contains(content("c.log"), ": No space left on device]\n");
	assert_contains(content("c.log"), " again\n");
}

static void raw_bytes_and_those_that_are_missing_make_all(void **state)
{
	unsigned char *said = noise(200000, 9);
	unsigned long long missing = 0;
	char *note;
	struct stat st;
	char path[64];

	(void)state;
	begin("console-raw = yes");
	say("begin\n");
	fill(20000);
	for (size_t i = 0; i < 200000; i += 5000)
		logfile_write(&logs, said + i, 5000, &f);
	missing = logs.missing;
	snprintf(path, sizeof(path), "%s/c.log", disk);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal((unsigned long long)st.st_size - 6 + missing, 200000);
	make_space();
	pass(1.1);
	assert_int_equal(logfile_note(&logs, &f, "daemon ends"), 1);
	note = memmem(content("c.log"), DISK, "[stoker: ", 9);
	assert_non_null(note);
	assert_int_equal(strtoull(note + 9, NULL, 10), missing);
	free(said);
}

static void what_is_no_file_is_told(void **state)
{
	char path[64], wanted[128];

	(void)state;
	begin("");
	snprintf(path, sizeof(path), "%s/c.log", disk);
	assert_int_equal(mkfifo(path, 0600), 0);
	/* nobody reads there: nothing may wait for that */
	assert_int_equal(logfile_write(&logs, "x", 1, &f), -ENOTSUP);
	snprintf(wanted, sizeof(wanted), "its console is not logged: %s: this is no file", path);
	assert_string_equal(f.text, wanted);
	logfile_trouble(&logs, wanted, sizeof(wanted));
	assert_contains(wanted, "this is no file");
	assert_int_equal(logfile_write(&logs, "x", 1, &f), 0);
	assert_int_equal(logs.missing, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_controls_a_terminal_is_visible),
		TEST(each_line_has_the_time_of_its_first_byte),
		TEST(raw_logs_have_the_very_bytes),
		TEST(names_have_machine_and_day_and_folders_are_made),
		TEST(after_a_restart_it_goes_on_on_a_line_of_its_own),
		TEST(large_logs_are_renamed_at_the_end_of_a_line),
		TEST(many_lines_at_once_fill_files_to_their_ends),
		TEST(who_renames_it_gets_a_new_one),
		TEST(of_many_logs_only_some_are_open),
		TEST(a_full_disk_is_told_once_and_the_gap_is_in_the_log),
		TEST(raw_bytes_and_those_that_are_missing_make_all),
		TEST(what_is_no_file_is_told),
	};

	return cmocka_run_group_tests_name("logfile", tests, make_disk, drop_disk);
}
