#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Machines named by their BMCs, and passwords, as far as that goes without a BMC: plans and refusals.
load helper

needs_bmc() {
	"$stoker" help keys bmc >/dev/null 2>&1 || skip "no driver of this build has the key bmc"
}

lab() {
	cat >"$STOKER_CONF" <<-'END'
		machine "rack[1-3]" { sandbox = "off" }
	END
}

# machines ARGUMENT...: the names in the plan, one a line
machines() { "$stoker" "$@" --dry-run --json | jq -r .machine; }

@test "bmcs_are_machines_named_by_their_address" {
	needs_bmc
	needs jq
	[ "$(machines on --bmc '10.0.0.[1-2]:6230' --bmc '[::1]:623' --bmc 'fe80::1%lo' --bmc nas)" = \
		"10.0.0.1:6230
10.0.0.2:6230
[::1]:623
fe80::1%lo
nas" ]
}

@test "words_and_bmcs_can_be_mixed" {
	needs_bmc
	needs jq
	[ "$(machines off rack2 --bmc 10.0.0.1 rack1)" = "rack2
rack1
10.0.0.1" ]
	# the same one twice is one
	[ "$(machines off --bmc 10.0.0.1 --bmc 10.0.0.1)" = 10.0.0.1 ]
}

@test "with_bmcs_alone_no_configuration_is_read" {
	needs_bmc
	echo 'this is none' >"$STOKER_CONF"
	for verb in on off soft reset cycle nmi status identify diagnose 'bootdev pxe'; do
		# shellcheck disable=SC2086
		run "$stoker" $verb --dry-run --bmc 10.0.0.1
		exits 0
		has "plan: "
		has "1 machine"
	done
	run "$stoker" on --dry-run --bmc 10.0.0.1 rack1
	exits 2
	has "nothing was done"
	run "$stoker" on --dry-run --bmc 10.0.0.1 -c "$STOKER_CONF"
	exits 2
}

@test "status_asks_all_only_where_nothing_is_named" {
	needs_bmc
	needs jq
	[ "$(machines status --bmc 10.0.0.1)" = 10.0.0.1 ]
	[ "$(machines status | wc -l)" = 3 ]
}

@test "ten_thousand_bmcs_are_one_section" {
	needs_bmc
	needs jq
	[ "$(machines on --bmc '10.0.[0-39].[1-250]' | sort -u | wc -l)" = 10000 ]
}

@test "brackets_of_bmcs_are_decimal" {
	needs_bmc
	needs jq
	# also where a name could begin a MAC address
	[ "$(machines on --bmc 'b[08-12]:623' | tr '\n' ' ')" = \
		"b08:623 b09:623 b10:623 b11:623 b12:623 " ]
}

@test "what_is_no_bmc_is_refused" {
	needs_bmc
	run "$stoker" on --bmc a,b
	exits 2
	has '"a,b" is not a host or address'
	run "$stoker" on --bmc 'a[1-3]' --bmc a2
	exits 2
	has 'machine "a2" was already defined at command line'
	run "$stoker" bootdev --bmc 10.0.0.1
	exits 2
	has "bootdev wants a device"
}

@test "lists_take_commas" {
	needs_bmc
	run "$stoker" on --dry-run --cipher-suites 3,17 --bmc 10.0.0.1
	exits 0
	run "$stoker" on --cipher-suites 3, --bmc 10.0.0.1
	exits 2
	is 'stoker: --cipher-suites: "3," has an empty place: write for example A,B'
}

@test "every_command_that_switches_has_the_options" {
	for verb in on off soft reset cycle nmi status identify bootdev diagnose; do
		run "$stoker" $verb --help
		exits 0
		for option in bmc user password-file password-command ask-password kg-file ask-kg privilege \
			cipher-suites quirks; do
			has " --$option"
		done
	done
	run "$stoker" wake --help
	lacks "--bmc"
}

@test "without_a_terminal_nobody_is_asked" {
	needs setsid
	for what in password kg; do
		run setsid -w "$stoker" on --ask-$what rack1
		exits 2
		is "stoker: --ask-$what: there is no terminal to ask at (/dev/tty: No such device or address): a file can hold what would be typed"
	done
	run "$stoker" status rack1
	is "rack1: off"
	# a plan that is only shown needs none
	run setsid -w "$stoker" on --dry-run --ask-password rack1
	exits 0
}

@test "passwords_in_a_configuration_are_refused" {
	echo 'machine "a" { password = "sesame" }' >"$STOKER_CONF"
	run "$stoker" lint
	exits 2
	has "stoker.conf:1: password is refused: "
	has "with password-file or password-command"
	lacks sesame
}
