# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU, the rig or the user stops in the midst of it, at the boot and in each step."""
import os
import signal

from verdict import case, check, until

# Where: a file of the unfinished record, and what stands in it once the run has come so far.
POINTS = {
    "boot": ("console.log", "Linux version"),
    "baseline": ("agent.jsonl", "query-layout"),
    "plug": ("qmp.jsonl", "device_add"),
    "online": ("agent.jsonl", "online_movable"),
    "offline": ("agent.jsonl", 'state\\":\\"offline\\",\\"deadline-ms'),
    "unplug": ("qmp.jsonl", "device_del"),
}


def started(rig, point):
    rig.earlier_record()
    # a guest from a template does not boot, and has said the first things before
    run = rig.start("pass", *(["--cold"] if point in ("boot", "baseline") else []))
    run.await_stream(*POINTS[point])
    return run


def qemu_killed(point):
    def run(rig):
        r = started(rig, point)
        os.kill(r.qemu_pid(), signal.SIGKILL)
        r.wait(20).expect_error("host", "QEMU ended unasked, signal SIGKILL")
    run.__name__ = f"qemu_killed_in_{point}"
    case(run)


def interrupted(sig, point):
    def run(rig):
        r = started(rig, point)
        r.signal(sig)
        r.wait(20).expect_error("interrupted", f"interrupted by {sig.name}")
    run.__name__ = f"{sig.name.lower()}_in_{point}"
    case(run)


def rig_killed(point):
    """QEMU must die with the rig, and the next run sweeps what is left."""
    def run(rig):
        rig.orphans_allowed = True
        r = started(rig, point)
        qemu, workers = r.qemu_pid(), r.worker_pids()
        # all at once: a worker that outlives its parent would still leave a record
        r.signal(signal.SIGSTOP)
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        r.signal(signal.SIGKILL)
        r.wait(5)
        for pid in workers:
            os.waitpid(pid, 0)
        until(lambda: not os.path.exists(f"/proc/{qemu}") or state_of(qemu) == "Z", "the end of QEMU", 5)
        check(list(rig.results.glob(".run-*")), "the killed rig had no unfinished record")
        rig.run("skip").expect_outcome("SKIP")
        check(not list(rig.results.glob(".run-*")), "the next run did not sweep")
    run.__name__ = f"rig_killed_in_{point}"
    case(run)


def state_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            return f.read().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


for where in POINTS:
    qemu_killed(where)
    interrupted(signal.SIGINT, where)
for where in ("boot", "offline"):
    interrupted(signal.SIGTERM, where)
    rig_killed(where)
interrupted(signal.SIGHUP, "online")


@case
def qemu_crashes(rig):
    """A fault of QEMU's own is QEMU's, not the host's."""
    run = started(rig, "online")
    os.kill(run.qemu_pid(), signal.SIGSEGV)
    run.wait(20).expect_error("qemu", "QEMU ended unasked, signal SIGSEGV")


@case
def qemu_told_to_end(rig):
    run = started(rig, "online")
    os.kill(run.qemu_pid(), signal.SIGTERM)
    run.wait(20).expect_error("host", "QEMU ended unasked")


@case
def qemu_stopped(rig):
    """A QEMU that does not run at all is no guest that hangs."""
    text = rig.scenario("pass")
    with open(text, encoding="utf-8") as f:
        changed = f.read().replace('"offline": { "device": "d0" }', '"offline": { "device": "d0" }, "deadline": "4s"')
    with open(text, "w", encoding="utf-8") as f:
        f.write(changed)
    run = rig.start(text)
    run.await_stream(*POINTS["offline"])
    os.kill(run.qemu_pid(), signal.SIGSTOP)
    run.wait(90)
    run.expect_error("qemu", "does not answer")


@case
def interrupted_twice(rig):
    """A second ^C changes nothing: the first is being handled."""
    run = started(rig, "online")
    run.signal(signal.SIGINT)
    run.signal(signal.SIGINT)
    run.wait(20).expect_error("interrupted", "interrupted by SIGINT")


@case
def interrupted_ends_the_batch(rig):
    """^C ends the whole run, not only the scenario under way."""
    run = rig.start("pass", "--jobs", "1", "-n", "5")
    run.await_stream(*POINTS["plug"])
    run.signal(signal.SIGINT)
    run.wait(20).expect_exit(3)
    check(len(run.records) == 1, f"{len(run.records)} records")
