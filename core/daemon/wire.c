/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of the control socket, as bytes. See wire.h. */
#include "daemon/wire.h"

#include <errno.h>
#include <string.h>

/* How long a type's frame is behind its head. */
static const struct {
	uint16_t least, most;
} lengths[WIRE_TYPES] = {
	[WIRE_HELLO] = {2, 64},	   [WIRE_DATA] = {1, WIRE_PAYLOAD},
	[WIRE_ATTACH] = {2, 1024}, [WIRE_BREAK] = {0, 0},
	[WIRE_RESIZE] = {4, 4},	   [WIRE_ASK] = {1, 1},
	[WIRE_LIST] = {0, 0},	   [WIRE_POWERED] = {1, WIRE_PAYLOAD},
	[WIRE_OPENED] = {0, 1024}, [WIRE_TAKEN] = {4, 4},
	[WIRE_NOTE] = {0, 1024},   [WIRE_ROW] = {ROW_FIELDS, WIRE_PAYLOAD},
	[WIRE_END] = {1, 1024},	   [WIRE_DOWNED] = {1, WIRE_PAYLOAD},
};

int wire_read(const unsigned char *bytes, size_t n, struct wire_frame *frame)
{
	size_t length;

	if (n < WIRE_HEAD)
		return 0;
	length = wire_get16(bytes + 2);
	if (!bytes[0] || bytes[0] >= WIRE_TYPES || bytes[1] || length < lengths[bytes[0]].least ||
	    length > lengths[bytes[0]].most)
		return -EPROTO;
	if (n - WIRE_HEAD < length)
		return 0;
	*frame = (struct wire_frame){bytes[0], bytes + WIRE_HEAD, length};
	return (int)(WIRE_HEAD + length);
}

void wire_head(unsigned char head[WIRE_HEAD], enum wire_type type, size_t length)
{
	head[0] = (unsigned char)type;
	head[1] = 0;
	wire_put16(head + 2, (unsigned)length);
}

unsigned wire_get16(const unsigned char *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

uint32_t wire_get32(const unsigned char *bytes)
{
	return (uint32_t)wire_get16(bytes) << 16 | wire_get16(bytes + 2);
}

void wire_put16(unsigned char *bytes, unsigned value)
{
	bytes[0] = (unsigned char)(value >> 8);
	bytes[1] = (unsigned char)value;
}

void wire_put32(unsigned char *bytes, uint32_t value)
{
	wire_put16(bytes, value >> 16);
	wire_put16(bytes + 2, value & 0xffff);
}

void wire_text(const struct wire_frame *frame, size_t from, char *text, size_t size)
{
	size_t length = frame->length > from ? frame->length - from : 0;

	if (length >= size)
		length = size - 1;
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = frame->bytes[from + i];

		text[i] = byte < 0x20 || byte == 0x7f ? '?' : (char)byte;
	}
	text[length] = '\0';
}

const char *wire_field(const struct wire_frame *frame, size_t *at)
{
	const unsigned char *field = frame->bytes + *at;
	const unsigned char *end;

	if (*at >= frame->length)
		return NULL;
	end = memchr(field, 0, frame->length - *at);
	if (!end)
		return NULL;
	*at += (size_t)(end - field) + 1;
	return (const char *)field;
}

/* Their places are the protocol's: new ones go to the end. */
static const int reasons[] = {
	0, ECANCELED, EACCES, EPERM, EINVAL, ENOSYS, EBUSY, ESTALE, EPIPE, ETIMEDOUT, ENOENT,
	EPROTO, ENOMEM, EAGAIN, ECONNREFUSED, EHOSTUNREACH, ECONNRESET, EIO,
};

enum { REASONS = sizeof(reasons) / sizeof(reasons[0]) };

unsigned char wire_reason(int err)
{
	for (unsigned char i = 0; i < REASONS; i++) {
		if (reasons[i] == -err)
			return i;
	}
	return REASONS - 1;
}

int wire_errno(unsigned char reason)
{
	return -reasons[reason < REASONS ? reason : REASONS - 1];
}
