/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Points at which this program dies for a test: by SIGKILL, as a power cut or the kernel would end
 * it, with no chance to tidy up. Or at which it stands still, so that something can happen to it
 * there. `grep -rhoE 'crash_point\("[^"]*' core drivers` lists them.
 */
#ifndef BASE_CRASH_H
#define BASE_CRASH_H

/*
 * Kills this process where the environment variable STOKER_CRASH is this name; stops it, by
 * SIGSTOP, where STOKER_STOP is.
 */
void crash_point(const char *name);

#endif
