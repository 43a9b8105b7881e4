# SPDX-License-Identifier: GPL-3.0-or-later
# Machines that boot images, for tests: QEMU by TCG, in a network namespace that has nothing but loopback. A machine's
# network is QEMU's own (10.0.2.0/24, with DHCP and TFTP); its 10.0.2.2 is the namespace's loopback, where simulated BMCs
# listen. What it sends is captured on its wire; what it says on its serial line is a file, and what is typed goes there.
# shellcheck disable=SC2154 # bats sets output

tree=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
IMAGES=${IMAGES:-$tree/build/images}
BMCSIM=$(realpath -m "${BMCSIM:-$tree/build/tools/bmcsim}")
STOKER=$(readlink -f "${STOKER:-$tree/build/stoker}")
: "$STOKER"

# space_up, space_down: the namespace, for all tests of a file
space_up() {
	export SPACE=stk-sys-$$ IMAGES
	ip netns add "$SPACE"
	ip -n "$SPACE" link set lo up
}

space_down() {
	local left
	left=$(ip netns pids "$SPACE")
	ip netns del "$SPACE"
	[ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

inside() { ip netns exec "$SPACE" "$@"; }

# image BOARD: the folder of a board's outputs; made where it is missing
image() {
	[ -e "$IMAGES/$1/SIZES" ] || make -s -C "$tree" image "BOARD=$1" >&2 || return
	echo "$IMAGES/$1"
}

# await SECONDS WHAT COMMAND...: until it succeeds
await() {
	local end=$((SECONDS + $1)) what=$2
	shift 2
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not in time: $what"; return 1; }
		sleep 0.1
	done
}

# boot NAME OPTION...: a machine of this name, with a network card unless it says otherwise ("nic=none" or a model
# before the options: "nic=e1000", with "net=,tftp=…" for more of QEMU's network). Its files: $BATS_TEST_TMPDIR/NAME.*
boot() {
	local name=$1 place=$BATS_TEST_TMPDIR nic=virtio-net-pci net='' arch=x86_64 network=() pid
	shift
	while :; do
		case ${1-} in
		nic=*) nic=${1#nic=} ;;
		net=*) net=${1#net=} ;;
		arch=*) arch=${1#arch=} ;;
		*) break ;;
		esac
		shift
	done
	[ "$nic" = none ] || network=(-netdev "user,id=net$net" -device "$nic,netdev=net,mac=52:54:00:12:34:56"
		-object "filter-dump,id=wire,netdev=net,file=$place/$name.wire")
	: >"$place/$name.says"
	# not by a function: its process would not be QEMU's
	ip netns exec "$SPACE" "qemu-system-$arch" -name "$name" -nodefaults -no-user-config -accel tcg -display none -m 256 -smp 1 \
		-chardev "socket,id=line,path=$place/$name.line,server=on,wait=off,logfile=$place/$name.says,logappend=on" \
		-serial chardev:line -qmp "unix:$place/$name.qmp,server=on,wait=off" \
		"${network[@]}" "$@" >"$place/$name.qemu" 2>&1 3>&- &
	pid=$!
	echo "$pid" >"$place/$name.pid"
}

# Why a machine does not go on: what it said last.
tell_machine() {
	echo "--- $1 says last:"
	tail -n 40 "$BATS_TEST_TMPDIR/$1.says" | tr -d '\r'
	cat "$BATS_TEST_TMPDIR/$1.qemu"
}

is_running() { kill -0 "$(cat "$BATS_TEST_TMPDIR/$1.pid")" 2>/dev/null; }

# said NAME TEXT [TIMES]: whether it has said this, so often
said() { [ "$(tr -d '\r' <"$BATS_TEST_TMPDIR/$1.says" | grep -acF -- "$2")" -ge "${3-1}" ]; }

# says NAME TEXT [TIMES]: waits until it has; fails when QEMU ends or the kernel panics first
says() {
	local end=$((SECONDS + ${PATIENCE:-240}))
	until said "$@"; do
		if ! is_running "$1" && ! said "$@"; then echo "$1 has ended before it said \"$2\""; tell_machine "$1"; return 1; fi
		if said "$1" 'Kernel panic'; then echo "$1: a panic"; tell_machine "$1"; return 1; fi
		if [ $SECONDS -ge $end ]; then echo "$1 does not say \"$2\""; tell_machine "$1"; return 1; fi
		sleep 0.1
	done
}

# types NAME TEXT: a line on its serial console
types() { printf '%s\r' "$2" | inside socat -t 0.2 - "UNIX-CONNECT:$BATS_TEST_TMPDIR/$1.line" >/dev/null; }

# tells NAME COMMAND TEXT [TIMES]: the command is typed at a shell, and the machine says the text, which is not in it
tells() {
	types "$1" "$2"
	says "$1" "${@:3}"
}

# asks NAME QMP-COMMAND [ARGUMENTS]: of QEMU
asks() {
	printf '{"execute":"qmp_capabilities"}\n{"execute":"%s"%s}\n' "$2" "${3:+,\"arguments\":$3}" |
		inside socat -t 1 - "UNIX-CONNECT:$BATS_TEST_TMPDIR/$1.qmp"
}

# ends NAME: the machine goes off by itself
ends() {
	local end=$((SECONDS + ${PATIENCE:-180}))
	while is_running "$1"; do
		if [ $SECONDS -ge $end ]; then echo "$1 does not go off"; tell_machine "$1"; return 1; fi
		sleep 0.1
	done
}

# heard NAME FILTER: how many packets of this kind the machine has put on its wire
heard() { tcpdump -n -r "$BATS_TEST_TMPDIR/$1.wire" "$2" 2>/dev/null | wc -l; }

# magic NAME MAC: how many magic packets for this MAC address, by UDP or as raw frames
magic() {
	tcpdump -n -x -r "$BATS_TEST_TMPDIR/$1.wire" 'udp port 9 or ether proto 0x0842' 2>/dev/null |
		awk -v mac="${2//:/}" '
			function count() { if (hex ~ "ffffffffffff" mac mac mac mac) n++; hex = "" }
			/^[0-9]/ { count() }
			/^\t/ { for (i = 2; i <= NF; i++) hex = hex $i }
			END { count(); print n + 0 }'
}
sent_magic() { [ "$(magic "$1" "$2")" -ge 1 ]; }

# halt: ends all machines of a test
halt() {
	local file pid
	for file in "$BATS_TEST_TMPDIR"/*.pid; do
		[ -e "$file" ] || continue
		pid=$(cat "$file")
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

# simulate OPTION...: simulated BMCs at port 623 of the namespace's loopback, for a test
simulate() {
	local ready=$BATS_TEST_TMPDIR/bmcsim.ready
	[ -x "$BMCSIM" ] || make -s -C "$tree" bmcsim >&2
	ip netns exec "$SPACE" "$BMCSIM" --log "$BATS_TEST_TMPDIR/bmcsim.log" --control "$BATS_TEST_TMPDIR/bmcsim.control" \
		"$@" >"$ready" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/bmcsim.pid"
	await 20 'the simulator listens' grep -qs '^ready' "$ready"
}
ask_simulator() { "$BMCSIM" --ask "$BATS_TEST_TMPDIR/bmcsim.control" "$@"; }

# conf_part FOLDER: its files as /etc/stoker, as a part of an initramfs that may be appended to another
conf_part() {
	local root=$BATS_TEST_TMPDIR/conf_part
	mkdir -p "$root/etc/stoker"
	cp "$1"/* "$root/etc/stoker/"
	(cd "$root" && find . ! -name . | cpio -o -H newc -R 0:0 --quiet)
}

# said_never NAME TEXT
said_never() {
	if said "$1" "$2"; then echo "$1 says \"$2\""; tell_machine "$1"; return 1; fi
}
