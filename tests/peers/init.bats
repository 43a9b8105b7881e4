#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# PID 1 of namespaces, against busybox's DHCP server. What it does to a whole machine is shown by tests/system.

STOKER=$(readlink -f "${STOKER:-$BATS_TEST_DIRNAME/../../build/stoker}")

setup() {
	server=stk-dhcp-$$ client=stk-init-$$
	ip netns add "$server"
	ip netns add "$client"
	ip link add name eth0 netns "$client" address 52:54:00:12:34:56 type veth peer name lan netns "$server"
	ip -n "$server" address add 10.9.8.1/24 dev lan
	ip -n "$server" link set lan up
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	local pid
	for pid in ${INIT-} ${SERVER-}; do kill -KILL "$pid" && wait "$pid"; done 2>/dev/null || true
	ip netns del "$client"
	ip netns del "$server"
}

# serve LEASE [LINE...]: a DHCP server that gives addresses for so many seconds
serve() {
	printf '%s\n' 'interface lan' 'start 10.9.8.100' 'end 10.9.8.110' 'min_lease 1' "lease_file $PWD/leases" \
		"pidfile $PWD/udhcpd.pid" 'option subnet 255.255.255.0' 'option router 10.9.8.1' 'option dns 10.9.8.1' \
		'option domain lan.example' "option lease $1" "${@:2}" >udhcpd.conf
	touch leases
	ip netns exec "$server" busybox udhcpd -f udhcpd.conf >served 2>&1 3>&- &
	SERVER=$!
}

# init COMMAND-LINE: it is PID 1, with this as the kernel's command line, and nothing of the machine's that it writes to
init() {
	echo "$1" >cmdline
	ln -sf "$STOKER" init
	# shellcheck disable=SC2016 # that shell's
	ip netns exec "$client" unshare --pid --fork --mount --uts --mount-proc --kill-child bash -euc '
		mount --bind "$1/cmdline" /proc/cmdline
		mkdir -p "$1/etc"
		mount --bind "$1/etc" /etc
		mount -t tmpfs none /run
		exec "$1/init"' - "$PWD" >said 2>&1 </dev/null 3>&- &
	INIT=$!
}

await() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not in time: $*" && cat said served && ip -n "$client" address && return 1; }
		sleep 0.1
	done
}
has_address() { ip -n "$client" -4 -o address show dev eth0 | grep -q "inet $1"; }
acknowledged() { [ "$(grep -c 'sending ACK' served)" -ge "$1" ]; }

@test "a_dhcp_server_is_asked_and_what_it_says_is_set" {
	serve 3600
	init 'quiet ip=dhcp stoker.run=version stoker.then=stay'
	await 20 grep -q 'Enter runs the job again' said
	has_address 10.9.8.1[01][0-9]/24
	ip -n "$client" route | grep -q '^default via 10.9.8.1 dev eth0'
	diff etc/resolv.conf - <<<$'search lan.example\nnameserver 10.9.8.1'
	grep -q '^stoker ' said
}

@test "what_the_command_line_says_counts_more" {
	serve 3600
	init 'ip=:::::eth0:dhcp:9.9.9.9 stoker.run=version stoker.then=stay'
	await 20 grep -q 'Enter runs the job again' said
	grep -qx 'nameserver 9.9.9.9' etc/resolv.conf
}

@test "a_lease_is_prolonged_and_one_that_was_lost_is_asked_for_anew" {
	serve 4
	init 'ip=dhcp stoker.run=version stoker.then=stay'
	await 20 acknowledged 4
	has_address 10.9.8.1[01][0-9]/24
	kill "$SERVER"
	wait "$SERVER" || true
	sleep 5
	sed -i 's/^start .*/start 10.9.8.200/; s/^end .*/end 10.9.8.210/' udhcpd.conf
	rm leases && touch leases
	ip netns exec "$server" busybox udhcpd -f udhcpd.conf >served 2>&1 3>&- &
	SERVER=$!
	await 40 has_address 10.9.8.2[01][0-9]/24
	grep -q 'eth0: its address was not prolonged' said
}

@test "a_fixed_address_needs_nobody" {
	init 'ip=10.9.8.7::10.9.8.1:255.255.255.0:box stoker.run=version stoker.then=poweroff'
	wait "$INIT" || true
	grep -q '^stoker ' said
	# the address is the interface's, and stays
	has_address 10.9.8.7/24
}

@test "a_job_that_fails_is_told_with_its_exit_code" {
	init 'stoker.run="wake no-such-machine" stoker.on-failure=poweroff'
	wait "$INIT" || true
	grep -q '\*\*\* stoker init: the job has failed' said
	grep -q 'why         it ended with exit code 2' said
}

@test "a_shell_without_a_terminal_is_not_begun_for_ever" {
	init 'stoker.run="wake no-such-machine" stoker.on-failure=shell'
	await 20 grep -q 'the shell ended at once: Enter runs the job again' said
	sleep 1
	[ "$(grep -c 'the job has failed' said)" = 1 ]
}

@test "where_it_is_not_pid_1_nothing_is_done" {
	run "$STOKER" init
	[ "$status" = 2 ]
	[[ $output == *'this is not the first process of a machine, and nothing was done'* ]]
}
