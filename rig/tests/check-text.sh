#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Fails on what must not be in the tree: paths of the machine it was written on, hosts of package
# archives (apt knows them, the rig does not), addresses other than the few known ones, and C
# files without a licence line.
set -eu
cd "$(dirname "$0")/../.."

list=$(mktemp)
trap 'rm -f "$list"' EXIT
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	git ls-files --cached --others --exclude-standard
else
	find . -path ./build -prune -o -path './build-*' -prune -o -path './results/*-*' -prune -o \
		-type f ! -name hotrig -print | sed 's,^\./,,'
fi | LC_ALL=C sort >"$list"

bad=0
# refuse NAME PATTERN [EXCEPT]: no file may have text that matches, but for what matches EXCEPT
refuse()
{
	if xargs -d '\n' grep -snoIHE -e "$2" <"$list" | grep -vE -e "${3:-^\$}"; then
		echo "check-text: $1 in the lines above" >&2
		bad=1
	fi
}

# Not below a path that goes on to the left, such as rig/tmp/.
start='(^|[^A-Za-z0-9._~*})$-])'
literal() { printf '%s' "$1" | sed 's/[][\.*^$+?(){}|]/\\&/g'; }

for path in "$(pwd)" "${HOME:-/}"; do
	# the folder itself, and its neighbours where that is no folder of every system
	top=/$(printf '%s' "$path" | cut -d/ -f2)
	case $top in
	/ | /usr | /var | /opt | /srv | /etc | /tmp | /run | /mnt | /home) top=$path ;;
	esac
	[ "$top" = / ] || refuse "a path of this machine" "$start$(literal "$top")(/|\$)"
done
refuse "a path in somebody's home or in /tmp" "$start/(home|tmp)/[A-Za-z0-9_-]+" '/tmp/hotrig'

hosts='deb|ftp[0-9]*|archive|snapshot|security|registry|index|pypi|crates|proxy|mirrors?'
refuse "the host of a package archive" "(^|[^A-Za-z])($hosts)\\.[a-z0-9-]+\\.(org|com|net|io|dev)"
refuse "an address that is not known here" 'https?://[A-Za-z0-9.-]+' \
	'://(127\.0\.0\.1|json-schema\.org|www\.w3\.org|www\.apache\.org|windyroad\.org|(www|lore)\.kernel\.org|spdx\.org)$'

while IFS= read -r file; do
	case $file in
	*.c | *.h)
		[ -f "$file" ] || continue
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' || {
			echo "check-text: $file: no licence line" >&2
			bad=1
		} ;;
	esac
done <"$list"
[ "$bad" = 0 ] && echo "check-text: $(wc -l <"$list") files, nothing that must not be there"
exit "$bad"
