#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

@test "values_are_the_machines_own" {
	run "$stoker" show rack07
	exits 0
	[[ $output =~ address\ +10.0.0.7\  ]]
	[[ $output =~ mac\ +02:00:00:00:00:06\  ]]
}

@test "every_value_says_where_it_stands" {
	run "$stoker" show rack01
	[[ $output =~ address\ +10.0.0.1\ +$STOKER_CONF:7 ]]
	[[ $output =~ on\ +wol\ 5s\ +profile\ \"common\"\ $STOKER_CONF:3 ]]
	[[ $output =~ wol-port\ +9\ +default ]]
}

@test "secrets_are_not_shown" {
	run "$stoker" show rack01
	[[ $output =~ wol-password\ +\(set\) ]]
	lacks 192.168.1.1
	run "$stoker" show --json rack01
	lacks 192.168.1.1
}

@test "ladders_are_shown_as_they_would_be_used" {
	run "$stoker" show rack01
	[[ $output =~ on\ +wol\ 5s,\ sandbox\ 60s ]]
	[[ $output =~ off\ +sandbox\ 60s ]]
	[[ $output =~ observer\ +sandbox\ 60s ]]
}

@test "consoles_are_a_ladder_too" {
	run "$stoker" show rack01
	[[ $output =~ console\ +sandbox\ 60s ]]
	cat >"$STOKER_CONF" <<-'END'
		machine "m[1-2]" { console = {"tty /dev/ttyS[0-1] 115200", "unix /run/m[1-2].serial 3s"} }
		machine "n" {
			sandbox = "on"
			console = {}
		}
	END
	run "$stoker" show m2
	[[ $output =~ console\ +tty\ /dev/ttyS1\ 115200\ 60s,\ unix\ /run/m2.serial\ 3s ]]
	run "$stoker" show n
	[[ $output =~ console\ +-$'\n' ]]
}

@test "a_verb_without_a_way_has_a_dash" {
	echo 'machine "m" { mac = "02:00:00:00:00:01" }' >"$STOKER_CONF"
	run "$stoker" show m
	exits 0
	[[ $output =~ off\ +-$'\n' ]]
	[[ $output =~ observer\ +-$ ]]
}

@test "guests_and_groups_are_shown" {
	run "$stoker" show rack01
	[[ $output =~ groups\ +front ]]
	[[ $output =~ guests\ +vm\[1-4\] ]]
}

@test "json_says_the_same" {
	needs jq
	"$stoker" show --json rack01 >out
	[ "$(jq -r .keys.address.value out)" = 10.0.0.1 ]
	[ "$(jq -r .keys.address.from out)" = "$STOKER_CONF:7" ]
	[ "$(jq -r '.keys["wol-password"].value' out)" = "(set)" ]
	[ "$(jq -r .console out)" = "sandbox 60s" ]
	[ "$(jq -c '[.keys.on.value, .ladders.on, .observer, .guests]' out)" = \
		'[["wol 5s","sandbox"],"wol 5s, sandbox 60s","sandbox 60s",["vm1","vm2","vm3","vm4"]]' ]
}

@test "a_machine_must_be_named" {
	run "$stoker" show
	exits 2
	has "no machine is named"
}
