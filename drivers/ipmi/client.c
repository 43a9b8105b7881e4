/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Carries jobs: waits until the BMC has no other job of ours, sends and sends again, gives datagrams
 * to the session that they belong to.
 *
 * Nothing is sent to a BMC while an answer of it is awaited but the same request again: first after
 * 0.4 s, or as slowly as the BMC was seen to answer, then more slowly, each time with some jitter.
 */
#include "base/fault.h"
#include "bmc.h"
#include "job.h"
#include "memory.h"
#include "refusal.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	BUSY_MAX = 10,			/* how often a busy BMC is asked again */
	LOGINS_MAX = 4,
	/* sendings without an answer, of a command that must be done once, and of others */
	UNSURE_AFTER = 3, LOST_AFTER = 5,
	REFUSALS_MAX = 3,
};

static const double RTO_FIRST = 0.4, RTO_MIN = 0.25, RTO_MAX = 5, BACK_OFF = 1.5, SLOWEST = 1,
		    BUSY_PAUSE = 1, MARGIN = 0.05;

static void activate(struct job *job);

/* Seconds of a clock that nobody sets. */
double job_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

const char *job_bmc(const struct job *job)
{
	return approach_bmc(&job->approach);
}

/* --- the end of a job --------------------------------------------------------------------- */

static void set_timer(struct job *job, double seconds)
{
	job->timer.repeat = seconds > 0 ? seconds : 1e-6;
	ev_timer_again(job->attempt->loop, &job->timer);
}

/* The BMC is free for the next of its jobs, which begins when the loop comes round. */
static void leave(struct bmc *bmc)
{
	struct job *next = bmc_next(bmc);

	bmc->job = next;
	if (!next)
		return;
	next->active = true;
	next->awaits = TIMER_BEGIN;
	set_timer(next, 0);
}

void job_free(struct job *job)
{
	struct bmc *bmc = job->bmc;
	bool active = job->active;

	ev_timer_stop(job->attempt->loop, &job->timer);
	if (bmc && !active)
		bmc_dequeue(bmc, job);
	job->attempt->data = NULL;
	session_wipe(&job->session);
	approach_stop(&job->approach);
	free(job->text);
	free(job);
	if (active)
		leave(bmc);
}

static void finish(struct job *job)
{
	struct attempt *attempt = job->attempt;
	enum state state = job->state;
	char *text = job->text;
	int err = job->err;

	job->text = NULL;
	job_free(job);
	if (err)
		attempt_fail(attempt, err, "%s", text ? text : "out of memory");
	else
		attempt_done(attempt, state, text);
	free(text);
}

/* --- sending ------------------------------------------------------------------------------ */

static void take(const struct peer *from, uint8_t *bytes, size_t length);
static void refused(const struct peer *to, int err);

static const struct port_owner owner = {.take = take, .refused = refused};

/* 0.9 to 1.1: so that those who began together do not stay together */
static double jitter(void)
{
	static uint32_t state = 2463534242u;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return 0.9 + 0.2 * (double)(state >> 8) / (1 << 24);
}

static double delay_of(const struct job *job)
{
	double most = job->rto > SLOWEST ? job->rto : SLOWEST, delay = job->rto;

	/* each repetition may count as a log-in of its own: time for the first one's answer */
	if (job->session.phase == PHASE_ACTIVATE)
		return most;
	for (unsigned i = 1; i < job->session.tries && delay < most; i++)
		delay *= BACK_OFF;
	return (delay < most ? delay : most) * jitter();
}

/* When the silence of the BMC has lasted too long. */
static double silence_ends(const struct job *job)
{
	double end = job->heard + job->patience;

	/* with the rung's time the attempt ends anyway: who never answered is told as such */
	return !job->answered && job->until < end ? job->until : end;
}

/* Until it is sent again, or given up: whatever comes first. */
static double until_resend(const struct job *job)
{
	double delay = delay_of(job), left = silence_ends(job) - job->sent;

	/* a thousandth more, so that the timer does not fire before the silence has its length */
	return job->ending || delay < left ? delay : left + 0.001;
}

/* [Auth 1]: some BMCs answer a challenge that is asked for again only at another port. */
static unsigned port_of(const struct job *job)
{
	unsigned more = job->session.phase == PHASE_CHALLENGE ? job->session.tries - 1u : 0;

	return job->bmc->port + more;
}

static void transmit(struct job *job)
{
	struct attempt *attempt = job->attempt;
	struct packet packet;
	struct fault fault;
	int err = session_compose(&job->session, &packet);

	if (err)
		fault_set(&fault, -err, "a packet cannot be made: %s", strerror(-err));
	else
		err = port_send(attempt->loop, &owner, &job->bmc->peer, port_of(job), &packet,
				&fault);
	if (err) {
		job->err = err;
		free(job->text);
		job->text = strdup(fault.text);
		finish(job);
		return;
	}
	job->sent = job_now();
	job->awaits = TIMER_RESEND;
	set_timer(job, until_resend(job));
}

/* Sends the session's next packet, or the result. */
static void close_session(struct job *job)
{
	job->ending = true;
	if (!session_is_open(&job->session)) {
		finish(job);
		return;
	}
	session_close(&job->session);
	transmit(job);
}

static void give_up(struct job *job, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Ends without closing the session: nobody is there to close it. */
static void give_up(struct job *job, int err, const char *format, ...)
{
	struct fault fault;
	va_list args;

	if (!job->ending) {
		va_start(args, format);
		fault_vset(&fault, EINVAL, format, args);
		va_end(args);
		job->err = err;
		job->text = strdup(fault.text);
	}
	finish(job);
}

void job_done(struct job *job, enum state state, const char *text)
{
	job->state = state;
	job->text = text ? strdup(text) : NULL;
	close_session(job);
}

void job_fail(struct job *job, int err, const char *format, ...)
{
	struct fault fault;
	va_list args;

	va_start(args, format);
	fault_vset(&fault, EINVAL, format, args);
	va_end(args);
	job->err = err;
	job->text = strdup(fault.text);
	close_session(job);
}

void job_refused(struct job *job, const char *what, const struct response *answer)
{
	int err = answer->completion == COMPLETION_PRIVILEGE ? -EPERM : -EIO;

	job_fail(job, err, "BMC %s refused %s: %s (code 0x%02x)", job_bmc(job), what,
		 completion_text(answer->netfn, answer->command, answer->completion),
		 answer->completion);
}

/* The request is in the session: it goes out as soon as the BMC may be sent a command. */
static void send_command(struct job *job)
{
	double wait = job->bmc->commanded + job->interval - job_now();

	if (job->bmc->commanded && wait > 0) {
		job->awaits = TIMER_SEND;
		set_timer(job, wait);
		return;
	}
	job->bmc->commanded = job_now();
	transmit(job);
}

void job_request(struct job *job, const struct request *request, bool once)
{
	session_request(&job->session, request, once);
	send_command(job);
}

void job_pause(struct job *job, double seconds)
{
	job->awaits = TIMER_WAKE;
	set_timer(job, seconds);
}

/* --- what came, and what did not ----------------------------------------------------------- */

static void remember(struct job *job)
{
	const struct session *s = &job->session;

	if (s->v15 && s->login->version == VERSION_ANY)
		memory_keep(&job->bmc->peer, MEMORY_V15);
	else if (!s->v15)
		memory_keep(&job->bmc->peer, s->suite ? s->login->suites[s->suite] : -1);
}

static void on_ready(struct job *job)
{
	if (job->resume) {
		job->resume = false;
		job_request(job, &job->resumed, false);
		return;
	}
	remember(job);
	job->task->begin(job);
}

static void on_answer(struct job *job)
{
	const struct response *answer = &job->session.answer;
	bool busy = answer->completion == COMPLETION_BUSY ||
		    answer->completion == COMPLETION_NO_SPACE ||
		    (answer->completion == COMPLETION_TIMEOUT && !job->session.once);

	if (busy && job->busy++ < BUSY_MAX) {
		const struct request again = job->session.request;

		session_request(&job->session, &again, job->session.once);
		job->awaits = TIMER_SEND;
		set_timer(job, BUSY_PAUSE);
		return;
	}
	job->busy = 0;
	job->task->answer(job, answer);
}

/* For diagnose: the step that is not done. */
static void note_end(struct job *job)
{
	if (job->task->phase && !job->ending)
		attempt_note(job->attempt, "%s: here it ends", phase_name(job->session.phase));
}

static void on_failed(struct job *job, const struct fault *f)
{
	struct packet packet;

	note_end(job);
	if (job->session.err == -EACCES || job->session.err == -ENOENT ||
	    job->session.err == -EKEYREJECTED)
		bmc_reject(job->bmc, &job->approach.login);
	if (session_farewell(&job->session, &packet))
		port_send(job->attempt->loop, &owner, &job->bmc->peer, job->bmc->port, &packet,
			  NULL);
	/* what was remembered may have been the cause */
	if (job->session.err != -EACCES && job->session.err != -EKEYREJECTED)
		memory_keep(&job->bmc->peer, -1);
	job_fail(job, job->session.err, "BMC %s %s", job_bmc(job), f->text);
}

static void on_event(struct job *job, enum event event, const struct fault *f)
{
	switch (event) {
	case EVENT_NONE:
		break;
	case EVENT_SEND:
		transmit(job);
		break;
	case EVENT_READY:
		on_ready(job);
		break;
	case EVENT_ANSWER:
		on_answer(job);
		break;
	case EVENT_CLOSED:
		finish(job);
		break;
	case EVENT_FAILED:
		if (job->ending)
			finish(job);
		else
			on_failed(job, f);
		break;
	}
}

/* How long the BMC takes to answer decides how long it is waited for. */
static void learn(struct job *job, enum event event)
{
	double rto = 3 * (job_now() - job->sent);

	if (!job->session.age && event == EVENT_NONE)
		return;
	/* the answer was to an earlier sending: we were too hasty */
	if (job->session.age)
		rto = job->rto * 2;
	job->session.age = 0;
	job->rto = rto < RTO_MIN ? RTO_MIN : rto > RTO_MAX ? RTO_MAX : rto;
}

static void take(const struct peer *from, uint8_t *bytes, size_t length)
{
	struct bmc *bmc = bmc_find(from);
	struct job *job = bmc ? bmc->job : NULL;
	enum phase phase;
	enum event event;
	struct fault fault;

	if (!job || job->awaits != TIMER_RESEND)
		return;
	phase = job->session.phase;
	event = session_take(&job->session, bytes, length, &fault);
	learn(job, event);
	if (event == EVENT_NONE)
		return;
	job->answered = true;
	job->heard = job_now();
	if (job->task->phase && event != EVENT_FAILED && !job->ending)
		job->task->phase(job, phase);
	on_event(job, event, &fault);
}

static void on_silence(struct job *job)
{
	double seconds = job_now() - job->heard;
	struct fault fault;
	char text[32];

	/* so it is when the password is wrong, also where there is no time for a second try */
	if (job->session.phase == PHASE_ACTIVATE && !*session_hint(&job->session)) {
		refuse_silence(&job->session, &fault);
		on_failed(job, &fault);
		return;
	}
	snprintf(text, sizeof(text), seconds < 9.5 ? "%.2g s" : "%.0f s", seconds);
	note_end(job);
	if (!job->answered)
		give_up(job, -ETIMEDOUT, "no answer from %s in %s%s%s", job_bmc(job), text,
			job->refused ? ": " : "", job->refused ? strerror(job->refused) : "");
	else
		give_up(job, -ETIME, "no answer from %s in %s, in the step \"%s\"%s", job_bmc(job),
			text, phase_name(job->session.phase), session_hint(&job->session));
}

/* What the network says of a datagram: where it stays so, nothing will come of waiting. */
static void refused(const struct peer *to, int err)
{
	struct bmc *bmc = bmc_find(to);
	struct job *job = bmc ? bmc->job : NULL;

	if (!job || !err || job->awaits == TIMER_BEGIN)
		return;
	job->refused = err;
	/* who is being started again, or is not yet in the ARP table, is waited for */
	if (job->answered || err == EHOSTUNREACH || ++job->refusals < REFUSALS_MAX)
		return;
	note_end(job);
	if (err == ECONNREFUSED)
		give_up(job, -err,
			"nobody listens at %s%s by UDP: switch IPMI over LAN on in the BMC, "
			"or see whether the address is right",
			job_bmc(job), job->approach.port == RMCP_PORT ? ", port 623," : "");
	else
		give_up(job, -err, "there is no way to %s: %s", job_bmc(job), strerror(err));
}

/* The BMC may have forgotten the session; if it has not, it shall not keep it for a minute. */
static void log_in_again(struct job *job)
{
	struct packet packet;

	job->logins++;
	job->resume = true;
	job->resumed = job->session.request;
	session_close(&job->session);
	if (!session_compose(&job->session, &packet))
		port_send(job->attempt->loop, &owner, &job->bmc->peer, job->bmc->port, &packet,
			  NULL);
	session_again(&job->session);
	transmit(job);
}

/* Sends again, or does something else about it. */
static void on_unanswered(struct job *job)
{
	enum phase phase = job->session.phase;
	bool asked = phase == PHASE_COMMAND;
	bool lost = asked && job->session.tries >= LOST_AFTER;
	struct fault fault;
	enum event event;

	if (asked && job->session.once && job->session.tries >= UNSURE_AFTER) {
		job->task->lost(job);
		return;
	}
	if (lost && job->logins < LOGINS_MAX) {
		log_in_again(job);
		return;
	}
	event = session_silent(&job->session, &fault);
	if (event == EVENT_NONE) {
		transmit(job);
		return;
	}
	if (job->task->phase && event != EVENT_FAILED && !job->ending)
		job->task->phase(job, phase);
	on_event(job, event, &fault);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct job *job = timer->data;

	(void)events;
	ev_timer_stop(loop, timer);
	switch (job->awaits) {
	case TIMER_BEGIN:
		activate(job);
		break;
	case TIMER_RESEND:
		if (job_now() >= silence_ends(job) && !job->ending)
			on_silence(job);
		else
			on_unanswered(job);
		break;
	case TIMER_SEND:
		job->bmc->commanded = job->heard = job_now();
		transmit(job);
		break;
	case TIMER_WAKE:
		job->heard = job_now();
		job->task->wake(job);
		break;
	}
}

/* --- the beginning of a job ---------------------------------------------------------------- */

void job_init(struct job *job)
{
	ev_init(&job->timer, on_timer);
	job->timer.data = job;
	job->rto = RTO_FIRST;
}

/* Which suite worked last; the first one where nothing is known. */
static unsigned first_suite(const struct job *job, int remembered)
{
	const struct login *login = &job->approach.login;

	for (unsigned i = 0; remembered >= 0 && i < login->nsuites; i++) {
		if (login->suites[i] == remembered)
			return i;
	}
	return 0;
}

/* It is the job's turn. */
static void activate(struct job *job)
{
	const struct login *login = &job->approach.login;
	int suite = memory_suite(&job->bmc->peer);
	char user[USER_TEXT_SIZE];

	job->bmc->job = job;
	job->active = true;
	job->heard = job_now();
	job->until = job->heard + job->attempt->deadline - ev_now(job->attempt->loop) - MARGIN;
	if (bmc_has_rejected(job->bmc, login, HUGE_VAL)) {
		give_up(job, -EACCES, "BMC %s refused %s with this password%s before: it is not "
			"tried again", job_bmc(job), login_user(login, user),
			login->kg ? " and this K_g" : "");
		return;
	}
	session_begin(&job->session, login, first_suite(job, suite),
		      suite == MEMORY_V15 && login->version == VERSION_ANY,
		      job->task->phase != NULL);
	transmit(job);
}

void job_take_turn(struct job *job)
{
	if (job->bmc->job)
		bmc_queue(job->bmc, job);
	else
		activate(job);
}

void client_cancel(struct attempt *attempt)
{
	struct job *job = attempt->data;
	bool commanded = job->acted > 0;
	struct packet packet;

	/* the BMC shall not keep the session for a minute; nobody waits for its answer */
	if (job->active && session_is_open(&job->session) && !job->ending) {
		session_close(&job->session);
		if (!session_compose(&job->session, &packet))
			port_send(attempt->loop, &owner, &job->bmc->peer, job->bmc->port, &packet,
				  NULL);
	}
	if (job->ending) {
		finish(job);
		return;
	}
	job_free(job);
	if (commanded)
		attempt_done(attempt, STATE_SENT, NULL);
	else
		attempt_fail(attempt, -ECANCELED, "told to stop");
}

void client_quit(void)
{
	port_close();
	memory_quit();
	bmcs_quit();
	crypt_close();
}
