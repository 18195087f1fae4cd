#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the invariants are worth: each patch of folder $3 plants a bug in the kernel of tree $1.  Builds a kernel
# for each, runs scenarios $5 on it, and says which invariant caught which bug.  Records go below folder $2.
# First the kernel without a bug: it must pass.  $4: names of patches, or patterns; '*' for all.
# Exit code: 0 all were caught, 1 some were not or the kernel without a bug fails, 3 a build failed.
set -euf
tree=$1 work=$2/check-planted patches=$3 only=$4 scenarios=$5
mkdir -p "$work"

. rig/tests/bugs.sh

# judge NAME: in one line what failed, nothing when nothing did; exit code 0 when something did
judge()
{
	python3 - "$work/$1.json" <<-'END'
	import json, sys
	records = [json.loads(line) for line in open(sys.argv[1])]
	failed = [r for r in records if r["outcome"] == "FAIL"]
	first, times = {}, {}
	for r in failed:
	    for what in dict.fromkeys(f.get("invariant") or f["kind"] for f in r["findings"]):
	        first.setdefault(what, r["scenario"])
	        times[what] = times.get(what, 0) + 1
	caught = [f"{what} ({first[what]}" + (f" +{n - 1})" if n > 1 else ")")
	          for what, n in sorted(times.items(), key=lambda item: -item[1])]
	more = f", and {len(caught) - 4} more" if len(caught) > 4 else ""
	errors = sum(r["outcome"] == "ERROR" for r in records)
	print(f"{', '.join(caught[:4])}{more} [{len(failed)} of {len(records)} FAIL" +
	      (f", {errors} ERROR]" if errors else "]"))
	sys.exit(not failed)
	END
}

spec=$(./hotrig kernel build --tree "$tree")
# shellcheck disable=SC2086
run "$spec" unmodified $scenarios
if said=$(judge unmodified); then
	echo "check-planted: the kernel without a bug fails, so nothing can be said: $said" >&2
	exit 1
fi
echo "without a bug | passes$said"

bugs=0 caught=0
for patch in $(find "$patches" -name '*.patch' | LC_ALL=C sort); do
	name=$(basename "$patch" .patch)
	is_wanted "$name" "$only" || continue
	spec=$(build_patched "$tree" "$patch" "$name") || exit 3
	# shellcheck disable=SC2086
	run "$spec" "$name" $scenarios
	bugs=$((bugs + 1))
	said=$(judge "$name") && caught=$((caught + 1)) || said="NOT CAUGHT$said"
	echo "$name | $(sed -n '1s/^Planted: //p' "$patch") | $said"
done
[ "$bugs" -gt 0 ] || { echo "check-planted: no patch is named '$only'" >&2; exit 2; }
echo "check-planted: $caught of $bugs caught, $((caught * 100 / bugs)) %"
[ "$caught" = "$bugs" ]
