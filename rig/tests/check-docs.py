#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the documentation against the program: what is there is documented, and the reverse.

usage: check-docs.py [RECORD...]      a record: the folder of a run, see hotrig-results(5)

Run in the tree after `make build`.  The fixtures' result.json and results/latest, when there is one,
are always looked at.  Exit code: 0 good, 1 bad.
"""
import gzip
import json
import pathlib
import re
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
MAN = TREE / "rig/man"
bad = []


def complain(text):
    bad.append(text)
    print(f"check-docs: {text}", file=sys.stderr)


def hotrig(*args):
    return subprocess.run([TREE / "hotrig", *args], cwd=TREE, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def read(path):
    return (TREE / path).read_text(encoding="utf-8")


def has_key(page, key):
    """Whether an mdoc page has the word in a macro that marks a literal."""
    return re.search(rf"^\.(It )?(Cm|Pa|Li)\b.*(?<![\w.-]){re.escape(key)}(?![\w-])", page, re.M)


def check_commands():
    commands = re.findall(r"^  ([a-z]+) {2,}\S", hotrig("--help"), re.M)
    main = read("rig/man/hotrig.1")
    for command in commands:
        path = MAN / f"hotrig-{command}.1"
        if not path.exists():
            complain(f"command '{command}' has no page '{path.relative_to(TREE)}'")
            continue
        if not re.search(rf"^\.It Cm {command}$", main, re.M):
            complain(f"hotrig.1 does not name command '{command}'")
        check_options(command, path.read_text(encoding="utf-8"))
    return len(commands)


def check_options(command, page):
    text = hotrig(command, "--help")
    long_in_help = set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text))
    long_in_page = set(re.findall(r"\bFl Fl ([a-z][a-z-]+)", page))
    short_in_help = set(re.findall(r"^  -([a-z])\b", text, re.M))
    short_in_page = set(re.findall(r"\.(?:It|Op) Fl ([a-z])\b", page))
    for option in sorted(long_in_help ^ long_in_page | short_in_help ^ short_in_page):
        where = "the help" if option in long_in_page | short_in_page else "the page"
        complain(f"hotrig {command}: option '{option}' is not in {where}")


def check_scenario():
    page = read("rig/man/hotrig-scenario.5")
    schema = json.loads(read("scenarios/scenario.schema.json"))
    keys = set(schema["properties"])
    # names of actions and of what they take, wherever the schema defines them
    for part in walk(schema):
        keys |= set(part.get("properties", {}))
    for key in sorted(keys - {"$schema"}):
        if not has_key(page, key):
            complain(f"hotrig-scenario.5 does not explain '{key}'")
    source = read("rig/scenario/scenario_names.c")
    kinds = re.findall(r'\[STEP_[A-Z]+\] = "([a-z]+)"', source)
    for kind in kinds:
        if not re.search(rf"^\.It Cm {kind}\b", page, re.M):
            complain(f"hotrig-scenario.5 does not explain the step '{kind}'")
    return len(keys) + len(kinds)


def check_matrix():
    """Keys of the file, which its parser names, and of the record."""
    page = read("rig/man/hotrig-matrix.5")
    keys = {key for part in walk(json.loads(read("results/matrix.schema.json")))
            for key in part.get("properties", {})}
    for source in ("matrix_parse.c", "matrix_rows.c"):
        for table in re.findall(r"\bkeys\[\] = \{(.*?)\}", read(f"rig/matrix/{source}"), re.S):
            keys |= set(re.findall(r'"([a-z_]+)"', table))
    # the rest of what a run is, hotrig-results(5) explains
    for key in sorted(keys - {"cause", "text"}):
        if not has_key(page, key):
            complain(f"hotrig-matrix.5 does not explain '{key}'")
    return len(keys)


def walk(value):
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def check_invariants():
    names = {json.loads(line)["name"] for line in hotrig("explain", "--json").splitlines()}
    groups = "|".join(sorted({name.split(".")[0] for name in names}))
    nr = 0
    for path in doc_files():
        for name in re.findall(rf"(?<![\w./-])((?:{groups})\.[a-z][a-z_-]+)", path.read_text("utf-8")):
            if re.search(r"\.(c|h|mk|sh|py|json|jsonl|log|md|txt|ko)$", name):
                continue
            nr += 1
            if name not in names:
                complain(f"{path.relative_to(TREE)} names '{name}', which is no invariant")
    return nr


def doc_files():
    return [p for p in [*TREE.glob("*.md"), *TREE.glob("*/README.md"), *TREE.glob("rig/**/*.md"),
                        *MAN.iterdir()] if p.is_file()]


def check_results(folders):
    page = read("rig/man/hotrig-results.5")
    schema = json.loads(read("results/result.schema.json"))
    keys = {key for part in walk(schema) for key in part.get("properties", {})}
    files = sorted((TREE / "rig/tests/fixtures/record").glob("*.json"))
    for folder in folders:
        files += [folder / "result.json", *sorted(folder.glob("state-*.json.gz"))]
    for path in files:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as f:
            keys |= {key for part in walk(json.load(f)) for key in part}
    for key in sorted(keys):
        if not has_key(page, key):
            complain(f"hotrig-results.5 does not explain the key '{key}'")
    return len(keys)


def check_hacking():
    page = read("rig/HACKING.md")
    words = set(re.findall(r"`([^`]+)`", page))
    commands = re.findall(r'^\t\{ "([a-z-]+)", cmd_\w+ \},', read("rig/guest_agent/agent.c"), re.M)
    events = set()
    for path in (TREE / "rig/guest_agent").glob("*.c"):
        events |= set(re.findall(r'agent_event\(a, "([A-Z_]+)"', path.read_text("utf-8")))
    units = [unit for line in read("rig/layers.txt").splitlines()
             for unit in line.split("#")[0].split()[1:]]
    for word in [*commands, *sorted(events), *units]:
        if word not in words:
            complain(f"rig/HACKING.md does not name `{word}`")
    return len(commands) + len(events) + len(units)


def main(args):
    folders = [pathlib.Path(a) for a in args]
    if (TREE / "results/latest/result.json").exists():
        folders.append(TREE / "results/latest")
    print(f"check-docs: {check_commands()} commands, {check_scenario()} words of scenarios, "
          f"{check_matrix()} of matrices, "
          f"{check_results(folders)} keys of records, {check_invariants()} names of invariants, "
          f"{check_hacking()} words of HACKING.md, {len(bad)} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
