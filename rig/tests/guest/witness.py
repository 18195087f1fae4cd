# SPDX-License-Identifier: GPL-2.0-or-later
"""The second witness: dead guests it speaks of, liars it finds out, faults that it confirms."""
import gzip
import json
import os
import shutil
import socket
import struct

from clone import Link
from harness import find_kernel
from same import states
from stock import notes
from verdict import Skipped, case, check, until

BOOT_PAGES, DIMM_PAGES = (2 << 30) // 4096, (256 << 20) // 4096
DIMM_PFN = (4 << 30) // 4096
LAST_PFN = DIMM_PFN + DIMM_PAGES - 1
BY_BOTH, BY_ONE = ["agent", "outside"], ["outside"]


def newest(rig):
    return rig.results / (rig.results / "latest").readlink()


# --- machines that cannot be asked any more ----------------------------------------------------------

def expect_autopsy(rig, run, pages, zone=None):
    """The record of a dead machine holds all of its pages and its sections, as they were in the end."""
    check(run.record["outside"] == {"layout": "BTF"} and not notes(run.record), str(run.record))
    last = sorted(newest(rig).glob("state-*.json.gz"))[-1]
    check(last.name.endswith("-outside.json.gz"), f"the last state is {last.name}")
    state = json.loads(gzip.decompress(last.read_bytes()))
    check(state["whole"] and state["seen_by"] == BY_ONE and not state["faults"], str(state["seen_by"]))
    check(sum(r["nr"] for r in state["pages"]) == pages, f"{sum(r['nr'] for r in state['pages'])} pages")
    check(sum(s["nr"] for s in state["sections"]) * 32768 == pages, str(state["sections"]))
    check(all(int(s["marks"], 16) & 3 == 3 for s in state["sections"]), str(state["sections"]))
    check(sum(z["present"] for n in state["nodes"] for z in n["zones"]) > BOOT_PAGES * 9 // 10, str(state["nodes"]))
    seen = {r["zone"] for r in state["pages"] if int(r["pfn"], 16) >= DIMM_PFN}
    check(seen == ({zone} if zone else set()), f"zones of the DIMM: {seen}")


@case
def witness_of_a_panic(rig):
    run = rig.run("pass", agent="panics").expect_outcome("FAIL", "crash")
    expect_autopsy(rig, run, BOOT_PAGES + DIMM_PAGES, "Movable")


@case
def witness_of_a_hang(rig):
    run = rig.run("hang").expect_outcome("FAIL", "hang")
    expect_autopsy(rig, run, BOOT_PAGES + DIMM_PAGES, "Movable")


@case
def witness_of_a_dead_agent(rig):
    run = rig.run("pass", agent="dies").expect_error("agent", "the guest agent died")
    expect_autopsy(rig, run, BOOT_PAGES)


@case
def witness_of_a_panic_at_boot(rig):
    run = rig.run("wrong-init").expect_outcome("FAIL", "boot")
    expect_autopsy(rig, run, BOOT_PAGES)


@case
def witness_comes_too_early(rig):
    """A kernel that dies before it makes its note leaves nothing to find the rest by."""
    run = rig.run("early-death").expect_outcome("FAIL", "boot")
    check("outside" not in run.record and not states(newest(rig)), "what was it read by?")
    check(any("no VMCOREINFO note" in n and "not booted far enough" in n for n in notes(run.record)), str(run.record))


# --- an agent that lies: whatever it says, the kernel is not to blame --------------------------------

def perjury(lie, invariant, names_page=True):
    def run(rig):
        r = rig.run(rig.scenario("perjury", LIE=lie), agent="perjurer")
        r.expect_error("agent", "the agent and the reader from outside disagree", invariant)
        r.expect_finding(invariant, "3 run tell-a-lie")
        for f in r.record["findings"]:
            if f["invariant"] == invariant:
                check((f.get("first_pfn"), f.get("nr_pfns")) == ((LAST_PFN, 1) if names_page else (None, None)), str(f))
    run.__name__ = f"witness_of_perjury_{lie}"
    case(run)


perjury("hidden", "witness.pages")
perjury("zone", "witness.pages")
perjury("refcount", "witness.pages")        # of a free page, which may change hands
perjury("reserved", "witness.pages")        # and its exported flags say the same
perjury("section", "witness.sections", names_page=False)
perjury("managed", "witness.nodes", names_page=False)


@case
def witness_of_perjury_later(rig):
    """As long as what it lies about is not there, the liar tells the truth."""
    r = rig.run(rig.scenario("perjury", LIE="offlined"), agent="perjurer")
    r.expect_error("agent", "disagree", "witness.pages").expect_finding("witness.pages", "4 offline d0", "refcount=0")
    check([s["outcome"] for s in r.record["steps"]][:4] == ["PASS", "PASS", "PASS", "ERROR"], str(r.record["steps"]))


@case
def witness_of_the_truth(rig):
    rig.run(rig.scenario("perjury", LIE="nothing"), agent="perjurer").expect_outcome("PASS")


# --- a kernel that is wrong: the test spoils struct pages itself -------------------------------------

VMEMMAP = 0xffffea0000000000    # four-level tables, no KASLR
PAGE_BYTES = 64
FLAGS_AT, FLAGS_FORMAT = 0, "<Q"
REFCOUNT_AT, REFCOUNT_FORMAT = 52, "<i"
NAMED_FLAGS = (1 << 22) - 1     # zone and node are above
RESERVED = 1 << 12 | 1 << 13    # of 6.1, of 6.12; the other bit means nothing there
BIOS_PFN = 0xf0                 # a reserved page that is no RAM: nobody uses it


class Memory:
    """Struct pages of a guest that runs, by way of QEMU's own translation and not of the rig's."""

    def __init__(self, rig, run):
        self.folder = next(rig.results.glob(".run-*"))
        fd = os.open(self.folder, os.O_PATH)        # a socket's path is short, a folder's is not
        link = socket.socket(socket.AF_UNIX)
        link.connect(f"/proc/self/fd/{fd}/monitor")
        os.close(fd)
        self.monitor = Link(link)
        self.monitor.receive()
        self.monitor.ask("qmp_capabilities")
        self.mem = open(f"/proc/{run.qemu_pid()}/mem", "r+b", buffering=0)

    def close(self):
        self.mem.close()
        self.monitor.sock.close()

    def address(self, command, address):
        said = self.monitor.ask("human-monitor-command", command_line=f"{command} {address:#x}")
        check("0x" in said, f"{command}: {said}")
        return int(said.split("0x")[-1], 16)

    def change(self, pfn, offset, form, change):
        guest = self.address("gva2gpa", VMEMMAP + pfn * PAGE_BYTES)
        self.mem.seek(self.address("gpa2hva", guest) + offset)
        value, = struct.unpack(form, self.mem.read(struct.calcsize(form)))
        self.mem.seek(-struct.calcsize(form), os.SEEK_CUR)
        self.mem.write(struct.pack(form, change(value)))

    def holder(self, pfn):
        """The page that holds the struct page of another."""
        return self.address("gva2gpa", VMEMMAP + pfn * PAGE_BYTES) // 4096


def looked_at(run, step):
    check(run.process.poll() is None, f"hotrig ended before step {step}: {run.err}{run.out}")
    return list(run.results.glob(f".run-*/state-{step:03}-after.json.gz"))


def spoiled(rig, argument, spoil, **how):
    """A run in which @spoil happens while a DIMM that was offlined again waits for its removal."""
    run = rig.start(rig.scenario("wait-for-power", ARG=argument), **how)
    until(lambda: looked_at(run, 3), "the look at the offline DIMM")
    memory = Memory(rig, run)
    spoil(memory)
    memory.monitor.ask("system_powerdown")
    memory.close()
    return run.wait()


def three_faults(memory):
    memory.change(memory.holder(LAST_PFN), FLAGS_AT, FLAGS_FORMAT, lambda flags: flags | RESERVED)
    memory.change(LAST_PFN, REFCOUNT_AT, REFCOUNT_FORMAT, lambda _: 7)
    memory.change(BIOS_PFN, FLAGS_AT, FLAGS_FORMAT, lambda flags: flags & ~NAMED_FLAGS)


def expect_faults_found(rig, run, readers):
    """As the kernel's, each once, and the first one where it was made."""
    run.expect_outcome("FAIL", "invariant")
    found = [(f["invariant"], f["step"], f.get("first_pfn"), f.get("nr_pfns")) for f in run.record["findings"]]
    check(("page.refcount", "4 await POWERDOWN", LAST_PFN, 1) in found, str(found))
    check(("boot.reserved", "end", BIOS_PFN, 1) in found, str(found))
    held = [f for f in found if f[0] == "memmap.held"]
    check(len(held) == 1 and held[0][1] == "4 await POWERDOWN" and held[0][2] < BOOT_PAGES and held[0][3] == 1, str(found))
    check(not any(f[0].startswith("witness.") for f in found), str(found))
    for name, state in states(newest(rig)).items():
        if name.startswith("state-004-"):
            check(state["seen_by"] == readers, f"{name} was seen by {state['seen_by']}")


def wrong_kernel(series):
    def run(rig):
        kernel = find_kernel(rig.cache, series)
        if not kernel:
            raise Skipped(f"no kernel {series} in the cache")
        expect_faults_found(rig, spoiled(rig, "lockdown=none", three_faults, kernel=kernel), BY_BOTH)
    run.__name__ = f"witness_of_a_wrong_kernel_{series.replace('.', '_')}"
    case(run)


wrong_kernel("6.1")
wrong_kernel("6.12")


@case
def witness_alone(rig):
    """A kernel that lets nobody read it from inside: what is right is right, and what is wrong is found."""
    run = spoiled(rig, "lockdown=confidentiality", lambda memory: None).expect_outcome("PASS")
    record = run.record
    check(record["memmap"]["reader"] == "kpageflags" and "BPF" in record["memmap"]["reader_why"], str(record["memmap"]))
    check(record["outside"] == {"layout": "BTF"} and not notes(record), str(record))
    seen = {name: state["seen_by"] for name, state in states(newest(rig)).items()}
    check(len(seen) == 7 and all(who == BY_ONE for who in seen.values()), str(seen))
    (rig.results / "latest").unlink()
    expect_faults_found(rig, spoiled(rig, "lockdown=confidentiality", three_faults), BY_ONE)


# --- machines of another kind ------------------------------------------------------------------------

@case
def witness_of_other_tables(rig):
    run = rig.run("other-tables").expect_outcome("PASS")
    check(run.record["outside"] == {"layout": "BTF"} and not notes(run.record), str(run.record))


@case
def witness_may_not_read(rig):
    """A program that its user may not read must not be read by him while it runs either."""
    if os.geteuid() != 0:
        raise Skipped("not root, so that no program is out of reach")
    rig.become_user()
    program = rig.dir / "usr" / "bin" / "qemu-system-x86_64"
    program.parent.mkdir(parents=True)
    for folder in ("lib", "share"):         # it looks for its modules and firmware beside itself
        (rig.dir / "usr" / folder).symlink_to(f"/usr/{folder}")
    shutil.copy(shutil.which(program.name), program)
    program.chmod(0o711)
    rig.run("pass", "-q", str(program)).expect_error(
        "host", "the memory of QEMU, process", "may not be read", "run as the user that runs QEMU, or as root")


def seen_by_both(series):
    def run(rig):
        kernel = find_kernel(rig.cache, series)
        if not kernel:
            raise Skipped(f"no kernel {series} in the cache")
        rig.run("pass", kernel=kernel).expect_outcome("PASS")
        seen = {name: state["seen_by"] for name, state in states(newest(rig)).items()}
        check(len(seen) == 6 and seen.pop("state-005-end.json.gz") == BY_ONE, str(seen))
        check(all(who == BY_BOTH for who in seen.values()), str(seen))
    run.__name__ = f"witness_beside_the_agent_{series.replace('.', '_')}"
    case(run)


seen_by_both("6.1")
seen_by_both("6.12")
