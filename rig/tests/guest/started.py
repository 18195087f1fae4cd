# SPDX-License-Identifier: GPL-2.0-or-later
"""started: one `hotrig`, while it goes on and once it has ended."""
import json
import os
import pathlib
import signal
import subprocess

from leftovers import marked_processes, records_in
from verdict import Failed, PATIENCE_S, check, until


def parent_of(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return 0            # it has ended
    return int(stat.rpartition(")")[2].split()[1])


class Run:
    """One started `hotrig`: what it says and what it leaves."""

    def __init__(self, rig, process, out, err, results, command):
        self.rig, self.process, self.results, self.command = rig, process, results, command
        self._out, self._err = out, err
        self.code = None
        self.before = records_in(results)

    def _pids(self):
        """Of hotrig: {pid: that of its parent}."""
        return {pid: parent_of(pid) for pid, line in marked_processes(self.rig.mark).items()
                if f"hotrig {self.command} -r {self.results} " in line}

    @property
    def pid(self):
        """Of hotrig itself, behind a prefix that may not have become it yet."""
        def find():
            pids = self._pids()
            return [pid for pid, parent in pids.items() if parent not in pids]
        return until(find, "the process of hotrig")[0]

    def worker_pids(self):
        """Of its processes that do one run each."""
        pids = self._pids()
        return sorted(pid for pid, parent in pids.items() if parent in pids)

    def pids(self):
        """Of all its processes, but for QEMU."""
        return sorted(self._pids())

    def qemu_pids(self):
        return [pid for pid, line in marked_processes(self.rig.mark).items()
                if "socket,id=qmp,fd=" in line and pid != self.process.pid]

    def qemu_pid(self):
        return until(self.qemu_pids, "QEMU")[0]

    def stream(self, name):
        """What an unfinished record holds by now."""
        data = b""
        for folder in pathlib.Path(self.results).glob(".run-*"):
            try:
                data += (folder / name).read_bytes()
            except OSError:
                pass
        return data

    def await_stream(self, name, needle):
        def seen():
            check(self.process.poll() is None,
                  f"hotrig ended before '{needle}' was in {name}: {self.err}")
            return needle.encode() in self.stream(name)
        until(seen, f"'{needle}' in {name}")

    def await_all(self, name, needle, number):
        """Until so many unfinished records hold @needle."""
        def seen():
            check(self.process.poll() is None, f"hotrig ended before {number} had '{needle}': {self.err}")
            files = pathlib.Path(self.results).glob(f".run-*/{name}")
            return sum(needle.encode() in f.read_bytes() for f in files) >= number
        until(seen, f"'{needle}' in {name} of {number}")

    def signal(self, sig):
        os.kill(self.pid, sig)

    def wait(self, patience_s=PATIENCE_S):
        try:
            self.code = self.process.wait(patience_s)
        except subprocess.TimeoutExpired as late:
            for pid in marked_processes(self.rig.mark):
                os.kill(pid, signal.SIGKILL)
            raise Failed(f"hotrig did not end within {patience_s} s") from late
        return self

    @property
    def out(self):
        return self._out.read_text(errors="replace")

    @property
    def err(self):
        return self._err.read_text(errors="replace")

    @property
    def records(self):
        """result.json of the records that this run made, oldest first."""
        new = sorted(records_in(self.results) - self.before)
        return [json.loads((pathlib.Path(self.results) / name / "result.json").read_text())
                for name in new]

    @property
    def record(self):
        made = self.records
        check(len(made) == 1, f"{len(made)} records instead of one; stderr: {self.err}")
        return made[0]

    # --- what must be true of it ---

    def expect_exit(self, code):
        check(self.code == code, f"exit code {self.code} instead of {code}; stderr: {self.err}; "
                                 f"stdout: {self.out}")
        return self

    def expect_outcome(self, outcome, kind=None):
        r = self.record
        seen = (r["outcome"], r.get("fail_kind"))
        check(seen == (outcome, kind), f"outcome {seen} instead of {(outcome, kind)}; "
                                       f"error: {r.get('error')}; findings: {r.get('findings')}")
        return self.expect_exit({"PASS": 0, "XFAIL": 0, "FAIL": 1, "XPASS": 1, "ERROR": 3, "SKIP": 77}[outcome])

    def expect_error(self, cause, *says):
        self.expect_outcome("ERROR")
        error = self.record["error"]
        check(error["cause"] == cause, f"cause '{error['cause']}' instead of '{cause}': {error['text']}")
        for text in says:
            check(text in error["text"], f"'{error['text']}' does not say '{text}'")
        check("# ERROR " in self.out, f"no ERROR line in: {self.out}")
        return self

    def expect_finding(self, invariant, step=None, seen=None):
        for f in self.record["findings"]:
            if f["invariant"] == invariant and (not step or f["step"] == step) and \
               (not seen or seen in json.dumps(f["seen"])):
                return self
        raise Failed(f"no finding {invariant} {step} {seen} in {self.record['findings']}")

    def expect_refused(self, code, *says):
        """No record at all, one message of one line that helps."""
        self.expect_exit(code)
        check(not self.records, "a record of a run that never began")
        lines = [line for line in self.err.splitlines() if line.startswith("hotrig: ")]
        check(len(lines) == 1, f"not one message but {lines}; stderr: {self.err}")
        for text in says:
            check(text in lines[0], f"'{lines[0]}' does not say '{text}'")
        return self
