/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System boot options (IPMI 2.0, 28.12, 28.13; parameters: table 28-14). The flags are good for one
 * start, or for 60 seconds when nothing starts, unless they or parameter 3 say otherwise.
 */
#include "boot.h"
#include "program.h"

#include <string.h>

enum parameter {
	PROGRESS,
	PARTITION,
	SCAN,
	KEEP_VALID,
	ACKNOWLEDGE,
	FLAGS,
	INITIATOR,
	MAILBOX_BLOCK,
	PARAMETERS
};

enum {
	CODE_NO_PARAMETER = 0x80, CODE_IN_PROGRESS = 0x81,
	VALID = 0x80, PERSISTENT = 0x40, EFI = 0x20,	/* first byte of the flags */
	DEVICE_SHIFT = 2, DEVICE_MASK = 0x0f,		/* second byte */
	KEEP_ON_TIMEOUT = 0x08,				/* parameter 3 */
	BLOCK_LENGTH = 16,
};

static const double flags_time = 60;

const char *boot_device_word(uint8_t device)
{
	static const char *const words[] = {
		"none", "pxe", "disk", "safe", "diag", "cdrom", "bios", "remote-floppy",
		"remote-cdrom", "remote-media", "10", "remote-disk", "12", "13", "14", "floppy",
	};

	return words[device & DEVICE_MASK];
}

const char *boot_device(const uint8_t flags[BOOT_FLAGS])
{
	return flags[0] & VALID ? boot_device_word(flags[1] >> DEVICE_SHIFT) : "none";
}

void boot_expire(struct bmc *bmc)
{
	struct boot *boot = &bmc->boot;

	if (boot->flags[0] & VALID && !(boot->flags[0] & PERSISTENT) &&
	    !(boot->keep_valid & KEEP_ON_TIMEOUT) && now - boot->set_at > flags_time)
		boot->flags[0] &= (uint8_t)~VALID;
}

void boot_start(struct bmc *bmc)
{
	struct boot *boot = &bmc->boot;

	boot_expire(bmc);
	boot->booted = 0;
	boot->booted_efi = false;
	if (!(boot->flags[0] & VALID))
		return;
	boot->booted = boot->flags[1] >> DEVICE_SHIFT & DEVICE_MASK;
	boot->booted_efi = boot->flags[0] & EFI;
	if (!(boot->flags[0] & PERSISTENT))
		boot->flags[0] &= (uint8_t)~VALID;
}

static int set_progress(struct boot *boot, uint8_t progress)
{
	progress &= 3;
	if (progress == 1 && boot->progress == 1)
		return CODE_IN_PROGRESS;
	/* commit: what was written is valid already */
	boot->progress = progress == 2 ? 0 : progress;
	return CODE_OK;
}

static int set_flags(struct bmc *bmc, const uint8_t *p)
{
	struct boot *boot = &bmc->boot;

	memcpy(boot->flags, p, BOOT_FLAGS);
	boot->set_at = now;
	if (bmc->profile->program)
		program_boot(bmc, boot_device(boot->flags));
	return CODE_OK;
}

static int set_mailbox(struct boot *boot, const uint8_t *p, size_t length)
{
	size_t at = p[0] * (size_t)BLOCK_LENGTH;

	if (length > 1 + BLOCK_LENGTH || at + BLOCK_LENGTH > MAILBOX)
		return CODE_OUT_OF_RANGE;
	memset(boot->mailbox + at, 0, BLOCK_LENGTH);
	memcpy(boot->mailbox + at, p + 1, length - 1);
	return CODE_OK;
}

int boot_options_set(struct request *request)
{
	static const uint8_t lengths[] = {1, 1, 1, 1, 2, BOOT_FLAGS, BOOT_INITIATOR, 0};
	struct boot *boot = &request->origin.bmc->boot;
	const uint8_t *p = request->data + 1;
	size_t length = request->length - 1;
	uint8_t parameter = request->data[0] & 0x7f;

	if (parameter >= PARAMETERS)
		return CODE_NO_PARAMETER;
	/* without data only its validity was to be changed, which is not kept here */
	if (!length)
		return CODE_OK;
	if (lengths[parameter] && length != lengths[parameter])
		return CODE_BAD_LENGTH;
	switch ((enum parameter)parameter) {
	case PROGRESS:
		return set_progress(boot, *p);
	case PARTITION:
		boot->partition = *p;
		return CODE_OK;
	case SCAN:
		boot->scan = *p & 3;
		return CODE_OK;
	case KEEP_VALID:
		boot->keep_valid = *p & 0x1f;
		return CODE_OK;
	case ACKNOWLEDGE:
		boot->acknowledged = (uint8_t)((boot->acknowledged & ~p[0]) | (p[1] & p[0]));
		return CODE_OK;
	case FLAGS:
		return set_flags(request->origin.bmc, p);
	case INITIATOR:
		memcpy(boot->initiator, p, BOOT_INITIATOR);
		return CODE_OK;
	case MAILBOX_BLOCK:
		return set_mailbox(boot, p, length);
	case PARAMETERS:
		break;
	}
	return CODE_NO_PARAMETER;
}

int boot_options_get(struct request *request)
{
	struct bmc *bmc = request->origin.bmc;
	const struct boot *boot = &bmc->boot;
	uint8_t parameter = request->data[0] & 0x7f, set = request->data[1];

	if (parameter >= PARAMETERS)
		return CODE_NO_PARAMETER;
	boot_expire(bmc);
	reply_byte(request, 1);
	reply_byte(request, parameter);
	switch ((enum parameter)parameter) {
	case PROGRESS:
		reply_byte(request, boot->progress);
		break;
	case PARTITION:
		reply_byte(request, boot->partition);
		break;
	case SCAN:
		reply_byte(request, boot->scan);
		break;
	case KEEP_VALID:
		reply_byte(request, boot->keep_valid);
		break;
	case ACKNOWLEDGE:
		reply_byte(request, 0);
		reply_byte(request, boot->acknowledged);
		break;
	case FLAGS:
		reply_add(request, boot->flags, BOOT_FLAGS);
		break;
	case INITIATOR:
		reply_add(request, boot->initiator, BOOT_INITIATOR);
		break;
	case MAILBOX_BLOCK:
		if (set * (size_t)BLOCK_LENGTH + BLOCK_LENGTH > MAILBOX)
			return CODE_OUT_OF_RANGE;
		reply_byte(request, set);
		reply_add(request, boot->mailbox + set * (size_t)BLOCK_LENGTH, BLOCK_LENGTH);
		break;
	case PARAMETERS:
		break;
	}
	return CODE_OK;
}
