# SPDX-License-Identifier: GPL-3.0-or-later
# Consoles behind telnet and plain TCP, against ser2net (RFC 2217, with a pty for a serial port), SIMH and QEMU, in a
# network of their own.

load wire

setup_file() {
	NET=stk-tel-$$
	export NET
	ip netns add "$NET"
	ip -n "$NET" link set lo up
	# ser2net looks for addresses only where there is one that is no loopback
	ip -n "$NET" addr add 192.168.3.1/32 dev lo
}
teardown_file() { ip netns del "$NET"; }

setup() {
	setup_lab
	cd "$BATS_TEST_TMPDIR" || return
	started=()
	mkfifo in
	# both ends, so that neither waits for the other
	exec 7<>in 9</dev/null
}

teardown() {
	local pid
	for pid in "${started[@]}"; do kill "$pid" 2>/dev/null && wait "$pid"; done
	[ ! -e pid ] || kill "$(cat pid)" 2>/dev/null || true
	exec 7>&- 9>&-
}

net() { ip netns exec "$NET" "$@"; }

# start LOG COMMAND...: in the background, ended with the test and after a minute at the latest
start() {
	local log=$1
	shift
	timeout 60 ip netns exec "$NET" "$@" >"$log" 2>&1 3>&- 7>&- 9>&- </dev/null &
	started+=($!)
}

# await COMMAND...: until it succeeds, 20 seconds at most
await() {
	local end=$((SECONDS + 20))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { echo "in vain: $*"; tail -n 20 -- *.log err 2>/dev/null; return 1; }
		sleep 0.05
	done
}

has_heard() { xxd -p heard | tr -d '\n' | grep -q "$1"; }
break_arrives() {
	type_in '\035B'
	sleep 0.5
	has_heard fffa2c0505fff0.*fffa2c0506fff0
}
listens() { net busybox netstat -ltn | grep -q ":$1 "; }

# attach: to the console of "m", from the fifo "in" to the file "out"
attach() {
	ip netns exec "$NET" "$STOKER" console -e ^] -c conf m <in >>out 2>err 3>&- 7>&- 9>&- &
	attached=$!
	started+=("$attached")
	await grep -q 'console of m by' err
}

# type_in TEXT: ^]B sends a break
type_in() { printf '%b' "$1" >&7; }
holds() { [ "$(xxd -p out | tr -d '\n')" = "$(printf '%b' "$1" | xxd -p | tr -d '\n')" ]; }
hangs_up() { ! kill -0 "$attached" 2>/dev/null; }

serial_port() {
	start socat.log socat pty,rawer,link=line pty,rawer,link=far
	await test -e far -a -e line
	# socat ends when nobody has it open any more
	exec 9<>line
}

# ser2net on 2001 (telnet) and 4001 (raw), at the pty
ser2net_up() {
	serial_port
	cat >ser2net.yaml <<-CONF
		connection: &telnet
		  accepter: telnet(rfc2217),tcp,127.0.0.1,2001
		  connector: serialdev,$PWD/line,9600n81,local
		connection: &raw
		  accepter: tcp,127.0.0.1,4001
		  connector: serialdev,$PWD/line,9600n81,local
	CONF
	start ser2net.log ser2net -n -d -c ser2net.yaml
	await listens 2001
	await listens 4001
}

settings() { stty -F line -a | tr ';' '\n' | sed 's/^ *//'; }
line_has() {
	local word
	settings >settings
	for word; do grep -qE -- "(^| )$word( |\$)" settings || return; done
}

@test "ser2net_sets_its_line_as_asked" {
	ser2net_up
	echo 'machine "m" { console = "telnet 127.0.0.1:2001 57600 7E2 xonxoff" }' >conf
	attach
	# a pty has neither 7 bits nor parity
	await line_has 'speed 57600 baud' cstopb ixon
	type_in there
	exec 8<>far
	[ "$(timeout 10 head -c 5 <&8)" = there ]
	printf 'and back' >&8
	await holds 'and back'
	exec 8>&-
	[ "$(wc -l <err)" = 1 ]
}

@test "a_line_is_left_as_it_is_without_words" {
	ser2net_up
	echo 'machine "m" { console = "telnet 127.0.0.1:2001" }' >conf
	attach
	type_in x
	exec 8<>far
	read -r -t 10 -n 1 heard <&8
	exec 8>&-
	line_has 'speed 9600 baud' cs8 -parenb -cstopb
}

# what ser2net makes of it, it says in its own words to another server, which agrees and listens
@test "a_break_goes_through_ser2net_by_rfc_2217" {
	cat >ser2net.yaml <<-CONF
		connection: &first
		  accepter: telnet(rfc2217),tcp,127.0.0.1,2001
		  connector: telnet(rfc2217),tcp,127.0.0.1,2002
	CONF
	cat >agrees <<-'SERVER'
		printf '\377\375\054'
		exec cat >heard
	SERVER
	start socat.log socat TCP-LISTEN:2002,bind=127.0.0.1 EXEC:'sh agrees'
	await listens 2002
	start ser2net.log ser2net -n -d -c ser2net.yaml
	await listens 2001
	echo 'machine "m" { console = "telnet 127.0.0.1:2001" }' >conf
	attach
	await break_arrives
}

random_bytes() { head -c 1048576 /dev/urandom >"$1"; }

# both ways at once, the reader at the far end with pauses
megabyte() {
	ser2net_up
	random_bytes up
	random_bytes down
	attach
	timeout 60 bash -c 'while head -c 65536 >>heard; do sleep 0.02; done' <far 3>&- 7>&- 9>&- &
	started+=($!)
	cat down >far 3>&- 7>&- 9>&- &
	started+=($!)
	# the escape character doubled
	sed 's/\x1d/\x1d\x1d/g' up >&7
	await cmp up heard
	await cmp down out
	[ "$(wc -l <err)" = 1 ]
}

@test "a_megabyte_comes_through_telnet_unchanged" {
	echo 'machine "m" { console = "telnet 127.0.0.1:2001 115200 8N1 none" }' >conf
	megabyte
}

@test "a_megabyte_comes_through_raw_tcp_unchanged" {
	echo 'machine "m" { console = "tcp 127.0.0.1:4001" }' >conf
	megabyte
}

@test "a_server_that_ends_is_told" {
	ser2net_up
	echo 'machine "m" { console = "telnet 127.0.0.1:2001" }' >conf
	attach
	kill "${started[1]}"
	await hangs_up
	grep -q 'telnet: 127.0.0.1:2001 has hung up' err
}

@test "a_busy_port_says_so_and_hangs_up" {
	ser2net_up
	echo 'machine "m" { console = "telnet 127.0.0.1:2001" }' >conf
	echo 'machine "other" { console = "telnet 127.0.0.1:2001" }' >>conf
	attach
	run timeout 20 ip netns exec "$NET" "$STOKER" console --linger 10s -c conf other </dev/null
	# by a reset, when what we had said was not read before
	[[ "$output" == *'in use'*'telnet: '*'127.0.0.1:2001 '*'has hung up'* ||
		"$output" == *'in use'*'telnet: '*'127.0.0.1:2001 was lost'* ]]
}

# a PDP-11 that echoes
simh_up() { # PORT
	cat >pdp11.ini <<-INI
		set tti 8b
		set tto 8b
		dep 1000 105737
		dep 1002 177560
		dep 1004 100375
		dep 1006 113700
		dep 1010 177562
		dep 1012 105737
		dep 1014 177564
		dep 1016 100375
		dep 1020 110037
		dep 1022 177566
		dep 1024 000765
		set console telnet=$1
		go 1000
		exit
	INI
	# on a pty, with a shell that says which process: at the end of another input it would print its prompt for ever
	start simh.log socat -u SYSTEM:'echo $$ >pid; exec pdp11 pdp11.ini',pty,rawer,ctty,setsid STDOUT
	await grep -q Listening simh.log
}

@test "a_pdp_11_of_simh_echoes_every_byte" {
	simh_up 4011
	echo 'machine "m" { console = "telnet 127.0.0.1:4011" }' >conf
	attach
	await grep -q 'PDP-11' out
	await grep -q Running simh.log
	: >out
	type_in 'hello\r\n\377\376\200\0x\r\0y'
	await holds 'hello\r\n\377\376\200\0x\r\0y'
	# a break is a character of its own there
	type_in '\035B'
	await holds 'hello\r\n\377\376\200\0x\r\0y\0'
}

@test "a_simulator_that_stops_is_told" {
	simh_up 4012
	echo 'machine "m" { console = "telnet 127.0.0.1:4012" }' >conf
	attach
	await grep -q Running simh.log
	kill "$(cat pid)"
	await hangs_up
	grep -qE 'telnet: (127.0.0.1:4012 has hung up|the connection with 127.0.0.1:4012 was lost)' err
}

@test "a_serial_port_of_qemu_is_read_from_its_first_byte" {
	start qemu.log qemu-system-x86_64 -accel tcg -display none -nodefaults -m 32 -S -net none \
		-serial telnet:127.0.0.1:4002,server=on,wait=off -device isa-debugcon,iobase=0x402,chardev=bios \
		-chardev socket,id=bios,host=127.0.0.1,port=4003,telnet=on,server=on,wait=off -qmp unix:qmp,server=on,wait=off
	await test -S qmp
	await listens 4003
	echo 'machine "m" { console = "telnet 127.0.0.1:4003" }' >conf
	attach
	printf '{"execute":"qmp_capabilities"}{"execute":"cont"}' | timeout 10 socat -t 1 - UNIX-CONNECT:qmp >qmp.log
	await grep -q '^SeaBIOS' out
}
