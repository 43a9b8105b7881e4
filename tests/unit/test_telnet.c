/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Promises of the driver telnet: what is agreed on, and what of it goes wrong. What real servers do
 * is tested in tests/peers/console_telnet.bats.
 */
#include "test.h"
#include "attempts.h"
#include "farserver.h"

#include <errno.h>
#include <sys/socket.h>

/* --- what is agreed on ---------------------------------------------------------------------- */

static void what_is_agreed_is_said_once(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	/* said again, it is no news: RFC 1143 */
	says(SAYS(AGREES AGREES));
	says(SAYS(IAC WILL ECHO IAC WILL ECHO));
	hears(SAYS(IAC DO ECHO));
	nothing_comes();
}

static void what_is_not_known_is_refused(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	says(SAYS(IAC DO LINEMODE IAC WILL LINEMODE IAC DO ECHO));
	hears(SAYS(IAC WONT LINEMODE IAC DONT LINEMODE IAC WONT ECHO));
	says(SAYS(IAC DONT BINARY IAC WONT BINARY));
	hears(SAYS(IAC WONT BINARY IAC DONT BINARY));
	nothing_comes();
}

static void bytes_go_through_unchanged(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	types(SAYS("a\r\n\r\0\377\0\r"));
	hears(SAYS("a\r\n\r\0\377\377\0\r"));
	says(SAYS("b\r\n\r\0" IAC IAC "\0" IAC "\361" "\r"));
	gets_bytes(SAYS("b\r\n\r\0\377\0\r"));
}

static void without_binary_a_return_is_padded(void **state)
{
	(void)state;
	opens("telnet 127.0.0.1:%u");
	hears(SAYS(WISHES));
	says(SAYS(REFUSES));
	nothing_comes();
	types(SAYS("a\r\n\r\r\377"));
	hears(SAYS("a\r\0\n\r\0\r\0\377\377"));
	says(SAYS("b\r\0\r\nc\0d\r"));
	gets_bytes(SAYS("b\r\r\nc\0d\r"));
	/* split between the two */
	says(SAYS("\0e"));
	gets_bytes(SAYS("e"));
}

static void bytes_may_come_one_by_one(void **state)
{
	static const char said[] = "x" IAC IAC IAC DO TTYPE IAC SB TTYPE "\1" IAC SE "y";

	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	for (size_t i = 0; i < sizeof(said) - 1; i++) {
		says((const unsigned char *)said + i, 1);
		loop_for(0.001);
	}
	gets_bytes(SAYS("x\377y"));
	hears(SAYS(IAC WILL TTYPE IAC SB TTYPE "\0VT100" IAC SE));
}

static void the_window_is_told_to_who_asks(void **state)
{
	(void)state;
	begin("telnet 127.0.0.1:%u");
	console_resize(user.console, 80, 24);
	assert_true(loop_until(&user.opened, 5));
	hears(SAYS(WISHES));
	console_resize(user.console, 255, 24);
	nothing_comes();
	says(SAYS(IAC DO NAWS));
	hears(SAYS(IAC WILL NAWS IAC SB NAWS "\0\377\377\0\30" IAC SE));
	console_resize(user.console, 132, 100000);
	hears(SAYS(IAC SB NAWS "\0\204\377\377\377\377" IAC SE));
	says(SAYS(IAC DONT NAWS));
	hears(SAYS(IAC WONT NAWS));
	console_resize(user.console, 80, 25);
	nothing_comes();
}

/* --- the line ------------------------------------------------------------------------------- */

#define MASKS IAC SB LINE "\12\30" IAC SE IAC SB LINE "\13\200" IAC SE

static void the_line_is_left_as_it_is_set(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	says(SAYS(IAC DO LINE));
	hears(SAYS(IAC WILL LINE MASKS));
	nothing_comes();
}

static void the_line_is_set_as_asked(void **state)
{
	(void)state;
	opens_line("telnet 127.0.0.1:%u 115200 7e2 rtscts");
	hears(SAYS(MASKS IAC SB LINE "\1\0\1\302\0" IAC SE IAC SB LINE "\2\7" IAC SE IAC SB LINE
		   "\3\3" IAC SE IAC SB LINE "\4\2" IAC SE IAC SB LINE "\5\3" IAC SE));
	says(SAYS(IAC SB LINE "\145\0\1\302\0" IAC SE IAC SB LINE "\146\7" IAC SE IAC SB LINE
		  "\147\3" IAC SE IAC SB LINE "\150\2" IAC SE IAC SB LINE "\151\3" IAC SE));
	nothing_comes();
	assert_int_equal(user.notes.length, 0);
}

/* 255 within a number, 0 to 255 */
static void a_line_that_was_set_otherwise_is_told(void **state)
{
	(void)state;
	opens_line("telnet 127.0.0.1:%u 65535 8n1 xonxoff");
	hears(SAYS(MASKS IAC SB LINE "\1\0\0\377\377\377\377" IAC SE IAC SB LINE "\2\10" IAC SE
		   IAC SB LINE "\3\1" IAC SE IAC SB LINE "\4\1" IAC SE IAC SB LINE "\5\2" IAC SE));
	says(SAYS(IAC SB LINE "\145\0\0\45\200" IAC SE IAC SB LINE "\146\7" IAC SE IAC SB LINE
		  "\147\377\377" IAC SE IAC SB LINE "\150\3" IAC SE IAC SB LINE "\151\1" IAC SE));
	notes("the server has set the line to 9600 baud, not to 65535\n"
	      "the server has set the line to 7 bits, not to 8\n"
	      "the server has set the line to parity ?, not to N\n"
	      "the server has set the line to 1.5 stop bits, not to 1\n"
	      "the server has set the line to flow control none, not to xonxoff\n");
	/* each is told once */
	says(SAYS(IAC SB LINE "\145\0\0\45\200" IAC SE));
	nothing_comes();
	assert_int_equal(user.notes.length, 0);
}

static void a_server_that_sets_no_lines_is_told(void **state)
{
	char sentence[128];

	(void)state;
	opens("telnet 127.0.0.1:%u 9600");
	hears(SAYS(WISHES IAC WILL LINE));
	says(SAYS(REFUSES IAC DONT LINE));
	snprintf(sentence, sizeof(sentence), "127.0.0.1:%u does not agree to set the line (RFC "
		 "2217): it stays as it is set there\n", server.port);
	loop_for(4.9);
	notes(sentence);
	assert_false(user.closed);
}

static void what_happens_to_the_line_is_told(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	says(SAYS(IAC DO LINE));
	hears(SAYS(IAC WILL LINE MASKS));
	/* no carrier from the beginning is nothing to tell */
	says(SAYS(IAC SB LINE "\153\60" IAC SE));
	nothing_comes();
	says(SAYS(IAC SB LINE "\153\270" IAC SE "x" IAC SB LINE "\153\10" IAC SE));
	notes("the line has a carrier again\n"
	      "the line has lost its carrier: the machine is off, or its cable is out\n");
	says(SAYS(IAC SB LINE "\152\20" IAC SE IAC SB LINE "\152\10" IAC SE));
	says(SAYS(IAC SB LINE "\152\10" IAC SE));
	notes("the machine has sent a break\n"
	      "characters arrive broken at the server: the line has another speed or format\n");
	gets_bytes(SAYS("x"));
}

static void breaks_go_as_telnets_own(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	types(SAYS("a"));
	assert_int_equal(console_break(user.console, &fault), 0);
	types(SAYS("b"));
	hears(SAYS("a" IAC BRK "b"));
	says(SAYS(IAC BRK));
	notes("the far end has sent a break\n");
	nothing_comes();
}

static void breaks_go_by_the_line_where_there_is_one(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	says(SAYS(IAC DO LINE));
	hears(SAYS(IAC WILL LINE MASKS));
	assert_int_equal(console_break(user.console, &fault), 0);
	hears(SAYS(IAC SB LINE "\5\5" IAC SE));
	loop_for(0.2);
	assert_int_equal(server.length, 0);
	hears(SAYS(IAC SB LINE "\5\6" IAC SE));
	/* who leaves ends it before */
	assert_int_equal(console_break(user.console, &fault), 0);
	console_close(user.console);
	ends(-ECANCELED, "closed");
	hears(SAYS(IAC SB LINE "\5\5" IAC SE IAC SB LINE "\5\6" IAC SE));
}

static void a_server_can_stop_who_writes(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	says(SAYS(IAC DO LINE));
	hears(SAYS(IAC WILL LINE MASKS));
	says(SAYS(IAC SB LINE "\154" IAC SE));
	nothing_comes();
	watched_say(&user, "x", 1);
	nothing_comes();
	says(SAYS(IAC SB LINE "\155" IAC SE));
	hears(SAYS("x"));
	/* one that no longer knows of the line stops nobody */
	says(SAYS(IAC SB LINE "\154" IAC SE IAC DONT LINE));
	hears(SAYS(IAC WONT LINE));
	types(SAYS("y"));
	hears(SAYS("y"));
}

/* --- servers that are at odds --------------------------------------------------------------- */

/* Asks for a thing again and again and reads nothing, until there is no room for more answers. */
static void flood(const char *asks, size_t length)
{
	ev_io_stop(ev_default_loop(0), &server.reading);
	for (unsigned i = 0; i < 2000000 && !user.closed; i++) {
		if (send(server.fd, asks, length, MSG_NOSIGNAL) < 0)
			loop_for(0.001);
	}
	ends(-EPROTO, "telnet: 127.0.0.1:%u asks without end and takes no answers");
}

static void questions_without_end_end_the_connection(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	flood(IAC SB TTYPE "\1" IAC SE, 6);
}

static void offers_without_end_end_the_connection(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	flood(IAC WILL LINEMODE, 3);
}

static void what_is_no_telnet_is_told(void **state)
{
	static unsigned char junk[40000];

	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	memset(junk, 'x', sizeof(junk));
	says(SAYS("seen" IAC SB "x"));
	says(junk, sizeof(junk));
	says(SAYS(IAC SB "x" IAC "x"));
	notes("not all that comes is telnet: where the port is a raw one, the driver is tcp\n");
	assert_memory_equal(user.heard.text, "seenxxx", 7);
	types(SAYS("x"));
	hears(SAYS("x"));
}

static void remarks_without_end_are_told_no_more(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	for (unsigned i = 0; i < 200; i++)
		says(SAYS(IAC BRK));
	says(SAYS("x"));
	gets_bytes(SAYS("x"));
	assert_int_equal(user.notes.length, 20 * strlen("the far end has sent a break\n"));
}

static void sub_negotiations_of_others_do_no_harm(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	/* ENVIRON, NEW-ENVIRON, MSSP, ZMP, one that is empty, and one of RFC 2217 not agreed on */
	for (unsigned i = 0; i < 500; i++)
		says(SAYS(IAC SB "\44\0" IAC SE IAC SB "\47\1\0A\1B" IAC SE IAC SB "\106\1A\2B"
			  IAC SE IAC SB "\135x\0" IAC SE IAC SB IAC SE IAC SE IAC SB LINE "\154"
			  IAC SE "z"));
	await(&user.heard.length, 500);
	types(SAYS("x"));
	hears(SAYS("x"));
}

static void compression_that_nobody_asked_for_ends_it(void **state)
{
	(void)state;
	opens_and_agrees("telnet 127.0.0.1:%u");
	says(SAYS(IAC SB "\126" IAC SE "xxxxxxxxxx"));
	loop_for(0.05);
	/* or libtelnet was built without */
	if (user.heard.length)
		gets_bytes(SAYS("xxxxxxxxxx"));
	else
		ends(-EPROTO, "telnet: 127.0.0.1:%u: the server has begun to compress, which "
		     "nobody had asked for");
}

#define ON_A_SERVER(test) cmocka_unit_test_setup_teardown(test, far_setup, far_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_SERVER(what_is_agreed_is_said_once),
		ON_A_SERVER(what_is_not_known_is_refused),
		ON_A_SERVER(bytes_go_through_unchanged),
		ON_A_SERVER(without_binary_a_return_is_padded),
		ON_A_SERVER(bytes_may_come_one_by_one),
		ON_A_SERVER(the_window_is_told_to_who_asks),
		ON_A_SERVER(the_line_is_left_as_it_is_set),
		ON_A_SERVER(the_line_is_set_as_asked),
		ON_A_SERVER(a_line_that_was_set_otherwise_is_told),
		ON_A_SERVER(a_server_that_sets_no_lines_is_told),
		ON_A_SERVER(what_happens_to_the_line_is_told),
		ON_A_SERVER(breaks_go_as_telnets_own),
		ON_A_SERVER(breaks_go_by_the_line_where_there_is_one),
		ON_A_SERVER(a_server_can_stop_who_writes),
		ON_A_SERVER(questions_without_end_end_the_connection),
		ON_A_SERVER(offers_without_end_end_the_connection),
		ON_A_SERVER(what_is_no_telnet_is_told),
		ON_A_SERVER(remarks_without_end_are_told_no_more),
		ON_A_SERVER(sub_negotiations_of_others_do_no_harm),
		ON_A_SERVER(compression_that_nobody_asked_for_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
