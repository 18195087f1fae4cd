# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel tells of memory: each counter is in one of the lists of the coverage."""
from harness import TREE, find_kernel
from stock import Stock, notes
from verdict import Skipped, case, check

NEWS = "no list of the coverage names "
SCENARIO = str(TREE / "scenarios" / "policy" / "auto-movable-nodes.json")


def no_news_of(series):
    def run(rig):
        kernel = find_kernel(rig.cache, series)
        if not kernel:
            raise Skipped(f"no kernel {series} in the cache")
        with Stock(rig) as stock:
            done = stock.run(SCENARIO, kernel=kernel).expect_outcome("PASS")
        news = [note for note in notes(done.record) if note.startswith(NEWS)]
        check(not news, f"what no list names: {news}")
    run.__name__ = f"no_news_of_{series.replace('.', '_')}"
    case(run)


for kernel_series in ("6.1", "6.12"):
    no_news_of(kernel_series)
