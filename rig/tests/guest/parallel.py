# SPDX-License-Identifier: GPL-2.0-or-later
"""Several runs at a time: they begin and are told in the same order, and none disturbs another."""
import json
import os
import pathlib
import re
import signal

from leftovers import marked_processes
from verdict import case, check, until


def results(run):
    """The result lines of KTAP, as they stand."""
    return re.findall(r"^(?:not )?ok \d+ [a-z].*$", run.out, re.M)


def expect_in_order(run, *names):
    seen = [re.sub(r"^((?:not )?ok \d+) (\S+) on [^ ]*", r"\1 \2", line) for line in results(run)]
    check(seen == list(names), f"{seen} instead of {list(names)}; stderr: {run.err}")


def two_hanging(rig, times, seconds):
    """Two runs that wait for so long, and then fail if nobody disturbs them."""
    path = pathlib.Path(rig.scenario("hang"))
    path.write_text(path.read_text().replace('"deadline": "4s"', f'"deadline": "{seconds}s"'))
    run = rig.start(str(path), "--jobs", "2", "-n", str(times))
    run.await_all("agent.jsonl", 'state\\":\\"offline\\",\\"deadline-ms', 2)
    return run


def expect_one_lost(run, text, others):
    """One says how it was lost, the others waited until their own deadline, on a busy machine too."""
    errors = sorted(r["error"]["text"] for r in run.records if r["outcome"] == "ERROR" and
                    "the vCPUs got no processor" not in r["error"]["text"])
    hung = [r for r in run.records if r["steps"] and "offline of memory32 did not end" in json.dumps(r)]
    check(errors == [text] and len(hung) == others, f"errors {errors}; stdout: {run.out}; stderr: {run.err}")


def essence(run):
    """What must not depend on how many ran at a time: all but times."""
    def timeless(r):
        keep = {k: v for k, v in r.items() if k not in ("date", "timings", "rig_peak_kib")}
        keep["steps"] = [(s["name"], s["outcome"]) for s in r["steps"]]
        return keep
    return sorted((timeless(r) for r in run.records), key=lambda r: r["scenario"])


def give_steps(path, other):
    """Give the scenario those of the other, so that it is as long."""
    scenario = json.loads(pathlib.Path(path).read_text())
    scenario["steps"] = json.loads(pathlib.Path(other).read_text())["steps"]
    pathlib.Path(path).write_text(json.dumps(scenario))


@case
def jobs_in_order(rig):
    """The second ends long before the first and is told behind it; the records are those of serial runs."""
    first = [rig.scenario(name) for name in ("pass", "skip", "refused-unasked")]
    give_steps(first[1], first[0])
    at_once = rig.run("pass", "--jobs", "2", *first).expect_exit(1)
    expect_in_order(at_once, "ok 1 pass", "ok 2 skip # SKIP CONFIG_HOTRIG_NO_SUCH_OPTION",
                    "not ok 3 refused-unasked", "ok 4 pass")
    parallel = essence(at_once)
    serial = rig.run("pass", "--jobs", "1", *first).expect_exit(1)
    check(serial.out == at_once.out, f"{at_once.out} differs from the serial {serial.out}")
    for one, other in zip(parallel, essence(serial), strict=True):
        differ = {k: (one.get(k), other.get(k)) for k in one.keys() | other.keys() if one.get(k) != other.get(k)}
        check(not differ, f"the records tell how many ran at a time: {differ}")


@case
def jobs_longest_first(rig):
    """One step is no reason to let the others wait; and what is told does not depend on how many run at a time."""
    for jobs in ("1", "2"):
        run = rig.run("pass", "--jobs", jobs, rig.scenario("skip")).expect_exit(0)
        expect_in_order(run, "ok 1 pass", "ok 2 skip # SKIP CONFIG_HOTRIG_NO_SUCH_OPTION")


@case
def jobs_qemu_killed(rig):
    """The machine of one is killed: the other does not notice."""
    run = two_hanging(rig, 2, 8)
    os.kill(run.qemu_pid(), signal.SIGKILL)
    expect_one_lost(run.wait(), "QEMU ended unasked, signal SIGKILL", 1)


@case
def jobs_worker_killed(rig):
    """The process of one is killed: that is an ERROR with a record, and the others go on."""
    rig.orphans_allowed = True
    run = two_hanging(rig, 3, 8)
    os.kill(run.worker_pids()[0], signal.SIGKILL)
    expect_one_lost(run.wait(), "the run's process died: SIGKILL", 2)
    check("# ERROR the run's process died: SIGKILL" in run.out, run.out)


def interrupted(name, to_all):
    def run(rig):
        r = two_hanging(rig, 4, 60)
        if to_all:
            os.killpg(r.pid, signal.SIGINT)     # as a terminal does
        else:
            r.signal(signal.SIGINT)
        r.wait(20).expect_exit(3)
        check(len(r.records) == 2, f"{len(r.records)} records")
        for record in r.records:
            check(record["error"]["cause"] == "interrupted", f"error {record.get('error')}")
        check(len(results(r)) == 2 and "2 runs: 2 ERROR" in r.err, f"stdout: {r.out}; stderr: {r.err}")
    run.__name__ = f"jobs_interrupted_{name}"
    case(run)


interrupted("by_kill", False)
interrupted("by_terminal", True)


@case
def jobs_rig_killed(rig):
    """The runs of a killed rig end as if interrupted: nothing goes on without it."""
    rig.orphans_allowed = True
    run = two_hanging(rig, 2, 60)
    run.signal(signal.SIGKILL)
    run.wait(5)
    until(lambda: not marked_processes(rig.mark), "the end of all processes", 20)
    said = [r.get("error", {}).get("text", "")[:22] for r in run.records]
    check(said == ["interrupted by SIGTERM"] * 2, f"{said}: {run.records}")


@case
def jobs_none(rig):
    rig.run("pass", "--jobs", "0").expect_exit(2)
    rig.run("pass", "--jobs", "65").expect_exit(2)
