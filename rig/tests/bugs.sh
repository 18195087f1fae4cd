# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# For checks of kernels that have a bug; sourced, with $work the folder for records.
: "${work:?}"

# build_patched TREE PATCH NAME: prints the SPEC of the kernel
build_patched()
{
	./hotrig kernel build --tree "$1" --apply "$2" 2>"$work/$3.build" || {
		cat "$work/$3.build" >&2
		return 3
	}
}

# is_wanted NAME PATTERNS
is_wanted()
{
	for pattern in $2; do
		# shellcheck disable=SC2254
		case $1 in $pattern) return 0 ;; esac
	done
	return 1
}
