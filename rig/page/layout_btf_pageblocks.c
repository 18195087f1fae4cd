// SPDX-License-Identifier: GPL-2.0-or-later
/* Pageblocks and their migratetypes. */
#include <string.h>

#include "base/clean.h"
#include "page/btf_types.h"

/* MIGRATETYPE_MASK: PB_migrate_end is computed from 3 bits, whatever the number of types */
#define TYPE_BITS 3

static bool read_types(const struct btf *btf, struct layout_pageblocks *p)
{
	static const char *const names[PAGEBLOCK_NR_TYPES] = {
		[PAGEBLOCK_UNMOVABLE] = "MIGRATE_UNMOVABLE", [PAGEBLOCK_MOVABLE] = "MIGRATE_MOVABLE",
		[PAGEBLOCK_RECLAIMABLE] = "MIGRATE_RECLAIMABLE", [PAGEBLOCK_HIGHATOMIC] = "MIGRATE_HIGHATOMIC",
		[PAGEBLOCK_CMA] = "MIGRATE_CMA", [PAGEBLOCK_ISOLATE] = "MIGRATE_ISOLATE",
	};
	uint32_t value;

	memset(p->type, PAGEBLOCK_NR_TYPES, sizeof(p->type));
	for (uint8_t i = 0; i < PAGEBLOCK_NR_TYPES; i++)
		if (btf_enum_value(btf, "migratetype", names[i], &value) && value < ARRAY_SIZE(p->type))
			p->type[value] = i;
	return p->type[0] == PAGEBLOCK_UNMOVABLE;
}

/* One bit says it since "mm/page_isolation: make page isolation a standalone bit" (v6.17). */
static bool read_bits(const struct btf *btf, struct layout_pageblocks *p)
{
	uint32_t nr, isolate;

	if (!btf_enum_value(btf, "pageblock_bits", "NR_PAGEBLOCK_BITS", &nr) &&
	    !btf_enum_value(btf, "pageblock_bits", "__NR_PAGEBLOCK_BITS", &nr))
		return false;
	if (nr < TYPE_BITS || nr > 8)
		return false;
	p->bits = nr <= 4 ? 4 : 8;
	p->type_bits = TYPE_BITS;
	p->isolate_bit = -1;
	if (btf_enum_value(btf, "pageblock_bits", "PB_migrate_isolate", &isolate) && isolate < p->bits)
		p->isolate_bit = (int8_t)isolate;
	return true;
}

/*
 * pageblock_order is a macro.  With huge pages it is that of a PMD, and whether there are any does show:
 * struct hstate is empty in a kernel without.  What other kernels have is not told by any type.
 */
void layout_btf_pageblocks(const struct btf *btf, struct page_layout *l)
{
	const struct btf_type *usage = btf_struct(btf, "mem_section_usage"), *huge = btf_struct(btf, "hstate");
	struct layout_pageblocks p = { .there = true };
	struct layout_field flags = { 0 };

	if (!usage || !huge || !huge->size || !btf_member(btf, usage, "pageblock_flags", 0, &flags) ||
	    !read_types(btf, &p) || !read_bits(btf, &p))
		return;
	p.offset = flags.offset;
	l->pageblocks = p;
}
