/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the driver unix, with sockets of the test's own. */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "fakedriver.h"
#include "base/fault.h"
#include "base/stream.h"
#include "model/machine.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20 };

static char folder[] = "/tmp/test_console_unix.XXXXXX";
static char path[64];
static int listener = -1;
static struct model *model;
static struct watched w;

static int group_setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/serial", folder);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int teardown(void **state)
{
	(void)state;
	watched_close(&w);
	if (listener >= 0)
		close(listener);
	listener = -1;
	unlink(path);
	drivers_quit();
	model_free(model);
	model = NULL;
	return 0;
}

static void machine(const char *console)
{
	char text[512];

	snprintf(text, sizeof(text), "machine \"m\" { console = \"unix %s\" }\n", console);
	model = model_of(text);
}

static int socket_at(const char *name, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memcpy(address.sun_path, name, strlen(name));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void listen_there(int backlog)
{
	listener = socket_at(path, SOCK_STREAM);
	assert_int_equal(listen(listener, backlog), 0);
}

static void fails(int err, const char *format)
{
	char sentence[256];

	snprintf(sentence, sizeof(sentence), format, path);
	machine(path);
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	watched_ends(&w, err, sentence);
	watched_close(&w);
	model_free(model);
	model = NULL;
}

static void what_hinders_is_told(void **state)
{
	int fd;

	(void)state;
	fails(-ENOENT, "unix: there is no socket \"%s\": start what makes it, or mend the path");
	listen_there(1);
	close(listener);
	fails(-ECONNREFUSED, "unix: nobody listens on the socket \"%s\": what made it has ended");
	unlink(path);
	listener = socket_at(path, SOCK_DGRAM);
	fails(-EINVAL, "unix: \"%s\" is a socket for datagrams: a console needs one for streams");
	unlink(path);
	fd = creat(path, 0600);
	assert_true(fd >= 0);
	close(fd);
	fails(-EINVAL, "unix: \"%s\" is no socket");
}

static void whom_the_socket_does_not_want_is_told(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	listen_there(1);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(seteuid(65534), 0);
	fails(-EACCES, "unix: user 65534 may not write to the socket \"%s\"");
	assert_int_equal(seteuid(0), 0);
}

static void wrong_arguments_are_told(void **state)
{
	char *errors = errors_of(
		"machine \"a\" { console = \"unix\" }\n"
		"machine \"b\" { console = \"unix serial\" }\n"
		"machine \"c\" { console = \"unix /0123456789/0123456789/0123456789/0123456789/"
		"0123456789/0123456789/0123456789/0123456789/0123456789/0123456789\" }\n"
		"machine \"d\" { console = \"unix @\" }\n");

	(void)state;
	assert_contains(errors, "test:1: console: unix needs the path of one socket: write for "
			"example console = \"unix /run/vm/rack01.serial\"\n");
	assert_contains(errors, "test:2: console: \"serial\" is not an absolute path");
	assert_contains(errors, "has 110 bytes: the path of a socket has at most 107\n");
	assert_contains(errors, "test:4: console: \"@\" is not an absolute path");
	free(errors);
}

/* --- what stands behind the socket ---------------------------------------------------------- */

/* Hands back what it gets, as far as the other end reads. */
struct echo {
	struct stream stream;
	unsigned char waiting[STREAM_READ];
	size_t first, length, total;
	bool only_listens, ended;
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

	e->total += length;
	if (e->only_listens)
		return;
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
	struct echo *e = data;

	(void)err;
	e->ended = true;
}

static const struct stream_events echo_events = {on_data, on_writable, on_end};

static int accept_one(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void a_megabyte_goes_both_ways(void **state)
{
	unsigned char *bytes = noise(MEGABYTE, 1);
	struct echo *echo = calloc(1, sizeof(*echo));

	(void)state;
	listen_there(1);
	machine(path);
	watched_open(&w, model, "m");
	stream_start(&echo->stream, ev_default_loop(0), accept_one(), &echo_events, echo);
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
	stream_stop(&echo->stream);
	free(echo);
	free(bytes);
}

static void last_words_are_heard(void **state)
{
	char sentence[128];
	int fd;

	(void)state;
	listen_there(1);
	machine(path);
	watched_open(&w, model, "m");
	fd = accept_one();
	assert_int_equal(write(fd, "Power down.\r\n", 13), 13);
	close(fd);
	snprintf(sentence, sizeof(sentence), "unix: what made the socket \"%s\" has closed it", path);
	watched_ends(&w, -EPIPE, sentence);
	assert_string_equal(buffer_text(&w.heard), "Power down.\r\n");
}

/* What was taken is written, though the console is closed at once. */
static void closing_loses_nothing(void **state)
{
	unsigned char *bytes = noise(MEGABYTE, 2);
	struct echo *echo = calloc(1, sizeof(*echo));
	size_t said;

	(void)state;
	listen_there(1);
	machine(path);
	watched_open(&w, model, "m");
	watched_say(&w, bytes, MEGABYTE);
	said = w.said;
	assert_true(said > 0 && said < MEGABYTE);
	console_close(w.console);
	echo->only_listens = true;
	stream_start(&echo->stream, ev_default_loop(0), accept_one(), &echo_events, echo);
	watched_ends(&w, -ECANCELED, "closed");
	assert_true(loop_until(&echo->ended, 5));
	assert_int_equal(echo->total, said);
	stream_stop(&echo->stream);
	free(echo);
	free(bytes);
}

/* …but who leaves does not wait for one that does not listen. */
static void closing_does_not_wait_for_ever(void **state)
{
	unsigned char *bytes = noise(MEGABYTE, 3);
	double begun;
	int fd;

	(void)state;
	listen_there(1);
	machine(path);
	watched_open(&w, model, "m");
	fd = accept_one();
	watched_say(&w, bytes, MEGABYTE);
	console_close(w.console);
	begun = ev_now(ev_default_loop(0));
	watched_ends(&w, -ECANCELED, "closed");
	assert_true(ev_now(ev_default_loop(0)) - begun < 3);
	close(fd);
	free(bytes);
}

/* As many wait before us as the socket lets wait. */
static void a_full_socket_is_tried_again(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int others[8], n = 0;

	(void)state;
	listen_there(0);
	memcpy(address.sun_path, path, strlen(path));
	do {
		others[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	} while (!connect(others[n++], (struct sockaddr *)&address, sizeof(address)) && n < 8);
	assert_true(n < 8);
	machine(path);
	watched_begin(&w, model, "m", STEAL_CONFIGURED);
	loop_for(0.2);
	assert_false(w.opened || w.closed);
	while (n--) {
		if (n)
			close(accept_one());
		close(others[n]);
	}
	assert_true(loop_until(&w.opened, 5));
}

static void sockets_without_a_path_are_found(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[64];
	socklen_t length;

	(void)state;
	snprintf(name, sizeof(name), "@stoker-test-%d", (int)getpid());
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	memcpy(address.sun_path, name, strlen(name));
	address.sun_path[0] = '\0';
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	machine(name);
	watched_open(&w, model, "m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_hinders_is_told, teardown),
		cmocka_unit_test_teardown(whom_the_socket_does_not_want_is_told, teardown),
		cmocka_unit_test_teardown(wrong_arguments_are_told, teardown),
		cmocka_unit_test_teardown(a_megabyte_goes_both_ways, teardown),
		cmocka_unit_test_teardown(last_words_are_heard, teardown),
		cmocka_unit_test_teardown(closing_loses_nothing, teardown),
		cmocka_unit_test_teardown(closing_does_not_wait_for_ever, teardown),
		cmocka_unit_test_teardown(a_full_socket_is_tried_again, teardown),
		cmocka_unit_test_teardown(sockets_without_a_path_are_found, teardown),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
