/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Promises of the conversation with QEMU's monitor, with a monitor of the test's own. */
#include "test.h"
#include "attempts.h"
#include "listener.h"
#include "base/fault.h"
#include "drivers/guest/qmp.h"
#include "drivers/guest/qmp_message.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- messages --------------------------------------------------------------------------------- */

static void messages_are_read(void **state)
{
	static const struct {
		const char *line;
		enum qmp_kind kind;
		uint64_t id;
		const char *text;
	} table[] = {
		{"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "
		 "\"package\": \"Debian\"}, \"capabilities\": [\"oob\"]}}",
		 QMP_GREETING, 0, "7.2.22"},
		{"{\"return\": {}, \"id\": 7}", QMP_RETURN, 7, ""},
		{"{\"id\": 8, \"error\": {\"class\": \"GenericError\", \"desc\": \"no\\nway\\u001b[1m\"}}",
		 QMP_ERROR, 8, "no way [1m"},
		{"{\"error\": {}}", QMP_ERROR, 0, "it does not say why"},
		{"{\"timestamp\": {}, \"event\": \"STOP\"}", QMP_EVENT, 0, "STOP"},
		{"{\"return\": \"x\", \"id\": \"text\"}", QMP_RETURN, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct qmp_message m;

		assert_int_equal(qmp_message_read(table[i].line, strlen(table[i].line), &m, NULL),
				 0);
		assert_int_equal(m.kind, table[i].kind);
		assert_int_equal(m.id, table[i].id);
		assert_string_equal(m.text, table[i].text);
		qmp_message_free(&m);
	}
}

static void what_is_no_message_is_told(void **state)
{
	static const char *const lines[] = {
		"", "hello", "[]", "{", "{}", "{\"QMP\": {}}", "{\"event\": 7}", "{\"id\": 1}",
		"{\"return\": {}} x", "\"x\"",
	};
	struct qmp_message m;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(qmp_message_read(lines[i], strlen(lines[i]), &m, &f), -EINVAL);
		assert_contains(f.text, "is no QMP");
	}
}

static void commands_are_lines(void **state)
{
	json_t *arguments = json_pack("{s:s}", "a", "b\nc");
	char *line = qmp_message_write("stop", NULL, 3);

	(void)state;
	assert_string_equal(line, "{\"execute\":\"stop\",\"id\":3}\n");
	free(line);
	line = qmp_message_write("x", arguments, 4);
	assert_string_equal(line, "{\"execute\":\"x\",\"id\":4,\"arguments\":{\"a\":\"b\\nc\"}}\n");
	free(line);
	json_decref(arguments);
}

static char cut[256];

static int keep(void *data, const char *text, size_t length)
{
	(void)data;
	assert_int_equal(strlen(text), length);
	strcat(cut, text);
	strcat(cut, "|");
	return strcmp(text, "stop") ? 0 : -EINTR;
}

static void streams_are_cut_into_lines(void **state)
{
	const char text[] = "one\r\n\n\r\ntwo\nthr";
	struct qmp_lines lines = {0};
	unsigned char *much = malloc(QMP_LINE_MAX + 1);

	(void)state;
	*cut = '\0';
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		assert_int_equal(qmp_lines_add(&lines, (const void *)&text[i], 1, keep, NULL), 0);
	assert_string_equal(cut, "one|two|");
	assert_int_equal(qmp_lines_add(&lines, (const void *)"ee\nstop\nmore\n", 13, keep, NULL),
			 -EINTR);
	assert_string_equal(cut, "one|two|three|stop|");
	memset(much, 'x', QMP_LINE_MAX + 1);
	assert_int_equal(qmp_lines_add(&lines, much, QMP_LINE_MAX + 1, keep, NULL), -EMSGSIZE);
	free(much);
	qmp_lines_free(&lines);
}

/* --- a conversation --------------------------------------------------------------------------- */

static struct qmp *qmp;
static bool ready, replied, lost, happened;
static char said[256];

static void on_ready(void *data)
{
	(void)data;
	ready = true;
}

static void on_event(void *data, const char *name, const json_t *value)
{
	(void)data;
	happened = true;
	snprintf(said, sizeof(said), "%s %lld", name,
		 (long long)json_integer_value(json_object_get(value, "n")));
}

static void on_lost(void *data, const char *sentence)
{
	(void)data;
	lost = true;
	qmp = NULL;
	snprintf(said, sizeof(said), "%s", sentence);
}

static const struct qmp_events events = {on_ready, on_event, on_lost};

static void on_reply(void *data, const json_t *value, const char *error)
{
	(void)data;
	replied = true;
	snprintf(said, sizeof(said), "%s", error ? error : json_string_value(value));
}

static void answer(const char *text)
{
	assert_int_equal(write(peer, text, strlen(text)), (ssize_t)strlen(text));
}

/* What has come, until a line is there. */
static void expect(const char *text)
{
	char heard[512];
	size_t n = 0;

	assert_true(strlen(text) < sizeof(heard));
	while (n < strlen(text))
		assert_true(read(peer, &heard[n++], 1) == 1);
	heard[n] = '\0';
	assert_string_equal(heard, text);
}

static int setup(void **state)
{
	(void)state;
	ready = replied = lost = happened = false;
	if (!listener_start() ||
	    qmp_open(ev_default_loop(0), listener_path, &events, NULL, &qmp, NULL))
		return -1;
	return !listener_accept();
}

static int teardown(void **state)
{
	(void)state;
	qmp_close(qmp);
	qmp = NULL;
	return listener_stop();
}

static void greet(void)
{
	answer("{\"QMP\": {\"version\": {\"qemu\": {\"major\": 8, \"minor\": 1, \"micro\": 0}}}}\r\n");
	loop_for(0.01);
	expect("{\"execute\":\"qmp_capabilities\"}{\"execute\":\"query-status\"}");
	assert_false(ready);
	assert_int_equal(qmp_send(qmp, "one", NULL, NULL), -EBUSY);
	answer("{\"return\": {}}\r\n");
	assert_true(loop_until(&ready, 5));
	assert_string_equal(qmp_version(qmp), "8.1.0");
}

static void commands_have_their_replies_and_events_come_between(void **state)
{
	(void)state;
	greet();
	assert_int_equal(qmp_peer(qmp), getpid());
	assert_int_equal(qmp_send(qmp, "one", NULL, on_reply), 0);
	assert_int_equal(qmp_send(qmp, "two", NULL, on_reply), -EBUSY);
	expect("{\"execute\":\"one\",\"id\":2}\n");
	answer("{\"event\": \"STOP\", \"data\": {\"n\": 5}}\n");
	assert_true(loop_until(&happened, 5));
	assert_string_equal(said, "STOP 5");
	assert_false(replied);
	answer("{\"return\": \"yes\", \"id\": 2}\n");
	assert_true(loop_until(&replied, 5));
	assert_string_equal(said, "yes");
	replied = false;
	assert_int_equal(qmp_send(qmp, "three", NULL, on_reply), 0);
	answer("{\"error\": {\"desc\": \"no\"}, \"id\": 3}\n");
	assert_true(loop_until(&replied, 5));
	assert_string_equal(said, "no");
}

static void the_state_is_asked_for_before_anybody_does(void **state)
{
	(void)state;
	greet();
	assert_int_equal(qmp_send(qmp, "query-status", NULL, on_reply), 0);
	answer("{\"return\": \"first\"}\n");
	assert_true(loop_until(&replied, 5));
	assert_string_equal(said, "first");
	/* once: from then on it is what it is then */
	replied = false;
	assert_int_equal(qmp_send(qmp, "query-status", NULL, on_reply), 0);
	expect("{\"execute\":\"query-status\",\"id\":2}\n");
	answer("{\"return\": \"second\", \"id\": 2}\n");
	assert_true(loop_until(&replied, 5));
	assert_string_equal(said, "second");
}

static void what_was_asked_before_is_not_the_reply_to_something_else(void **state)
{
	(void)state;
	greet();
	assert_int_equal(qmp_send(qmp, "stop", NULL, on_reply), 0);
	answer("{\"return\": \"early\"}\n{\"return\": \"right\", \"id\": 2}\n");
	assert_true(loop_until(&replied, 5));
	assert_string_equal(said, "right");
}

static void a_reply_that_nobody_waits_for_any_more_is_not_taken_for_the_next(void **state)
{
	(void)state;
	greet();
	assert_int_equal(qmp_send(qmp, "one", NULL, on_reply), 0);
	qmp_forget(qmp);
	assert_int_equal(qmp_send(qmp, "two", NULL, on_reply), 0);
	answer("{\"return\": \"late\", \"id\": 2}\n");
	loop_for(0.02);
	assert_false(replied);
	answer("{\"return\": \"right\", \"id\": 3}\n");
	assert_true(loop_until(&replied, 5));
	assert_string_equal(said, "right");
}

static void descriptors_go_with_a_command(void **state)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec part = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int ends[2], fd = -1;

	(void)state;
	greet();
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(qmp_send_fd(qmp, "getfd", NULL, ends[1], on_reply), 0);
	assert_int_equal(recvmsg(peer, &message, 0), 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	close(ends[1]);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(fd);
	close(ends[0]);
}

static void what_is_no_qmp_ends_it(void **state)
{
	(void)state;
	greet();
	answer("segmentation fault\n{\"return\": {}}\n");
	assert_true(loop_until(&lost, 5));
	assert_string_equal(said, "what QEMU's monitor says is no QMP: \"segmentation fault\"");
}

static void its_end_is_told(void **state)
{
	(void)state;
	greet();
	shutdown(peer, SHUT_RDWR);
	assert_true(loop_until(&lost, 5));
	assert_string_equal(said, "QEMU has closed its monitor");
}

static void a_refusal_in_the_greeting_is_told(void **state)
{
	(void)state;
	answer("{\"QMP\": {\"version\": {\"qemu\": {\"major\": 8}}}}\n");
	answer("{\"error\": {\"desc\": \"busy\"}}\n");
	assert_true(loop_until(&lost, 5));
	assert_string_equal(said, "busy");
	assert_false(ready);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_read),
		cmocka_unit_test(what_is_no_message_is_told),
		cmocka_unit_test(commands_are_lines),
		cmocka_unit_test(streams_are_cut_into_lines),
		cmocka_unit_test_setup_teardown(commands_have_their_replies_and_events_come_between,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_state_is_asked_for_before_anybody_does, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			what_was_asked_before_is_not_the_reply_to_something_else, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_reply_that_nobody_waits_for_any_more_is_not_taken_for_the_next, setup,
			teardown),
		cmocka_unit_test_setup_teardown(descriptors_go_with_a_command, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_qmp_ends_it, setup, teardown),
		cmocka_unit_test_setup_teardown(its_end_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refusal_in_the_greeting_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, listener_group_setup, listener_group_teardown);
}
