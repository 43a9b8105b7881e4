# SPDX-License-Identifier: GPL-3.0-or-later
# What the build promises: the same bytes anywhere, and nothing rebuilt that need not be.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	unset MAKEFLAGS MAKELEVEL
}

@test "two_builds_in_different_folders_give_the_same_bytes" {
	copy=$BATS_TEST_TMPDIR/another/place
	mkdir -p "$copy"
	git ls-files --cached --others --exclude-standard -z | xargs -0 cp --parents -t "$copy" 2>/dev/null
	make -s -C "$copy" O="$BATS_TEST_TMPDIR/elsewhere" tiny_defconfig all
	make -s O=build/tiny tiny_defconfig all
	cmp "$BATS_TEST_TMPDIR/elsewhere/stoker" build/tiny/stoker
}

@test "a_second_make_does_nothing" {
	make -s O=build/tiny tiny_defconfig all
	run make O=build/tiny
	[ "$status" = 0 ]
	if grep -qE '  (CC|LD|GEN)' <<<"$output"; then return 1; fi
}

@test "a_changed_option_rebuilds_what_it_touches_and_nothing_else" {
	rm -rf build/toggle
	make -s O=build/toggle tiny_defconfig all
	sed -i 's/^# CONFIG_CMD_LINT is not set/CONFIG_CMD_LINT=y/' build/toggle/.config
	run make O=build/toggle
	[ "$status" = 0 ]
	[ "$(grep -c '  CC' <<<"$output")" = "$(grep '  CC' <<<"$output" | grep -c core/cli/lint.o)" ]
	grep -q 'CC      core/cli/lint.o' <<<"$output"
	grep -q 'LD      stoker.debug' <<<"$output"
}

@test "a_touched_header_rebuilds_its_users_only" {
	make -s O=build/toggle tiny_defconfig all
	touch core/model/ethers.h
	run make O=build/toggle
	grep -q 'CC      core/model/ethers.o' <<<"$output"
	grep -q 'CC      core/cli/wake.o' <<<"$output"
	if grep -q 'CC      core/engine' <<<"$output"; then return 1; fi
}

@test "savedefconfig_gives_back_the_boards_own" {
	make -s O=build/toggle tiny_defconfig savedefconfig
	diff <(grep -v '^# [a-zS]' boards/tiny/defconfig | sort) <(sort build/toggle/defconfig)
}

@test "a_built_in_configuration_is_used_where_there_is_none" {
	printf 'machine "built-in-1" { mac = "02:00:00:00:00:01" }\n' >build/toggle.conf
	make -s O=build/toggle tiny_defconfig
	sed -i 's#^CONFIG_BUILTIN_CONF=.*#CONFIG_BUILTIN_CONF="build/toggle.conf"#' build/toggle/.config
	make -s O=build/toggle
	run unshare -m bash -c 'mkdir -p /etc/stoker && mount -t tmpfs none /etc/stoker &&
		build/toggle/stoker wake -n built-in-1'
	[ "$status" = 0 ]
	grep -q 'built-in-1' <<<"$output"
}

@test "install_puts_program_links_manual_and_completions" {
	make -s
	make -s docs
	make -s install DESTDIR="$BATS_TEST_TMPDIR/root" PREFIX=/usr
	cd "$BATS_TEST_TMPDIR/root/usr"
	[ -x sbin/stoker ]
	[ "$(readlink sbin/etherwake)" = stoker ]
	[ "$(readlink sbin/wakeonlan)" = stoker ]
	[ -s share/man/man8/stoker.8 ] || [ -s share/man/man8/stoker.8.gz ]
	[ -s share/man/man5/stoker.conf.5 ] || [ -s share/man/man5/stoker.conf.5.gz ]
	ls share/bash-completion/completions/stoker share/zsh/vendor-completions/_stoker \
		share/fish/vendor_completions.d/stoker.fish
}

@test "the_programs_are_static_and_small" {
	make -s
	make -s O=build/tiny tiny_defconfig all
	if readelf -l build/stoker | grep -q INTERP; then return 1; fi
	[ "$(stat -c %s build/tiny/stoker)" -le 215000 ]
	[ "$(stat -c %s build/stoker)" -le 1600000 ]
}
