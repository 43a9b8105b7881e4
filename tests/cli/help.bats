#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
load helper

@test "help_lists_every_command_with_exit_code_0" {
	run "$stoker" help
	exits 0
	has "Machines"
	for name in wake on off status identify bootdev diagnose list show drivers lint help completion version; do
		[[ $output == *$'\n'"  $name "* ]]
	done
}

@test "help_of_a_command_is_its_own_help" {
	for name in wake on list show drivers lint help completion; do
		[ "$("$stoker" help $name)" = "$("$stoker" $name --help)" ]
	done
}

@test "help_of_another_name_shows_its_usage" {
	run "$stoker" help wakeonlan
	exits 0
	[[ ${lines[0]} == "usage: wakeonlan [-h]"* ]]
}

@test "help_keys_lists_the_keys_of_all_drivers" {
	run "$stoker" help keys
	exits 0
	has "Driver wol"
	has "  wol-port           number (9)"
	has "  machines           machines, several"
}

@test "help_keys_tells_about_a_key" {
	run "$stoker" help keys wol-rate
	exits 0
	has "default   1000"
	has "stands in top of the file"
	has "driver    wol"
}

@test "what_is_misspelled_is_told_with_the_nearest_name" {
	run "$stoker" help keys wol-prt
	exits 2
	has 'did you mean "wol-port"?'
	run "$stoker" help stauts
	exits 2
	has 'did you mean "status"?'
	run "$stoker" help wol
	exits 2
	has "stoker drivers wol"
}

@test "options_of_the_build_are_shown_nowhere" {
	run "$stoker" help help
	lacks "--man"
	run "$stoker" completion bash
	lacks "--man"
}

@test "manual_pages_are_made_and_correct" {
	needs mandoc
	"$tree/tools/mkdocs" "$stoker" "$tree/docs" out
	run mandoc -T lint -W warning out/stoker.8 out/stoker.conf.5
	exits 0
	is ""
	run grep -E '^@[A-Z]+@$' out/stoker.8 out/stoker.conf.5
	exits 1
	run sh -c "mandoc -T utf8 out/stoker.conf.5 | col -b"
	has "wol-port = number"
}

@test "examples_of_the_manual_are_correct" {
	"$stoker" help keys probe >/dev/null 2>&1 || skip "this build has no probe"
	[[ $("$stoker" version) == *" exec"* ]] || skip "this build has no driver exec"
	# the literal blocks behind EXAMPLES that hold a machine
	awk '/^\.Sh EXAMPLES/ { on = 1 } on && /^\.Bd -literal/ { n++; block = 1; next }
		/^\.Ed/ { block = 0 } block { print >("example" n) }' "$tree/docs/stoker.conf.5.in"
	for example in example*; do
		run "$stoker" lint "$example"
		exits 0
		has "no errors, no warnings"
	done
}

@test "an_option_without_its_argument_is_told" {
	run "$stoker" list -c
	exits 2
	is "stoker: list: -c needs an argument"
	run "$stoker" list --config
	exits 2
	is "stoker: list: --config needs an argument"
}
