/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks the log-in step by step, and tells of each what it showed: the driver's side of `stoker
 * diagnose`. The session explores: it asks what nobody has to be logged in for, too. What made it
 * end is the attempt's own sentence; what may help stands in the notes.
 */
#include "base/text.h"
#include "job.h"
#include "model/machine.h"
#include "quirk.h"

#include <errno.h>

static void note_ping(struct job *job)
{
	const struct session *s = &job->session;

	if (!s->pong_heard)
		attempt_note(job->attempt, "RMCP ping: no answer; some BMCs never do (ipmiping)");
	else if (!s->pong.ipmi)
		attempt_note(job->attempt, "RMCP ping: answered, but it says that it has no IPMI");
	else
		attempt_note(job->attempt, "RMCP ping: answered");
}

static const char *auths_text(uint8_t types, struct buffer *text)
{
	static const struct {
		uint8_t type;
		const char *name;
	} names[] = {{AUTH_NONE, "none"}, {AUTH_MD2, "md2"}, {AUTH_MD5, "md5"},
		     {AUTH_STRAIGHT, "straight"}, {AUTH_OEM, "oem"}};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (types & 1 << names[i].type)
			buffer_add(text, "%s%s", text->length ? " " : "", names[i].name);
	}
	return buffer_text(text);
}

static void note_users(struct job *job, const struct auth_capabilities *c)
{
	const struct login *login = &job->approach.login;

	if (login->user_length && !c->named_users)
		attempt_note(job->attempt,
			     "users: it says that no user with a name is switched on");
	else if (!login->user_length && login->password && !c->null_users)
		attempt_note(job->attempt,
			     "users: it says that no user without a name is switched on: "
			     "set user");
	else if (!login->user_length && !login->password && !c->anonymous)
		attempt_note(job->attempt,
			     "users: nobody gets in without a name and a password: set "
			     "user and password-file");
}

static void note_capabilities(struct job *job)
{
	const struct session *s = &job->session;
	const struct auth_capabilities *c = &s->capabilities;
	struct buffer types = {0};

	if (!s->asked) {
		attempt_note(job->attempt,
			     "capabilities: no answer; going on without them (authcap)");
		return;
	}
	attempt_note(job->attempt, "capabilities: IPMI %s; 1.5 signs by %s; K_g is %s",
		     !c->v20 ? "1.5" : c->extended && !c->v15 ? "2.0" : "2.0 and 1.5",
		     auths_text(c->types, &types), c->kg ? "set" : "not set");
	if (c->kg && !job->approach.login.kg)
		attempt_note(job->attempt, "K_g: the BMC has one: set kg-file");
	note_users(job, c);
	buffer_free(&types);
}

static void note_suites(struct job *job)
{
	const struct session *s = &job->session;
	struct buffer offered = {0};
	bool usable = false;

	if (s->phase == PHASE_SUITES)
		return;
	for (unsigned i = 0; i < 32; i++) {
		if (s->offered & 1u << i)
			buffer_add(&offered, "%s%u", offered.length ? ", " : "", i);
	}
	for (unsigned i = 0; i < s->login->nsuites; i++)
		usable = usable || s->offered & 1u << s->login->suites[i];
	if (!s->list_known)
		attempt_note(job->attempt, "cipher suites: it does not tell them; going on");
	else if (!usable)
		attempt_note(job->attempt, "cipher suites: %s; none of them is in cipher-suites",
			     buffer_text(&offered));
	else
		attempt_note(job->attempt, "cipher suites: %s", buffer_text(&offered));
	buffer_free(&offered);
}

static void note_open(struct job *job)
{
	const struct session *s = &job->session;

	if (s->phase == PHASE_RAKP1)
		attempt_note(job->attempt, "cipher suite %u: accepted", s->rakp.suite->id);
	else if (s->phase == PHASE_OPEN && s->refused)
		attempt_note(job->attempt,
			     "a cipher suite was refused with status 0x%02x; trying %u", s->refusal,
			     s->rakp.suite->id);
	else if (s->phase == PHASE_OPEN || s->phase == PHASE_CAPABILITIES)
		attempt_note(job->attempt, "cipher suite: no answer; asking again");
}

static void note_rakp4(struct job *job)
{
	if (job->session.phase == PHASE_RAKP1 || job->session.phase == PHASE_OPEN)
		attempt_note(job->attempt,
			     "K_g: the BMC lost the log-in; once more from the beginning");
	else if (job->session.phase == PHASE_PRIVILEGE)
		attempt_note(job->attempt, "K_g: accepted%s",
			     job->approach.login.kg ? "" : " (none is set)");
}

static void on_phase(struct job *job, enum phase phase)
{
	const enum phase now = job->session.phase;

	switch (phase) {
	case PHASE_PING:
		note_ping(job);
		break;
	case PHASE_CAPABILITIES:
		if (now != PHASE_CAPABILITIES)
			note_capabilities(job);
		break;
	case PHASE_SUITES:
		note_suites(job);
		break;
	case PHASE_OPEN:
		note_open(job);
		break;
	case PHASE_RAKP1:
		if (now == PHASE_RAKP3)
			attempt_note(job->attempt, "user and password: accepted");
		break;
	case PHASE_RAKP3:
		note_rakp4(job);
		break;
	case PHASE_CHALLENGE:
		if (now == PHASE_ACTIVATE)
			attempt_note(job->attempt, "user: accepted (IPMI 1.5)");
		break;
	case PHASE_ACTIVATE:
		if (now == PHASE_PRIVILEGE)
			attempt_note(job->attempt, "password: accepted (IPMI 1.5)");
		break;
	case PHASE_PRIVILEGE:
		attempt_note(job->attempt, "privilege: %s", privilege_name(job->approach.login.privilege));
		break;
	default:
		break;
	}
}

static void begin(struct job *job)
{
	struct request request = {0};

	chassis_status_request(&request);
	job_request(job, &request, false);
}

static void answer(struct job *job, const struct response *response)
{
	struct chassis_status status;

	if (response->completion) {
		job_refused(job, "to tell its state", response);
	} else if (chassis_status_decode(response, &status)) {
		job_fail(job, -EPROTO, "BMC %s answers with less than a chassis status",
			 job_bmc(job));
	} else {
		attempt_note(job->attempt, "chassis: power is %s%s%s", status.on ? "on" : "off",
			     status.fault ? ", power fault" : "",
			     status.overload ? ", overload" : "");
		job_done(job, status.on ? STATE_ON : STATE_OFF, NULL);
	}
}

static void wake(struct job *job)
{
	(void)job;
}

static void lost(struct job *job)
{
	job_fail(job, -ETIMEDOUT, "BMC %s does not answer", job_bmc(job));
}

const struct task diagnose_task = {
	.begin = begin, .answer = answer, .wake = wake, .lost = lost, .phase = on_phase,
};
