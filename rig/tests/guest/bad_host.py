# SPDX-License-Identifier: GPL-2.0-or-later
"""Full disks, folders without permission, several runs at once, ordinary users."""
import os
import shutil
import subprocess

from harness import NOBODY
from verdict import case, check, Skipped


def can_mount():
    return subprocess.run(["unshare", *mount_options(), "mount", "-t", "tmpfs", "none", "/mnt"],
                          capture_output=True, check=False).returncode == 0


def mount_options():
    return ["-m"] if os.geteuid() == 0 else ["-Ur", "-m"]


def full_disk(rig, size, free_bytes_left):
    """Run with results on a small disk that the run fills; what was on it is copied out."""
    if not shutil.which("unshare") or not can_mount():
        raise Skipped("no right to mount a tmpfs in a namespace")
    rig.earlier_record()
    before, disk = rig.dir / "before", rig.dir / "disk"
    rig.results.rename(before)
    disk.mkdir()
    script = rig.script("in-namespace", f'''
disk=$1 before=$2 after=$3; shift 3
mount -t tmpfs -o size={size} none "$disk" || exit 99
cp -a "$before/." "$disk"
head -c {free_bytes_left} /dev/zero >"$disk/.ballast"
"$@"; code=$?
rm "$disk/.ballast"
cp -a "$disk" "$after"
exit $code''')
    run = rig.start("pass", results=disk, prefix=["unshare", *mount_options(), script, str(disk), str(before),
                                                  str(rig.results)])
    run.wait()
    rig.sealed = {rig.results / p.name: t for p, t in rig.sealed.items()}
    return run


@case
def disk_full_in_the_run(rig):
    run = full_disk(rig, "200k", 0)
    run.expect_exit(3)
    check("No space left on device" in run.err and "--results" in run.err, run.err)
    check(sorted(p.name for p in rig.results.iterdir()) == ["20200101T000000Z-before-0-1", "latest"],
          f"left: {list(rig.results.iterdir())}")


@case
def disk_full_at_once(rig):
    run = full_disk(rig, "16k", 65536)
    run.expect_exit(3)
    check("No space left on device" in run.err, run.err)
    check(sorted(p.name for p in rig.results.iterdir()) == ["20200101T000000Z-before-0-1", "latest"],
          f"left: {list(rig.results.iterdir())}")


@case
def stdout_full(rig):
    run = rig.run("skip", stdout="/dev/full")
    run.expect_exit(77 if "cannot write to standard output" not in run.err else 3)


@case
def results_is_a_file(rig):
    path = rig.dir / "file"
    path.write_text("")
    rig.run("pass", results=path).expect_refused(3, "--results", str(path))


@case
def results_cannot_be_made(rig):
    rig.run("pass", results="/proc/nothing/results").expect_refused(3, "--results", "/proc/nothing")


@case
def results_unwritable(rig):
    rig.become_user()
    folder = rig.dir / "closed"
    folder.mkdir(mode=0o555)
    rig.run("pass", results=folder).expect_refused(3, str(folder), "Permission denied", "--results")


@case
def results_latest_is_no_link(rig):
    (rig.results / "latest").mkdir(parents=True)
    run = rig.run("skip")
    run.expect_exit(3)
    check("is not a link: move it away" in run.err, run.err)
    check([p.name for p in rig.results.iterdir()] == ["latest"], f"left: {list(rig.results.iterdir())}")
    (rig.results / "latest").rmdir()


@case
def cache_unwritable(rig):
    rig.become_user()
    closed = rig.dir / "closed-cache"
    closed.mkdir(mode=0o555)
    rig.run("pass", kernel=str(next((rig.cache / "kernels").rglob("vmlinuz-*"))),
            env={"HOTRIG_CACHE": str(closed)}).expect_exit(3)
    check("Permission denied" in (rig.dir / "err.0").read_text() + (rig.dir / "out.0").read_text(),
          (rig.dir / "err.0").read_text())


@case
def two_at_once(rig):
    """Same results, same cache: both end well, and latest is one of them."""
    rig.earlier_record()
    runs = [rig.start("pass"), rig.start("pass")]
    for run in runs:
        run.wait(90)
    for run in runs:
        run.expect_exit(0)
    made = rig.records(rig.results)
    check(len(made) == 3, f"records: {made}")
    check(os.readlink(rig.results / "latest") in made - {"20200101T000000Z-before-0-1"}, "latest is neither")


@case
def other_run_is_not_swept(rig):
    """A run that begins must leave the unfinished record of one that lives alone."""
    run = rig.start("pass")
    run.await_stream("console.log", "Linux version")
    rig.run("skip").expect_exit(77)
    check(list(rig.results.glob(".run-*")), "the unfinished record of the other run is gone")
    run.wait().expect_exit(0)


@case
def ordinary_user(rig):
    rig.become_user()
    rig.earlier_record()
    rig.run("pass").expect_outcome("PASS")
    owners = {p.stat().st_uid for p in rig.results.glob("2026*") for p in [p, *p.iterdir()]}
    check(os.geteuid() != 0 or owners <= {NOBODY}, f"owners {owners}")


@case
def ordinary_user_interrupted(rig):
    rig.become_user()
    run = rig.start("pass")
    run.await_stream("qmp.jsonl", "device_add")
    run.signal(2)
    run.wait(20).expect_error("interrupted", "SIGINT")
