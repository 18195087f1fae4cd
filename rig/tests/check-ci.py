#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the jobs of ci.yml as GitLab would: those of each change on little, and two nights on a matrix of two cells.

usage: check-ci.py [--build DIR] [--kernel SERIES] [JOB...]

Each job gets a folder of its own with what a checkout has, the artifacts of the jobs that it needs and its caches, and
nothing else; its own lines are run, but for before_script, which installs packages.  What the lines are run on is made
small by variables of the project, as a user could.  Without a JOB, only what can be known without running any is
checked.  .github/workflows/nightly.yml must run the same commands.  Exit code: 0 good, 1 bad, 77 skipped.
"""
import argparse
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

try:
    import yaml
except ImportError:
    print("check-ci: SKIP: no python3-yaml")
    sys.exit(77)

sys.dont_write_bytecode = True
TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "rig/tests/guest"))

from harness import find_kernel     # noqa: E402  pylint: disable=wrong-import-position
from run import user_cache          # noqa: E402  pylint: disable=wrong-import-position

EACH_CHANGE = ["lint", "units", "core", "check"]
NEED_NO_KERNEL = {"lint", "units"}
NIGHTLY = ["prepare", "matrix", "merge"]        # in the order in which their needs allow
NO_JOBS = {"image", "stages", "default", "variables"}
JOB_KEYS = {"stage", "script", "after_script", "rules", "needs", "cache", "artifacts", "parallel", "timeout",
            "retry", "allow_failure", "interruptible", "resource_group"}
SCENARIOS = ["dimm/online-movable", "dimm/left-offline"]
# Of each job that they reach.  "check" is what this test is part of: there it runs no job.
LITTLE = {"UNITS": "outcome", "CORE": SCENARIOS[0], "GUEST_CASES": "compare-skipped", "FUZZ_SECONDS": "1", "CI_CHECK": ""}
BUILT = ["build", "build-clang", "hotrig"]      # what was built is not built again


class Wrong(Exception):
    """CI would not do what it must."""


def check(condition, text):
    if not condition:
        raise Wrong(text)


def jobs_of(ci):
    return {name: job for name, job in ci.items() if name not in NO_JOBS and not name.startswith(".")}


def check_shape(ci):
    """What GitLab would refuse, as far as it can be known here."""
    jobs = jobs_of(ci)
    for name, job in jobs.items():
        check(not set(job) - JOB_KEYS, f"{name}: unknown keys {set(job) - JOB_KEYS}")
        check(job["stage"] in ci["stages"], f"{name}: no stage '{job['stage']}'")
        for need in job.get("needs", []):
            check(need in jobs and ci["stages"].index(jobs[need]["stage"]) < ci["stages"].index(job["stage"]),
                  f"{name} needs '{need}', which is no job of an earlier stage")
    check(sorted(jobs) == sorted(EACH_CHANGE + NIGHTLY), f"jobs that nobody runs here: {sorted(jobs)}")
    for name in NIGHTLY:
        check(any("schedule" in rule["if"] for rule in jobs[name]["rules"]), f"{name}: not on schedule")
        check(jobs[name]["interruptible"] is False, f"{name}: the next push ends it")
    check_writers(jobs)


def caches_of(job):
    caches = job.get("cache", [])
    return caches if isinstance(caches, list) else [caches]


def check_writers(jobs):
    """A job puts back what it was given when it began, so of each cache there is but one that does."""
    writers = [cache["key"] for job in jobs.values() for cache in caches_of(job)
               if "push" in cache.get("policy", "pull-push")]
    check(len(writers) == len(set(writers)), f"several jobs write one cache: {writers}")


def check_github(ci):
    """Every command is one of ci.yml."""
    jobs = jobs_of(ci)
    ours = {" ".join(line.split()) for name in NIGHTLY
            for line in [*jobs[name]["script"], *jobs[name].get("after_script", []), *ci["default"]["before_script"]]}
    text = (TREE / ".github/workflows/nightly.yml").read_text("utf-8")
    theirs = {" ".join(line.split()) for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]
              if "run" in step for line in step["run"].splitlines()}
    theirs = {line for line in theirs if not line.startswith("tar ")}
    check(theirs == ours, f"ci.yml and nightly.yml differ in {theirs ^ ours}")
    shards = yaml.safe_load(text)["jobs"]["matrix"]["strategy"]["matrix"]["shard"]
    check(len(shards) == yaml.safe_load(text)["env"]["CI_NODE_TOTAL"] == jobs["matrix"]["parallel"],
          "the numbers of shards differ")


class Pipeline:
    """Caches outlive it, as they do on a runner."""

    def __init__(self, ci, work, source, build, variables):
        self.ci, self.work, self.source, self.build, self.variables = ci, work, source, build, variables
        self.caches = work.parent / "caches"
        self.artifacts = {}     # of each job: folders

    def variables_of(self, folder, name, node):
        env = {k: v for k, v in os.environ.items() if not re.match(r"HOTRIG_|CI_|MAKE|MFLAGS|B$|DEVELOPER$", k)}
        env.update({
            "CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": str(folder), "CI_JOB_NAME": name,
            "CI_PIPELINE_SOURCE": self.source, "CI_COMMIT_REF_SLUG": "main", "CI_COMMIT_BRANCH": "main",
            "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_ID": "1",
        })
        for key, value in self.ci["variables"].items():
            env[key] = value.replace("$CI_PROJECT_DIR", str(folder))
        if node:
            env.update({"CI_NODE_INDEX": str(node), "CI_NODE_TOTAL": str(self.ci[name]["parallel"])})
        env.update(self.variables)      # of the project: they win
        return env

    def checkout(self, folder):
        files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=TREE, text=True,
                               capture_output=True, check=True).stdout.split()
        for name in files:
            if not (TREE / name).exists():
                continue        # removed, and not yet committed
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TREE / name, folder / name)

    def carry(self, name, folder, into):
        for cache in caches_of(self.ci[name]):
            store = self.caches / cache["key"].replace("$CI_COMMIT_REF_SLUG", "main")
            if ("pull" if into else "push") not in cache.get("policy", "pull-push"):
                continue
            for path in cache["paths"]:
                source, target = (store / path, folder / path) if into else (folder / path, store / path)
                if source.is_dir():
                    shutil.copytree(source, target, dirs_exist_ok=True)

    def keep(self, name, folder, store):
        for path in self.ci[name].get("artifacts", {}).get("paths", []):
            for found in glob.glob(path, root_dir=folder):
                source, target = folder / found, store / found
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True)
                else:
                    shutil.copy2(source, target)
        self.artifacts.setdefault(name, []).append(store)

    def run_lines(self, lines, folder, env):
        """As a runner does: the first that fails is the last."""
        script = "set -eo pipefail\n" + "\n".join(lines)
        return subprocess.run(["bash", "-c", script], cwd=folder, env=env, text=True, capture_output=True, check=False)

    def run_job(self, name, node=None):
        job = self.ci[name]
        folder = self.work / f"{name}-{node or 0}"
        folder.mkdir()
        self.checkout(folder)
        if name == "prepare" or name in EACH_CHANGE:
            for built in filter(lambda name: (TREE / name).exists(), BUILT):
                (folder / built).symlink_to(self.build if built == "build" else TREE / built)
        for need in job.get("needs", []):
            for store in self.artifacts[need]:
                shutil.copytree(store, folder, dirs_exist_ok=True, symlinks=True)
        self.carry(name, folder, into=True)
        env = self.variables_of(folder, name, node)
        done = self.run_lines(job["script"], folder, env)
        check(done.returncode == 0, f"{name}: exit code {done.returncode}: {done.stdout}{done.stderr}")
        after = self.run_lines(job.get("after_script", []), folder, env)
        check(after.returncode == 0, f"{name}, after_script: {after.stdout}{after.stderr}")
        self.carry(name, folder, into=False)
        self.keep(name, folder, self.work / f"artifacts-{name}-{node or 0}")
        return folder

    def run(self, names):
        for name in names:
            nodes = self.ci[name].get("parallel")
            for node in range(1, nodes + 1) if nodes else [None]:
                folder = self.run_job(name, node)
        return folder


def check_night(folder, first):
    merged = json.loads((folder / "nightly/matrix.json").read_text("utf-8"))
    cells = [(c["scenario"], c["outcome"], c["class"]) for c in merged["cells"]]
    check(cells == [(s, "PASS", "pass") for s in sorted(SCENARIOS)], f"cells {cells}")
    check(len(merged["shards"]) == merged["nr_shards"] and not merged["missing"], f"{merged['shards']} {merged['missing']}")
    # the past is there from the second night on
    new = ["no run before" in c["class_why"] for c in merged["cells"]]
    check(new == [first] * len(new), f"{[c['class_why'] for c in merged['cells']]}")
    options = (folder / "nightly/options").read_text("utf-8").strip()
    check(options == ("" if first else "--durations nightly/durations.json"), f"options '{options}'")
    suites = xml.etree.ElementTree.parse(folder / "nightly/junit.xml").getroot()
    check(len(list(suites.iter("testcase"))) == len(cells), "JUnit has other test cases than the matrix")
    for report in ("matrix.json", "junit.xml", "kcidb.json"):
        check((folder / "nightly" / report).stat().st_size, f"{report} is empty")


def run_nights(ci, work, build, cache, kernel):
    tiny = work / "tiny.json"
    tiny.write_text(json.dumps({
        "summary": "two cells", "kernels": {"k": kernel}, "variants": {"default": {}}, "sets": {"s": SCENARIOS},
        "cells": [{"kernels": ["k"], "variants": ["default"], "sets": ["s"]}],
    }))
    for number in (1, 2):
        (work / str(number)).mkdir()
        night = Pipeline(ci, work / str(number), "schedule", build, {"MATRIX": str(tiny), "HOTRIG_CACHE": str(cache)})
        check_night(night.run(NIGHTLY), number == 1)
    print(f"check-ci: two nights of {ci['matrix']['parallel']} shards each: as they must be")


def run_change(ci, work, build, cache, kernel, names):
    (work / "change").mkdir()
    Pipeline(ci, work / "change", "push", build, {**LITTLE, "KERNELS": kernel, "HOTRIG_CACHE": str(cache)}).run(names)
    print(f"check-ci: {', '.join(names)}: every line ran")


def run_jobs(ci, options):
    change = [name for name in options.job if name in EACH_CHANGE]
    cache = user_cache()
    kernel = find_kernel(cache, options.kernel)
    if not kernel and set(options.job) - NEED_NO_KERNEL:
        print(f"check-ci: SKIP: no kernel {options.kernel} in the cache: './hotrig kernel fetch' gets it")
        return 77
    work = pathlib.Path(tempfile.mkdtemp(prefix="hotrig-ci-")).resolve()
    build = options.build.resolve()
    try:
        if change:
            run_change(ci, work, build, cache, kernel or "", change)
        if "nightly" in options.job:
            run_nights(ci, work, build, cache, kernel)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--build", type=pathlib.Path, default=TREE / "build", help="folder of the build")
    p.add_argument("--kernel", default="6.12", help="series to run on, from the cache (default: 6.12)")
    p.add_argument("job", nargs="*", help=f"of {', '.join(EACH_CHANGE)} and nightly")
    options = p.parse_args()
    unknown = set(options.job) - {*EACH_CHANGE, "nightly"}
    if unknown:
        p.error(f"no such job: {', '.join(unknown)}")
    ci = yaml.safe_load((TREE / "ci.yml").read_text("utf-8"))
    try:
        check_shape(ci)
        check_github(ci)
        return run_jobs(ci, options)
    except Wrong as why:
        print(f"check-ci: {why}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
