// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine at boot, and its way into a state. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_scene.h"

static void flag_names(struct page_layout *l, const char *const *names)
{
	for (l->nr_flags = 0; names[l->nr_flags]; l->nr_flags++)
		strcpy(l->flag_name[l->nr_flags], names[l->nr_flags]);
}

/* The order of the flags is that of the two kernels; reserved is bit 12 and bit 13. */
void sample_layout(enum sample_kernel kernel, struct page_layout *l)
{
	static const char *const old_flags[] = {
		"locked", "referenced", "uptodate", "dirty", "lru", "active", "workingset",
		"waiters", "error", "slab", "owner_priv_1", "arch_1", "reserved", "private",
		"private_2", "writeback", "head", "mappedtodisk", "reclaim", "swapbacked",
		"unevictable", "mlocked", "uncached", "hwpoison", NULL,
	}, *const new_flags[] = {
		"locked", "writeback", "referenced", "uptodate", "dirty", "lru", "head",
		"waiters", "active", "workingset", "owner_priv_1", "owner_2", "arch_1",
		"reserved", "private", "private_2", "reclaim", "swapbacked", "unevictable",
		"mlocked", "hwpoison", NULL,
	}, *const zones[] = { "DMA", "DMA32", "Normal", "Movable", "Device" };
	static const struct layout_type old_types[] = {
		{ "buddy", 0x80 }, { "offline", 0x100 }, { "table", 0x200 }, { "guard", 0x400 },
	}, new_types[] = {
		{ "buddy", 0xf0 }, { "offline", 0xf1 }, { "table", 0xf2 }, { "guard", 0xf3 },
		{ "hugetlb", 0xf4 }, { "slab", 0xf5 },
	};
	bool old = kernel == SAMPLE_6_1;

	*l = (struct page_layout){
		.page_bytes = 64,
		.flags = { 0, 8, true },
		.refcount = { 52, 4, true },
		.mapcount = { 48, 4, true },
		.compound_head = { 8, 8, true },
		.pgmap = { 8, 8, true },
		.private_ = { 40, 8, true },
		.type_encoding = old ? TYPE_INVERTED_BITS : TYPE_TOP_BYTE,
		.type_base = old ? 0xf0000000 : 0,
		.nr_types = old ? ARRAY_SIZE(old_types) : ARRAY_SIZE(new_types),
		.nr_zones = ARRAY_SIZE(zones),
		.node_shift = 54,
		.node_bits = 10,
		.zone_shift = 51,
		.zone_bits = 3,
		.section_bits = { .present = 0,
				  .has_mem_map = 1,
				  .online = 2,
				  .early = 3,
				  .taint_zone_device = 4,
				  .last = 5,
				  .has_taint = true },
		.pages_per_section = 32768,
		.pages_per_subsection = 512,
	};
	l->block = (struct layout_block){
		.section = { 0, 8, true }, .online_type = { 12, 4, true }, .node = { 16, 4, true },
		.zone = { 24, 8, true }, .group = { 32, 8, true }, .poisoned = { 40, 8, !old },
		.altmap = { 48, 8, !old }, .altmap_pages = { 0, 8, !old }, .altmap_used = { 8, 8, !old },
		.hosted = { 56, 8, old },
		.group_node = { 0, 4, true }, .group_kernel = { 8, 8, true }, .group_movable = { 16, 8, true },
		.group_dynamic = { 24, 1, true }, .group_whole = { 32, 8, true },
	};
	l->zone_counts = (struct layout_stats){ .nr = 2, .name = { "NR_FREE_PAGES", "NR_MLOCK" } };
	l->node_counts = (struct layout_stats){
		.nr = 5, .name = { "NR_ISOLATED_ANON", "NR_ISOLATED_FILE", "NR_FILE_PAGES", "NR_DIRTIED", "PGPROMOTE_SUCCESS" },
	};
	flag_names(l, old ? old_flags : new_flags);
	memcpy(l->type, old ? old_types : new_types, l->nr_types * sizeof(*l->type));
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++)
		strcpy(l->zone_name[i], zones[i]);
}

static void boot_ranges(struct snapshot *b)
{
	static const struct range_entry iomem[] = {
		{ 0x1000, 0xfffff, 0, "System RAM" }, { 0x100000, 0x7ffdffff, 0, "System RAM" },
		{ 0x1000000, 0x1ffffff, 1, "Kernel code" },
		{ 0x80000000, 0xafffffff, 0, "PCI Bus 0000:00" },
		/* the same line twice is common: a BAR and its driver may share a name */
		{ 0xfe600000, 0xfe6fffff, 1, "0000:00:01.0" },
		{ 0xfe600000, 0xfe6fffff, 2, "0000:00:01.0" },
	}, firmware[] = {
		{ 0x0, 0x9fbff, 0, "System RAM" }, { 0x100000, 0x7ffdffff, 0, "System RAM" },
		{ 0x7ffe0000, 0x7fffffff, 0, "Reserved" },
	};

	b->nr_iomem = ARRAY_SIZE(iomem);
	b->iomem = xcalloc(b->nr_iomem, sizeof(*iomem));
	memcpy(b->iomem, iomem, sizeof(iomem));
	b->nr_firmware = ARRAY_SIZE(firmware);
	b->firmware = xcalloc(b->nr_firmware, sizeof(*firmware));
	memcpy(b->firmware, firmware, sizeof(firmware));
}

void sample_boot(const struct sample *s, bool raw, struct snapshot *ret)
{
	struct sample empty = { .kernel = s->kernel, .layout = s->layout };

	boot_ranges(&empty.base);
	empty.base.mem_total_kib = (3840 + 486368) * 4; /* managed pages of both zones */
	empty.base.has_memmap_pages = s->kernel == SAMPLE_6_12;
	empty.model = (struct model){ .raw = raw, .block_pages = SAMPLE_BLOCK_PAGES, .max_pages = 0x80000 };
	sample_right(&empty, ret);
	snapshot_deinit(&empty.base);
}

static void begin_model(struct sample *s, bool raw)
{
	const struct model_config config = {
		.layout = &s->layout,
		.raw = raw,
		.block_bytes = SAMPLE_BLOCK_PAGES * 4096,
		.era = s->kernel == SAMPLE_6_1 ? ERA_PG_RESERVED : ERA_PAGE_OFFLINE,
		.fill = FILL_ZERO,
		.policy = "offline",
	};
	struct rig_err err;

	if (model_init(&s->model, &config, &s->base, &err) < 0)
		abort();
}

void sample_init(struct sample *s, enum sample_kernel kernel, bool raw)
{
	*s = (struct sample){ .kernel = kernel };
	sample_layout(kernel, &s->layout);
	sample_boot(s, raw, &s->base);
	sample_add_mappings(s, &s->base);
	begin_model(s, raw);
}

void sample_begin_at(struct sample *s, enum sample_state state)
{
	bool raw = s->model.raw;

	sample_deinit(s);
	sample_boot(s, raw, &s->base);
	sample_scene_show(sample_scene(state), s, &s->base);
	sample_add_mappings(s, &s->base);
	begin_model(s, raw);
}

void sample_deinit(struct sample *s)
{
	model_deinit(&s->model);
	snapshot_deinit(&s->base);
}

void sample_plug_dimm(struct model *m, const char *id, uint64_t addr, uint64_t bytes, unsigned int node, int64_t slot,
		      bool refused)
{
	model_plug(m, &(struct model_plug){
		.id = id, .kind = MODEL_DIMM, .addr = addr, .size_bytes = bytes, .node = node, .slot = slot,
		.refused = refused,
	});
}

static void plug(struct sample *s, const char *id, uint64_t pfn, unsigned int node, bool refused)
{
	sample_plug_dimm(&s->model, id, pfn * 4096, SAMPLE_BLOCK_PAGES * 2 * 4096, node, node, refused);
}

static void online(struct sample *s, const char *id, enum online_zone how)
{
	struct model_device *d = model_device_find(&s->model, id);

	for (size_t i = 0; i < d->nr_blocks; i++)
		model_online(&s->model, d->block[i].id, how);
}

static void offline(struct sample *s, const char *id)
{
	struct model_device *d = model_device_find(&s->model, id);

	for (size_t i = 0; i < d->nr_blocks; i++)
		model_offline(&s->model, d->block[i].id);
}

bool sample_can(enum sample_kernel kernel, enum sample_state state)
{
	const struct sample_scene *scene = sample_scene(state);

	return !scene || !scene->only || scene->kernel == kernel;
}

void sample_look(struct sample *s, enum sample_state state)
{
	struct snapshot seen;

	sample_boot(s, s->model.raw, &seen);
	sample_scene_show(sample_scene(state), s, &seen);
	model_learn(&s->model, &seen);
	snapshot_deinit(&seen);
}

void sample_enter(struct sample *s, enum sample_state state)
{
	s->scene = sample_scene(state);
	if (s->scene) {
		s->scene->enter(s);
		return;
	}
	if (state == SAMPLE_BOOT)
		return;
	plug(s, "d0", SAMPLE_D0_PFN, 0, state == SAMPLE_REFUSED);
	if (state == SAMPLE_HALF)
		model_online(&s->model, 32, ZONE_KERNEL);
	if (state == SAMPLE_GAP) {
		plug(s, "d1", SAMPLE_D1_PFN, 0, false);
		model_online(&s->model, 32, ZONE_MOVABLE);
		model_online(&s->model, 34, ZONE_MOVABLE);
	}
	if (state == SAMPLE_VETOED)
		model_veto(&s->model, 32, ZONE_MOVABLE);
	if (state == SAMPLE_ONLINE || state == SAMPLE_OFFLINED || state == SAMPLE_TWO ||
	    state == SAMPLE_UNPLUGGED)
		online(s, "d0", ZONE_MOVABLE);
	if (state == SAMPLE_TWO || state == SAMPLE_UNPLUGGED) {
		plug(s, "d1", SAMPLE_D1_PFN, 1, false);
		online(s, "d1", ZONE_KERNEL);
	}
	if (state == SAMPLE_OFFLINED || state == SAMPLE_UNPLUGGED)
		offline(s, "d0");
	if (state == SAMPLE_UNPLUGGED) {
		offline(s, "d1");
		model_unplug(&s->model, "d0");
		model_unplug(&s->model, "d1");
	}
}
