/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the driver tty, on ptys, whose other ends are the test's. */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/stream.h"
#include "model/machine.h"

#include <asm/termbits.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GET_SETTINGS _IOR('T', 0x2A, struct termios2)

enum { MEGABYTE = 1 << 20 };

static char folder[] = "/tmp/test_console_tty.XXXXXX";
static char device[64], lock[128];
static int master = -1;
static struct model *model;
static struct watched w;

static int setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) || unlockpt(master) ||
	    ptsname_r(master, device, sizeof(device)))
		return -1;
	snprintf(lock, sizeof(lock), "%s/LCK..pts_%s", folder, strrchr(device, '/') + 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	watched_close(&w);
	drivers_quit();
	model_free(model);
	model = NULL;
	if (master >= 0)
		close(master);
	master = -1;
	unlink(lock);
	/* whatever else was left in it would be a fault */
	return rmdir(folder);
}

/* A machine "m" with its console on this device. */
static void machine_on(const char *where, const char *settings)
{
	char text[512];

	model_free(model);
	snprintf(text, sizeof(text), "tty-locks = \"%s\"\n"
		 "machine \"m\" { console = \"tty %s %s\" }\n", folder, where, settings);
	model = model_of(text);
}

static void opens(const char *settings)
{
	machine_on(device, settings);
	watched_open(&w, model, "m");
}

static void fails(const char *where, const char *settings, int err, const char *sentence)
{
	machine_on(where, settings);
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	watched_ends(&w, err, sentence);
	watched_close(&w);
}

static struct termios2 settings_now(void)
{
	struct termios2 t;
	int fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, GET_SETTINGS, &t), 0);
	close(fd);
	return t;
}

static void any_speed_and_raw_bytes_are_set(void **state)
{
	struct termios2 before = settings_now(), t, after;

	(void)state;
	opens("123456 8N2 xonxoff");
	assert_string_equal(w.text, "123456 8N2 xonxoff");
	t = settings_now();
	assert_int_equal(t.c_ospeed, 123456);
	assert_int_equal(t.c_ispeed, 123456);
	assert_int_equal(t.c_cflag & (CSIZE | CSTOPB | CLOCAL | CREAD),
			 CS8 | CSTOPB | CLOCAL | CREAD);
	assert_int_equal(t.c_iflag, IGNBRK | IXON | IXOFF);
	assert_int_equal(t.c_lflag, 0);
	assert_int_equal(t.c_oflag, 0);
	watched_close(&w);
	after = settings_now();
	assert_memory_equal(&after, &before, sizeof(before));
}

static void without_settings_it_is_9600_8N1(void **state)
{
	(void)state;
	opens("");
	assert_string_equal(w.text, "9600 8N1");
	assert_int_equal(settings_now().c_ospeed, 9600);
	watched_close(&w);
	opens("rtscts local 115200");
	assert_string_equal(w.text, "115200 8N1 rtscts");
	assert_true(settings_now().c_cflag & CRTSCTS);
}

/* A pty has neither parity nor other than 8 bits: it says so when it is asked. */
static void what_a_port_cannot_do_is_told(void **state)
{
	struct termios2 before = settings_now(), after;
	char sentence[128];

	(void)state;
	snprintf(sentence, sizeof(sentence), "tty: \"%s\" cannot do 7E1", device);
	fails(device, "1200 7E1", -EINVAL, sentence);
	after = settings_now();
	assert_memory_equal(&after, &before, sizeof(before));
}

static void bytes_go_both_ways(void **state)
{
	static const char all[] = "\x03\x04\x11\x13\x1a\r\n\xff\x7f";
	char got[16];

	(void)state;
	opens("115200");
	watched_type(&w, all);
	assert_int_equal(read(master, got, sizeof(got)), 9);
	assert_memory_equal(got, all, 9);
	assert_int_equal(write(master, all, 9), 9);
	watched_hears_bytes(&w, 9);
	assert_memory_equal(w.heard.text, all, 9);
}

/* --- a megabyte ----------------------------------------------------------------------------- */

/* Hands back what it gets, as far as the port takes it. */
struct echo {
	struct stream stream;
	unsigned char waiting[STREAM_READ];
	size_t first, length;
};

static void echo_on(struct echo *e)
{
	size_t n = stream_write(&e->stream, e->waiting + e->first, e->length);

	e->first += n;
	e->length -= n;
	stream_pause(&e->stream, e->length > 0);
}

static void on_data(void *data, const unsigned char *bytes, size_t length)
{
	struct echo *e = data;

	memcpy(e->waiting, bytes, length);
	e->first = 0;
	e->length = length;
	echo_on(e);
}

static void on_writable(void *data)
{
	echo_on(data);
}

static void on_end(void *data, int err)
{
	(void)data, (void)err;
}

static const struct stream_events echo_events = {on_data, on_writable, on_end};

static void a_megabyte_goes_both_ways(void **state)
{
	unsigned char *bytes = noise(MEGABYTE, 1);
	struct echo *echo = calloc(1, sizeof(*echo));

	(void)state;
	opens("4000000");
	stream_start(&echo->stream, ev_default_loop(0), master, &echo_events, echo);
	master = -1;
	console_pause(w.console, true);
	watched_say(&w, bytes, MEGABYTE);
	loop_for(0.1);
	assert_true(w.said < MEGABYTE);
	assert_int_equal(w.heard.length, 0);
	for (int i = 0; i < 20; i++) {
		console_pause(w.console, i % 2);
		loop_for(0.002);
	}
	console_pause(w.console, false);
	watched_hears_bytes(&w, MEGABYTE);
	assert_memory_equal(w.heard.text, bytes, MEGABYTE);
	watched_close(&w);
	stream_stop(&echo->stream);
	free(echo);
	free(bytes);
}

/* --- who uses it ---------------------------------------------------------------------------- */

static void write_lock(const char *text, size_t length)
{
	struct fault f;

	assert_int_equal(file_replace(lock, text, length, 0644, &f), 0);
}

static void the_port_is_locked_and_given_back(void **state)
{
	char expected[16], *text;

	(void)state;
	opens("115200");
	snprintf(expected, sizeof(expected), "%10d\n", (int)getpid());
	assert_int_equal(file_read(lock, 100, &text, NULL, NULL), 0);
	assert_string_equal(text, expected);
	free(text);
	watched_close(&w);
	assert_int_equal(access(lock, F_OK), -1);
}

static void who_has_it_is_told(void **state)
{
	char text[16], sentence[320];
	int number = 1;
	struct watched second;

	(void)state;
	snprintf(text, sizeof(text), "%10d\n", number);
	write_lock(text, strlen(text));
	machine_on(device, "115200");
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	assert_true(loop_until(&w.closed, 5));
	assert_int_equal(w.err, -EBUSY);
	snprintf(sentence, sizeof(sentence), "tty: \"%s\": process 1 (", device);
	assert_memory_equal(w.sentence, sentence, strlen(sentence));
	watched_close(&w);
	/* the number as UUCP wrote it once */
	write_lock((char *)&number, sizeof(number));
	machine_on(device, "115200");
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	assert_true(loop_until(&w.closed, 5));
	assert_memory_equal(w.sentence, sentence, strlen(sentence));
	watched_close(&w);
	unlink(lock);
	/* ourselves */
	opens("115200");
	watched_begin(&second, model, "m", STEAL_CONFIGURED);
	snprintf(sentence, sizeof(sentence), "tty: \"%s\": another console of this program has it "
		 "(%s)", device, lock);
	watched_ends(&second, -EBUSY, sentence);
	watched_close(&second);
	assert_int_equal(access(lock, F_OK), 0);
}

static void a_lock_without_a_process_is_told(void **state)
{
	char sentence[320];

	(void)state;
	write_lock("", 0);
	snprintf(sentence, sizeof(sentence), "tty: \"%s\": the lock file %s names no process: remove "
		 "it if nothing uses the port", device, lock);
	fails(device, "", -EBUSY, sentence);
}

static void a_stale_lock_is_removed(void **state)
{
	pid_t pid = fork();
	char text[16];

	(void)state;
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	snprintf(text, sizeof(text), "%10d\n", (int)pid);
	write_lock(text, strlen(text));
	opens("115200");
}

/* The lock of /dev/serial/by-id/… is that of the device behind it. */
static void links_are_resolved(void **state)
{
	char link[128];

	(void)state;
	snprintf(link, sizeof(link), "%s/by-id", folder);
	assert_int_equal(symlink(device, link), 0);
	machine_on(link, "115200");
	watched_open(&w, model, "m");
	assert_int_equal(access(lock, F_OK), 0);
	unlink(link);
}

static void without_a_folder_there_are_no_locks(void **state)
{
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), "tty-locks = \"none\"\nmachine \"m\" { console = \"tty %s\" }\n",
		 device);
	model = model_of(text);
	watched_open(&w, model, "m");
	assert_int_equal(access(lock, F_OK), -1);
	watched_close(&w);
	model_free(model);
	snprintf(text, sizeof(text), "tty-locks = \"%s/none\"\n"
		 "machine \"m\" { console = \"tty %s\" }\n", folder, device);
	model = model_of(text);
	watched_open(&w, model, "m");
}

/* --- line and device ------------------------------------------------------------------------ */

static void after_a_break_writing_goes_on(void **state)
{
	struct fault f;
	char got[8];

	(void)state;
	opens("115200");
	assert_int_equal(console_break(w.console, &f), 0);
	watched_say(&w, "after", 5);
	assert_int_equal(w.said, 0);
	assert_int_equal(console_break(w.console, &f), -EBUSY);
	assert_true(loop_until(&w.all_said, 5));
	assert_int_equal(read(master, got, sizeof(got)), 5);
	assert_int_equal(console_break(w.console, &f), 0);
	/* it may be closed in the midst of one */
	loop_for(0.05);
	watched_close(&w);
}

/* The other end takes nothing: the break does not wait for it, nor does the end. */
static void a_full_line_holds_nothing_up(void **state)
{
	unsigned char *bytes = noise(MEGABYTE, 2);
	double begun;
	struct fault f;

	(void)state;
	opens("115200");
	watched_say(&w, bytes, MEGABYTE);
	assert_true(w.said > 0 && w.said < MEGABYTE);
	assert_int_equal(console_break(w.console, &f), 0);
	begun = ev_now(ev_default_loop(0));
	while (!w.notes.length && ev_now(ev_default_loop(0)) - begun < 5)
		loop_for(0.05);
	assert_string_equal(buffer_text(&w.notes), "no break was sent: the other end does not take "
			    "what was written before it\n");
	begun = ev_now(ev_default_loop(0));
	watched_close(&w);
	assert_true(ev_now(ev_default_loop(0)) - begun < 4);
	free(bytes);
}

static void a_line_without_carrier_does_not_open(void **state)
{
	(void)state;
	fails(device, "carrier 300ms", -ETIMEDOUT, "tty: it did not open in 300ms");
	assert_int_equal(access(lock, F_OK), -1);
}

static void a_device_that_goes_is_told(void **state)
{
	char sentence[128];

	(void)state;
	opens("115200");
	assert_int_equal(write(master, "last words", 10), 10);
	watched_hears(&w, "last words");
	close(master);
	master = -1;
	snprintf(sentence, sizeof(sentence), "tty: the device \"%s\" has gone: it was unplugged",
		 device);
	watched_ends(&w, -ENODEV, sentence);
	assert_int_equal(access(lock, F_OK), -1);
}

static void what_is_no_port_is_told(void **state)
{
	(void)state;
	fails("/dev/none", "", -ENOENT, "tty: there is no device \"/dev/none\": is it plugged in?");
	fails("/dev/null", "", -EINVAL, "tty: \"/dev/null\" is no serial port");
	fails("/etc/passwd", "", -EINVAL, "tty: \"/etc/passwd\" is no serial port");
}

static void whom_the_device_does_not_want_is_told(void **state)
{
	char sentence[160];

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(chmod(device, 0600), 0);
	assert_int_equal(seteuid(65534), 0);
	snprintf(sentence, sizeof(sentence), "tty: user 65534 may not use \"%s\": the group of the "
		 "device may, dialout mostly", device);
	fails(device, "", -EACCES, sentence);
	assert_int_equal(seteuid(0), 0);
}

static void quitting_gives_the_port_back(void **state)
{
	struct termios2 before = settings_now(), after;

	(void)state;
	opens("115200");
	drivers_quit();
	after = settings_now();
	assert_memory_equal(&after, &before, sizeof(before));
	assert_int_equal(access(lock, F_OK), -1);
	/* what the driver held is gone: the engine is told, as by a driver that ends */
	console_closed(w.console, -EPIPE, "gone");
	assert_true(loop_until(&w.closed, 5));
}

static void wrong_settings_are_told(void **state)
{
	char *errors = errors_of(
		"machine \"a\" { console = \"tty\" }\n"
		"machine \"b\" { console = \"tty ttyS0\" }\n"
		"machine \"c\" { console = \"tty /dev/ttyS0 rtsct\" }\n"
		"machine \"d\" { console = \"tty /dev/ttyS0 9600 115200\" }\n"
		"machine \"e\" { console = \"tty /dev/ttyS0 9N1\" }\n"
		"machine \"f\" { console = \"tty /dev/ttyS0 0\" }\n"
		"machine \"g\" { console = \"tty /dev/ttyS0 local carrier\" }\n"
		"machine \"h\" { console = \"tty /dev/ttyS0 7e2 300 xonxoff 10s\" }\n"
		"tty-locks = \"locks\"\n");

	(void)state;
	assert_contains(errors, "test:1: console: tty needs a device: write for example console = ");
	assert_contains(errors, "test:2: console: \"ttyS0\" is not the path of a device: write for ");
	assert_contains(errors, "test:3: console: \"rtsct\" is no setting of a port (did you mean "
			"\"rtscts\"?): write for example 115200 8N1 rtscts; ");
	assert_contains(errors, "test:4: console: \"9600\" and \"115200\" contradict each other: ");
	assert_contains(errors, "test:5: console: \"9N1\" is no setting of a port");
	assert_contains(errors, "test:6: console: the speed in bits a second");
	assert_contains(errors, "test:7: console: \"local\" and \"carrier\" contradict each other");
	assert_null(strstr(errors, "test:8"));
	assert_contains(errors, "test:9: tty-locks: \"locks\" is no absolute path");
	free(errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_speed_and_raw_bytes_are_set, setup, teardown),
		cmocka_unit_test_setup_teardown(without_settings_it_is_9600_8N1, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_port_cannot_do_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes_go_both_ways, setup, teardown),
		cmocka_unit_test_setup_teardown(a_megabyte_goes_both_ways, setup, teardown),
		cmocka_unit_test_setup_teardown(the_port_is_locked_and_given_back, setup, teardown),
		cmocka_unit_test_setup_teardown(who_has_it_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lock_without_a_process_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stale_lock_is_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(links_are_resolved, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_folder_there_are_no_locks, setup,
						teardown),
		cmocka_unit_test_setup_teardown(after_a_break_writing_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_line_holds_nothing_up, setup, teardown),
		cmocka_unit_test_setup_teardown(a_line_without_carrier_does_not_open, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_device_that_goes_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_port_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(whom_the_device_does_not_want_is_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(quitting_gives_the_port_back, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_settings_are_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
