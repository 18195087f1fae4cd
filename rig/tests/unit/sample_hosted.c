// SPDX-License-Identifier: GPL-2.0-or-later
/* Right states of DIMMs whose blocks hold their own memmap, 512 pages each. */
#include "sample_scene.h"

#define D0 SAMPLE_D0_PFN
#define D0_BYTES(mib) { { .id = "d0", .addr = 0x100000000, .size_bytes = MIB(mib) } }
#define RAM(end)      { { 0x100000000, end, 0, "System RAM" } }

static void plug(struct sample *s, uint64_t mib)
{
	s->model.self_hosting = true;
	model_plug(&s->model, &(struct model_plug){
		.id = "d0", .kind = MODEL_DIMM, .addr = D0 * 4096, .size_bytes = MIB(mib), .fill = 0xa5,
	});
}

static void enter_added(struct sample *s)
{
	plug(s, 128);
}

static void enter_online(struct sample *s)
{
	plug(s, 128);
	model_online(&s->model, 32, ZONE_MOVABLE);
}

static void enter_offlined(struct sample *s)
{
	enter_online(s);
	model_offline(&s->model, 32);
}

static void enter_two(struct sample *s)
{
	plug(s, 256);
	model_online(&s->model, 32, ZONE_MOVABLE);
	model_online(&s->model, 33, ZONE_MOVABLE);
}

#define ONE_BLOCK \
	.iomem = RAM(0x107ffffff), .firmware = RAM(0x107ffffff), .device = D0_BYTES(128), .memfd_bytes = MIB(128), \
	.memmap_pages = 512, .hosted = 512, .end = 0x108000
#define TWO_BLOCKS \
	.iomem = RAM(0x10fffffff), .firmware = RAM(0x10fffffff), .device = D0_BYTES(256), .memfd_bytes = MIB(256), \
	.memmap_pages = 1024, .end = 0x110000, .nr_zones = 4, .enter = enter_two, .only = true

const struct sample_scene scenes_hosted[] = {
	[SAMPLE_HOSTED_ADDED - SAMPLE_HOSTED] = {
		ONE_BLOCK, .nr_zones = 2, .enter = enter_added,
		.pages = { { D0, 0x8000, LOOK_A5, "Movable" } },
		.section = { SCENE_BOOT_SECTIONS, SCENE_NEW(32, 1) },
		.block = { { 32, "offline", "Normal Movable" } },
	},
	[SAMPLE_HOSTED_ONLINE - SAMPLE_HOSTED] = {
		ONE_BLOCK, .nr_zones = 4, .enter = enter_online,
		.pages = { { D0, 512, LOOK_HOSTS, "Movable" }, { D0 + 512, 0x7e00, LOOK_FREE, "Movable" } },
		.section = { SCENE_BOOT_SECTIONS, SCENE_ONLINE(32, 1) },
		.block = { { 32, "online", "Movable" } },
		.zone = { { "Movable", D0, 0x8000, 0x8000, 0x7e00, 0x7e00, 0 } },
	},
	[SAMPLE_HOSTED_OFFLINED - SAMPLE_HOSTED] = {
		ONE_BLOCK, .nr_zones = 4, .enter = enter_offlined,
		.pages = { { D0, 512, LOOK_HOSTED, "Movable" }, { D0 + 512, 0x7e00, LOOK_OFFLINED, "Movable" } },
		.section = { SCENE_BOOT_SECTIONS, SCENE_NEW(32, 1) },
		.block = { { 32, "offline", "Normal Movable" } },
	},
	/* since 6b8f0798b85a, v6.8 */
	[SAMPLE_HOSTED_EACH - SAMPLE_HOSTED] = {
		TWO_BLOCKS, .kernel = SAMPLE_6_12, .hosted = 512,
		.pages = {
			{ D0, 512, LOOK_HOSTS, "Movable" }, { D0 + 512, 0x7e00, LOOK_FREE, "Movable" },
			{ D0 + 0x8000, 512, LOOK_HOSTS, "Movable" }, { D0 + 0x8200, 0x7e00, LOOK_FREE, "Movable" },
		},
		.section = { SCENE_BOOT_SECTIONS, SCENE_ONLINE(32, 2) },
		.block = { { 32, "online", "Movable" }, { 33, "online", "Movable" } },
		.zone = { { "Movable", D0, 0x10000, 0x10000, 0xfc00, 0xfc00, 0 } },
	},
	[SAMPLE_HOSTED_NONE - SAMPLE_HOSTED] = {
		TWO_BLOCKS, .kernel = SAMPLE_6_1,
		.pages = { { D0, 0x8000, LOOK_ONLINE, "Movable" }, { D0 + 0x8000, 0x8000, LOOK_FREE, "Movable" } },
		.section = { SCENE_BOOT_SECTIONS, SCENE_ONLINE(32, 2) },
		.block = { { 32, "online", "Movable" }, { 33, "online", "Movable" } },
		.zone = { { "Movable", D0, 0x10000, 0x10000, 0x10000, 0xfff8, 2 } },
	},
};
