/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks by ARP requests: RFC 826, and RFC 5227 for what a prober may expect. A machine answers them
 * behind any firewall of its own, but only in its own network. libnet builds and sends, libpcap
 * receives; one of each for an interface.
 */
#include "probe.h"
#include "base/fault.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <libnet.h>
#include <linux/filter.h>
#include <net/if.h>
#include <pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where things stand in an ARP packet on Ethernet. */
enum {
	ETHERTYPE_AT = 12, HARDWARE_AT = 14, PROTOCOL_AT = 16, SIZES_AT = 18, OPERATION_AT = 20,
	SENDER_MAC_AT = 22, SENDER_AT = 28, ARP_END = 42,
};

/* how old the list of interfaces may be, in seconds: thousands of probes begin at once */
static const ev_tstamp interfaces_age = 1;

/* An interface that probes go out of. */
struct wire {
	struct wire *next;
	char name[IF_NAMESIZE];
	unsigned index;
	libnet_t *net;
	pcap_t *pcap;
	/* libnet's names for the packet's parts, which are written anew */
	libnet_ptag_t arp, ethernet;
	uint8_t mac[MAC_LENGTH];
	ev_io io;
	struct probe *probes;
};

/* The way to an address: the interface whose network it is in, and our own address there. */
struct way {
	char name[IF_NAMESIZE];
	struct in_addr own;
	uint32_t mask;
};

static struct wire *wires;
static struct ifaddrs *interfaces;
static double interfaces_read;

static struct in_addr address_of(const struct probe *p)
{
	return ((const struct sockaddr_in *)&p->address)->sin_addr;
}

static int read_interfaces(double now, struct fault *f)
{
	if (interfaces && now >= interfaces_read && now < interfaces_read + interfaces_age)
		return 0;
	if (interfaces)
		freeifaddrs(interfaces);
	interfaces = NULL;
	if (getifaddrs(&interfaces))
		return fault_set(f, errno, "the network interfaces cannot be listed: %s",
				 strerror(errno));
	interfaces_read = now;
	return 0;
}

static bool can_ask(const struct ifaddrs *i)
{
	return i->ifa_addr && i->ifa_netmask && i->ifa_addr->sa_family == AF_INET &&
	       i->ifa_flags & IFF_UP && !(i->ifa_flags & (IFF_LOOPBACK | IFF_NOARP));
}

/* "eth0 10.0.0.5, …": the networks that there are, for the sentence. */
static int no_way(const struct probe *p, struct fault *f)
{
	char text[INET_ADDRSTRLEN];
	struct buffer b = {0};
	int err;

	for (const struct ifaddrs *i = interfaces; i; i = i->ifa_next) {
		const struct sockaddr_in *own = (const struct sockaddr_in *)i->ifa_addr;
		const struct sockaddr_in *mask = (const struct sockaddr_in *)i->ifa_netmask;

		if (!can_ask(i) || !inet_ntop(AF_INET, &own->sin_addr, text, sizeof(text)))
			continue;
		buffer_add(&b, "%s%s has %s/%d", b.length ? ", " : "", i->ifa_name, text,
			   __builtin_popcount(mask->sin_addr.s_addr));
	}
	err = fault_set(f, ENETUNREACH, "%s is in the network of no interface (%s): ARP reaches no "
			"further, use icmp or tcp", probe_name(p),
			b.length ? buffer_text(&b) : "none is up");
	buffer_free(&b);
	return err;
}

/* 0, PROBE_ANSWERED for an address of our own, or -errno with a sentence. */
static int find_way(const struct probe *p, struct way *way, struct fault *f)
{
	uint32_t wanted = ntohl(address_of(p).s_addr);
	int err = read_interfaces(ev_now(p->attempt->loop), f);
	bool found = false;

	if (err)
		return err;
	for (const struct ifaddrs *i = interfaces; i; i = i->ifa_next) {
		uint32_t own, mask;

		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !i->ifa_netmask)
			continue;
		own = ntohl(((const struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr);
		mask = ntohl(((const struct sockaddr_in *)i->ifa_netmask)->sin_addr.s_addr);
		if (own == wanted)
			return PROBE_ANSWERED;
		if (!can_ask(i) || (own ^ wanted) & mask || (found && mask <= way->mask))
			continue;
		snprintf(way->name, sizeof(way->name), "%s", i->ifa_name);
		way->own.s_addr = htonl(own);
		way->mask = mask;
		found = true;
	}
	return found ? 0 : no_way(p, f);
}

static int check_permission(struct fault *f)
{
	/* protocol 0: receives nothing */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno == EPERM || errno == EACCES)
		return fault_set(f, EPERM, "ARP needs CAP_NET_RAW: run as root, or \"setcap "
				 "cap_net_raw+ep PROGRAM\"; tcp needs no permission");
	return fault_set(f, errno, "no ARP request can be sent: %s", strerror(errno));
}

/* libnet's socket blocks, and receives every frame that passes: it shall do neither. */
static void tame(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = {1, &nothing};

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

static int open_sender(struct wire *wire, struct fault *f)
{
	char error[LIBNET_ERRBUF_SIZE];
	const struct libnet_ether_addr *mac;

	wire->net = libnet_init(LIBNET_LINK, wire->name, error);
	if (!wire->net)
		return fault_set(f, ENODEV, "no ARP request can be sent out of \"%s\": %s",
				 wire->name, error);
	tame(libnet_getfd(wire->net));
	mac = libnet_get_hwaddr(wire->net);
	if (!mac)
		return fault_set(f, ENODEV, "the interface \"%s\" has no MAC address", wire->name);
	memcpy(wire->mac, mac->ether_addr_octet, MAC_LENGTH);
	return 0;
}

/* Takes ARP replies alone: what pcap_compile makes of "arp[6:2] = 2". */
static int set_filter(pcap_t *pcap)
{
	static struct bpf_insn replies[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETHERTYPE_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_ARP, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, OPERATION_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REPLY, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 128),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct bpf_program program = {sizeof(replies) / sizeof(replies[0]), replies};

	return pcap_setfilter(pcap, &program);
}

static int receiver_fault(const struct wire *wire, const char *why, struct fault *f)
{
	return fault_set(f, EIO, "no ARP reply can be received from \"%s\": %s", wire->name, why);
}

static int open_receiver(struct wire *wire, struct fault *f)
{
	char error[PCAP_ERRBUF_SIZE];
	int fd;

	wire->pcap = pcap_create(wire->name, error);
	if (!wire->pcap)
		return receiver_fault(wire, error, f);
	pcap_set_snaplen(wire->pcap, 128);
	pcap_set_promisc(wire->pcap, 0);
	pcap_set_immediate_mode(wire->pcap, 1);
	pcap_set_buffer_size(wire->pcap, 256 * 1024);
	if (pcap_activate(wire->pcap) < 0)
		return receiver_fault(wire, pcap_geterr(wire->pcap), f);
	if (pcap_datalink(wire->pcap) != DLT_EN10MB)
		return receiver_fault(wire, "it is not an Ethernet interface", f);
	if (set_filter(wire->pcap) || pcap_setnonblock(wire->pcap, 1, error))
		return receiver_fault(wire, pcap_geterr(wire->pcap), f);
	fd = pcap_get_selectable_fd(wire->pcap);
	if (fd < 0)
		return receiver_fault(wire, "it cannot be waited for", f);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

static void wire_free(struct wire *wire)
{
	if (wire->pcap)
		pcap_close(wire->pcap);
	if (wire->net)
		libnet_destroy(wire->net);
	free(wire);
}

static void wire_remove(struct wire *wire)
{
	struct wire **link = &wires;

	while (*link != wire)
		link = &(*link)->next;
	*link = wire->next;
	wire_free(wire);
}

/* Takes one packet in. It may end probes, never the wire. */
static void on_packet(u_char *data, const struct pcap_pkthdr *header, const u_char *bytes)
{
	static const uint8_t ethernet_ipv4[] = {0, 1, 8, 0, MAC_LENGTH, 4, 0, ARPOP_REPLY};
	struct wire *wire = (struct wire *)data;
	struct in_addr from;

	if (header->caplen < ARP_END ||
	    memcmp(bytes + HARDWARE_AT, ethernet_ipv4, sizeof(ethernet_ipv4)))
		return;
	memcpy(&from, bytes + SENDER_AT, sizeof(from));
	for (struct probe *p = wire->probes, *next; p; p = next) {
		next = p->next;
		if (address_of(p).s_addr == from.s_addr)
			probe_answered(p);
	}
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
	struct wire *wire = w->data;
	char why[PCAP_ERRBUF_SIZE];
	struct fault f;
	int err;

	(void)events;
	if (pcap_dispatch(wire->pcap, 256, on_packet, (u_char *)wire) >= 0)
		return;
	/* it has gone down or away: the next probe opens it anew */
	snprintf(why, sizeof(why), "%s", pcap_geterr(wire->pcap));
	err = receiver_fault(wire, why, &f);
	ev_io_stop(loop, w);
	while (wire->probes)
		probe_error(wire->probes, err, f.text);
	wire_remove(wire);
}

static void ignore(u_char *data, const struct pcap_pkthdr *header, const u_char *bytes)
{
	(void)data, (void)header, (void)bytes;
}

static struct wire *wire_open(const char *name, struct fault *f)
{
	struct wire *wire;
	int err = check_permission(f);

	if (err)
		return NULL;
	wire = calloc(1, sizeof(*wire));
	if (!wire) {
		fault_no_memory(f);
		return NULL;
	}
	strcpy(wire->name, name);
	wire->index = if_nametoindex(name);
	wire->arp = wire->ethernet = LIBNET_PTAG_INITIALIZER;
	if (open_sender(wire, f) || open_receiver(wire, f)) {
		wire_free(wire);
		return NULL;
	}
	ev_io_init(&wire->io, on_io, pcap_get_selectable_fd(wire->pcap), EV_READ);
	wire->io.data = wire;
	wire->next = wires;
	wires = wire;
	return wire;
}

/* The wire of an interface. One of an interface that has gone and come back is of no use. */
static struct wire *wire_get(const char *name, struct fault *f)
{
	struct wire *wire = wires;

	while (wire && strcmp(wire->name, name))
		wire = wire->next;
	if (wire && !wire->probes && wire->index != if_nametoindex(name)) {
		wire_remove(wire);
		wire = NULL;
	}
	return wire ? wire : wire_open(name, f);
}

static void join(struct wire *wire, struct probe *p)
{
	if (!wire->probes) {
		/* what came while nobody asked says nothing of now */
		while (pcap_dispatch(wire->pcap, -1, ignore, NULL) > 0)
			;
		ev_io_start(p->attempt->loop, &wire->io);
	}
	p->wire = wire;
	p->next = wire->probes;
	if (p->next)
		p->next->previous = p;
	wire->probes = p;
}

/* Writes the request into libnet's packet: false without memory. */
static bool build(struct wire *wire, struct in_addr own, struct in_addr target)
{
	static const uint8_t everybody[MAC_LENGTH] = {255, 255, 255, 255, 255, 255},
			     nobody[MAC_LENGTH];

	wire->arp = libnet_build_arp(ARPHRD_ETHER, ETHERTYPE_IP, MAC_LENGTH, 4, ARPOP_REQUEST,
				     wire->mac, (const uint8_t *)&own, nobody,
				     (const uint8_t *)&target, NULL, 0, wire->net, wire->arp);
	if (wire->arp >= 0)
		wire->ethernet = libnet_build_ethernet(everybody, wire->mac, ETHERTYPE_ARP, NULL, 0,
						       wire->net, wire->ethernet);
	return wire->arp >= 0 && wire->ethernet >= 0;
}

static int send_request(struct probe *p, struct fault *f)
{
	struct way way;
	int err = find_way(p, &way, f);

	/* our own address may have changed meanwhile */
	if (err)
		return err;
	if (!build(p->wire, way.own, address_of(p))) {
		libnet_clear_packet(p->wire->net);
		p->wire->arp = p->wire->ethernet = LIBNET_PTAG_INITIALIZER;
		return fault_no_memory(f);
	}
	errno = 0;
	err = libnet_write(p->wire->net) >= 0 ? 0 : errno ? errno : EIO;
	if (!err || err == EAGAIN || err == ENOBUFS) {
		probe_sent(p, err);
		return 0;
	}
	return fault_set(f, err, "no ARP request can be sent out of \"%s\": %s", p->wire->name,
			 strerror(err));
}

static int begin(struct probe *p, struct fault *f)
{
	struct wire *wire;
	struct way way;
	int err = find_way(p, &way, f);

	if (err)
		return err;
	wire = wire_get(way.name, f);
	if (!wire)
		return check_permission(NULL) ? -EPERM : -EIO;
	join(wire, p);
	return send_request(p, f);
}

static void end(struct probe *p)
{
	struct wire *wire = p->wire;

	if (!wire)
		return;
	*(p->previous ? &p->previous->next : &wire->probes) = p->next;
	if (p->next)
		p->next->previous = p->previous;
	if (!wire->probes)
		ev_io_stop(p->attempt->loop, &wire->io);
}

static void quit(void)
{
	while (wires)
		wire_remove(wires);
	if (interfaces)
		freeifaddrs(interfaces);
	interfaces = NULL;
}

const struct probe_kind probe_arp = {
	.name = "arp",
	.asked = "ARP requests",
	.family = AF_INET,
	.sends = 3,
	.begin = begin,
	.again = send_request,
	.end = end,
	.quit = quit,
};
