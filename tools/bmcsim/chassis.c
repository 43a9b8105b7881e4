/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chassis commands (IPMI 2.0, chapter 28). */
#include "boot.h"
#include "command.h"
#include "log.h"
#include "program.h"
#include "wire.h"

#include <math.h>

/* 28.1: no intrusion switch, no lockout; all devices at the BMC's own address. */
static int get_chassis_capabilities(struct request *request)
{
	static const uint8_t capabilities[] = {0x00, 0x20, 0x20, 0x20, 0x20};

	reply_add(request, capabilities, sizeof(capabilities));
	return CODE_OK;
}

static uint8_t identify_state(const struct bmc *bmc)
{
	if (bmc->identify_until == HUGE_VAL)
		return 2;
	return bmc->identify_until > now;
}

void chassis_status(struct request *request, bool on)
{
	const struct bmc *bmc = request->origin.bmc;

	reply_byte(request, (uint8_t)(bmc->power.policy << 5 | on));
	reply_byte(request, bmc->power.last_event);
	reply_byte(request, (uint8_t)(0x40 | identify_state(bmc) << 4));
}

/* 28.2 */
static int get_chassis_status(struct request *request)
{
	struct bmc *bmc = request->origin.bmc;

	if (bmc->profile->program)
		return program_status(request);
	chassis_status(request, power_is_on(bmc));
	return CODE_OK;
}

/* 28.3 */
static int chassis_control(struct request *request)
{
	struct bmc *bmc = request->origin.bmc;
	uint8_t control = request->data[0] & 0x0f;

	if (control >= CONTROLS)
		return CODE_BAD_FIELD;
	log_line(bmc, CODE_OK, "control %s", control_words[control]);
	if (bmc->profile->program)
		return program_control(request, control);
	return power_control(bmc, control);
}

/* 28.5: for 15 seconds, or so many, or without end. */
static int chassis_identify(struct request *request)
{
	struct bmc *bmc = request->origin.bmc;
	uint8_t seconds = request->length ? request->data[0] : 15;

	if (request->length > 1 && request->data[1] & 1)
		bmc->identify_until = HUGE_VAL;
	else
		bmc->identify_until = seconds ? now + seconds : 0;
	return CODE_OK;
}

/* 28.8: any policy */
static int set_restore_policy(struct request *request)
{
	uint8_t policy = request->data[0] & 7;

	if (policy > 3)
		return CODE_BAD_FIELD;
	if (policy < 3)
		request->origin.bmc->power.policy = policy;
	reply_byte(request, 0x07);
	return CODE_OK;
}

/* 28.11 */
static int get_restart_cause(struct request *request)
{
	reply_byte(request, request->origin.bmc->power.restart_cause);
	reply_byte(request, 1);
	return CODE_OK;
}

const struct command chassis_commands[] = {
	{NETFN_CHASSIS, 0x00, PRIVILEGE_USER, 0, 0, "get-chassis-capabilities",
	 get_chassis_capabilities},
	{NETFN_CHASSIS, 0x01, PRIVILEGE_USER, 0, 0, "get-chassis-status", get_chassis_status},
	{NETFN_CHASSIS, 0x02, PRIVILEGE_OPERATOR, 1, 1, "chassis-control", chassis_control},
	{NETFN_CHASSIS, 0x04, PRIVILEGE_OPERATOR, 0, 2, "chassis-identify", chassis_identify},
	{NETFN_CHASSIS, 0x06, PRIVILEGE_OPERATOR, 1, 1, "set-power-restore-policy",
	 set_restore_policy},
	{NETFN_CHASSIS, 0x07, PRIVILEGE_USER, 0, 0, "get-system-restart-cause", get_restart_cause},
	{NETFN_CHASSIS, 0x08, PRIVILEGE_OPERATOR, 1, 24, "set-system-boot-options",
	 boot_options_set},
	{NETFN_CHASSIS, 0x09, PRIVILEGE_OPERATOR, 3, 3, "get-system-boot-options",
	 boot_options_get},
	{.name = NULL},
};
