#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests with real guests for bad input and bad luck.  Run from the top of the tree:

    python3 rig/tests/guest/run.py [--only NAME] [--jobs N] [--list]

Ends with "N passed, N failed" and exits 1 when something failed.
"""
import argparse
import fnmatch
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import bad_agent    # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import bad_cache    # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import bad_host     # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import bad_input    # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import bad_luck     # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import bad_template # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import bisects      # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import compared     # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import matrix       # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import news         # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import outcomes     # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import pages        # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import parallel     # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import template_luck # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import warm         # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import warm_devices # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
import witness      # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import
from harness import Rig, TREE, find_kernel, link_tree   # noqa: E402
from verdict import CASES, Failed, Skipped   # noqa: E402

EXIT_SKIPPED = 77
SLOWEST = "agent-slow-later"


def user_cache():
    own, xdg = os.environ.get("HOTRIG_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if own:
        return pathlib.Path(own)
    return pathlib.Path(xdg if xdg else os.path.expanduser("~/.cache")) / "hotrig"


def one_case(name, options):
    """In the child: run it, look behind it, say how it went."""
    rig = Rig(name, options)
    try:
        CASES[name](rig)
        rig.leftovers.check_none()
    except Skipped as why:
        print(why)
        return EXIT_SKIPPED
    except Failed as why:
        print(why)
        return 1
    except Exception:       # pylint: disable=broad-except
        traceback.print_exc(file=sys.stdout)
        return 1
    finally:
        rig.leftovers.kill_all()
    return 0


def start_case(name, options):
    argv = [sys.executable, __file__, "--case", name, "--work", options.work, "--kernel-spec", options.kernel,
            "--agents", options.agents, "--hotrig", options.hotrig]
    return subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, text=True,
                            stderr=subprocess.STDOUT)


def report(name, process, began, counts):
    text = process.stdout.read().strip()
    word = {0: "ok", EXIT_SKIPPED: "skip"}.get(process.returncode, "FAIL")
    counts[word] += 1
    print(f"{word:4} {name} ({time.monotonic() - began:.1f} s)" + (f": {text}" if text else ""), flush=True)


def run_all(names, options):
    counts = {"ok": 0, "skip": 0, "FAIL": 0}
    # the one that mostly waits first, beside all the others
    waiting, running = sorted(names, key=lambda name: name != SLOWEST), {}
    try:
        while waiting or running:
            while waiting and len(running) < options.jobs:
                name = waiting.pop(0)
                running[name] = (start_case(name, options), time.monotonic())
            for name, (process, began) in list(running.items()):
                if process.poll() is not None:
                    del running[name]
                    report(name, process, began, counts)
            time.sleep(0.05)
    finally:
        for process, _ in running.values():
            process.terminate()
            process.wait()
    return counts


def parse_options():
    p = argparse.ArgumentParser(description="Tests with real guests for bad input and bad luck.")
    p.add_argument("--only", help="name or pattern of cases")
    p.add_argument("--jobs", type=int, default=2, help="cases at a time (default: 2)")
    p.add_argument("--list", action="store_true", help="list the cases and run nothing")
    p.add_argument("--keep", action="store_true", help="keep the work folder")
    p.add_argument("--kernel", default="6.12", help="series to run on, from the cache (default: 6.12)")
    p.add_argument("--agents", type=pathlib.Path, default=TREE / "build" / "test-agents")
    p.add_argument("--hotrig", default=str(TREE / "hotrig"))
    p.add_argument("--case", help=argparse.SUPPRESS)
    p.add_argument("--work", type=pathlib.Path, help=argparse.SUPPRESS)
    p.add_argument("--kernel-spec", help=argparse.SUPPRESS)
    return p.parse_args()


def main():
    options = parse_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options.agents = options.agents.resolve()
    if options.case:
        options.kernel = options.kernel_spec
        return one_case(options.case, options)
    names = [n for n in CASES if not options.only or fnmatch.fnmatch(n, options.only)]
    if options.list or not names:
        print("\n".join(CASES))
        return 0 if options.list else 2
    cache = user_cache()
    wanted, options.kernel = options.kernel, find_kernel(cache, options.kernel)
    if not options.kernel:
        sys.exit(f"run.py: no kernel {wanted} in the cache: './hotrig kernel fetch debian:{wanted}' gets it")
    options.work = pathlib.Path(tempfile.mkdtemp(prefix="hotrig-guest-")).resolve()
    try:
        options.work.chmod(0o755)
        link_tree(cache, options.work / "cache")
        counts = run_all(names, options)
    finally:
        if not options.keep:
            shutil.rmtree(options.work, ignore_errors=True)
    if counts["skip"]:
        print(f"{counts['skip']} skipped")
    print(f"{counts['ok']} passed, {counts['FAIL']} failed")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
