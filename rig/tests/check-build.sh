#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the kernel in tree $1 with the base fragment, asks for it again, and boots what came out; records go
# below folder $2.  Built once more, as another tree that differs in a comment, it is the same to the bit.
# A series that does not fit is refused.  Tree $3 is of an older series, whose Kconfig wants other things: it boots, too.
set -eu
tree=$1 older=$3
work=$2/check-build
mkdir -p "$work"

spec=$(./hotrig kernel build --tree "$tree")
again=$(timeout 60 ./hotrig kernel build --tree "$tree" --json)
[ "$again" = "{\"spec\":\"$spec\",\"new\":false}" ] || { echo "check-build: built again: $again" >&2; exit 1; }
./hotrig run --results "$work/results" --kernel "$spec" 'dimm/*'

# digest KERNEL: of its image; that of another build must be the same, or a kernel cannot be told by its source
digest()
{
	./hotrig run --results "$work/results" --kernel "$1" --json dimm/online-movable |
		python3 -c 'import json, sys
for line in sys.stdin:
    kernel, memmap = (json.loads(line)[what] for what in ("kernel", "memmap"))
    print(kernel["image_sha256"], memmap["reader"])'
}
printf '%s\n' '--- a/mm/memory_hotplug.c' '+++ b/mm/memory_hotplug.c' '@@ -2,3 +2,3 @@' ' /*' \
	'- *  linux/mm/memory_hotplug.c' '+ *  linux/mm/memory_hotplug.c as it was' '  *' >"$work/comment.patch"
other=$(./hotrig kernel build --tree "$tree" --apply "$work/comment.patch")
[ "$other" != "$spec" ] || { echo "check-build: a series makes no other key" >&2; exit 1; }
one=$(digest "$spec") two=$(digest "$other")
[ "$one" = "$two" ] || { echo "check-build: $spec and $other differ: $one, $two" >&2; exit 1; }
case $one in
*' bpf') ;;
*) echo "check-build: the page reader of BPF does not work: $one" >&2; exit 1 ;;
esac

printf '%s\n' '--- a/mm/memory_hotplug.c' '+++ b/mm/memory_hotplug.c' '@@ -1,1 +1,1 @@' '-no such line' '+another' \
	>"$work/stale.patch"
status=0
said=$(./hotrig kernel build --tree "$tree" --apply "$work/stale.patch" 2>&1) || status=$?
case $status:$said in
2:*"'stale.patch' does not apply: 'mm/memory_hotplug.c', Hunk #1 FAILED"*) ;;
*) echo "check-build: a stale patch: exit $status: $said" >&2; exit 1 ;;
esac
# step STATUS OPTIONS...: what hotrig bisect step is to end with on the tree, which is built already
step()
{
	wanted=$1 status=0
	shift
	timeout 300 ./hotrig bisect step --results "$work/results" --tree "$tree" "$@" 2>"$work/step" || status=$?
	[ "$status" = "$wanted" ] && return
	echo "check-build: bisect step $*: exit $status instead of $wanted" >&2
	cat "$work/step" >&2
	exit 1
}
of_tests=rig/tests/guest/scenarios
step 0 dimm/online-movable
step 1 "$of_tests/other-errno.json"
step 1 --target change.result dimm/online-movable "$of_tests/other-errno.json"
step 125 --target page.refcount "$of_tests/other-errno.json"
step 125 "$of_tests/skip.json"
step 200 --accel tcg --qemu /bin/true dimm/online-movable

old=$(./hotrig kernel build --tree "$older")
./hotrig run --results "$work/results" --kernel "$old" dimm/online-movable

echo "check-build: $old: built and booted"
echo "check-build: $spec: built, found again, booted, built anew the same; a stale patch was refused; steps of a bisect"
