#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Where the configuration comes from, and files that include others.
load helper

stoker() { run "$stoker" "$@"; }

@test "a_directory_is_included_in_order_relative_to_its_file" {
	mkdir -p etc/conf.d
	echo 'include("conf.d")' >etc/stoker.conf
	echo 'machine "b1" { }' >etc/conf.d/20-b.conf
	echo 'machine "a1" { }' >etc/conf.d/10-a.conf
	echo 'nonsense' >etc/conf.d/README
	echo 'nonsense' >etc/conf.d/.hidden.conf
	stoker list --names -c etc/stoker.conf
	[ "$status" = 0 ]
	is "a1
b1"
}

@test "files_may_refer_to_what_others_define" {
	printf 'include("two.conf")\nmachine "a" { profile = "p" after = "b" }\n' >one.conf
	printf 'profile "p" { sandbox = "off" }\nmachine "b" { profile = "p" }\n' >two.conf
	stoker lint one.conf
	[ "$status" = 0 ]
	has "2 machines, no groups, 1 profile: no errors"
}

@test "a_circle_of_includes_is_told" {
	printf 'include("two.conf")\n' >one.conf
	printf '# comment\ninclude("one.conf")\n' >two.conf
	stoker lint one.conf
	[ "$status" = 2 ]
	has "two.conf:2: one.conf: the file was read already"
}

@test "errors_of_all_files_are_told_with_their_places" {
	printf '# a comment\ninclude("two.conf")\nmachine "a" {\n\tmca = 1\n}\n' >one.conf
	printf '/* two\n   lines */\nmachine "b" { on = "wool" }\n' >two.conf
	stoker lint one.conf
	[ "$status" = 2 ]
	has 'one.conf:4: unknown key "mca"'
	has 'two.conf:3: on: there is no driver "wool"'
}

@test "c_goes_before_the_environment_and_may_stand_anywhere" {
	echo 'machine "other" { }' >other.conf
	for order in "-c other.conf list --names" "list -c other.conf --names" "list --names --config=other.conf"; do
		stoker $order
		is "other"
	done
}

@test "a_file_that_cannot_be_read_is_told" {
	stoker list -c nowhere.conf
	[ "$status" = 2 ]
	has "nowhere.conf: No such file or directory"
	printf 'machine "a" { }\0' >binary.conf
	stoker list -c binary.conf
	[ "$status" = 2 ]
	has "not a text file"
	stoker list -c .
	[ "$status" = 2 ]
	has "not a regular file"
}
