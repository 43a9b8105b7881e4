# SPDX-License-Identifier: GPL-3.0-or-later
# Probes, over a virtual wire, against ping, arping and a listening socket; and waking that is observed by them.

load wire

setup_file() { wire_up; }
teardown_file() { wire_down; }
setup() { setup_lab; }

@test "icmp_and_arp_see_what_ping_and_arping_see" {
	cat >"$STOKER_CONF" <<-CONF
		machine "there" { address = "192.168.3.2" probe = "icmp" }
		machine "gone" { address = "192.168.3.9" probe = "icmp" probe-timeout = "1s" }
		machine "there-arp" { address = "192.168.3.2" probe = "arp" }
		machine "gone-arp" { address = "192.168.3.9" probe = "arp" probe-timeout = "1s" }
	CONF
	near ping -c 1 -W 1 192.168.3.2
	run near ping -c 1 -W 1 192.168.3.9
	[ "$status" != 0 ]
	near arping -c 1 -w 1 -I wire0 192.168.3.2
	run near "$STOKER" status
	[ "$status" = 3 ]
	[ "${lines[0]}" = 'there,there-arp: on' ]
	[[ "$output" == *'gone,gone-arp: off'* || "$output" == *'gone: off'*'gone-arp: off'* ]]
}

@test "tcp_tells_open_from_refused_from_silent" {
	cat >"$STOKER_CONF" <<-CONF
		machine "open" { address = "192.168.3.2" probe = "tcp 2222" }
		machine "refused" { address = "192.168.3.2" probe = "tcp 2223" }
		machine "silent" { address = "192.168.3.9" probe = "tcp 22" probe-timeout = "1s" }
	CONF
	far busybox nc -l -p 2222 3>&- &
	listener=$!
	until far busybox netstat -ltn | grep -q ':2222 '; do :; done
	run near "$STOKER" status open
	kill $listener || true
	[ "$status" = 0 ]
	[ "$output" = 'open: on' ]
	run near "$STOKER" status refused
	[ "$status" = 1 ]
	[[ "$output" == *'refuse'* ]]
	run near "$STOKER" status silent
	[ "$status" = 3 ]
}

@test "wake_sends_again_until_the_machine_answers_and_only_then_says_on" {
	echo 'machine "box" { mac = "02:00:00:00:00:07" address = "192.168.3.77" probe = "icmp" }' >"$STOKER_CONF"
	# the machine comes up when it has heard two packets
	far bash -c 'tcpdump -i wire1 -n -c 2 "udp port 9" >/dev/null 2>"$0"/woken;
		ip addr add 192.168.3.77/32 dev wire1' "$BATS_TEST_TMPDIR" 3>&- &
	until grep -q 'listening on' "$BATS_TEST_TMPDIR/woken" 2>/dev/null; do :; done
	run near "$STOKER" wake box
	[ "$status" = 0 ]
	[ "$output" = 'box: on' ]
	wait
	far ip addr del 192.168.3.77/32 dev wire1
}

@test "a_machine_that_never_answers_is_a_failure_at_the_time_limit" {
	echo 'machine "box" { mac = "02:00:00:00:00:07" address = "192.168.3.78" probe = "icmp"' \
		'on = "wol 3s" probe-timeout = "1s" }' >"$STOKER_CONF"
	run near "$STOKER" on box
	[ "$status" = 1 ]
	[[ "$output" == *'box: wol: sent, but not on within 3s'* ]]
}

@test "two_hundred_silent_machines_are_off" {
	echo 'machine "m[001-200]" { address = "192.168.3.[20-219]" probe = "icmp" probe-timeout = "2s" }' \
		>"$STOKER_CONF"
	run near "$STOKER" status --json all
	[ "$status" = 3 ]
	[ "$(grep -c '"state":"off","ok":true' <<<"$output")" = 200 ]
}
