# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of emulators share: a place of its own for each test, and nothing left behind.

STOKER=$(readlink -f "${STOKER:-$BATS_TEST_DIRNAME/../../build/stoker}")

setup() {
	export STOKER_CONF=$BATS_TEST_TMPDIR/stoker.conf STOKER_RUN=$BATS_TEST_TMPDIR/run
	export STOKER_STATE=$BATS_TEST_TMPDIR/state LC_ALL=C.UTF-8 TERM=vt100
	unset STOKER_CRASH
	mkdir -p "$STOKER_RUN" "$STOKER_STATE"
	cd "$BATS_TEST_TMPDIR" || return
	lab
}

teardown() {
	unset STOKER_CRASH
	"$STOKER" off all || true
	# what is left of a machine would work in this folder
	ends_all
}

# ends_all: kills what is left of this test, which is a failure
ends_all() {
	local left
	left=$(processes)
	[ -z "$left" ] && return
	echo "left behind: $left"
	xargs kill -9 <<<"$left"
	return 1
}

# processes: those that name this test's folder in their command line, but for shells of bats
processes() {
	local pid
	for pid in $(pgrep -f -- "$BATS_TEST_TMPDIR"); do
		[[ $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) == *bats* ]] || echo "$pid"
	done
}

# record MACHINE N: the process (1) or its keeper (3)
record() { awk -v n="$2" '{print $n}' "$STOKER_RUN/guests/$1/record"; }
pid() { record "$1" 1; }
keeper() { record "$1" 3; }

# ticks PID: CPU time that it has used, in hundredths of a second
ticks() { awk '{sub(/.*\) /, ""); print $12 + $13}' "/proc/$1/stat"; }

# sleeps PID: it uses next to no CPU for a second
sleeps() {
	local before after
	before=$(ticks "$1")
	sleep 1
	after=$(ticks "$1")
	[ $((after - before)) -lt 10 ] || { echo "process $1 used $((after - before)) ticks"; return 1; }
}

# until_true COMMAND…: within ten seconds
until_true() {
	local i
	for ((i = 0; i < 200; i++)); do
		"$@" && return
		sleep 0.05
	done
	echo "not within ten seconds: $*"
	return 1
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# attach MACHINE [line]: its terminal, or its held line, on descriptors 5 (from it) and 6 (to it)
attach() {
	coproc LOOK { exec socat - "UNIX:$STOKER_RUN/guests/$1/${2:-terminal}"; }
	exec 5<&"${LOOK[0]}" 6>&"${LOOK[1]}"
	looking=$LOOK_PID
}

detach() {
	exec 5<&- 6>&-
	kill "$looking" 2>/dev/null || true
	wait "$looking" 2>/dev/null || true
}

# hears TEXT: it comes within ten seconds; what was heard is in $heard
hears() {
	local byte end=$((SECONDS + 10))
	heard=
	while [[ $heard != *"$1"* ]]; do
		if ! IFS= read -r -d '' -n 1 -t 1 -u 5 byte && [ $SECONDS -ge $end ]; then
			printf 'expected "%s", heard "%s"\n' "$1" "$heard"
			return 1
		fi
		heard+=$byte
	done
}

says() { printf '%b' "$1" >&6; }

# has TEXT: it is somewhere in what `run` has seen
has() {
	# shellcheck disable=SC2154 # bats sets it
	[[ $output == *"$1"* ]] || { printf 'expected somewhere:\n%s\ngot:\n%s\n' "$1" "$output"; return 1; }
}
