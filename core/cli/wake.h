/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Waking by words: shared by the wake command and the front ends that speak a forebear's language.
 */
#ifndef CLI_WAKE_H
#define CLI_WAKE_H

#include <stddef.h>

struct context;

/*
 * Wakes what the words name: MAC addresses (ranges too), names of the configuration, names of
 * /etc/ethers. The configuration is read only where a word needs it, or -c asks for it. Settings of
 * the context apply. The program's exit code.
 */
int wake_words(struct context *context, char *const *words, size_t n);

#endif
