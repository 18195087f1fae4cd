# SPDX-License-Identifier: GPL-2.0-or-later
"""`hotrig bisect packages` over the kernels of the cache, in real guests and without a network."""
import fcntl
import json
import signal

from harness import link_tree
from verdict import Skipped, case, check, until

OLD, NEW = "6.1.0-50-cloud-amd64", "6.1.0-56-cloud-amd64"
BUG = "regress/cve-2026-72172"
BETWEEN = [f"6.1.0-{n}-cloud-amd64" for n in range(51, 56)]


def only_ends(rig):
    """A cache that has the two releases and no others, whatever else the machine has."""
    folder = rig.options.work / "cache" / "kernels" / "debian"
    rig.cache = rig.dir / "cache"
    for release in (OLD, NEW):
        if not (folder / release).is_dir():
            raise Skipped(f"no {release} in the cache: 'make kernels' gets it")
        link_tree(folder / release, rig.cache / "kernels" / "debian" / release)


def start(rig, *args, scenario=BUG, good=f"debian:{NEW}", bad=f"debian:{OLD}", part="packages"):
    ends = ["--good", good, "--bad", bad] if part == "packages" else []
    return rig.start(scenario, *ends, *args, command=f"bisect {part}")


def journal(rig):
    found = list(rig.results.glob("bisect-*/journal.jsonl"))
    return found[0] if found else None


def tested(rig):
    """{release: line} of the journal's whole lines."""
    path = journal(rig)
    lines = path.read_text().splitlines(keepends=True) if path else []
    return {o["tested"]: o for o in map(json.loads, (line for line in lines if line.endswith("\n"))) if "tested" in o}


def refused(run, code, *says):
    """The last line is the message, and it helps."""
    run.wait().expect_exit(code)
    check(not run.records, "a record of a run that never began")
    check(not run.out, f"an answer: {run.out}")
    last = run.err.splitlines()[-1]
    for text in says:
        check(text in last, f"'{last}' does not say '{text}'")


@case
def bisect_goes_on(rig):
    """Interrupted in the first kernel, killed in the second: the same answer as without, an interval here."""
    only_ends(rig)
    rig.orphans_allowed = True
    run = start(rig)
    run.qemu_pid()
    run.signal(signal.SIGINT)
    run.wait().expect_exit(3)
    check("goes on from" in run.err and not tested(rig), run.err)

    run = start(rig)
    until(lambda: OLD in tested(rig), "the verdict of the bad end")
    run.qemu_pid()
    run.signal(signal.SIGKILL)
    run.wait()
    until(lambda: not run.pids(), "the end of the killed one's runs")
    check(list(tested(rig)) == [OLD], f"tested: {list(tested(rig))}")

    run = start(rig, "--json").wait().expect_exit(1)
    check(len(run.records) == 1, f"{len(run.records)} runs for one kernel")
    answer = json.loads(run.out)
    check([o["tested"] for o in answer["tested"]] == [OLD, NEW], str(answer["tested"]))
    check([o["verdict"] for o in answer["tested"]] == ["bad", "good"], str(answer["tested"]))
    check(answer["first"]["name"] == NEW and answer["last"]["name"] == OLD and answer["wanted"] == "good", run.out)
    check(not answer["exact"] and [o["name"] for o in answer["between"]] == BETWEEN, str(answer["between"]))
    check(answer["target"] == {"what": "page.refcount", "scenario": BUG}, str(answer["target"]))
    check(answer["last"]["finding"]["invariant"] == "page.refcount", str(answer["last"]))
    for line in answer["tested"]:
        record = json.loads((rig.results / line["records"][0] / "result.json").read_text())
        check(record["kernel"]["image_sha256"] == line["image_sha256"] and record["part_of"]["tested"] == line["tested"],
              str(line))

    again = start(rig, "--term-old", "broken", "--term-new", "mended").wait().expect_exit(1)
    check(not again.records, "a run of what is known")
    check(again.out.startswith("the first mended release is one of 6:\n"), again.out)
    check(again.out == (journal(rig).parent / "answer.txt").read_text(), again.out)

    swapped = start(rig, good=f"debian:{OLD}", bad=f"debian:{NEW}").wait().expect_exit(2)
    check(f"the bad end '{NEW}' is not bad: passes" in swapped.err.splitlines()[-1], swapped.err)
    check(len(swapped.records) == 1, "the bad end was not run once")


@case
def bisect_end_not_to_be_had(rig):
    only_ends(rig)
    run = start(rig, bad="debian:6.1.0-999-cloud-amd64").wait()
    check(run.code in (2, 3) and "'6.1.0-999-cloud-amd64'" in run.err, run.err)
    check(not run.records, "a record")


@case
def bisect_usage(rig):
    for args, how, says in (
            (["--target", "page.nonsense"], {}, "no target 'page.nonsense'"),
            (["--term-old", "a"], {}, "--term-old and --term-new"),
            (["--term-old", "skip", "--term-new", "b"], {}, "'skip' can be no term"),
            ([], {"good": f"debian:{OLD}"}, "cannot be good and bad"),
            ([], {"good": "debian:6.12.1+deb12-cloud-amd64"}, "different series, 6.12 and 6.1"),
            ([], {"good": "debian:6.1.0-56-amd64"}, "different flavours"),
            ([], {"good": "/boot/vmlinuz"}, "no packaged kernel"),
            ([], {"scenario": "no/such"}, "no scenario matches")):
        refused(start(rig, *args, **how), 2, says)
    check(not rig.results.exists(), "a results folder for nothing")
    for args, how, says in (([], {}, "no kernel"), (["--target", "page.nonsense"], {}, "no target"),
                            ([], {"scenario": "no/such"}, "no scenario matches")):
        refused(start(rig, "--tree", str(rig.dir), *args, part="step", **how), 200, "trouble", says)


@case
def bisect_journal_not_ours(rig):
    """One that another bisect has, and one of another version: nothing is run."""
    only_ends(rig)
    run = start(rig)
    until(lambda: journal(rig), "the journal")
    refused_run = start(rig)
    refused_run.wait().expect_exit(2)
    check("under way already" in refused_run.err.splitlines()[-1], refused_run.err)
    run.qemu_pid()
    run.signal(signal.SIGINT)
    run.wait()
    with open(journal(rig), "r+", encoding="utf-8") as f:
        fcntl.lockf(f, fcntl.LOCK_EX)
        refused(start(rig), 2, "under way already")
    journal(rig).write_text('{"bisect":99,"asked":{}}\n')
    refused(start(rig), 2, "another version", "format 99", "--anew")
