# SPDX-License-Identifier: GPL-2.0-or-later
"""The rig against itself: a scenario for each outcome and kind, which must end in just that."""
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
