# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's package of this tree, for the tests of a file: DEB.

package_made() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	unset MAKEFLAGS MAKELEVEL
	# not a name that belongs to somebody
	export DEBFULLNAME='A packager' DEBEMAIL=packager@debian.org
	make -s >&2
	DEB=$(realpath "$(make -s deb)")
	export DEB
}
