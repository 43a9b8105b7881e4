/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server of the test's own. See farserver.h. */
#include "test.h"
#include "farserver.h"
#include "attempts.h"
#include "fakedriver.h"
#include "base/resolve.h"
#include "model/machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct model *far_model;
struct watched user;
struct fault fault;
struct far_server server;

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	ssize_t n = read(w->fd, server.heard + server.length, HEARD_MAX - server.length);

	(void)revents;
	if (n > 0) {
		server.length += (size_t)n;
	} else if (!n || errno != EAGAIN) {
		server.over = true;
		ev_io_stop(loop, w);
	}
}

static void on_caller(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)revents;
	server.fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(server.fd >= 0);
	ev_io_stop(loop, w);
	ev_io_init(&server.reading, on_readable, server.fd, EV_READ);
	ev_io_start(loop, &server.reading);
}

void serve(int family)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *to = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	socklen_t length = family == AF_INET ? sizeof(v4) : sizeof(v6);
	int small = 4096;

	server.listening = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* so that who writes has to wait */
	assert_int_equal(setsockopt(server.listening, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)),
			 0);
	assert_int_equal(bind(server.listening, to, length), 0);
	assert_int_equal(listen(server.listening, 1), 0);
	assert_int_equal(getsockname(server.listening, to, &length), 0);
	server.port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
	ev_io_init(&server.accepting, on_caller, server.listening, EV_READ);
	ev_io_start(ev_default_loop(0), &server.accepting);
}

void serve_no_more(void)
{
	if (server.listening < 0)
		return;
	ev_io_stop(ev_default_loop(0), &server.accepting);
	close(server.listening);
	server.listening = -1;
}

int far_setup(void **state)
{
	(void)state;
	user = (struct watched){0};
	memset(&server, 0, sizeof(server));
	server.fd = -1;
	server.heard = malloc(HEARD_MAX);
	serve(AF_INET);
	return 0;
}

void hang_up(void)
{
	if (server.fd < 0)
		return;
	ev_io_stop(ev_default_loop(0), &server.reading);
	close(server.fd);
	server.fd = -1;
}

int far_teardown(void **state)
{
	(void)state;
	watched_close(&user);
	serve_no_more();
	hang_up();
	free(server.heard);
	model_free(far_model);
	far_model = NULL;
	resolve_quit();
	return 0;
}

void make_model(const char *method)
{
	char console[256], text[512];

	snprintf(console, sizeof(console), method, server.port);
	snprintf(text, sizeof(text), "machine \"m\" { console = \"%s\" }\n", console);
	far_model = model_of(text);
}

void begin(const char *method)
{
	make_model(method);
	watched_begin(&user, far_model, "m", STEAL_CONFIGURED);
}

void opens(const char *method)
{
	begin(method);
	if (!loop_until(&user.opened, 5))
		fail_msg("it did not open: %s", user.sentence);
}

void ends(int err, const char *format)
{
	char sentence[512];

	snprintf(sentence, sizeof(sentence), format, server.port);
	watched_ends(&user, err, sentence);
}

void await(const size_t *length, size_t wanted)
{
	for (unsigned i = 0; i < 5000 && *length < wanted; i++)
		loop_for(0.001);
	assert_int_equal(*length, wanted);
}

void hears(const unsigned char *bytes, size_t length)
{
	await(&server.length, length);
	assert_memory_equal(server.heard, bytes, length);
	server.length = 0;
}

void gets_bytes(const unsigned char *bytes, size_t length)
{
	await(&user.heard.length, length);
	assert_memory_equal(user.heard.text, bytes, length);
	watched_forget(&user);
}

void says(const unsigned char *bytes, size_t length)
{
	assert_int_equal(send(server.fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

void types(const unsigned char *bytes, size_t length)
{
	assert_int_equal(console_write(user.console, bytes, length), length);
}

void nothing_comes(void)
{
	loop_for(0.05);
	assert_int_equal(server.length, 0);
	assert_int_equal(user.heard.length, 0);
}

void notes(const char *wanted)
{
	await(&user.notes.length, strlen(wanted));
	assert_string_equal(buffer_text(&user.notes), wanted);
	buffer_free(&user.notes);
}

void opens_and_agrees(const char *method)
{
	opens(method);
	hears(SAYS(WISHES));
	says(SAYS(AGREES));
	nothing_comes();
}

void opens_line(const char *method)
{
	opens(method);
	hears(SAYS(WISHES IAC WILL LINE));
	says(SAYS(AGREES IAC DO LINE));
}

void await_call(void)
{
	for (unsigned i = 0; i < 5000 && server.fd < 0; i++)
		loop_for(0.001);
	assert_true(server.fd >= 0);
}
