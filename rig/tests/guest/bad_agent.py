# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents that misbehave.  The kernel did nothing wrong, so each ends in ERROR and never in FAIL."""
from verdict import case, check

BOOT_S = "12"       # enough for a kernel with the machine to itself and for two beside each other


@case
def agent_mute(rig):
    rig.run("pass", "-b", BOOT_S, agent="mute").expect_error("agent", "greeting")


@case
def agent_rubbish(rig):
    rig.run("pass", agent="rubbish").expect_error("agent", "'agent' broke the protocol: not JSON",
                                                  "SeaBIOS (version 1.16)")


@case
def agent_wrong_greeting(rig):
    rig.run("pass", agent="wrong-greeting").expect_error("agent", "'agent' broke the protocol")


@case
def agent_flood(rig):
    run = rig.run("pass", agent="flood").expect_error("agent", "line of more than")
    record = next(rig.results.glob("2*"))
    size = sum(p.stat().st_size for p in record.iterdir())
    check(size < 40 << 20, f"the record of a flood has {size} bytes")
    check("line of more than" in run.out, run.out)


@case
def agent_chatter(rig):
    rig.run("pass", agent="chatter").expect_error("agent", "flood of events")


@case
def agent_stillborn(rig):
    rig.run("pass", agent="stillborn").expect_error("agent", "the guest agent died", "ABRT")


@case
def agent_dies(rig):
    rig.run("pass", agent="dies").expect_error("agent", "the guest agent died", "ABRT")


@case
def agent_dies_midline(rig):
    rig.run("pass", agent="dies-midline").expect_error("agent")


@case
def agent_slow(rig):
    rig.run("pass", "-b", BOOT_S, agent="slow").expect_error("agent")


@case
def agent_slow_later(rig):
    rig.run("pass", "-b", BOOT_S, agent="slow-later", patience_s=150).expect_error("agent")


@case
def agent_missing(rig):
    rig.run("pass", agent="/nonexistent/agent").expect_refused(3, "no guest agent at '/nonexistent/agent'",
                                                               "make build")


@case
def agent_is_text(rig):
    rig.run("pass", agent=rig.script("agent", "true")).expect_refused(3, "cannot use the guest agent")


@case
def agent_is_dynamic(rig):
    rig.run("pass", agent="/bin/true").expect_refused(3, "cannot use the guest agent",
                                                          "link it with -static")


def lie(name):
    def run(rig):
        rig.run(rig.scenario("lie", LIE=name), agent="liar").expect_error("agent", "malformed")
    run.__name__ = f"agent_lies_{name}"
    case(run)


for lie_name in ("outside", "before", "types", "huge", "no-runs", "stands"):
    lie(lie_name)
