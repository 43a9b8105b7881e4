/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our end of a telnet connection, between the bytes of the wire and those of the console: what is
 * agreed on, what is escaped, and the serial line behind it.
 */
#ifndef CONSOLE_NVT_H
#define CONSOLE_NVT_H

#include <stdbool.h>
#include <stddef.h>

struct nvt;
struct serial;

/* What comes of what is received and done. Each may call nvt_free. */
struct nvt_events {
	/* for the wire: an answer or a command, or a part of one. All of it must be taken. */
	void (*send)(void *data, const unsigned char *bytes, size_t length);
	void (*bytes)(void *data, const unsigned char *bytes, size_t length);
	void (*note)(void *data, const char *sentence);
	/* the server lets us send again */
	void (*go)(void *data);
	/* no sense can be made of what comes: a negative errno and a sentence */
	void (*broken)(void *data, int err, const char *sentence);
};

/* NULL without memory. wanted: what the line is to be set to; copied. */
struct nvt *nvt_new(const struct nvt_events *events, void *data, const struct serial *wanted);
/* No event comes any more. */
void nvt_free(struct nvt *nvt);

/* The connection stands: says what we wish. */
void nvt_begin(struct nvt *nvt);
void nvt_receive(struct nvt *nvt, const unsigned char *bytes, size_t length);

/*
 * Escapes what goes to the machine; out has room for twice the length. The length of what is to be
 * sent.
 */
size_t nvt_escape(const struct nvt *nvt, const unsigned char *bytes, size_t length,
		  unsigned char *out);
/* Whether the server has asked to send nothing for now. */
bool nvt_is_stopped(const struct nvt *nvt);

/* Begins a break, or sends one: true where nvt_break_end must follow. */
bool nvt_break(struct nvt *nvt);
void nvt_break_end(struct nvt *nvt);
/* Each at most 65535. */
void nvt_resize(struct nvt *nvt, unsigned columns, unsigned rows);
/* The line was to be set and the server has not agreed to do that. */
bool nvt_is_unset(const struct nvt *nvt);

#endif
