/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of base/stream, over socket pairs, pipes and ptys. */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "base/stream.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20 };

/* One end: what it is to say, what it hears. */
struct end {
	struct stream stream;
	const unsigned char *say;
	size_t to_say, said;
	unsigned char *heard;
	size_t nheard, size;
	unsigned writables;
	bool ended, stop_on_data;
	int err;
	bool enough;			/* nheard has reached `until` */
	size_t until;
};

static void say(struct end *e)
{
	while (e->said < e->to_say) {
		size_t n = stream_write(&e->stream, e->say + e->said, e->to_say - e->said);

		e->said += n;
		if (!n || e->said == e->to_say)
			return;
	}
}

static void on_data(void *data, const unsigned char *bytes, size_t length)
{
	struct end *e = data;

	assert_false(e->ended);
	assert_true(length > 0);
	assert_true(e->nheard + length <= e->size);
	memcpy(e->heard + e->nheard, bytes, length);
	e->nheard += length;
	e->enough = e->nheard >= e->until;
	if (e->stop_on_data)
		stream_stop(&e->stream);
}

static void on_writable(void *data)
{
	struct end *e = data;

	e->writables++;
	say(e);
}

static void on_end(void *data, int err)
{
	struct end *e = data;

	assert_false(e->ended);
	e->ended = true;
	e->err = err;
}

static const struct stream_events events = {on_data, on_writable, on_end};

static void start(struct end *e, int fd, size_t size)
{
	*e = (struct end){.heard = malloc(size), .size = size, .until = size};
	assert_non_null(e->heard);
	stream_start(&e->stream, ev_default_loop(0), fd, &events, e);
}

static void finish(struct end *e)
{
	stream_stop(&e->stream);
	stream_stop(&e->stream);
	free(e->heard);
}

static void pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
}

/* A pty whose slave passes bytes on as they are. */
static void raw_pty(int *master, int *slave)
{
	struct termios settings;

	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*master >= 0);
	assert_int_equal(grantpt(*master), 0);
	assert_int_equal(unlockpt(*master), 0);
	*slave = open(ptsname(*master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*slave >= 0);
	assert_int_equal(tcgetattr(*slave, &settings), 0);
	cfmakeraw(&settings);
	assert_int_equal(tcsetattr(*slave, TCSANOW, &settings), 0);
}

/* A megabyte each way, while the second end pauses again and again. */
static void exchange(int one, int other)
{
	unsigned char *there = noise(MEGABYTE, 1), *back = noise(MEGABYTE, 2);
	struct end a, b;

	start(&a, one, MEGABYTE);
	start(&b, other, MEGABYTE);
	a.say = there;
	b.say = back;
	a.to_say = b.to_say = MEGABYTE;
	say(&a);
	say(&b);
	assert_true(a.said < MEGABYTE);
	assert_true(stream_waiting(&a.stream) <= STREAM_QUEUE);
	for (int i = 0; i < 10; i++) {
		stream_pause(&b.stream, true);
		loop_for(0.005);
		stream_pause(&b.stream, false);
		loop_for(0.001);
	}
	assert_true(loop_until(&a.enough, 20));
	assert_true(loop_until(&b.enough, 20));
	assert_int_equal(stream_waiting(&a.stream), 0);
	assert_memory_equal(a.heard, back, MEGABYTE);
	assert_memory_equal(b.heard, there, MEGABYTE);
	finish(&a);
	finish(&b);
	free(there);
	free(back);
}

static void a_megabyte_goes_both_ways_through_a_socket(void **state)
{
	int fds[2];

	(void)state;
	pair(fds);
	exchange(fds[0], fds[1]);
}

static void a_megabyte_goes_both_ways_through_a_pty(void **state)
{
	int master, slave;

	(void)state;
	raw_pty(&master, &slave);
	exchange(master, slave);
}

static void who_is_paused_makes_the_other_wait(void **state)
{
	unsigned char *bytes = noise(MEGABYTE, 3);
	struct end a, b;
	size_t said;
	int fds[2];

	(void)state;
	pair(fds);
	start(&a, fds[0], 1);
	start(&b, fds[1], MEGABYTE);
	stream_pause(&b.stream, true);
	a.say = bytes;
	a.to_say = MEGABYTE;
	say(&a);
	loop_for(0.05);
	said = a.said;
	assert_true(said < MEGABYTE);
	loop_for(0.05);
	assert_int_equal(a.said, said);
	assert_int_equal(b.nheard, 0);
	stream_pause(&b.stream, false);
	assert_true(loop_until(&b.enough, 10));
	assert_true(a.writables > 0);
	assert_memory_equal(b.heard, bytes, MEGABYTE);
	finish(&a);
	finish(&b);
	free(bytes);
}

static void the_other_ends_close_is_told_after_its_last_words(void **state)
{
	struct end a;
	int fds[2];

	(void)state;
	pair(fds);
	assert_int_equal(write(fds[1], "bye", 3), 3);
	close(fds[1]);
	start(&a, fds[0], 3);
	assert_true(loop_until(&a.ended, 5));
	assert_int_equal(a.err, 0);
	assert_memory_equal(a.heard, "bye", 3);
	assert_int_equal(stream_write(&a.stream, "x", 1), 0);
	finish(&a);
}

static void a_ptys_end_is_no_error(void **state)
{
	int master, slave;
	struct end a;

	(void)state;
	raw_pty(&master, &slave);
	assert_int_equal(write(slave, "bye", 3), 3);
	close(slave);
	start(&a, master, 3);
	assert_true(loop_until(&a.ended, 5));
	assert_int_equal(a.err, 0);
	assert_memory_equal(a.heard, "bye", 3);
	finish(&a);
}

/* What was said before is there to be read, though nothing can be written any more. */
static void last_words_are_heard_after_a_failed_write(void **state)
{
	unsigned char *bytes = noise(100000, 4);
	struct end a;
	int fds[2];

	(void)state;
	pair(fds);
	assert_int_equal(write(fds[1], bytes, 100000), 100000);
	close(fds[1]);
	start(&a, fds[0], 100000);
	assert_int_equal(stream_write(&a.stream, "x", 1), 0);
	assert_false(a.ended);
	assert_true(loop_until(&a.ended, 5));
	assert_int_equal(a.nheard, 100000);
	assert_memory_equal(a.heard, bytes, 100000);
	finish(&a);
	free(bytes);
}

static void while_paused_last_words_wait(void **state)
{
	struct end a;
	int fds[2];

	(void)state;
	pair(fds);
	assert_int_equal(write(fds[1], "bye", 3), 3);
	close(fds[1]);
	start(&a, fds[0], 3);
	stream_pause(&a.stream, true);
	assert_int_equal(stream_write(&a.stream, "x", 1), 0);
	loop_for(0.02);
	assert_false(a.ended);
	assert_int_equal(a.nheard, 0);
	stream_pause(&a.stream, false);
	assert_true(loop_until(&a.ended, 5));
	assert_int_equal(a.nheard, 3);
	finish(&a);
}

/* A pipe says nothing: the error of writing is the one that is told. */
static void an_error_of_writing_is_told_from_the_loop(void **state)
{
	struct end a;
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	close(fds[0]);
	start(&a, fds[1], 1);
	assert_int_equal(stream_write(&a.stream, "x", 1), 0);
	assert_false(a.ended);
	assert_true(loop_until(&a.ended, 5));
	assert_true(a.err < 0);
	finish(&a);
	signal(SIGPIPE, SIG_DFL);
}

static void who_hears_may_stop(void **state)
{
	struct end a;
	int fds[2];

	(void)state;
	pair(fds);
	start(&a, fds[0], 100);
	a.stop_on_data = true;
	assert_int_equal(write(fds[1], "one", 3), 3);
	loop_for(0.02);
	assert_int_equal(a.nheard, 3);
	assert_false(a.ended);
	close(fds[1]);
	finish(&a);
}

static void finishing_writes_what_waits(void **state)
{
	unsigned char *bytes = noise(MEGABYTE, 5);
	struct end a, b;
	int fds[2];

	(void)state;
	pair(fds);
	start(&a, fds[0], 1);
	start(&b, fds[1], MEGABYTE);
	a.say = bytes;
	a.to_say = MEGABYTE;
	say(&a);
	assert_true(stream_waiting(&a.stream) > 0);
	a.to_say = a.said;
	stream_finish(&a.stream);
	assert_int_equal(stream_write(&a.stream, "x", 1), 0);
	assert_false(a.ended);
	assert_true(loop_until(&a.ended, 10));
	assert_int_equal(a.err, 0);
	assert_true(loop_until(&b.ended, 10));
	assert_int_equal(b.nheard, a.said);
	assert_memory_equal(b.heard, bytes, a.said);
	finish(&a);
	finish(&b);
	free(bytes);
}

static void finishing_without_anything_is_quick_and_from_the_loop(void **state)
{
	struct end a;
	int fds[2];

	(void)state;
	pair(fds);
	start(&a, fds[0], 1);
	stream_finish(&a.stream);
	assert_false(a.ended);
	assert_true(loop_until(&a.ended, 5));
	assert_int_equal(a.err, 0);
	close(fds[1]);
	finish(&a);
}

static void a_stopped_stream_takes_nothing(void **state)
{
	struct stream none = {0};

	(void)state;
	assert_int_equal(stream_write(&none, "x", 1), 0);
	assert_int_equal(stream_waiting(&none), 0);
	stream_pause(&none, true);
	stream_finish(&none);
	stream_stop(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_megabyte_goes_both_ways_through_a_socket),
		cmocka_unit_test(a_megabyte_goes_both_ways_through_a_pty),
		cmocka_unit_test(who_is_paused_makes_the_other_wait),
		cmocka_unit_test(the_other_ends_close_is_told_after_its_last_words),
		cmocka_unit_test(a_ptys_end_is_no_error),
		cmocka_unit_test(last_words_are_heard_after_a_failed_write),
		cmocka_unit_test(while_paused_last_words_wait),
		cmocka_unit_test(an_error_of_writing_is_told_from_the_loop),
		cmocka_unit_test(who_hears_may_stop),
		cmocka_unit_test(finishing_writes_what_waits),
		cmocka_unit_test(finishing_without_anything_is_quick_and_from_the_loop),
		cmocka_unit_test(a_stopped_stream_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
