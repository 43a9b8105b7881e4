#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Every script is tried in its own shell.
load helper

in_bash() {
	needs bash
	"$stoker" completion bash >script.bash
	run bash --norc -c '
		PATH=$1:$PATH
		source ./script.bash
		compopt() { :; }
		COMP_LINE=$2 COMP_POINT=${#2}
		# readline takes : and = as words of their own
		split=${2//=/ = }
		read -ra COMP_WORDS <<<"$split"
		[[ $2 == *" " ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_stoker
		echo "${COMPREPLY[*]}"
	' bash "$(dirname "$(called stoker)")" "$1"
}

in_fish() {
	needs fish
	"$stoker" completion fish >script.fish
	HOME=$BATS_TEST_TMPDIR run fish --no-config -c '
		set -x PATH $argv[1] $PATH
		source ./script.fish
		complete -C $argv[2] | string replace -r "\t.*" "" | string join " "
	' "$(dirname "$(called stoker)")" "$1"
}

# The line is typed, then one key lists the choices, shows them, and says that it is done: zsh shows nothing while
# further keys wait.
in_zsh() {
	needs zsh
	"$stoker" completion zsh >script.zsh
	run timeout 60 zsh -f -c '
		zmodload zsh/zpty
		zpty z zsh -f -i
		zpty -w z "PATH=$1:\$PATH; PS1=; stty cols 500; autoload -Uz compinit; compinit -u -d ./dump"
		zpty -w z "source ./script.zsh; LISTMAX=0;" \
			"setopt no_beep list_rows_first; unsetopt zle_bracketed_paste prompt_sp"
		zpty -w z "show() { zle list-choices; zle -R; zle -I; print DO\"\"NE }; zle -N show"
		zpty -w z "bindkey \"^I\" show; print READ\"\"Y"
		zpty -r z out "*READY*"
		zpty -n -w z "$2"$'"'\\t'"'
		zpty -r z out "*DONE*"
		print -r -- "$out"
	' zsh "$(dirname "$(called stoker)")" "$1"
	output=$(printf '%s' "$output" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]/ /g' | tr '\r\n' '  ')
}

@test "bash_completes_commands" {
	in_bash "stoker l"
	is "lint list"
}

@test "bash_completes_machines_and_groups" {
	in_bash "stoker on vm"
	is "vm1 vm2 vm3 vm4"
	in_bash "stoker on gu"
	is guests
}

@test "bash_completes_behind_commas_and_exclamation_marks" {
	in_bash "stoker on rack01,vm"
	is "rack01,vm1 rack01,vm2 rack01,vm3 rack01,vm4"
	in_bash "stoker on all,!vm4"
	is "all,!vm4"
}

@test "bash_reads_the_configuration_that_the_line_names" {
	unset STOKER_CONF
	for line in "stoker -c stoker.conf on gu" "stoker on -c stoker.conf gu" "stoker on --config=stoker.conf gu"; do
		in_bash "$line"
		is guests
	done
}

@test "bash_completes_options_and_their_arguments" {
	in_bash "stoker lint --co"
	is "--config"
	in_bash "stoker wake --in"
	is "--interface --interval"
	in_bash "stoker wake -i l"
	has lo
	in_bash "stoker on --fanout "
	is ""
	in_bash "stoker lint stok"
	is stoker.conf
}

@test "bash_completes_drivers_keys_and_shells" {
	in_bash "stoker drivers sa"
	is sandbox
	in_bash "stoker help keys wol-po"
	is wol-port
	in_bash "stoker completion f"
	is fish
}

@test "bash_completes_viewers" {
	in_bash "stoker console --viewer x"
	is xterm
	in_bash "stoker console --viewer "
	is "xterm gterm emacs vnc sdl none"
}

@test "bash_completes_a_device_then_machines" {
	in_bash "stoker bootdev p"
	is pxe
	in_bash "stoker bootdev --always pxe vm"
	is "vm1 vm2 vm3 vm4"
}

@test "fish_completes_as_bash_does" {
	in_fish "stoker l"
	is "lint list"
	in_fish "stoker on vm"
	is "vm1 vm2 vm3 vm4"
	in_fish "stoker on rack01,gu"
	is "rack01,guests"
	in_fish "stoker lint --co"
	is "--config"
	in_fish "stoker drivers sa"
	is sandbox
	in_fish "stoker help keys wol-po"
	is wol-port
	in_fish "stoker bootdev p"
	is pxe
	in_fish "stoker bootdev pxe vm"
	is "vm1 vm2 vm3 vm4"
	unset STOKER_CONF
	in_fish "stoker -c stoker.conf on gu"
	is guests
}

@test "zsh_completes_commands_with_what_they_do" {
	in_zsh "stoker li"
	has "lint  -- Check a configuration"
	has "list  -- List machines and groups"
}

@test "zsh_completes_machines_behind_commas" {
	in_zsh "stoker on rack01,vm"
	has "vm1  vm2  vm3  vm4"
}

@test "zsh_completes_a_device_then_machines" {
	in_zsh "stoker bootdev c"
	has cdrom
	lacks vm1
	in_zsh "stoker bootdev --efi pxe vm"
	has "vm1  vm2  vm3  vm4"
}

@test "zsh_reads_the_configuration_that_the_line_names" {
	unset STOKER_CONF
	in_zsh "stoker -c stoker.conf on vm"
	has "vm1  vm2  vm3  vm4"
	in_zsh "stoker on -c stoker.conf vm"
	has "vm1  vm2  vm3  vm4"
}

@test "zsh_completes_options" {
	in_zsh "stoker wake --in"
	has "--interface"
	has "--interval"
}

@test "scripts_are_correct_for_their_shells" {
	for shell in bash zsh fish; do
		"$stoker" completion $shell >script
		if command -v $shell >/dev/null; then
			$shell -n script
		fi
	done
}

@test "an_unknown_shell_is_told" {
	run "$stoker" completion zhs
	exits 2
	has 'did you mean "zsh"?'
	run "$stoker" completion
	exits 2
	has "name one shell"
}
