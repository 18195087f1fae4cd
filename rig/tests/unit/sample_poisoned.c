// SPDX-License-Identifier: GPL-2.0-or-later
/* d0 with one broken page in each block, of which the second is offline again. */
#include "sample_scene.h"

#define D0 SAMPLE_D0_PFN
#define B33 (D0 + 0x8000)

static void enter(struct sample *s)
{
	sample_plug_dimm(&s->model, "d0", D0 * 4096, MIB(256), 0, 0, false);
	model_online(&s->model, 32, ZONE_MOVABLE);
	model_online(&s->model, 33, ZONE_MOVABLE);
	model_poison(&s->model, B33 + 0x7fff, false);
	model_poison(&s->model, D0 + 0x400, true);
	model_offline(&s->model, 33);
}

const struct sample_scene scenes_poisoned[] = {
	[SAMPLE_POISONED - SAMPLE_POISONED] = {
		.enter = enter,
		.pages = {
			{ D0, 0x400, LOOK_FREE, "Movable" }, { D0 + 0x400, 1, LOOK_POISONED, "Movable" },
			{ D0 + 0x401, 0x7bff, LOOK_FREE, "Movable" },
			{ B33, 0x7fff, LOOK_OFFLINED, "Movable" }, { B33 + 0x7fff, 1, LOOK_POISONED_OFFLINE, "Movable" },
		},
		.section = { SCENE_BOOT_SECTIONS, SCENE_ONLINE(32, 1), SCENE_NEW(33, 1) },
		.block = { { 32, "online", "Movable", 1 }, { 33, "offline", "Normal Movable", 1 } },
		.zone = { { "Movable", D0, 0x8000, 0x8000, 0x8000, 0x7fff, 0 } },
		.iomem = { { 0x100000000, 0x10fffffff, 0, "System RAM" } },
		.firmware = { { 0x100000000, 0x10fffffff, 0, "System RAM" } },
		.device = { { .id = "d0", .addr = 0x100000000, .size_bytes = MIB(256) } },
		.memfd_bytes = MIB(256), .memmap_pages = 1024, .nr_zones = 4, .end = 0x110000,
	},
};
