/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzzers of drivers/ipmi share: an IPMI message, read as the answer to every command. */
#ifndef FUZZ_IPMI_ANSWERS_H
#define FUZZ_IPMI_ANSWERS_H

#include "drivers/ipmi/command.h"
#include "drivers/ipmi/message.h"
#include "drivers/ipmi/suite.h"

#include <stdlib.h>

/* What was found lies inside of what was given. */
static inline void must_contain(struct view outer, struct view inner)
{
	if (inner.length && (inner.at < outer.at || inner.at + inner.length > outer.at + outer.length))
		abort();
}

/* Flags that were set and are asked for are the same. */
static inline void boot_flags_return(const struct boot_flags *flags)
{
	uint8_t answer[1 + MESSAGE_DATA_MAX] = {1};
	struct boot_flags again;
	struct response r = {.netfn = NETFN_CHASSIS, .command = 0x09};
	struct request q;

	boot_flags_request(&q, flags);
	memcpy(answer + 1, q.data, q.length);
	r.data = (struct view){answer, 1 + q.length};
	if (boot_flags_decode(&r, &again) || again.valid != flags->valid ||
	    again.persistent != flags->persistent || again.efi != flags->efi ||
	    again.device != flags->device)
		abort();
}

/* Data as each command's answer, whatever it was sent as. */
static inline void read_answers(struct response r)
{
	static const uint8_t commands[][2] = {
		{NETFN_APP, 0x38}, {NETFN_APP, 0x39}, {NETFN_APP, 0x3a}, {NETFN_APP, 0x3b},
		{NETFN_APP, 0x54}, {NETFN_CHASSIS, 0x01}, {NETFN_CHASSIS, 0x09},
	};
	struct auth_capabilities capabilities;
	struct chassis_status status;
	struct activation activation;
	struct challenge challenge;
	struct boot_flags flags;
	struct view records;
	uint32_t set = 0;

	r.completion = COMPLETION_OK;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		int right = 0;

		r.netfn = (enum netfn)commands[i][0];
		r.command = commands[i][1];
		right += !auth_capabilities_decode(&r, &capabilities);
		right += privilege_decode(&r) >= 0;
		right += !chassis_status_decode(&r, &status);
		right += !activation_decode(&r, &activation);
		if (!challenge_decode(&r, &challenge)) {
			must_contain(r.data, (struct view){challenge.string, 16});
			right++;
		}
		if (!cipher_suites_decode(&r, &records)) {
			must_contain(r.data, records);
			suite_records_decode(records, &set);
			right++;
		}
		if (!boot_flags_decode(&r, &flags)) {
			boot_flags_return(&flags);
			right++;
		}
		if (right > 1)
			abort();
	}
}

/* A payload of type IPMI. */
static inline void read_message(struct view payload)
{
	struct response strict, loose;
	int err = response_decode(payload, true, &strict);

	if (response_decode(payload, false, &loose)) {
		if (!err)
			abort();
		return;
	}
	must_contain(payload, loose.data);
	if (!err && (strict.netfn != loose.netfn || strict.command != loose.command ||
		     strict.sequence != loose.sequence || strict.data.at != loose.data.at ||
		     strict.data.length != loose.data.length))
		abort();
	if (!*completion_text(loose.netfn, loose.command, loose.completion))
		abort();
	read_answers(loose);
}

#endif
