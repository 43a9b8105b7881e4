# SPDX-License-Identifier: GPL-3.0-or-later
# Guests for tests: QEMU by TCG, with a sector of code that counts (counter.s), or with Debian's kernel.
# shellcheck disable=SC2154,SC2015 # bats sets status, output and lines; A && B || C with a C that only fails

STOKER=$(readlink -f "${STOKER:-$BATS_TEST_DIRNAME/../../build/stoker}")

# build_guests: the sectors, for all tests of a file
build_guests() {
	local kind
	guests=$BATS_FILE_TMPDIR/guests
	mkdir -p "$guests"
	for kind in ready network deaf; do
		as --32 --defsym $kind=1 -o "$guests/$kind.o" "$BATS_TEST_DIRNAME/guest.s"
		ld -m elf_i386 -Ttext=0x7c00 --oformat=binary -o "$guests/$kind" "$guests/$kind.o"
	done
	as --32 -o "$guests/counter.o" "$BATS_TEST_DIRNAME/counter.s"
	ld -m elf_i386 -Ttext=0x7c00 --oformat=binary -o "$guests/counter" "$guests/counter.o"
	truncate -s 16M "$guests"/{ready,deaf,counter}
	truncate -s 1440K "$guests/counter"
	export guests
}

# places NAME: folders of a service of its own
places() {
	export STOKER_RUN=$BATS_TEST_TMPDIR/$1 STOKER_STATE=$BATS_TEST_TMPDIR/$1-state
	mkdir -p "$STOKER_RUN" "$STOKER_STATE"
}

# lab: a counting guest, vm1, and what each test adds
lab() {
	export STOKER_CONF=$BATS_TEST_TMPDIR/stoker.conf LC_ALL=C.UTF-8
	disk=$BATS_TEST_TMPDIR/disk.img
	cp "$guests/counter" "$disk"
	cat >"$STOKER_CONF" <<-END
		profile "small" {
			guest = "qemu"
			qemu-machine = "pc"
			qemu-accelerator = "tcg"
			memory = "16M"
			soft = "qemu 10s"
		}
		machine "vm1" { profile = "small" disk = "$disk" }
	END
	places run
}

# pids: of all the QEMUs that a test's services have
pids() { pgrep -f -- "path=$BATS_TEST_TMPDIR/" || true; }

# runs NAME N: so many processes are this guest, of the service that is in use
runs() {
	local n
	n=$(pgrep -c -f -- "path=$STOKER_RUN/guests/$1/qmp" || true)
	[ "$n" = "$2" ] || { echo "$n processes are $1, not $2"; return 1; }
}

# gone PID: it has ended, whether somebody has taken note of it or not
gone() { ! grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null; }

end_all() {
	local pid
	for pid in $(pids); do
		kill -9 "$pid" 2>/dev/null || true
		await 5 gone "$pid"
	done
}

stoker() { "$STOKER" "$@"; }

# says COMMAND...: it succeeds, and prints the last argument
says() {
	local wanted=${!#}
	run stoker "${@:1:$#-1}"
	[ "$output" = "$wanted" ] && [ "$status" = 0 ] || {
		printf 'expected:\n%s\ngot (%s):\n%s\n' "$wanted" "$status" "$output"
		return 1
	}
}

# fails COMMAND... TEXT: it fails, and prints that somewhere
fails() {
	local wanted=${!#}
	run stoker "${@:1:$#-1}"
	[[ $output == *"$wanted"* ]] && [ "$status" != 0 ] || {
		printf 'expected a failure and somewhere:\n%s\ngot (%s):\n%s\n' "$wanted" "$status" "$output"
		return 1
	}
}

# is STATE [NAME]: what status tells
is() {
	run stoker status "${2-vm1}"
	[ "${lines[0]}" = "${2-vm1}: $1" ] || { printf 'expected %s, got:\n%s\n' "$1" "$output"; return 1; }
}

# talk TEXT PATTERN [NAME] [SECONDS]: sends a line to a guest's console, and waits for an answer
talk() { "$BATS_TEST_DIRNAME/serial" "$STOKER_RUN/guests/${3-vm1}/serial0" "$1" "$2" "${4-20}"; }

# counts LETTER: that is what the counter says next
counts() {
	local letter
	letter=$(talk x '[a-z]')
	[ "$letter" = "$1" ] || { echo "it says $letter, not $1"; return 1; }
}

# begins_anew: its firmware drops what is said too early
begins_anew() {
	local letter tries=0
	until letter=$(talk x '[a-z]' vm1 1 2>/dev/null); do [ $((tries += 1)) -lt 20 ] || return; done
	[ "$letter" = a ] || { echo "it says $letter, not a"; return 1; }
}

# dies POINT COMMAND...: it is killed there
dies() {
	local point=$1
	shift
	STOKER_CRASH=$point run stoker "$@"
	[ "$status" = 137 ] || { printf 'not killed at %s, but (%s):\n%s\n' "$point" "$status" "$output"; return 1; }
}

# points PREFIX: the names of crash points
points() { grep -rhoE "crash_point\\(\"$1[^\"]*" "$BATS_TEST_DIRNAME/../../drivers/guest" | cut -d'"' -f2 | sort; }

# await SECONDS COMMAND...: until it succeeds
await() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt "$end" ] || { echo "in vain: $*"; return 1; }
		read -r -t 0.02 <> <(:) || true
	done
}
