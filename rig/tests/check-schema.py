#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds records against results/result.schema.json.

usage: check-schema.py [RESULT.json...]

Without files: the records in rig/tests/fixtures/record, real ones of each outcome, and copies of
them that are wrong in one way each and must be refused.  Exit code: 0 good, 1 bad, 77 skipped.
"""
import copy
import json
import pathlib
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("check-schema: SKIP: no python3-jsonschema")
    sys.exit(77)

TREE = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = TREE / "rig/tests/fixtures/record"


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def complaints(validator, record):
    return [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
            for e in validator.iter_errors(record)]


def put(path, value):
    """A change: set the value at the path, or remove it when the value is None."""
    def change(record):
        at = record
        for key in path[:-1]:
            at = at[key]
        if value is None:
            del at[path[-1]]
        else:
            at[path[-1]] = value
    return change


# of which outcome, what is done to it
WRONG = [
    ("PASS", put(["format"], 2)),
    ("PASS", put(["outcome"], "pass")),
    ("PASS", put(["outcome"], "FAIL")),         # without a finding
    ("PASS", put(["fail_kind"], "hang")),
    ("PASS", put(["kernel"], None)),
    ("PASS", put(["kernel", "build_id"], "no hex")),
    ("PASS", put(["surprise"], 1)),
    ("PASS", put(["steps", 0, "start"], "0")),
    ("PASS", put(["steps", 0, "outcome"], "XFAIL")),
    ("PASS", put(["timings"], None)),
    ("PASS", put(["date"], "yesterday")),
    ("FAIL", put(["findings"], [])),
    ("FAIL", put(["findings", 0, "first_pfn"], "0x100000")),
    ("FAIL", put(["findings", 0, "nr_pfns"], None)),
    ("FAIL", put(["findings", 0, "why"], None)),
    ("FAIL", put(["fail_kind"], None)),
    ("XFAIL", put(["known_bugs"], None)),
    ("XFAIL", put(["known_bugs"], [])),
    ("XFAIL", put(["findings"], [])),
    ("XFAIL", put(["outcome"], "ERROR")),
    ("XPASS", put(["known_bugs"], None)),
    ("XPASS", put(["outcome"], "PASS")),
    ("SKIP", put(["skip_reason"], None)),
    ("ERROR", put(["error", "cause"], "weather")),
]


def check_wrong(validator, records):
    bad = 0
    for number, (outcome, change) in enumerate(WRONG, 1):
        record = copy.deepcopy(records[outcome])
        change(record)
        if not complaints(validator, record):
            print(f"check-schema: wrong record {number} ({outcome}) is accepted", file=sys.stderr)
            bad += 1
    return bad


def main(paths):
    schema = load(TREE / "results/result.schema.json")
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    records = {}
    bad = 0
    files = paths or sorted(FIXTURES.glob("*.json"))
    for path in files:
        record = load(path)
        for text in complaints(validator, record):
            print(f"{path}: {text}", file=sys.stderr)
            bad += 1
        records[record["outcome"]] = record
    if not paths:
        bad += check_wrong(validator, records)
    print(f"check-schema: {len(files)} records, {0 if paths else len(WRONG)} wrong ones, "
          f"{bad} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
