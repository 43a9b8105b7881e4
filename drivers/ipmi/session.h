/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session with a BMC as a machine of states, without sockets and clocks: its owner sends what
 * session_compose writes, gives every datagram that comes from the BMC to session_take, and says by
 * session_silent that nothing came. IPMI 2.0, sections 13.14 to 13.33; for 1.5, 13.6 to 13.12.
 */
#ifndef IPMI_SESSION_H
#define IPMI_SESSION_H

#include "command.h"
#include "lan.h"
#include "login.h"
#include "message.h"
#include "rakp.h"
#include "rmcp.h"

#include <stdbool.h>
#include <stdint.h>

struct fault;

enum phase {
	/* what diagnose asks first; nobody has to be logged in for it */
	PHASE_PING, PHASE_CAPABILITIES, PHASE_SUITES,
	/* logging in by IPMI 2.0, and by 1.5 */
	PHASE_OPEN, PHASE_RAKP1, PHASE_RAKP3, PHASE_CHALLENGE, PHASE_ACTIVATE,
	/* the session is there */
	PHASE_PRIVILEGE, PHASE_READY, PHASE_COMMAND, PHASE_CLOSE,
	PHASE_OVER,
	PHASES
};

/* What a datagram, or silence, led to. */
enum event {
	EVENT_NONE,		/* nothing: it was not for us, or came twice, or is wrong */
	EVENT_SEND,		/* a new phase: session_compose has something to send at once */
	EVENT_READY,		/* logged in: session_request or session_close is next */
	EVENT_ANSWER,		/* session->answer holds the answer to session_request */
	EVENT_CLOSED,
	EVENT_FAILED,		/* err and the sentence say why */
};

/* Get Channel Cipher Suites gives its list in pieces of so many bytes: section 22.15. */
enum { LIST_PIECE = 16 };

/* What was wrong with a packet that was passed over: it may be why nothing goes on. */
enum hint {
	HINT_NONE, HINT_CHECKSUM, HINT_UNSIGNED, HINT_SIGNED, HINT_CODE, HINT_ID_ZERO, HINTS
};

/* Sequence numbers that have come: IPMI 2.0, section 6.12.13. */
struct window {
	uint32_t highest, seen;		/* seen: bit N: highest - N has come */
	bool begun;
};

struct session {
	const struct login *login;
	enum phase phase;
	bool exploring;			/* for diagnose: all phases, one after the other */
	bool v15;			/* the session is of IPMI 1.5 */
	enum hint hint;
	uint8_t age;			/* sendings behind the last one that was answered */
	uint8_t tries;			/* sendings in this phase */
	uint8_t tag;			/* of the last sending: message tag, or message sequence */
	uint8_t first_tag;		/* of the first one in this phase */
	uint8_t suite;			/* which of login->suites is tried */
	uint16_t refused;		/* which of them were refused: bit N */
	uint8_t unheard;		/* sendings of Open Session with this suite, unanswered */
	uint8_t refusal;		/* the last status that refused a suite */
	uint8_t restarts, mismatches, kg_mismatches, no_slots, doubts;
	bool asked;			/* its capabilities are known */
	bool old;			/* it does not know the extended form of that question */
	bool pong_heard;
	uint8_t list_index;		/* PHASE_SUITES: the next piece */
	bool list_known;
	uint8_t list[2 * LIST_PIECE];	/* the last two pieces */
	uint32_t offered;		/* suites of the BMC's list: bit N */
	int err;			/* EVENT_FAILED */
	uint8_t farewell;		/* the status that the BMC is to be told; 0: none */

	struct rakp rakp;
	struct session_keys keys;
	uint32_t sequence;		/* of what we send */
	struct window window;
	uint8_t challenge[16];
	uint8_t auth;			/* of IPMI 1.5: enum auth_type */
	bool permsg;			/* … for every message */
	bool once;			/* the request must not be carried out twice */
	struct auth_capabilities capabilities;
	struct pong pong;
	struct request request;
	struct response answer;		/* EVENT_ANSWER; its data is in the datagram */
};

/*
 * Begins. suite: which of login->suites to begin with; v15: begin with IPMI 1.5. login must outlive
 * the session. exploring: from the ping on.
 */
void session_begin(struct session *s, const struct login *login, unsigned suite, bool v15,
		   bool exploring);
/* Logs in anew, after the BMC fell silent: what was under way is forgotten. */
void session_again(struct session *s);
/* Wipes its keys. */
void session_wipe(struct session *s);

/* Writes what is to be sent now, also when it is sent again. 0 or -errno. */
int session_compose(struct session *s, struct packet *p);
/*
 * Takes a datagram; decrypts in place. f: for EVENT_FAILED, a sentence that follows "BMC NAME ". A
 * datagram that is not what is awaited changes nothing.
 */
enum event session_take(struct session *s, uint8_t *bytes, size_t length, struct fault *f);
/* Nothing came in time: EVENT_NONE to send again, or another way was chosen. */
enum event session_silent(struct session *s, struct fault *f);

/*
 * Sends a command, once EVENT_READY or EVENT_ANSWER has been told. once: repetitions carry the same
 * sequence number, so that the BMC does it at most once (section 6.12.13: a number that was seen is
 * dropped in silence).
 */
void session_request(struct session *s, const struct request *request, bool once);
/* Closes the session; EVENT_CLOSED follows. */
void session_close(struct session *s);
/*
 * After EVENT_FAILED: writes a last packet that tells the BMC why we do not go on, so that it gives
 * the session's slot back (section 13.23). false: there is nothing to be told.
 */
bool session_farewell(struct session *s, struct packet *p);
/* Whether there is a session to close. */
bool session_is_open(const struct session *s);

/*
 * What the user may try about a BMC that fell silent now: a clause that begins with "; ", or "".
 */
const char *session_hint(const struct session *s);
/* What a phase is called in messages: "the user name and password". */
const char *phase_name(enum phase phase);
#endif
