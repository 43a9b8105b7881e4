/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session's machine of states: a table of phases. See session.h. */
#include "session.h"
#include "base/fault.h"
#include "base/secret.h"
#include "incoming.h"
#include "quirk.h"
#include "refusal.h"
#include "rmcpplus.h"

#include <errno.h>

enum {
	TAGS = MESSAGE_SEQUENCES,
	NAME_ONLY_LOOKUP = 0x10,	/* section 13.20 */
	RESTARTS_MAX = 4,
	MISMATCHES_MAX = 2,
	NO_SLOTS_MAX = 3,
	/* unanswered sendings before something else is tried */
	OPEN_PATIENCE = 3, SUITE_PATIENCE = 9, EXPLORE_PATIENCE = 3, RAKP3_PATIENCE = 6,
	ACTIVATE_PATIENCE = 1, CLOSE_PATIENCE = 2,
	/* log-ins of IPMI 1.5 that may go unanswered: each may count against the account */
	DOUBTS_MAX = 2,
};

/* --- moving on ---------------------------------------------------------------------------- */

static enum event go(struct session *s, enum phase phase)
{
	s->phase = phase;
	s->tries = 0;
	return EVENT_SEND;
}

static const struct suite *suite_now(const struct session *s)
{
	return suite_find(s->login->suites[s->suite]);
}

static uint32_t random_id(void)
{
	uint32_t id = 0;

	/* without random numbers it is still an ID, and 0 is none */
	random_bytes(&id, sizeof(id));
	return id ? id : 1;
}

static enum event go_open(struct session *s)
{
	s->rakp = (struct rakp){
		.suite = suite_now(s), .quirks = s->login->quirks, .console = random_id(),
		.role = s->login->privilege | NAME_ONLY_LOOKUP,
		.user_length = s->login->user_length,
	};
	memcpy(s->rakp.user, s->login->user, USER_MAX);
	wipe(&s->keys, sizeof(s->keys));
	s->window = (struct window){0};
	s->sequence = 0;
	s->mismatches = 0;
	return go(s, PHASE_OPEN);
}

/* status: what the BMC said; RAKP_OK: it said nothing of the kind. */
static enum event next_suite(struct session *s, uint8_t status, struct fault *f)
{
	s->refusal = status;
	s->unheard = 0;
	s->refused |= (uint16_t)(1u << s->suite);
	/* the first that was tried may be one that worked earlier, and stands anywhere */
	for (uint8_t i = 0; i < s->login->nsuites; i++) {
		if (!(s->refused & 1u << i)) {
			s->suite = i;
			return go_open(s);
		}
	}
	/* what is called "no suite" elsewhere may be meant as it is said: all slots are taken */
	if (status == RAKP_NO_RESOURCES && s->no_slots < NO_SLOTS_MAX) {
		s->no_slots++;
		s->refused = 0;
		s->suite = 0;
		go_open(s);
		return EVENT_NONE;
	}
	return refuse_suites(s, f);
}

/* Once more from the beginning: the BMC and we lost each other, as packets come twice or late. */
static enum event restart(struct session *s, struct fault *f)
{
	if (s->restarts++ < RESTARTS_MAX)
		return s->v15 ? go(s, PHASE_CHALLENGE) : go_open(s);
	s->err = -EIO;
	fault_set(f, EIO, "forgets the log-in while it goes on, again and again: its answers come "
		  "late or twice; try ipmi-version = \"1.5\", or reset the BMC");
	return EVENT_FAILED;
}

static enum event go_v15(struct session *s, struct fault *f)
{
	static const uint8_t order[] = {AUTH_MD5, AUTH_STRAIGHT, AUTH_NONE};
	uint8_t usable = s->login->auths;

	if (login_bytes(s->login->password).length > LAN_PASSWORD_SIZE) {
		s->err = fault_set(f, EINVAL,
				   "knows IPMI 1.5 alone, which has room for %d bytes of "
				   "password: it has %zu",
				   LAN_PASSWORD_SIZE, login_bytes(s->login->password).length);
		return EVENT_FAILED;
	}
	/* a password is sent in the clear only where the configuration says so by name */
	if (!s->login->auths_named)
		usable &= 1 << AUTH_MD5;
	if (!(s->login->quirks & QUIRK_AUTHCAP))
		usable &= s->capabilities.types;
	for (unsigned i = 0; i < sizeof(order); i++) {
		if (usable & 1 << order[i]) {
			s->v15 = true;
			s->auth = order[i];
			s->permsg = !s->capabilities.no_permsg ||
				    s->login->quirks & QUIRK_FORCEPERMSG;
			return go(s, PHASE_CHALLENGE);
		}
	}
	return refuse_v15(s, f);
}

/* The capabilities are known, or nobody tells them. */
static enum event go_login(struct session *s, struct fault *f)
{
	bool refused = s->asked && !s->capabilities.v20 && !(s->login->quirks & QUIRK_AUTHCAP);

	if (s->login->version == VERSION_15 || (refused && s->login->version == VERSION_ANY))
		return go_v15(s, f);
	return go_open(s);
}

void session_begin(struct session *s, const struct login *login, unsigned suite, bool v15,
		   bool exploring)
{
	*s = (struct session){.login = login, .exploring = exploring, .suite = (uint8_t)suite};
	random_bytes(&s->tag, 1);
	s->tag %= TAGS;
	if (exploring)
		go(s, PHASE_PING);
	else if (v15 || login->version == VERSION_15)
		go(s, PHASE_CAPABILITIES);
	else
		go_open(s);
}

void session_again(struct session *s)
{
	if (s->v15)
		go(s, PHASE_CHALLENGE);
	else
		go_open(s);
}

void session_wipe(struct session *s)
{
	wipe(&s->keys, sizeof(s->keys));
	wipe(&s->rakp, sizeof(s->rakp));
}

bool session_is_open(const struct session *s)
{
	return s->phase >= PHASE_PRIVILEGE && s->phase < PHASE_OVER;
}

/* --- what comes in ------------------------------------------------------------------------ */

/* Whether a tag is of something that was sent in this phase; s->age becomes how long ago. */
static bool tag_is_ours(struct session *s, uint8_t tag)
{
	unsigned age = (unsigned)(s->tag - tag) % TAGS;

	if (tag >= TAGS || age >= s->tries)
		return false;
	s->age = (uint8_t)age;
	return true;
}

/* Whether a response is to what this phase asks. */
static bool answers(struct session *s, const struct incoming *in, uint8_t netfn, uint8_t command)
{
	return in->kind == IN_RESPONSE && in->response.netfn == netfn &&
	       in->response.command == command && tag_is_ours(s, in->response.sequence);
}

enum { GET_CAPABILITIES = 0x38, GET_CHALLENGE = 0x39, ACTIVATE = 0x3a, GET_SUITES = 0x54 };

static enum event take_ping(struct session *s, struct incoming *in, struct fault *f)
{
	(void)f;
	if (in->kind != IN_PONG || !tag_is_ours(s, in->pong.tag))
		return EVENT_NONE;
	s->pong = in->pong;
	s->pong_heard = true;
	return go(s, PHASE_CAPABILITIES);
}

static enum event take_capabilities(struct session *s, struct incoming *in, struct fault *f)
{
	if (in->in_session || !answers(s, in, NETFN_APP, GET_CAPABILITIES))
		return EVENT_NONE;
	if (in->response.completion && !s->old) {
		s->old = true;
		return go(s, PHASE_CAPABILITIES);
	}
	if (in->response.completion ||
	    auth_capabilities_decode(&in->response, &s->capabilities))
		return EVENT_NONE;
	s->asked = true;
	/* it is there, and did not answer the log-in */
	if (s->doubts)
		return s->doubts < DOUBTS_MAX ? go(s, PHASE_CHALLENGE) : refuse_silence(s, f);
	if (s->exploring && s->capabilities.v20 && s->login->version != VERSION_15)
		return go(s, PHASE_SUITES);
	return go_login(s, f);
}

enum { LIST_PIECES_MAX = 64 };

static enum event take_suites(struct session *s, struct incoming *in, struct fault *f)
{
	struct view records;

	if (in->in_session || !answers(s, in, NETFN_APP, GET_SUITES))
		return EVENT_NONE;
	if (in->response.completion || cipher_suites_decode(&in->response, &records))
		return go_login(s, f);
	if (records.length > LIST_PIECE)
		return EVENT_NONE;
	/* a record may lie across two pieces */
	memmove(s->list, s->list + LIST_PIECE, LIST_PIECE);
	memcpy(s->list + LIST_PIECE, records.at, records.length);
	suite_records_decode((struct view){s->list, LIST_PIECE + records.length}, &s->offered);
	s->list_known = true;
	if (records.length < LIST_PIECE || ++s->list_index >= LIST_PIECES_MAX)
		return go_login(s, f);
	return go(s, PHASE_SUITES);
}

/* Such a refusal may mean the suite, whatever it says. */
static bool means_suite(uint8_t status)
{
	return status == RAKP_NO_SUITE || status == RAKP_NO_RESOURCES ||
	       status == RAKP_ROLE_UNAUTHORIZED || status == RAKP_ILLEGAL_PARAMETER ||
	       status == RAKP_INVALID_AUTH || status == RAKP_INVALID_INTEGRITY ||
	       status == RAKP_INVALID_CONFIDENTIALITY;
}

static enum event take_open(struct session *s, struct incoming *in, struct fault *f)
{
	struct open_session reply;

	if (in->kind != IN_PAYLOAD || in->type != PAYLOAD_OPEN_SESSION_RESPONSE ||
	    open_session_decode(in->payload, &reply) || !tag_is_ours(s, reply.tag))
		return EVENT_NONE;
	if (reply.status != RAKP_OK) {
		if (reply.console && reply.console != s->rakp.console)
			return EVENT_NONE;
		return means_suite(reply.status) ? next_suite(s, reply.status, f) :
						   refuse_status(s, reply.status, f);
	}
	if (reply.console != s->rakp.console || !reply.bmc)
		return EVENT_NONE;
	/* sun20: its records of algorithms are of no use */
	if (!(s->login->quirks & QUIRK_SUN20) &&
	    (reply.auth != s->rakp.suite->auth || reply.integrity != s->rakp.suite->integrity ||
	     reply.confidentiality != s->rakp.suite->confidentiality))
		return next_suite(s, RAKP_OK, f);
	s->rakp.bmc = reply.bmc;
	s->unheard = 0;
	return go(s, PHASE_RAKP1);
}

static bool is_rakp(struct session *s, const struct incoming *in, enum payload_type type,
		    struct rakp_reply *reply)
{
	if (in->kind != IN_PAYLOAD || in->type != type ||
	    (type == PAYLOAD_RAKP_2 ? rakp2_decode : rakp4_decode)(in->payload, reply))
		return false;
	if (reply->console != s->rakp.console && (reply->status == RAKP_OK || reply->console))
		return false;
	return tag_is_ours(s, reply->tag);
}

/* The BMC no longer knows the session that it has just given out. */
static bool is_lost(uint8_t status)
{
	return status == RAKP_INVALID_SESSION || status == RAKP_INACTIVE_SESSION;
}

static enum event take_rakp2(struct session *s, struct incoming *in, struct fault *f)
{
	struct rakp_reply reply;
	int err;

	if (!is_rakp(s, in, PAYLOAD_RAKP_2, &reply))
		return EVENT_NONE;
	if (is_lost(reply.status))
		return restart(s, f);
	if (reply.status != RAKP_OK)
		return refuse_status(s, reply.status, f);
	/* the BMC made a new random number for what was sent after this one */
	if (s->age)
		return EVENT_NONE;
	memcpy(s->rakp.bmc_random, reply.random, RANDOM_SIZE);
	memcpy(s->rakp.guid, reply.guid, GUID_SIZE);
	err = rakp2_check(&s->rakp, login_bytes(s->login->password), reply.code);
	if (err) {
		/* one packet may be forged or broken; nothing has been tried on the account yet */
		if (++s->mismatches < MISMATCHES_MAX)
			return EVENT_SEND;
		return err == -EPROTO ? refuse_length(s, f) : refuse_password(s, f);
	}
	s->mismatches = 0;
	return go(s, PHASE_RAKP3);
}

static enum event logged_in(struct session *s)
{
	s->phase = PHASE_READY;
	return EVENT_READY;
}

/* A new session has the level of users at most: section 22.18. */
static enum event go_privilege(struct session *s)
{
	if (s->login->privilege <= PRIVILEGE_USER && !s->exploring)
		return logged_in(s);
	privilege_request(&s->request, s->login->privilege);
	s->once = false;
	return go(s, PHASE_PRIVILEGE);
}

static enum event take_rakp4(struct session *s, struct incoming *in, struct fault *f)
{
	struct rakp_reply reply;
	int err;

	if (!is_rakp(s, in, PAYLOAD_RAKP_4, &reply))
		return EVENT_NONE;
	/* it gave the session out with a code that we could not check */
	if (is_lost(reply.status) && s->kg_mismatches)
		return refuse_kg(s, f);
	/* it has answered RAKP 1 twice, and its last random number is not the one that we have */
	if (is_lost(reply.status) || (reply.status == RAKP_INVALID_CODE && !s->restarts))
		return restart(s, f);
	if (reply.status != RAKP_OK)
		return refuse_status(s, reply.status, f);
	if (rakp_keys(&s->rakp, login_bytes(s->login->password), login_bytes(s->login->kg),
		      &s->keys))
		return EVENT_NONE;
	err = rakp4_check(&s->rakp, &s->keys, reply.code);
	if (err) {
		/* the next one tells whether this one was forged or broken */
		if (++s->kg_mismatches < MISMATCHES_MAX)
			return EVENT_SEND;
		return err == -EPROTO ? refuse_length(s, f) : refuse_kg(s, f);
	}
	return go_privilege(s);
}

static enum event take_challenge(struct session *s, struct incoming *in, struct fault *f)
{
	struct challenge challenge;

	if (in->in_session || !answers(s, in, NETFN_APP, GET_CHALLENGE) ||
	    in->response.completion == COMPLETION_BUSY)
		return EVENT_NONE;
	if (in->response.completion)
		return refuse_completion(s, in->response.completion, f);
	if (challenge_decode(&in->response, &challenge))
		return EVENT_NONE;
	s->rakp.bmc = challenge.session;
	memcpy(s->challenge, challenge.string, sizeof(s->challenge));
	s->rakp.console = random_id();
	return go(s, PHASE_ACTIVATE);
}

static enum event take_activate(struct session *s, struct incoming *in, struct fault *f)
{
	struct activation activation;

	if (!answers(s, in, NETFN_APP, ACTIVATE) || in->response.completion == COMPLETION_BUSY)
		return EVENT_NONE;
	if (in->response.completion)
		return refuse_completion(s, in->response.completion, f);
	if (in->unsigned_refusal || activation_decode(&in->response, &activation))
		return EVENT_NONE;
	if (!activation.session && !(s->login->quirks & QUIRK_IDZERO)) {
		s->hint = HINT_ID_ZERO;
		return EVENT_NONE;
	}
	s->rakp.bmc = activation.session;
	/* compose_request counts on before it sends */
	s->sequence = activation.sequence - 1;
	s->window = (struct window){0};
	return go_privilege(s);
}

static enum event take_privilege(struct session *s, struct incoming *in, struct fault *f)
{
	/* busy: asked again when its time comes */
	if (!in->in_session || !answers(s, in, s->request.netfn, s->request.command) ||
	    in->response.completion == COMPLETION_BUSY)
		return EVENT_NONE;
	if (in->response.completion)
		return refuse_completion(s, in->response.completion, f);
	return logged_in(s);
}

static enum event take_answer(struct session *s, struct incoming *in, struct fault *f)
{
	(void)f;
	if (!in->in_session || !answers(s, in, s->request.netfn, s->request.command))
		return EVENT_NONE;
	s->answer = in->response;
	s->phase = PHASE_READY;
	return EVENT_ANSWER;
}

static enum event take_close(struct session *s, struct incoming *in, struct fault *f)
{
	(void)f;
	if (!answers(s, in, s->request.netfn, s->request.command))
		return EVENT_NONE;
	s->phase = PHASE_OVER;
	return EVENT_CLOSED;
}

/* --- when nothing comes ------------------------------------------------------------------- */

static enum event silent_ping(struct session *s, struct fault *f)
{
	(void)f;
	return go(s, PHASE_CAPABILITIES);
}

static enum event silent_capabilities(struct session *s, struct fault *f)
{
	/* is the BMC there at all? */
	if (s->doubts)
		return EVENT_NONE;
	/* authcap: goes on without them */
	if (s->login->version == VERSION_15 && !(s->login->quirks & QUIRK_AUTHCAP))
		return EVENT_NONE;
	return go_login(s, f);
}

static enum event silent_suites(struct session *s, struct fault *f)
{
	return go_login(s, f);
}

static enum event silent_open(struct session *s, struct fault *f)
{
	/* one that knows 1.5 alone does not answer: ask what it knows */
	if (!s->asked && s->login->version == VERSION_ANY && !(s->tries % OPEN_PATIENCE))
		return go(s, PHASE_CAPABILITIES);
	if (s->asked && s->unheard >= SUITE_PATIENCE && s->login->nsuites > 1)
		return next_suite(s, RAKP_OK, f);
	return EVENT_NONE;
}

static enum event silent_rakp3(struct session *s, struct fault *f)
{
	return restart(s, f);
}

static enum event silent_activate(struct session *s, struct fault *f)
{
	(void)f;
	/* a packet that was passed over is not silence, and says what to do */
	if (s->hint)
		return EVENT_NONE;
	s->doubts++;
	return go(s, PHASE_CAPABILITIES);
}

static enum event silent_close(struct session *s, struct fault *f)
{
	(void)f;
	s->phase = PHASE_OVER;
	return EVENT_CLOSED;
}

/* --- the table ---------------------------------------------------------------------------- */

static const struct phase_info {
	const char *name;
	enum event (*take)(struct session *s, struct incoming *in, struct fault *f);
	/* after so many unanswered sendings; 0: the owner's patience is all there is */
	unsigned patience;
	enum event (*silent)(struct session *s, struct fault *f);
} phases[PHASES] = {
	[PHASE_PING] = {"RMCP ping", take_ping, EXPLORE_PATIENCE, silent_ping},
	[PHASE_CAPABILITIES] = {"capabilities", take_capabilities,
				EXPLORE_PATIENCE, silent_capabilities},
	[PHASE_SUITES] = {"cipher suites", take_suites, EXPLORE_PATIENCE,
			  silent_suites},
	[PHASE_OPEN] = {"cipher suite", take_open, OPEN_PATIENCE, silent_open},
	[PHASE_RAKP1] = {"user and password", take_rakp2, 0, NULL},
	[PHASE_RAKP3] = {"K_g", take_rakp4, RAKP3_PATIENCE, silent_rakp3},
	[PHASE_CHALLENGE] = {"user", take_challenge, 0, NULL},
	[PHASE_ACTIVATE] = {"password", take_activate, ACTIVATE_PATIENCE,
			    silent_activate},
	[PHASE_PRIVILEGE] = {"privilege", take_privilege, 0, NULL},
	[PHASE_READY] = {"session", NULL, 0, NULL},
	[PHASE_COMMAND] = {"command", take_answer, 0, NULL},
	[PHASE_CLOSE] = {"end of session", take_close, CLOSE_PATIENCE,
			 silent_close},
	[PHASE_OVER] = {"end", NULL, 0, NULL},
};

const char *session_hint(const struct session *s)
{
	static const char *const hints[HINTS] = {
		[HINT_CHECKSUM] = "; its packets have wrong checksums: quirks = "
				  "{\"nochecksumcheck\"} may help",
		[HINT_UNSIGNED] =
			"; its packets are not signed: quirks = {\"noauthcodecheck\"} may "
			"help",
		[HINT_SIGNED] = "; it signs packets though it says that it does not: quirks = "
				"{\"unexpectedauth\"} may help",
		[HINT_CODE] =
			"; its packets are signed wrongly: quirks = {\"noauthcodecheck\"} may "
			"help",
		[HINT_ID_ZERO] = "; it gives out the session ID 0: quirks = {\"idzero\"} may help",
	};

	if (s->hint)
		return hints[s->hint];
	if (s->v15 && s->phase == PHASE_PRIVILEGE)
		return s->permsg ? "; quirks = {\"endianseq\"} may help" :
				   "; quirks = {\"forcepermsg\"} may help";
	if (s->phase == PHASE_CAPABILITIES && s->login->version == VERSION_15)
		return "; quirks = {\"authcap\"} may help";
	if (s->phase == PHASE_RAKP1)
		return "; some BMCs do not answer users that they do not know, or want quirks = "
		       "{\"opensesspriv\"}";
	if (s->phase == PHASE_OPEN && s->asked)
		return "; set cipher-suites to what it offers, or ipmi-version = \"1.5\"";
	return "";
}

const char *phase_name(enum phase phase)
{
	return phases[phase].name;
}

enum event session_take(struct session *s, uint8_t *bytes, size_t length, struct fault *f)
{
	struct incoming in = {0};

	if (!phases[s->phase].take || incoming_open(s, bytes, length, &in))
		return EVENT_NONE;
	return phases[s->phase].take(s, &in, f);
}

enum event session_silent(struct session *s, struct fault *f)
{
	const struct phase_info *phase = &phases[s->phase];

	if (!phase->patience || s->tries < phase->patience)
		return EVENT_NONE;
	return phase->silent(s, f);
}

void session_request(struct session *s, const struct request *request, bool once)
{
	s->request = *request;
	s->once = once;
	go(s, PHASE_COMMAND);
}

void session_close(struct session *s)
{
	close_request(&s->request, s->rakp.bmc);
	s->once = false;
	go(s, PHASE_CLOSE);
}
