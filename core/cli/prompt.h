/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets from the keyboard and from the command line. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

struct fault;
struct secret;

/*
 * Asks on the terminal (/dev/tty), without echo: one line of at most CREDENTIAL_MAX bytes, which
 * may be empty. A signal that ends or stops the program finds the terminal as it was. The secret is
 * to be dropped; NULL with a sentence where there is no terminal, or nobody answers.
 */
struct secret *secret_prompt(const char *prompt, struct fault *f);

/*
 * A secret that a front end was given among its arguments: copied and overwritten there, so that
 * /proc/PID/cmdline does not show it any more. The argument is "" afterwards. To be dropped; NULL
 * without memory.
 */
struct secret *secret_of_argument(char *argument);

#endif
