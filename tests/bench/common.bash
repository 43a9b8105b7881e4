# SPDX-License-Identifier: GPL-3.0-or-later
# What the measurements share.

# bench NAME OURS PEER: a line with their ratio; a figure that has no peer has its wanted bound there
bench() {
	awk -v name="$1" -v ours="$2" -v peer="$3" 'BEGIN {
		ratio = peer + 0 ? sprintf("%.3f", ours / peer) : "-"
		printf "bench %-38s %12s %12s %8s\n", name, ours, peer, ratio }'
}

# build_spawn FILE: the program that times a command, see spawn.c
build_spawn() { cc -O2 -Wall -Wextra -D_GNU_SOURCE -o "$1" tests/bench/spawn.c; }
