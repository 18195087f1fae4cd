# SPDX-License-Identifier: GPL-2.0-or-later
"""Templates that are damaged, of another machine, or cannot be made: each run passes all the same."""
import os
import shutil
import subprocess

from bad_host import can_mount, mount_options
from stock import EXIT_OK, EXIT_TROUBLE, Stock, adopt, expect_note
from verdict import Skipped, case, check

RAM_MIB = 2048


def cut_half(path):
    os.truncate(path, path.stat().st_size // 2)


def flip_middle(path, at=None):
    """In place, so that the memory keeps its inode."""
    with open(path, "r+b") as f:
        f.seek(at if at is not None else path.stat().st_size // 2)
        byte = f.read(1)
        f.seek(-1, os.SEEK_CUR)
        f.write(bytes([byte[0] ^ 0xff]))


def first_page_with_data(path):
    with open(path, "rb") as f:
        return os.lseek(f.fileno(), 0, os.SEEK_DATA)


def other_key(path):
    text = path.read_text()
    at = text.index('"key": "') + len('"key": "')
    path.write_text(text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1:])


# What is done to which file, and what the rig says of it.
DAMAGES = (
    ("manifest.json", lambda path: path.write_text("{ rubbish"), "'manifest.json' is damaged"),
    ("manifest.json", lambda path: path.write_text("[]"), "'manifest.json' is of another version"),
    ("manifest.json", os.unlink, "'manifest.json' is gone"),
    ("state", cut_half, "'state' has another size"),
    ("state", flip_middle, "'state' has other bytes"),
    ("answers.json", flip_middle, "'answers.json' has other bytes"),
    ("console.log", os.unlink, "'console.log' is gone"),
    ("ram0", cut_half, "'ram0' has another size"),
    ("ram0", os.unlink, "'ram0' is gone"),
    ("ram0", flip_middle, "'ram0' was written to"),
)


def separate(folder, name):
    """A file of its own in place of a hard link."""
    copy = folder / "copy"
    subprocess.run(["cp", "--sparse=always", str(folder / name), str(copy)], check=True)
    copy.rename(folder / name)


@case
def template_damages_are_named(rig):
    """One after the other, each on a template that was sound."""
    with Stock(rig) as stock:
        original = stock.fill()
        for number, (name, damage, says) in enumerate(DAMAGES):
            with Stock(rig, f"damaged-{number}") as other:
                other.dir.mkdir()
                copy = other.dir / original.name
                subprocess.run(["cp", "-rl", str(original), str(copy)], check=True)
                separate(copy, "manifest.json")
                if name != "manifest.json":
                    separate(copy, name)
                    adopt(copy, name)
                check("damage" not in other.listed()[copy.name], f"damaged before: {other.listed()}")
                damage(copy / name)
                check(says in other.listed()[copy.name].get("damage", ""), f"{other.listed()} does not say {says}")
                seen = other.template("verify")
                check(seen.returncode == EXIT_TROUBLE and says in seen.stderr, f"verify: {seen}")
        stock.expect_sound()


def made_anew(name, file, damage, says):
    def run(rig):
        with Stock(rig) as stock:
            copy = stock.fill()
            damage(copy / file)
            r = expect_note(stock.run("pass"), says, copy.name)
            check(r.record["template"] == copy.name, f"it started from {r.record.get('template')}")
            stock.expect_sound()
    run.__name__ = f"template_{name}"
    case(run)


made_anew("manifest_rubbish", "manifest.json", lambda path: path.write_text("{ rubbish"), "is damaged")
made_anew("memory_gone", "ram0", os.unlink, "is gone")
made_anew("of_another_machine", "manifest.json", other_key, "of another machine")


@case
def template_byte_changed(rig):
    """As a broken disk does it, with no trace: the whole is checked on demand."""
    with Stock(rig) as stock:
        memory = stock.fill() / "ram0"
        st = memory.stat()
        flip_middle(memory, first_page_with_data(memory))
        os.utime(memory, ns=(st.st_atime_ns, st.st_mtime_ns))
        check("damage" not in stock.listed()[stock.only.name], "list reads all of the memory")
        seen = stock.template("verify", stock.only.name)
        check(seen.returncode == EXIT_TROUBLE and "'ram0' has other bytes" in seen.stderr, f"verify: {seen}")
        check(stock.template("drop", stock.only.name).returncode == EXIT_OK and not stock.names(), "drop")


@case
def template_of_another_qemu(rig):
    """Another program is another template, and the first one stays."""
    with Stock(rig) as stock:
        original = stock.fill()
        qemu = rig.script("qemu", 'exec qemu-system-x86_64 "$@"')
        r = stock.run("pass", "-q", qemu).expect_outcome("PASS")
        check(r.record["template"] != original.name, "it started from the template of another QEMU")
        stock.expect_sound(2)


@case
def template_refused_by_qemu(rig):
    """All sums are right, but QEMU cannot take it: the run boots, and nobody tries again."""
    with Stock(rig) as stock:
        copy = stock.fill()
        (copy / "state").write_bytes(b"rubbish" * 1000)
        adopt(copy, "state")
        r = expect_note(stock.run("pass"), "booted, because its template could not be used", "load of migration failed")
        check("template" not in r.record, f"it started from {r.record.get('template')}")
        stock.expect_sound(0)


# --- no room --------------------------------------------------------------------------------------

def no_room(name, kib, *says):
    """A small disk for the templates; what is left on it is told before it goes with its namespace."""
    def run(rig):
        if not shutil.which("unshare") or not can_mount():
            raise Skipped("no right to mount a tmpfs in a namespace")
        disk, left = rig.dir / "disk", rig.dir / "left"
        disk.mkdir()
        script = rig.script("in-namespace", f'''
disk=$1 left=$2; shift 2
mount -t tmpfs -o size={kib}k none "$disk" || exit 99
"$@"; code=$?
ls -A "$disk" >"$left"
exit $code''')
        r = rig.run("pass", prefix=["unshare", *mount_options(), script, str(disk), str(left)],
                    env={"HOTRIG_TEMPLATES": str(disk)})
        expect_note(r, *says)
        check("template" not in r.record, f"it started from {r.record.get('template')}")
        check(all(entry.endswith("lock") for entry in left.read_text().split()), f"left: {left.read_text()}")
    run.__name__ = f"template_{name}"
    case(run)


no_room("no_room_for_memory", 1 << 20, "no room for a template of 2048 MiB", "No space left on device",
        "HOTRIG_TEMPLATES", "--cold")
no_room("no_room_for_state", (RAM_MIB << 10) + 100, "No space left on device")


@case
def template_limit_too_small(rig):
    with Stock(rig) as stock:
        r = rig.run("pass", env={**stock.env, "HOTRIG_TEMPLATE_MIB": "100"})
        expect_note(r, "does not fit into the 100 MiB for templates", "HOTRIG_TEMPLATE_MIB", "--cold")
        stock.expect_sound(0)


@case
def template_folder_cannot_be_made(rig):
    r = rig.run("pass", env={"HOTRIG_TEMPLATES": "/proc/nothing"})
    expect_note(r, "/proc/nothing", "template")


# --- guests of which none is made -----------------------------------------------------------------

def none_made(name, scenario, agent=None):
    """A machine that does not come up is the run's own result, the same as without templates."""
    def run(rig):
        with Stock(rig) as stock:
            warm = stock.run(scenario, agent=agent).record
            stock.expect_sound(0)
            cold = stock.run(scenario, "--cold", agent=agent).record
            verdicts = [(r["outcome"], r.get("fail_kind"), r.get("error"), [f["invariant"] for f in r["findings"]])
                        for r in (warm, cold)]
            check(verdicts[0] == verdicts[1] and verdicts[0][0] in ("FAIL", "ERROR"), f"verdicts {verdicts}")
    run.__name__ = f"template_of_{name}"
    case(run)


none_made("a_panic", "wrong-init")
none_made("a_dead_agent", "pass", "stillborn")
