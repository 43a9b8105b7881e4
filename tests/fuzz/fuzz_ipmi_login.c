/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session with a BMC that says anything at all, at any time: the bytes are cut into datagrams,
 * each behind a byte that says what is done before it. With a password of which the BMC knows
 * nothing nobody gets in, whatever is said; and what was logged in without protection stays sane.
 */
#include "base/fault.h"
#include "base/secret.h"
#include "drivers/ipmi/crypt.h"
#include "drivers/ipmi/session.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DATAGRAM_MAX = 200, EVENTS_MAX = 400 };

struct meeting {
	struct session s;
	struct login login;
	bool sealed;			/* no one gets in without the password */
	bool over;
};

static void send(struct meeting *m)
{
	struct packet packet;

	if (m->s.phase != PHASE_READY && m->s.phase != PHASE_OVER &&
	    session_compose(&m->s, &packet))
		abort();
}

static void follow(struct meeting *m, enum event event, const struct fault *f)
{
	struct request request = {0};

	switch (event) {
	case EVENT_NONE:
		break;
	case EVENT_SEND:
		send(m);
		break;
	case EVENT_READY:
	case EVENT_ANSWER:
		if (m->sealed)
			abort();
		chassis_status_request(&request);
		session_request(&m->s, &request, m->s.tag & 1);
		send(m);
		break;
	case EVENT_CLOSED:
		m->over = true;
		break;
	case EVENT_FAILED:
		if (!m->s.err || !*f->text)
			abort();
		m->over = true;
		break;
	}
}

static void begin(struct meeting *m, uint8_t how)
{
	static const uint8_t suites[] = {17, 3, 8, 12, 1, 0};

	m->sealed = !(how & 1);
	m->login = (struct login){
		.version = how >> 1 & 3 ? (enum version)((how >> 1 & 3) - 1) : VERSION_ANY,
		.quirks = how & 8 ? 0x7ffff : 0, .privilege = PRIVILEGE_OPERATOR,
		.auths = m->sealed ? 1 << AUTH_MD5 : 0x15, .auths_named = !m->sealed,
		.nsuites = m->sealed ? 4 : 6, .user_length = 5, .user = "admin",
	};
	memcpy(m->login.suites, suites, sizeof(suites));
	/* noauthcodecheck believes anybody, as its user wants it to */
	if (m->sealed && m->login.version != VERSION_20)
		m->login.quirks = 0;
	m->login.password = secret_new("boilerroom-42", 13);
	if (!m->login.password || crypt_open())
		abort();
	session_begin(&m->s, &m->login, 0, how & 16, how & 32);
	send(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct meeting m;
	struct fault fault = {""};

	if (!size)
		return 0;
	begin(&m, *data++);
	size--;
	m.over = false;
	for (unsigned events = 0; size > 1 && !m.over && events < EVENTS_MAX; events++) {
		uint8_t datagram[DATAGRAM_MAX], what = data[0];
		size_t length = data[1] < size - 2 ? data[1] : size - 2;

		data += 2;
		size -= 2;
		if (what & 1) {
			follow(&m, session_silent(&m.s, &fault), &fault);
			if (!m.over)
				send(&m);
			continue;
		}
		if (length > sizeof(datagram))
			length = sizeof(datagram);
		memcpy(datagram, data, length);
		/* what it could not guess is put in for it: tag and session ID */
		if (what & 2 && length > 16) {
			datagram[16] = m.s.tag;
			if (length > 24)
				memcpy(datagram + 20, &m.s.rakp.console, 4);
		}
		data += length;
		size -= length;
		follow(&m, session_take(&m.s, datagram, length, &fault), &fault);
	}
	session_wipe(&m.s);
	login_drop(&m.login);
	return 0;
}
