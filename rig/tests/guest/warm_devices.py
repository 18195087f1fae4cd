# SPDX-License-Identifier: GPL-2.0-or-later
"""Every memory device that QEMU can plug leaves the template as it was.

QEMU 7.2 opens the file behind a private mapping for writing and punches holes into it when RAM
behind that mapping is discarded.  Only backends of the devices themselves may ever be discarded;
that boot memory would suffer, and that the rig would notice, is shown with a balloon.
"""
import os

from clone import restore
from stock import EXIT_TROUBLE, Stock
from verdict import case, check

MIB = 1 << 20
SIZE = 256 * MIB
BLOCK = 128 * MIB       # the least that a guest can take; more takes long under TCG
PLUGGED = 1             # source of an ACPI_DEVICE_OST: the device check, not an ejection


def room(template):
    """What holes would take away, and the time of the last change; a new file must be on disk to count."""
    with open(template / "ram0", "rb") as f:
        os.fsync(f.fileno())
        st = os.fstat(f.fileno())
    return st.st_blocks, st.st_mtime_ns


def clone_of(stock):
    """A guest by hand from a template of its own; runs of the rig have shown that the template is good."""
    template = stock.fill("modules")
    run = stock.run("modules").expect_outcome("PASS")
    check(run.record["template"] == template.name, f"it started from {run.record['template']}")
    return template, *restore(stock.rig, run.record["qemu"]["argv"], template / "state")


def end(qemu, monitor):
    monitor.ask("quit")
    qemu.wait(10)


def load(agent, module):
    check(agent.ask("load-module", name=module)["errno"] == 0, f"the guest cannot load {module}")


def use_dimm(monitor, backend):
    """In, accepted by the guest, and out again."""
    monitor.ask("object-add", qom_type=backend, id="m0", size=SIZE)
    monitor.ask("device_add", driver="pc-dimm", id="d0", memdev="m0")
    told = monitor.await_event("ACPI_DEVICE_OST", lambda data: data["info"]["source"] == PLUGGED)
    check(told["info"]["status"] == 0, f"the guest does not take the DIMM: {told}")
    monitor.ask("device_del", id="d0")
    monitor.await_event("DEVICE_DELETED")
    monitor.ask("object-del", id="m0")


def use_virtio_mem(monitor, agent):
    """All of it to the guest and back: QEMU discards at the plug, and then what is given back."""
    def resize(size):
        monitor.ask("qom-set", path="/machine/peripheral/vm0", property="requested-size", value=size)
        monitor.until(f"{size >> 20} MiB of virtio-mem",
                      lambda devices: any(d["data"].get("size") == size for d in devices), "query-memory-devices")
    load(agent, "virtio_mem")
    agent.ask("write-file", path="/sys/devices/system/memory/auto_online_blocks", text="online_movable")
    monitor.ask("object-add", qom_type="memory-backend-memfd", id="m1", size=BLOCK, reserve=False)
    monitor.ask("device_add", driver="virtio-mem-pci", id="vm0", memdev="m1", bus="rp0")
    resize(BLOCK)
    resize(0)
    refused = monitor.call("device_del", id="vm0")
    check("cannot be unplugged" in refused["error"]["desc"], f"device_del of virtio-mem: {refused}")


def use_virtio_pmem(rig, monitor, agent):
    path = rig.dir / "pmem"
    with open(path, "wb") as f:
        f.truncate(SIZE)
    load(agent, "virtio_pmem")
    monitor.ask("object-add", qom_type="memory-backend-file", id="m2", size=SIZE, mem_path=str(path), share=True)
    monitor.ask("device_add", driver="virtio-pmem-pci", id="p0", memdev="m2", bus="rp1")
    check([d for d in monitor.ask("query-memory-devices") if d["type"] == "virtio-pmem"], "no virtio-pmem")


def use_nvdimm(rig, monitor):
    """Its memory is a file of its own, and stays plugged: QEMU takes no NVDIMM back."""
    path = rig.dir / "nvdimm"
    with open(path, "wb") as f:
        f.truncate(SIZE)
    monitor.ask("object-add", qom_type="memory-backend-file", id="m3", size=SIZE, mem_path=str(path), share=True)
    monitor.ask("device_add", driver="nvdimm", id="n0", memdev="m3")
    check([d for d in monitor.ask("query-memory-devices") if d["type"] == "nvdimm"], "no NVDIMM")


@case
def warm_devices_leave_the_template(rig):
    with Stock(rig) as stock:
        template, qemu, monitor, agent = clone_of(stock)
        before = room(template)
        use_dimm(monitor, "memory-backend-ram")
        use_dimm(monitor, "memory-backend-memfd")
        use_virtio_mem(monitor, agent)
        use_virtio_pmem(rig, monitor, agent)
        use_nvdimm(rig, monitor)
        end(qemu, monitor)
        check(room(template) == before, f"blocks and time were {before} and are {room(template)}")
        stock.expect_sound()
        check(stock.run("modules").expect_outcome("PASS").record["template"] == template.name, "it was made anew")


@case
def warm_discard_is_noticed(rig):
    """What the rig never does: a balloon takes boot memory away, and with it that of all siblings."""
    with Stock(rig) as stock:
        template, qemu, monitor, agent = clone_of(stock)
        before = room(template)
        load(agent, "virtio_balloon")
        monitor.ask("device_add", driver="virtio-balloon-pci", id="b0", bus="rp0")
        monitor.ask("balloon", value=1024 * MIB)
        monitor.until("a balloon of 1 GiB", lambda b: b["actual"] <= 1024 * MIB, "query-balloon")
        end(qemu, monitor)
        check(room(template) != before, "no discard reached the template: this test proves nothing")
        check(stock.template("verify").returncode == EXIT_TROUBLE, "verify finds nothing")
        check("damage" in stock.listed()[template.name], "list shows nothing")
