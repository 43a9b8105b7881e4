#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

@test "every_driver_of_the_build_is_listed" {
	run "$stoker" drivers
	exits 0
	for name in $("$stoker" version | sed -n 's/^drivers://p'); do
		[[ $'\n'$output == *$'\n'"$name: "* ]]
	done
}

@test "verbs_that_see_their_effect_are_marked" {
	run "$stoker" drivers sandbox
	exits 0
	has "verbs: on* off* soft* reset* cycle* nmi status* identify* bootdev* diagnose*"
}

@test "drivers_that_show_consoles_say_so" {
	run "$stoker" drivers unix tty
	exits 0
	has $'unix: consoles on UNIX sockets\n  shows: consoles\n  here:  ready'
	has $'tty: consoles on serial ports of this machine\n  shows: consoles, with breaks\n'
	# they have no verbs: nothing is said of those
	lacks verbs:
	lacks "sees its effect"
}

@test "a_driver_that_lacks_something_says_what" {
	needs setpriv
	[ "$(id -u)" -eq 0 ] || skip "privileges can be dropped by root only"
	cp "$stoker" here && chmod 755 . here
	run setpriv --reuid 65534 --clear-groups --bounding-set -all ./here drivers wol
	exits 0
	has CAP_NET_RAW
}

@test "keys_are_told_with_type_and_default" {
	run "$stoker" drivers wol
	has "wol-port: number; default 9"
	has "wol-password: text, never shown"
	has "wol-rate: number, for the whole program; default 1000"
}

@test "json_has_verbs_and_keys" {
	needs jq
	[ "$("$stoker" drivers --json sandbox | jq -r '.verbs[] | select(.verb == "off").observes')" = true ]
	[ "$("$stoker" drivers --json wol | jq -r '.keys[] | select(.key == "wol-port").default')" = 9 ]
	[ "$("$stoker" drivers --json sandbox | jq -r .ready)" = true ]
	[ "$("$stoker" drivers --json unix | jq -c '[.console, .break, .verbs]')" = '[true,false,[]]' ]
	[ "$("$stoker" drivers --json tty wol | jq -c '[.console, .break]')" = $'[true,true]\n[false,false]' ]
}

@test "an_unknown_driver_is_told_with_the_nearest_name" {
	run "$stoker" drivers sandbx
	exits 2
	is 'stoker: there is no driver "sandbx" in this build: did you mean "sandbox"?'
}
