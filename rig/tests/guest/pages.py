# SPDX-License-Identifier: GPL-2.0-or-later
"""`hotrig pages`: maps of records and of guests that run, and what it says when it cannot."""
import gzip
import json
import os
import shutil
import subprocess

from harness import NOBODY, TREE, replace_file
from verdict import Skipped, case, check, until

UNKNOWN_HERE = "not known of this kernel: zones and nodes, names of most flags"


class Asked:
    """One `hotrig pages` that has ended."""

    def __init__(self, rig, *args, prefix=(), env=None):
        environ = {**os.environ, "HOTRIG_CACHE": str(rig.cache), "HOTRIG_DATA": str(TREE), "HOME": str(rig.home),
                   **(env or {})}
        done = subprocess.run([*prefix, rig.options.hotrig, "pages", "-r", str(rig.results), *args], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, env=environ, cwd=TREE, check=False,
                              timeout=60)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def expect(self, code, *says):
        check(self.code == code, f"exit code {self.code} instead of {code}: {self.err}{self.out[:1000]}")
        for text in says:
            check(text in self.out + self.err, f"'{text}' is not in: {self.err}{self.out[:2000]}")
        return self


def cycling(rig, point="online_movable"):
    """A run that goes on for a while with a DIMM in it."""
    run = rig.start("cycling")
    run.await_stream("agent.jsonl", point)
    return run


@case
def pages_of_a_running_guest(rig):
    run = cycling(rig)
    listed = Asked(rig, "--json").expect(0)
    entry = json.loads(listed.out)
    check(entry["qemu_pid"] == run.qemu_pid() and entry["scenario"] == "cycling", listed.out)
    Asked(rig).expect(0, entry["run"], str(entry["qemu_pid"]))
    by_name = Asked(rig, entry["run"], "--range", "0xf0000-0x10ffff").expect(0, "cycling on 6.", "as BTF has them")
    check("device d0\n0x100000-" in by_name.out and "0xf0000-0xfffff             65536  no struct pages" in by_name.out,
          by_name.out)
    check("65536 pages, 256 MiB; no struct pages in 1 range, 256 MiB" in by_name.out, by_name.out)
    Asked(rig, str(rig.results / entry["run"]), "--summary").expect(0, "buddy", "reserved", "589824 pages, 2.2 GiB")
    whole = json.loads(Asked(rig, "--pid", str(entry["qemu_pid"]), "--stop", "--json").expect(0).out)
    check(sum(r["nr"] for r in whole["pages"]) == 589824 and whole["layout"] == "BTF" and not whole["unknown"],
          str({k: v for k, v in whole.items() if k != "pages"}))
    check([d["id"] for d in whole["devices"]] == ["d0"], str(whole["devices"]))
    run.wait().expect_outcome("PASS")


@case
def pages_stop_leaves_the_run_alone(rig):
    """A guest that is stopped, read and let go again and again still passes, and is never left stopped."""
    run = cycling(rig)
    pid, moments = str(run.qemu_pid()), 0
    for _ in range(6):
        asked = Asked(rig, "--pid", pid, "--stop", "--json", "--range", "0x100000-0x107fff").expect(0)
        moments += json.loads(asked.out)["one_moment"]
        check(json.loads(asked.out)["one_moment"] or "somebody else let it go on" in asked.err, asked.err)
    check(moments, "not once was it of one moment")
    run.wait().expect_outcome("PASS")


@case
def pages_of_a_foreign_qemu(rig):
    """Known are the process and its monitor; the guest's note must do, and says what it does not name."""
    run = cycling(rig)
    pid, monitor = str(run.qemu_pid()), str(next(rig.results.glob(".run-*/monitor")))
    Asked(rig, "--pid", pid, "--qmp", monitor, "--summary").expect(
        0, UNKNOWN_HERE, "as vmcoreinfo has them", "buddy", "589824 pages")
    Asked(rig, "--pid", pid, "--qmp", monitor, "--kernel", rig.options.kernel, "--summary").expect(
        0, "as BTF has them", "DMA32")
    Asked(rig, "--pid", str(os.getpid()), "--qmp", monitor).expect(3, "hotrig: pages: witness: ")
    others = [p.name for p in (rig.cache / "kernels" / "debian").iterdir() if f"debian:{p.name}" != rig.options.kernel]
    if others:
        Asked(rig, "--pid", pid, "--qmp", monitor, "--kernel", f"debian:{others[0]}").expect(3, "the one that runs is")
    run.wait().expect_outcome("PASS")


@case
def pages_without_the_right_to(rig):
    """Another user, and root without the right to trace: named errors both."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skipped("not root, or no setpriv")
    run = cycling(rig)
    pid = str(run.qemu_pid())
    Asked(rig, "--pid", pid, prefix=["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]).expect(
        3, "is that of user 0: ask as that user or as root")
    Asked(rig, "--pid", pid, prefix=["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]).expect(
        3, "may not be read", "CAP_SYS_PTRACE")
    run.wait().expect_outcome("PASS")


@case
def pages_of_a_guest_that_boots(rig):
    run = rig.start("pass", "--cold")
    until(lambda: list(rig.results.glob(".run-*/live.json")), "the guest")
    Asked(rig, next(rig.results.glob(".run-*")).name).expect(3, "not booted far enough")
    run.wait().expect_outcome("PASS")


@case
def pages_of_a_record(rig):
    run = rig.run("pass").expect_outcome("PASS")
    folder = rig.results / (rig.results / "latest").readlink()
    Asked(rig).expect(0, "no run goes on in")
    Asked(rig, "latest").expect(0, f"pass on {run.record['kernel']['release']}, state 005-end\n", "524288 pages, 2.0 GiB")
    Asked(rig, folder.name, "--state", "002-after").expect(0, "only the devices", "device d0", "65536 pages, 256 MiB")
    # what the record holds is what is printed
    with gzip.open(folder / "state-002-after.json.gz", "rt") as f:
        kept = json.load(f)
    shown = json.loads(Asked(rig, str(folder), "--state", "002-after", "--json").expect(0).out)
    check(shown["pages"] == kept["pages"] and shown["devices"] == kept["devices"], "not what is in the record")
    Asked(rig, "latest", "--state", "9").expect(2, "it has 000-start, 001-after", "005-end")
    Asked(rig, "latest", "--stop").expect(2, "is a record")
    Asked(rig, "no-such-run").expect(2, "no record and no run 'no-such-run'")
    Asked(rig, "latest", "--range", "7-").expect(2, "range '7-' is not two page frame numbers")
    Asked(rig, "--pid", str(os.getpid())).expect(2, "no run in", "--qmp")
    Asked(rig, "--pid", str(os.getpid()), "--qmp", str(rig.dir / "nothing")).expect(3, "no QEMU is behind")
    state = folder / "state-005-end.json.gz"
    replace_file(state, lambda data: data[:len(data) // 2])
    Asked(rig, "latest").expect(3, "state-005-end.json.gz' is damaged")
    replace_file(state, lambda data: gzip.compress(b'{"pages": [{"pfn": "0x0"}], "faults": []}'))
    Asked(rig, "latest").expect(3, "state-005-end.json.gz' is damaged")


@case
def pages_of_a_machine_that_crashed(rig):
    """Of a run that failed the map from outside is shown, whatever else was seen later."""
    run = rig.run("pass", agent="panics")
    run.expect_exit(1)
    Asked(rig, "latest").expect(0, "-outside\n", "589824 pages, 2.2 GiB; no struct pages in 1 range")
