#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `hotrig bisect git` on a real repository: 18 commits upon the kernel of tree $1, of which one spoils struct pages in
# silence, one does not compile, one does not boot, and one warns of something else.  Then the same with a bug that shows in
# three of ten runs.  Records and repository go below folder $2; $3: "steady" or "flaky" to do one of them only.
# The steady one is killed on its way and goes on.
set -eu
tree=$1 work=$2/check-bisect which=${3:-steady flaky}
scenario=dimm/online-movable
repo=$work/linux.git
mkdir -p "$work"
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=hotrig GIT_AUTHOR_EMAIL=hotrig@localhost \
	GIT_COMMITTER_NAME=hotrig GIT_COMMITTER_EMAIL=hotrig@localhost

fail()
{
	echo "check-bisect: $*" >&2
	exit 1
}

git_()
{
	git --git-dir="$repo" "$@"
}

# source: the folder of the tree, which a build has unpacked if it is a package
source()
{
	case $tree in
	debian-source:*)
		./hotrig kernel build --tree "$tree" >/dev/null
		cache=${HOTRIG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hotrig}
		find "$cache/kernels/sources" -mindepth 1 -maxdepth 1 -name "${tree#debian-source:}_*" | LC_ALL=C sort | tail -n 1
		;;
	*) echo "$tree" ;;
	esac
}

minute=28333333
# commit SUBJECT: what is in the index, upon what was committed last; its id is in $head
commit()
{
	minute=$((minute + 1))
	date="@$((minute * 60)) +0000"
	head=$(GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date git_ commit-tree ${head:+-p "$head"} -m "$1" "$(git_ write-tree)")
}

# add_text FILE: append stdin to it
add_text()
{
	{ git_ cat-file blob ":$1"; cat; } >"$work/blob"
	git_ update-index --cacheinfo "100644,$(git_ hash-object -w "$work/blob"),$1"
}

# 86000 files in one pack, which takes a minute; kept for the next time
make_base()
{
	head=
	if ! head=$(git_ rev-parse --verify --quiet refs/heads/base); then
		rm -rf "$repo"
		git init --quiet --bare "$repo"
		git -c core.bigFileThreshold=1 -c core.compression=1 --git-dir="$repo" --work-tree="$(source)" add --force --all .
		head=
		commit 'linux'
		git_ update-ref refs/heads/base "$head"
	fi
	minute=28333334
	git_ read-tree "$head"
}

harmless()
{
	printf '/* %s */\n' "$2" | add_text "$1"
	commit "$2"
}

# restore FILE SUBJECT: as the first commit has it
restore()
{
	git_ update-index --cacheinfo "100644,$(git_ rev-parse "refs/heads/base:$1"),$1"
	commit "$2"
}

# make_commits BRANCH PATCH: 17 more, of which PATCH is the twelfth; git comes by the three that are of no use
make_commits()
{
	harmless mm/util.c 'mm: a comment'
	harmless MAINTAINERS 'a text that is not compiled'
	echo 'static int __init other_warning(void) { WARN(1, "of no interest"); return 0; } late_initcall(other_warning);' |
		add_text mm/swap.c
	commit 'mm: warn at boot'
	git_ update-ref "refs/heads/$1-warns" "$head"
	restore mm/swap.c 'mm: do not warn at boot'
	harmless mm/sparse.c 'mm: another comment'
	harmless drivers/base/memory.c 'drivers: a comment'
	harmless mm/vmstat.c 'mm: a third comment'
	echo 'int no_such_type_at_all(struct nowhere x) { return x; }' | add_text mm/swap.c
	commit 'mm: what does not compile'
	git_ update-ref "refs/heads/$1-breaks" "$head"
	git_ update-index --cacheinfo "100644,$(git_ rev-parse "refs/heads/base:mm/swap.c"),mm/swap.c"
	echo 'static int __init no_boot(void) { panic("no way on from here"); return 0; } early_initcall(no_boot);' |
		add_text mm/swap.c
	commit 'mm: what does not boot'
	git_ update-ref "refs/heads/$1-panics" "$head"
	restore mm/swap.c 'mm: it boots again'
	harmless mm/memory_hotplug.c 'mm: a comment on hotplug'
	git_ apply --cached "$2"
	commit 'mm: spoil pages'
	git_ update-ref "refs/heads/$1-first" "$head"
	for i in 1 2 3 4 5; do
		harmless mm/page_isolation.c "mm: comment $i"
	done
	git_ update-ref "refs/heads/$1" "$head"
}

# bisect NAME OPTIONS...: the answer in NAME.json
bisect()
{
	name=$1
	shift
	./hotrig bisect git --tree "$repo" --good base --bad "$name" --results "$work/$name" --json "$@" "$scenario" \
		>"$work/$name.json" 2>>"$work/$name.log"
}

# check NAME: the right commit, and no other; who was skipped; how much of the time was the rig's own
check()
{
	python3 - "$work/$1.json" "$(git_ rev-parse "$1-first")" "$(git_ rev-parse "$1-warns")" "$(git_ rev-parse "$1-breaks")" \
		"$(git_ rev-parse "$1-panics")" "$(git_ rev-parse "$1-first^")" <<-'END'
	import json, sys
	path, first, warns, breaks, panics, last = sys.argv[1:]
	a = json.load(open(path))
	tested = {t["tested"]: t for t in a["tested"]}
	assert a["exact"] and a["first"]["name"] == first, f"found {a['first']['name']}, not {first}"
	assert a["last"]["name"] == last and a["between"] == [], a["last"]
	for name, why in (warns, "of no interest"), (breaks, "error: "), (panics, ""):
	    t = tested[name]
	    assert t["verdict"] == "skip" and why in t["reason"], t
	    print(f"  skipped {name[:12]}: {t['reason'][:110]}")
	assert "git bisect skip " + breaks in a["log"], a["log"]
	if "confidence" in a:
	    assert a["confidence"] >= 0.99, a["confidence"]
	    print(f"  confidence {a['confidence']:.4f} after {a['runs']} runs")
	part = {k: sum(t.get("seconds", {}).get(k, 0) for t in a["tested"]) for k in ("make", "guest", "own")}
	whole = sum(part.values())
	print(f"  {len(tested)} commits tested; make {part['make']:.0f} s, guests {part['guest']:.0f} s, "
	      f"own {part['own']:.1f} s, {100 * part['own'] / whole:.1f} %")
	assert part["own"] <= 0.05 * whole, "the rig takes more than a twentieth"
	END
}

expect_clean()
{
	[ "$(git_ worktree list | wc -l)" = 1 ] || fail "a worktree is left: $(git_ worktree list)"
	[ -z "$(git_ for-each-ref refs/bisect)" ] || fail "marks are left in the repository"
}

make_base
base=$head
for name in $which; do
	head=$base patch=$PWD/kernels/planted/stale-reserved.patch
	git_ read-tree "$head"
	if [ "$name" = flaky ]; then
		# three times of ten, decided once in a run; what is restored from a template has another time of day
		sed 's/^+.*SetPageReserved(page);/+\t\t{ static int how; if (!how) how = (get_cycles() >> 6) % 10 < 3 ? 1 : 2; if (how == 1) SetPageReserved(page); }/' \
			"$patch" >"$work/flaky.patch"
		patch=$work/flaky.patch
	fi
	minute=28333334
	make_commits "$name" "$patch"
	: >"$work/$name.log"
	if [ "$name" = steady ]; then
		for seconds in 20 100; do
			timeout -s KILL "$seconds" ./hotrig bisect git --tree "$repo" --good base --bad steady \
				--results "$work/steady" "$scenario" >/dev/null 2>>"$work/steady.log" || :
		done
		bisect steady || { cat "$work/steady.log" >&2; fail "no answer"; }
	else
		bisect flaky --flaky || { cat "$work/flaky.log" >&2; fail "no answer"; }
	fi
	echo "check-bisect: $name"
	check "$name"
	expect_clean
done
