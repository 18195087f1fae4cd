# SPDX-License-Identifier: GPL-2.0-or-later
"""leftovers: what a case must not leave behind, compared before and after.

Processes are found by a word in their environment, so that cases may run beside each other.
"""
import json
import os
import pathlib
import re
import signal
import time

from verdict import check

MARK = "HOTRIG_TEST_CASE"


def marked_processes(mark):
    """Processes of this case: {pid: command line}."""
    found = {}
    wanted = f"{MARK}={mark}".encode()
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as f:
                environ = f.read().split(b"\0")
            if wanted in environ:
                with open(f"/proc/{entry}/cmdline", "rb") as f:
                    found[int(entry)] = f.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue        # it ended, or is somebody else's
    return found


def records_in(results):
    """Names of the complete records of a results folder, where bisects have their journals, too."""
    path = pathlib.Path(results)
    if not path.is_dir():
        return set()
    return {p.name for p in path.iterdir()
            if p.is_dir() and not p.is_symlink() and not p.name.startswith((".", "bisect-"))}


class Leftovers:
    def __init__(self, rig):
        self.rig = rig
        self.sockets = self._sockets()
        self.mounts = self._mounts()
        self.litter = self._litter()

    def _sockets(self):
        with open("/proc/net/unix", encoding="utf-8", errors="replace") as f:
            names = {line.split(None, 7)[7].strip() for line in f if len(line.split(None, 7)) > 7}
        return {n for n in names if "hotrig" in n or "qemu" in n or str(self.rig.dir) in n}

    def _mounts(self):
        """Only ours: the machine may mount and unmount what it likes meanwhile."""
        with open("/proc/self/mountinfo", encoding="utf-8") as f:
            places = {line.split()[4] for line in f}
        return {p for p in places if "hotrig" in p or p.startswith(str(self.rig.options.work))}

    @staticmethod
    def _litter():
        return {os.path.join(top, name) for top in ("/tmp", "/var/tmp", "/dev/shm", "/dev/hugepages")
                if os.path.isdir(top) for name in os.listdir(top)
                if re.search(r"hotrig|qemu|^vl\.|memory-backend", name) and
                not re.match(r"hotrig-(bench|guest|test|unit)[-.]", name)}     # of other tests under way

    def _reap(self):
        """Everything that hotrig left behind became our child; count what is not gone by itself."""
        end = time.monotonic() + 5
        left = []
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return left
            if pid:
                left.append(pid)
            elif time.monotonic() > end:
                return left + ["one that lives"]
            else:
                time.sleep(0.01)

    def kill_all(self):
        """What a case that failed in the midst of it has left behind must not disturb the others."""
        for pid in marked_processes(self.rig.mark):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self._reap()

    def check_none(self):
        orphans = self._reap()
        check(self.rig.orphans_allowed or not orphans, f"children left to init: {orphans}")
        check("one that lives" not in orphans, "a child outlives hotrig")
        left = marked_processes(self.rig.mark)
        check(not left, f"processes are left: {left}")
        check(not self._sockets() - self.sockets, f"sockets are left: {self._sockets()}")
        check(not self._mounts() - self.mounts, f"mounts are left: {self._mounts()}")
        for path in self._litter() - self.litter:
            check(path.startswith(str(self.rig.options.work)), f"'{path}' is left")
        check(not list(self.rig.tmp.iterdir()), f"left in TMPDIR: {list(self.rig.tmp.iterdir())}")
        check(not list(self.rig.home.iterdir()), f"left in HOME: {list(self.rig.home.iterdir())}")
        self._check_cache()
        self.check_results(self.rig.results)

    def _check_cache(self):
        for folder, folders, files in os.walk(self.rig.cache):
            for name in folders + files:
                m = re.search(r"\.tmp\.(\d+)$", name)
                check(not m or os.path.exists(f"/proc/{m.group(1)}"),
                      f"'{folder}/{name}' is left in the cache")

    def check_results(self, results):
        path = pathlib.Path(results)
        if not path.is_dir():
            return
        for p in path.iterdir():
            check(not p.name.startswith(".run-"), f"unfinished record '{p.name}' is left")
            check(".tmp." not in p.name, f"'{p.name}' is left")
        for name in records_in(path):
            record = path / name / "result.json"
            check(record.is_file(), f"record '{name}' has no result.json")
            check("outcome" in json.loads(record.read_text()), f"record '{name}' has no outcome")
        if records_in(path):
            latest = path / "latest"
            check(latest.is_symlink() and (latest / "result.json").is_file(), "'latest' points nowhere")
        for folder, mtime in self.rig.sealed.items():
            check([p.name for p in folder.iterdir()] == ["result.json"] and
                  (folder / "result.json").stat().st_mtime_ns == mtime, "an earlier record was touched")
