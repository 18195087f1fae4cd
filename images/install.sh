#!/bin/sh
# Install what is missing of the packages listed in the file $1.  With nothing missing it needs no root.
set -eu
missing=
for p in $(sed 's/#.*//' "$1"); do
	dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
	as_root=sudo
else
	echo "hotrig: these packages are missing; install them as root and try again:" >&2
	echo "  apt-get install --no-install-recommends$missing" >&2
	exit 3
fi
echo "hotrig: installing$missing"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
