#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What docs/add-a-*.md tell a newcomer to write is written, built and tested as it stands there.
load helper

# extract PAGE: each block behind a line that is `PATH`: becomes that file.
extract() {
	awk '
		/^`[^`]*`:$/ { path = substr($0, 2, length($0) - 3); next }
		/^```/ && !inside { inside = 1; if (path != "") { printf "" >path } next }
		/^```/ { inside = 0; if (path != "") close(path); path = ""; next }
		inside && path != "" { print >path }
	' "$1"
}

# block PAGE LANGUAGE: the first block of this language that has no path.
block() {
	awk -v start="\`\`\`$2" '
		/^`[^`]*`:$/ { path = 1 }
		$0 == start && !path { on = 1; next }
		/^```$/ { if (on) exit; path = 0 }
		on { print }
	' "$1"
}

copy() {
	needs cc kconfig-conf bats
	mkdir tree
	(cd "$tree" && tar cf - --exclude=./build --exclude=./.git .) | tar xf - -C tree
	cd tree || return
}

build() {
	make HOST=1 O="$BATS_TEST_TMPDIR/out" -j"$(nproc)" >log 2>&1 || { tail -20 log; return 1; }
	STOKER=$BATS_TEST_TMPDIR/out/stoker bats "tests/cli/$1.bats"
}

@test "the_driver_of_the_page_builds_and_passes_its_test" {
	copy
	mkdir drivers/line
	extract "$tree/docs/add-a-driver.md"
	build line
}

@test "the_command_of_the_page_builds_and_passes_its_test" {
	copy
	extract "$tree/docs/add-a-command.md"
	block "$tree/docs/add-a-command.md" make >>core/cli/Makefile
	{ echo; block "$tree/docs/add-a-command.md" kconfig; } >>core/cli/Kconfig
	build count
}
