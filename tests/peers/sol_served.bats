# SPDX-License-Identifier: GPL-3.0-or-later
# The console server and BMCs that fail it, for as long as they do: simulated ones, four at a time.

load ipmi

setup() {
	space_up
	lab_up
	logs=$BATS_TEST_TMPDIR/log
	cat >"$STOKER_CONF" <<-END
		profile "kept" { user = "admin"  password-file = "$PASS"  console-keep = yes  console-log = "$logs/%n" }
		machine "stolen" { bmc = "127.0.0.1"  profile = "kept" }
		machine "rebooted" { bmc = "127.0.0.2"  profile = "kept" }
		machine "silent" { bmc = "127.0.0.3"  profile = "kept" }
		machine "lossy" { bmc = "127.0.0.4"  profile = "kept" }
	END
}

teardown() {
	[ -z "${DAEMON-}" ] || { kill "$DAEMON" && wait "$DAEMON"; } || true
	sim_down
	space_down
}

# within SECONDS COMMAND...: it becomes so
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || { echo "not so in time: $*" && inside "$STOKER" consoles && cat "$logs"/*.told && return 1; }
		sleep 0.2
	done
}

state_is() { [ "$(inside "$STOKER" consoles --json "$1" | jq -r .state)" = "$2" ]; }
count() { wc -l <"$logs/$1"; }
grown() { [ "$(count "$1")" -gt "$2" ]; }

# once MACHINE: no numbered line stands twice in its log
once() {
	[ -z "$(tr -d '\r' <"$logs/$1" | grep -E '^[0-9]+ [a-z]' | sort | uniq -d)" ] ||
		{ echo "twice in the log of $1:" && sort "$logs/$1" | uniq -d | head -n 5 && return 1; }
}

@test "the_server_gets_its_consoles_back_from_thieves_reboots_loss_and_two_minutes_of_silence" {
	sim --power on --console source=200
	mkdir -p "$logs"
	ip netns exec "$SPACE" "$STOKER" daemon >"$logs/ready.told" 2>"$logs/daemon.told" 3>&- &
	DAEMON=$!
	for machine in stolen rebooted silent lossy; do within 60 state_is $machine open; done
	for machine in stolen rebooted silent lossy; do within 20 grown $machine 3; done

	control steal 127.0.0.1
	control reboot 127.0.0.2 20
	control fault 127.0.0.3 dead
	control fault 127.0.0.4 lose-requests=30
	control fault 127.0.0.4 lose-answers=30
	began=$SECONDS

	within 20 grep -q 'has given the console to somebody else, or has ended it' "$logs/stolen"
	# the thief has it for a minute
	state_is stolen lost
	within 80 state_is stolen open
	lines=$(count stolen)
	within 20 grown stolen "$((lines + 5))"

	within 100 state_is silent lost
	grep -q 'nothing was heard of BMC 127.0.0.3 for ' "$logs/silent"
	lines=$(count lossy)
	while ((SECONDS < began + 120)); do sleep 1; done
	grown lossy "$((lines + 20))"
	state_is stolen open
	state_is rebooted open
	state_is lossy open
	state_is silent lost

	# waits grow to a minute, and no further
	control fault 127.0.0.3 -dead
	within 90 state_is silent open
	lines=$(count silent)
	within 20 grown silent "$((lines + 5))"
	kill -0 "$DAEMON"
	for machine in stolen rebooted silent lossy; do once $machine; done
}
