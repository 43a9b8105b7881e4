/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Serial over LAN: packets with their numbers, acknowledgements and retries (IPMI 2.0, 15.9 to
 * 15.11, table 15-2). See sol.h.
 */
#include "sol.h"
#include "log.h"
#include "random.h"
#include "wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 15 };

/* Seconds that a packet waits for room before it is refused. */
static const double hold_time = 0.05;

uint16_t sol_port = 623;

static void ring(struct alarm *alarm);

struct sol *sol_get(struct bmc *bmc)
{
	struct sol *sol;

	if (bmc->sol)
		return bmc->sol;
	sol = calloc(1, sizeof(*sol));
	if (!sol || !alarm_init(&sol->alarm, ring)) {
		free(sol);
		return NULL;
	}
	sol->bmc = bmc;
	sol->settings = bmc->profile->sol;
	sol->console = bmc->profile->console;
	bmc->sol = sol;
	return sol;
}

static double retry_interval(const struct sol *sol)
{
	/* "back to back" is too, with a pause */
	return sol->settings.retry_interval ? sol->settings.retry_interval / 100.0 : 0.001;
}

static double accumulate_interval(const struct sol *sol)
{
	return sol->settings.accumulate * 0.005;
}

/* -- out --------------------------------------------------------------------------------------- */

static void send_packet(struct sol *sol, uint8_t number, uint8_t status, size_t length)
{
	struct origin origin = {.bmc = sol->bmc, .session = sol->session, .from = sol->to,
				.rmcpplus = true};
	uint8_t p[SOL_HEADER + SOL_CHARACTERS] = {number, 0, 0, status};

	if (sol->console.far->powered && !power_is_on(sol->bmc))
		p[3] |= SOL_UNAVAILABLE;
	memcpy(p + SOL_HEADER, sol->buffer, length);
	rmcpplus_answer(&origin, PAYLOAD_SOL, p, SOL_HEADER + length);
}

/* Those of the buffer that are under way; again, when they were before. */
static void send_characters(struct sol *sol)
{
	send_packet(sol, sol->number, sol->status, sol->under_way);
	sol->retry_at = now + retry_interval(sol);
}

/* Characters go when there are enough of them, or the first is old enough (26.3, parameter 3). */
static double send_at(const struct sol *sol)
{
	double at = sol->since;

	if (sol->waiting || !sol->length)
		return HUGE_VAL;
	if (sol->length < sol->settings.threshold && sol->length < SOL_CHARACTERS)
		at += accumulate_interval(sol);
	return at > sol->not_before ? at : sol->not_before;
}

static void send_next(struct sol *sol)
{
	size_t length = sol->length < SOL_CHARACTERS ? sol->length : SOL_CHARACTERS;

	if (send_at(sol) > now)
		return;
	sol->number = (uint8_t)(sol->number % NUMBERS + 1);
	sol->under_way = (uint8_t)length;
	sol->waiting = true;
	sol->tries = 0;
	sol->status = sol->overrun ? SOL_OVERRUN : 0;
	sol->overrun = false;
	send_characters(sol);
	if (sol->length > length)
		sol->since = now;
}

/* The first characters of the buffer are done with. */
static void consume(struct sol *sol, size_t length)
{
	sol->length -= length;
	memmove(sol->buffer, sol->buffer + length, sol->length);
	sol->waiting = false;
	sol->under_way = 0;
}

/* No acknowledgement in time: once more, or they are lost (parameter 4). */
static void retry(struct sol *sol)
{
	if (sol->tries < sol->settings.retry_count) {
		sol->tries++;
		sol->counts.retries++;
		send_characters(sol);
		return;
	}
	sol->counts.dropped += sol->under_way;
	consume(sol, sol->under_way);
}

static void take_acknowledgement(struct sol *sol, uint8_t number, uint8_t count, bool nack)
{
	if (!sol->waiting || !number || number != sol->number)
		return;
	if (count > sol->under_way)
		count = sol->under_way;
	sol->counts.out += count;
	/* whoever can take nothing is not asked at once again */
	if (nack && !count && sol->under_way)
		sol->not_before = now + retry_interval(sol);
	consume(sol, count);
}

void sol_tell(struct sol *sol, uint8_t status)
{
	if (sol->session)
		send_packet(sol, 0, status, 0);
}

/* -- far ends ---------------------------------------------------------------------------------- */

static bool is_mute(const struct sol *sol)
{
	return has(sol->bmc, FAULT_SOL_DEAD) || has(sol->bmc, FAULT_SOL_MUTE);
}

size_t sol_room(const struct sol *sol)
{
	if (!sol->session || is_mute(sol))
		return SOL_BUFFER;
	return sol->paused ? 0 : SOL_BUFFER - sol->length;
}

size_t sol_put(struct sol *sol, const void *bytes, size_t length)
{
	size_t room = sol_room(sol);

	if (length > room)
		length = room;
	if (!sol->session || is_mute(sol) || !length)
		return length;
	if (sol->length == sol->under_way)
		sol->since = now;
	memcpy(sol->buffer + sol->length, bytes, length);
	sol->length += length;
	return length;
}

void sol_overrun(struct sol *sol, size_t length)
{
	sol->counts.overrun += length;
	sol->overrun = true;
}

int sol_open(struct sol *sol)
{
	int err = 0;

	if (!sol->open && sol->console.far->open)
		err = sol->console.far->open(sol);
	sol->open = !err;
	return err;
}

static void close_far(struct sol *sol)
{
	if (sol->open && sol->console.far->close)
		sol->console.far->close(sol);
	sol->open = false;
	sol->far_state = NULL;
}

static void begin_far(struct sol *sol)
{
	if (sol_open(sol)) {
		log_line(sol->bmc, CODE_UNSPECIFIED, "sol far end");
		return;
	}
	if (sol->console.far->begin)
		sol->console.far->begin(sol);
	sol->far_at = sol->console.far->tick ? now : HUGE_VAL;
}

bool sol_console(struct sol *sol, const char *value, const char **why)
{
	char *text = strdup(value);
	struct console_setting setting;

	*why = "out of memory";
	if (!text || !console_parse(text, &setting, why)) {
		free(text);
		return false;
	}
	close_far(sol);
	free(sol->own_console);
	sol->own_console = text;
	sol->console = setting;
	if (sol->session) {
		begin_far(sol);
		sol_go(sol);
	}
	return true;
}

void sol_power(struct bmc *bmc, bool started)
{
	struct sol *sol = bmc->sol;

	if (started && has(bmc, FAULT_SEQUENCE_JUMP)) {
		for (struct session *s = bmc->sessions; s; s = s->next)
			s->outbound += bmc->faults->value[FAULT_SEQUENCE_JUMP];
	}
	if (sol && sol->session && sol->console.far->tick) {
		sol->far_at = now;
		alarm_set(&sol->alarm, now);
	}
}

/* -- in ---------------------------------------------------------------------------------------- */

static void acknowledge(struct sol *sol)
{
	const struct sol_taken *taken = &sol->taken;
	struct origin origin = {.bmc = sol->bmc, .session = sol->session, .from = sol->to,
				.rmcpplus = true};
	uint8_t p[SOL_HEADER] = {0, taken->number, taken->count, taken->nack ? SOL_NACK : 0};

	if (bmc_chance(sol->bmc, FAULT_SOL_LOSE_ACKS))
		return;
	if (has(sol->bmc, FAULT_SOL_COUNT_ZERO))
		p[2] = 0;
	if (sol->console.far->powered && !power_is_on(sol->bmc))
		p[3] |= SOL_UNAVAILABLE;
	rmcpplus_answer(&origin, PAYLOAD_SOL, p, sizeof(p));
}

/* What is taken in part is acknowledged, with a smaller count; only of a refused packet is nothing. */
static void answer(struct sol *sol, uint8_t number, size_t count, size_t of)
{
	sol->taken = (struct sol_taken){number, (uint8_t)count, !count && of};
	sol->counts.in += count;
	acknowledge(sol);
}

/* How many of these the far end takes. */
static size_t pass_on(struct sol *sol, const uint8_t *bytes, size_t length)
{
	if (!sol->open || has(sol->bmc, FAULT_SOL_MUTE))
		return length;
	return sol->console.far->take(sol, bytes, length);
}

/* Characters that were not here before. When nothing of them can be taken, that may change soon. */
static void take(struct sol *sol, uint8_t number, const uint8_t *bytes, size_t length)
{
	struct bmc *bmc = sol->bmc;
	size_t most = length < SOL_CHARACTERS ? length : SOL_CHARACTERS, count;

	if (length && bmc_chance(bmc, FAULT_SOL_NACK)) {
		answer(sol, number, 0, length);
		return;
	}
	if (has(bmc, FAULT_SOL_PARTIAL) && most > bmc->faults->value[FAULT_SOL_PARTIAL])
		most = bmc->faults->value[FAULT_SOL_PARTIAL];
	count = most ? pass_on(sol, bytes, most) : 0;
	if (most && !count) {
		sol->held.until = now + hold_time;
		sol->held.number = number;
		sol->held.length = (uint8_t)most;
		memcpy(sol->held.bytes, bytes, most);
		return;
	}
	answer(sol, number, count, length);
}

/* Tries again to pass on what is held. */
static void take_held(struct sol *sol)
{
	struct sol_held *held = &sol->held;
	uint8_t number = held->number;
	size_t count;

	if (!number)
		return;
	count = pass_on(sol, held->bytes, held->length);
	if (!count && now < held->until)
		return;
	held->number = 0;
	answer(sol, number, count, held->length);
}

/*
 * The fault that makes it deaf for one number now and then, until another comes: whether it does
 * not hear this packet.
 */
static bool is_stuck(struct sol *sol, uint8_t number)
{
	const struct bmc *bmc = sol->bmc;

	if (!has(bmc, FAULT_SOLPACKETSEQ))
		return false;
	if (sol->stuck) {
		if (number == sol->stuck)
			return true;
		sol->stuck = 0;
		return false;
	}
	if (++sol->counts.stuck % bmc->faults->value[FAULT_SOLPACKETSEQ])
		return false;
	sol->stuck = number;
	return true;
}

static void take_operation(struct sol *sol, uint8_t operation)
{
	const struct far_end *far = sol->console.far;

	if (operation & SOL_FLUSH_OUT) {
		sol->counts.dropped += sol->length - sol->under_way;
		sol->length = sol->under_way;
	}
	sol->no_carrier = operation & SOL_DCD_OFF;
	sol->paused = operation & SOL_CTS_OFF;
	if (!(operation & SOL_BREAK))
		return;
	sol->counts.breaks++;
	log_line(sol->bmc, CODE_OK, "sol break");
	if (sol->open && far->take_break && !is_mute(sol))
		far->take_break(sol);
}

void sol_receive(const struct origin *origin, const uint8_t *bytes, size_t length)
{
	struct sol *sol = origin->bmc->sol;
	uint8_t number;

	if (length < SOL_HEADER) {
		stats.malformed++;
		return;
	}
	if (!sol || sol->session != origin->session || has(sol->bmc, FAULT_SOL_DEAD))
		return;
	sol->to = origin->from;
	number = bytes[0] & 0x0f;
	take_acknowledgement(sol, bytes[1] & 0x0f, bytes[2], bytes[3] & SOL_NACK);
	if (!number) {
		take_operation(sol, bytes[3]);
	} else if (number == sol->taken.number) {
		/* again: its answer was lost */
		acknowledge(sol);
	} else if (number != sol->held.number && !is_stuck(sol, number)) {
		sol->held.number = 0;
		take_operation(sol, bytes[3]);
		take(sol, number, bytes + SOL_HEADER, length - SOL_HEADER);
	}
	sol_go(sol);
}

/* -- time -------------------------------------------------------------------------------------- */

static double least(double a, double b)
{
	return a < b ? a : b;
}

void sol_go(struct sol *sol)
{
	size_t before = sol->length;
	double next;

	if (!sol->session)
		return;
	if (sol->waiting && sol->retry_at <= now)
		retry(sol);
	take_held(sol);
	if (sol->open && sol->far_at <= now)
		sol->far_at = sol->console.far->tick(sol);
	send_next(sol);
	if (sol->open && before < SOL_BUFFER / 2 && sol->console.far->ready)
		sol->console.far->ready(sol);
	next = sol->waiting ? sol->retry_at : send_at(sol);
	if (sol->held.number)
		next = least(next, sol->held.until);
	if (sol->open)
		next = least(next, sol->far_at);
	if (next < HUGE_VAL)
		alarm_set(&sol->alarm, next);
	else
		alarm_stop(&sol->alarm);
}

static void ring(struct alarm *alarm)
{
	struct sol *sol = (struct sol *)((char *)alarm - offsetof(struct sol, alarm));

	if (sol->session && session_is_over(sol->session))
		session_end(sol->session);
	sol_go(sol);
}

/* -- who has it -------------------------------------------------------------------------------- */

uint8_t sol_protection(const struct session *session)
{
	const struct sol *sol = session->bmc->sol;

	return sol && sol->session == session ? sol->protection : session_protection(session);
}

void sol_begin(struct sol *sol, const struct origin *origin, uint8_t protection, bool no_carrier)
{
	sol->session = origin->session;
	sol->to = origin->from;
	sol->protection = protection;
	sol->no_carrier = no_carrier;
	/* FreeIPMI asks for it and waits for characters: machines do not look at CTS */
	sol->paused = no_carrier && has(sol->bmc, FAULT_SOL_HANDSHAKE);
	sol->waiting = sol->overrun = false;
	sol->number = sol->under_way = sol->stuck = 0;
	sol->not_before = 0;
	sol->length = 0;
	sol->taken = (struct sol_taken){0};
	sol->held.number = 0;
	sol->counts.activations++;
	log_line(sol->bmc, CODE_OK, "sol begins");
	begin_far(sol);
	sol_go(sol);
}

void sol_end(struct sol *sol, bool notice, const char *reason)
{
	if (!sol->session)
		return;
	if (notice && !has(sol->bmc, FAULT_SOL_NO_NOTICE))
		sol_tell(sol, SOL_DEACTIVATING);
	log_line(sol->bmc, CODE_OK, "sol ends: %s", reason);
	sol->session = NULL;
	sol->length = sol->under_way = 0;
	sol->waiting = false;
	alarm_stop(&sol->alarm);
	/* what comes now is let go by */
	if (sol->open && sol->console.far->ready)
		sol->console.far->ready(sol);
}

void sol_session_ends(struct session *session)
{
	struct sol *sol = session->bmc->sol;

	if (sol && sol->session == session)
		sol_end(sol, false, session_is_over(session) ? "time is up" : "session closed");
}
