/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Promises of the drivers telnet and tcp: connections that begin and end, words, and all that goes
 * through between.
 */
#include "test.h"
#include "attempts.h"
#include "farserver.h"
#include "engine/console.h"
#include "engine/driver.h"
#include "model/machine.h"

#include <errno.h>
#include <sys/socket.h>

/* --- much ----------------------------------------------------------------------------------- */

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

enum { MUCH = 4 << 20 };

/* More than the socket holds of any bytes; one in eight is an IAC, CR or NUL. */
static unsigned char *much(uint32_t seed)
{
	static const unsigned char special[] = {255, '\r', '\0', 255};
	unsigned char *bytes = malloc(MUCH);

	for (size_t i = 0; i < MUCH; i++) {
		uint32_t r = next_random(&seed);

		bytes[i] = (unsigned char)(r & 7 ? r >> 8 : (unsigned)special[r >> 8 & 3]);
	}
	return bytes;
}

/* What the server writes where it must double IACs; to be freed. */
static unsigned char *doubled(const unsigned char *bytes, size_t n, size_t *length)
{
	unsigned char *out = malloc(2 * n);

	*length = 0;
	for (size_t i = 0; i < n; i++) {
		out[(*length)++] = bytes[i];
		if (bytes[i] == 255)
			out[(*length)++] = 255;
	}
	return out;
}

/* Both write all, both with pauses in reading; whether each got what the other wrote. */
static void exchange(bool telnet)
{
	unsigned char *up = much(1), *down = much(2), *wire_up, *wire_down;
	size_t up_length = MUCH, down_length = MUCH, sent = 0;

	wire_up = telnet ? doubled(up, MUCH, &up_length) : up;
	wire_down = telnet ? doubled(down, MUCH, &down_length) : down;
	watched_say(&user, up, MUCH);
	assert_false(user.all_said);
	for (unsigned i = 0; server.length < up_length || user.heard.length < MUCH; i++) {
		size_t part = down_length - sent < 30000 ? down_length - sent : 30000;
		ssize_t n = part ? send(server.fd, wire_down + sent, part, MSG_NOSIGNAL) : 0;

		assert_true(i < 20000 && !user.closed);
		sent += n > 0 ? (size_t)n : 0;
		console_pause(user.console, i % 8 < 3);
		if (i % 16 < 8)
			ev_io_stop(ev_default_loop(0), &server.reading);
		else
			ev_io_start(ev_default_loop(0), &server.reading);
		loop_for(0.0005);
	}
	hears(wire_up, up_length);
	gets_bytes(down, MUCH);
	if (telnet) {
		free(wire_up);
		free(wire_down);
	}
	free(up);
	free(down);
}

static void four_megabytes_come_out_unchanged(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	exchange(true);
	assert_int_equal(user.notes.length, 0);
}

static void four_raw_megabytes_come_out_unchanged(void **state)
{
	(void)state;
	opens("tcp 127.0.0.1:%u");
	exchange(false);
}

static void what_was_typed_last_arrives(void **state)
{
	unsigned char *bytes = much(3), *wire;
	size_t n;

	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	n = console_write(user.console, bytes, 8000);
	assert_int_equal(n, 8000);
	console_close(user.console);
	ends(-ECANCELED, "closed");
	wire = doubled(bytes, n, &n);
	hears(wire, n);
	free(wire);
	free(bytes);
}

/* --- beginnings and ends -------------------------------------------------------------------- */

static void a_server_that_hangs_up_is_told(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	says(SAYS("bye"));
	hang_up();
	ends(-EPIPE, "telnet: 127.0.0.1:%u has hung up");
	gets_bytes(SAYS("bye"));
}

static void a_reset_is_told(void **state)
{
	const struct linger at_once = {.l_onoff = 1};

	(void)state;
	opens("tcp 127.0.0.1:%u");
	await_call();
	assert_int_equal(setsockopt(server.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)),
			 0);
	hang_up();
	ends(-ECONNRESET, "tcp: the connection with 127.0.0.1:%u was lost: Connection reset by "
	     "peer");
}

static void a_refused_connection_is_told(void **state)
{
	(void)state;
	serve_no_more();
	begin("telnet 127.0.0.1:%u");
	ends(-ECONNREFUSED, "telnet: 127.0.0.1:%u refuses the connection: no console is at that "
	     "port, or somebody else has it");
	assert_false(user.opened);
}

static void an_unknown_host_is_told(void **state)
{
	(void)state;
	begin("tcp no-such-host.invalid:%u");
	assert_true(loop_until(&user.closed, 20));
	assert_contains(user.sentence, "tcp: ");
	assert_contains(user.sentence, "no-such-host.invalid");
	assert_false(user.opened);
}

static void a_host_may_have_a_name(void **state)
{
	(void)state;
	opens("tcp localhost:%u");
	types(SAYS("x"));
	hears(SAYS("x"));
}

static void addresses_of_version_six_stand_in_brackets(void **state)
{
	(void)state;
	serve_no_more();
	serve(AF_INET6);
	opens("telnet [::1]:%u");
	hears(SAYS(WISHES));
}

/* Who closes it at once when it is open, when bytes come, or when there is a note. */
struct leaver {
	struct console *console;
	enum { AT_OPENED, AT_BYTES, AT_NOTE } at;
	bool closed;
};

static void leave_opened(void *data, const char *text)
{
	struct leaver *l = data;

	(void)text;
	if (l->at == AT_OPENED)
		console_close(l->console);
}

static void leave_bytes(void *data, const unsigned char *bytes, size_t length)
{
	struct leaver *l = data;

	(void)bytes, (void)length;
	if (l->at == AT_BYTES)
		console_close(l->console);
}

static void leave_note(void *data, const char *sentence)
{
	struct leaver *l = data;

	(void)sentence;
	if (l->at == AT_NOTE)
		console_close(l->console);
}

static void leave_closed(void *data, int err, const char *sentence)
{
	struct leaver *l = data;

	assert_string_equal(sentence, "closed");
	assert_int_equal(err, -ECANCELED);
	assert_false(l->closed);
	l->closed = true;
}

static void it_may_be_closed_while_something_comes(void **state)
{
	static const struct console_events leaves = {
		leave_opened, leave_bytes, NULL, leave_note, leave_closed,
	};

	for (unsigned at = AT_OPENED; at <= AT_NOTE; at++) {
		struct leaver leaver = {.at = at};

		make_model("telnet 127.0.0.1:%u");
		assert_int_equal(console_open(ev_default_loop(0), machine_find(far_model, "m"),
					      STEAL_CONFIGURED, &leaves, &leaver, &leaver.console,
					      &fault), 0);
		await_call();
		if (at != AT_OPENED)
			says(SAYS("x" IAC BRK "y" IAC WILL ECHO IAC BRK "z"));
		assert_true(loop_until(&leaver.closed, 5));
		far_teardown(state);
		far_setup(state);
	}
}

static void it_may_be_closed_before_it_is_open(void **state)
{
	(void)state;
	begin("telnet 127.0.0.1:%u");
	console_close(user.console);
	ends(-ECANCELED, "closed");
	watched_close(&user);
	watched_begin(&user, far_model, "m", STEAL_CONFIGURED);
	loop_for(0);
	console_close(user.console);
	ends(-ECANCELED, "closed");
}

static void words(const char *driver, size_t n, const char *const *argv, const char *sentence)
{
	const struct console_ops *ops = driver_find(driver)->console;
	int err = ops->check_arguments(n, (char *const *)argv, &fault);

	assert_int_equal(err, sentence ? -EINVAL : 0);
	if (sentence)
		assert_string_equal(fault.text, sentence);
}

#define WORDS(...) \
	sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), \
	(const char *const[]){__VA_ARGS__}

static void wrong_words_are_told(void **state)
{
	(void)state;
	words("telnet", WORDS("ts1"), NULL);
	words("telnet", WORDS("ts1:2003", "none", "5N2", "300"), NULL);
	words("telnet", WORDS("[fe80::1%eth0]:2003", "115200", "8N1", "rtscts"), NULL);
	words("tcp", WORDS("::1"), "\"::1\" names no port: write for example \"[::1]:4001\"");
	words("tcp", WORDS("ts1"), "\"ts1\" names no port: write for example \"ts1:4001\"");
	words("tcp", 0, NULL, "tcp needs host and port: write for example \"tcp ts1:4001\"");
	words("tcp", WORDS("ts1:4001", "9600"), "\"9600\" is one word too many: write tcp, host "
	      "and port; a port that can be told speed and format is one of telnet");
	words("telnet", 0, NULL, "telnet needs a host: write for example \"telnet ts1:2003\", or "
	      "\"telnet ts1:2003 115200 8N1\"");
	words("telnet", WORDS("ts1:70000"),
	      "\"ts1:70000\": the port \"70000\" is not a number from 1 to 65535");
	words("telnet", WORDS("ts1", "8N3"), "\"8N3\" is no setting of a port: write for example "
	      "115200 8N1 rtscts; there are also xonxoff, none, local and carrier");
	words("telnet", WORDS("ts1", "9600", "19200"),
	      "\"9600\" and \"19200\" contradict each other: write one of them");
	words("telnet", WORDS("ts1", "carrier"),
	      "\"carrier\" is the server's to wait for: telnet tells when it is lost");
}

#define ON_A_SERVER(test) cmocka_unit_test_setup_teardown(test, far_setup, far_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_SERVER(four_megabytes_come_out_unchanged),
		ON_A_SERVER(four_raw_megabytes_come_out_unchanged),
		ON_A_SERVER(what_was_typed_last_arrives),
		ON_A_SERVER(a_server_that_hangs_up_is_told),
		ON_A_SERVER(a_reset_is_told),
		ON_A_SERVER(a_refused_connection_is_told),
		ON_A_SERVER(an_unknown_host_is_told),
		ON_A_SERVER(a_host_may_have_a_name),
		ON_A_SERVER(addresses_of_version_six_stand_in_brackets),
		ON_A_SERVER(it_may_be_closed_while_something_comes),
		ON_A_SERVER(it_may_be_closed_before_it_is_open),
		cmocka_unit_test(wrong_words_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
