# SPDX-License-Identifier: GPL-2.0-or-later
"""harness: one case at a time, each in a process of its own, and what must be true behind it.

A case is a function that takes a Rig.  Whatever it does, nothing may be left: no process, no
zombie, no named socket, no mount, no file outside its own folder, no unfinished record.  Processes
are found by a word in their environment, so that cases may run beside each other.
"""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from leftovers import MARK, Leftovers, records_in
from started import Run
from verdict import PATIENCE_S, Skipped

BUSY_TRIES = 5
PR_SET_CHILD_SUBREAPER = 36
NOBODY = 65534
HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parents[2]


def heed_signals():
    """A background job of a shell ignores ^C, and so would what it starts."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.SIG_DFL)


class Rig:
    """What a case works with: private folders, and ways to start the rig."""

    def __init__(self, name, options):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.name, self.options = name, options
        self.mark = f"{name}.{os.getpid()}"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=options.work))
        self.results = self.dir / "results"
        self.tmp = self.dir / "tmp"
        self.home = self.dir / "home"
        for folder in (self.tmp, self.home):
            folder.mkdir()
        self.cache = options.work / "cache"
        self.user_prefix = []
        self.dir.chmod(0o755)
        self.orphans_allowed = False
        self.sealed = {}        # earlier records, with their time
        self.leftovers = Leftovers(self)

    # --- preparing ---

    def become_user(self):
        """From here on runs happen as an ordinary user, with folders and a cache of his own."""
        if os.geteuid() != 0:
            return
        if not shutil.which("setpriv"):
            raise Skipped("no setpriv")
        self.private_cache()
        self.results.mkdir(exist_ok=True)
        for top in (self.results, self.tmp, self.home):
            os.chown(top, NOBODY, NOBODY)
        for folder, _, files in os.walk(self.cache):
            os.chown(folder, NOBODY, NOBODY)
            for f in files:
                if f == "lock":
                    os.chown(os.path.join(folder, f), NOBODY, NOBODY)
        self.user_prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]

    def private_cache(self):
        """Hard links: whoever damages a file must replace it."""
        if self.cache != self.options.work / "cache":
            return
        self.cache = self.dir / "cache"
        link_tree(self.options.work / "cache", self.cache)

    def earlier_record(self):
        """A record from before, that nobody may touch."""
        folder = self.results / "20200101T000000Z-before-0-1"
        folder.mkdir(parents=True)
        (folder / "result.json").write_text('{"outcome": "PASS"}\n')
        latest = self.results / "latest"
        if not latest.is_symlink():
            latest.symlink_to(folder.name)
        self.sealed[folder] = (folder / "result.json").stat().st_mtime_ns

    @staticmethod
    def records(results):
        return records_in(results)

    def scenario(self, name, **replace):
        text = (HERE / "scenarios" / f"{name}.json").read_text()
        for key, value in replace.items():
            text = text.replace(f"@{key}@", value)
        path = self.dir / f"{name}.json"
        path.write_text(text)
        return str(path)

    def script(self, name, text, interpreter="/bin/sh"):
        path = self.dir / name
        path.write_text(f"#!{interpreter}\n{text}\n")
        path.chmod(0o755)
        return str(path)

    # --- running ---

    def start(self, scenario="pass", *args, kernel=None, results=None, accel="tcg", prefix=(), command="run", **how):
        if not scenario.endswith(".json") and "/" not in scenario:
            scenario = self.scenario(scenario)
        results = results or self.results
        if command == "run":
            args = ["-k", kernel or self.options.kernel, *args]
        argv = [*prefix, *self.user_prefix, self.options.hotrig, *command.split(), "-r", str(results), "-a", accel,
                *args, scenario]
        return self.spawn(argv, results, command, **how)

    def spawn(self, argv, results, command, agent=None, env=None, stdout=None, cwd=None):
        """Start a program, `hotrig COMMAND -r RESULTS ...`, that sees nothing of this machine's own rig."""
        number = len(list(self.dir.glob("out.*")))
        out, err = self.dir / f"out.{number}", self.dir / f"err.{number}"
        environ = {k: v for k, v in os.environ.items()
                   if not k.startswith("HOTRIG_") and not k.startswith("XDG_")}
        environ.update({
            MARK: self.mark, "HOME": str(self.home), "TMPDIR": str(self.tmp),
            "HOTRIG_CACHE": str(self.cache), "HOTRIG_DATA": str(TREE),
            # whatever asks the network must get an answer at once
            "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
        })
        if agent:
            environ["HOTRIG_AGENT"] = str(self.options.agents / agent) if "/" not in agent else agent
        environ.update(env or {})
        with open(stdout or out, "wb") as o, open(err, "wb") as e:
            out.touch()
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=o, stderr=e,
                                       env=environ, cwd=cwd or TREE, start_new_session=True,
                                       preexec_fn=heed_signals)
        return Run(self, process, out, err, results, command)

    def run(self, *args, patience_s=PATIENCE_S, **how):
        """Start and wait.  On a busy machine the rig rightly blames nobody for lost time: again then."""
        for _ in range(BUSY_TRIES):
            run = self.start(*args, **how).wait(patience_s)
            if "the vCPUs got no processor" not in run.out:
                break
        return run


def find_kernel(cache, wanted):
    """The newest cached release of a series, named exactly, so that nobody asks the network; else None."""
    def order(release):
        return [int(n) if n.isdigit() else 0 for n in release.split("-")[0].split("+")[0].split(".")]
    found = sorted((p.name for p in (cache / "kernels" / "debian").glob("*")
                    if p.name.startswith(f"{wanted}.")), key=order)
    return f"debian:{found[-1]}" if found else None


def link_tree(source, target):
    """A copy of hard links, without lock files and what others are just writing."""
    def copy(src, dst):
        name = os.path.basename(src)
        if name == "lock":
            return
        try:
            os.link(src, dst)
        except FileNotFoundError:
            return
        except OSError:
            shutil.copy2(src, dst)
    shutil.copytree(source, target, copy_function=copy, symlinks=True,
                    ignore=shutil.ignore_patterns("*.tmp.*", "tmp.*", "apt", "templates", "builds", "objects",
                                                  "sources", "patched", "bisect"))


def replace_file(path, change):
    """Write a changed copy over @path, leaving whoever shares it by a hard link alone."""
    data = bytearray(path.read_bytes())
    data = change(data) or data
    path.unlink()
    path.write_bytes(data)
