/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the kernel's command line that are meant for us. */
#ifndef INIT_WORDS_H
#define INIT_WORDS_H

struct fault;

/* What follows the job. */
enum then { THEN_POWEROFF, THEN_REBOOT, THEN_STAY, THEN_SHELL };

struct words_given {
	const char *conf;		/* stoker.conf=; NULL: not given */
	const char *run;		/* stoker.run= */
	const char *ip;			/* ip=; "": no address is wanted */
	enum then then, on_failure;
};

/*
 * Reads /proc/cmdline's text, which is cut into pieces that words point to. What is not given is
 * what was chosen in Kconfig. Others' words are left alone; -EINVAL with a sentence for one of ours
 * that says nothing: all others count nevertheless.
 */
int words_read(char *text, struct words_given *words, struct fault *f);

/* "poweroff" */
const char *then_name(enum then then);

#endif
