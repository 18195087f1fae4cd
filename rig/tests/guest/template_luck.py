# SPDX-License-Identifier: GPL-2.0-or-later
"""Templates while much happens at once: two makers, users, and kills at any moment."""
import os
import signal
import time

from leftovers import marked_processes
from stock import EXIT_OK, EXIT_TROUBLE, Stock, boots, notes
from verdict import PATIENCE_S, Failed, case, check, until

RESTORING_S = [0.05 * i for i in range(10)]


# --- the victims: how each is hit, and what must become of the run ----------------------------------

def hit_rig(run):
    """All its processes at once: a worker that outlives its parent would still leave a record."""
    send_all(run, signal.SIGSTOP)
    workers = run.worker_pids()
    send_all(run, signal.SIGKILL)
    run.wait()
    for pid in workers:
        os.waitpid(pid, 0)      # ours now, and not gone before
    until(lambda: not marked_processes(run.rig.mark), "the end of QEMU", 10)


def hit_qemu(run):
    for pid in run.qemu_pids():
        send(pid, signal.SIGKILL)
    ended_as(run.wait(), "host", "QEMU ended unasked, signal SIGKILL")


def interrupt(run):
    send_all(run, signal.SIGINT)
    ended_as(run.wait(20), "interrupted", "interrupted by SIGINT")


def send(pid, sig):
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        pass


def send_all(run, sig):
    for pid in run.pids():
        send(pid, sig)


def ended_as(run, cause, text):
    """It may have been through already, or not yet begun; but if it was hit, it says so."""
    for record in run.records:
        error = record.get("error", {})
        check(record["outcome"] == "PASS" or (error.get("cause") == cause and text in error["text"]),
              f"{record['outcome']} {record['findings']} {error}")


# --- making -----------------------------------------------------------------------------------------

# A file of the store that appears once the making has come so far, and how long to wait then: the
# guest is there and QEMU saves, files are summed up, the template has its name.
SAVING = ("tmp.*/state", 0)
KEEPING, SUMMING = ("tmp.*/answers.json", 0), ("tmp.*/answers.json", 0.15)
MADE = ("[!t]*/manifest.json", 0)


def await_file(stock, pattern, run):
    end = time.monotonic() + PATIENCE_S
    while not any(stock.dir.glob(pattern)):
        check(run.process.poll() is None, f"hotrig ended before there was '{pattern}': {run.err}")
        if time.monotonic() > end:
            raise Failed(f"'{pattern}' did not come")
        time.sleep(0.002)       # what comes behind takes milliseconds


def expect_next(stock, number=1):
    """The next run finds nothing in its way and leaves nothing behind."""
    run = stock.run("pass").expect_outcome("PASS")
    check("template" in run.record and not any("template" in note for note in notes(run.record)),
          f"notes: {notes(run.record)}")
    stock.expect_sound(number)


def in_making(name, *hits):
    """One after the other in the same store, so that each finds what the one before has left."""
    def run(rig):
        rig.orphans_allowed = True
        with Stock(rig) as stock:
            for hit, (pattern, delay_s) in hits:
                r = stock.start("pass")
                await_file(stock, pattern, r)
                time.sleep(delay_s)
                hit(r)
                check(hit is hit_rig or not stock.unfinished(), f"left: {stock.unfinished()}")
                for left in stock.names():
                    check(stock.template("drop", left).returncode == EXIT_OK, f"cannot drop {left}")
            expect_next(stock)
    run.__name__ = f"template_{name}_in_making"
    case(run)


in_making("rig_killed", (hit_rig, SAVING), (hit_rig, SUMMING), (hit_rig, MADE))
in_making("run_ended", (hit_qemu, SAVING), (interrupt, SAVING), (interrupt, KEEPING))


# --- restoring --------------------------------------------------------------------------------------

def in_restoring(name, hit):
    """At moments all over a run, which takes half a second: the template is nobody's prey."""
    def run(rig):
        rig.orphans_allowed = True
        with Stock(rig) as stock:
            template = stock.fill()
            for delay_s in RESTORING_S:
                r = stock.start("pass")
                until(r.qemu_pids if hit is hit_qemu else r.pids, "what is to be hit", 5)
                time.sleep(delay_s)
                hit(r)
                check(stock.names() == [template.name], f"{delay_s} s: templates {stock.names()}")
            expect_next(stock)
    run.__name__ = f"template_{name}_in_restoring"
    case(run)


in_restoring("rig_killed", hit_rig)
in_restoring("qemu_killed", hit_qemu)
in_restoring("interrupted", interrupt)


# --- several at a time ------------------------------------------------------------------------------

@case
def template_of_two_makers(rig):
    """Both pass, from the same template, which one of them has made while the other waited."""
    with Stock(rig) as stock:
        runs = [stock.start("pass", results=rig.dir / f"results-{i}") for i in range(2)]
        for run in runs:
            run.wait().expect_outcome("PASS")
        check([run.record["template"] for run in runs] == stock.names() * 2, f"not all from {stock.names()}")
        folders = [run.results / name for run in runs for name in rig.records(run.results)]
        check(sorted(boots(f) for f in folders) == [0, 1], f"boots: {[boots(f) for f in folders]}")
        for folder in folders:
            check((folder / "console.log").read_text().count("Linux version ") == 1, "the boot is not told once")
        stock.expect_sound()
        for run in runs:
            rig.leftovers.check_results(run.results)


@case
def template_fresh(rig):
    """Repeats are spread over templates, and the records tell which ones count as one."""
    with Stock(rig) as stock:
        run = stock.run("pass", "-n", "4", "--fresh", "2", "--jobs", "2").expect_exit(0)
        stock.expect_sound(2)
        used = sorted(record["template"] for record in run.records)
        check(used == sorted(stock.names() * 2), f"templates {used} of {stock.names()}")
        check([name[-2:] for name in stock.names()] == ["-0", "-1"], f"variants: {stock.names()}")


@case
def template_in_use(rig):
    with Stock(rig) as stock:
        name = stock.fill().name
        check(not stock.listed()[name]["in_use"], "in use before anybody uses it")
        run = stock.start("pass")
        run.await_stream("qmp.jsonl", "device_add")
        send_all(run, signal.SIGSTOP)
        check(stock.listed()[name]["in_use"], "not in use while a run uses it")
        refused = stock.template("drop", name)
        check(refused.returncode == EXIT_TROUBLE and "is in use" in refused.stderr, f"drop: {refused}")
        send_all(run, signal.SIGCONT)
        run.wait().expect_outcome("PASS")
        check(stock.template("drop", name).returncode == EXIT_OK and not stock.names(), "it cannot be dropped later")
