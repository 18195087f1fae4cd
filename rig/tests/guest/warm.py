# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs that start from a template: what they find and record is what a booted run does."""
import os
import signal

from harness import TREE, find_kernel
from same import expect_same
from stock import Stock, EXIT_TROUBLE
from verdict import case, check

# Plain, refused, never, half and two at a time; the devices of all of them are DIMMs.
CATALOGUE = ("online-movable", "online-vetoed", "left-offline", "half-online", "two-plugs")


def records(run):
    """Result and folder of each record that @run made, by scenario."""
    names = sorted(run.rig.records(run.results) - run.before)
    return {r["scenario"]: (r, run.results / name) for r, name in zip(run.records, names, strict=True)}


def same_as_cold(series):
    def run(rig):
        stock, kernel = Stock(rig), find_kernel(rig.cache, series)
        scenarios = [str(TREE / "scenarios" / "dimm" / f"{name}.json") for name in CATALOGUE]
        warm = records(stock.run(*scenarios, kernel=kernel).expect_exit(0))
        stock.expect_sound(3)       # of the module's image, of two CPUs, of the others
        cold = records(stock.run(scenarios[0], "--cold", *scenarios[1:], kernel=kernel).expect_exit(0))
        check(sorted(warm) == sorted(cold) and len(warm) == len(CATALOGUE), f"{sorted(warm)}, {sorted(cold)}")
        for name, (result, folder) in warm.items():
            check("template" in result and "template" not in cold[name][0], f"{name}: which one is warm?")
            expect_same(folder, cold[name][1], name)
    run.__name__ = f"warm_is_as_cold_{series.replace('.', '_')}"
    case(run)


same_as_cold("6.1")
same_as_cold("6.12")
