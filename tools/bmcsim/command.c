/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IPMI messages: which command a request is, whether it may be done, and its answer. See command.h.
 */
#include "command.h"
#include "log.h"
#include "wire.h"

#include <string.h>

/*
 * Of a request: to, netfn and LUN, checksum, from, number and LUN, command … checksum (table 13-8).
 */
enum { MESSAGE_MIN = 7, BMC_ADDRESS = 0x20 };

/* Network functions of requests are even; none of those here is greater. */
enum { TABLED = NETFN_TRANSPORT / 2 + 1 };

static const struct command *const tables[] = {app_commands, session_commands, chassis_commands,
					       sol_commands};

void reply_add(struct request *request, const void *bytes, size_t length)
{
	if (length > REPLY_MAX - request->reply_length)
		length = REPLY_MAX - request->reply_length;
	memcpy(request->reply + request->reply_length, bytes, length);
	request->reply_length += length;
}

void reply_byte(struct request *request, uint8_t byte)
{
	reply_add(request, &byte, 1);
}

/* Commands by network function and number; rows are made at the first look. */
static const struct command *command_find(uint8_t netfn, uint8_t number)
{
	static const struct command *index[TABLED][256];
	static bool made;

	for (size_t t = 0; !made && t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct command *c = tables[t]; c->name; c++)
			index[c->netfn / 2][c->command] = c;
	}
	made = true;
	return netfn / 2 < TABLED ? index[netfn / 2][number] : NULL;
}

static bool is_close(const struct request *request)
{
	return request->netfn == NETFN_APP && request->command == 0x3c;
}

/* What a fault makes of a command; CODE_OK: nothing. */
static int fault_code(struct request *request)
{
	const struct faults *faults = request->origin.bmc->faults;

	if (fault_is(faults, FAULT_CODE)) {
		for (int i = 0; i < faults->ncodes; i++) {
			if (faults->codes[i].netfn == request->netfn &&
			    faults->codes[i].command == request->command)
				return faults->codes[i].code;
		}
	}
	if (fault_is(faults, FAULT_BUSY) && request->origin.session &&
	    request->origin.bmc->busy_left && !is_close(request)) {
		request->origin.bmc->busy_left--;
		return CODE_BUSY;
	}
	return CODE_OK;
}

static int run(struct request *request, const struct command *command)
{
	const struct session *session = request->origin.session;
	int code;

	if (command && command->privilege &&
	    (!session || session->step != STEP_ACTIVE || session->privilege < command->privilege))
		return CODE_NO_PRIVILEGE;
	if (!command && !session)
		return CODE_NO_PRIVILEGE;
	code = fault_code(request);
	if (code)
		return code;
	if (!command)
		return CODE_UNKNOWN;
	if (request->lun)
		return CODE_BAD_LUN;
	if (request->length < command->least || request->length > command->most)
		return CODE_BAD_LENGTH;
	return command->run(request);
}

/* A session that is to end does so behind its last answer. */
static void close_session(struct origin *origin)
{
	if (origin->session && origin->session->closing) {
		session_end(origin->session);
		origin->session = NULL;
	}
}

static void answer(struct request *request, int code)
{
	uint8_t message[MESSAGE_MAX], *p = message;
	struct origin *origin = &request->origin;
	bool bad_sums = has(origin->bmc, FAULT_NOCHECKSUMCHECK) ||
			bmc_chance(origin->bmc, FAULT_BAD_CHECKSUM);

	*p++ = request->from_address;
	*p++ = (uint8_t)((request->netfn | 1) << 2 | request->from_lun);
	*p++ = (uint8_t)(checksum(message, 2) + bad_sums);
	*p++ = BMC_ADDRESS;
	*p++ = (uint8_t)(request->number << 2 | request->lun);
	*p++ = request->command;
	*p++ = (uint8_t)code;
	if (code == CODE_OK) {
		memcpy(p, request->reply, request->reply_length);
		p += request->reply_length;
	}
	*p = (uint8_t)(checksum(message + 3, (size_t)(p - message - 3)) + bad_sums);
	p++;
	if (origin->rmcpplus)
		rmcpplus_answer(origin, PAYLOAD_IPMI, message, (size_t)(p - message));
	else
		lan15_answer(origin, message, (size_t)(p - message));
}

void request_answer(struct request *request, int code)
{
	struct origin *origin = &request->origin;

	if (origin->session) {
		origin->session = session_find(origin->bmc, origin->session_id);
		if (!origin->session)
			return;
	}
	answer(request, code);
}

void message_receive(const struct origin *origin, const uint8_t *p, size_t length)
{
	struct request request = {.origin = *origin};
	const struct command *command;
	int code;

	if (length < MESSAGE_MIN || checksum(p, 3) || checksum(p + 3, length - 3)) {
		stats.malformed++;
		return;
	}
	/* answers, and messages that want to go further */
	if (p[0] != BMC_ADDRESS || p[1] & 1 << 2)
		return;
	request.netfn = p[1] >> 2;
	request.lun = p[1] & 3;
	request.from_address = p[3];
	request.number = p[4] >> 2;
	request.from_lun = p[4] & 3;
	request.command = p[5];
	request.data = p + 6;
	request.length = length - MESSAGE_MIN;
	origin->bmc->requests++;
	command = command_find(request.netfn, request.command);
	code = run(&request, command);
	if (command)
		log_line(origin->bmc, code == CODE_LATER ? CODE_OK : code, "%s", command->name);
	else
		log_line(origin->bmc, code, "unknown-%02x-%02x", request.netfn, request.command);
	if (code >= 0)
		answer(&request, code);
	close_session(&request.origin);
}
