#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# stoker guests scan: guests are found by what is in their files, and what they share is told.
load helper

lab() {
	unset STOKER_CONF
	mkdir -p "$STOKER_RUN" "$STOKER_STATE" tree/xen tree/emulators tree/libvirt
	printf 'name = "web"\nmemory = 64\nuuid = "7A1C9F2E-0000-4C1E-9C6E-1B2F3A4D5E6F"\nvif = ["mac=00:16:3E:11:22:33"]\n' \
		>tree/xen/web.cfg
	printf 'set cpu 11/70\nset console telnet=10003\nattach rp0 rp.dsk\nboot rp0\n' >tree/emulators/pdp.ini
	printf 'set session hw_model="AlphaServer_ES40"\nset session configuration_name="MSC"\nload virtual_serial_line OPA0 port=10004\n' \
		>tree/emulators/msc.cfg
	printf '/opt/es40 %s/tree/emulators/msc.cfg auto_boot\n' "$BATS_TEST_TMPDIR" >tree/emulators/guests
	printf "<domain type='kvm'>\n<name>dom</name><uuid>2d8a5c5e-3b5e-4b44-9d0b-6f3b1c2e7a10</uuid></domain>\n" >tree/libvirt/dom.xml
	printf 'machine "vm[1-2]" { mac = "02:00:00:00:00:0[1-2]"  address = "10.0.0.[1-2]" }\n' >tree/ours.conf
	echo 'nothing of interest' >tree/notes
	head -c 5000 /dev/zero >tree/disk
}

stoker() { run "$stoker" "$@"; }

@test "guests_are_found_by_what_is_in_their_files" {
	stoker guests scan tree
	exits 0
	local t=$BATS_TEST_TMPDIR/tree
	is "msc  charon-list  $t/emulators/guests
MSC  charon       $t/emulators/msc.cfg
pdp  simh         $t/emulators/pdp.ini
dom  libvirt      $t/libvirt/dom.xml
vm1  stoker       $t/ours.conf
vm2  stoker       $t/ours.conf
web  xl           $t/xen/web.cfg"
	local found=$output
	# the inventory is kept
	stoker guests scan
	exits 0
	is "$found"
	# and may be lost, or be of another kind
	echo "stoker guests inventory 0" >"$STOKER_STATE/guests.inventory"
	stoker guests scan
	exits 0
	is ""
}

@test "what_is_gone_leaves_the_inventory_and_other_folders_stay_in_it" {
	stoker guests scan tree/xen tree/libvirt
	rm tree/xen/web.cfg
	printf 'name = "new"\nmemory = 64\nvcpus = 1\n' >tree/xen/new.cfg
	stoker guests scan tree/xen
	is "dom  libvirt  $BATS_TEST_TMPDIR/tree/libvirt/dom.xml
new  xl       $BATS_TEST_TMPDIR/tree/xen/new.cfg"
	rm tree/libvirt/dom.xml
	stoker guests scan
	is "new  xl  $BATS_TEST_TMPDIR/tree/xen/new.cfg"
}

@test "the_same_uuid_mac_or_address_in_two_places_is_told" {
	local t=$BATS_TEST_TMPDIR/tree
	sed 's/web/copy/' tree/xen/web.cfg >tree/xen/copy.cfg
	cp tree/emulators/pdp.ini tree/emulators/other.ini
	echo 'machine "vm3" { address = "10.0.0.2" }' >tree/other.conf
	run sh -c '"$0" guests scan tree 2>&1 >/dev/null' "$stoker"
	exits 1
	is "the same address telnet:10003: other ($t/emulators/other.ini), pdp ($t/emulators/pdp.ini)
the same address 10.0.0.2: vm3 ($t/other.conf), vm2 ($t/ours.conf)
the same UUID 7a1c9f2e-0000-4c1e-9c6e-1b2f3a4d5e6f: copy ($t/xen/copy.cfg), web ($t/xen/web.cfg)
the same MAC address 00:16:3e:11:22:33: copy ($t/xen/copy.cfg), web ($t/xen/web.cfg)"
	stoker guests scan --json
	exits 1
	[ "$(jq -r 'select(.duplicate == "UUID").guests | map(.guest) | join(" ")' <<<"$output")" = 'copy web' ]
	[ "$(jq -r 'select(.guest == "web").mac[0]' <<<"$output")" = 00:16:3e:11:22:33 ]
	[ "$(jq -r 'select(.guest == "pdp").address[0]' <<<"$output")" = telnet:10003 ]
}

@test "a_machine_that_names_a_guests_own_file_is_that_guest" {
	printf 'machine "web" { uuid = "7a1c9f2e-0000-4c1e-9c6e-1b2f3a4d5e6f"  path = "%s/tree/xen/web.cfg" }\n' \
		"$BATS_TEST_TMPDIR" >tree/web.conf
	stoker guests scan tree
	exits 0
}

@test "links_are_followed_and_circles_end" {
	mkdir -p tree/auto/deep
	ln -s ../xen/web.cfg tree/auto/web
	ln -s ../.. tree/auto/deep/up
	ln -s nowhere tree/auto/nothing
	ln -s /proc tree/auto/proc
	stoker guests scan tree/auto
	exits 0
	has "web  xl           $BATS_TEST_TMPDIR/tree/xen/web.cfg"
	[ "$(grep -c xl <<<"$output")" = 1 ]
	lacks /proc
}

@test "what_is_no_file_of_a_guest_is_hardly_read" {
	mkfifo tree/fifo
	{ printf 'name = "big"\nmemory = 1\nvcpus = 1\n' && head -c 2000000 /dev/zero | tr '\0' x; } >tree/big.cfg
	printf 'machine "m[1-9999999]" { address = "x" }\n' >tree/many.conf
	printf 'include("/etc/shadow")\nmachine "lone" { }\n' >tree/include.conf
	run timeout 20 "$stoker" guests scan tree
	exits 0
	lacks big
	lacks many.conf
	has lone
}

@test "folders_that_cannot_be_read_are_told" {
	stoker guests scan nowhere tree/xen
	exits 1
	has "nowhere: No such file or directory"
	has "web  xl"
}
