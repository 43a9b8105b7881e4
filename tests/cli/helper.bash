# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of the command line share: the program under test, and a place of its own for each test.
# shellcheck disable=SC2154 # bats sets status, output and lines

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	stoker=$(realpath "${STOKER:-$tree/build/stoker}")
	export STOKER_CONF=$BATS_TEST_TMPDIR/stoker.conf
	export STOKER_RUN=$BATS_TEST_TMPDIR/run STOKER_STATE=$BATS_TEST_TMPDIR/state
	export LC_ALL=C.UTF-8
	cd "$BATS_TEST_TMPDIR" || return
	lab
}

# A small lab: a profile, a range, guests, groups; nothing in it is real.
lab() {
	cat >"$STOKER_CONF" <<-'END'
		profile "common" {
			wol-password = "192.168.1.1"
			on = {"wol 5s", "sandbox"}
		}
		machine "rack[01-40]" {
			profile = "common"
			address = "10.0.0.[1-40]"
			mac = "02:00:00:00:00:[00-27]"
			sandbox = "off"
		}
		machine "vm[1-4]" {
			host = "rack01"
			label = "guest[1-4]"
			sandbox = "on"
		}
		group "front" { machines = {"rack[01-10]", "vm1"} }
		group "guests" { machines = "vm[1-4]" }
	END
}

# The program under another name.
called() {
	mkdir -p names
	ln -sf "$stoker" "names/$1"
	echo "$BATS_TEST_TMPDIR/names/$1"
}

# is TEXT: all that the last command printed.
is() {
	if [ "$output" != "$1" ]; then
		printf 'expected:\n%s\ngot:\n%s\n' "$1" "$output"
		return 1
	fi
}

# has TEXT: it is somewhere in what the last command printed.
has() {
	if [[ $output != *"$1"* ]]; then
		printf 'expected somewhere:\n%s\ngot:\n%s\n' "$1" "$output"
		return 1
	fi
}

lacks() {
	if [[ $output == *"$1"* ]]; then
		printf 'not expected:\n%s\ngot:\n%s\n' "$1" "$output"
		return 1
	fi
}

# exits CODE
exits() {
	if [ "$status" -ne "$1" ]; then
		printf 'expected exit code %s, got %s:\n%s\n' "$1" "$status" "$output"
		return 1
	fi
}

needs() {
	for program; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
}
