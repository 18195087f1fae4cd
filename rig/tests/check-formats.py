#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what `hotrig report` writes against what others say of the formats.

usage: check-formats.py [RECORD...]     a record: the folder of a run, see hotrig-results(5)

JUnit and KCIDB are checked by published schemas, see rig/tests/formats/README.md, KTAP by the parser of a
kernel tree.  Each outcome must be what the table below says, and texts as bad as a guest can make them must
change nothing.  Run in the tree after `make build`.  Exit code: 0 good, 1 bad.
"""
import glob
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

TREE = pathlib.Path(__file__).resolve().parents[2]
FORMATS = TREE / "rig/tests/formats"
bad, skipped, nr_checked = [], [], 0

SPITE = ["plain", "x\u2028ok 1 fake\x85not ok 2 y", "a\x01b\x1b[31mred\x7f\x85", "]]> <b> & \"quotes\" '", "x # SKIP because", "x\nok 1 fake\nnot ok 2 y",
         "# Subtest: other", "Kernel panic - not syncing: VFS: Unable to mount", "reboot: System halted",
         "\ufffe\uffff \U0001f525 \u202e", "long " * 9000, "\u00e4" * 7999 + "\t", "KTAP version 1\n1..9"]


def complain(text):
    bad.append(text)
    print(f"check-formats: {text}", file=sys.stderr)


def record(outcome, text="plain", **more):
    result = {"scenario": "dimm/x", "outcome": outcome, "date": "2026-11-21T03:40:49Z", "accel": "tcg",
              "kernel": {"spec": "debian:6.12", "release": "6.12.1", "image_sha256": "ab" * 32}, "machine": "small",
              "steps": [], "findings": [], "timings": {"total_ns": 1500000000}}
    if outcome in ("FAIL", "XFAIL"):
        kind = more.get("fail_kind", "invariant")
        invariant = {"splat": "splat.warning", "crash": "splat.oops"}.get(kind, "page.refcount")
        result["findings"] = [{"invariant": invariant, "kind": kind, "step": "1 plug " + text[:40], "expected": text,
                               "seen": text, "why": text, "first_pfn": 1, "nr_pfns": 2}]
        result["fail_kind"] = kind
        result["steps"] = [{"name": "1 plug " + text[:40], "outcome": "FAIL", "start": 1, "end": 2}]
    if outcome == "ERROR":
        result["error"] = {"cause": "host", "text": text}
    if outcome == "SKIP":
        result["skip_reason"] = text
    return {**result, **more}


BEGUN = [{"name": "1 plug", "outcome": "ERROR", "start": 1, "end": 2}]
# record, status by the kernel's KTAP parser, element and type of JUnit, statuses of KCIDB
TABLE = [
    (lambda t: record("PASS"), "SUCCESS", (None, None), ["PASS"]),
    (lambda t: record("XFAIL", t, known_bugs=[t]), "SUCCESS", ("skipped", None), ["FAIL"]),
    (lambda t: record("FAIL", t), "FAILURE", ("failure", "invariant"), ["FAIL"]),
    (lambda t: record("FAIL", t, fail_kind="splat"), "FAILURE", ("failure", "crash"), ["FAIL"]),
    (lambda t: record("FAIL", t, fail_kind="crash"), "FAILURE", ("failure", "crash"), ["FAIL"]),
    (lambda t: record("FAIL", t, fail_kind="hang"), "FAILURE", ("failure", "timeout"), ["FAIL"]),
    (lambda t: record("FAIL", t, fail_kind="boot"), "FAILURE", ("error", "boot"), ["FAIL", "MISS"]),
    (lambda t: record("XPASS", t, known_bugs=[t]), "FAILURE", ("failure", "xpass"), ["PASS"]),
    (lambda t: record("SKIP", t), "SKIPPED", ("skipped", None), ["SKIP"]),
    (lambda t: record("ERROR", t), "FAILURE", ("error", "host"), ["MISS"]),
    (lambda t: record("ERROR", t, steps=BEGUN), "FAILURE", ("error", "host"), ["ERROR"]),
]


def hotrig(form, *paths):
    done = subprocess.run([TREE / "hotrig", "report", form, *paths], capture_output=True, check=False)
    if done.returncode:
        complain(f"report {form} ended in {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def check_junit(what, text):
    for schema in sorted(FORMATS.glob("*.xsd")):
        done = subprocess.run(["xmllint", "--noout", "--huge", "--schema", schema, "-"], input=text,
                              capture_output=True, check=False)
        if done.returncode:
            complain(f"{what}: {schema.name}: {done.stderr.decode(errors='replace').strip()[:500]}")
    root = ET.fromstring(text)
    for suite in root:
        for name in ("failure", "error", "skipped"):
            told = int(suite.get({"failure": "failures", "error": "errors"}.get(name, name)))
            if told != len(suite.findall(f"testcase/{name}")):
                complain(f"{what}: {told} {name} told, another number there")
    return [next(((e.tag, e.get("type")) for e in case), (None, None)) for case in root.iter("testcase")]


def check_kcidb(what, text, validator):
    report = json.loads(text)
    for error in validator.iter_errors(report) if validator else ():
        complain(f"{what}: KCIDB: {error.json_path}: {error.message[:300]}")
    for key in ("checkouts", "builds", "tests", "issues", "incidents"):
        ids = [o["id"] for o in report[key]]
        if len(ids) != len(set(ids)):
            complain(f"{what}: KCIDB: an id of {key} stands twice")
    for kind, key, target in (("builds", "checkout_id", "checkouts"), ("tests", "build_id", "builds"),
                              ("incidents", "issue_id", "issues"), ("incidents", "test_id", "tests")):
        known = {o["id"] for o in report[target]}
        if any(o[key] not in known for o in report[kind]):
            complain(f"{what}: KCIDB: {key} of {kind} leads nowhere")
    return report


def find_parser():
    """The module of a kernel tree; None: there is none."""
    cache = os.environ.get("HOTRIG_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "hotrig")
    found = sorted(glob.glob(os.path.join(cache, "kernels/sources/*/tools/testing/kunit/kunit_parser.py")))
    if not found:
        return None
    sys.dont_write_bytecode = True      # the tree is to stay as it is
    sys.path.insert(0, os.path.dirname(found[-1]))
    import kunit_parser                 # pylint: disable=import-error,import-outside-toplevel
    return kunit_parser


def check_ktap(what, text, parser):
    """Names of the statuses of the results."""
    printed = io.StringIO()
    parser.stdout._output = printed     # pylint: disable=protected-access
    test = parser.parse_run_tests(text.decode("utf-8").splitlines())
    if test.counts.errors:
        lines = [line for line in printed.getvalue().splitlines() if "ERROR" in line]
        complain(f"{what}: KTAP: {test.counts.errors} errors: {' '.join(lines)[:500]}")
    return [sub.status.name for sub in test.subtests]


def check(what, paths, validator, parser, expected=None):
    """@expected: rows of the table, one for each result; None: only that all is well-formed"""
    global nr_checked
    nr_checked += 1
    junit = check_junit(what, hotrig("junit", *paths))
    kcidb = [t["status"] for t in check_kcidb(what, hotrig("kcidb", *paths), validator)["tests"]]
    ktap = check_ktap(what, hotrig("ktap", *paths), parser) if parser else None
    for line in hotrig("json", *paths).splitlines():
        json.loads(line)
    if expected is None:
        return
    if ktap is not None and ktap != [row[1] for row in expected]:
        complain(f"{what}: the kernel's KTAP parser saw {ktap}")
    if junit != [row[2] for row in expected]:
        complain(f"{what}: JUnit has {junit}")
    if kcidb != [status for row in expected for status in row[3]]:
        complain(f"{what}: KCIDB has {kcidb}")


def check_matrix(folder, validator, parser):
    """A merged record: runs without their records, one that never ran, and a shard that is missing."""
    run = {"folder": "20261121T034049Z-x-1", "seconds": 1.5, "date": "2026-11-21T03:40:49Z", "accel": "tcg",
           "image_sha256": "ab" * 32, "release": "6.12.1"}
    finding = record("FAIL")["findings"][0]
    cells = [{"cell": "k/v/dimm/x", "kernel": "k", "variant": "v", "scenario": "dimm/x", "outcome": "FAIL",
              "class": "flake", "class_why": "as ever",
              "runs": [{**run, "outcome": "FAIL", "fail_kind": "invariant", "finding": finding},
                       {**run, "outcome": "PASS", "folder": "20261121T034050Z-x-1"},
                       {**run, "outcome": "ERROR", "folder": "20261121T034051Z-x-1", "began": True,
                        "error": {"cause": "host", "text": "starved"}}]},
             {"cell": "gone/v/dimm/x", "kernel": "gone", "variant": "v", "scenario": "dimm/x", "outcome": "ERROR",
              "reason": "no such kernel", "runs": []}]
    path = folder / "matrix.json"
    path.write_text(json.dumps({"format": 1, "matrix": "m", "date": "2026-11-21T04:00:00Z", "cells": cells,
                                "missing": ["k/v/dimm/y"]}))
    check("matrix", [path], validator, parser,
          [(None, "FAILURE", ("failure", "invariant"), ["FAIL"]), (None, "SUCCESS", (None, None), ["PASS"]),
           (None, "FAILURE", ("error", "host"), ["ERROR"]),
           (None, "FAILURE", ("error", "host"), ["MISS"]), (None, "FAILURE", ("error", "host"), ["MISS"])])


def check_table(folder, validator, parser):
    for text in SPITE:
        paths = []
        for i, row in enumerate(TABLE):
            paths.append(folder / f"{i:02}.json")
            paths[-1].write_text(json.dumps({**row[0](text), "scenario": f"dimm/x{i}"}))
        check(f"table with {text[:20]!r}", paths, validator, parser, TABLE)
    for name in ("a # SKIP b", "a//b..c/", "/", "\u00e4 \x02", "x" * 500):
        path = folder / "name.json"
        path.write_text(json.dumps({**record("FAIL", name), "scenario": name}))
        check(f"scenario {name[:20]!r}", [path], validator, parser, [TABLE[2]])


def check_refusals(folder):
    """Bad input: exit code 2, one line that names it, and no file."""
    (folder / "bad.json").write_text("{ \"scenario\": ")
    (folder / "odd.json").write_text("{ \"cells\": 7 }")
    output = folder / "output"
    for args, part in ((["junit", folder / "none"], "none"), (["junit", folder / "bad.json"], "is damaged: line 1"),
                       (["ktap", folder / "odd.json"], "neither a record nor"), (["ktap", folder], "result.json"),
                       (["kcidb", "--origin", "A B", "rig/tests/fixtures/record/pass.json"], "is no origin")):
        done = subprocess.run([TREE / "hotrig", "report", "-o", output, *args], capture_output=True, check=False,
                              cwd=TREE, text=True)
        if done.returncode != 2 or part not in done.stderr or done.stderr.count("\n") != 1 or output.exists():
            complain(f"report {args}: ended in {done.returncode}: {done.stderr}")


def main():
    try:
        import jsonschema               # pylint: disable=import-outside-toplevel
        with open(FORMATS / "kcidb-5.3.schema.json", encoding="utf-8") as f:
            validator = jsonschema.Draft7Validator(json.load(f), format_checker=jsonschema.FormatChecker())
    except ImportError:
        validator = skipped.append("KCIDB's schema: no python3-jsonschema")
    parser = find_parser()
    if not parser:
        skipped.append("KTAP: no kernel tree in the cache; 'hotrig kernel build debian-source:6.12' brings one")
    fixtures = sorted((TREE / "rig/tests/fixtures/record").glob("*.json"))
    check("fixtures", fixtures, validator, parser)
    for name in sys.argv[1:]:
        check(name, [name], validator, parser)
    with tempfile.TemporaryDirectory() as folder:
        check_table(pathlib.Path(folder), validator, parser)
        check_matrix(pathlib.Path(folder), validator, parser)
        check_refusals(pathlib.Path(folder))
    for text in skipped:
        print(f"check-formats: SKIP: {text}")
    print(f"check-formats: {nr_checked} sets of records, {len(bad)} complaints")
    return 1 if bad else 0


sys.exit(main())
