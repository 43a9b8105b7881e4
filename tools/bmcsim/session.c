/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions of a BMC. See session.h. */
#include "session.h"
#include "random.h"
#include "sol.h"

#include <stdlib.h>
#include <string.h>

/* Seconds without a packet: 6.12.15 wants 60 ± 3 for sessions; log-ins may be given up sooner. */
static const double idle_time = 60, login_time = 30;

enum { SLAB = 64 };

static struct session *unused;
static size_t total;

size_t session_total(void)
{
	return total;
}

static struct session *take(void)
{
	struct session *session;

	if (!unused) {
		struct session *slab = calloc(SLAB, sizeof(*slab));

		for (int i = 0; slab && i < SLAB; i++) {
			slab[i].next = unused;
			unused = &slab[i];
		}
	}
	session = unused;
	if (session)
		unused = session->next;
	return session;
}

void session_end(struct session *session)
{
	struct session **link = &session->bmc->sessions;

	sol_session_ends(session);
	while (*link != session)
		link = &(*link)->next;
	*link = session->next;
	session->id = 0;
	session->next = unused;
	unused = session;
	total--;
}

bool session_is_over(const struct session *session)
{
	return now - session->used > (session->step == STEP_ACTIVE ? idle_time : login_time);
}

/* Ends those whose time is up. */
static void expire(struct bmc *bmc)
{
	struct session *next;

	for (struct session *s = bmc->sessions; s; s = next) {
		next = s->next;
		if (session_is_over(s))
			session_end(s);
	}
}

struct session *session_find(struct bmc *bmc, uint32_t id)
{
	struct session *s = bmc->sessions;

	while (s && s->id != id)
		s = s->next;
	if (s && session_is_over(s)) {
		session_end(s);
		s = NULL;
	}
	return s;
}

struct session *session_find_temporary(struct bmc *bmc, uint32_t id)
{
	struct session *s = bmc->sessions;

	while (s && (s->rmcpplus || s->temporary_id != id || session_is_over(s)))
		s = s->next;
	return s;
}

void session_rename(struct session *session)
{
	struct bmc *bmc = session->bmc;
	uint32_t id;

	do {
		id = (uint32_t)random_next(&bmc->random);
	} while (!id || session_find(bmc, id) || session_find_temporary(bmc, id));
	session->id = id;
}

struct session *session_find_opened(struct bmc *bmc, const struct endpoint *from,
				    uint32_t console_id)
{
	for (struct session *s = bmc->sessions; s; s = s->next) {
		if (s->rmcpplus && s->step != STEP_ACTIVE && s->console_id == console_id &&
		    endpoint_equal(&s->from, from))
			return s;
	}
	return NULL;
}

unsigned session_count(struct bmc *bmc)
{
	unsigned n = 0;

	expire(bmc);
	for (struct session *s = bmc->sessions; s; s = s->next)
		n += s->step == STEP_ACTIVE;
	return n;
}

bool session_is_full(struct bmc *bmc)
{
	return session_count(bmc) >= bmc->profile->sessions;
}

/* Of log-ins that are not complete there are at most as many as of sessions. */
static void make_room(struct bmc *bmc)
{
	struct session *oldest = NULL;
	uint32_t n = 0;

	expire(bmc);
	for (struct session *s = bmc->sessions; s; s = s->next) {
		if (s->step == STEP_ACTIVE)
			continue;
		n++;
		if (!oldest || s->used <= oldest->used)
			oldest = s;
	}
	if (n >= bmc->profile->sessions)
		session_end(oldest);
}

static uint8_t free_handle(const struct bmc *bmc)
{
	uint8_t handle = 1;

	for (const struct session *s = bmc->sessions; s;) {
		if (s->handle == handle) {
			handle++;
			s = bmc->sessions;
		} else {
			s = s->next;
		}
	}
	return handle;
}

struct session *session_make(struct bmc *bmc, const struct endpoint *from, enum step step)
{
	struct session *session;

	make_room(bmc);
	session = take();
	if (!session)
		return NULL;
	memset(session, 0, sizeof(*session));
	session->bmc = bmc;
	session->handle = free_handle(bmc);
	session_rename(session);
	session->temporary_id = session->id;
	session->step = step;
	session->rmcpplus = step != STEP_CHALLENGED;
	session->from = *from;
	session->used = now;
	random_fill(&bmc->random, session->random, sizeof(session->random));
	random_fill(&bmc->random, session->challenge, sizeof(session->challenge));
	session->next = bmc->sessions;
	bmc->sessions = session;
	total++;
	return session;
}

uint32_t session_number(struct session *session)
{
	uint32_t number = session->outbound;

	session->outbound += has(session->bmc, FAULT_SEQUENCE_GAPS) ? 2 : 1;
	/* zero stands for "outside a session" */
	if (!session->outbound)
		session->outbound++;
	return number;
}

void window_start(struct window *window, uint32_t next)
{
	window->highest = next - 1;
	window->seen = UINT32_MAX;
}

bool window_accept(struct window *window, uint32_t number, uint32_t ahead, uint32_t behind)
{
	uint32_t up = number - window->highest, down = window->highest - number;
	uint32_t bit;

	if (!up)
		return false;
	if (up <= ahead) {
		window->seen = up < 32 ? window->seen << up : 0;
		window->seen |= UINT32_C(1) << (up - 1);
		window->highest = number;
		return true;
	}
	if (down > behind)
		return false;
	bit = UINT32_C(1) << (down - 1);
	if (window->seen & bit)
		return false;
	window->seen |= bit;
	return true;
}

static bool is_named(const struct user *user, const uint8_t *name, size_t length)
{
	return user->enabled && user->name_length == length && !memcmp(user->name, name, length);
}

const struct user *user_find(const struct bmc *bmc, const uint8_t *name, size_t length,
			     uint8_t role)
{
	const struct user *users = bmc->profile->users;

	if (locked_out(bmc))
		return NULL;
	for (int i = 0; role && i < USERS_MAX; i++) {
		if (is_named(&users[i], name, length) && users[i].privilege == role)
			return &users[i];
	}
	for (int i = 0; i < USERS_MAX; i++) {
		if (is_named(&users[i], name, length) && users[i].privilege >= role)
			return &users[i];
	}
	return NULL;
}

void login_failed(struct bmc *bmc)
{
	bmc->logins_failed++;
}

bool locked_out(const struct bmc *bmc)
{
	return has(bmc, FAULT_LOCKOUT) && bmc->logins_failed >= bmc->faults->value[FAULT_LOCKOUT];
}
