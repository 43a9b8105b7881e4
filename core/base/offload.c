/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Offloads of network interfaces. See offload.h. Defined by: Linux's <linux/ethtool.h>
 * (SIOCETHTOOL) and Documentation/networking/netdev-features.rst; the names are the kernel's, as
 * ethtool -k shows them.
 */
#include "base/offload.h"
#include "base/fault.h"

#include <errno.h>
#include <fnmatch.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* More than a kernel will have. */
enum { FEATURES_MAX = 1024 };

/*
 * Of the features those that do something to packets: what ethtool -K switches, and its relatives.
 */
static const char *const patterns[] = {
	"rx-checksum", "tx-checksum-*", "tx-scatter-gather*", "tx-*-segmentation",
	"tx-udp-fragmentation", "tx-gso-partial", "tx-gso-list", "rx-gro*", "rx-lro",
	"rx-udp-gro-forwarding", "rx-vlan-hw-parse", "tx-vlan-hw-insert", "rx-vlan-stag-hw-parse",
	"tx-vlan-stag-hw-insert", "rx-ntuple-filter", "rx-hashing",
};

static bool is_offload(const char *name)
{
	for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (!fnmatch(patterns[i], name, 0))
			return true;
	}
	return false;
}

/* command begins with its number, as all of them do. */
static int ask(int fd, const char *interface, void *command)
{
	struct ifreq request = {0};

	if (strlen(interface) >= sizeof(request.ifr_name))
		return -ENODEV;
	strcpy(request.ifr_name, interface);
	request.ifr_data = command;
	/* ETHTOOL_SFEATURES says by a positive result what it did not do: it is looked at later */
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

/* --- by features: ETHTOOL_GFEATURES --------------------------------------------------------- */

static int count_features(int fd, const char *interface, uint32_t *n)
{
	union {
		struct ethtool_sset_info info;
		unsigned char room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} question = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
	int err = ask(fd, interface, &question);

	if (err)
		return err;
	memcpy(n, question.info.data, sizeof(*n));
	if (!question.info.sset_mask || !*n)
		return -EOPNOTSUPP;
	return *n > FEATURES_MAX ? -EPROTO : 0;
}

/* All that is known of an interface's features; each to be freed. */
struct features {
	uint32_t n;
	struct ethtool_gstrings *names;
	struct ethtool_gfeatures *states;
};

static void features_free(struct features *features)
{
	free(features->names);
	free(features->states);
}

static int features_read(int fd, const char *interface, struct features *features)
{
	uint32_t blocks;
	int err = count_features(fd, interface, &features->n);

	if (err)
		return err;
	blocks = (features->n + 31) / 32;
	features->names = calloc(1, sizeof(*features->names) + features->n * ETH_GSTRING_LEN);
	features->states = calloc(1, sizeof(*features->states) +
				  blocks * sizeof(features->states->features[0]));
	if (!features->names || !features->states)
		return -ENOMEM;
	features->names->cmd = ETHTOOL_GSTRINGS;
	features->names->string_set = ETH_SS_FEATURES;
	features->names->len = features->n;
	features->states->cmd = ETHTOOL_GFEATURES;
	features->states->size = blocks;
	err = ask(fd, interface, features->names);
	return err ? err : ask(fd, interface, features->states);
}

/* The name of a feature that is an offload; NULL for the others. */
static const char *offload_name(const struct features *features, uint32_t i,
				char name[ETH_GSTRING_LEN + 1])
{
	memcpy(name, features->names->data + i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
	name[ETH_GSTRING_LEN] = '\0';
	return is_offload(name) ? name : NULL;
}

static int read_by_feature(int fd, const char *interface, struct offloads *offloads)
{
	struct features features = {0};
	int err = features_read(fd, interface, &features);

	for (uint32_t i = 0; !err && i < features.n; i++) {
		const struct ethtool_get_features_block *b = &features.states->features[i / 32];
		uint32_t bit = 1U << i % 32;
		char name[ETH_GSTRING_LEN + 1];

		if (!(b->active & bit) || !offload_name(&features, i, name))
			continue;
		buffer_add(b->available & bit && !(b->never_changed & bit) ? &offloads->on :
									    &offloads->fixed,
			   " %s", name);
	}
	features_free(&features);
	return err;
}

static int off_by_feature(int fd, const char *interface)
{
	struct features features = {0};
	int err = features_read(fd, interface, &features);
	uint32_t blocks = (features.n + 31) / 32;
	struct ethtool_sfeatures *wish = NULL;

	if (!err) {
		wish = calloc(1, sizeof(*wish) + blocks * sizeof(wish->features[0]));
		err = wish ? 0 : -ENOMEM;
	}
	for (uint32_t i = 0; !err && i < features.n; i++) {
		const struct ethtool_get_features_block *b = &features.states->features[i / 32];
		uint32_t bit = 1U << i % 32;
		char name[ETH_GSTRING_LEN + 1];

		/* also those that are off now and would come on with another: sg brings tso back */
		if (b->available & bit && !(b->never_changed & bit) &&
		    offload_name(&features, i, name))
			wish->features[i / 32].valid |= bit;
	}
	if (!err) {
		wish->cmd = ETHTOOL_SFEATURES;
		wish->size = blocks;
		err = ask(fd, interface, wish);
	}
	free(wish);
	features_free(&features);
	return err;
}

const struct offload_way offload_by_feature = {read_by_feature, off_by_feature};

/* --- by flags: one command for each ---------------------------------------------------------- */

static const struct flag {
	const char *name;
	uint32_t get, set, bit;		/* bit: of ETHTOOL_GFLAGS; else the whole value */
} flags[] = {
	/* those that need others come before them */
	{"lro", ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_LRO},
	{"gro", ETHTOOL_GGRO, ETHTOOL_SGRO, 0},
	{"gso", ETHTOOL_GGSO, ETHTOOL_SGSO, 0},
	{"ufo", ETHTOOL_GUFO, ETHTOOL_SUFO, 0},
	{"tso", ETHTOOL_GTSO, ETHTOOL_STSO, 0},
	{"sg", ETHTOOL_GSG, ETHTOOL_SSG, 0},
	{"tx", ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM, 0},
	{"rx", ETHTOOL_GRXCSUM, ETHTOOL_SRXCSUM, 0},
	{"rxvlan", ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_RXVLAN},
	{"txvlan", ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_TXVLAN},
	{"ntuple", ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_NTUPLE},
	{"rxhash", ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_RXHASH},
};

enum { FLAGS = sizeof(flags) / sizeof(flags[0]) };

/* *value: the whole of it, of which flag->bit may be one. What the kernel does not know is off. */
static int flag_read(int fd, const char *interface, const struct flag *flag, uint32_t *value)
{
	struct ethtool_value question = {.cmd = flag->get};
	int err = ask(fd, interface, &question);

	*value = err ? 0 : question.data;
	return err == -EOPNOTSUPP ? 0 : err;
}

static int read_by_flag(int fd, const char *interface, struct offloads *offloads)
{
	for (unsigned i = 0; i < FLAGS; i++) {
		uint32_t value;
		int err = flag_read(fd, interface, &flags[i], &value);

		if (err)
			return err;
		if (value & (flags[i].bit ? flags[i].bit : ~0U))
			buffer_add(&offloads->on, " %s", flags[i].name);
	}
	return 0;
}

static int off_by_flag(int fd, const char *interface)
{
	int worst = 0;

	for (unsigned i = 0; i < FLAGS; i++) {
		struct ethtool_value wish = {.cmd = flags[i].set};
		uint32_t value;
		int err = flag_read(fd, interface, &flags[i], &value);

		if (!err && value & (flags[i].bit ? flags[i].bit : ~0U)) {
			wish.data = flags[i].bit ? value & ~flags[i].bit : 0;
			err = ask(fd, interface, &wish);
		}
		/* one that cannot be switched must not keep the others on */
		if (err && (!worst || err == -EPERM))
			worst = err;
	}
	return worst;
}

const struct offload_way offload_by_flag = {read_by_flag, off_by_flag};

/* --- by whichever there is ------------------------------------------------------------------- */

void offloads_free(struct offloads *offloads)
{
	buffer_free(&offloads->on);
	buffer_free(&offloads->fixed);
}

static int tell(const char *interface, int err, struct fault *f)
{
	if (err == -ENODEV)
		return fault_set(f, ENODEV, "there is no network interface \"%s\"", interface);
	return fault_set(f, -err, "the offloads of %s cannot be read: %s", interface,
			 strerror(-err));
}

/* *way: which works here. */
static int look(int fd, const char *interface, struct offloads *offloads,
		const struct offload_way **way)
{
	int err;

	*way = &offload_by_feature;
	err = (*way)->read(fd, interface, offloads);
	if (err == -EOPNOTSUPP) {
		*way = &offload_by_flag;
		err = (*way)->read(fd, interface, offloads);
	}
	if (!err && (offloads->on.failed || offloads->fixed.failed))
		err = -ENOMEM;
	return err;
}

static int socket_open(int *fd, struct fault *f)
{
	*fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* a kernel without IPv4 */
	if (*fd < 0)
		*fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return *fd < 0 ? fault_set(f, errno, "no socket to ask for offloads by: %s",
				   strerror(errno)) : 0;
}

int offloads_read(const char *interface, struct offloads *offloads, struct fault *f)
{
	const struct offload_way *way;
	int fd, err = socket_open(&fd, f);

	if (err)
		return err;
	err = look(fd, interface, offloads, &way);
	close(fd);
	return err ? tell(interface, err, f) : 0;
}

/* Switches them, and looks again. */
static int switch_off(int fd, const char *interface, const struct offload_way *way,
		      const struct offloads *offloads, struct fault *f)
{
	struct offloads after = {0};
	int err = way->off(fd, interface);

	/* the list may be long, and is what may be cut */
	if (err == -EPERM)
		return fault_set(f, EPERM, "user %u may not switch the offloads of %s off: run as "
				 "root, or with CAP_NET_ADMIN; these are on: %s",
				 (unsigned)geteuid(), interface, buffer_text(&offloads->on) + 1);
	/* what else it says does not matter: what it did does */
	err = way->read(fd, interface, &after);
	if (err)
		err = tell(interface, err, f);
	else if (after.on.length)
		err = fault_set(f, EIO, "offloads of %s stay on, though they were switched off: %s",
				interface, buffer_text(&after.on) + 1);
	offloads_free(&after);
	return err;
}

int offloads_off(const char *interface, struct offloads *offloads, struct fault *f)
{
	const struct offload_way *way;
	int fd, err = socket_open(&fd, f);

	if (err)
		return err;
	err = look(fd, interface, offloads, &way);
	if (err)
		err = tell(interface, err, f);
	else if (offloads->on.length)
		err = switch_off(fd, interface, way, offloads, f);
	close(fd);
	return err;
}
