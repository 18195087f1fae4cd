// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory blocks, their links, resources, the firmware map, the policy, and what the host says. */
#include <string.h>

#include "base/clean.h"
#include "wrong_details.h"

#define SPOIL(name, ...) \
	static void name(const struct sample *s, struct snapshot *w) \
	{ \
		(void)s; \
		__VA_ARGS__; \
	}

SPOIL(state_offline, strcpy(sample_block(w, 33)->state, "offline"))
SPOIL(state_online, strcpy(sample_block(w, 32)->state, "online"))
SPOIL(state_going, strcpy(sample_block(w, 33)->state, "going-offline"))
SPOIL(state_of_boot, strcpy(sample_block(w, 7)->state, "offline"))
SPOIL(zones_none, strcpy(sample_block(w, 35)->zones, "none"))
SPOIL(zones_order, strcpy(sample_block(w, 32)->zones, "Movable Normal"))
SPOIL(zones_cut, strcpy(sample_block(w, 33)->zones, "Normal"))
SPOIL(zones_of_boot, strcpy(sample_block(w, 0)->zones, "DMA"))
SPOIL(index_wrong, strcpy(sample_block(w, 33)->phys_index, "00000033"))
SPOIL(block_missing, w->nr_blocks -= 1)
SPOIL(block_left, w->block[w->nr_blocks++] = (struct block_info){ .id = 32, .state = "offline" })
SPOIL(boot_block_missing, memmove(w->block, w->block + 1, --w->nr_blocks * sizeof(*w->block)))
SPOIL(block_of_refused,
      w->block[w->nr_blocks++] = (struct block_info){ .id = 33, .state = "offline" })
SPOIL(node_of_block, sample_block(w, 34)->node[0] = 0)
SPOIL(no_node_of_block, sample_block(w, 32)->nr_nodes = 0)
SPOIL(two_nodes_of_block, sample_block(w, 32)->nr_nodes = 2)
SPOIL(node_of_boot_block, sample_block(w, 15)->node[0] = 1)
SPOIL(link_missing, w->links[1].nr -= 1)
SPOIL(boot_link_missing, w->links[0].block[0] = w->links[0].block[1])
SPOIL(link_left, w->links[0].block[w->links[0].nr++] = 33)
SPOIL(link_of_other_node, w->links[0].block[w->links[0].nr++] = 34)
SPOIL(iomem_gone, w->nr_iomem -= 1)
SPOIL(iomem_left,
      w->iomem[w->nr_iomem++] = ((struct range_entry){ 0x100000000, 0x10fffffff, 0, "System RAM" }))
SPOIL(iomem_part_left,
      w->iomem[w->nr_iomem++] = ((struct range_entry){ 0x108000000, 0x10fffffff, 0, "System RAM" }))
SPOIL(iomem_twice, w->iomem[w->nr_iomem] = w->iomem[w->nr_iomem - 1]; w->nr_iomem++)
SPOIL(iomem_boot_twice, w->iomem[w->nr_iomem++] = w->iomem[4])
SPOIL(iomem_of_refused,
      w->iomem[w->nr_iomem++] = ((struct range_entry){ 0x100000000, 0x10fffffff, 0, "System RAM" }))
SPOIL(iomem_one_of_two_gone, w->iomem[4] = w->iomem[w->nr_iomem - 1]; w->nr_iomem--)
SPOIL(firmware_gone, w->nr_firmware -= 1)
SPOIL(firmware_left, w->firmware[w->nr_firmware++] = ((struct range_entry){
			     0x110000000, 0x11fffffff, 0, "System RAM" }))
SPOIL(firmware_twice, w->firmware[w->nr_firmware] = w->firmware[w->nr_firmware - 1];
      w->nr_firmware++)
SPOIL(firmware_boot_gone,
      memmove(w->firmware, w->firmware + 1, --w->nr_firmware * sizeof(*w->firmware)))
SPOIL(host_gone, w->nr_devices = 0)
SPOIL(host_moved, w->device[1].addr += 4096)
SPOIL(host_size, w->device[0].size_bytes /= 2)
SPOIL(host_slot, w->device[0].slot = 7)
SPOIL(host_node, w->device[1].node = 0)
SPOIL(host_left, w->device[w->nr_devices++] = (struct host_device){ .id = "d0" })
SPOIL(backend_left, w->memfd_bytes += 4096)
SPOIL(backend_half, w->memfd_bytes /= 2)
SPOIL(policy_other, strcpy(w->auto_online, "online"))

#define ROW(what, state, spoil, invariant, expected, seen) \
	{ \
		what, SAMPLE_##state, BY_COMPARE, 0, { 0 }, spoil, invariant, 0, 0, expected, seen \
	}

const struct wrong_detail wrong_sysfs[] = {
	ROW("not online", ONLINE, state_offline, "block.state", "memory33: online", "offline"),
	ROW("online after a veto", VETOED, state_online, "block.state", "memory32: offline",
	    "online"),
	ROW("stuck", OFFLINED, state_going, "block.state", "memory33: offline", "going-offline"),
	{ "offline too early", SAMPLE_ONLINE, BY_PASSING, 0, { 0 }, state_offline, "block.passing", 0x108000, 0x8000,
	  "memory33 says offline: kpageflags NOPAGE", "kpageflags 0x" },
	ROW("boot block", ADDED, state_of_boot, "block.state", "memory7 as at boot: online",
	    "offline"),
	ROW("no zone", TWO, zones_none, "block.zones", "memory35: valid_zones 'Normal'", "'none'"),
	ROW("wrong default", ADDED, zones_order, "block.zones",
	    "memory32: valid_zones 'Normal Movable'", "'Movable Normal'"),
	ROW("Movable missing", HALF, zones_cut, "block.zones",
	    "memory33: valid_zones 'Normal Movable'", "'Normal'"),
	ROW("boot block", UNPLUGGED, zones_of_boot, "block.zones",
	    "memory0 as at boot: valid_zones 'none'", "'DMA'"),
	ROW("wrong index", ADDED, index_wrong, "block.set", "memory33: phys_index 00000021",
	    "'00000033'"),
	ROW("block left", UNPLUGGED, block_left, "block.set", "no memory block without a device",
	    "memory32"),
	ROW("block of a refused device", REFUSED, block_of_refused, "block.set",
	    "no memory block without a device", "memory33"),
	ROW("last block missing", TWO, block_missing, "block.set",
	    "a memory block for each block of a device", "memory35 of 'd1' is missing"),
	ROW("boot block missing", OFFLINED, boot_block_missing, "block.set",
	    "every memory block of boot RAM", "memory0 is missing"),
	ROW("wrong node", TWO, node_of_block, "block.links", "memory34: a link to node 1",
	    "the first to node 0"),
	ROW("no node", ADDED, no_node_of_block, "block.links", "memory32: a link to node 0",
	    "0 links"),
	ROW("two nodes", ADDED, two_nodes_of_block, "block.links", "memory32: a link to node 0",
	    "2 links"),
	ROW("boot block, wrong node", ADDED, node_of_boot_block, "block.links",
	    "memory15 as at boot: 1 links, the first to node 0", "1 links, the first to node 1"),
	ROW("node without link", TWO, link_missing, "block.links",
	    "a link from the node to each block", "node1/memory35 is missing"),
	ROW("boot block unlinked", ONLINE, boot_link_missing, "block.links",
	    "a link from the node to each block", "node0/memory0 is missing"),
	ROW("link left", UNPLUGGED, link_left, "block.links", "links only to a node's own blocks",
	    "node0/memory33"),
	ROW("linked from two nodes", TWO, link_of_other_node, "block.links",
	    "links only to a node's own blocks", "node0/memory34"),
	ROW("left", UNPLUGGED, iomem_left, "iomem.residue", "nothing there",
	    "0x100000000-0x10fffffff : System RAM"),
	ROW("half left", UNPLUGGED, iomem_part_left, "iomem.residue", "nothing there",
	    "0x108000000-0x10fffffff : System RAM"),
	ROW("refused, but claimed", REFUSED, iomem_of_refused, "iomem.residue", "nothing there",
	    "0x100000000-0x10fffffff : System RAM"),
	ROW("twice", TWO, iomem_twice, "iomem.residue", "one entry, but there is another",
	    "0x110000000-0x11fffffff : System RAM"),
	ROW("boot range once more", ADDED, iomem_boot_twice, "iomem.residue",
	    "one entry, but there is another", "0xfe600000-0xfe6fffff : 0000:00:01.0"),
	ROW("device missing", TWO, iomem_gone, "iomem.missing",
	    "an entry for the device, but missing is", "0x110000000-0x11fffffff : System RAM"),
	ROW("one of two like ones missing", UNPLUGGED, iomem_one_of_two_gone, "iomem.missing",
	    "what was there at boot, but missing is", "0xfe600000-0xfe6fffff : 0000:00:01.0"),
	ROW("device missing", ADDED, firmware_gone, "firmware.memmap",
	    "an entry for the device, but missing is", "0x100000000-0x10fffffff : System RAM"),
	ROW("left", UNPLUGGED, firmware_left, "firmware.memmap", "nothing there",
	    "0x110000000-0x11fffffff : System RAM"),
	ROW("twice after a replug", ONLINE, firmware_twice, "firmware.memmap",
	    "one entry, but there is another", "0x100000000-0x10fffffff : System RAM"),
	ROW("boot range missing", BOOT, firmware_boot_gone, "firmware.memmap",
	    "what was there at boot, but missing is", "0x0-0x9fbff : System RAM"),
	ROW("not listed", ADDED, host_gone, "host.devices", "every plugged device",
	    "'d0' is missing"),
	ROW("moved", TWO, host_moved, "host.devices", "the device as it was plugged",
	    "'d1' at 0x110001000"),
	ROW("other size", ADDED, host_size, "host.devices", "the device as it was plugged",
	    "134217728 bytes"),
	ROW("other slot", ADDED, host_slot, "host.devices", "the device as it was plugged",
	    "slot 7"),
	ROW("other node", TWO, host_node, "host.devices", "the device as it was plugged", "node 0"),
	ROW("left", UNPLUGGED, host_left, "host.devices", "no device that was not plugged", "'d0'"),
	ROW("left", UNPLUGGED, backend_left, "host.backend",
	    "bytes of hotplug backends that QEMU maps: 0", "4096 (+4096)"),
	ROW("one missing", TWO, backend_half, "host.backend",
	    "bytes of hotplug backends that QEMU maps: 536870912", "268435456"),
	ROW("other policy", ADDED, policy_other, "policy.online", "offline", "online"),
};

const size_t nr_wrong_sysfs = ARRAY_SIZE(wrong_sysfs);
