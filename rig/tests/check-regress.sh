#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each line of the table $3 names a kernel with a bug, a scenario and an invariant: the scenario fails on that
# kernel, by that invariant, and passes where the bug is not.  A kernel is a patch beside the table, for which
# one is built from tree $1, and then the tree without it is good; or it is packaged, and then $5 is good.
# Records go below folder $2.  $4: names of kernels, or patterns; '*' for all.
# Exit code: 0 all do, 1 some do not, 3 a build failed.
set -euf
tree=$1 work=$2/check-regress table=$3 only=$4 good=$5
patches=$(dirname "$table")
mkdir -p "$work"
. rig/tests/bugs.sh

# run KERNEL NAME SCENARIO: the record in NAME.json, its folder in NAME/
run()
{
	records=$work/$2 status=0
	./hotrig run --no-known --results "$records" --kernel "$1" --json "$3" \
		>"$records.json" 2>"$records.log" || status=$?
	case $status in
	0 | 1 | 3) ;;
	*) cat "$records.log" >&2; exit 3 ;;
	esac
}

# judge NAME INVARIANT: what came of the one run; exit code 0 when it is as it must be.  No invariant: it passes.
judge()
{
	python3 - "$work/$1.json" "${2-}" <<-'END'
	import json, sys
	invariant = sys.argv[2]
	for line in open(sys.argv[1]):
	    record = json.loads(line)
	found = [f for f in record["findings"] if f.get("invariant") == invariant]
	print(record["outcome"], *dict.fromkeys(f.get("invariant") or f["kind"] for f in record["findings"]),
	      *("0x%x" % f["first_pfn"] for f in found[:1] if "first_pfn" in f))
	sys.exit(not (record["outcome"] == "FAIL" and found if invariant else record["outcome"] == "PASS"))
	END
}

unpatched=
rows=0 right=0
while read -r name scenario invariant _ <&3; do
	case $name in '' | '#'*) continue ;; esac
	is_wanted "$name" "$only" || continue
	case $name in
	*:*)	bad=$name sound=$good ;;
	*)	bad=$(build_patched "$tree" "$patches/$name.patch" "$name") || exit 3
		[ -n "$unpatched" ] || unpatched=$(./hotrig kernel build --tree "$tree") || exit 3
		sound=$unpatched ;;
	esac
	rows=$((rows + 1)) ok=yes
	run "$bad" "$name" "$scenario"
	on_bad=$(judge "$name" "$invariant") || ok="NO, $invariant is expected"
	run "$sound" "$name-sound" "$scenario"
	on_sound=$(judge "$name-sound") || ok="NO, without the bug it must pass"
	[ "$ok" != yes ] || right=$((right + 1))
	echo "$name | $scenario | $on_bad | without the bug: $on_sound | $ok"
done 3<"$table"
[ "$rows" -gt 0 ] || { echo "check-regress: no kernel is named '$only'" >&2; exit 2; }
echo "check-regress: $right of $rows"
[ "$right" = "$rows" ]
