# SPDX-License-Identifier: GPL-3.0-or-later
# Emulators for real: Hercules.

load emulator

lab() {
	cat >hercules.cnf <<-END
		CPUSERIAL 000001
		CPUMODEL 2094
		MAINSIZE 16
		ARCHMODE ESA/390
		0009 3215-C
	END
	cat >"$STOKER_CONF" <<-END
		machine "mvs" {
			guest = "emulator"
			emulator = "hercules"
			emulator-config = "$PWD/hercules.cnf"
		}
	END
}

@test "hercules_starts_shows_its_panel_and_quits" {
	"$STOKER" on mvs
	attach mvs
	says 'version\r'
	hears 'HHC'
	detach
	sleeps "$(keeper mvs)"
	"$STOKER" soft mvs
	run "$STOKER" status mvs
	[ "$output" = 'mvs: off' ]
	run "$STOKER" diagnose mvs
	has 'it exited with status 0'
}

@test "a_configuration_that_it_refuses_is_told_with_its_last_words" {
	echo nonsense >hercules.cnf
	run "$STOKER" on mvs
	[ "$status" = 1 ]
	has 'mvs: emulator: it '
	has '; the last that it said: HHC'
}
