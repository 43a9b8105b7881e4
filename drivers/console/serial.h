/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of serial ports: how they are written, and how the kernel is told. */
#ifndef CONSOLE_SERIAL_H
#define CONSOLE_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

struct serial {
	uint32_t speed;			/* bits a second */
	unsigned data_bits, stop_bits;
	char parity;			/* N E O M S */
	enum serial_flow {
		SERIAL_NO_FLOW,
		SERIAL_RTSCTS,
		SERIAL_XONXOFF,
		SERIAL_FLOW_KEPT,	/* whatever it is: of ports that others set */
	} flow;
	bool carrier;			/* the line is there while the other end raises DCD */
};

enum { SERIAL_TEXT_SIZE = 48 };

/* What is in use unless told otherwise: 9600 8N1, no flow control, no carrier. */
extern const struct serial serial_default;
/*
 * Words in any order: 115200, 7E1, rtscts xonxoff none, local carrier. What none of them names
 * stays in `serial` as it is. -EINVAL with a sentence.
 */
int serial_parse(size_t n, char *const *words, struct serial *serial, struct fault *f);
/* "115200 8N1 rtscts" */
void serial_print(const struct serial *serial, char text[SERIAL_TEXT_SIZE]);

/*
 * Sets a port, raises DTR and RTS, and makes sure that it took the settings. before: what it was
 * set to until now, for serial_restore. -errno with a sentence; then the port is as it was.
 */
struct serial_settings;
int serial_apply(int fd, const char *device, const struct serial *serial,
		 struct serial_settings **before, struct fault *f);
/* Puts the settings back, forgets what the port has not sent yet; frees them. */
void serial_restore(int fd, struct serial_settings *before);

/* Nobody but root opens the port from now on; or others may again. */
void serial_exclusive(int fd, bool exclusive);
/* Bytes that the port has not sent yet. */
size_t serial_unsent(int fd);
bool serial_has_carrier(int fd);
/* Begins or ends a break. It waits for what is not sent yet: there must be nothing. */
int serial_break(int fd, bool on);

#endif
