/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks names up without blocking the event loop. See resolve.h. Defined by: RFC 3493, section 6.1.
 *
 * A query is one call of getaddrinfo, for all who wait for the same name. It is queued, taken by a
 * thread, put on the list of finished ones, and told from the loop. The loop's side owns queries
 * and waiters; the threads touch only what stands under the lock: the two lists and the query in
 * their hands.
 */
#include "base/resolve.h"
#include "base/fault.h"

#include <errno.h>
#include <ev.h>
#include <netdb.h>
#include <pthread.h>
#include <search.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* the stack: getaddrinfo's own buffers take some 20 KB with musl, more with glibc's modules */
enum { THREADS_MAX = 8, THREAD_STACK = 256 * 1024 };

struct resolve {
	resolve_fn *done;
	void *data;
	struct query *query;
	struct resolve *previous, *next;
};

struct query {
	struct query *next, **link;	/* in one of the lists; link points to what points here */
	struct resolve *waiters, *last_waiter;	/* told in the order in which they came */
	enum { QUEUED, RUNNING, FINISHED } phase;
	int family;
	int err;
	struct sockaddr_storage address;
	struct fault fault;
	char host[];
};

struct list {
	struct query *first, **end;
	size_t n;
};

/* Shared with the threads. Lives until resolve_quit, and then until the last thread has left. */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct list queue, finished;
	unsigned threads, idle;
	bool quitting;
	struct ev_loop *loop;		/* NULL: nobody waits */
	ev_async ready;
};

/* the loop's side alone */
static struct pool *pool;
static void *queries;			/* a tree of all queries, by name and family */
static struct query *told;		/* whose waiters are being told: in the tree no more */
static size_t waiting;

static void list_add(struct list *list, struct query *q)
{
	q->next = NULL;
	q->link = list->end;
	*list->end = q;
	list->end = &q->next;
	list->n++;
}

static void list_remove(struct list *list, struct query *q)
{
	*q->link = q->next;
	*(q->next ? &q->next->link : &list->end) = q->link;
	list->n--;
}

static struct query *list_take(struct list *list)
{
	struct query *q = list->first;

	if (q)
		list_remove(list, q);
	return q;
}

static void list_free(struct list *list)
{
	struct query *q;

	while ((q = list_take(list)))
		free(q);
}

static void pool_free(struct pool *p)
{
	list_free(&p->queue);
	list_free(&p->finished);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static int pool_make(struct fault *f)
{
	if (pool)
		return 0;
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return fault_no_memory(f);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pool->queue.end = &pool->queue.first;
	pool->finished.end = &pool->finished.first;
	return 0;
}

static const char *family_name(int family)
{
	return family == AF_INET ? "IPv4" : family == AF_INET6 ? "IPv6" : "IPv4 or IPv6";
}

static int query_fault(struct query *q, int code, int system_errno)
{
	const char *why = gai_strerror(code);

	switch (code) {
	case EAI_AGAIN:
		return fault_set(&q->fault, EAGAIN, "the name \"%s\" cannot be looked up now: the "
				 "name server does not answer (%s)", q->host, why);
	case EAI_MEMORY:
		return fault_no_memory(&q->fault);
	case EAI_SYSTEM:
		return fault_set(&q->fault, system_errno ? system_errno : EIO,
				 "the name \"%s\" cannot be looked up: %s", q->host,
				 strerror(system_errno));
	case EAI_FAIL:
		return fault_set(&q->fault, EIO, "the name \"%s\" cannot be looked up (%s)",
				 q->host, why);
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
	case EAI_FAMILY:
		return fault_set(&q->fault, EAFNOSUPPORT, "the name \"%s\" has no %s address (%s)",
				 q->host, family_name(q->family), why);
	}
	return fault_set(&q->fault, ENOENT, "the name \"%s\" is not known (%s)", q->host, why);
}

/* Asks for the address. With AI_NUMERICHOST it never blocks. The code of getaddrinfo. */
static int query_run(struct query *q, int flags)
{
	struct addrinfo hints = {
		.ai_family = q->family, .ai_socktype = SOCK_STREAM, .ai_flags = flags,
	};
	struct addrinfo *found = NULL;
	int code = getaddrinfo(q->host, NULL, &hints, &found);

	if (code) {
		q->err = query_fault(q, code, errno);
		return code;
	}
	q->err = 0;
	memcpy(&q->address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

static void *thread_run(void *data)
{
	struct pool *p = data;
	struct query *q;
	bool last;

	pthread_mutex_lock(&p->lock);
	while (!p->quitting) {
		q = list_take(&p->queue);
		if (!q) {
			p->idle++;
			pthread_cond_wait(&p->work, &p->lock);
			p->idle--;
			continue;
		}
		q->phase = RUNNING;
		pthread_mutex_unlock(&p->lock);
		query_run(q, 0);
		pthread_mutex_lock(&p->lock);
		q->phase = FINISHED;
		list_add(&p->finished, q);
		/* under the lock, so that the loop cannot be gone */
		if (p->loop)
			ev_async_send(p->loop, &p->ready);
	}
	last = !--p->threads;
	pthread_mutex_unlock(&p->lock);
	if (last)
		pool_free(p);
	return NULL;
}

/* Starts a thread that takes no signals: they are the loop's. An errno. */
static int thread_start(struct pool *p)
{
	sigset_t all, before;
	pthread_attr_t attributes;
	pthread_t thread;
	int err = pthread_attr_init(&attributes);

	if (err)
		return err;
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&thread, &attributes, thread_run, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return err;
}

static int compare(const void *left, const void *right)
{
	const struct query *a = left, *b = right;

	return a->family != b->family ? (a->family > b->family) - (a->family < b->family)
				      : strcmp(a->host, b->host);
}

static void query_forget(struct query *q)
{
	tdelete(q, &queries, compare);
	free(q);
}

/* Tells all who wait for a query. They may start and cancel look-ups, their neighbours' too. */
static void query_tell(struct query *q)
{
	struct resolve *r;

	/* from now on whoever asks for the name asks afresh */
	tdelete(q, &queries, compare);
	told = q;
	while ((r = q->waiters)) {
		resolve_fn *done = r->done;
		void *data = r->data;

		resolve_cancel(r);
		done(data, q->err, q->err ? NULL : &q->address, q->err ? q->fault.text : NULL);
	}
	told = NULL;
	free(q);
}

static void on_ready(struct ev_loop *loop, ev_async *w, int events)
{
	struct pool *p = pool;
	struct query *q;

	(void)loop, (void)w, (void)events;
	while (p && p == pool) {
		pthread_mutex_lock(&p->lock);
		q = list_take(&p->finished);
		pthread_mutex_unlock(&p->lock);
		if (!q)
			break;
		query_tell(q);
	}
}

/* What was finished after the last waiter left is old by now. */
static void forget_finished(struct pool *p)
{
	struct query *q;

	while ((q = list_take(&p->finished)))
		query_forget(q);
}

/* Puts a query on its way. Under the lock. An errno. */
static int query_begin(struct pool *p, struct query *q)
{
	if (!query_run(q, AI_NUMERICHOST)) {
		q->phase = FINISHED;
		list_add(&p->finished, q);
		ev_async_send(p->loop, &p->ready);
		return 0;
	}
	if (p->queue.n >= p->idle && p->threads < THREADS_MAX) {
		int err = thread_start(p);

		/* those that are there already will come to it */
		if (err && !p->threads)
			return err;
		p->threads += !err;
	}
	list_add(&p->queue, q);
	pthread_cond_signal(&p->work);
	return 0;
}

static struct query *query_new(const char *host, int family)
{
	size_t size = strlen(host) + 1;
	struct query *q = calloc(1, sizeof(*q) + size);

	if (!q)
		return NULL;
	q->family = family;
	memcpy(q->host, host, size);
	return q;
}

/* The query for a name: one that is under way, or a new one. */
static int query_get(struct pool *p, const char *host, int family, struct query **query,
		     struct fault *f)
{
	struct query *q = query_new(host, family), **there;
	int err;

	there = q ? tsearch(q, &queries, compare) : NULL;
	if (!there) {
		free(q);
		return fault_no_memory(f);
	}
	*query = *there;
	if (*there != q) {
		free(q);
		return 0;
	}
	err = query_begin(p, q);
	if (err) {
		query_forget(q);
		return fault_set(f, err, "the name \"%s\" cannot be looked up: no thread can be "
				 "started: %s", host, strerror(err));
	}
	return 0;
}

static void wait_begin(struct pool *p, struct ev_loop *loop)
{
	if (waiting++)
		return;
	forget_finished(p);
	p->loop = loop;
	ev_async_init(&p->ready, on_ready);
	ev_async_start(loop, &p->ready);
}

static void wait_end(struct pool *p)
{
	if (--waiting)
		return;
	ev_async_stop(p->loop, &p->ready);
	p->loop = NULL;
}

int resolve_start(struct ev_loop *loop, const char *host, int family, resolve_fn *done, void *data,
		  struct resolve **handle, struct fault *f)
{
	struct resolve *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return fault_no_memory(f);
	err = pool_make(f);
	if (err)
		goto fail;
	pthread_mutex_lock(&pool->lock);
	wait_begin(pool, loop);
	err = query_get(pool, host, family, &r->query, f);
	if (err)
		wait_end(pool);
	pthread_mutex_unlock(&pool->lock);
	if (err)
		goto fail;
	r->done = done;
	r->data = data;
	r->previous = r->query->last_waiter;
	*(r->previous ? &r->previous->next : &r->query->waiters) = r;
	r->query->last_waiter = r;
	*handle = r;
	return 0;
fail:
	free(r);
	return err;
}

void resolve_cancel(struct resolve *r)
{
	struct query *q = r->query;

	*(r->previous ? &r->previous->next : &q->waiters) = r->next;
	*(r->next ? &r->next->previous : &q->last_waiter) = r->previous;
	free(r);
	pthread_mutex_lock(&pool->lock);
	if (!q->waiters && q->phase == QUEUED) {
		list_remove(&pool->queue, q);
		query_forget(q);
	}
	wait_end(pool);
	pthread_mutex_unlock(&pool->lock);
}

static void free_waiters(void *query)
{
	struct query *q = query;

	for (struct resolve *r = q->waiters, *next; r; r = next) {
		next = r->next;
		free(r);
	}
	q->waiters = NULL;
}

void resolve_quit(void)
{
	struct pool *p = pool;
	bool unused;

	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	if (told)
		free_waiters(told);
	tdestroy(queries, free_waiters);
	queries = NULL;
	if (waiting)
		ev_async_stop(p->loop, &p->ready);
	waiting = 0;
	pool = NULL;
	p->loop = NULL;
	p->quitting = true;
	unused = !p->threads;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	if (unused)
		pool_free(p);
}
