// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "page/layout.h"

#define LONG_BITS 64

/* PG_mapcount_underflow, and -1 of a page without type */
#define NO_TYPE_BYTE 0xff

static bool is_top_byte(uint32_t word)
{
	return !(word & 0x00ffffff) && word >= 0x80000000u && word >> 24 != NO_TYPE_BYTE;
}

/* All bits set but one, which is not the sign: that one says that there is a type at all. */
static bool is_cleared_bit(uint32_t word)
{
	uint32_t bit = ~word;

	return bit && bit < 0x80000000u && !(bit & (bit - 1));
}

bool layout_add_type(struct page_layout *l, const char *name, uint32_t word)
{
	enum type_encoding encoding = is_top_byte(word) ? TYPE_TOP_BYTE : TYPE_INVERTED_BITS;
	struct layout_type *t = &l->type[l->nr_types];

	if (l->nr_types == LAYOUT_MAX_TYPES || (!is_top_byte(word) && !is_cleared_bit(word)) ||
	    (l->nr_types && l->type_encoding != encoding))
		return false;
	l->type_encoding = encoding;
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->value = encoding == TYPE_TOP_BYTE ? word >> 24 : ~word;
	l->nr_types++;
	return true;
}

void layout_name_types(struct page_layout *l, uint32_t buddy_value, uint32_t offline_value)
{
	if (l->nr_types)
		return;
	layout_add_type(l, "buddy", buddy_value);
	layout_add_type(l, "offline", offline_value);
	/* the macros of table and guard have kept their place beside these two since v5.1 */
	if (buddy_value == ~0x80u && offline_value == ~0x100u) {
		layout_add_type(l, "table", ~0x200u);
		layout_add_type(l, "guard", ~0x400u);
		l->types_guessed = true;
	}
}

/* SPARSEMEM_VMEMMAP keeps no section number in the flags: node on top, zone below it */
void layout_place_links(struct page_layout *l, uint32_t node_bits)
{
	uint32_t zone_bits, shift = LONG_BITS - node_bits;

	for (zone_bits = 0; 1u << zone_bits < l->nr_zones; zone_bits++)
		;
	l->node_bits = (uint8_t)node_bits;
	l->zone_bits = (uint8_t)zone_bits;
	/* a field without bits must still be a shift that C allows */
	l->node_shift = (uint8_t)(node_bits ? shift : LONG_BITS - 1);
	l->zone_shift = (uint8_t)(shift - zone_bits == LONG_BITS ? LONG_BITS - 1 : shift - zone_bits);
}

int layout_flag_bit(const struct page_layout *l, const char *name)
{
	for (uint32_t i = 0; i < l->nr_flags; i++)
		if (!strcmp(l->flag_name[i], name))
			return (int)i;
	return -1;
}

uint64_t layout_flag_mask(const struct page_layout *l, const char *name)
{
	int bit = layout_flag_bit(l, name);

	return bit < 0 ? 0 : 1ull << bit;
}

int layout_zone_index(const struct page_layout *l, const char *name)
{
	for (uint32_t i = 0; i < l->nr_zones; i++)
		if (!strcmp(l->zone_name[i], name))
			return (int)i;
	return -1;
}

int layout_type_index(const struct page_layout *l, const char *name)
{
	for (uint32_t i = 0; i < l->nr_types; i++)
		if (!strcmp(l->type[i].name, name))
			return (int)i;
	return -1;
}
