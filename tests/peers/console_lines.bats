#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The consoles of tty, unix and program against what others wrote: socat's ptys and sockets, Python, ssh's way to run
# a program, QEMU's serial port. A megabyte of random bytes each way comes out unchanged, with slow readers too.

setup_file() {
	for program in socat python3 qemu-system-x86_64 as ld; do
		type -P "$program" >/dev/null || skip "$program is not installed"
	done
}

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	pump=$(realpath "${PUMP:-$tree/build/sanitize/tests/console_pump}")
	cd "$BATS_TEST_TMPDIR" || return
	peers=()
	head -c 1048576 /dev/urandom >ours
	head -c 1048576 /dev/urandom >theirs
	# Hears a megabyte and says one, at the same time, then waits to be ended.
	cat >peer.py <<-'END'
		import os, sys, threading
		def listen():
		    left, f = 1048576, open(sys.argv[2], "wb")
		    while left:
		        b = os.read(0, min(left, 65536))
		        if not b: break
		        f.write(b); left -= len(b)
		    f.close(); os.rename(sys.argv[2], "done")
		t = threading.Thread(target=listen); t.start()
		b = open(sys.argv[1], "rb").read()
		while b: b = b[os.write(1, b):]
		t.join()
		while os.read(0, 1): pass
	END
}

teardown() {
	local peer
	for peer in "${peers[@]}"; do
		kill "$peer" 2>/dev/null || true
		wait "$peer" 2>/dev/null || true
	done
}

# appears PATH: within 20 s
appears() {
	local n
	for ((n = 0; n < 400; n++)); do
		[ -e "$1" ] && return
		sleep 0.05
	done
	echo "$1 does not appear"
	return 1
}

# behind ADDRESS PATH [COMMAND]: what stands behind the line; PATH appears when it is ready
behind() {
	socat "$1" "EXEC:${3-python3 peer.py theirs got}" 3>&- &
	peers+=($!)
	appears "$2"
}

# exchanges CONSOLE [slow]
exchanges() {
	printf 'tty-locks = "%s"\nmachine "m" { console = "%s" }\n' "$PWD" "$1" >conf
	"$pump" conf m 1048576 "${@:2}" <ours >heard 2>said || { cat said; return 1; }
	appears "done"
	cmp theirs heard
	cmp ours "done"
}

@test "a_megabyte_goes_both_ways_by_tty" {
	behind "PTY,link=$PWD/near,rawer" near
	exchanges "tty $PWD/near 4000000"
	grep -q 'open: 4000000 8N1' said
	# the lock has gone
	if ls LCK..* 2>/dev/null; then return 1; fi
}

@test "what_was_said_before_a_tty_is_left_is_still_heard" {
	# listens only when the other one has gone: what it will hear is in the kernel's hands until then
	cat >late.py <<-'END'
		import os, subprocess, sys, tty
		master, slave = os.openpty()
		tty.setraw(slave)
		open("conf", "w").write('machine "m" { console = "tty %s" }' % os.ttyname(slave))
		os.close(slave)
		subprocess.run([sys.argv[1], "conf", "m", "0"], stdin=open("last"), check=True)
		heard = b""
		try:
		    while b := os.read(master, 4096): heard += b
		except OSError: pass
		open("heard", "wb").write(heard)
	END
	head -c 8000 theirs >last
	timeout 60 python3 late.py "$pump"
	cmp last heard
}

@test "a_megabyte_goes_both_ways_by_tty_to_a_slow_reader" {
	behind "PTY,link=$PWD/near,rawer" near
	exchanges "tty $PWD/near 230400 rtscts" slow
}

@test "a_megabyte_goes_both_ways_by_unix" {
	behind "UNIX-LISTEN:$PWD/socket" socket
	exchanges "unix $PWD/socket"
}

@test "a_megabyte_goes_both_ways_by_unix_to_a_slow_reader" {
	behind "UNIX-LISTEN:$PWD/socket" socket
	exchanges "unix $PWD/socket" slow
}

@test "a_megabyte_goes_both_ways_by_program" {
	exchanges "program sh -c 'cd $PWD; exec python3 peer.py theirs got'"
}

# bats test_tags=timed
@test "a_megabyte_goes_both_ways_by_program_to_a_slow_reader" {
	exchanges "program sh -c 'cd $PWD; exec python3 peer.py theirs got'" slow
}

@test "a_program_may_be_a_way_to_a_socket" {
	behind "UNIX-LISTEN:$PWD/socket" socket
	exchanges "program socat STDIO,rawer UNIX-CONNECT:$PWD/socket"
}

# A guest in one sector: a greeting, then each byte comes back.
guest() {
	as -o guest.o - <<-'END'
		.equ SERIAL, 0x3f8
		.code16
		.globl _start
		_start:	ljmp $0, $main
		main:	xor %ax, %ax
			mov %ax, %ds
			mov $greeting, %si
		1:	lodsb
			test %al, %al
			jz 2f
			call put
			jmp 1b
		2:	mov $SERIAL + 5, %dx
			in %dx, %al
			test $1, %al
			jz 2b
			mov $SERIAL, %dx
			in %dx, %al
			call put
			jmp 2b
		put:	mov %al, %bl
			mov $SERIAL + 5, %dx
		3:	in %dx, %al
			test $0x20, %al
			jz 3b
			mov $SERIAL, %dx
			mov %bl, %al
			out %al, %dx
			ret
		greeting: .asciz "guest is up\n"
			.org 510
			.word 0xaa55
	END
	ld --oformat binary -Ttext 0x7c00 -o guest guest.o
}

@test "qemus_serial_port_is_heard_from_its_first_byte_and_answers" {
	guest
	# it does not run before somebody has connected
	qemu-system-x86_64 -accel tcg -m 16 -display none -monitor none -nodefaults -no-reboot \
		-drive file=guest,format=raw,if=ide -serial "unix:$PWD/socket,server=on" 3>&- &
	peers+=($!)
	appears socket
	printf 'machine "m" { console = "unix %s/socket" }\n' "$PWD" >conf
	head -c 20000 ours >some
	{ printf 'guest is up\n'; cat some; } >expected
	"$pump" conf m $((12 + 20000)) <some >heard
	cmp expected heard
}

@test "qemus_pty_is_a_tty" {
	guest
	qemu-system-x86_64 -accel tcg -m 16 -display none -monitor none -nodefaults -no-reboot -S \
		-drive file=guest,format=raw,if=ide -chardev "pty,id=c,path=$PWD/near" -serial chardev:c \
		-qmp "unix:$PWD/qmp,server=on,wait=off" 3>&- >/dev/null &
	peers+=($!)
	appears qmp
	pty=$(printf '{"execute":"qmp_capabilities"}{"execute":"query-chardev"}' |
		socat -t 2 - "UNIX-CONNECT:$PWD/qmp" | grep -o '/dev/pts/[0-9]*' | head -1)
	printf 'tty-locks = "%s"\nmachine "m" { console = "tty %s 115200" }\n' "$PWD" "$pty" >conf
	head -c 5000 ours >some
	{ printf 'guest is up\n'; cat some; } >expected
	"$pump" conf m $((12 + 5000)) <some >heard &
	running=$!
	# it is let run when the console is open: its lock says so
	appears "LCK..pts_${pty##*/}"
	printf '{"execute":"qmp_capabilities"}{"execute":"cont"}' | socat -t 2 - "UNIX-CONNECT:$PWD/qmp" >/dev/null
	wait $running
	cmp expected heard
}
