#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# stoker guests add, remove, auto, order, import: changes of the configuration that touch nothing else.
load helper

lab() {
	mkdir -p "$STOKER_RUN" "$STOKER_STATE"
	cat >"$STOKER_CONF" <<-'END'
		# The guests of this host.
		guests-stop-parallel = 2     # two disks

		profile "p" { sandbox = "off" }

		machine "db" {
		    profile = "p"            # { as all }
		    autostart = yes
		    /* machine "db" { autostart = no } */
		    order = 5
		    append = "not }"
		}
		machine "web" { profile = "p"  autostart = no }
		machine "vm[1-3]" {
		    profile = "p"
		    autostart = no   // all three
		}
		machine "late" { profile = "p"  autostart = yes  after = "db" }
	END
	sed -i '/append/d' "$STOKER_CONF"
	cp "$STOKER_CONF" before
}

stoker() { run "$stoker" "$@"; }

# changed: what the last command changed in the file
changed() { diff before "$STOKER_CONF" | grep '^[<>]' || true; }

@test "auto_changes_one_word" {
	stoker guests auto no db late
	exits 0
	run changed
	is '<     autostart = yes
>     autostart = no
< machine "late" { profile = "p"  autostart = yes  after = "db" }
> machine "late" { profile = "p"  autostart = no  after = "db" }'
	stoker guests auto yes db late
	cmp before "$STOKER_CONF"
}

@test "auto_adds_a_line_where_the_key_is_new" {
	printf 'machine "n" {\n\tsandbox = "off"  # first\n}\n' >>"$STOKER_CONF"
	cp "$STOKER_CONF" before
	stoker guests auto yes n
	exits 0
	run changed
	is '> 	autostart = yes'
}

@test "machines_of_a_range_are_changed_together" {
	stoker guests auto yes vm2
	exits 2
	has 'vm2 is one of the machines of "vm[1-3]"'
	cmp before "$STOKER_CONF"
	stoker guests auto yes 'vm[1-3]'
	exits 0
	run changed
	is '<     autostart = no   // all three
>     autostart = yes   // all three'
}

@test "nothing_is_changed_where_one_of_several_cannot_be" {
	stoker guests auto no db nobody
	exits 2
	has 'there is no machine "nobody" in'
	cmp before "$STOKER_CONF"
}

@test "order_puts_the_named_ones_first" {
	stoker guests order web late
	exits 0
	run changed
	is '< machine "web" { profile = "p"  autostart = no }
> machine "web" { profile = "p"  autostart = no  order = 1 }
< machine "late" { profile = "p"  autostart = yes  after = "db" }
> machine "late" { profile = "p"  autostart = yes  after = "db"  order = 2 }'
	stoker guests order db web
	exits 0
	stoker guests start --all -n --json
	[ "$(jq -r .machine <<<"$output" | tr '\n' ' ')" = 'db web late vm1 vm2 vm3 ' ]
	# a second time there is nothing to do
	cp "$STOKER_CONF" before
	stoker guests order db web
	exits 0
	cmp before "$STOKER_CONF"
	stoker guests order db db
	exits 2
	stoker guests order vm1
	exits 2
	has 'vm1 is one of the machines of "vm[1-3]"'
}

@test "add_puts_a_section_at_the_end" {
	stoker guests add new profile=p autostart=yes 'after=db' 'stop=save 5s' 'stop=kill' 'label=a "quoted" [1-2] $X'
	exits 0
	run changed
	is '> 
> machine "new" {
> 	profile = "p"
> 	autostart = "yes"
> 	after = "db"
> 	stop = {"save 5s", "kill"}
> 	label = "a \"quoted\" \\[1-2\\] \$X"
> }'
	stoker show new
	has 'a "quoted" [1-2] $X'
	stoker guests add new profile=p
	exits 2
	has 'there is a machine "new" already'
	cp "$STOKER_CONF" before
	stoker guests add other profil=p
	exits 2
	has 'it would have an error, and was not changed'
	has 'did you mean "profile"?'
	stoker guests add 'x y' profile=p
	exits 2
	stoker guests add other profile
	exits 2
	cmp before "$STOKER_CONF"
}

@test "remove_takes_the_section_and_nothing_else" {
	stoker guests remove web
	exits 0
	run changed
	is '< machine "web" { profile = "p"  autostart = no }'
	cp before "$STOKER_CONF"
	# late is started after it
	stoker guests remove db
	exits 2
	has 'it would have an error'
	cmp before "$STOKER_CONF"
	stoker guests remove late db
	exits 0
	stoker list --names all
	is "web
vm1
vm2
vm3"
}

@test "a_file_keeps_its_mode_and_a_link_stays_one" {
	chmod 640 "$STOKER_CONF"
	mv "$STOKER_CONF" real.conf
	ln -s real.conf "$STOKER_CONF"
	stoker guests auto no db
	exits 0
	[ -L "$STOKER_CONF" ]
	[ "$(stat -c %a real.conf)" = 640 ]
}

@test "what_is_included_is_changed_where_it_stands" {
	echo 'machine "inc" { profile = "p" }' >inc.conf
	echo 'include("inc.conf")' >>"$STOKER_CONF"
	stoker guests auto yes inc
	exits 2
	has "inc stands in $BATS_TEST_TMPDIR/inc.conf:1, which is included: name that file with -c"
	sed -i 's/profile/label/' inc.conf
	stoker guests auto yes inc -c inc.conf
	exits 0
	run cat inc.conf
	is 'machine "inc" { label = "p"  autostart = yes }'
}

@test "a_file_with_errors_is_not_changed" {
	echo 'machine "bad" { colour = "red" }' >>"$STOKER_CONF"
	cp "$STOKER_CONF" before
	stoker guests auto no db
	exits 2
	cmp before "$STOKER_CONF"
}

@test "import_prints_sections_and_tells_what_it_left_out" {
	cat >guests.list <<-'END'
		/opt/charon/bin/es40 /charon/a.cfg auto_boot
		/opt/charon/bin/es40 /charon/b.cfg
		/opt/charon/bin/es40
	END
	run sh -c '"$0" guests import guests.list 2>errors' "$stoker"
	exits 0
	has 'machine "a" {
	guest = "emulator"
	emulator = "charon"
	emulator-program = "/opt/charon/bin/es40"
	emulator-config = "/charon/a.cfg"'
	has 'order = "2"'
	run cat errors
	is 'guests.list:3: "/opt/charon/bin/es40": a guest is its program and its configuration file'
	printf 'name = "x"\nmemory = 64\nvcpus = 1\nmaxmem = 3\n' >x.cfg
	echo "<domain type='kvm'><name>dom</name></domain>" >dom.xml
	echo "nothing" >none
	run sh -c '"$0" guests import x.cfg none dom.xml 2>errors' "$stoker"
	exits 1
	has 'machine "x" {'
	has 'machine "dom" {'
	run cat errors
	has "none: it is neither a CHARON guests list nor a domain of libvirt nor the configuration of a guest of Xen"
	has "x.cfg:4: maxmem is left out"
}

@test "import_into_a_file_is_read_before_it_is_written" {
	echo "/opt/charon/bin/es40 /charon/db.cfg auto_boot" >guests.list
	# db is there already
	stoker guests import --into "$STOKER_CONF" guests.list
	exits 2
	has "it would have an error, and was not changed"
	cmp before "$STOKER_CONF"
}

@test "without_a_file_there_is_nothing_to_change" {
	unset STOKER_CONF
	[ ! -e /etc/stoker/stoker.conf ] || skip "this machine has a configuration of its own"
	stoker guests add a sandbox=off
	exits 2
	has "there is no configuration file to change"
}
