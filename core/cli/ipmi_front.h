/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the front ends that speak the languages of IPMI's programs have in common. */
#ifndef CLI_IPMI_FRONT_H
#define CLI_IPMI_FRONT_H

struct secret;

/*
 * Asks for a secret as those programs do: at the terminal, or, where there is none, on standard
 * input, whose end is an empty line. To be dropped; NULL without memory, or after a signal.
 */
struct secret *ipmi_ask(const char *prompt);

/*
 * Gives the password and the K_g for the next context_perform, which forgets them. NULL: none, also
 * where the environment has one for stoker itself. 0, or EXIT_USAGE with a sentence told.
 */
int ipmi_give(struct secret *password, struct secret *kg);

/*
 * The completion code (IPMI 2.0, table 5-2) with which a BMC refused a command: the driver's
 * sentence about that ends with it, "… (code 0xd5)". -1: the sentence, which may be NULL, has none.
 */
int ipmi_code(const char *sentence);

#endif
