/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and their addresses, kept for a while: see names.h. */
#include "names.h"
#include "base/fault.h"
#include "base/resolve.h"
#include "base/table.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

/* How long an answer counts, in seconds. A failure: just long enough to tell all who waited. */
static const double found_for = 60, failed_for = 1;

struct name {
	struct name *next;
	struct ev_loop *loop;
	struct resolve *lookup;		/* NULL: none is under way */
	struct queue waiting;
	double until;			/* ev_now() time until which err and address count */
	int err;
	struct sockaddr_storage address;
	char *sentence;			/* where err is set; NULL without memory */
	char host[];
};

static struct table by_host;
static struct name *names;

static struct name *name_get(struct ev_loop *loop, const char *host)
{
	struct name *name = table_find(&by_host, host);
	size_t size = strlen(host) + 1;

	if (name)
		return name;
	name = calloc(1, sizeof(*name) + size);
	if (!name)
		return NULL;
	name->loop = loop;
	memcpy(name->host, host, size);
	if (table_add(&by_host, name->host, name, NULL)) {
		free(name);
		return NULL;
	}
	name->next = names;
	names = name;
	return name;
}

static void on_resolved(void *data, int err, const struct sockaddr_storage *address,
			const char *sentence)
{
	struct name *name = data;

	name->lookup = NULL;
	name->err = err;
	free(name->sentence);
	name->sentence = NULL;
	if (err)
		name->sentence = sentence ? strdup(sentence) : NULL;
	else
		name->address = *address;
	name->until = ev_now(name->loop) + (err ? failed_for : found_for);
	while (name->waiting.first)
		queue_wake_first(&name->waiting);
}

int name_find(struct ev_loop *loop, const char *host, struct waiter *waiter,
	      struct sockaddr_storage *address, struct fault *f)
{
	struct name *name = name_get(loop, host);
	int err;

	if (!name)
		return fault_no_memory(f);
	if (!name->lookup && ev_now(loop) >= name->until) {
		name->loop = loop;
		err = resolve_start(loop, host, AF_UNSPEC, on_resolved, name, &name->lookup, f);
		if (err)
			return err;
	}
	if (name->lookup) {
		queue_add(&name->waiting, waiter);
		return -EINPROGRESS;
	}
	if (name->err)
		return fault_set(f, -name->err, "%s",
				 name->sentence ? name->sentence : "out of memory");
	*address = name->address;
	return 0;
}

void names_forget(void)
{
	while (names) {
		struct name *name = names;

		names = name->next;
		if (name->lookup)
			resolve_cancel(name->lookup);
		while (name->waiting.first)
			waiter_leave(name->waiting.first);
		free(name->sentence);
		free(name);
	}
	table_free(&by_host);
}
