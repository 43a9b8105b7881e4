# SPDX-License-Identifier: GPL-3.0-or-later
# wake against etherwake and wakeonlan, over a virtual wire.

load wire

setup_file() { wire_up; }
teardown_file() { wire_down; }
setup() { setup_lab; }

mac=00:16:3e:12:34:56

# same_raw OURS... -- THEIRS...: the same bytes arrive
same_raw() {
	local ours=() theirs
	while [ "$1" != -- ]; do
		ours+=("$1")
		shift
	done
	shift
	capture 1 'ether proto 0x0842'
	near "$@"
	captured
	theirs=$(frames)
	capture 1 'ether proto 0x0842'
	near "$STOKER" "${ours[@]}"
	captured
	[ -n "$theirs" ]
	[ "$(frames)" = "$theirs" ]
}

same_udp() {
	local ours=() theirs filter=$1
	shift
	while [ "$1" != -- ]; do
		ours+=("$1")
		shift
	done
	shift
	capture 1 "$filter"
	near "$@"
	captured
	theirs=$(udp_frames)
	capture 1 "$filter"
	near "$STOKER" "${ours[@]}"
	captured
	[ -n "$theirs" ]
	[ "$(udp_frames)" = "$theirs" ]
}

@test "raw_frame_equals_etherwakes" {
	same_raw wake -i wire0 --raw $mac -- etherwake -i wire0 $mac
}

@test "raw_broadcast_equals_etherwakes" {
	same_raw wake -i wire0 --raw -b $mac -- etherwake -i wire0 -b $mac
}

@test "secureon_of_six_bytes_equals_etherwakes" {
	same_raw wake -i wire0 --raw --password 00:11:22:33:44:55 $mac -- etherwake -i wire0 -p 00:11:22:33:44:55 $mac
}

@test "secureon_of_four_bytes_equals_etherwakes" {
	same_raw wake -i wire0 --raw --password 192.168.1.77 $mac -- etherwake -i wire0 -p 192.168.1.77 $mac
	same_raw wake -i wire0 --raw -b --password 192.168.1.77 $mac -- etherwake -i wire0 -b -p 192.168.1.77 $mac
}

@test "secureon_forms_mean_the_same" {
	capture 3 'ether proto 0x0842'
	near "$STOKER" wake -i wire0 --raw --password 00:11:22:33:44:55 $mac
	near "$STOKER" wake -i wire0 --raw --password 001122334455 $mac
	near "$STOKER" wake -i wire0 --raw --password 00-11-22-33-44-55 $mac
	captured
	[ "$(frames | sort -u | wc -l)" = 1 ]
}

@test "udp_to_a_directed_broadcast_equals_wakeonlans" {
	same_udp 'udp port 9' wake --to 192.168.3.255 $mac -- wakeonlan -i 192.168.3.255 $mac
	same_udp 'udp port 7' wake --to 192.168.3.255:7 $mac -- wakeonlan -i 192.168.3.255 -p 7 $mac
}

@test "udp_to_everybody_equals_wakeonlans" {
	near ip route add default dev wire0
	same_udp 'udp port 9' wake --to 255.255.255.255 $mac -- wakeonlan $mac
	same_udp 'udp port 40000' wake --to 255.255.255.255:40000 $mac -- wakeonlan -p 40000 $mac
	near ip route del default
}

@test "udp_to_a_host_equals_wakeonlans" {
	same_udp 'udp port 9' wake --to 192.168.3.2 $mac -- wakeonlan -i 192.168.3.2 $mac
}

@test "without_options_it_goes_to_port_9_of_the_interfaces_broadcast_address" {
	capture 1 'udp'
	near "$STOKER" wake $mac
	captured
	tcpdump -r "$BATS_TEST_TMPDIR/heard" -n 2>/dev/null | grep -q '> 192.168.3.255.9: UDP, length 102'
	frames | grep -q '^ffffffffffff02aa00000001'
}

@test "ipv6_goes_to_all_nodes_of_the_interface" {
	until near ip -6 addr show dev wire0 scope link | grep -q inet6 &&
		! near ip -6 addr show dev wire0 tentative | grep -q inet6; do :; done
	capture 2 'ip6 and udp'
	near "$STOKER" wake --to 'ff02::1%wire0' $mac
	near "$STOKER" wake --to '[ff02::1%wire0]:40' $mac
	captured
	tcpdump -r "$BATS_TEST_TMPDIR/heard" -n 2>/dev/null | grep -q '> ff02::1.9: '
	tcpdump -r "$BATS_TEST_TMPDIR/heard" -n 2>/dev/null | grep -q '> ff02::1.40: '
}

@test "count_reverse_and_port_do_what_they_say" {
	capture 3 'udp port 7'
	near "$STOKER" wake -p 7 --count 3 --interval 10ms $mac
	captured
	[ "$(udp_frames | sort -u | wc -l)" = 1 ]
	capture 1 'ether proto 0x0842'
	near "$STOKER" wake -i wire0 --raw --reverse $mac
	captured
	frames | grep -q '56'34123e1600
}

@test "every_interface_that_is_up_gets_one_when_asked_for_all" {
	near ip link add second0 type veth peer name second1
	near ip addr add 192.168.4.1/24 brd + dev second0
	near ip link set second0 up
	near ip link set second1 up
	until near cat /sys/class/net/second0/carrier 2>/dev/null | grep -q 1; do :; done
	capture 1 'udp port 9'
	near "$STOKER" wake --json -i all $mac
	captured
	# the other one of the pair heard it on its own wire
	[ "$(near cat /sys/class/net/second1/statistics/rx_packets)" -ge 1 ]
	near ip link del second0
}

@test "names_of_etc_ethers_are_known" {
	printf '# comment\n%s box1\n' $mac >"$BATS_TEST_TMPDIR/ethers"
	capture 1 'ether proto 0x0842'
	near unshare -m bash -c "touch /etc/ethers; mount --bind '$BATS_TEST_TMPDIR/ethers' /etc/ethers &&
		'$STOKER' wake -i wire0 --raw box1"
	captured
	frames | grep -q '^00163e123456'
}

@test "a_file_and_standard_input_name_machines" {
	printf '%s\n# comment\n00-16-3e-00-00-02 192.168.3.255 9\n' $mac >"$BATS_TEST_TMPDIR/list"
	capture 4 'udp port 9'
	near "$STOKER" wake --file "$BATS_TEST_TMPDIR/list"
	near "$STOKER" wake - <"$BATS_TEST_TMPDIR/list"
	captured
	[ "$(udp_frames | sort -u | wc -l)" = 2 ]
}

@test "called_etherwake_it_sends_what_etherwake_sends" {
	ln -s "$STOKER" "$BATS_TEST_TMPDIR/etherwake"
	for arguments in "-i wire0 $mac" "-b -i wire0 $mac" "-i wire0 -p 1.2.3.4 $mac" \
		"-i wire0 -p 0:1:2:3:4:5 $mac"; do
		capture 1 'ether proto 0x0842'
		near etherwake $arguments
		captured
		theirs=$(frames)
		capture 1 'ether proto 0x0842'
		near "$BATS_TEST_TMPDIR/etherwake" $arguments
		captured
		[ "$(frames)" = "$theirs" ]
	done
}

@test "called_wakeonlan_it_sends_and_says_what_wakeonlan_does" {
	ln -s "$STOKER" "$BATS_TEST_TMPDIR/wakeonlan"
	for arguments in "-i 192.168.3.255 $mac" "-i 192.168.3.255 -p 7 $mac"; do
		capture 1 'udp'
		said=$(near wakeonlan $arguments)
		captured
		theirs=$(udp_frames)
		capture 1 'udp'
		[ "$(near "$BATS_TEST_TMPDIR/wakeonlan" $arguments)" = "$said" ]
		captured
		[ "$(udp_frames)" = "$theirs" ]
	done
}

@test "ten_thousand_machines_arrive_complete" {
	echo 'machine "rack[00001-10000]" { mac = "02:00:00:[00-27]:[00-f9]:01" }' >"$STOKER_CONF"
	capture 10000 'udp port 9'
	near "$STOKER" wake --rate 0 all
	captured 60
	[ "$(udp_frames | sort -u | wc -l)" = 10000 ]
	capture 10000 'ether proto 0x0842'
	near "$STOKER" wake --rate 0 -i wire0 --raw all
	captured 60
	[ "$(frames | sort -u | wc -l)" = 10000 ]
}

@test "the_rate_spreads_the_packets" {
	capture 300 'udp port 9'
	near "$STOKER" wake --rate 200 '02:00:00:00:[00-02]:[00-63]'
	captured 20
	first=$(tcpdump -r "$BATS_TEST_TMPDIR/heard" -n -tt 2>/dev/null | head -n 1 | cut -d' ' -f1)
	last=$(tcpdump -r "$BATS_TEST_TMPDIR/heard" -n -tt 2>/dev/null | tail -n 1 | cut -d' ' -f1)
	# 300 at 200 a second, ten of them at once: 1.45 s; never faster
	awk -v a="$first" -v b="$last" 'BEGIN { exit !(b - a > 1.3) }'
}

@test "bad_input_sends_nothing_and_ends_with_2" {
	for arguments in '00:16:3e:12:34' "--password 0011 $mac" '-i nope0 00:16:3e:12:34:56' "--to 1.2.3.4.5:x $mac" \
		"--port 0 $mac" "--count 0 $mac" 'nobody' "--raw --to 192.168.3.255 $mac" "--colour $mac"; do
		status=0
		silence 'udp port 9 or udp port 7 or ether proto 0x0842' "$STOKER" wake $arguments || status=$?
		[ $status = 2 ] || { echo "$arguments: $status"; false; }
	done
}

@test "an_interface_that_is_missing_or_down_is_told" {
	run near "$STOKER" wake -i wire9 $mac
	[ "$status" = 2 ]
	[[ "$output" == *'no interface "wire9"'*'wire0'* ]]
	near ip link add down0 type veth peer name down1
	run near "$STOKER" wake -i down0 $mac
	[ "$status" = 2 ]
	[[ "$output" == *'"down0" is down'* ]]
	near ip link del down0
}

@test "without_permission_raw_is_refused_with_advice_and_udp_still_works" {
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" 2>/dev/null || true
	install -m 755 "$(readlink -f "$STOKER")" "$BATS_RUN_TMPDIR/stoker" 2>/dev/null
	[[ $(basename "$STOKER") == valgrind ]] && program=$STOKER || program=$BATS_RUN_TMPDIR/stoker
	run near setpriv --inh-caps=-all --bounding-set=-all "$program" wake -i wire0 --raw $mac
	[ "$status" = 2 ]
	[[ "$output" == *'CAP_NET_RAW'* ]]
	capture 1 'udp port 9'
	near setpriv --inh-caps=-all --bounding-set=-all "$program" wake $mac
	captured
}
