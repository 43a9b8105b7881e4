#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's package: what it holds, that lintian accepts it, and that it can be installed, used and removed.

load package

setup_file() { package_made; }

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

@test "the_package_is_named_by_version_and_architecture" {
	version=$(sed -n 's/^VERSION := //p' Makefile)
	[ "$(basename "$DEB")" = "stoker_${version}_$(dpkg --print-architecture).deb" ]
	[ "$(dpkg-deb -f "$DEB" Version)" = "$version" ]
	# which sources are in the static program
	dpkg-deb -f "$DEB" Built-Using | grep -q 'libev (= .*musl (= '
}

@test "it_holds_program_manual_completions_services_and_hooks" {
	run dpkg-deb -c "$DEB"
	for file in usr/sbin/stoker usr/share/man/man8/stoker.8.gz usr/share/man/man5/stoker.conf.5.gz \
		usr/share/bash-completion/completions/stoker usr/share/zsh/vendor-completions/_stoker \
		usr/share/fish/vendor_completions.d/stoker.fish lib/systemd/system/stoker.service \
		lib/systemd/system/stoker-guests.service etc/init.d/stoker etc/init.d/stoker-guests etc/stoker/initramfs.conf \
		usr/share/initramfs-tools/hooks/stoker usr/share/initramfs-tools/scripts/init-premount/stoker \
		usr/share/initramfs-tools/conf-hooks.d/stoker usr/lib/dracut/modules.d/90stoker/module-setup.sh \
		usr/lib/stoker/initramfs-wake usr/share/doc/stoker/copyright usr/share/doc/stoker/changelog.gz; do
		grep -qE " \./$file\$" <<<"$output" || { echo "no $file"; false; }
	done
	# all root's, and no name that is another package's
	[ "$(grep -vE '^[-dl][rwx-]{9} root/root ' <<<"$output")" = "" ]
	[ "$(grep -E 'sbin/(etherwake|wakeonlan|ipmi)' <<<"$output")" = "" ]
	run dpkg-deb -I "$DEB" conffiles
	[ "$output" = "/etc/init.d/stoker
/etc/init.d/stoker-guests
/etc/stoker/initramfs.conf" ]
}

@test "lintian_finds_no_error_and_warns_of_nothing" {
	user=()
	[ "$(id -u)" != 0 ] || user=(--allow-root)
	run lintian "${user[@]}" --fail-on error,warning "$DEB"
	echo "$output"
	[ "$status" = 0 ]
}

@test "a_second_one_has_the_same_bytes" {
	sum=$(sha256sum <"$DEB")
	# whatever the user's mask
	(umask 077 && make -s deb)
	[ "$(sha256sum <"$DEB")" = "$sum" ]
}

@test "it_can_be_installed_used_and_purged" {
	# a root of its own over this machine's: what dpkg writes goes to memory
	export DEB PLACE=$BATS_TEST_TMPDIR
	# shellcheck disable=SC2016 # expanded in there
	run unshare -m bash -ec '
		mount -t tmpfs none "$PLACE"
		for folder in usr etc var; do
			mkdir -p "$PLACE/$folder/up" "$PLACE/$folder/work"
			mount -t overlay none -o "lowerdir=/$folder,upperdir=$PLACE/$folder/up,workdir=$PLACE/$folder/work" "/$folder"
		done
		mount -t tmpfs none /run
		# nothing is started here, nor is an initramfs made
		printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
		chmod +x /usr/sbin/policy-rc.d
		dpkg --no-triggers -i "$DEB"
		/usr/sbin/stoker version
		stoker wake --dry-run 02:00:00:00:00:01
		test -e /etc/init.d/stoker
		test -e /etc/systemd/system/multi-user.target.wants/stoker.service
		test ! -e /etc/systemd/system/multi-user.target.wants/stoker-guests.service
		dpkg --no-triggers -i "$DEB"
		dpkg --no-triggers --purge stoker
		test ! -e /usr/sbin/stoker
		test ! -e /etc/stoker
		test ! -e /etc/init.d/stoker
		test ! -e /etc/systemd/system/multi-user.target.wants/stoker.service
		echo all well'
	echo "$output"
	[ "$status" = 0 ]
	grep -q '^all well' <<<"$output"
}
