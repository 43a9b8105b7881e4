# SPDX-License-Identifier: GPL-3.0-or-later
# BMCs for tests: tools/bmcsim in a network namespace that has nothing but loopback.

STOKER=$(readlink -f "${STOKER:-$BATS_TEST_DIRNAME/../../build/stoker}")
BMCSIM=$(readlink -f "${BMCSIM:-$BATS_TEST_DIRNAME/../../build/tools/bmcsim}")

space_up() {
	export SPACE=stk-ipmi-$$
	ip netns add "$SPACE"
	ip -n "$SPACE" link set lo up
}

space_down() { ip netns del "$SPACE"; }

inside() { ip netns exec "$SPACE" "$@"; }

# lab_up: an empty configuration, folders of this test's own, and the password of all users
lab_up() {
	export STOKER_CONF=$BATS_TEST_TMPDIR/stoker.conf STOKER_RUN=$BATS_TEST_TMPDIR/run \
		STOKER_STATE=$BATS_TEST_TMPDIR/state
	mkdir "$STOKER_RUN" "$STOKER_STATE"
	: >"$STOKER_CONF"
	PASS=$BATS_TEST_TMPDIR/pass WRONG=$BATS_TEST_TMPDIR/wrong
	(umask 077 && echo boilerroom-42 >"$PASS" && echo windowseat-93 >"$WRONG")
}

# sim ARGUMENT...: BMCs on every address of 127/8 in the namespace, port 623
sim() {
	rm -f "$BATS_TEST_TMPDIR/ready" "$BATS_TEST_TMPDIR/sim.log" "$BATS_TEST_TMPDIR/control"
	mkfifo "$BATS_TEST_TMPDIR/ready"
	ip netns exec "$SPACE" "$BMCSIM" --port 623 --log "$BATS_TEST_TMPDIR/sim.log" \
		--control "$BATS_TEST_TMPDIR/control" \
		--user admin:boilerroom-42:admin --user operator:boilerroom-42:operator \
		--user viewer:boilerroom-42:user "$@" >"$BATS_TEST_TMPDIR/ready" 3>&- &
	SIM=$!
	read -r -t 20 _ <"$BATS_TEST_TMPDIR/ready"
}

sim_down() {
	[ -z "${SIM-}" ] || { kill "$SIM" && wait "$SIM"; } || true
	SIM=
}

# control WORD...: asks the simulator
control() { printf '%s\n' "$*" | socat -t 5 - "UNIX-CONNECT:$BATS_TEST_TMPDIR/control"; }

# stoker COMMAND ARGUMENT...: with admin's password
stoker() {
	local command=$1
	shift
	inside "$STOKER" "$command" --user admin --password-file "$PASS" "$@"
}
