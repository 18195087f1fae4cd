#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the kernel in tree $1 with the base fragment, asks for it again, and boots what came out; records go
# below folder $2.  A series that does not fit is refused.
set -eu
tree=$1
work=$2/check-build
mkdir -p "$work"

spec=$(./hotrig kernel build --tree "$tree")
again=$(timeout 60 ./hotrig kernel build --tree "$tree" --json)
[ "$again" = "{\"spec\":\"$spec\",\"new\":false}" ] || { echo "check-build: built again: $again" >&2; exit 1; }
./hotrig run --results "$work/results" --kernel "$spec" 'dimm/*'

printf '%s\n' '--- a/mm/memory_hotplug.c' '+++ b/mm/memory_hotplug.c' '@@ -1,1 +1,1 @@' '-no such line' '+another' \
	>"$work/stale.patch"
status=0
said=$(./hotrig kernel build --tree "$tree" --apply "$work/stale.patch" 2>&1) || status=$?
case $status:$said in
2:*"'stale.patch' does not apply: 'mm/memory_hotplug.c', Hunk #1 FAILED"*) ;;
*) echo "check-build: a stale patch: exit $status: $said" >&2; exit 1 ;;
esac
echo "check-build: $spec: built, found again, booted; a stale patch was refused"
