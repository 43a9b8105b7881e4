#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# How images are made: by anybody, without network, always of the same bytes.
load harness

@test an_ordinary_user_without_network_gets_the_same_bytes {
	local place cache=${STOKER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stoker}
	place=$(image tiny)
	mkdir "$BATS_TEST_TMPDIR/tree"
	# shellcheck disable=SC2154 # the harness sets it
	(cd "$tree" && git ls-files -z -co --exclude-standard | xargs -0 cp -a --parents -t "$BATS_TEST_TMPDIR/tree")
	chown -R nobody "$BATS_TEST_TMPDIR/tree"
	chmod a+x "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "${BATS_TEST_TMPDIR%/*/*}"
	# the cache as if that user had filled it
	# shellcheck disable=SC2016 # expanded in there
	unshare --mount --net bash -euc '
		mkdir "$3"
		mount -t tmpfs none "$3"
		mkdir -p "$3"/{up,work,all}
		mount -t overlay none -o "lowerdir=$1,upperdir=$3/up,workdir=$3/work" "$3/all"
		chown nobody "$3"/all/packages "$3"/all/packages/* "$3"/all/packages/*/{lock,current}
		cd "$2"
		export STOKER_CACHE=$3/all HOME=/nonexistent
		unset XDG_CACHE_HOME
		setpriv --reuid nobody --regid nogroup --clear-groups tools/mkimage tiny' - "$cache" "$BATS_TEST_TMPDIR/tree" \
		"$BATS_TEST_TMPDIR/cache" >&2
	diff -r "$place" "$BATS_TEST_TMPDIR/tree/build/images/tiny"
}

@test what_takes_the_space_is_told {
	place=$(image tiny)
	grep -Eq '^ *[0-9]+ +[0-9]+  modules$' "$place/SIZES"
	grep -Eq '^ *[0-9]+ +[0-9]+  stoker$' "$place/SIZES"
	[ "$(awk '$3 == "initramfs.img" { print $2 }' "$place/SIZES")" = "$(stat -c %s "$place/initramfs.img")" ]
}

@test what_a_board_lacks_is_told {
	run "$tree/tools/mkimage" nonesuch
	[ "$status" = 1 ]
	[[ $output == *"no board 'nonesuch' with an image; there are: "*tiny* ]]
}
