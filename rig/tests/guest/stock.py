# SPDX-License-Identifier: GPL-2.0-or-later
"""stock: a folder of templates of one case, and copies of templates that others have made."""
import hashlib
import json
import os
import shutil
import subprocess

from leftovers import MARK
from verdict import check

EXIT_OK, EXIT_TROUBLE = 0, 3


class Stock:
    """HOTRIG_TEMPLATES of a case: what is in it, and runs that use it."""

    def __init__(self, rig, name="templates"):
        self.rig, self.dir = rig, rig.dir / name
        self.env = {"HOTRIG_TEMPLATES": str(self.dir)}

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """They are large: those of a case that failed are kept for whoever looks into it."""
        if not kind:
            shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, *args, **how):
        return self.rig.run(*args, **how, env=self.env)

    def start(self, *args, **how):
        return self.rig.start(*args, **how, env=self.env)

    def template(self, *args):
        """`hotrig template ARGS`, ended."""
        environ = {**os.environ, **self.env, MARK: self.rig.mark, "HOME": str(self.rig.home)}
        return subprocess.run([self.rig.options.hotrig, "template", *args], env=environ, capture_output=True,
                              text=True, check=False)

    def names(self):
        return sorted(p.name for p in self.dir.glob("*-*") if p.is_dir() and not p.name.startswith("tmp."))

    def unfinished(self):
        return sorted(p.name for p in self.dir.glob("tmp.*"))

    @property
    def only(self):
        """The folder of the one template that is there."""
        check(len(self.names()) == 1, f"templates {self.names()} instead of one")
        return self.dir / self.names()[0]

    def listed(self):
        """What `template list` says, by name."""
        shown = self.template("list", "--json")
        check(shown.returncode == EXIT_OK, shown.stderr)
        return {entry["name"]: entry for entry in map(json.loads, shown.stdout.splitlines())}

    def expect_sound(self, number=1):
        """So many templates, every byte as it was saved, and nothing half-made beside them."""
        check(not self.unfinished(), f"half-made templates are left: {self.unfinished()}")
        check(len(self.names()) == number, f"templates {self.names()} instead of {number}")
        seen = self.template("verify")
        check(seen.returncode == EXIT_OK and seen.stdout.count("as it was saved") == number,
              f"template verify: {seen.stdout}{seen.stderr}")

    def fill(self, scenario="pass", *args):
        """A copy of the template that @scenario starts from; the original is shared and stays as it is."""
        run = self.rig.run(scenario, *args).expect_exit(0)
        name = run.record["template"]
        self.dir.mkdir(exist_ok=True)
        target = self.dir / name
        subprocess.run(["cp", "-r", "--sparse=always", str(self.rig.cache / "templates" / name), str(target)],
                       check=True)
        adopt(target, "ram0")
        return target


def adopt(folder, *names):
    """The manifest tells of @names as they are now, as if they had been saved like this."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    for name in names:
        about, st = manifest["files"][name], (folder / name).stat()
        about["bytes"] = st.st_size
        if "inode" in about:
            about["inode"] = st.st_ino
            about["changed"] = f"{st.st_mtime_ns // 10**9}.{st.st_mtime_ns % 10**9:09}"
        else:
            about["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest))


def notes(record):
    return [note["text"] for note in record.get("notes", [])]


def expect_note(run, *says):
    """The run passed, and tells in one note what was amiss with templates."""
    run.expect_outcome("PASS")
    check(any(all(text in note for text in says) for note in notes(run.record)),
          f"no note says {says}: {notes(run.record)}")
    return run


def boots(folder):
    """How many guests said hello in a record: only one that boots does."""
    return (folder / "agent.jsonl").read_text().count('\\"HOTRIG\\"')
