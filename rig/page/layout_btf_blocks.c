// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory blocks, the xarray that has them, and resources.  All of it optional. */
#include "base/clean.h"
#include "page/btf_types.h"

struct place {
	const char *in, *name;
	struct layout_field *field;
};

void layout_btf_blocks(const struct btf *btf, struct page_layout *l)
{
	struct layout_block *b = &l->block;
	const struct place places[] = {
		{ "memory_block", "start_section_nr", &b->section },
		{ "memory_block", "online_type", &b->online_type },
		{ "memory_block", "nid", &b->node },
		{ "memory_block", "zone", &b->zone },
		{ "memory_block", "group", &b->group },
		{ "memory_block", "nr_hwpoison", &b->poisoned },
		{ "memory_block", "altmap", &b->altmap },
		{ "memory_block", "nr_vmemmap_pages", &b->hosted },
		{ "vmem_altmap", "free", &b->altmap_pages },
		{ "vmem_altmap", "alloc", &b->altmap_used },
		{ "memory_group", "nid", &b->group_node },
		{ "memory_group", "present_kernel_pages", &b->group_kernel },
		{ "memory_group", "present_movable_pages", &b->group_movable },
		{ "memory_group", "is_dynamic", &b->group_dynamic },
		{ "memory_group", "s", &b->group_whole },
		{ "xarray", "xa_head", &l->xarray.head },
		{ "xa_node", "shift", &l->xarray.shift },
		{ "xa_node", "slots", &l->xarray.slots },
		{ "resource", "start", &l->resource.start },
		{ "resource", "end", &l->resource.end },
		{ "resource", "flags", &l->resource.flags },
		{ "resource", "desc", &l->resource.desc },
		{ "resource", "sibling", &l->resource.sibling },
		{ "resource", "child", &l->resource.child },
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct btf_type *t = btf_struct(btf, places[i].in);

		if (t)
			btf_member(btf, t, places[i].name, 0, places[i].field);
	}
}
