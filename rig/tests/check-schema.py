#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds records against results/result.schema.json, those of a matrix against results/matrix.schema.json.

usage: check-schema.py [RESULT.json...]

Without files: the records in rig/tests/fixtures/record, real ones of each outcome, that of a matrix in
rig/tests/fixtures/matrix, and copies of them that are wrong in one way each and must be refused.
Exit code: 0 good, 1 bad, 77 skipped.
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
FIXTURES = TREE / "rig/tests/fixtures"
MATRIX = "matrix"       # in the place of an outcome


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
    (MATRIX, put(["plan"], None)),
    (MATRIX, put(["how_sha256"], None)),
    (MATRIX, put(["matrix"], "0123")),
    (MATRIX, put(["shards"], [])),
    (MATRIX, put(["shards", 0], "1 of 1")),
    (MATRIX, put(["missing"], None)),
    (MATRIX, put(["missing"], ["no cell"])),
    (MATRIX, put(["counts", "GOOD"], 1)),
    (MATRIX, put(["cells", 0, "outcome"], "fail")),
    (MATRIX, put(["cells", 0, "outcome"], "FAIL")),     # of no kind
    (MATRIX, put(["cells", 0, "outcome"], "SKIP")),     # without a reason
    (MATRIX, put(["cells", 0, "runs"], [])),
    (MATRIX, put(["cells", 0, "runs", 0, "image_sha256"], None)),
    (MATRIX, put(["cells", 0, "class"], "sad")),
    (MATRIX, put(["excluded", 0, "reason"], "")),
    (MATRIX, put(["others"], {"2/4": "all"})),
]


def check_wrong(validators, records):
    bad = 0
    for number, (outcome, change) in enumerate(WRONG, 1):
        record = copy.deepcopy(records[outcome])
        change(record)
        if not complaints(validators[outcome == MATRIX], record):
            print(f"check-schema: wrong record {number} ({outcome}) is accepted", file=sys.stderr)
            bad += 1
    return bad


def load_validator(name):
    schema = load(TREE / f"results/{name}.schema.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def main(paths):
    validators = {False: load_validator("result"), True: load_validator("matrix")}
    records = {}
    bad = 0
    files = paths or sorted(FIXTURES.glob("record/*.json")) + sorted(FIXTURES.glob("matrix/*.json"))
    for path in files:
        record = load(path)
        of_matrix = "cells" in record
        for text in complaints(validators[of_matrix], record):
            print(f"{path}: {text}", file=sys.stderr)
            bad += 1
        records[MATRIX if of_matrix else record["outcome"]] = record
    if not paths:
        bad += check_wrong(validators, records)
    print(f"check-schema: {len(files)} records, {0 if paths else len(WRONG)} wrong ones, "
          f"{bad} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
