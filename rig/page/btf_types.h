/* SPDX-License-Identifier: GPL-2.0-or-later */
/* btf_types: looking types up in a kernel's BTF.  Level 1, for rig/page/layout_btf*.c only. */
#ifndef RIG_PAGE_BTF_TYPES_H
#define RIG_PAGE_BTF_TYPES_H

#include <bpf/btf.h>

#include "page/layout.h"

/** btf_peel() - a type without typedefs and qualifiers; NULL: none */
const struct btf_type *btf_peel(const struct btf *btf, __u32 id);

/** btf_struct() - NULL: there is none of that name */
const struct btf_type *btf_struct(const struct btf *btf, const char *name);

/** btf_member() - find @name in a struct, looking into anonymous members too
 *  @base: offset of the struct in bytes.  *@ret stays as it is when there is none. */
bool btf_member(const struct btf *btf, const struct btf_type *t, const char *name, __u32 base,
		struct layout_field *ret);

/** btf_enum_value() - of one name of an enum; false: neither */
bool btf_enum_value(const struct btf *btf, const char *name, const char *value, uint32_t *ret);

/** btf_element() - of an array @f, element @index of @bytes; where there is none, @f is not there */
void btf_element(struct layout_field *f, uint32_t bytes, uint32_t index);

/** layout_btf_zones() - what else zones and nodes keep, and zonelists */
void layout_btf_zones(const struct btf *btf, struct page_layout *l);
/** layout_btf_blocks() - memory blocks, the xarray that has them, and resources */
void layout_btf_blocks(const struct btf *btf, struct page_layout *l);
/** layout_btf_pageblocks() - pageblocks and their migratetypes */
void layout_btf_pageblocks(const struct btf *btf, struct page_layout *l);

#endif
