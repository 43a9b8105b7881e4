/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The identify light and the boot device: IPMI 2.0, sections 28.5, 28.12 and 28.13. What was set is
 * read back, where the BMC can tell it.
 */
#include "base/fault.h"
#include "engine/words.h"
#include "job.h"

#include <errno.h>

/* --- identify ----------------------------------------------------------------------------- */

enum { LIGHT_SET, LIGHT_LOOK };

static void light_begin(struct job *job)
{
	struct request request = {0};
	struct identify light;
	struct fault fault;
	int err = identify_parse(job->attempt->nwords, job->attempt->words, &light, &fault);

	if (err) {
		job_fail(job, err, "%s", fault.text);
		return;
	}
	job->step = LIGHT_SET;
	identify_request(&request, light.off ? 0 : (uint8_t)light.seconds, light.forever);
	job_request(job, &request, false);
}

static void light_answer(struct job *job, const struct response *answer)
{
	struct request request = {0};
	struct chassis_status status;
	struct identify light;

	if (job->step == LIGHT_SET) {
		if (answer->completion) {
			job_refused(job, "to switch its identify light", answer);
			return;
		}
		job->step = LIGHT_LOOK;
		chassis_status_request(&request);
		job_request(job, &request, false);
		return;
	}
	/* most cannot tell it: it is optional there */
	if (answer->completion || chassis_status_decode(answer, &status) ||
	    !status.identify_known) {
		job_done(job, STATE_SENT, NULL);
		return;
	}
	identify_parse(job->attempt->nwords, job->attempt->words, &light, NULL);
	if (!status.identify == light.off)
		job_done(job, STATE_DONE, NULL);
	else
		job_fail(job, -EIO, "BMC %s took the command, but its identify light is %s",
			 job_bmc(job), status.identify ? "on" : "off");
}

static void no_wake(struct job *job)
{
	(void)job;
}

static void no_loss(struct job *job)
{
	job_fail(job, -ETIMEDOUT, "BMC %s does not answer", job_bmc(job));
}

const struct task identify_task = {
	.begin = light_begin, .answer = light_answer, .wake = no_wake, .lost = no_loss,
};

/* --- boot device -------------------------------------------------------------------------- */

enum { BOOT_ACKNOWLEDGE, BOOT_SET, BOOT_LOOK };

static const uint8_t devices[BOOTDEVS] = {
	[BOOTDEV_NONE] = BOOT_NONE, [BOOTDEV_PXE] = BOOT_PXE, [BOOTDEV_DISK] = BOOT_DISK,
	[BOOTDEV_SAFE] = BOOT_SAFE, [BOOTDEV_DIAG] = BOOT_DIAG, [BOOTDEV_CDROM] = BOOT_CDROM,
	[BOOTDEV_BIOS] = BOOT_BIOS, [BOOTDEV_FLOPPY] = BOOT_FLOPPY,
};

static int wanted_flags(const struct job *job, struct boot_flags *flags, struct fault *f)
{
	struct bootdev bootdev;
	int err = bootdev_parse(job->attempt->nwords, job->attempt->words, &bootdev, f);

	if (err)
		return err;
	*flags = (struct boot_flags){
		.valid = true, .persistent = bootdev.always, .efi = bootdev.efi,
		.device = devices[bootdev.device],
	};
	return 0;
}

/* Flags that an earlier start has not yet taken must not be in the way. */
static void boot_begin(struct job *job)
{
	struct request request = {0};

	job->step = BOOT_ACKNOWLEDGE;
	boot_acknowledge_request(&request);
	job_request(job, &request, false);
}

static void boot_set(struct job *job)
{
	struct request request = {0};
	struct boot_flags flags;
	struct fault fault;
	int err = wanted_flags(job, &flags, &fault);

	if (err) {
		job_fail(job, err, "%s", fault.text);
		return;
	}
	job->step = BOOT_SET;
	boot_flags_request(&request, &flags);
	job_request(job, &request, false);
}

static void boot_look(struct job *job)
{
	struct request request = {0};

	job->step = BOOT_LOOK;
	boot_flags_get_request(&request);
	job_request(job, &request, false);
}

static void boot_compare(struct job *job, const struct response *answer)
{
	struct boot_flags has, wanted;

	if (answer->completion || boot_flags_decode(answer, &has) ||
	    wanted_flags(job, &wanted, NULL)) {
		job_done(job, STATE_SENT, NULL);
		return;
	}
	/* some tell the device alone, with flags that they call not valid: OpenIPMI's ipmi_sim */
	if (has.device == wanted.device &&
	    (wanted.device == BOOT_NONE || !has.valid ||
	     (has.persistent == wanted.persistent && has.efi == wanted.efi)))
		job_done(job, STATE_DONE, NULL);
	else
		job_fail(job, -EIO,
			 "BMC %s took the command, but tells other boot flags: device %u%s%s",
			 job_bmc(job), (unsigned)has.device, has.persistent ? ", always" : ", once",
			 has.efi ? ", EFI" : ", legacy");
}

static void boot_answer(struct job *job, const struct response *answer)
{
	switch (job->step) {
	case BOOT_ACKNOWLEDGE:
		/* many do not know it, and need it not; a level that is too low shows now */
		if (answer->completion == COMPLETION_PRIVILEGE)
			job_refused(job, "to set its boot device", answer);
		else
			boot_set(job);
		break;
	case BOOT_SET:
		if (answer->completion)
			job_refused(job, "to set its boot device", answer);
		else
			boot_look(job);
		break;
	default:
		boot_compare(job, answer);
	}
}

const struct task bootdev_task = {
	.begin = boot_begin, .answer = boot_answer, .wake = no_wake, .lost = no_loss,
};
