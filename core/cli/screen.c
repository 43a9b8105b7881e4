/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is shown during an attach. See screen.h. */
#include "cli/screen.h"
#include "base/fault.h"
#include "base/text.h"
#include "cli/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes: more than HIGH lets machines wait until there are LOW; some cannot, up to QUEUE_MAX. */
enum { LOW = 16 << 10, HIGH = 64 << 10, QUEUE_MAX = 16 << 20 };

static void press(struct screen *s, bool pressed)
{
	if (s->pressed == pressed)
		return;
	s->pressed = pressed;
	s->events->pressure(s->data, pressed);
}

static void drop_queue(struct screen *s)
{
	free(s->queue);
	s->queue = NULL;
	s->first = s->length = s->size = 0;
}

/* Bytes written, or -errno. */
static ssize_t try_to_write(struct screen *s, const unsigned char *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = inherited_write(&s->out, bytes + done, length - done);

		if (n == -EAGAIN)
			break;
		if (n < 0)
			return n;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static void fail(struct screen *s, int err)
{
	ev_io_stop(s->loop, &s->writable);
	drop_queue(s);
	s->failed = true;
	s->events->failed(s->data, err);
}

static void tell_lost(struct screen *s)
{
	size_t lost = s->lost;

	s->lost = 0;
	if (lost)
		screen_note(s, "%zu bytes are not shown: they came faster than they could be "
			    "taken", lost);
}

static void on_writable(struct ev_loop *loop, ev_io *w, int events)
{
	struct screen *s = w->data;
	ssize_t n = try_to_write(s, s->queue + s->first, s->length);

	(void)events;
	if (n < 0) {
		fail(s, (int)n);
		return;
	}
	s->first += (size_t)n;
	s->length -= (size_t)n;
	if (s->length <= LOW)
		press(s, false);
	if (s->length)
		return;
	drop_queue(s);
	ev_io_stop(loop, w);
	tell_lost(s);
	if (!s->length)
		s->events->empty(s->data);
}

/* Room for so many bytes behind those that wait. */
static bool make_room(struct screen *s, size_t length)
{
	size_t size = s->size ? s->size : HIGH;
	unsigned char *queue;

	if (s->first && s->first + s->length + length > s->size) {
		memmove(s->queue, s->queue + s->first, s->length);
		s->first = 0;
	}
	while (size < s->length + length)
		size *= 2;
	if (size == s->size)
		return true;
	queue = size <= QUEUE_MAX ? realloc(s->queue, size) : NULL;
	if (!queue)
		return false;
	s->queue = queue;
	s->size = size;
	return true;
}

static void keep(struct screen *s, const unsigned char *bytes, size_t length)
{
	if (!length)
		return;
	if (!make_room(s, length)) {
		s->lost += length;
		return;
	}
	memcpy(s->queue + s->first + s->length, bytes, length);
	s->length += length;
	ev_io_start(s->loop, &s->writable);
	if (s->length > HIGH)
		press(s, true);
}

void screen_bytes(struct screen *s, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;
	ssize_t n = 0;

	if (!length || s->failed)
		return;
	s->line_open = p[length - 1] != '\n';
	if (!s->length)
		n = try_to_write(s, p, length);
	/* on_writable meets the same error, and tells it from the loop */
	if (n < 0)
		n = 0;
	keep(s, p + n, length - (size_t)n);
}

/* Notes that do not stand among the bytes. */
static void put_error(const char *text, size_t length)
{
	while (length) {
		ssize_t n = write(STDERR_FILENO, text, length);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			text += n;
			length -= (size_t)n;
		}
	}
}

const char *screen_line_end(const struct screen *s)
{
	return terminal_is_taken() && (s->out.terminal || isatty(STDERR_FILENO)) ? "\r\n" : "\n";
}

static void put(struct screen *s, struct buffer *text)
{
	if (s->out.terminal)
		screen_bytes(s, text->text, text->length);
	else
		put_error(text->text, text->length);
	buffer_free(text);
}

static void begin_line(struct screen *s, struct buffer *text)
{
	if (s->out.terminal && s->line_open)
		buffer_add_text(text, "\r\n");
}

/* Those of ISO 6429's second set are two bytes of UTF-8, c2 and 80 to 9f. */
static bool is_control(unsigned char c, unsigned char next)
{
	return c < ' ' || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0);
}

static void add_plain(struct buffer *text, const char *sentence)
{
	size_t from = text->length;

	buffer_add_text(text, sentence);
	for (size_t i = from; i < text->length; i++) {
		if (is_control((unsigned char)text->text[i], (unsigned char)text->text[i + 1]))
			text->text[i] = '?';
	}
}

void screen_vnote(struct screen *s, const char *format, va_list args)
{
	struct buffer text = {0};
	struct fault sentence;

	fault_vset(&sentence, 0, format, args);
	begin_line(s, &text);
	buffer_add_text(&text, "[stoker: ");
	add_plain(&text, sentence.text);
	buffer_add(&text, "]%s", screen_line_end(s));
	put(s, &text);
}

void screen_note(struct screen *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	screen_vnote(s, format, args);
	va_end(args);
}

void screen_text(struct screen *s, const char *lines)
{
	struct buffer text = {0};

	begin_line(s, &text);
	for (const char *end; *lines; lines = *end ? end + 1 : end) {
		end = lines + strcspn(lines, "\n");
		buffer_add(&text, "%.*s%s", (int)(end - lines), lines, screen_line_end(s));
	}
	put(s, &text);
}

void screen_ask(struct screen *s, const char *format, ...)
{
	struct buffer text = {0};
	struct fault question;
	va_list args;

	va_start(args, format);
	fault_vset(&question, 0, format, args);
	va_end(args);
	begin_line(s, &text);
	buffer_add_text(&text, "[stoker: ");
	add_plain(&text, question.text);
	buffer_add_text(&text, "] ");
	put(s, &text);
}

size_t screen_waiting(const struct screen *s)
{
	return s->length;
}

int screen_open(struct screen *s, struct ev_loop *loop, const struct screen_events *events,
		void *data, struct fault *f)
{
	int err;

	*s = (struct screen){.loop = loop, .events = events, .data = data};
	err = inherited_open(&s->out, STDOUT_FILENO, true);
	if (err)
		return fault_set(f, -err, "standard output: %s", strerror(-err));
	ev_io_init(&s->writable, on_writable, s->out.fd, EV_WRITE);
	s->writable.data = s;
	return 0;
}

void screen_close(struct screen *s)
{
	if (s->out.fd < 0)
		return;
	ev_io_stop(s->loop, &s->writable);
	drop_queue(s);
	inherited_close(&s->out);
}
