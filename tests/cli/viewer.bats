#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Consoles in windows of their own: which program is started, and with what.
load helper

lab() {
	"$stoker" help keys display >/dev/null 2>&1 || skip "this build has no guests with screens"
	cat >"$STOKER_CONF" <<-'CONF'
		profile "desk" { viewer = "gterm" }
		machine "vm[1-2]" { sandbox = "on" }
		machine "desk" { profile = "desk" sandbox = "on" display = "sdl" }
		machine "screen" { sandbox = "on" display = "vnc 127.0.0.1:7,share=force-shared" viewer = "vnc" }
		machine "any" { sandbox = "on" display = "vnc" }
		machine "dumb" { mac = "02:00:00:00:00:01" viewer = "none" }
	CONF
	export DISPLAY=:99
	unset WAYLAND_DISPLAY STOKER_PASSWORD
	mkdir programs
	# each tells what it was called with, once it has told all
	cat >programs/xterm <<-'END'
		#!/bin/sh
		{
			printf '%s\n' "${0##*/}" "$@"
			echo "password: $STOKER_PASSWORD"
			echo "session: $(ps -o sid= -p $$) of $$"
		} >called.new
		mv called.new called
	END
	chmod +x programs/xterm
	for program in gnome-terminal emacs vncviewer mine; do
		cp programs/xterm "programs/$program"
	done
	PATH=$PWD/programs:$PATH
}

# appears FILE: within ten seconds; then output is what it says
appears() {
	for ((i = 0; i < 200; i++)); do
		if [ -e "$1" ]; then
			output=$(<"$1")
			return
		fi
		sleep 0.05
	done
	echo "there is no $1"
	return 1
}

# starts PROGRAM ARGUMENT…: with these, and no others
starts() {
	exits 0
	has "${1} is started: process "
	appears called
	output=$(grep -v '^password: \|^session: ' called)
	is "$(printf '%s\n' "$@")"
	rm called
}

@test "each_viewer_is_started_with_the_command_that_shows_the_console" {
	console=("$stoker" console -c "$STOKER_CONF" -- vm1)
	run "$stoker" console --viewer xterm vm1
	starts xterm -T vm1 -e "${console[@]}"
	run "$stoker" console --viewer gterm vm1
	starts gnome-terminal --title=vm1 -- "${console[@]}"
	run "$stoker" console --viewer=emacs vm1
	starts emacs --eval "(progn (require 'term) (set-buffer (make-term \"vm1\" \"$stoker\" nil \"console\" \"-c\" \
\"$STOKER_CONF\" \"--\" \"vm1\")) (term-mode) (term-char-mode) (switch-to-buffer (current-buffer)))"
}

@test "window_starts_what_the_machine_s_key_says_and_xterm_without_it" {
	run "$stoker" console --window vm2
	starts xterm -T vm2 -e "$stoker" console -c "$STOKER_CONF" -- vm2
	run "$stoker" console --window desk
	starts gnome-terminal --title=desk -- "$stoker" console -c "$STOKER_CONF" -- desk
	run "$stoker" console --window screen
	starts vncviewer 127.0.0.1:7
	run "$stoker" console --window dumb
	exits 0
	is "dumb: no viewer is wanted"
}

@test "options_and_the_configuration_go_along" {
	mv "$STOKER_CONF" "it's.conf"
	unset STOKER_CONF
	run "$stoker" -c "it's.conf" console --monitor --viewer xterm --log out.txt -- vm1
	starts xterm -T vm1 -e "$stoker" console --monitor --log out.txt -c "$PWD/it's.conf" -- vm1
	run "$stoker" -c "it's.conf" console --view 'mine %c' --join vm1
	starts mine "$stoker" console --join -c "$PWD/it's.conf" -- vm1
	run "$stoker" -c "it's.conf" console --viewer 'mine "as %n" --run=%c 100%% %c' vm1
	starts mine "as vm1" "--run=$stoker console -c '$PWD/it'\\''s.conf' -- vm1" 100% \
		"$stoker" console -c "$PWD/it's.conf" -- vm1
	run "$stoker" -c "it's.conf" console --viewer 'mine -f %e' vm1
	exits 0
	appears called
	has "\"$PWD/it's.conf\" \"--\" \"vm1\")) (term-mode)"
}

@test "the_window_shows_the_console" {
	cat >programs/xterm <<-'END'
		#!/bin/sh
		shift 3
		printf 'hello\r' | "$@" >shown.new
		mv shown.new shown
	END
	run "$stoker" console --quiet --viewer xterm vm1
	exits 0
	is ""
	appears shown
	has hello
}

@test "every_machine_gets_a_window_of_its_own" {
	run "$stoker" console --viewer xterm 'vm[1-2]'
	exits 0
	has "vm1: xterm is started: process "
	has "vm2: xterm is started: process "
}

@test "the_window_has_a_session_of_its_own_and_no_password" {
	STOKER_PASSWORD=geheim run "$stoker" console --viewer xterm vm1
	exits 0
	pid=${output##* }
	appears called
	grep -qx 'password: ' called
	grep -qx "session:  *$pid of $pid" called
	lacks geheim
}

@test "a_window_that_stays_keeps_no_pipe_of_ours_open" {
	cat >programs/xterm <<-'END'
		#!/bin/sh
		echo $$ >pid.new
		mv pid.new pid
		exec sleep 60
	END
	"$stoker" console --viewer xterm vm1 2>&1 7>&1 | timeout 20 cat >told
	appears pid
	kill "$output"
	grep -q 'process ' told
}

@test "without_a_screen_or_a_program_that_is_told" {
	unset DISPLAY
	run "$stoker" console --viewer xterm vm1
	exits 1
	is "stoker: vm1: there is no screen for xterm: DISPLAY is not set; log in with \`ssh -X\`, or from a desktop"
	WAYLAND_DISPLAY=wayland-0 run "$stoker" console --viewer gterm vm1
	exits 0
	run "$stoker" console --viewer gterm vm1
	exits 1
	has "DISPLAY and WAYLAND_DISPLAY are not set"
	rm programs/emacs
	PATH=$PWD/programs run "$stoker" console --viewer emacs vm1
	exits 1
	has 'the program "emacs" is in none of the folders of PATH'
}

@test "the_address_is_told_where_no_vnc_viewer_can_be_started" {
	unset DISPLAY
	run "$stoker" console --quiet --window screen
	exits 0
	is "screen: VNC at 127.0.0.1:7"
	run "$stoker" console --window screen
	exits 0
	has "no viewer is started: there is no screen for vnc"
}

@test "a_screen_that_is_not_there_is_told" {
	run "$stoker" console --viewer vnc vm1
	exits 1
	is 'stoker: vm1: it has no VNC screen: its display is "none", and would have to be "vnc"'
	run "$stoker" console --viewer vnc any
	exits 1
	has "it does not say where its VNC screen is"
	has 'display = "vnc HOST:NUMBER"'
	run "$stoker" console --viewer sdl desk
	exits 0
	is "desk: while it is on, its own window is its console"
	run "$stoker" console --viewer sdl screen
	exits 1
	has 'its display is "vnc", and would have to be "sdl"'
	run "$stoker" console --viewer xterm dumb
	exits 1
	has "it has no console: set console ="
	[ ! -e called ]
}

@test "what_is_no_viewer_is_refused" {
	run "$stoker" console --viewer xtrem vm1
	exits 2
	is 'stoker: --viewer: there is no viewer "xtrem": did you mean xterm?'
	run "$stoker" console --viewer 'kitty --hold' vm1
	exits 2
	has '"kitty --hold" shows no console: write xterm, gterm, emacs, vnc, sdl, none, or a command line'
	run "$stoker" console --viewer 'kitty %x' vm1
	exits 2
	has 'there is no %x'
	run "$stoker" console --viewer 'kitty "%c' vm1
	exits 2
	run "$stoker" console --window --bmc 127.0.0.1
	exits 2
	has "leave out --bmc"
	sed -i 's/gterm/gtrem/' "$STOKER_CONF"
	run "$stoker" lint
	exits 2
	has 'there is no viewer "gtrem": did you mean gterm?'
}
