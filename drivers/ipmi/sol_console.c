/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A console by serial over LAN, from its opening to its end: the way to the BMC, log-ins with one
 * cipher suite after the other, bytes, and an end in good order. See sol.h.
 *
 * The library tells what goes on by its descriptor: the first byte says that the console is there,
 * the end of what comes that its session is over. Who has enough shuts the descriptor down, and
 * waits for that end, as the BMC keeps a session that nobody has closed.
 */
#include "approach.h"
#include "base/fault.h"
#include "base/stream.h"
#include "base/text.h"
#include "bmc.h"
#include "command.h"
#include "engine/console.h"
#include "memory.h"
#include "model/machine.h"
#include "sol.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* bytes on their way to the library's thread: more would only be late */
	SEND_BUFFER = 8192,
	QUIT_MS = 1000,			/* at the program's end, sessions have so long for theirs */
	LOOK_MS = 10,			/* how often it is seen whether all was taken */
};

/* Seconds. */
static const double BREAK_WAITS = 1,	/* a break waits so long for what was typed before it */
		    REFUSED_FOR = 60,	/* a refused password is not tried again */
		    FLUSH_LIMIT = 1.5,	/* the end waits so long for what was typed */
		    CLOSE_LIMIT = 3;	/* and the user so long for the end */

enum stage {
	STAGE_WAY,			/* address and secrets are awaited */
	STAGE_LOGIN,
	STAGE_OPEN,
	STAGE_FLUSH,			/* what was typed is to go out before the end */
	STAGE_CLOSE,			/* the library is closing the session */
};

struct sol {
	struct sol *next, **link;	/* of all */
	struct console *console;	/* NULL: its end was told, the session's is still to come */
	struct approach approach;
	struct sol_settings settings;
	struct ipmiconsole_ctx *session;	/* NULL: there is none */
	struct stream stream;
	ev_timer timer;
	enum stage stage;
	uint8_t first, tried;		/* suites: where it began, how many were tried */
	bool password, kg;		/* are set */
	bool breaking;			/* a break waits, and what is typed after it */
	double since;			/* when the stage, or the wait for a break, began */
	int number;			/* what a suite before said, other than SUITE_REFUSED */
};

static struct sol *all;

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events);

static struct sol *sol_new(struct console *console)
{
	struct sol *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->console = console;
	ev_init(&s->timer, on_timer);
	s->timer.data = s;
	s->next = all;
	s->link = &all;
	if (all)
		all->link = &s->next;
	all = s;
	return s;
}

static void sol_free(struct sol *s)
{
	struct ev_loop *loop = s->approach.loop;

	if (loop)
		ev_timer_stop(loop, &s->timer);
	approach_stop(&s->approach);
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	free(s);
}

/* Tells the end, and is done where no session is left. */
static void end(struct sol *s, int err, const char *sentence)
{
	struct console *console = s->console;

	s->console = NULL;
	approach_stop(&s->approach);
	if (!s->session)
		sol_free(s);
	if (console)
		console_closed(console, err, "%s", sentence);
}

static void look_often(struct sol *s)
{
	s->since = ev_now(s->approach.loop);
	s->timer.repeat = LOOK_MS / 1e3;
	ev_timer_again(s->approach.loop, &s->timer);
}

/* --- log-ins -------------------------------------------------------------------------------- */

static uint8_t suite_of(const struct sol *s, unsigned n)
{
	const struct login *login = &s->approach.login;

	return login->suites[(s->first + n) % login->nsuites];
}

/* What its number says, and what is learnt from it. */
static void fail(struct sol *s, int number)
{
	const struct login *login = &s->approach.login;
	double seconds = ev_now(s->approach.loop) - s->since;
	bool open = s->stage == STAGE_OPEN;
	struct buffer suites = {0};
	char user[USER_TEXT_SIZE];
	struct fault fault;
	struct bmc *bmc;
	int err;

	for (unsigned i = 0; i < s->tried; i++)
		buffer_add(&suites, "%s%u", i ? ", " : "", suite_of(s, i));
	err = sol_explain(number,
			  &(struct sol_case){
				  .bmc = approach_bmc(&s->approach),
				  .user = login_user(login, user),
				  .privilege = privilege_name(login->privilege),
				  .suites = buffer_text(&suites),
				  .seconds = open ? s->settings.timeout_ms / 1e3 : seconds,
				  .open = open,
				  .steal = s->settings.steal,
				  .password = s->password,
				  .kg = s->kg,
			  },
			  &fault);
	buffer_free(&suites);
	bmc = err == -EACCES && !open ? bmc_get(&s->approach.peer) : NULL;
	if (bmc)
		bmc_reject(bmc, login);
	/* what was remembered may have been the cause */
	else if (!open)
		memory_keep(&s->approach.peer, -1);
	end(s, err, fault.text);
}

static const struct stream_events stream_events;

static void log_in(struct sol *s)
{
	int size = SEND_BUFFER, fd, err;
	struct fault fault;

	s->stage = STAGE_LOGIN;
	s->since = ev_now(s->approach.loop);
	err = library_begin(&s->approach, &s->settings, suite_of(s, s->tried++), &s->session, &fd,
			    &fault);
	if (err) {
		s->session = NULL;
		if (err < 0)
			end(s, err, fault.text);
		else
			fail(s, err);
		return;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	stream_start(&s->stream, s->approach.loop, fd, &stream_events, s);
}

static void begin(struct sol *s)
{
	const struct login *login = &s->approach.login;
	int remembered = memory_suite(&s->approach.peer);
	struct bmc *bmc = bmc_get(&s->approach.peer);
	char user[USER_TEXT_SIZE];
	struct fault fault;
	int err = 0;

	s->password = login->password;
	s->kg = login->kg;
	for (uint8_t i = 0; i < login->nsuites; i++) {
		if (login->suites[i] == remembered)
			s->first = i;
	}
	if (!bmc)
		err = fault_no_memory(&fault);
	else if (bmc_has_rejected(bmc, login, REFUSED_FOR))
		err = fault_set(&fault, EACCES, "BMC %s refused %s with this password%s a moment "
				"ago: it is not tried again within a minute, since accounts lock",
				approach_bmc(&s->approach), login_user(login, user),
				login->kg ? " and this K_g" : "");
	else
		err = library_open(&fault);
	if (err)
		end(s, err, fault.text);
	else
		log_in(s);
}

static void on_approach(struct approach *approach, int err, const char *sentence)
{
	struct sol *s = (struct sol *)((char *)approach - offsetof(struct sol, approach));
	const struct login *login = &approach->login;
	struct fault fault;

	if (!err && login->version == VERSION_15)
		err = fault_set(&fault, ENOSYS, "IPMI 1.5 has no consoles: set ipmi-version = "
				"\"any\" or \"2.0\"");
	if (!err && (login->privilege < PRIVILEGE_USER || login->privilege > PRIVILEGE_ADMIN))
		err = fault_set(&fault, EINVAL, "with the privilege level %s there are no "
				"consoles: set privilege to admin, operator or user",
				privilege_name(login->privilege));
	if (err)
		end(s, err, sentence ? sentence : fault.text);
	else
		begin(s);
}

void sol_open(struct console *console)
{
	struct sol *s = sol_new(console);
	struct fault fault;
	int err;

	console->data = s;
	if (!s) {
		console_closed(console, -ENOMEM, "out of memory");
		return;
	}
	err = sol_read(console, &s->settings, &fault);
	if (err) {
		end(s, err, fault.text);
		return;
	}
	approach_start(&s->approach, console->loop, console->machine, PRIVILEGE_ADMIN, on_approach);
}

/* --- what comes ----------------------------------------------------------------------------- */

static void opened(struct sol *s)
{
	uint8_t suite = suite_of(s, s->tried - 1u);
	struct fault text;

	s->stage = STAGE_OPEN;
	memory_keep(&s->approach.peer, suite == s->approach.login.suites[0] ? -1 : suite);
	/* no log-in follows */
	login_drop(&s->approach.login);
	fault_set(&text, 0, "by BMC %s, cipher suite %u", approach_bmc(&s->approach), suite);
	console_opened(s->console, text.text);
}

static void on_data(void *data, const unsigned char *bytes, size_t length)
{
	struct sol *s = data;

	if (s->stage == STAGE_LOGIN) {
		bytes++, length--;
		opened(s);
	}
	if (s->console)
		console_bytes(s->console, bytes, length);
}

static void on_writable(void *data)
{
	struct sol *s = data;

	if (s->console && !s->breaking)
		console_writable(s->console);
}

/* The session is over. */
static void on_end(void *data, int err)
{
	struct sol *s = data;
	int number = library_end(s->session);

	(void)err;
	s->session = NULL;
	ev_timer_stop(s->approach.loop, &s->timer);
	if (s->stage >= STAGE_FLUSH)
		end(s, -ECANCELED, "closed");
	else if (s->settings.deactivate && !number)
		end(s, -ECANCELED, "the BMC's console is free now");
	else if (s->stage == STAGE_OPEN)
		fail(s, number);
	else if (s->tried < s->approach.login.nsuites && sol_suite_may_help(number)) {
		if (!s->number && number != SUITE_REFUSED)
			s->number = number;
		log_in(s);
	} else {
		fail(s, s->number && number == SUITE_REFUSED ? s->number : number);
	}
}

static const struct stream_events stream_events = {
	.data = on_data, .writable = on_writable, .end = on_end,
};

void sol_pause(struct console *console, bool pause)
{
	struct sol *s = console->data;

	stream_pause(&s->stream, pause);
}

/* --- what goes ------------------------------------------------------------------------------ */

/* Whether the library's thread has all that was written. */
static bool is_taken(const struct sol *s)
{
	int bytes;

	return !stream_waiting(&s->stream) && !ioctl(s->stream.fd, SIOCOUTQ, &bytes) && !bytes;
}

size_t sol_write(struct console *console, const unsigned char *bytes, size_t length)
{
	struct sol *s = console->data;

	return s->breaking ? 0 : stream_write(&s->stream, bytes, length);
}

static void give_break(struct sol *s)
{
	s->breaking = false;
	ev_timer_stop(s->approach.loop, &s->timer);
	if (library_break(s->session))
		console_note(s->console, "the break could not be sent");
	console_writable(s->console);
}

/* A break goes another way into the library: it waits here until what was typed before has gone. */
int sol_break(struct console *console, struct fault *f)
{
	struct sol *s = console->data;
	int err;

	if (s->breaking)
		return 0;
	if (!is_taken(s)) {
		s->breaking = true;
		look_often(s);
		return 0;
	}
	err = library_break(s->session);
	return err ? fault_set(f, -err, "libipmiconsole did not take the break") : 0;
}

/* --- the end -------------------------------------------------------------------------------- */

static void shut_down(struct sol *s)
{
	s->stage = STAGE_CLOSE;
	shutdown(s->stream.fd, SHUT_WR);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct sol *s = timer->data;
	double waited = ev_now(loop) - s->since;

	(void)events;
	if (s->breaking && s->stage == STAGE_OPEN) {
		if (is_taken(s) || waited > BREAK_WAITS)
			give_break(s);
		return;
	}
	if (s->stage == STAGE_FLUSH && (!stream_waiting(&s->stream) || waited > FLUSH_LIMIT))
		shut_down(s);
	if (waited < CLOSE_LIMIT)
		return;
	/* the library goes on alone, until the BMC answers or is given up */
	ev_timer_stop(loop, timer);
	end(s, -ECANCELED, "closed, without an answer of the BMC");
}

void sol_close(struct console *console)
{
	struct sol *s = console->data;

	if (s->stage == STAGE_WAY) {
		end(s, -ECANCELED, "closed");
		return;
	}
	s->breaking = false;
	s->stage = STAGE_FLUSH;
	stream_pause(&s->stream, false);
	look_often(s);
	if (!stream_waiting(&s->stream))
		shut_down(s);
}

/* Reads on until the session's end, or until it has taken too long. */
static bool wait_for_end(int fd, int *left_ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	unsigned char bytes[4096];
	ssize_t n;

	for (;;) {
		n = read(fd, bytes, sizeof(bytes));
		if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
			return true;
		if (n > 0)
			continue;
		if (*left_ms <= 0)
			return false;
		*left_ms -= poll(&wait, 1, LOOK_MS) ? 0 : LOOK_MS;
	}
}

void sol_quit(void)
{
	int left_ms = QUIT_MS;

	for (struct sol *s = all; s; s = s->next) {
		if (s->session)
			shutdown(s->stream.fd, SHUT_WR);
	}
	for (struct sol *s = all; s; s = s->next) {
		if (s->session && wait_for_end(s->stream.fd, &left_ms)) {
			library_end(s->session);
			s->session = NULL;
		}
	}
	library_close();
	while (all) {
		if (all->session)
			library_end(all->session);
		stream_stop(&all->stream);
		sol_free(all);
	}
}
