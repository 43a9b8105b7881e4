/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Peers and permits. See permit.h. Defined by: unix(7) (SO_PEERCRED, SO_PEERGROUPS), passwd(5),
 * group(5). Names become numbers once: afterwards a look is a comparison, however many ask.
 */
#include "daemon/permit.h"
#include "base/fault.h"
#include "base/text.h"
#include "model/key.h"
#include "model/machine.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct permit {
	struct permit *next;
	bool all;
	uid_t *users;
	gid_t *groups;
	size_t nusers, ngroups;
	char text[];
};

/* --- peers ---------------------------------------------------------------------------------- */

/* The kernel's list, with his own group behind it. */
static int read_groups(int fd, gid_t own, struct peer *peer)
{
	socklen_t size = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) && errno != ERANGE)
		return -errno;
	peer->groups = malloc(size + sizeof(gid_t));
	if (!peer->groups)
		return -ENOMEM;
	if (size && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &size)) {
		int err = -errno;

		peer_free(peer);
		return err;
	}
	peer->ngroups = size / sizeof(gid_t);
	peer->groups[peer->ngroups++] = own;
	return 0;
}

int peer_read(int fd, struct peer *peer)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);
	const struct passwd *user;

	*peer = (struct peer){0};
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size))
		return -errno;
	peer->uid = credentials.uid;
	peer->pid = credentials.pid;
	user = getpwuid(peer->uid);
	if (user)
		snprintf(peer->name, sizeof(peer->name), "%.*s", PEER_NAME_MAX - 1, user->pw_name);
	return read_groups(fd, credentials.gid, peer);
}

void peer_free(struct peer *peer)
{
	free(peer->groups);
	peer->groups = NULL;
	peer->ngroups = 0;
}

void peer_print(const struct peer *peer, char *text, size_t size)
{
	if (*peer->name)
		snprintf(text, size, "%s (uid %u, process %ld)", peer->name, peer->uid,
			 (long)peer->pid);
	else
		snprintf(text, size, "uid %u (process %ld)", peer->uid, (long)peer->pid);
}

/* --- permits -------------------------------------------------------------------------------- */

static int add_group(struct permit *permit, const char *name, const struct key *key,
		     struct fault *f)
{
	const struct group *group = getgrnam(name);

	if (!group)
		return fault_set(f, ENOENT, "%s: the system has no group \"%s\": `getent group` "
				 "lists those that it has", key->name, name);
	permit->groups[permit->ngroups++] = group->gr_gid;
	return 0;
}

static int add_user(struct permit *permit, const char *name, const struct key *key, struct fault *f)
{
	const struct passwd *user = getpwnam(name);

	if (!user)
		return fault_set(f, ENOENT, "%s: the system has no user \"%s\": write a name that "
				 "`getent passwd` lists, or @%s for a group", key->name, name,
				 name);
	permit->users[permit->nusers++] = user->pw_uid;
	return 0;
}

static int read_names(struct permit *permit, const struct machine *machine, const struct key *key,
		      struct fault *f)
{
	char text[VALUE_MAX];
	int err = 0;

	for (size_t i = 0; i < machine_values(machine, key) && !err; i++) {
		const char *name = machine_value(machine, key, i, text);

		if (!strcmp(name, "all"))
			permit->all = true;
		else
			err = *name == '@' ? add_group(permit, name + 1, key, f) :
					     add_user(permit, name, key, f);
	}
	return err;
}

static void permit_free(struct permit *permit)
{
	free(permit->users);
	free(permit->groups);
	free(permit);
}

static struct permit *permit_new(const char *text, size_t names)
{
	size_t length = strlen(text) + 1;
	struct permit *permit = calloc(1, sizeof(*permit) + length);

	if (!permit)
		return NULL;
	permit->users = calloc(names, sizeof(*permit->users));
	permit->groups = calloc(names, sizeof(*permit->groups));
	memcpy(permit->text, text, length);
	if (permit->users && permit->groups)
		return permit;
	permit_free(permit);
	return NULL;
}

static int permit_add(struct permits *permits, const char *names, const struct machine *machine,
		      const struct key *key, const struct permit **made, struct fault *f)
{
	struct permit *permit = permit_new(names, machine_values(machine, key));
	int err = permit ? read_names(permit, machine, key, f) : fault_no_memory(f);

	if (!err && table_add(&permits->by_text, permit->text, permit, NULL))
		err = fault_no_memory(f);
	if (err) {
		if (permit)
			permit_free(permit);
		return err;
	}
	permit->next = permits->first;
	permits->first = permit;
	*made = permit;
	return 0;
}

int permit_of(struct permits *permits, const struct machine *machine, const struct key *key,
	      const struct permit **permit, struct fault *f)
{
	size_t n = machine_values(machine, key);
	struct buffer names = {0};
	char text[VALUE_MAX];
	int err = 0;

	*permit = NULL;
	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++)
		buffer_add(&names, "%s%s", i ? ", " : "", machine_value(machine, key, i, text));
	if (names.failed)
		err = fault_no_memory(f);
	else
		*permit = table_find(&permits->by_text, names.text);
	if (!err && !*permit)
		err = permit_add(permits, names.text, machine, key, permit, f);
	buffer_free(&names);
	return err;
}

bool permit_has(const struct permit *permit, const struct peer *peer)
{
	if (!peer->uid || peer->uid == geteuid())
		return true;
	if (!permit || permit->all)
		return permit != NULL;
	for (size_t i = 0; i < permit->nusers; i++) {
		if (permit->users[i] == peer->uid)
			return true;
	}
	for (size_t i = 0; i < permit->ngroups; i++) {
		for (size_t k = 0; k < peer->ngroups; k++) {
			if (permit->groups[i] == peer->groups[k])
				return true;
		}
	}
	return false;
}

const char *permit_text(const struct permit *permit)
{
	return permit ? permit->text : "nobody";
}

void permits_free(struct permits *permits)
{
	while (permits->first) {
		struct permit *permit = permits->first;

		permits->first = permit->next;
		permit_free(permit);
	}
	table_free(&permits->by_text);
}
