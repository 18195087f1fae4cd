#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Fails when a file of rig/ includes a header that its layer must not know: see rig/layers.txt.
set -eu
cd "${1:-$(dirname "$0")/..}"

find . -name '*.[ch]' | LC_ALL=C sort | sed 's,^\./,,' | xargs grep -H '^[ 	]*#[ 	]*include[ 	]*"' |
awk '
# A file is in the unit of its directory, or of its name when it lies in rig/ itself.
function unit(path)
{
	if (path ~ /\//)
		return substr(path, 1, index(path, "/") - 1)
	sub(/\.[ch]$/, "", path)
	return path
}
function complain(text)
{
	print text > "/dev/stderr"
	bad = 1
}
FILENAME == "layers.txt" {
	sub(/#.*/, "")
	if (NF && ($1 !~ /^[0-9]+$/ || NF < 2))
		complain("layers.txt:" FNR ": not LEVEL UNIT...")
	for (i = 2; i <= NF; i++) {
		level[$i] = $1
		line[$i] = FNR
	}
	next
}
{
	file = substr($0, 1, index($0, ":") - 1)
	header = $0
	sub(/^[^"]*"/, "", header)
	sub(/".*/, "", header)
	from = unit(file)
	to = unit(header)
	if (!(from in level)) {
		if (!(from in told))
			complain(from ": not in layers.txt: give it a level")
		told[from] = 1
		next
	}
	if (level[from] == 10)
		next
	if (!(to in level))
		complain(file ": \"" header "\": write the path from rig/, of a unit in layers.txt")
	else if (line[from] != line[to] && level[from] <= level[to])
		complain(file ": level " level[from] " includes " header " of level " level[to])
	nr++
}
END {
	if (!bad)
		printf "layers: %d includes, all downward\n", nr
	exit bad
}' layers.txt -
