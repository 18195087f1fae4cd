// SPDX-License-Identifier: GPL-2.0-or-later
/* Right states of virtio-mem: blocks wholly and half plugged, shrunk, offlined. */
#include "sample_scene.h"

#define B40 (SAMPLE_V0_PFN)
#define B41 (SAMPLE_V0_PFN + 0x8000)
#define SIZE(mib) \
	{ { .id = "v0", .addr = 0x140000000, .size_bytes = MIB(mib), .slot = -1, .requested_bytes = MIB(mib), \
	    .max_bytes = MIB(1024), .unit_bytes = MIB(2) } }
#define DEVICE	 { 0x140000000, 0x17fffffff, 1, "virtio2" }
#define RAM(end) { 0x140000000, end, 2, "System RAM (virtio_mem)" }

static void enter(struct sample *s, uint64_t mib, size_t nr_blocks)
{
	if (!s->model.nr_devices)
		sample_plug_virtio_mem(s, MIB(2), 0);
	sample_resize(s, mib, nr_blocks);
	for (uint32_t i = 0; i < nr_blocks; i++)
		if (model_block_find(&s->model, SAMPLE_V0_BLOCK + i, NULL)->class != PAGE_ONLINE)
			model_online(&s->model, SAMPLE_V0_BLOCK + i, ZONE_MOVABLE);
}

static void enter_empty(struct sample *s)
{
	enter(s, 0, 0);
}

static void enter_full(struct sample *s)
{
	enter(s, 256, 2);
}

static void enter_half(struct sample *s)
{
	enter(s, 192, 2);
}

static void enter_shrunk(struct sample *s)
{
	enter_full(s);
	sample_look(s, SAMPLE_VMEM_FULL);
	enter_half(s);
}

static void enter_offlined(struct sample *s)
{
	enter_half(s);
	sample_look(s, SAMPLE_VMEM_HALF);
	model_offline(&s->model, 41);
}

const struct sample_scene scenes_virtio_mem[] = {
	[SAMPLE_VMEM_EMPTY - SAMPLE_VMEM] = {
		.enter = enter_empty, .section = { SCENE_BOOT_SECTIONS }, .iomem = { DEVICE }, .device = SIZE(0),
		.memfd_bytes = MIB(1024), .nr_zones = 2, .end = 0x80000,
	},
	[SAMPLE_VMEM_FULL - SAMPLE_VMEM] = {
		.enter = enter_full,
		.pages = { { B40, 0x8000, LOOK_ONLINE, "Movable" }, { B41, 0x8000, LOOK_FREE, "Movable" } },
		.section = { SCENE_BOOT_SECTIONS, SCENE_ONLINE(40, 2) },
		.block = { { 40, "online", "Movable" }, { 41, "online", "Movable" } },
		.zone = { { "Movable", B40, 0x10000, 0x10000, 0x10000, 0xfff8, 2 } },
		.iomem = { DEVICE, RAM(0x14fffffff) }, .device = SIZE(256), .memfd_bytes = MIB(1024),
		.memmap_pages = 1024, .nr_zones = 4, .end = 0x150000,
	},
	[SAMPLE_VMEM_HALF - SAMPLE_VMEM] = {
		.enter = enter_half,
		.pages = {
			{ B40, 0x8000, LOOK_ONLINE, "Movable" }, { B41, 0x4000, LOOK_FREE, "Movable" },
			{ B41 + 0x4000, 0x4000, LOOK_NEVER_ONLINE, "Movable" },
		},
		.section = { SCENE_BOOT_SECTIONS, SCENE_ONLINE(40, 2) },
		.block = { { 40, "online", "Movable" }, { 41, "online", "Movable" } },
		.zone = { { "Movable", B40, 0x10000, 0x10000, 0xc000, 0xbff8, 2 } },
		.iomem = { DEVICE, RAM(0x14fffffff) }, .device = SIZE(192), .memfd_bytes = MIB(1024),
		.memmap_pages = 1024, .nr_zones = 4, .end = 0x150000,
	},
	[SAMPLE_VMEM_SHRUNK - SAMPLE_VMEM] = {
		.enter = enter_shrunk,
		.pages = {
			{ B40, 0x8000, LOOK_ONLINE, "Movable" }, { B41, 0x4000, LOOK_FREE, "Movable" },
			{ B41 + 0x4000, 0x4000, LOOK_UNPLUGGED, "Movable" },
		},
		.section = { SCENE_BOOT_SECTIONS, SCENE_ONLINE(40, 2) },
		.block = { { 40, "online", "Movable" }, { 41, "online", "Movable" } },
		.zone = { { "Movable", B40, 0x10000, 0x10000, 0xc000, 0xbff8, 2 } },
		.iomem = { DEVICE, RAM(0x14fffffff) }, .device = SIZE(192), .memfd_bytes = MIB(1024),
		.memmap_pages = 1024, .nr_zones = 4, .end = 0x150000,
	},
	[SAMPLE_VMEM_OFFLINED - SAMPLE_VMEM] = {
		.enter = enter_offlined,
		.pages = {
			{ B40, 0x8000, LOOK_ONLINE, "Movable" }, { B41, 0x4000, LOOK_OFFLINED, "Movable" },
			{ B41 + 0x4000, 0x4000, LOOK_NEVER_ONLINED, "Movable" },
		},
		.section = { SCENE_BOOT_SECTIONS, SCENE_ONLINE(40, 1), SCENE_NEW(41, 1) },
		.block = { { 40, "online", "Movable" }, { 41, "offline", "Normal Movable" } },
		.zone = { { "Movable", B40, 0x8000, 0x8000, 0x8000, 0x7ff8, 2 } },
		.iomem = { DEVICE, RAM(0x14fffffff) }, .device = SIZE(192), .memfd_bytes = MIB(1024),
		.memmap_pages = 1024, .nr_zones = 4, .end = 0x150000,
	},
};
