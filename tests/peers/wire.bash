# SPDX-License-Identifier: GPL-3.0-or-later
# A wire for tests: two network namespaces joined by a virtual cable, tcpdump at the far end. Nothing leaves them.

STOKER=$(readlink -f "${STOKER:-$BATS_TEST_DIRNAME/../../build/stoker}")

wire_up() {
	NEAR=stk-near-$$ FAR=stk-far-$$
	export NEAR FAR
	ip netns add "$NEAR"
	ip netns add "$FAR"
	ip -n "$NEAR" link add wire0 address 02:aa:00:00:00:01 type veth \
		peer name wire1 address 02:aa:00:00:00:02 netns "$FAR"
	ip -n "$NEAR" addr add 192.168.3.1/24 brd + dev wire0
	ip -n "$FAR" addr add 192.168.3.2/24 brd + dev wire1
	ip -n "$NEAR" link set lo up
	ip -n "$NEAR" link set wire0 up
	ip -n "$FAR" link set wire1 up
	# the kernel's own chatter would be captured too
	ip netns exec "$FAR" sh -c 'echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts'
	until ip netns exec "$NEAR" cat /sys/class/net/wire0/carrier 2>/dev/null | grep -q 1; do :; done
}

wire_down() {
	ip netns del "$NEAR"
	ip netns del "$FAR"
}

# setup_lab: an empty configuration, and folders of this test's own
setup_lab() {
	export STOKER_CONF=$BATS_TEST_TMPDIR/stoker.conf STOKER_RUN=$BATS_TEST_TMPDIR/run \
		STOKER_STATE=$BATS_TEST_TMPDIR/state
	mkdir "$STOKER_RUN" "$STOKER_STATE"
	: >"$STOKER_CONF"
}

near() { ip netns exec "$NEAR" "$@"; }
far() { ip netns exec "$FAR" "$@"; }

# capture COUNT FILTER: what arrives goes to $BATS_TEST_TMPDIR/heard, until COUNT packets are there
capture() {
	rm -f "$BATS_TEST_TMPDIR/heard" "$BATS_TEST_TMPDIR/ready"
	far tcpdump -i wire1 -n -U -B 65536 -s 256 -c "$1" -w "$BATS_TEST_TMPDIR/heard" "$2" \
		2>"$BATS_TEST_TMPDIR/ready" 3>&- &
	TCPDUMP=$!
	until grep -q 'listening on' "$BATS_TEST_TMPDIR/ready" 2>/dev/null; do :; done
}

# captured: waits for them, and fails when they do not come
captured() {
	timeout "${1:-15}" tail --pid="$TCPDUMP" -f /dev/null || { kill "$TCPDUMP"; return 1; }
	wait "$TCPDUMP"
}

# silence FILTER COMMAND...: nothing that matches arrives while a command runs
silence() {
	local filter=$1
	shift
	capture 1 "$filter"
	near "$@"
	local status=$?
	# a marker behind it: what was sent before has arrived when this has
	near bash -c 'echo >/dev/udp/192.168.3.2/5' || true
	kill "$TCPDUMP"
	wait "$TCPDUMP" || true
	[ "$(tcpdump -r "$BATS_TEST_TMPDIR/heard" 2>/dev/null | wc -l)" = 0 ] || return 100
	return $status
}

# frames: a line of hexadecimal a frame
frames() {
	tcpdump -r "$BATS_TEST_TMPDIR/heard" -xx -t -n 2>/dev/null |
		awk '/^\t0x/ { for (i = 2; i <= NF; i++) line = line $i; next }
			{ if (line) print line; line = "" } END { if (line) print line }'
}

# udp_frames: the same with zeros where two senders may differ: IP identification, flags and checksum,
# source port, UDP checksum
udp_frames() {
	frames | sed -E 's/^(.{36}).{8}(.{4}).{4}(.{16}).{4}(.{8}).{4}/\100000000\20000\30000\40000/'
}
