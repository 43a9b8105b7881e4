#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

@test "all_machines_are_listed_without_a_name" {
	run "$stoker" list
	exits 0
	[ "${#lines[@]}" -eq 44 ]
	[[ ${lines[0]} =~ ^rack01\ +10.0.0.1\ +02:00:00:00:00:00\ +-\ +wol,sandbox$ ]]
	[[ ${lines[43]} =~ ^vm4\ +-\ +-\ +rack01\ +sandbox$ ]]
}

@test "columns_are_titled_on_a_terminal_only" {
	needs script
	run "$stoker" list rack01
	lacks NAME
	run script -qec "$stoker list rack01" /dev/null
	has NAME
}

@test "several_macs_stand_in_one_column" {
	echo 'machine "two" { mac = {"02:00:00:00:00:01", "02:00:00:00:00:02"} }' >"$STOKER_CONF"
	run "$stoker" list
	has "02:00:00:00:00:01,02:00:00:00:00:02"
}

@test "names_are_bare_and_in_order" {
	run "$stoker" list --names 'vm[2-1]' 
	exits 2
	run "$stoker" list --names vm2,vm1,rack03
	exits 0
	is $'vm2\nvm1\nrack03'
}

@test "fold_gives_back_what_list_takes" {
	run "$stoker" list --fold
	exits 0
	is 'rack[01-40],vm[1-4]'
	run "$stoker" list --names "$output"
	[ "${#lines[@]}" -eq 44 ]
}

@test "groups_show_their_members_folded" {
	run "$stoker" list --groups
	exits 0
	is $'front   rack[01-10],vm1\nguests  vm[1-4]'
	run "$stoker" list -g --names
	is $'front\nguests'
}

@test "groups_of_a_machine_are_those_that_have_it" {
	run "$stoker" list -g --names rack05
	is front
	run "$stoker" list -g --names rack40
	exits 0
	is ""
}

@test "json_has_what_is_set_and_nothing_else" {
	needs jq
	run "$stoker" list --json vm1
	exits 0
	has '"host":"rack01"'
	lacks '"address"'
	[ "$("$stoker" list --json rack02 | jq -c '[.machine,.address,.mac,.on,.groups]')" = \
		'["rack02","10.0.0.2",["02:00:00:00:00:01"],["wol","sandbox"],["front"]]' ]
	[ "$("$stoker" list --json | jq -r .machine | wc -l)" -eq 44 ]
	[ "$("$stoker" list --json -g | jq -r 'select(.group == "guests").machines | join(" ")')" = "vm1 vm2 vm3 vm4" ]
}

@test "an_empty_configuration_has_an_empty_list" {
	: >"$STOKER_CONF"
	run "$stoker" list --names
	exits 0
	is ""
}

@test "forms_exclude_each_other" {
	run "$stoker" list --names --json
	exits 2
	has "choose one"
}

@test "an_unknown_machine_is_told_with_the_nearest_name" {
	run "$stoker" list rack0l
	exits 2
	has 'did you mean "rack'
}

@test "a_hundred_thousand_machines_are_listed" {
	echo 'machine "n[000001-100000]" { address = "10.[0-9].[0-99].[0-99]" sandbox = "on" }' >"$STOKER_CONF"
	run sh -c "'$stoker' list | wc -l"
	is 100000
	run "$stoker" list --fold
	is 'n[000001-100000]'
}
