# SPDX-License-Identifier: GPL-2.0-or-later
"""Matrices on real guests: shards and their merged record, and what is left of one that was killed."""
import json
import pathlib
import shutil
import signal
import subprocess

from harness import TREE, find_kernel
from verdict import Skipped, case, check, until

# 2 kernels x 2 variants x 2 scenarios
KERNELS = ("6.1", "6.12")
MACHINES_S = 600        # for eight machines that boot, where many other guests do
# one processor each: with two, a 6.1 kernel may show the bug that fd919a85cd55 ("mm: page_isolation: prepare for
# hygienic freelists") mends whenever it onlines a block
VARIANTS = {"default": {}, "wide": {"machine": "wide"}}


def other_kernel(rig):
    found = find_kernel(rig.cache, KERNELS[0])
    if not found:
        raise Skipped(f"no kernel {KERNELS[0]} in the cache")
    return found


class Matrix:
    """A matrix file with a catalogue of its own, and ways to run it."""

    def __init__(self, rig, scenarios, kernels=None, variants=None, repeat=1):
        self.rig = rig
        self.data = rig.dir / "data"
        self.file = rig.dir / "matrix.json"
        catalogue = self.data / "scenarios/t"
        catalogue.mkdir(parents=True)
        (self.data / "kernels").symlink_to(TREE / "kernels")
        (self.data / "build").symlink_to(TREE / "build")
        for name in scenarios:
            shutil.copy(rig.scenario(name), catalogue / f"{name}.json")
        variants = variants or VARIANTS
        kernels = kernels or {KERNELS[0]: other_kernel(rig), KERNELS[1]: rig.options.kernel}
        self.file.write_text(json.dumps({
            "summary": "a matrix for tests", "repeat": repeat, "kernels": kernels, "variants": variants,
            "sets": {"t": ["t/*"]},
            "cells": [{"kernels": list(kernels), "variants": list(variants), "sets": ["t"]}],
        }, indent=1))

    def start(self, *args):
        argv = [self.rig.options.hotrig, "matrix", "run", "-r", str(self.rig.results), "-a", "tcg", "--jobs", "2",
                "-m", str(self.file), *args]
        return self.rig.spawn(argv, self.rig.results, "matrix run", env={"HOTRIG_DATA": str(self.data)})

    def run(self, *args):
        return self.start(*args).wait(MACHINES_S)

    def merge(self, *args):
        argv = [self.rig.options.hotrig, "matrix", "merge", "-r", str(self.rig.dir / "past"), *map(str, args)]
        return subprocess.run(argv, text=True, capture_output=True, timeout=20, check=False)

    def record(self, name="matrix.json"):
        return load(self.rig.results / name)


def load(path):
    record = json.loads(pathlib.Path(path).read_text())
    subprocess.run(["python3", str(TREE / "rig/tests/check-schema.py"), str(path)], check=True, capture_output=True)
    return record


def essence(record):
    """What must not depend on who ran it, and when: cells with the outcomes of their runs."""
    return [(c["cell"], c["outcome"], [r["outcome"] for r in c["runs"]]) for c in record["cells"]]


def finished_runs(rig):
    """(cell, run) of all records that were not cut short."""
    found = []
    for path in rig.results.glob("2*/result.json"):
        record = json.loads(path.read_text())
        if record.get("error", {}).get("cause") != "interrupted":
            found.append((record["part_of"]["cell"], record["part_of"]["run"]))
    return sorted(found)


EXPECTED = sorted((f"{k}/{v}/t/{s}", outcome, [outcome] * runs) for k in KERNELS for v in VARIANTS
                  for s, outcome, runs in (("pass", "PASS", 1), ("refused-unasked", "FAIL", 2)))


@case
def matrix_shards(rig):
    """Two shards and their merged record are what one machine makes; what does not fit is refused."""
    m = Matrix(rig, ["pass", "refused-unasked"])
    codes = [m.run("--shard", f"{i}/2").code for i in (1, 2)]
    check(max(codes) == 1, f"exit codes {codes}")
    shards = [rig.results / f"matrix-{i}-of-2.json" for i in (1, 2)]
    merged = rig.dir / "merged.json"
    done = m.merge("-o", merged, *shards)
    check(done.returncode == 1 and "FAIL 6.12/wide/t/refused-unasked (2 of 2 runs) [new]: change.result" in done.stdout,
          f"{done.returncode}: {done.stdout} {done.stderr}")
    check(essence(load(merged)) == EXPECTED, f"{essence(load(merged))}")
    # each repeat on a template of its own
    for cell in load(merged)["cells"]:
        templates = [json.loads((rig.results / r["folder"] / "result.json").read_text()).get("template")
                     for r in cell["runs"]]
        check(len(set(templates)) == len(templates), f"{cell['cell']} on {templates}")
    check_refusals(rig, m, shards, merged)
    # all of it is done: one machine takes what it finds
    before = finished_runs(rig)
    m.run().expect_exit(1)
    check(finished_runs(rig) == before, "what had a record was run again")
    check(essence(m.record()) == EXPECTED, f"{essence(m.record())}")


def check_refusals(rig, m, shards, merged):
    lost = m.merge("-o", merged, shards[0])
    check(lost.returncode == 3 and "missing: shard 2/2, with them " in lost.stderr, f"{lost.returncode} {lost.stderr}")
    partial = m.merge("--partial", "-o", merged, shards[0])
    names = [c["cell"] for c in load(shards[1])["cells"]]
    check(partial.returncode in (1, 3) and load(merged)["missing"] == names, f"{partial.returncode} {partial.stdout}")
    record = load(shards[1])
    record["matrix"] = "0" * 64
    other = rig.dir / "other.json"
    other.write_text(json.dumps(record))
    alien = m.merge("-o", merged, shards[0], other)
    check(alien.returncode == 2 and "are of different matrices" in alien.stderr, f"{alien.returncode} {alien.stderr}")


def killed(name, sig, code):
    """However often and whenever it is ended: in the end each run was done once, and the record is the same."""
    def run(rig):
        rig.orphans_allowed = True
        m = Matrix(rig, ["pass", "refused-unasked"])
        for wanted in (1, 4, 9):
            started = m.start()
            until(lambda: len(finished_runs(rig)) >= wanted or started.process.poll() is not None,
                  f"{wanted} records", MACHINES_S)
            check(started.process.poll() is None, f"it ended too early: {started.err}")
            started.signal(sig)
            check(started.wait(60).code == code, f"exit code {started.code}: {started.err}")
        m.run().expect_exit(1)
        check(essence(m.record()) == EXPECTED, f"{essence(m.record())}")
        runs = finished_runs(rig)
        check(len(runs) == len(set(runs)) == 12, f"runs {runs}")
    run.__name__ = f"matrix_{name}"
    case(run)


killed("killed", signal.SIGKILL, -signal.SIGKILL)


@case
def matrix_interrupted(rig):
    """What ended is kept and told, what did not is missing, and the same command goes on."""
    m = Matrix(rig, ["pass"], kernels={KERNELS[1]: rig.options.kernel})
    started = m.start("--jobs", "1")
    until(lambda: finished_runs(rig), "a record", MACHINES_S)
    started.signal(signal.SIGINT)
    started.wait(60).expect_exit(3)
    record = m.record()
    check(len(record["cells"]) == 1 and len(record["missing"]) == 1, f"{record}")
    check("interrupted; the same command goes on" in started.err, started.err)
    m.run().expect_exit(0)
    check(m.record()["counts"] == {"PASS": 2} and len(finished_runs(rig)) == 2, f"{m.record()}")


@case
def matrix_without_kernel(rig):
    """A kernel that cannot be had is an ERROR of its cells alone; KVM that cannot be used a SKIP."""
    m = Matrix(rig, ["pass"], kernels={"gone": "built:6.1.0-0123456789ab", KERNELS[1]: rig.options.kernel},
               variants={"kvm": {"accel": "kvm"}, "default": {}})
    m.run().expect_exit(3)
    cells = {c["cell"]: c for c in m.record()["cells"]}
    for name in ("gone/kvm/t/pass", "gone/default/t/pass"):
        check(cells[name]["outcome"] == "ERROR" and not cells[name]["runs"] and
              "no kernel 'gone': " in cells[name]["reason"], f"{cells[name]}")
    skipped = cells[f"{KERNELS[1]}/kvm/t/pass"]
    check(skipped["outcome"] == "SKIP" and skipped["reason"] == "KVM: TCG was asked for", f"{skipped}")
    check(cells[f"{KERNELS[1]}/default/t/pass"]["outcome"] == "PASS", f"{cells}")


@case
def matrix_refused(rig):
    """A bad matrix is told with file, line and pointer, and nothing runs."""
    m = Matrix(rig, ["pass"])
    text = m.file.read_text()
    for old, new, says in (("t/*", "u/*", "/sets/t/0: no scenario matches 'u/*'"),
                           ('"repeat"', '"repeats"', "/repeats: unknown key"),
                           ('"debian:', '"debian:x', "/kernels/6.1: 'debian:x")):
        m.file.write_text(text.replace(old, new))
        m.run().expect_refused(2, "matrix.json:", says)
    m.file.write_text(text)
    for args in (("--shard", "3/2"), ("--shard", "0/2"), ("--partial",), ("--durations", "/nowhere")):
        m.run(*args).expect_refused(2)
