#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Arguments and exit codes of etherwake, side by side with the real one where it is installed. No packet
# leaves: what would send names an interface that does not exist.
load helper

# real_too ARGUMENT...: the real program ends with the same exit code.
real_too() {
	local code=$status real
	real=$(PATH=$PATH:/usr/sbin:/sbin type -P etherwake) || return 0
	run "$real" "$@"
	exits "$code"
}

etherwake() {
	run "$(called etherwake)" "$@"
}

@test "without_a_station_it_exits_with_3" {
	etherwake
	exits 3
	has "Specify the Ethernet address as 00:11:22:33:44:55."
	real_too
}

@test "an_unknown_option_exits_with_3_and_the_usage" {
	etherwake -x 00:11:22:33:44:55
	exits 3
	has "usage: etherwake [-i <ifname>]"
	real_too -x 00:11:22:33:44:55
}

@test "an_option_without_its_argument_exits_with_3" {
	etherwake -i
	exits 3
	real_too -i
}

@test "u_shows_the_usage_and_exits_with_0" {
	etherwake -u
	exits 0
	has "-p passwd"
	real_too -u
}

@test "V_shows_the_version_and_still_wants_a_station" {
	etherwake -V
	exits 3
	has v1.09
	real_too -V
}

@test "what_is_no_station_exits_with_3" {
	for station in nosuchhost 00:11:22:33:44 00-11-22-33-44-55 001122334455 ""; do
		etherwake "$station"
		exits 3
		has "\"$station\" is neither a station address"
		real_too "$station"
	done
}

@test "an_interface_that_is_not_there_exits_with_1" {
	[ "$(id -u)" -eq 0 ] || skip "raw frames need root"
	etherwake -i nosuch0 00:11:22:33:44:55
	exits 1
	has 'no interface "nosuch0"'
	real_too -i nosuch0 00:11:22:33:44:55
}

@test "without_permission_it_exits_with_2" {
	needs setpriv
	[ "$(id -u)" -eq 0 ] || skip "privileges can be dropped by root only"
	mkdir bin && cp "$stoker" bin/etherwake && chmod 755 . bin bin/etherwake
	run setpriv --reuid 65534 --clear-groups --bounding-set -all bin/etherwake -i nosuch0 00:11:22:33:44:55
	exits 2
	has CAP_NET_RAW
}

@test "a_password_that_cannot_be_read_exits_with_3_as_the_manual_says" {
	etherwake -i nosuch0 -p nonsense 00:11:22:33:44:55
	exits 3
	lacks nonsense
}

@test "the_configuration_is_not_read" {
	echo nonsense >"$STOKER_CONF"
	etherwake rack01
	exits 3
	lacks stoker.conf
}

@test "busybox_name_is_known_too" {
	run "$(called ether-wake)" -b
	exits 3
}
