# SPDX-License-Identifier: GPL-3.0-or-later
# What the house plan promises of the tree itself.

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

# includes FLOOR...: lines that include a header of these floors, in the folders given on standard input
includes() {
	local pattern
	pattern=$(printf '%s|' "$@")
	xargs grep -rnE "#[[:space:]]*include[[:space:]]+\"(core/)?(${pattern%|})/" --include='*.[ch]'
}

@test "no_floor_includes_a_higher_one" {
	run includes model engine cli daemon init drivers <<<core/base
	[ "$status" = 123 ]
	run includes engine cli daemon init drivers <<<core/model
	[ "$status" = 123 ]
	run includes cli daemon init drivers <<<core/engine
	[ "$status" = 123 ]
	run includes cli init <<<core/daemon
	[ "$status" = 123 ]
	# PID 1 runs the others as a program
	run includes model engine cli daemon drivers <<<core/init
	[ "$status" = 123 ]
}

@test "drivers_see_only_the_contract_and_what_lies_below" {
	run includes cli daemon init drivers <<<drivers
	[ "$status" = 123 ]
	run bash -c 'grep -rhoE "include \"engine/[a-z_]+\.h\"" drivers --include="*.[ch]" | sort -u'
	[ "$(grep -vE '"engine/(console|credential|driver|environment|verb|words)\.h"' <<<"$output")" = "" ]
	# another driver's headers can only be had by a path
	run grep -rnE 'include "(\.\./|drivers/)' drivers core --include='*.[ch]'
	[ "$status" = 1 ]
}

@test "vendor_headers_stay_in_their_drivers_folder" {
	for header in libnet pcap; do
		run grep -rlE "include <($header)(/[a-z]+)?\.h>" core
		[ "$status" = 1 ]
	done
	run grep -rlE 'include <gcrypt.h>' core drivers
	[ "$output" = drivers/ipmi/crypt.c ]
	run grep -rlE 'include <libtelnet.h>' core drivers
	[ "$output" = drivers/console/nvt.c ]
	run bash -c "grep -rlE 'include <(ipmiconsole|freeipmi/.*)\.h>' core drivers | sort"
	[ "$output" = $'drivers/ipmi/sol_error.c\ndrivers/ipmi/sol_library.c' ]
	run bash -c "grep -rlE 'include <jansson.h>' core/base core/model drivers | xargs dirname | sort -u"
	[ "$output" = drivers/guest ]
	run grep -rlE 'include <expat.h>' core drivers
	[ "$output" = core/cli/import_libvirt.c ]
	run grep -rlE 'include <confuse.h>' core drivers
	[ "$output" = core/model/config.c ]
}

@test "drivers_and_the_engine_never_end_the_program_and_drivers_never_print" {
	run grep -rnE '\b(exit|abort)\(' core/base core/model core/engine drivers --include='*.c'
	[ "$(grep -vE '_exit\(' <<<"$output")" = "" ]
	run grep -rnE '\b(printf|puts|putchar|perror|fputs)\(' drivers --include='*.c'
	[ "$status" = 1 ]
}

@test "no_config_conditions_inside_code" {
	run grep -rnE '^[[:space:]]*#[[:space:]]*(el)?if.*[^_A-Z]CONFIG_' core drivers --include='*.[ch]'
	[ "$status" = 1 ]
}

@test "every_file_names_its_licence" {
	run bash -c 'git ls-files --cached --others --exclude-standard |
		grep -vE "^(COPYING|tests/fuzz/seeds/.*|.*\.md|docs/changes\.md)$" |
		while read -r f; do [ ! -f "$f" ] || head -n 3 "$f" |
			grep -q "SPDX-License-Identifier: GPL-3.0-or-later" || echo "$f"; done'
	[ "$output" = "" ]
}

@test "nothing_is_left_unfinished" {
	run git grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' -- core drivers boards tools docs Makefile setup
	[ "$output" = "" ]
}
