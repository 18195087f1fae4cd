# SPDX-License-Identifier: GPL-2.0-or-later
"""hotrig compare: two boots of one kernel are the same; what one of two runs lacks is named, step and both sides."""
import json
import os
import subprocess

from harness import TREE
from leftovers import MARK
from verdict import case, check

EXIT_SAME, EXIT_DIFFERENT, EXIT_USAGE, EXIT_TROUBLE, EXIT_SKIPPED = 0, 1, 2, 3, 77


def compare(rig, expected, *args):
    """`hotrig compare ARGS`, ended as expected: what it printed."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("HOTRIG_")}
    environ.update({MARK: rig.mark, "HOME": str(rig.home), "TMPDIR": str(rig.tmp), "HOTRIG_CACHE": str(rig.cache),
                    "HOTRIG_DATA": str(TREE)})
    done = subprocess.run([rig.options.hotrig, "compare", *args], env=environ, capture_output=True, text=True,
                          check=False, cwd=TREE)
    check(done.returncode == expected, f"exit {done.returncode}; stdout: {done.stdout}; stderr: {done.stderr}")
    return done


def two_kernels(rig, scenario, patched=None):
    kernel = rig.options.kernel
    return ["--base", kernel, "--patched", patched or kernel, "-r", str(rig.results), "-a", "tcg",
            rig.scenario(scenario)]


@case
def compare_kernel_with_itself(rig):
    """Each side boots a template of its own."""
    report = json.loads(compare(rig, EXIT_SAME, "--json", *two_kernels(rig, "pass")).stdout)
    one = report["scenarios"][0]
    check(one["verdict"] == "same" and one["steps"] == one["steps_compared"] and not one["differences"], str(one))
    records = [json.loads((rig.results / path / "result.json").read_text())
               for side in ("base", "patched") for path in one[side]["records"]]
    check(len({record["template"] for record in records}) == 2, f"templates of {records}")
    check(len(one["latencies"]) == one["steps"] - 1, f"latencies: {one['latencies']}")


@case
def compare_lost_event(rig):
    """An agent that keeps an event to itself stands in for a kernel that does not send it."""
    rig.run("pass").expect_outcome("PASS")
    rig.run("pass", agent="forgetful").expect_outcome("FAIL", "invariant")
    whole, lacking = sorted((path.parent for path in rig.results.glob("*/result.json") if path.parent.name != "latest"),
                            key=lambda path: json.loads((path / "result.json").read_text())["outcome"], reverse=True)
    one = json.loads(compare(rig, EXIT_DIFFERENT, "--json", str(whole), str(lacking)).stdout)["scenarios"][0]
    told = [(d["step"], d["kind"]) for d in one["differences"]]
    check(("3 offline d0", "event") in told and ("3 offline d0", "finding") in told, str(one["differences"]))
    check(all(step == "3 offline d0" for step, _ in told), f"differences in other steps: {told}")
    text = compare(rig, EXIT_DIFFERENT, str(whole), str(lacking)).stdout
    check("  patched fails (invariant)\n  3 offline d0\n" in text, text)


@case
def compare_skipped(rig):
    done = compare(rig, EXIT_SKIPPED, *two_kernels(rig, "skip"))
    check("SKIP on base: CONFIG_HOTRIG_NO_SUCH_OPTION" in " ".join(done.stdout.split()), done.stdout)


@case
def compare_bad_usage(rig):
    """One kernel alone, a kernel that is no file, and folders that are no records."""
    compare(rig, EXIT_USAGE, "--base", rig.options.kernel)
    compare(rig, EXIT_TROUBLE, *two_kernels(rig, "pass", patched="no:such:kernel"))
    compare(rig, EXIT_USAGE, str(rig.results), str(rig.results))
