# SPDX-License-Identifier: GPL-3.0-or-later
# Consoles in windows of real programs, at an X server that shows them to nobody: xterm has what the guest says in it, and
# what is typed there reaches the guest; a VNC viewer shows the guest's screen.

bats_require_minimum_version 1.5.0
load qemu.bash

setup_file() {
	local program
	for program in Xvfb xterm vncviewer xwd xdotool; do
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
	unset WAYLAND_DISPLAY
	window=
}

teardown() {
	[ -z "$window" ] || kill "$window" || true
	end_all
}

teardown_file() { [ ! -e "$BATS_FILE_TMPDIR/x/pid" ] || kill "$(cat "$BATS_FILE_TMPDIR/x/pid")"; }

# starts VIEWER: its process is in $window
starts() {
	run stoker console --viewer "$1" vm1
	[[ $output =~ is\ started:\ process\ ([0-9]+) ]] || { echo "$output"; return 1; }
	window=${BASH_REMATCH[1]}
}

# shows NAME COLOURS: the window of that name has so many colours at least
shows() {
	local id
	id=$(xdotool search --onlyvisible --name "$1" | head -n 1)
	[ -n "$id" ] && [ "$(xwd -silent -id "$id" | python3 -c '
import struct, sys
b = sys.stdin.buffer.read()
size, _, _, _, width, height = struct.unpack(">6I", b[:24])
line, colours = struct.unpack(">I", b[48:52])[0], struct.unpack(">I", b[76:80])[0]
b = b[size + 12 * colours:]
print(len({b[y * line + 4 * x:y * line + 4 * x + 3] for y in range(height) for x in range(width)}))')" -ge "$2" ]
}

@test "xterm_shows_what_the_guest_says_and_types_to_it" {
	stoker on vm1
	counts a
	starts "xterm -l -lf $BATS_TEST_TMPDIR/log -T %n -e %c"
	await 20 xdotool search --onlyvisible --name '^vm1$'
	await 20 shows '^vm1$' 2
	# the counter answers each letter with the next one of its own
	xdotool search --onlyvisible --name '^vm1$' windowfocus --sync type xxxxx
	await 20 grep -q bcdef "$BATS_TEST_TMPDIR/log"
}

@test "a_vnc_viewer_shows_the_guests_screen" {
	sed -i 's/memory =/display = "vnc" memory =/' "$STOKER_CONF"
	stoker on vm1
	starts vnc
	await 20 xdotool search --onlyvisible --name 'QEMU.*vm1'
	await 20 shows 'QEMU.*vm1' 2
	runs vm1 1
}
