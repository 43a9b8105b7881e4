/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line for each thing that was asked of a BMC: ADDRESS WHAT [DETAILS] RESULT. No secrets. */
#ifndef BMCSIM_LOG_H
#define BMCSIM_LOG_H

#include <stdbool.h>

struct bmc;

/* 0, or an errno. */
int log_open(const char *path);

/* The result is "ok", 0x and two digits, "silent" for a code below zero. */
void log_line(const struct bmc *bmc, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Before answers are sent, so that who has one finds the line. */
void log_flush(void);

#endif
