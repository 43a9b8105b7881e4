/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a telnet server may send, its messages of RFC 2217 among it. The first byte says what is
 * asked of the line and when the console is closed, the second in which pieces the others come.
 */
#include "drivers/console/comport.h"
#include "drivers/console/nvt.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	LEAVES_AT_BYTES = 1,
	LEAVES_AT_NOTE = 2,
	LEAVES_AT_SEND = 4,
	SETS = 8,
	BREAKS = 16,
	RESIZES = 32,
};

struct console {
	struct nvt *nvt;		/* NULL: closed */
	unsigned does;
	size_t said, sent, handed;
};

static void leave(struct console *c, unsigned when)
{
	if (!(c->does & when))
		return;
	nvt_free(c->nvt);
	c->nvt = NULL;
}

static void on_send(void *data, const unsigned char *bytes, size_t length)
{
	struct console *c = data;

	if (!c->nvt || !length || !bytes)
		abort();
	c->sent += length;
	leave(c, LEAVES_AT_SEND);
}

static void on_bytes(void *data, const unsigned char *bytes, size_t length)
{
	struct console *c = data;

	if (!c->nvt || !length || !bytes)
		abort();
	c->handed += length;
	leave(c, LEAVES_AT_BYTES);
}

static void on_note(void *data, const char *sentence)
{
	struct console *c = data;

	if (!c->nvt || !*sentence || strlen(sentence) >= COMPORT_TEXT_MAX)
		abort();
	leave(c, LEAVES_AT_NOTE);
}

static void on_go(void *data)
{
	struct console *c = data;

	if (!c->nvt || nvt_is_stopped(c->nvt))
		abort();
}

static void on_broken(void *data, int err, const char *sentence)
{
	struct console *c = data;

	if (!c->nvt || err >= 0 || !*sentence)
		abort();
	nvt_free(c->nvt);
	c->nvt = NULL;
}

/* What the other end makes of it, with BINARY or without. */
static int comes_out(const unsigned char *out, size_t n, const uint8_t *bytes, size_t length,
		     int binary)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (k == length || out[i] != bytes[k++])
			return 0;
		if (out[i] == 255 && (++i == n || out[i] != 255))
			return 0;
		if (out[i] == '\r' && !binary && (++i == n || out[i]))
			return 0;
	}
	return k == length;
}

/* What is escaped holds no command, and comes out of the other end as it went in. */
static void write_some(const struct nvt *nvt, const uint8_t *bytes, size_t length)
{
	unsigned char out[2 * 64];
	size_t n;

	length = length < 64 ? length : 64;
	n = nvt_escape(nvt, bytes, length, out);
	if (!comes_out(out, n, bytes, length, 0) && !comes_out(out, n, bytes, length, 1))
		abort();
}

static void receive(struct console *c, size_t piece, const uint8_t *bytes, size_t length)
{
	while (length && c->nvt) {
		size_t n = length < piece ? length : piece;
		/* of its own size, so that a byte too many is seen */
		unsigned char *copy = malloc(n);

		memcpy(copy, bytes, n);
		nvt_receive(c->nvt, copy, n);
		free(copy);
		bytes += n;
		length -= n;
		if (c->nvt && c->does & BREAKS && nvt_break(c->nvt) && c->nvt)
			nvt_break_end(c->nvt);
		if (c->nvt && c->does & RESIZES)
			nvt_resize(c->nvt, 255, (unsigned)length);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct nvt_events events = {
		on_send, on_bytes, on_note, on_go, on_broken,
	};
	static const struct serial all = {
		.speed = 65535, .data_bits = 7, .parity = 'E', .stop_bits = 2, .flow = SERIAL_RTSCTS,
	};
	struct console c = {0};

	if (size < 2)
		return 0;
	c.does = data[0];
	c.nvt = nvt_new(&events, &c, c.does & SETS ? &all : &comport_nothing);
	if (!c.nvt)
		abort();
	nvt_begin(c.nvt);
	if (c.nvt)
		nvt_is_unset(c.nvt);
	receive(&c, data[1] ? data[1] : 4096, data + 2, size - 2);
	/* an answer is at most as long as what is said once of a line, or twice the question */
	if (c.handed > size * (c.nvt ? 1 : 2000) || c.sent > 200 + 40 * size)
		abort();
	if (c.nvt)
		write_some(c.nvt, data + 2, size - 2);
	nvt_free(c.nvt);
	return 0;
}
