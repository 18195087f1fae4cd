# SPDX-License-Identifier: GPL-2.0-or-later
"""verdict: what a case is, and the words in which it says how it went."""
import time

PATIENCE_S = 60         # for anything that must happen; no case waits this long when all is well

CASES = {}


class Failed(Exception):
    """The rig did not do what it must."""


class Skipped(Exception):
    """The machine lacks what the case needs; the text names it."""


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


def check(condition, text):
    if not condition:
        raise Failed(text)


def until(condition, what, patience_s=PATIENCE_S):
    """Poll: what is awaited here are files of another process, which tell nobody."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise Failed(f"{what} did not come within {patience_s} s")
