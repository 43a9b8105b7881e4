# SPDX-License-Identifier: GPL-3.0-or-later
# The simulator of BMCs and its peers, with short time limits; what they say on standard output and error is one text.
# For tests that hold it to other people's clients; in the namespace of ipmi.bash.

# simulate OPTION...: starts it on port 623, with a log and a control socket; it is there when this returns
simulate() {
	local ready=$BATS_TEST_TMPDIR/ready
	SIM_LOG=$BATS_TEST_TMPDIR/log
	rm -f "$ready" "$SIM_LOG"
	# not by a function: its process would not be the simulator's
	ip netns exec "$SPACE" "$BMCSIM" --log "$SIM_LOG" --control "$BATS_TEST_TMPDIR/control" "$@" >"$ready" 3>&- &
	SIM=$!
	until grep -q '^ready' "$ready" 2>/dev/null; do kill -0 "$SIM" || return 1; done
}

# simulated: ends it, and fails when it did not end well
simulated() {
	local status=0
	[ -n "${SIM-}" ] || return 0
	kill "$SIM"
	wait "$SIM" || status=$?
	SIM=
	return $status
}

# ask WORD...: a word with its control socket
ask() { "$BMCSIM" --ask "$BATS_TEST_TMPDIR/control" "$@"; }

# tool ADDRESS OPTION... COMMAND...: ipmitool
tool() {
	local address=$1
	shift
	inside timeout 60 ipmitool -H "$address" -N 1 -R 2 "$@" 2>&1
}

# The same by the user that there is when nobody asks for another.
tool_admin() {
	local address=$1
	shift
	tool "$address" -U admin -P secret "$@"
}

# says EXPECTED COMMAND...: the command prints exactly this
says() {
	local expected=$1 said
	shift
	said=$("$@") || true
	[ "$said" = "$expected" ] || {
		echo "$* says:"
		echo "$said"
		echo "instead of:"
		echo "$expected"
		return 1
	}
}
