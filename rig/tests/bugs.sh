# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# For checks of kernels that have a bug; sourced, with $work the folder for records.
: "${work:?}"

# run KERNEL NAME SCENARIOS...: the records of all scenarios in NAME.json, their folders in NAME/
run()
{
	run_kernel=$1 run_name=$work/$2	# sh has no locals: not the caller's names
	shift 2
	status=0
	./hotrig run --no-known --results "$run_name" --kernel "$run_kernel" --json "$@" >"$run_name.json" \
		2>"$run_name.log" || status=$?
	case $status in
	0 | 1 | 3) ;;
	*) cat "$run_name.log" >&2; exit 3 ;;
	esac
}

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
