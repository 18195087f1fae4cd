#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the invariants are worth: each patch of folder $3 plants a bug in the kernel of tree $1.  Builds a kernel
# for each, runs scenarios $5 on it, and says which invariant caught which bug.  Records go below folder $2.
# First the kernel without a bug: it must pass.  $4: names of patches, or patterns; '*' for all.
# Ended early, the same command goes on where it was.
# Exit code: 0 all were caught, 1 some were not or the kernel without a bug fails, 3 a build failed.
set -euf
tree=$1 work=$2/check-planted patches=$3 only=$4 scenarios=$5
mkdir -p "$work"

. rig/tests/bugs.sh

# run_all KERNEL NAME SCENARIOS...: each once, with the record of all in NAME.json.  What an ended check has run with
# the same hotrig and kernel is not run again.
run_all()
{
	kernel=$1 records=$work/$2 status=0
	shift 2
	rm -f "$records.json"
	mkdir -p "$records"
	# trouble of rig or host says nothing of the kernel: that runs again
	find "$records" -name result.json -exec grep -l '"outcome": *"ERROR"' {} + | while read -r result; do
		rm -r "$(dirname "$result")"
	done
	python3 - "$kernel" "$@" >"$records.matrix" <<-'END'
	import json, sys
	json.dump({"summary": "one kernel, all that is asked for", "repeat": 0, "kernels": {"kernel": sys.argv[1]},
	           "variants": {"default": {}}, "sets": {"asked": sys.argv[2:]},
	           "cells": [{"kernels": ["kernel"], "variants": ["default"], "sets": ["asked"]}]}, sys.stdout)
	END
	./hotrig matrix run --no-known --matrix "$records.matrix" --results "$records" --output "$records.json" \
		>/dev/null 2>"$records.log" || status=$?
	case $status in
	0 | 1 | 3) ;;
	*) cat "$records.log" >&2; exit 3 ;;
	esac
	if ! [ -s "$records.json" ] || grep -q 'interrupted; the same command' "$records.log"; then
		cat "$records.log" >&2
		exit 3
	fi
}

# judge NAME: in one line what failed, nothing when nothing did; exit code 0 when something did
judge()
{
	python3 - "$work/$1" <<-'END'
	import json, sys
	cells = json.load(open(sys.argv[1] + ".json"))["cells"]
	failed = [cell for cell in cells if cell["outcome"] == "FAIL"]
	first, times = {}, {}
	for cell in failed:
	    record = json.load(open(f"{sys.argv[1]}/{cell['runs'][0]['folder']}/result.json"))
	    for what in dict.fromkeys(f.get("invariant") or f["kind"] for f in record["findings"]):
	        first.setdefault(what, cell["scenario"])
	        times[what] = times.get(what, 0) + 1
	caught = [f"{what} ({first[what]}" + (f" +{n - 1})" if n > 1 else ")")
	          for what, n in sorted(times.items(), key=lambda item: -item[1])]
	more = f", and {len(caught) - 4} more" if len(caught) > 4 else ""
	errors = sum(cell["outcome"] == "ERROR" for cell in cells)
	print(f"{', '.join(caught[:4])}{more} [{len(failed)} of {len(cells)} FAIL" +
	      (f", {errors} ERROR]" if errors else "]"))
	sys.exit(not failed)
	END
}

spec=$(./hotrig kernel build --tree "$tree")
# shellcheck disable=SC2086
run_all "$spec" unmodified $scenarios
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
	run_all "$spec" "$name" $scenarios
	bugs=$((bugs + 1))
	said=$(judge "$name") && caught=$((caught + 1)) || said="NOT CAUGHT$said"
	echo "$name | $(sed -n '1s/^Planted: //p' "$patch") | $said"
done
[ "$bugs" -gt 0 ] || { echo "check-planted: no patch is named '$only'" >&2; exit 2; }
echo "check-planted: $caught of $bugs caught, $((caught * 100 / bugs)) %"
[ "$caught" = "$bugs" ]
