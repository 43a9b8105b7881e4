# SPDX-License-Identifier: GPL-3.0-or-later
# Guests of other programs, from what these programs themselves write: libvirt's virsh, and Xen's examples.

bats_require_minimum_version 1.5.0
load qemu.bash

setup_file() { build_guests; }
setup() { lab; }
teardown() { end_all; }

@test "a_domain_as_libvirt_writes_it_runs_here" {
	type -P virsh >/dev/null || skip "virsh is not installed"
	: >"$STOKER_CONF"
	cat >"$BATS_TEST_TMPDIR/given.xml" <<-END
		<domain type='test'>
		  <name>counter</name><uuid>2d8a5c5e-3b5e-4b44-9d0b-6f3b1c2e7a10</uuid>
		  <title>It counts &amp; counts</title>
		  <memory unit='MiB'>16</memory>
		  <os><type arch='i686' machine='pc'>hvm</type><boot dev='hd'/></os>
		  <devices>
		    <disk type='file'><driver name='qemu' type='raw'/><source file='$disk'/><target dev='hda' bus='ide'/></disk>
		    <interface type='user'><mac address='52:54:00:6a:1f:02'/><model type='e1000'/></interface>
		    <serial type='pty'/>
		    <graphics type='vnc' port='5997' listen='127.0.0.1' passwd='not told'/>
		  </devices>
		</domain>
	END
	# its driver "test" keeps domains as long as it runs
	virsh -q -c test:///default "define '$BATS_TEST_TMPDIR/given.xml' --validate; dumpxml counter" \
		>"$BATS_TEST_TMPDIR/counter.xml"
	grep -q '<on_poweroff>' "$BATS_TEST_TMPDIR/counter.xml"
	stoker guests import --into "$STOKER_CONF" "$BATS_TEST_TMPDIR/counter.xml"
	if grep -r 'not told' "$STOKER_CONF" "$STOKER_STATE"; then return 1; fi
	says lint '1 machine, no groups, no profiles: no errors, no warnings'
	sed -i 's|guest = "qemu"|&  qemu-accelerator = "tcg"|' "$STOKER_CONF"
	says on counter 'counter: on'
	[ "$(talk x "[a-z]" counter)" = a ]
	run stoker diagnose counter
	[[ $output == *'-uuid 2d8a5c5e-3b5e-4b44-9d0b-6f3b1c2e7a10'*'-m 16M'*'mac=52:54:00:6a:1f:02'* ]]
	[[ $output == *'screen: VNC at 127.0.0.1:5997'* ]]
}

@test "the_domain_that_libvirt_shows_to_everybody_is_read" {
	type -P virsh >/dev/null || skip "virsh is not installed"
	virsh -q -c test:///default dumpxml test >"$BATS_TEST_TMPDIR/test.xml"
	stoker guests import "$BATS_TEST_TMPDIR/test.xml" >"$BATS_TEST_TMPDIR/test.conf"
	says lint -c "$BATS_TEST_TMPDIR/test.conf" '1 machine, no groups, no profiles: no errors, no warnings'
	grep -q "$(grep -o '[0-9a-f]\{8\}-[0-9a-f-]\{27\}' "$BATS_TEST_TMPDIR/test.xml")" "$BATS_TEST_TMPDIR/test.conf"
}

# What Python makes of such a file, whose language it is: NAME = VALUE, a line each.
by_python() {
	python3 - "$1" <<-'END'
		import sys
		it = {}
		exec(open(sys.argv[1]).read(), it)
		for key, name in ("memory", "memory"), ("vcpus", "cpus"), ("kernel", "kernel"), ("extra", "append"):
		    if key in it:
		        print(f'{name} = "{it[key]}{"M" if key == "memory" else ""}"')
		print(f'machine "{it["name"]}" {{')
		for disk in it["disk"]:
		    print(f'disk = "{disk.split(",")[0]}"')
	END
}

@test "the_examples_of_xen_are_read_as_python_reads_them" {
	folder=$("$BATS_TEST_DIRNAME/../../tools/packages" "$(dpkg --print-architecture)" xen-utils-common) ||
		skip "xen-utils-common can not be had"
	for file in "$folder"/etc/xen/xlexample.*; do
		echo "$file"
		stoker guests import "$file" >"$BATS_TEST_TMPDIR/xl.conf" 2>"$BATS_TEST_TMPDIR/left"
		says lint -c "$BATS_TEST_TMPDIR/xl.conf" '1 machine, no groups, no profiles: no errors, no warnings'
		by_python "$file" >"$BATS_TEST_TMPDIR/wanted"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/wanted")" -ge 4 ]
		while read -r line; do grep -F "$line" "$BATS_TEST_TMPDIR/xl.conf"; done <"$BATS_TEST_TMPDIR/wanted"
		! grep -q '^extra' "$file" || grep -q '/dev/xvda1 is a disk of Xen' "$BATS_TEST_TMPDIR/left"
	done
	run stoker guests scan "$folder/etc/xen"
	[ "${#lines[@]}" = 3 ]
}
