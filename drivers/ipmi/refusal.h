/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a BMC lets nobody in, in the user's terms. The sentences follow "BMC NAME ". */
#ifndef IPMI_REFUSAL_H
#define IPMI_REFUSAL_H

#include "login.h"
#include "session.h"

/* Each returns EVENT_FAILED and sets s->err. */

/* A status of RAKP 2 or 4 (table 13-15). */
enum event refuse_status(struct session *s, uint8_t status, struct fault *f);
/* No suite was accepted. */
enum event refuse_suites(struct session *s, struct fault *f);
/* The code of RAKP 2 was made with another password. */
enum event refuse_password(struct session *s, struct fault *f);
/* The integrity check value of RAKP 4 was made with another K_g. */
enum event refuse_kg(struct session *s, struct fault *f);
/* A code of RAKP 2 or 4 has a length that cannot be. */
enum event refuse_length(struct session *s, struct fault *f);
/* A completion code of Get Session Challenge, Activate Session or Set Session Privilege Level. */
enum event refuse_completion(struct session *s, uint8_t completion, struct fault *f);
/* The BMC does not answer Activate Session. */
enum event refuse_silence(struct session *s, struct fault *f);
/* IPMI 1.5 cannot be used. */
enum event refuse_v15(struct session *s, struct fault *f);

#endif
