# SPDX-License-Identifier: GPL-2.0-or-later
"""The rig against itself: a scenario for each outcome and kind, which must end in just that."""
import json

from verdict import case, check


@case
def outcome_pass(rig):
    rig.earlier_record()
    run = rig.run("pass").expect_outcome("PASS")
    check(not run.record["findings"] and run.out.rstrip().splitlines()[-1].startswith("ok 1 pass on "), run.out)


@case
def outcome_fail_invariant(rig):
    run = rig.run("refused-unasked").expect_outcome("FAIL", "invariant")
    run.expect_finding("change.result", "3 online d0", "ENOMEM")
    check([s["outcome"] for s in run.record["steps"]][:4] == ["PASS", "PASS", "FAIL", "SKIP"],
          f"steps: {run.record['steps']}")


@case
def outcome_fail_other_errno(rig):
    rig.run("other-errno").expect_outcome("FAIL", "invariant").expect_finding("change.result", "3 online d0",
                                                                              "ENOMEM")


@case
def outcome_fail_ended(rig):
    rig.run("ended-unasked").expect_outcome("FAIL", "invariant").expect_finding("change.result", "3 offline d0", "success")


@case
def outcome_fail_other_ost(rig):
    rig.run("other-ost").expect_outcome("FAIL", "invariant").expect_finding("ost.sequence", "2 unplug d0",
                                                                            "DEVICE_DELETED")


@case
def outcome_fail_crash(rig):
    run = rig.run("pass", agent="panics").expect_outcome("FAIL", "crash")
    run.expect_finding("splat.panic", "3 offline d0", "sysrq triggered crash")


@case
def outcome_fail_lost_uevent(rig):
    run = rig.run("pass", agent="forgetful").expect_outcome("FAIL", "invariant")
    run.expect_finding("block.uevent", "3 offline d0", "no such uevent")


@case
def outcome_fail_content(rig):
    run = rig.run("fill", agent="forgetful").expect_outcome("FAIL", "invariant")
    run.expect_finding("fill.content", "4 check f0", "0x1000")


@case
def outcome_fail_mapping(rig):
    run = rig.run("fill-cut", agent="forgetful").expect_outcome("FAIL", "invariant")
    run.expect_finding("fill.residue", "4 check f0", "reads")


@case
def outcome_fail_labels(rig):
    run = rig.run("labels", agent="forgetful").expect_outcome("FAIL", "invariant")
    run.expect_finding("nd.labels", "2 namespace ns0", "500")


@case
def outcome_fail_region(rig):
    run = rig.run("region", agent="forgetful").expect_outcome("FAIL", "invariant")
    run.expect_finding("nd.persistent", "3 enable p0", "- ")


@case
def outcome_fail_walker_error(rig):
    run = rig.run(rig.scenario("walk", FILE="kpagecount"), agent="stray").expect_outcome("FAIL", "invariant")
    run.expect_finding("walker.error", "2 check w0", "EIO at offset 0x0")


@case
def outcome_fail_walker_killed(rig):
    run = rig.run(rig.scenario("walk", FILE="zoneinfo"), agent="stray").expect_outcome("FAIL", "invariant")
    run.expect_finding("walker.error", "2 check w0", "killed by signal 7")


@case
def outcome_fail_walker_killed_late(rig):
    """The others have answered by then; the check waits for it no longer than it lives."""
    files = 'buddyinfo", "pagetypeinfo", "kpagecgroup'
    run = rig.run(rig.scenario("walk", FILE=files), agent="stray").expect_outcome("FAIL", "invariant")
    run.expect_finding("walker.error", "2 check w0", "killed by signal 7")


@case
def outcome_fail_walker_content(rig):
    run = rig.run(rig.scenario("walk", FILE="kpageflags"), agent="stray").expect_outcome("FAIL", "invariant")
    run.expect_finding("walker.content", "2 check w0", "pfn 0x")


@case
def outcome_skip_walker(rig):
    rig.run(rig.scenario("walk", FILE="page_owner"), agent="stray").expect_outcome("SKIP")


@case
def outcome_fail_splat(rig):
    run = rig.run("fill-released", agent="forgetful").expect_outcome("FAIL", "splat")
    run.expect_finding("splat.warning", "4 release f0", "planted_function")


@case
def outcome_fail_hang(rig):
    rig.run("hang").expect_outcome("FAIL", "hang").expect_finding("step.progress", "4 offline d0",
                                                                  "the agent still answers")


@case
def outcome_fail_boot(rig):
    rig.run("no-init").expect_outcome("FAIL", "boot").expect_finding("step.progress", "boot")


@case
def outcome_fail_boot_wrong_init(rig):
    rig.run("wrong-init").expect_outcome("FAIL", "boot").expect_finding("splat.panic", "boot", "kill init")


@case
def outcome_fail_boot_by_deadline(rig):
    rig.run("waits-for-root", "-b", "12").expect_outcome("FAIL", "boot").expect_finding("step.progress", "boot",
                                                                                     "deadline")


@case
def outcome_skip(rig):
    run = rig.run("skip").expect_outcome("SKIP")
    check(run.record["skip_reason"] == "CONFIG_HOTRIG_NO_SUCH_OPTION", run.record["skip_reason"])


@case
def outcome_error(rig):
    rig.run("error").expect_error("usage", "no program '/usr/bin/no-such-program' in the image")


@case
def outcome_worst_of_two(rig):
    """FAIL outranks ERROR, and a run of both exits with the FAIL's code."""
    run = rig.run("skip", rig.scenario("no-init"), rig.scenario("error"))
    run.expect_exit(1)
    check(sorted(r["outcome"] for r in run.records) == ["ERROR", "FAIL", "SKIP"], str(run.records))


BUG = '0123456789ab ("mm: fix what was planted")'


def known_file(rig, scenario, symptom):
    """A bug that all releases of the kernel's series have."""
    release = rig.options.kernel.removeprefix("debian:")
    path = rig.dir / "known-bugs.json"
    path.write_text(json.dumps({"bugs": [{
        "fix": "0123456789ab", "subject": "mm: fix what was planted", "origin": "the rig against itself",
        "summary": "a planted bug", "mainline": "7.9", "scenarios": [scenario], "symptom": symptom,
        "first_good": {".".join(release.split(".")[:2]): None},
    }]}))
    return str(path)


@case
def outcome_xfail(rig):
    """A failure that the file expects, and the same where nobody asks the file."""
    known = known_file(rig, "other-*", "change.result")
    run = rig.run("other-errno", "--known", known).expect_outcome("XFAIL", "invariant")
    run.expect_finding("change.result", "3 online d0", "ENOMEM")
    check(run.record["known_bugs"] == [BUG], f"{run.record['known_bugs']}")
    check(f"# XFAIL {BUG}\n" in run.out and "not ok" not in run.out, run.out)
    check("1 XFAIL" in run.err, run.err)
    run = rig.run("other-errno", "--no-known").expect_outcome("FAIL", "invariant")
    check("known_bugs" not in run.record and "XFAIL" not in run.out, run.out)


@case
def outcome_xfail_not(rig):
    """Another failure than the file expects is a failure; so is that of another release."""
    known = known_file(rig, "other-errno", "page.refcount")
    run = rig.run("other-errno", "--known", known).expect_outcome("FAIL", "invariant")
    check("known_bugs" not in run.record, f"{run.record.get('known_bugs')}")
    known = known_file(rig, "other-errno", "change.result")
    run = rig.run("other-errno", "--known", known, "--known-as", "3.16.0-4").expect_outcome("FAIL", "invariant")
    check(run.record["known_as"] == "3.16.0-4", f"{run.record.get('known_as')}")


@case
def outcome_xpass(rig):
    run = rig.run("pass", "--known", known_file(rig, "pass", "page.refcount")).expect_outcome("XPASS")
    check(run.record["known_bugs"] == [BUG] and not run.record["findings"], str(run.record))
    check(run.out.splitlines()[-1].startswith("not ok 1 pass on ") and run.out.endswith(f"# XPASS {BUG}\n"), run.out)


@case
def known_refused(rig):
    rig.run("pass", "--known", "no-such-file.json").expect_refused(2, "no-such-file.json")
    rig.run("pass", "--known-as", "bookworm").expect_refused(2, "'bookworm' is no release")
    rig.run("pass", "--known-as", "6.1.0-50", "--no-known").expect_refused(2, "--no-known")
    broken = rig.dir / "broken.json"
    broken.write_text('{ "bugs": [\n { "fix": 1 } ] }')
    rig.run("pass", "--known", str(broken)).expect_refused(2, "broken.json:2: /bugs/0/fix: must be a string")
