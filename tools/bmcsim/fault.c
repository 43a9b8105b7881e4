/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of faults, and how their values are written. See fault.h. */
#include "fault.h"

#include <stdlib.h>
#include <string.h>

enum form { FLAG, PERCENT, COUNT, NOT_ZERO, LATENCY, REFUSE, CODE };

/* Of Get Payload Activation Status, where it is not there: invalid data field. */
enum { CODE_NO_STATUS = 0xcc };

static const struct kind {
	const char *name;
	enum fault fault;
	enum form form;
	uint32_t otherwise;		/* the value when none is written */
	const char *help;
} kinds[] = {
	{"latency", FAULT_LATENCY, LATENCY, 50, "=MS[+JITTER]: answers come so much later"},
	{"lose-requests", FAULT_LOSE_REQUESTS, PERCENT, 30, "[=PERCENT]: requests do not arrive"},
	{"lose-answers", FAULT_LOSE_ANSWERS, PERCENT, 30, "[=PERCENT]: answers do not arrive"},
	{"duplicate", FAULT_DUPLICATE, PERCENT, 30, "[=PERCENT]: answers come twice"},
	{"reorder", FAULT_REORDER, PERCENT, 30,
	 "[=PERCENT]: answers come up to 50 ms later, and so behind others"},
	{"garbage", FAULT_GARBAGE, PERCENT, 100,
	 "[=PERCENT]: a datagram of noise before an answer"},
	{"bad-checksum", FAULT_BAD_CHECKSUM, PERCENT, 100,
	 "[=PERCENT]: answers with wrong message checksums"},
	{"bad-authcode", FAULT_BAD_AUTHCODE, PERCENT, 100,
	 "[=PERCENT]: answers with a wrong authentication code"},

	{"dead", FAULT_DEAD, FLAG, 0, ": does not answer at all"},
	{"no-ping", FAULT_NO_PING, FLAG, 0, ": ignores the RMCP/ASF ping"},
	{"ipmiping", FAULT_NO_PING, FLAG, 0, ": the same, by FreeIPMI's name"},
	{"silent-open-session", FAULT_SILENT_OPEN_SESSION, COUNT, 0,
	 "[=N]: ignores Open Session, always or N times"},
	{"silent-cipher-suites", FAULT_SILENT_CIPHER_SUITES, COUNT, 0,
	 "[=N]: ignores Get Channel Cipher Suites, always or N times"},
	{"only-1.5", FAULT_ONLY_15, FLAG, 0, ": knows nothing of IPMI 2.0"},
	{"only-2.0", FAULT_ONLY_20, FLAG, 0,
	 ": has no IPMI 1.5 sessions, and ignores the 1.5 form of Get Channel Authentication\n"
	 "Capabilities (FIB, authentication 27)"},
	{"stuck-power", FAULT_STUCK_POWER, FLAG, 0,
	 ": says ok to Chassis Control and does nothing"},
	{"soft-ignored", FAULT_SOFT_IGNORED, FLAG, 0,
	 ": says ok to a soft shutdown and does nothing"},
	{"no-close-answer", FAULT_NO_CLOSE_ANSWER, FLAG, 0,
	 ": closes sessions without an answer (FIB, session 1)"},
	{"lose-rakp4", FAULT_LOSE_RAKP4, COUNT, 1,
	 "[=N]: the first N RAKP-4 answers of a session (1) are lost; 0: all"},
	{"challenge-new-port", FAULT_CHALLENGE_NEW_PORT, FLAG, 0,
	 ": the first Get Session Challenge of a log-in is ignored, and so are its repetitions\n"
	 "from the same source port (FIB, authentication 1)"},

	{"refuse", FAULT_REFUSE, REFUSE, 0,
	 "=SUITE[:STATUS]: offers this cipher suite and refuses it, with 0x11 or STATUS"},
	{"busy", FAULT_BUSY, COUNT, 1,
	 "[=N]: the first N (1) commands in sessions, but Close Session, are answered by 0xC0\n"
	 "(node busy)"},
	{"code", FAULT_CODE, CODE, 0,
	 "=NETFN/COMMAND:CODE: the command is not done, but answered by this code"},
	{"lockout", FAULT_LOCKOUT, COUNT, 3,
	 "[=N]: no user is known any more after N (3) failed log-ins"},
	{"echo-privilege", FAULT_ECHO_PRIVILEGE, FLAG, 0,
	 ": Open Session's answer repeats the privilege asked for, so 0 for \"highest\" (FIB,\n"
	 "authentication 6; OpenIPMI's ipmi_sim)"},
	{"exact-privilege", FAULT_EXACT_PRIVILEGE, FLAG, 0,
	 ": a session can only be had with the user's own privilege limit (FIB, authentication\n"
	 "24)"},
	{"sequence-off-by-one", FAULT_SEQUENCE_OFF_BY_ONE, FLAG, 0,
	 ": the first session sequence number is one too high (FIB, authentication 3)"},
	{"sequence-gaps", FAULT_SEQUENCE_GAPS, FLAG, 0,
	 ": every second session sequence number is left out (FIB, session 9)"},

	{"authcap", FAULT_AUTHCAP, FLAG, 0,
	 ": capabilities are told wrong: no user names, no authentication types, K_g the other\n"
	 "way round (Asus P5M2, Intel SR1520ML)"},
	{"idzero", FAULT_IDZERO, FLAG, 0,
	 ": 1.5: answers carry session id 0 (Tyan S2882)"},
	{"unexpectedauth", FAULT_UNEXPECTEDAUTH, FLAG, 0,
	 ": 1.5: per-message authentication is off, and answers carry it (Dell PowerEdge 2850)"},
	{"forcepermsg", FAULT_FORCEPERMSG, FLAG, 0,
	 ": 1.5: per-message authentication is said to be off, and is required (IBM eServer 325)"},
	{"endianseq", FAULT_ENDIANSEQ, FLAG, 0,
	 ": 1.5: answers carry the session sequence number with its bytes swapped (Sun Fire 4100)"},
	{"noauthcodecheck", FAULT_NOAUTHCODECHECK, FLAG, 0,
	 ": 1.5: answers carry zeros for the authentication code (Xyratex HB-F8-SRAY)"},
	{"nochecksumcheck", FAULT_NOCHECKSUMCHECK, FLAG, 0,
	 ": answers carry wrong message checksums (Supermicro X9SCM-iiF)"},
	{"intel20", FAULT_INTEL20, FLAG, 0,
	 ": 2.0: wants user names of 16 bytes, cuts passwords to 16 with HMAC-MD5, leaves the\n"
	 "look-up bit out of RAKP 3, makes RAKP 4 with the integrity algorithm and repeats the\n"
	 "privilege in Open Session (Intel SE7520AF2)"},
	{"supermicro20", FAULT_SUPERMICRO20, FLAG, 0,
	 ": 2.0: RAKP 2 is one byte too long (Supermicro H8QME, Peppercon)"},
	{"sun20", FAULT_SUN20, FLAG, 0,
	 ": 2.0: RAKP 2 is one byte too long with HMAC-SHA1, wrong tags in the cipher suite\n"
	 "records, and opensesspriv (Sun Fire 4100)"},
	{"opensesspriv", FAULT_OPENSESSPRIV, FLAG, 0,
	 ": 2.0: keys are made with the privilege of Open Session (Supermicro X8DTH, Dell C5220)"},
	{"integritycheckvalue", FAULT_INTEGRITYCHECKVALUE, FLAG, 0,
	 ": 2.0: RAKP 4 has an integrity check value in suite 0 (Supermicro X8DTG)"},

	{"solpayloadsize", FAULT_SOLPAYLOADSIZE, COUNT, 0x0301,
	 "[=SIZE]: SOL: Activate Payload tells sizes that cannot be (769; Asus P5M2, Intel X38ML)"},
	{"solport", FAULT_SOLPORT, COUNT, 664,
	 "[=PORT]: SOL: Activate Payload tells a port (664) where nobody is (Asus P5MT-R)"},
	{"solstatus", FAULT_SOLSTATUS, COUNT, CODE_NO_STATUS,
	 "[=CODE]: SOL: Get Payload Activation Status is refused, by 0xcc (Supermicro X8SIL-F)"},
	{"solchannelsupport", FAULT_SOLCHANNELSUPPORT, FLAG, 0,
	 ": SOL: Get Channel Payload Support is not there (Quanta Winterfell, ipmi_sim)"},
	{"serialalertsdeferred", FAULT_SERIALALERTSDEFERRED, FLAG, 0,
	 ": SOL: Activate Payload wants serial alerts deferred (Quanta Winterfell)"},
	{"solpacketseq", FAULT_SOLPACKETSEQ, NOT_ZERO, 8,
	 "[=N]: SOL: each Nth (8th) packet number is not heard, until another comes (Quanta\n"
	 "Winterfell)"},
	{"sol-no-capacity", FAULT_SOL_NO_CAPACITY, FLAG, 0,
	 ": SOL: the instance capacity is told as 0 (FIB, SOL 16; Dell M605)"},
	{"sol-status-blind", FAULT_SOL_STATUS_BLIND, FLAG, 0,
	 ": SOL: the activation status never shows a session (FIB, SOL 13; Quanta S99Q)"},
	{"sol-always-active", FAULT_SOL_ALWAYS_ACTIVE, FLAG, 0,
	 ": SOL: always has a session already (FIB, SOL 18; Xyratex HB-F8-SRAY)"},
	{"sol-keeps", FAULT_SOL_KEEPS, FLAG, 0,
	 ": SOL: says ok to Deactivate Payload and does nothing (FIB, SOL 5; Supermicro H8QME)"},
	{"sol-own-deactivate", FAULT_SOL_OWN_DEACTIVATE, FLAG, 0,
	 ": SOL: for other sessions it is \"already deactivated\" (FIB, SOL 17; Dell M605)"},
	{"sol-no-notice", FAULT_SOL_NO_NOTICE, FLAG, 0,
	 ": SOL: who loses it is not told (FIB, SOL 6; Dell R610, R710)"},
	{"sol-no-encryption", FAULT_SOL_NO_ENCRYPTION, FLAG, 0,
	 ": SOL: cannot be had with encryption (0x83)"},
	{"sol-handshake", FAULT_SOL_HANDSHAKE, FLAG, 0,
	 ": SOL: Activate Payload without CTS holds all back until a packet comes that asserts it"},
	{"sol-dead", FAULT_SOL_DEAD, FLAG, 0,
	 ": SOL: packets are not acknowledged, none are sent; the session lives"},
	{"sol-mute", FAULT_SOL_MUTE, FLAG, 0,
	 ": SOL: characters are taken, none come back (FIB, SOL 8; Intel SR1520ML)"},
	{"sol-partial", FAULT_SOL_PARTIAL, NOT_ZERO, 1,
	 "[=N]: SOL: at most N (1) characters of a packet are taken"},
	{"sol-count-zero", FAULT_SOL_COUNT_ZERO, FLAG, 0,
	 ": SOL: acknowledgements say that 0 characters were taken, though all were"},
	{"sol-nack", FAULT_SOL_NACK, PERCENT, 30, "[=PERCENT]: SOL: packets are refused"},
	{"sol-lose-acks", FAULT_SOL_LOSE_ACKS, PERCENT, 30,
	 "[=PERCENT]: SOL: acknowledgements do not arrive"},
	{"sequence-jump", FAULT_SEQUENCE_JUMP, COUNT, 100,
	 "[=N]: the start of the machine takes N (100) session sequence numbers (FIB, SOL 7;\n"
	 "Tyan S4811)"},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* A number that ends where one of these characters, or the text, ends. */
static bool number(const char **text, uint32_t most, const char *ends, uint32_t *value)
{
	char *end;
	unsigned long n;

	if (**text < '0' || **text > '9')
		return false;
	n = strtoul(*text, &end, 0);
	if (n > most || (*end && !strchr(ends, *end)))
		return false;
	*text = end;
	*value = (uint32_t)n;
	return true;
}

static bool apply_latency(struct faults *faults, const char *text)
{
	uint32_t ms, jitter = 0;

	if (!number(&text, 3600000, "+", &ms))
		return false;
	if (*text++ == '+' && !number(&text, 3600000, "", &jitter))
		return false;
	faults->value[FAULT_LATENCY] = ms;
	faults->jitter = jitter;
	return true;
}

static bool apply_refuse(struct faults *faults, const char *text)
{
	uint32_t suite, status = 0x11;

	if (!number(&text, SUITE_IDS - 1, ":", &suite))
		return false;
	if (*text++ == ':' && (!number(&text, 0xff, "", &status) || !status))
		return false;
	faults->refuse[suite] = (uint8_t)status;
	return true;
}

static bool apply_code(struct faults *faults, const char *text)
{
	uint32_t netfn, command, code;

	if (faults->ncodes == CODES_MAX || !number(&text, 0x3f, "/", &netfn) || *text++ != '/' ||
	    !number(&text, 0xff, ":", &command) || *text++ != ':' ||
	    !number(&text, 0xff, "", &code))
		return false;
	faults->codes[faults->ncodes].netfn = (uint8_t)netfn;
	faults->codes[faults->ncodes].command = (uint8_t)command;
	faults->codes[faults->ncodes++].code = (uint8_t)code;
	return true;
}

static bool apply_value(struct faults *faults, const struct kind *kind, const char *text)
{
	uint32_t *value = &faults->value[kind->fault];

	if (!text && (kind->form == REFUSE || kind->form == CODE))
		return false;
	if (!text) {
		*value = kind->otherwise;
		return true;
	}
	switch (kind->form) {
	case FLAG:
		return false;
	case PERCENT:
		return number(&text, 100, "", value);
	case COUNT:
		return number(&text, UINT32_MAX, "", value);
	case NOT_ZERO:
		return number(&text, UINT32_MAX, "", value) && *value;
	case LATENCY:
		return apply_latency(faults, text);
	case REFUSE:
		return apply_refuse(faults, text);
	case CODE:
		return apply_code(faults, text);
	}
	return false;
}

static const struct kind *kind_find(const char *name, size_t length)
{
	for (int i = 0; i < KINDS; i++) {
		if (strlen(kinds[i].name) == length && !memcmp(kinds[i].name, name, length))
			return &kinds[i];
	}
	return NULL;
}

static void fault_clear(struct faults *faults, enum fault fault)
{
	faults->present &= ~(UINT64_C(1) << fault);
	if (fault == FAULT_REFUSE)
		memset(faults->refuse, 0, sizeof(faults->refuse));
	if (fault == FAULT_CODE)
		faults->ncodes = 0;
}

bool fault_apply(struct faults *faults, const char *text, const char **why)
{
	const char *equals = strchr(text, '=');
	const struct kind *kind;
	bool off = *text == '-';
	size_t length;

	text += off;
	length = equals ? (size_t)(equals - text) : strlen(text);
	/* short for two of them */
	if (!off && length == 4 && !memcmp(text, "loss", 4)) {
		char both[2][64];

		snprintf(both[0], sizeof(both[0]), "lose-requests%s", equals ? equals : "");
		snprintf(both[1], sizeof(both[1]), "lose-answers%s", equals ? equals : "");
		return fault_apply(faults, both[0], why) && fault_apply(faults, both[1], why);
	}
	kind = kind_find(text, length);
	if (!kind) {
		*why = "there is no such fault: --help lists them";
		return false;
	}
	if (off) {
		fault_clear(faults, kind->fault);
		return true;
	}
	if (!apply_value(faults, kind, equals ? equals + 1 : NULL)) {
		*why = kind->form == FLAG ? "the fault takes no value" :
					    "the value is missing or wrong: see --help";
		return false;
	}
	faults->present |= UINT64_C(1) << kind->fault;
	return true;
}

void fault_list(FILE *to)
{
	for (int i = 0; i < KINDS; i++) {
		const char *help = kinds[i].help;

		fprintf(to, "  %s", kinds[i].name);
		for (; *help; help++) {
			fputc(*help, to);
			if (*help == '\n')
				fputs("      ", to);
		}
		fputc('\n', to);
	}
	fputs("  loss[=PERCENT]: lose-requests and lose-answers\n", to);
}
