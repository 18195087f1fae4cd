# SPDX-License-Identifier: GPL-2.0-or-later
"""same: two records of one scenario, compared but for what is known to differ.

Known to differ between two boots, and so between a cold run and a warm one:

- Boot memory's pages.  KASLR places the kernel elsewhere at each boot and the allocator hands out
  what it likes, so of pages only those of the plugged devices are compared, and where the kernel
  lies is left out of /proc/iomem.
- Which pages of an online block are free, in which order, and who uses the others: whatever the
  kernel allocates meanwhile may come from there.  Zone and node of each are compared.
- Free and per-cpu pages of a zone, and whether it was quiet: a moment's state.
- Managed pages of boot memory: some pages at the edges of what the boot gives back come and go with
  the kernel's place.  What a step changes of them is compared, so they count from the first look.
- What QEMU still maps of a backend that was removed: it lets go of it when it has time.
- Looks taken again before the kernel is blamed: they depend on what was under way at the first.
"""
import gzip
import json

from verdict import check

BLOCK_PAGES = (128 << 20) // 4096       # with less than 64 GiB of boot memory
KERNEL_ITSELF = ("Kernel code", "Kernel rodata", "Kernel data", "Kernel bss")
FIRST = "state-000-start.json.gz"
SPANS = ("start", "spanned", "present")
AS_THEY_ARE = ("devices", "faults", "sections", "blocks", "firmware", "node_online", "has_memory", "auto_online",
               "memmap_pages", "kpageflags_pages", "whole")


def states(folder):
    """All looks that were taken once, by name."""
    return {path.name: json.loads(gzip.decompress(path.read_bytes()))
            for path in folder.glob("state-*.json.gz") if "-again" not in path.name}


def device_pages(state):
    """Runs of the plugged devices' pages: exact where the block is offline, else zone and node only."""
    online = {b["id"] for b in state["blocks"] if b["state"] == "online"}
    spans = [(int(d["addr"], 16) // 4096, d["bytes"] // 4096) for d in state["devices"]]
    seen = []
    for run in state["pages"]:
        pfn, left = int(run["pfn"], 16), run["nr"]
        while left:
            nr = min(left, BLOCK_PAGES - pfn % BLOCK_PAGES)
            if any(start <= pfn < start + size for start, size in spans):
                keep = ("zone", "node") if pfn // BLOCK_PAGES in online else \
                    [key for key in run if key not in ("pfn", "nr")]
                seen.append([pfn, nr, {key: run[key] for key in keep}])
            pfn, left = pfn + nr, left - nr
    return joined(seen)


def joined(runs):
    result = []
    for pfn, nr, what in runs:
        if result and result[-1][2] == what and result[-1][0] + result[-1][1] == pfn:
            result[-1][1] += nr
        else:
            result.append([pfn, nr, what])
    return result


def spans_of(zones, before):
    """@before: the zones at the start"""
    managed = {(z["node"], z["zone"]): z["managed"] for z in before}
    return [{**{key: z[key] for key in ("node", "zone", *SPANS)},
             "more managed": z["managed"] - managed.get((z["node"], z["zone"]), 0)} for z in zones]


def essence(state, start):
    """What two boots must have in common; @start: the first look at the same machine"""
    zones_of = {n["node"]: n["zones"] for n in start["nodes"]}
    nodes = [{**n, "zones": spans_of(n["zones"], zones_of.get(n["node"], []))} for n in state["nodes"]]
    return {
        **{key: state.get(key) for key in AS_THEY_ARE},
        "pages": device_pages(state), "zones": spans_of(state["zones"], start["zones"]), "nodes": nodes,
        "more memory": state["mem_total_kib"] - start["mem_total_kib"],
        "iomem": [r for r in state["iomem"] if r["name"] not in KERNEL_ITSELF],
    }


def expect_same(one, other, what):
    """@one, @other: folders of records"""
    first, second = ([(s["name"], s["outcome"]) for s in json.loads((f / "result.json").read_text())["steps"]]
                     for f in (one, other))
    check(first == second, f"{what}: steps {first} and {second}")
    ours, theirs = states(one), states(other)
    check(sorted(ours) == sorted(theirs), f"{what}: looks {sorted(ours)} and {sorted(theirs)}")
    for name, state in ours.items():
        mine, its = essence(state, ours[FIRST]), essence(theirs[name], theirs[FIRST])
        for key, value in mine.items():
            check(value == its[key], f"{what}: {key} of {name} differ: {differing(value, its[key])}")


def differing(a, b):
    if isinstance(a, list) and isinstance(b, list):
        return [x for x in a if x not in b][:8], [x for x in b if x not in a][:8]
    return a, b
