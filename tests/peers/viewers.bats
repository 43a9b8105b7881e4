# SPDX-License-Identifier: GPL-3.0-or-later
# Consoles in windows of real programs, at an X server that shows them to nobody: xterm, GNOME's terminal and Emacs have what
# the guest says in them, and what is typed there reaches the guest; a VNC viewer and QEMU's own window show its screen.

bats_require_minimum_version 1.5.0
load qemu.bash

setup_file() {
	local program
	for program in Xvfb xterm vncviewer xwd xdotool emacs gnome-terminal dbus-daemon; do
		type -P "$program" >/dev/null || skip "$program is not installed"
	done
	build_guests
	mkdir "$BATS_FILE_TMPDIR/x"
	Xvfb -displayfd 7 -screen 0 1024x768x24 -nolisten tcp 7>"$BATS_FILE_TMPDIR/x/display" 2>"$BATS_FILE_TMPDIR/x/log" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/x/pid"
	await 20 test -s "$BATS_FILE_TMPDIR/x/display"
}

setup() {
	lab
	DISPLAY=:$(cat "$BATS_FILE_TMPDIR/x/display")
	# what viewers keep for their user is the test's
	export DISPLAY HOME=$BATS_TEST_TMPDIR
	unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
	window='' bus=''
}

teardown() {
	[ -z "$window" ] || kill "$window" 2>/dev/null || true
	[ -z "$bus" ] || kill "$bus"
	end_all
}

teardown_file() { [ ! -e "$BATS_FILE_TMPDIR/x/pid" ] || kill "$(cat "$BATS_FILE_TMPDIR/x/pid")"; }

# starts VIEWER: its process is in $window, and what it hears of a console comes to $log
starts() {
	log=$BATS_TEST_TMPDIR/log
	run stoker console --log "$log" --viewer "$1" vm1
	[[ $output =~ is\ started:\ process\ ([0-9]+) ]] || { echo "$output"; return 1; }
	window=${BASH_REMATCH[1]}
}

# window_of NAME: the number of the window
window_of() { xdotool search --onlyvisible --name "$1" | head -n 1; }

# shows NAME COLOURS: the window of that name has so many colours at least
shows() {
	local id
	id=$(window_of "$1")
	[ -n "$id" ] && [ "$(xwd -silent -id "$id" | python3 -c '
import struct, sys
b = sys.stdin.buffer.read()
size, _, _, _, width, height = struct.unpack(">6I", b[:24])
line, colours = struct.unpack(">I", b[48:52])[0], struct.unpack(">I", b[76:80])[0]
b = b[size + 12 * colours:]
print(len({b[y * line + 4 * x:y * line + 4 * x + 3] for y in range(height) for x in range(width)}))')" -ge "$2" ]
}

# talks NAME: the window of that name shows something, and the guest hears what is typed there
talks() {
	await 30 test -e "$log"
	await 30 shows "$1" 2
	# the counter answers each letter with the next one of its own
	xdotool search --onlyvisible --name "$1" windowfocus --sync type xxxxx
	await 20 grep -q abcde "$log"
}

@test "xterm_has_the_console_in_its_window" {
	stoker on vm1
	starts xterm
	talks '^vm1$'
}

@test "emacs_has_the_console_in_a_buffer" {
	stoker on vm1
	starts emacs
	talks '[*]vm1[*] - GNU Emacs'
}

@test "gnome_terminal_has_the_console_in_its_window" {
	local address
	{ read -r address && read -r bus; } < <(dbus-daemon --session --fork --print-address=1 --print-pid=1 3>&-)
	export DBUS_SESSION_BUS_ADDRESS=$address NO_AT_BRIDGE=1
	stoker on vm1
	starts gterm
	talks '^vm1$'
}

@test "a_vnc_viewer_shows_the_guests_screen" {
	sed -i 's/memory =/display = "vnc" memory =/' "$STOKER_CONF"
	stoker on vm1
	starts vnc
	await 20 shows 'QEMU.*vm1' 2
	runs vm1 1
}

@test "a_guest_has_a_window_of_its_own" {
	sed -i 's/memory =/display = "sdl" memory =/' "$STOKER_CONF"
	stoker on vm1
	says console --viewer sdl vm1 'vm1: while it is on, its own window is its console'
	await 20 shows 'QEMU.*vm1' 2
}
