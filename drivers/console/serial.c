/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings of serial ports. See serial.h. Defined by: termios(3), ioctl_tty(2). Any speed is set by
 * struct termios2 and BOTHER, which libcs do not have: the kernel's own header is included for it,
 * and <termios.h>, which says the same otherwise, is not.
 */
#include "serial.h"
#include "base/fault.h"
#include "base/text.h"

#include <asm/termbits.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* musl has these names with another size */
#define GET_SETTINGS _IOR('T', 0x2A, struct termios2)
#define SET_SETTINGS _IOW('T', 0x2B, struct termios2)

enum { SPEED_MAX = 100000000 };

static const tcflag_t format_bits = CSIZE | CSTOPB | PARENB | PARODD | CMSPAR;

struct serial_settings {
	struct termios2 termios;
};

const struct serial serial_default = {
	.speed = 9600, .data_bits = 8, .stop_bits = 1, .parity = 'N',
};

/* --- words ---------------------------------------------------------------------------------- */

static const struct word {
	const char *name;
	bool is_flow;			/* one of flow control; else of the carrier */
	int value;
} words_known[] = {
	{"none", true, SERIAL_NO_FLOW},
	{"rtscts", true, SERIAL_RTSCTS},
	{"xonxoff", true, SERIAL_XONXOFF},
	{"local", false, false},
	{"carrier", false, true},
};

enum { WORDS = sizeof(words_known) / sizeof(words_known[0]) };

/* What was named until now: nothing twice. */
struct named {
	const char *speed, *format, *flow, *carrier;
};

static int set_once(const char **named, const char *word, struct fault *f)
{
	if (*named)
		return fault_set(f, EINVAL, "\"%s\" and \"%s\" contradict each other: write one of "
				 "them", *named, word);
	*named = word;
	return 0;
}

static int unknown_word(const char *word, struct fault *f)
{
	struct nearest nearest = {.wanted = word};

	for (size_t i = 0; i < WORDS; i++)
		nearest_offer(&nearest, words_known[i].name);
	return fault_set(f, EINVAL, "\"%s\" is no setting of a port%s%s%s: write for example "
			 "115200 8N1 rtscts; there are also xonxoff, none, local and carrier", word,
			 nearest.name ? " (did you mean \"" : "", nearest.name ? nearest.name : "",
			 nearest.name ? "\"?)" : "");
}

static int parse_name(const char *word, struct serial *serial, struct named *named, struct fault *f)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (strcmp(word, words_known[i].name))
			continue;
		if (words_known[i].is_flow)
			serial->flow = (enum serial_flow)words_known[i].value;
		else
			serial->carrier = words_known[i].value;
		return set_once(words_known[i].is_flow ? &named->flow : &named->carrier, word, f);
	}
	return unknown_word(word, f);
}

/* "8N1"; a letter of either case. */
static bool parse_format(const char *word, struct serial *serial)
{
	char parity;

	if (strlen(word) != 3 || word[0] < '5' || word[0] > '8' || word[2] < '1' || word[2] > '2')
		return false;
	parity = (char)(word[1] & ~0x20);
	if (!strchr("NEOMS", parity))
		return false;
	serial->data_bits = (unsigned)(word[0] - '0');
	serial->parity = parity;
	serial->stop_bits = (unsigned)(word[2] - '0');
	return true;
}

static int parse_word(const char *word, struct serial *serial, struct named *named, struct fault *f)
{
	uint64_t speed;
	int err;

	if (parse_format(word, serial))
		return set_once(&named->format, word, f);
	if (!*word || word[strspn(word, "0123456789")])
		return parse_name(word, serial, named, f);
	err = number_parse(word, "the speed in bits a second", 1, SPEED_MAX, &speed, f);
	if (err)
		return err;
	serial->speed = (uint32_t)speed;
	return set_once(&named->speed, word, f);
}

int serial_parse(size_t n, char *const *words, struct serial *serial, struct fault *f)
{
	struct named named = {0};
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = parse_word(words[i], serial, &named, f);
	return err;
}

void serial_print(const struct serial *serial, char text[SERIAL_TEXT_SIZE])
{
	static const char *const flows[] = {
		[SERIAL_NO_FLOW] = "", [SERIAL_RTSCTS] = " rtscts", [SERIAL_XONXOFF] = " xonxoff",
		[SERIAL_FLOW_KEPT] = "",
	};

	snprintf(text, SERIAL_TEXT_SIZE, "%u %u%c%u%s%s", serial->speed, serial->data_bits,
		 serial->parity, serial->stop_bits, flows[serial->flow],
		 serial->carrier ? " carrier" : "");
}

/* --- the kernel ----------------------------------------------------------------------------- */

static void compose(const struct serial *serial, struct termios2 *t)
{
	static const tcflag_t sizes[] = {[5] = CS5, [6] = CS6, [7] = CS7, [8] = CS8};

	/* bytes as they are: nothing is echoed, edited, translated or taken for a signal */
	t->c_iflag = IGNBRK | (serial->flow == SERIAL_XONXOFF ? IXON | IXOFF : 0);
	t->c_oflag = 0;
	t->c_lflag = 0;
	t->c_cflag &= ~(format_bits | CRTSCTS | CLOCAL | CBAUD | CBAUD << IBSHIFT);
	t->c_cflag |= CREAD | BOTHER | sizes[serial->data_bits];
	if (serial->stop_bits == 2)
		t->c_cflag |= CSTOPB;
	if (serial->parity != 'N')
		t->c_cflag |= PARENB;
	if (serial->parity == 'O' || serial->parity == 'M')
		t->c_cflag |= PARODD;
	if (serial->parity == 'M' || serial->parity == 'S')
		t->c_cflag |= CMSPAR;
	if (serial->flow == SERIAL_RTSCTS)
		t->c_cflag |= CRTSCTS;
	if (!serial->carrier)
		t->c_cflag |= CLOCAL;
	t->c_ispeed = t->c_ospeed = serial->speed;
	t->c_cc[VMIN] = 1;
	t->c_cc[VTIME] = 0;
}

/* A port does what it can, and says so by what it is set to then. */
static int check_taken(const char *device, const struct serial *serial,
		       const struct termios2 *wanted, const struct termios2 *got, struct fault *f)
{
	char text[SERIAL_TEXT_SIZE];
	uint32_t speed = got->c_ospeed;

	/* a receiver bears some 3 % */
	if (speed > serial->speed + serial->speed / 33 || speed < serial->speed - serial->speed / 33)
		return fault_set(f, EINVAL, "\"%s\" cannot do %u bits a second: the nearest that it "
				 "can is %u", device, serial->speed, speed);
	serial_print(serial, text);
	if ((got->c_cflag ^ wanted->c_cflag) & format_bits)
		return fault_set(f, EINVAL, "\"%s\" cannot do %u%c%u", device, serial->data_bits,
				 serial->parity, serial->stop_bits);
	if ((got->c_cflag ^ wanted->c_cflag) & CRTSCTS)
		return fault_set(f, EINVAL, "\"%s\" has no flow control by RTS and CTS", device);
	return 0;
}

static int cannot_set(const char *device, int err, struct fault *f)
{
	if (err == ENOTTY)
		return fault_set(f, EINVAL, "\"%s\" is no serial port", device);
	if (err == EIO || err == ENXIO)
		return fault_set(f, ENXIO, "behind \"%s\" there is no port in this machine", device);
	return fault_set(f, err, "\"%s\" cannot be set: %s", device, strerror(err));
}

static int settings_new(int fd, const char *device, struct serial_settings **settings,
			struct fault *f)
{
	*settings = calloc(1, sizeof(**settings));
	if (!*settings)
		return fault_no_memory(f);
	if (!ioctl(fd, GET_SETTINGS, &(*settings)->termios))
		return 0;
	free(*settings);
	return cannot_set(device, errno, f);
}

int serial_apply(int fd, const char *device, const struct serial *serial,
		 struct serial_settings **before, struct fault *f)
{
	const int lines = TIOCM_DTR | TIOCM_RTS;
	struct serial_settings *found;
	struct termios2 wanted, got;
	int err = settings_new(fd, device, &found, f);

	if (err)
		return err;
	wanted = found->termios;
	compose(serial, &wanted);
	if (ioctl(fd, SET_SETTINGS, &wanted) || ioctl(fd, GET_SETTINGS, &got))
		err = cannot_set(device, errno, f);
	else
		err = check_taken(device, serial, &wanted, &got, f);
	if (err) {
		serial_restore(fd, found);
		return err;
	}
	*before = found;
	/* what came before we listened belongs to nobody */
	(void)ioctl(fd, TCFLSH, TCIFLUSH);
	/* without effect where there are no such lines */
	(void)ioctl(fd, TIOCMBIS, &lines);
	return 0;
}

size_t serial_unsent(int fd)
{
	int n = 0;

	return ioctl(fd, TIOCOUTQ, &n) || n < 0 ? 0 : (size_t)n;
}

void serial_restore(int fd, struct serial_settings *before)
{
	/*
	 * A port that is full, and stopped by the other end, would keep close() waiting. A pty has
	 * nothing of its own to send: a flush would take from the other end what it has not read yet.
	 */
	if (serial_unsent(fd))
		(void)ioctl(fd, TCFLSH, TCOFLUSH);
	(void)ioctl(fd, SET_SETTINGS, &before->termios);
	free(before);
}

void serial_exclusive(int fd, bool exclusive)
{
	(void)ioctl(fd, exclusive ? TIOCEXCL : TIOCNXCL);
}

bool serial_has_carrier(int fd)
{
	int lines = 0;

	return !ioctl(fd, TIOCMGET, &lines) && lines & TIOCM_CAR;
}

int serial_break(int fd, bool on)
{
	return ioctl(fd, on ? TIOCSBRK : TIOCCBRK) ? -errno : 0;
}
