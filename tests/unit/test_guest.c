/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of what guests are kept by: processes, records, checksums, consoles. */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/file.h"
#include "drivers/guest/detach.h"
#include "drivers/guest/place.h"
#include "base/proc.h"
#include "drivers/guest/qemu_find.h"
#include "drivers/guest/worker.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/test_guest.XXXXXX";
static bool told;

static void tell(void *data)
{
	(void)data;
	told = true;
}

/* --- processes -------------------------------------------------------------------------------- */

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid) {
		execlp("sleep", "sleep", "60", NULL);
		_exit(127);
	}
	return pid;
}

static void a_process_is_known_by_number_and_start(void **state)
{
	struct proc proc, other;
	pid_t pid = sleeper();
	uint64_t memory = 0;

	(void)state;
	assert_int_equal(proc_identify(pid, &proc), 0);
	assert_true(proc.start > 0);
	assert_true(proc_lives(&proc));
	other = proc;
	other.start--;
	assert_false(proc_lives(&other));
	/* another one of that number is not touched */
	assert_int_equal(proc_signal(&other, SIGKILL), -ESRCH);
	assert_true(proc_lives(&proc));
	/* in the moment in which a program takes the place of another it has none */
	for (int i = 0; i < 1000 && (memory = proc_memory(&proc)) <= 4096; i++)
		usleep(1000);
	assert_true(memory > 4096);
	assert_int_equal(proc_signal(&proc, SIGKILL), 0);
	while (proc_lives(&proc))
		usleep(1000);
	/* one that nobody has reaped is gone as well */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(proc_identify(pid, &proc), -ESRCH);
	assert_int_equal(proc_identify(0, &proc), -ESRCH);
}

static void the_end_of_a_process_is_told(void **state)
{
	struct ev_loop *loop = ev_default_loop(0);
	struct proc_watch watch = {0};
	struct proc proc;
	pid_t pid = sleeper();

	(void)state;
	told = false;
	assert_int_equal(proc_identify(pid, &proc), 0);
	proc_watch_start(&watch, loop, &proc, tell, NULL);
	loop_for(0.05);
	assert_false(told);
	kill(pid, SIGKILL);
	assert_true(loop_until(&told, 5));
	/* one that is gone already is told, too */
	waitpid(pid, NULL, 0);
	told = false;
	proc_watch_start(&watch, loop, &proc, tell, NULL);
	assert_true(loop_until(&told, 5));
	proc_watch_stop(&watch);
}

static void a_detached_program_has_nothing_of_ours(void **state)
{
	char *argv[] = {"sh", "-c",
			"ls /proc/$$/fd; pwd; umask; echo $X; exec sleep 60", NULL};
	char *environment[] = {"PATH=/usr/bin:/bin", "X=y", NULL};
	char log[64], *text = NULL;
	struct detached program = {
		.path = "/bin/sh", .argv = argv, .environment = environment, .log = log,
	};
	int leak = open("/dev/null", O_RDONLY);
	struct proc proc;
	struct fault f;

	(void)state;
	snprintf(log, sizeof(log), "%s/log", folder);
	assert_true(leak >= 0);
	assert_int_equal(detach(&program, &proc, &f), 0);
	while (!text || !strstr(text, "y\n")) {
		free(text);
		loop_for(0.01);
		assert_int_equal(file_read(log, 4096, &text, NULL, NULL), 0);
	}
	assert_string_equal(text, "0\n1\n2\n/\n0077\ny\n");
	free(text);
	assert_int_equal(getsid(proc.pid), proc.pid);
	proc_signal(&proc, SIGKILL);
	waitpid(proc.pid, NULL, 0);
	close(leak);
	program.path = "/nowhere/program";
	assert_int_equal(detach(&program, &proc, &f), -ENOENT);
	assert_string_equal(f.text,
			    "there is no program \"/nowhere/program\": No such file or directory");
	unlink(log);
}

/* --- command lines ---------------------------------------------------------------------------- */

static void options_are_found_in_a_command_line(void **state)
{
	static const char words[] = "qemu\0-name\0guest=a,,b,debug-threads=on\0--uuid\0x\0-qmp";
	char part[32];

	(void)state;
	assert_string_equal(words_option(words, sizeof(words), "uuid"), "x");
	assert_null(words_option(words, sizeof(words), "qmp"));
	assert_null(words_option(words, sizeof(words), "pidfile"));
	assert_true(option_part(words_option(words, sizeof(words), "name"), "guest", part,
				sizeof(part)));
	assert_string_equal(part, "a,b");
	assert_true(option_part("x,y=1,z=2", "z", part, sizeof(part)));
	assert_string_equal(part, "2");
	assert_false(option_part("x,yy=1", "y", part, sizeof(part)));
	assert_false(
		option_part("y=0123456789012345678901234567890123456789", "y", part, sizeof(part)));
}

/* --- records ---------------------------------------------------------------------------------- */

static void records_are_read_as_they_were_written(void **state)
{
	json_t *record = json_pack("{s:s, s:i}", "deed", "save", "pid", 7), *read;
	char path[PATH_MAX];
	struct stat st;
	struct fault f;

	(void)state;
	assert_int_equal(place_write(folder, "record", record, NULL), 0);
	assert_int_equal(stat(place_path(folder, "record", path), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(place_read(folder, "record", &read, NULL), 0);
	assert_true(json_equal(record, read));
	json_decref(read);
	json_decref(record);
	assert_int_equal(place_read(folder, "none", &read, NULL), -ENOENT);
	assert_int_equal(file_replace(path, "[7", 2, 0600, NULL), 0);
	assert_int_equal(place_read(folder, "record", &read, &f), -EINVAL);
	assert_contains(f.text, "is no record of ours");
	place_remove(folder, "record");
	assert_false(place_has(folder, "record"));
}

/* --- checksums -------------------------------------------------------------------------------- */

static struct worker_result result;

static void on_result(void *data, const struct worker_result *r)
{
	(void)data;
	result = *r;
	told = true;
}

static void checksums_are_those_of_zlib(void **state)
{
	static const char check[] = "123456789";
	uint32_t whole = crc32_add(0, check, 9);

	(void)state;
	/* the check value of CRC-32 in every catalogue */
	assert_int_equal(whole, 0xcbf43926);
	for (uint64_t i = 0; i <= 9; i++)
		assert_int_equal(crc32_add(crc32_add(0, check, i), check + i, 9 - i), whole);
}

static void a_file_is_read_beside_the_loop(void **state)
{
	enum { LENGTH = 3000000 };
	unsigned char *bytes = noise(LENGTH, 7);
	struct worker *worker;
	char path[PATH_MAX];
	int fd = open(place_path(folder, "big", path), O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, bytes, LENGTH), LENGTH);
	told = false;
	assert_int_equal(worker_start(ev_default_loop(0), fd, 1, on_result, NULL, &worker, NULL),
			 0);
	assert_true(loop_until(&told, 20));
	assert_int_equal(result.err, 0);
	assert_int_equal(result.length, LENGTH);
	assert_int_equal(result.crc, crc32_add(0, bytes, LENGTH));
	/* one that is dropped tells nothing */
	told = false;
	assert_int_equal(worker_start(ev_default_loop(0), fd, 1, on_result, NULL, &worker, NULL),
			 0);
	worker_drop(worker);
	loop_for(0.05);
	assert_false(told);
	close(fd);
	place_remove(folder, "big");
	free(bytes);
}

/* --- consoles --------------------------------------------------------------------------------- */

static void a_serial_port_is_a_console(void **state)
{
	struct model *model = model_of("machine \"vm1\" { guest = \"qemu\" }\n");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), peer;
	struct watched w = {0};
	char text[8] = "", sentence[256];
	struct fault f;

	(void)state;
	setenv("STOKER_RUN", folder, 1);
	setenv("STOKER_STATE", folder, 1);
	watched_begin(&w, model, "vm1", STEAL_CONFIGURED);
	snprintf(sentence, sizeof(sentence),
		 "qemu: there is no \"%s/guests/vm1/serial0\": the guest is "
		 "off, was started by hand, or has no such port",
		 folder);
	watched_ends(&w, -ENOENT, sentence);
	watched_close(&w);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/guests/vm1/serial0", folder);
	*strrchr(address.sun_path, '/') = '\0';
	assert_int_equal(directory_make(address.sun_path, 0700, NULL), 0);
	address.sun_path[strlen(address.sun_path)] = '/';
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	watched_open(&w, model, "vm1");
	peer = accept(listener, NULL, NULL);
	assert_int_equal(write(peer, "login: ", 7), 7);
	watched_hears(&w, "login: ");
	watched_type(&w, "root");
	assert_int_equal(read(peer, text, sizeof(text)), 4);
	assert_string_equal(text, "root");
	assert_int_equal(console_break(w.console, &f), -ENOSYS);
	close(peer);
	watched_ends(&w, -EPIPE, "qemu: QEMU has closed it: the guest is off");
	watched_close(&w);
	close(listener);
	unlink(address.sun_path);
	*strrchr(address.sun_path, '/') = '\0';
	rmdir(address.sun_path);
	*strrchr(address.sun_path, '/') = '\0';
	rmdir(address.sun_path);
	drivers_quit();
	model_free(model);
}

static int group_setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_known_by_number_and_start),
		cmocka_unit_test(the_end_of_a_process_is_told),
		cmocka_unit_test(a_detached_program_has_nothing_of_ours),
		cmocka_unit_test(options_are_found_in_a_command_line),
		cmocka_unit_test(records_are_read_as_they_were_written),
		cmocka_unit_test(checksums_are_those_of_zlib),
		cmocka_unit_test(a_file_is_read_beside_the_loop),
		cmocka_unit_test(a_serial_port_is_a_console),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
