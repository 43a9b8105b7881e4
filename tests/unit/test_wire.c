/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of the control socket, as bytes and over a socket. */
#include "test.h"
#include "attempts.h"
#include "consoles.h"
#include "base/text.h"
#include "daemon/link.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static void a_frame_is_read_when_it_is_whole(void **state)
{
	unsigned char bytes[WIRE_HEAD + 5];
	struct wire_frame frame;

	(void)state;
	wire_head(bytes, WIRE_DATA, 5);
	memcpy(bytes + WIRE_HEAD, "hello", 5);
	for (size_t n = 0; n < sizeof(bytes); n++)
		assert_int_equal(wire_read(bytes, n, &frame), 0);
	assert_int_equal(wire_read(bytes, sizeof(bytes), &frame), sizeof(bytes));
	assert_int_equal(frame.type, WIRE_DATA);
	assert_int_equal(frame.length, 5);
	assert_memory_equal(frame.bytes, "hello", 5);
}

static void what_is_no_frame_is_refused(void **state)
{
	static const unsigned char wrong[][WIRE_HEAD] = {
		{0, 0, 0, 1},			/* no type */
		{WIRE_TYPES, 0, 0, 1}, {255, 0, 0, 1},
		{WIRE_DATA, 1, 0, 1},		/* the byte that is 0 */
		{WIRE_DATA, 0, 0, 0},		/* too short, too long */
		{WIRE_DATA, 0, 0x40, 1}, {WIRE_BREAK, 0, 0, 1}, {WIRE_HELLO, 0, 0, 1},
		{WIRE_END, 0, 0, 0}, {WIRE_ASK, 0, 0, 2}, {WIRE_ATTACH, 0, 0xff, 0xff},
	};
	struct wire_frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(wire_read(wrong[i], WIRE_HEAD, &frame), -EPROTO);
}

static void numbers_and_reasons_come_back(void **state)
{
	static const int errors[] = {0, -ECANCELED, -EACCES, -EBUSY, -ESTALE, -EPIPE, -ENOENT};
	unsigned char bytes[4];

	(void)state;
	wire_put32(bytes, 0xfedcba98);
	assert_int_equal(wire_get32(bytes), 0xfedcba98);
	assert_int_equal(bytes[0], 0xfe);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		assert_int_equal(wire_errno(wire_reason(errors[i])), errors[i]);
	/* one that the protocol does not know, in either direction, is some error */
	assert_int_equal(wire_errno(wire_reason(-EXDEV)), -EIO);
	assert_int_equal(wire_errno(255), -EIO);
}

static void text_does_not_control_the_terminal(void **state)
{
	const unsigned char bytes[] = "\1a\033[2Jb\177\303\244";
	struct wire_frame frame = {WIRE_NOTE, bytes, sizeof(bytes) - 1};
	char text[64];

	(void)state;
	wire_text(&frame, 1, text, sizeof(text));
	assert_string_equal(text, "a?[2Jb?\303\244");
	wire_text(&frame, 1, text, 4);
	assert_string_equal(text, "a?[");
	wire_text(&frame, 100, text, sizeof(text));
	assert_string_equal(text, "");
}

static void fields_end_where_the_frame_does(void **state)
{
	const unsigned char bytes[] = {'a', 0, 0, 'b', 'c', 0, 'd'};
	struct wire_frame frame = {WIRE_ROW, bytes, sizeof(bytes)};
	size_t at = 0;

	(void)state;
	assert_string_equal(wire_field(&frame, &at), "a");
	assert_string_equal(wire_field(&frame, &at), "");
	assert_string_equal(wire_field(&frame, &at), "bc");
	/* the last one has no end */
	assert_null(wire_field(&frame, &at));
	at = sizeof(bytes);
	assert_null(wire_field(&frame, &at));
}

/* --- over a socket -------------------------------------------------------------------------- */

struct heard {
	struct link *link;
	struct buffer bytes;
	unsigned frames, pause_after;
	bool ended, all, stop, room;
	size_t wanted;
	int err;
};

static void on_frame(void *data, const struct wire_frame *frame)
{
	struct heard *h = data;

	assert_false(h->link->paused);
	h->frames++;
	buffer_add_bytes(&h->bytes, frame->bytes, frame->length);
	h->all = h->bytes.length >= h->wanted;
	if (h->pause_after && h->frames % h->pause_after == 0)
		link_pause(h->link, true);
	if (h->stop)
		link_stop(h->link);
}

static void on_room(void *data)
{
	struct heard *h = data;

	h->room = true;
}

static void on_end(void *data, int err)
{
	struct heard *h = data;

	h->ended = true;
	h->err = err;
}

static const struct link_events events = {on_frame, on_room, on_end};

static void connect_links(struct link *a, struct heard *at_a, struct link *b, struct heard *at_b)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	*at_a = (struct heard){.link = a};
	*at_b = (struct heard){.link = b};
	link_start(a, ev_default_loop(0), fds[0], &events, at_a);
	link_start(b, ev_default_loop(0), fds[1], &events, at_b);
}

static void frames_arrive_whole_however_slow_the_reader(void **state)
{
	enum { LENGTH = 1 << 20, STEP = 9999 };
	unsigned char *said = noise(LENGTH, 7);
	struct link a = {0}, b = {0};
	struct heard at_a, at_b;

	(void)state;
	connect_links(&a, &at_a, &b, &at_b);
	at_b.wanted = LENGTH;
	at_b.pause_after = 3;
	for (size_t i = 0; i < LENGTH; i += STEP) {
		size_t n = LENGTH - i < STEP ? LENGTH - i : STEP;

		link_send(&a, WIRE_DATA, said + i, n / 3, said + i + n / 3, n - n / 3);
	}
	assert_true(link_waiting(&a) > 0);
	link_want_room(&a);
	for (unsigned i = 0; i < 1000 && !at_b.all; i++) {
		loop_for(0.001);
		link_pause(&b, false);
	}
	assert_true(at_b.all);
	assert_int_equal(at_b.bytes.length, LENGTH);
	assert_memory_equal(at_b.bytes.text, said, LENGTH);
	assert_true(loop_until(&at_a.room, 5));
	assert_int_equal(link_waiting(&a), 0);
	link_stop(&a);
	/* frames that have come and were not handed over go before the end */
	assert_true(loop_until(&at_b.ended, 5));
	assert_int_equal(at_b.err, 0);
	buffer_free(&at_b.bytes);
	free(said);
}

static void data_is_not_taken_by_a_full_socket(void **state)
{
	static const unsigned char bytes[WIRE_PAYLOAD];
	struct link a = {0}, b = {0};
	struct heard at_a, at_b;
	size_t sent = 0;

	(void)state;
	connect_links(&a, &at_a, &b, &at_b);
	link_pause(&b, true);
	while (link_data(&a, bytes, sizeof(bytes)) && sent < 100 << 20)
		sent += sizeof(bytes);
	assert_true(sent && sent < 16 << 20);
	at_b.wanted = sent;
	link_pause(&b, false);
	assert_true(loop_until(&at_a.room, 5));
	assert_true(at_b.all || loop_until(&at_b.all, 5));
	loop_for(0.01);
	assert_int_equal(at_b.bytes.length, sent);
	link_stop(&a);
	link_stop(&b);
	buffer_free(&at_b.bytes);
}

static void what_was_said_before_the_end_is_heard(void **state)
{
	struct link a = {0}, b = {0};
	struct heard at_a, at_b;

	(void)state;
	connect_links(&a, &at_a, &b, &at_b);
	link_send(&a, WIRE_DATA, "bye", 3, NULL, 0);
	link_stop(&a);
	/* its own writing fails first */
	link_send(&b, WIRE_DATA, "lost", 4, NULL, 0);
	assert_true(loop_until(&at_b.ended, 5));
	assert_string_equal(buffer_text(&at_b.bytes), "bye");
	buffer_free(&at_b.bytes);
}

static void who_does_not_speak_the_protocol_is_left(void **state)
{
	struct link a = {0}, b = {0};
	struct heard at_a, at_b;

	(void)state;
	connect_links(&a, &at_a, &b, &at_b);
	assert_int_equal(write(a.fd, "GET / HTTP/1.0\r\n", 16), 16);
	assert_true(loop_until(&at_b.ended, 5));
	assert_int_equal(at_b.err, -EPROTO);
	assert_true(loop_until(&at_a.ended, 5));
	/* stopped in the middle of what came together */
	connect_links(&a, &at_a, &b, &at_b);
	at_b.stop = true;
	for (unsigned i = 0; i < 3; i++)
		link_send(&a, WIRE_DATA, "x", 1, NULL, 0);
	assert_true(loop_until(&at_a.ended, 5));
	assert_int_equal(at_b.frames, 1);
	buffer_free(&at_b.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_read_when_it_is_whole),
		cmocka_unit_test(what_is_no_frame_is_refused),
		cmocka_unit_test(numbers_and_reasons_come_back),
		cmocka_unit_test(text_does_not_control_the_terminal),
		cmocka_unit_test(fields_end_where_the_frame_does),
		cmocka_unit_test(frames_arrive_whole_however_slow_the_reader),
		cmocka_unit_test(data_is_not_taken_by_a_full_socket),
		cmocka_unit_test(what_was_said_before_the_end_is_heard),
		cmocka_unit_test(who_does_not_speak_the_protocol_is_left),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
