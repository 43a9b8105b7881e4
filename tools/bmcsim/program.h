/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program that stands for a BMC's power, so that a real machine can be behind one:
 *	PROGRAM ADDRESS get power		prints power:0 or power:1
 *	PROGRAM ADDRESS set WORD VALUE		power 0|1, reset 1, shutdown 1, nmi 1, boot DEVICE
 * It runs beside everything else; the command that wants it is answered when it has ended.
 */
#ifndef BMCSIM_PROGRAM_H
#define BMCSIM_PROGRAM_H

#include "command.h"

struct ev_loop;

/* Get Chassis Status: CODE_LATER, then status_answer is called; or a code. */
int program_status(struct request *request);

/* Chassis Control. */
int program_control(struct request *request, enum control control);

/* The boot device was set: nobody waits for it. */
void program_boot(struct bmc *bmc, const char *device);

void program_start(struct ev_loop *loop);

/* Ends what runs. */
void program_stop(void);

/* Fills in the reply of Get Chassis Status (chassis.c). */
void chassis_status(struct request *request, bool on);

#endif
