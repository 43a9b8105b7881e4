/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SOL configuration parameters (IPMI 2.0, 26.2, 26.3, table 26-5). */
#include "sol.h"
#include "wire.h"

enum parameter {
	PROGRESS,
	ENABLE,
	AUTHENTICATION,
	ACCUMULATE,
	RETRY,
	BIT_RATE,
	VOLATILE_BIT_RATE,
	PAYLOAD_CHANNEL,
	PAYLOAD_PORT,
	PARAMETERS
};

enum {
	CODE_NO_PARAMETER = 0x80,
	CODE_IN_PROGRESS = 0x81,
	CODE_READ_ONLY = 0x82,
	REVISION = 0x11,
	REVISION_ONLY = 0x80,		/* in the channel's byte */
	FORCE_ENCRYPTION = 0x80,
	FORCE_AUTHENTICATION = 0x40,
	CHANNEL = 1,
	THIS_CHANNEL = 0x0e,
};

static bool is_channel(uint8_t channel)
{
	return (channel & 0x0f) == CHANNEL || (channel & 0x0f) == THIS_CHANNEL;
}

static int set_progress(struct sol_settings *settings, uint8_t progress)
{
	progress &= 3;
	if (progress == 1 && settings->progress == 1)
		return CODE_IN_PROGRESS;
	/* commit: what was written is valid already */
	settings->progress = progress == 2 ? 0 : progress;
	return CODE_OK;
}

static int set_authentication(struct sol_settings *settings, uint8_t byte)
{
	uint8_t privilege = byte & 0x0f;

	if (privilege < PRIVILEGE_USER || privilege > PRIVILEGE_OEM)
		return CODE_BAD_FIELD;
	settings->force_encryption = byte & FORCE_ENCRYPTION;
	settings->force_authentication = byte & FORCE_AUTHENTICATION;
	settings->privilege = privilege;
	return CODE_OK;
}

/* 9600 to 115200 bit/s, or 0 for what the serial channel has (table 26-5, parameter 5). */
static int set_bit_rate(uint8_t *to, uint8_t rate)
{
	rate &= 0x0f;
	if (rate && (rate < 6 || rate > 10))
		return CODE_OUT_OF_RANGE;
	*to = rate;
	return CODE_OK;
}

static int set_pairs(struct sol_settings *settings, uint8_t parameter, const uint8_t *p)
{
	if (parameter == ACCUMULATE) {
		/* from 1 on */
		if (!p[0])
			return CODE_BAD_FIELD;
		settings->accumulate = p[0];
		settings->threshold = p[1];
	} else {
		settings->retry_count = p[0] & 7;
		settings->retry_interval = p[1];
	}
	return CODE_OK;
}

int sol_config_set(struct request *request)
{
	static const uint8_t lengths[PARAMETERS] = {1, 1, 1, 2, 2, 1, 1, 1, 2};
	struct sol *sol = sol_get(request->origin.bmc);
	const uint8_t *p = request->data + 2;
	uint8_t parameter = request->data[1];

	if (!sol)
		return CODE_UNSPECIFIED;
	if (!is_channel(request->data[0]))
		return CODE_BAD_FIELD;
	if (parameter >= PARAMETERS)
		return CODE_NO_PARAMETER;
	if (request->length - 2 != lengths[parameter])
		return CODE_BAD_LENGTH;
	switch ((enum parameter)parameter) {
	case PROGRESS:
		return set_progress(&sol->settings, *p);
	case ENABLE:
		sol->settings.enabled = *p & 1;
		return CODE_OK;
	case AUTHENTICATION:
		return set_authentication(&sol->settings, *p);
	case ACCUMULATE:
	case RETRY:
		return set_pairs(&sol->settings, parameter, p);
	case BIT_RATE:
		return set_bit_rate(&sol->settings.bit_rate, *p);
	case VOLATILE_BIT_RATE:
		return set_bit_rate(&sol->settings.volatile_bit_rate, *p);
	case PAYLOAD_CHANNEL:
	case PAYLOAD_PORT:
		return CODE_READ_ONLY;
	case PARAMETERS:
		break;
	}
	return CODE_NO_PARAMETER;
}

static void put_parameter(struct request *request, enum parameter parameter,
			  const struct sol_settings *settings)
{
	const uint8_t values[PARAMETERS][2] = {
		[PROGRESS] = {settings->progress},
		[ENABLE] = {settings->enabled},
		[AUTHENTICATION] = {(uint8_t)((settings->force_encryption ? FORCE_ENCRYPTION : 0) |
					      (settings->force_authentication ?
						       FORCE_AUTHENTICATION :
						       0) |
					      settings->privilege)},
		[ACCUMULATE] = {settings->accumulate, settings->threshold},
		[RETRY] = {settings->retry_count, settings->retry_interval},
		[BIT_RATE] = {settings->bit_rate},
		[VOLATILE_BIT_RATE] = {settings->volatile_bit_rate},
		[PAYLOAD_CHANNEL] = {CHANNEL},
		[PAYLOAD_PORT] = {(uint8_t)sol_port, (uint8_t)(sol_port >> 8)},
	};
	bool pair = parameter == ACCUMULATE || parameter == RETRY || parameter == PAYLOAD_PORT;

	reply_add(request, values[parameter], pair ? 2 : 1);
}

int sol_config_get(struct request *request)
{
	const struct bmc *bmc = request->origin.bmc;
	uint8_t parameter = request->data[1];

	if (!is_channel(request->data[0]))
		return CODE_BAD_FIELD;
	if (parameter >= PARAMETERS)
		return CODE_NO_PARAMETER;
	reply_byte(request, REVISION);
	if (!(request->data[0] & REVISION_ONLY))
		put_parameter(request, parameter,
			      bmc->sol ? &bmc->sol->settings : &bmc->profile->sol);
	return CODE_OK;
}
