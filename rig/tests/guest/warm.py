# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs that start from a template: what they find and record is what a booted run does."""
from harness import TREE, find_kernel
from same import FIRST, expect_same, states
from stock import Stock, boots
from verdict import Skipped, case, check

# Plain, refused, never, half and two at a time.  Each machine and image is a template of its own.
CATALOGUE = {
    "6.1": (("online-movable", "online-vetoed", "half-online"), 2),
    "6.12": (("online-movable", "online-vetoed", "left-offline", "half-online", "two-plugs"), 3),
}


def records(run):
    """Result and folder of each record that @run made, by scenario."""
    names = sorted(run.rig.records(run.results) - run.before)
    return {r["scenario"]: (r, run.results / name) for r, name in zip(run.records, names, strict=True)}


def same_as_cold(series, names, nr_templates):
    def run(rig):
        kernel = find_kernel(rig.cache, series)
        if not kernel:
            raise Skipped(f"no kernel {series} in the cache")
        scenarios = [str(TREE / "scenarios" / "dimm" / f"{name}.json") for name in names]
        with Stock(rig) as stock:
            warm = records(stock.run(*scenarios, kernel=kernel).expect_exit(0))
            stock.expect_sound(nr_templates)
        cold = records(rig.run(scenarios[0], "--cold", *scenarios[1:], kernel=kernel).expect_exit(0))
        check(sorted(warm) == sorted(cold) and len(warm) == len(names), f"{sorted(warm)}, {sorted(cold)}")
        for name, (result, folder) in warm.items():
            check("template" in result and "template" not in cold[name][0], f"{name}: which one is warm?")
            expect_same(folder, cold[name][1], name)
    run.__name__ = f"warm_is_as_cold_{series.replace('.', '_')}"
    case(run)


for kernel_series, of_it in CATALOGUE.items():
    same_as_cold(kernel_series, *of_it)


@case
def warm_record_tells_of_the_boot(rig):
    """Whoever reads it need not know the template: its boot comes first, and comes once."""
    with Stock(rig) as stock:
        template = stock.fill()
        run = stock.run("pass").expect_outcome("PASS")
        told = (template / "console.log").read_text(errors="replace")
        (result, folder), = records(run).values()
        check(result["template"] == template.name and boots(folder) == 0, "this was to be a warm run")
    console, kmsg = ((folder / name).read_text(errors="replace") for name in ("console.log", "kmsg.log"))
    check(console.startswith(told) and len(console) > len(told), "the console begins otherwise, or ends with the boot")
    check(console.count("Linux version ") == 1 and console.count("hotrig init: starting the agent") == 1, console)
    for word in ("Linux version ", "hotrig: baseline", "hotrig: step 1 ends", "hotrig: the end"):
        check(kmsg.count(word) == 1, f"'{word}' is {kmsg.count(word)} times in the kernel log")
    check(states(folder)[FIRST]["whole"], "the first look is not of the whole machine")
