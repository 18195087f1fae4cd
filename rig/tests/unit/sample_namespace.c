// SPDX-License-Identifier: GPL-2.0-or-later
/* Right states of persistent memory: an NVDIMM of 512 MiB at 6 GiB, and 192 MiB of boot RAM at 0x44000000. */
#include "sample_scene.h"

#define P0  SAMPLE_P0_PFN
#define E8  SAMPLE_E820_PFN
#define ALL 0x20000ull
#define NVDIMM HOST, .end = 0x80000, .nr_zones = 5
#define HOST \
	.device = { { .id = "p0", .addr = 0x180000000, .size_bytes = MIB(512), .slot = 2 } }, \
	.memfd_bytes = MIB(512) + 0x20000
#define PMEM	   { 0x180000000, 0x19fffffff, 0, "Persistent Memory" }
#define FSDAX	   { 0x180000000, 0x19fffffff, 1, "namespace1.0" }
#define SECTIONS   { SCENE_BOOT_SECTIONS, SCENE_NEW(48, 4) }
#define ZONE(a, n) { { "Device", a, n, 0, 0, 0, 0 } }
#define DEVDAX	   { 0x180000000, 0x1801fffff, 1, "namespace1.0" }, { 0x180200000, 0x19fffffff, 1, "dax1.0" }

static void enter(struct sample *s, const struct model_namespace *ns)
{
	if (!model_device_find(&s->model, "p0"))
		model_plug(&s->model, &(struct model_plug){
			.id = "p0", .kind = MODEL_NVDIMM, .addr = P0 * 4096, .size_bytes = MIB(512), .slot = 2,
			.backend_bytes = MIB(512) + 0x20000, .fill = -1,
		});
	model_namespace_set(&s->model, ns);
}

static void enter_fsdax(struct sample *s)
{
	const struct model_namespace ns = sample_fsdax(P0, ALL, false);

	enter(s, &ns);
}

static void enter_fsdax_dev(struct sample *s)
{
	const struct model_namespace ns = sample_fsdax(P0, ALL, true);

	enter(s, &ns);
}

static void enter_devdax(struct sample *s)
{
	const struct model_namespace ns = sample_devdax(P0, ALL, false);

	enter(s, &ns);
}

static void enter_devdax_dev(struct sample *s)
{
	const struct model_namespace ns = sample_devdax(P0, ALL, true);

	enter(s, &ns);
}

static void enter_part(struct sample *s)
{
	const struct model_namespace ns = sample_fsdax(P0 + 0x4000, 0x8000, false);

	enter(s, &ns);
}

static void enter_disabled(struct sample *s)
{
	struct model_namespace ns = sample_fsdax(P0, ALL, false);

	enter(s, &ns);
	sample_look(s, SAMPLE_FSDAX);
	ns.enabled = false;
	enter(s, &ns);
}

/* Whole blocks of its data are added: dax_kmem_range(). */
static void enter_kmem(struct sample *s)
{
	struct model_namespace ns = sample_devdax(P0, ALL, false);

	enter(s, &ns);
	sample_look(s, SAMPLE_DEVDAX);
	ns.system_ram = true;
	enter(s, &ns);
	model_plug(&s->model, &(struct model_plug){
		.id = "n", .kind = MODEL_KMEM, .addr = 0x188000000, .size_bytes = MIB(384), .slot = -1, .fill = -1,
	});
	for (uint32_t id = 49; id < 52; id++)
		model_online(&s->model, id, ZONE_MOVABLE);
}

static void enter_kmem_back(struct sample *s)
{
	const struct model_namespace ns = sample_devdax(P0, ALL, false);

	enter_kmem(s);
	sample_look(s, SAMPLE_KMEM);
	for (uint32_t id = 49; id < 52; id++)
		model_offline(&s->model, id);
	model_unplug(&s->model, "n");
	enter(s, &ns);
}

static void enter_e820(struct sample *s)
{
	sample_begin_at(s, SAMPLE_E820_RAW);
	model_plug(&s->model, &(struct model_plug){
		.id = "p0", .kind = MODEL_E820_PMEM, .addr = E8 * 4096, .size_bytes = MIB(192), .slot = -1, .fill = -1,
	});
}

static void enter_e820_devdax(struct sample *s)
{
	const struct model_namespace ns = sample_devdax(E8, SAMPLE_E820_PAGES, false);

	enter_e820(s);
	enter(s, &ns);
}

static void enter_e820_gone(struct sample *s)
{
	enter_e820_devdax(s);
	sample_look(s, SAMPLE_E820_DEVDAX);
	model_namespace_drop(&s->model, "n");
}

/* What is left of zone DMA32: its free chunks are those around the range. */
#define E820 \
	.end = 0x80000, .nr_zones = 5, \
	.zone = { { "DMA32", 0x1000, 520160, 520160 - 0xc000, 486368 - 0xc000, 0x7fc00 - 0x9400 - 0xc000, 8 }, \
		  { "Device", E8, 0xc000, 0, 0, 0, 0 } }
#define LEGACY { 0x44000000, 0x4fffffff, 0, "Persistent Memory (legacy)" }

const struct sample_scene scenes_namespace[] = {
	[SAMPLE_FSDAX - SAMPLE_NAMESPACE] = {
		NVDIMM, .enter = enter_fsdax, .section = SECTIONS, .iomem = { PMEM, FSDAX }, .zone = ZONE(P0, ALL),
		.pages = { { P0, ALL, LOOK_DEVICE, "Device" } }, .memmap_pages = 2048, .device_end = 0x1a0000,
	},
	[SAMPLE_FSDAX_DEV - SAMPLE_NAMESPACE] = {
		NVDIMM, .enter = enter_fsdax_dev, .section = SECTIONS, .iomem = { PMEM, FSDAX }, .zone = ZONE(P0, ALL),
		.pages = { { P0, 2, LOOK_GARBAGE, "Device" }, { P0 + 2, ALL - 2, LOOK_DEVICE, "Device" } },
		.memmap_pages = 2048, .device_end = 0x1a0000,
	},
	/* tails that share their memmap: 2 of 8 pages for each compound */
	[SAMPLE_DEVDAX - SAMPLE_NAMESPACE] = {
		NVDIMM, .enter = enter_devdax, .section = SECTIONS, .zone = ZONE(P0, ALL),
		.iomem = { PMEM, DEVDAX },
		.pages = { { P0, ALL, LOOK_COMPOUND, "Device" } }, .memmap_pages = 512, .device_end = 0x1a0000,
	},
	[SAMPLE_DEVDAX_DEV - SAMPLE_NAMESPACE] = {
		NVDIMM, .enter = enter_devdax_dev, .section = SECTIONS, .zone = ZONE(P0, ALL),
		.iomem = { PMEM, { 0x180000000, 0x1809fffff, 1, "namespace1.0" }, { 0x180a00000, 0x19fffffff, 1, "dax1.0" } },
		.pages = { { P0, 2, LOOK_GARBAGE, "Device" }, { P0 + 2, 2558, LOOK_DEVICE, "Device" },
			   { P0 + 2560, ALL - 2560, LOOK_COMPOUND, "Device" } },
		.memmap_pages = 2048, .device_end = 0x1a0000,
	},
	/* from 64 MiB into section 48 to the middle of section 49 */
	[SAMPLE_FSDAX_PART - SAMPLE_NAMESPACE] = {
		NVDIMM, .enter = enter_part, .zone = ZONE(P0 + 0x4000, 0x8000),
		.section = { SCENE_BOOT_SECTIONS, { 48, 1, 0x13, 0xffffffff00000000 }, { 49, 1, 0x13, 0xffffffff } },
		.iomem = { PMEM, { 0x184000000, 0x18bffffff, 1, "namespace1.0" } },
		.pages = { { P0 + 0x4000, 0x8000, LOOK_DEVICE, "Device" } }, .memmap_pages = 512, .device_end = 0x190000,
	},
	[SAMPLE_FSDAX_DISABLED - SAMPLE_NAMESPACE] = {
		NVDIMM, .enter = enter_disabled, .section = { SCENE_BOOT_SECTIONS }, .iomem = { PMEM },
		.zone = ZONE(P0, ALL), .device_end = 0x1a0000,
	},
	/* the head of the namespace is in block 48, of which nothing is added */
	[SAMPLE_KMEM - SAMPLE_NAMESPACE] = {
		HOST, .nr_zones = 5, .end = 0x1a0000, .enter = enter_kmem, .memmap_pages = 1536,
		.pages = { { P0 + 0x8000, 0x8000, LOOK_ONLINE, "Movable" }, { P0 + 0x10000, 0x10000, LOOK_FREE, "Movable" } },
		.section = { SCENE_BOOT_SECTIONS, SCENE_ONLINE(49, 3) },
		.block = { { 49, "online", "Movable" }, { 50, "online", "Movable" }, { 51, "online", "Movable" } },
		.zone = { { "Movable", P0 + 0x8000, 0x18000, 0x18000, 0x18000, 0x17ff8, 2 }, { "Device", P0, ALL, 0, 0, 0, 0 } },
		.iomem = { PMEM, { 0x180000000, 0x1801fffff, 1, "namespace1.0" }, { 0x188000000, 0x19fffffff, 1, "dax1.0" },
			   { 0x188000000, 0x19fffffff, 2, "System RAM (kmem)" } },
	},
	[SAMPLE_KMEM_BACK - SAMPLE_NAMESPACE] = {
		HOST, .nr_zones = 5, .end = 0x1a0000, .enter = enter_kmem_back, .memmap_pages = 512,
		.pages = { { P0, ALL, LOOK_COMPOUND, "Device" } },
		.section = SECTIONS, .zone = ZONE(P0, ALL), .iomem = { PMEM, DEVDAX },
	},
	/* measured on 6.12: section 9 is not of boot, and its memmap is counted */
	[SAMPLE_E820_RAW - SAMPLE_NAMESPACE] = {
		E820, .enter = enter_e820, .pages = { { E8, 0xc000, LOOK_DEVICE, "Device" } }, .memmap_pages = 512,
		.section = { { 0, 8, 0xf, UINT64_MAX }, { 8, 1, 0x1f, UINT64_MAX }, { 9, 1, 0x3, UINT64_MAX },
			     { 10, 6, 0xf, UINT64_MAX } },
		.iomem = { LEGACY, { 0x44000000, 0x4fffffff, 1, "namespace0.0" } },
	},
	/* measured on 6.12: 128 pages for the half that is not of boot */
	[SAMPLE_E820_DEVDAX - SAMPLE_NAMESPACE] = {
		E820, .enter = enter_e820_devdax, .pages = { { E8, 0xc000, LOOK_COMPOUND, "Device" } }, .memmap_pages = 128,
		.section = { { 0, 8, 0xf, UINT64_MAX }, { 8, 1, 0x1f, UINT64_MAX }, { 9, 1, 0x3, UINT64_MAX },
			     { 10, 6, 0xf, UINT64_MAX } },
		.iomem = { LEGACY, { 0x44000000, 0x441fffff, 1, "namespace0.0" }, { 0x44200000, 0x4fffffff, 1, "dax0.0" } },
	},
	/* the memmap of boot stays as the namespace left it */
	[SAMPLE_E820_GONE - SAMPLE_NAMESPACE] = {
		E820, .enter = enter_e820_gone, .memmap_pages = 0,
		.pages = { { E8, 0x4000, LOOK_DEVICE, "Device" }, { E8 + 0x4000, 0x8000, LOOK_GONE, "" } },
		.section = { { 0, 8, 0xf, UINT64_MAX }, { 8, 1, 0x1f, 0xffffffff }, { 10, 6, 0xf, UINT64_MAX } },
		.iomem = { LEGACY },
	},
};
