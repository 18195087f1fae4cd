# SPDX-License-Identifier: GPL-2.0-or-later
"""clone: a guest from a template without the rig, to do with it what the rig never does.

Both links, QEMU's and the agent's, carry QMP: one JSON object a line.
"""
import json
import os
import socket
import subprocess
import time

from leftovers import MARK
from verdict import Failed, check

PATIENCE_S = 30


class Link:
    """One QMP link; events are kept, and who asks for an answer gets that one."""

    def __init__(self, sock):
        sock.settimeout(PATIENCE_S)
        self.sock, self.file = sock, sock.makefile("rw", encoding="utf-8", errors="replace")
        self.events, self.last_id = [], 0

    def receive(self):
        line = self.file.readline()
        if not line:
            raise Failed("the other end of the link is gone")
        return json.loads(line)

    def call(self, command, **arguments):
        """The whole answer, an error too; names are written with '_' for '-'."""
        self.last_id += 1
        arguments = {key.replace("_", "-"): value for key, value in arguments.items()}
        self.file.write(json.dumps({"execute": command, "arguments": arguments, "id": self.last_id}) + "\n")
        self.file.flush()
        while True:
            said = self.receive()
            if said.get("id") == self.last_id:
                return said
            if "event" in said:
                self.events.append(said)

    def ask(self, command, **arguments):
        said = self.call(command, **arguments)
        check("return" in said, f"{command}: {said.get('error')}")
        return said["return"]

    def await_event(self, name, condition=lambda data: True):
        """The next of that name, unless it has come already."""
        while True:
            for event in self.events:
                if event["event"] == name and condition(event["data"]):
                    self.events.remove(event)
                    return event["data"]
            said = self.receive()
            if "event" in said:
                self.events.append(said)

    def until(self, what, condition, command, **arguments):
        """Ask again and again: most of what is awaited here has no event."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            said = self.ask(command, **arguments)
            if condition(said):
                return said
            time.sleep(0.05)
        raise Failed(f"{what} did not come: {said}")


def restore(rig, argv, state):
    """QEMU and agent of a guest that starts from @state; @argv is QEMU's, as a record has it."""
    ours, fds = {}, []
    argv = list(argv)
    for i, arg in enumerate(argv):
        if arg.startswith("socket,") and arg.endswith(",fd=-1"):
            name = arg.split(",")[1].removeprefix("id=")
            ours[name], theirs = socket.socketpair()
            fds.append(theirs)
            argv[i] = f"socket,id={name},fd={theirs.fileno()}"
    # by name, and dead with the case: see leftovers.py
    with open(rig.dir / "qemu.err", "wb") as err:
        qemu = subprocess.Popen(argv, pass_fds=[s.fileno() for s in fds], stdin=subprocess.DEVNULL, stdout=err,
                                stderr=err, env={**os.environ, MARK: rig.mark})
    for s in fds:
        s.close()
    monitor, agent = Link(ours["qmp"]), Link(ours["agent"])
    monitor.console = ours["console"]       # open, and never full: boot is over
    monitor.receive()
    monitor.ask("qmp_capabilities")
    monitor.ask("migrate-set-capabilities", capabilities=[{"capability": "x-ignore-shared", "state": True}])
    monitor.ask("migrate-incoming", uri=f"exec:cat {state}")
    monitor.until("the guest's state", lambda m: m.get("status") == "completed", "query-migrate")
    monitor.ask("cont")
    agent.ask("sync", nonce=rig.mark)
    return qemu, monitor, agent
