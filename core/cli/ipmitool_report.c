/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What ipmitool says of what happened: its lines, by what the driver ended with. Callers look for
 * some of them: Ironic for "Node busy", "insufficient resources for session" and others. It tells
 * no cause where a session fails by IPMI 2.0; with -v the cause stands in front, in our words.
 */
#include "cli/ipmi_front.h"
#include "cli/ipmitool.h"
#include "engine/driver.h"
#include "engine/plan.h"
#include "engine/reporter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Completion codes (IPMI 2.0, table 5-2) as ipmitool tells them. */
static const struct completion {
	int code;
	const char *text;
} completions[] = {
	{0xc0, "Node busy"}, {0xc1, "Invalid command"}, {0xc2, "Invalid command on LUN"},
	{0xc3, "Timeout"}, {0xc4, "Out of space"}, {0xc5, "Reservation cancelled or invalid"},
	{0xc6, "Request data truncated"}, {0xc7, "Request data length invalid"},
	{0xc8, "Request data field length limit exceeded"}, {0xc9, "Parameter out of range"},
	{0xcc, "Invalid data field in request"}, {0xce, "Command response could not be provided"},
	{0xcf, "Cannot execute duplicated request"}, {0xd1, "Device firmeware in update mode"},
	{0xd2, "BMC initialization in progress"}, {0xd3, "Destination unavailable"},
	{0xd4, "Insufficient privilege level"}, {0xd5, "Command not supported in present state"},
	{0xd6, "Cannot execute command, command disabled"}, {0xff, "Unspecified error"},
};

static const struct telling *telling;

void ipmitool_tell_by(const struct telling *it)
{
	telling = it;
}

void ipmitool_no_session(bool v15)
{
	fputs(v15 ? "Error: Unable to establish IPMI v1.5 / RMCP session\n" :
		    "Error: Unable to establish IPMI v2 / RMCP+ session\n", stderr);
}

/* The sentence without the driver's name. */
static const char *cause(const struct outcome *o)
{
	size_t length = o->driver ? strlen(o->driver->name) : 0;

	if (!o->error)
		return "no memory to say why";
	if (length && !strncmp(o->error, o->driver->name, length) &&
	    !strncmp(o->error + length, ": ", 2))
		return o->error + length + 2;
	return o->error;
}

static const char *completion_text(const char *sentence)
{
	int code = ipmi_code(sentence);

	for (size_t i = 0; i < sizeof(completions) / sizeof(completions[0]); i++) {
		if (completions[i].code == code)
			return completions[i].text;
	}
	return sentence;
}

/* Log-in by IPMI 1.5 failed: the step at which it did. */
static void tell_step(int err)
{
	switch (-err) {
	case EACCES:
	case ETIME:
		/* it does not answer who has another password */
		fputs("Activate Session command failed\n", stderr);
		break;
	case EPERM:
		fputs("Activate Session error:\tRequested privilege level exceeds limit\n",
		      stderr);
		break;
	case EBUSY:
		fputs("Activate Session error:\tNo session slot available\n", stderr);
		break;
	case ENOENT:
		fputs("Invalid user name\n", stderr);
		break;
	case ENOTSUP:
		if (telling->auth)
			fprintf(stderr, "Authentication type %s not supported\n", telling->auth);
		else
			fputs("No supported authtypes found\n", stderr);
		break;
	default:
		break;
	}
	fputs("Error: Unable to establish LAN session\n", stderr);
}

static void tell_failure(const struct outcome *o)
{
	bool denied = o->err == -EPERM && telling->low;

	if (telling->loud)
		fprintf(stderr, "ipmitool: %s\n", cause(o));
	/* the session was there: the command was refused */
	if (o->err == -EIO || denied) {
		fprintf(stderr, "%s failed: %s\n", telling->deed->failed,
			completion_text(cause(o)));
		return;
	}
	if (telling->v15)
		tell_step(o->err);
	else if (o->err == -ENOTSUP || o->err == -EBUSY)
		fprintf(stderr, "Error in open session response message : %s\n\n",
			o->err == -EBUSY ? "insufficient resources for session" :
			"invalid authentication algorithm");
	ipmitool_no_session(telling->v15);
}

static void tell_step_done(const struct step *step)
{
	const struct outcome *o = &step->outcome;

	if (!o->ok)
		tell_failure(o);
	else if (step->verb == VERB_STATUS)
		printf("%s%s\n", telling->deed->done, state_name(o->state));
	else
		puts(telling->deed->done);
}

static const struct report_format ipmitool_format = {
	.name = "ipmitool",
	.step = tell_step_done,
};
REPORT_FORMAT(ipmitool_format);
