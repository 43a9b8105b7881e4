/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every unit test includes: cmocka with what it wants before it. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_contains(text, part) \
	do { \
		if (!strstr(text, part)) \
			fail_msg("\"%s\" does not contain \"%s\"", text, part); \
	} while (0)

#endif
