// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/btf.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "kernel/dwarf_types.h"

/* More than the kernel has, and a bound on what a damaged file makes us do. */
#define MAX_DEPTH	12		/* of anonymous structs in each other */
#define MAX_ADDED	20000u		/* members, enumerators and parameters */

/* The anonymous enum of section marks is known by its first enumerator. */
#define MARKS "SECTION_MARKED_PRESENT_BIT"

static const struct wanted {
	int tag;
	const char *name;
} wanted[] = {
	{ DW_TAG_structure_type, "page" },
	{ DW_TAG_structure_type, "folio" },
	{ DW_TAG_structure_type, "mem_section" },
	{ DW_TAG_structure_type, "mem_section_usage" },
	{ DW_TAG_structure_type, "zone" },
	{ DW_TAG_structure_type, "pglist_data" },
	{ DW_TAG_structure_type, "zonelist" },
	{ DW_TAG_structure_type, "zoneref" },
	{ DW_TAG_structure_type, "hstate" },
	{ DW_TAG_structure_type, "free_area" },
	{ DW_TAG_structure_type, "pcpu_chunk" },
	{ DW_TAG_structure_type, "demotion_nodes" },
	{ DW_TAG_structure_type, "memory_block" },
	{ DW_TAG_structure_type, "memory_group" },
	{ DW_TAG_structure_type, "vmem_altmap" },
	{ DW_TAG_structure_type, "xarray" },
	{ DW_TAG_structure_type, "xa_node" },
	{ DW_TAG_structure_type, "resource" },
	{ DW_TAG_structure_type, "per_cpu_pages" },
	{ DW_TAG_structure_type, "per_cpu_zonestat" },
	{ DW_TAG_structure_type, "per_cpu_nodestat" },
	{ DW_TAG_enumeration_type, "pageflags" },
	{ DW_TAG_enumeration_type, "pagetype" },
	{ DW_TAG_enumeration_type, "zone_type" },
	{ DW_TAG_enumeration_type, "zone_watermarks" },
	{ DW_TAG_enumeration_type, "zone_stat_item" },
	{ DW_TAG_enumeration_type, "node_stat_item" },
	{ DW_TAG_enumeration_type, "migratetype" },
	{ DW_TAG_enumeration_type, "pageblock_bits" },
	{ DW_TAG_enumeration_type, MARKS },
	{ DW_TAG_subprogram, "__free_pages_core" },
	{ DW_TAG_subprogram, "__offline_isolated_pages" },
};

struct converter {
	struct btf *btf;
	unsigned int added;
	bool found[ARRAY_SIZE(wanted)];
	size_t nr_found;
};

struct member {
	const char *name;
	int type;		/* BTF id */
	uint32_t offset;	/* bytes */
};

static bool first_child(Dwarf_Die *of, Dwarf_Die *ret)
{
	return dwarf_child(of, ret) == 0;
}

static bool next_child(Dwarf_Die *child)
{
	return dwarf_siblingof(child, child) == 0;
}

static bool number(Dwarf_Die *die, unsigned int attr, Dwarf_Word *ret)
{
	Dwarf_Attribute a;

	return dwarf_attr(die, attr, &a) && dwarf_formudata(&a, ret) == 0;
}

/* The type of @die without typedefs and qualifiers. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute a;
	Dwarf_Die type;

	return dwarf_attr_integrate(die, DW_AT_type, &a) && dwarf_formref_die(&a, &type) &&
	       dwarf_peel_type(&type, ret) == 0;
}

static bool is_composite(Dwarf_Die *type)
{
	int tag = dwarf_tag(type);

	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

static uint32_t size_of(Dwarf_Die *type)
{
	Dwarf_Word size;

	return dwarf_aggregate_size(type, &size) == 0 && size <= INT32_MAX ? (uint32_t)size : 0;
}

static int add_opaque(struct converter *c, uint32_t bytes)
{
	return btf__add_struct(c->btf, NULL, bytes);
}

/* All dimensions as one; an element has the size that is left. */
static int add_array(struct converter *c, Dwarf_Die *array)
{
	uint32_t bytes = size_of(array), elements = 0;
	Dwarf_Die element;
	int type;

	if (type_of(array, &element) && size_of(&element))
		elements = bytes / size_of(&element);
	type = add_opaque(c, elements ? bytes / elements : 0);
	return type < 0 ? type : btf__add_array(c->btf, type, type, elements);
}

static int add_composite(struct converter *c, Dwarf_Die *type, const char *name, int depth);

static int add_member_type(struct converter *c, const char *name, Dwarf_Die *type, int depth)
{
	if (!name && is_composite(type))
		return add_composite(c, type, NULL, depth + 1);
	if (dwarf_tag(type) == DW_TAG_array_type)
		return add_array(c, type);
	return add_opaque(c, size_of(type));
}

/* libbpf adds fields to the type added last, so the types of all members come first. */
static int add_composite(struct converter *c, Dwarf_Die *type, const char *name, int depth)
{
	AUTO_FREE struct member *members = NULL;
	size_t nr = 0, cap = 0;
	Dwarf_Die child, peeled;
	int id, r = 0;

	if (depth > MAX_DEPTH)
		return -E2BIG;
	for (bool more = first_child(type, &child); more; more = next_child(&child)) {
		struct member m = { .name = dwarf_diename(&child) };
		Dwarf_Word offset = 0;

		/* what is asked for is never a bit field */
		if (dwarf_tag(&child) != DW_TAG_member || dwarf_hasattr(&child, DW_AT_bit_size) ||
		    !type_of(&child, &peeled))
			continue;
		if (++c->added > MAX_ADDED)
			return -E2BIG;
		if (dwarf_hasattr(&child, DW_AT_data_member_location) &&
		    (!number(&child, DW_AT_data_member_location, &offset) || offset > INT32_MAX / 8))
			continue;
		m.offset = (uint32_t)offset;
		m.type = add_member_type(c, m.name, &peeled, depth);
		if (m.type < 0)
			return m.type;
		GROW(members, nr, cap);
		members[nr++] = m;
	}
	id = dwarf_tag(type) == DW_TAG_union_type ? btf__add_union(c->btf, name, size_of(type)) :
						     btf__add_struct(c->btf, name, size_of(type));
	for (size_t i = 0; id >= 0 && !r && i < nr; i++)
		r = btf__add_field(c->btf, members[i].name, members[i].type, members[i].offset * 8, 0);
	return r < 0 ? r : id;
}

static int add_enum(struct converter *c, Dwarf_Die *type, const char *name)
{
	int id = btf__add_enum(c->btf, name, 4), r = 0;
	Dwarf_Die child;

	for (bool more = id >= 0 && first_child(type, &child); more && !r; more = next_child(&child)) {
		const char *value_name = dwarf_diename(&child);
		Dwarf_Attribute a;
		Dwarf_Sword value;

		if (dwarf_tag(&child) != DW_TAG_enumerator || !value_name ||
		    !dwarf_attr(&child, DW_AT_const_value, &a) || dwarf_formsdata(&a, &value) < 0 ||
		    value < INT32_MIN || value > UINT32_MAX)
			continue;
		if (++c->added > MAX_ADDED)
			return -E2BIG;
		r = btf__add_enum_value(c->btf, value_name, value);
	}
	return r < 0 ? r : id;
}

static int add_function(struct converter *c, Dwarf_Die *function, const char *name)
{
	bool returns = dwarf_hasattr(function, DW_AT_type);
	int opaque = add_opaque(c, 8), proto, r = 0;
	Dwarf_Die child;

	proto = opaque < 0 ? opaque : btf__add_func_proto(c->btf, returns ? opaque : 0);
	for (bool more = proto >= 0 && first_child(function, &child); more && !r;
	     more = next_child(&child)) {
		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		if (++c->added > MAX_ADDED)
			return -E2BIG;
		r = btf__add_func_param(c->btf, NULL, opaque);
	}
	if (proto < 0 || r < 0)
		return proto < 0 ? proto : r;
	return btf__add_func(c->btf, name, BTF_FUNC_STATIC, proto);
}

/* The name that @die is wanted by; NULL for declarations and instances of inlines. */
static const char *name_of(Dwarf_Die *die, int tag)
{
	Dwarf_Die first;

	if (dwarf_hasattr(die, DW_AT_declaration))
		return NULL;
	if (dwarf_hasattr(die, DW_AT_name))
		return dwarf_diename(die);
	if (tag == DW_TAG_enumeration_type && first_child(die, &first))
		return dwarf_diename(&first);
	return NULL;
}

static int convert(struct converter *c, Dwarf_Die *die)
{
	int tag = dwarf_tag(die), r;
	const char *name;

	if (tag != DW_TAG_structure_type && tag != DW_TAG_enumeration_type && tag != DW_TAG_subprogram)
		return 0;
	name = name_of(die, tag);
	for (size_t i = 0; name && i < ARRAY_SIZE(wanted); i++) {
		if (c->found[i] || tag != wanted[i].tag || strcmp(name, wanted[i].name))
			continue;
		if (tag == DW_TAG_structure_type)
			r = add_composite(c, die, name, 0);
		else if (tag == DW_TAG_enumeration_type)
			r = add_enum(c, die, strcmp(name, MARKS) ? name : NULL);
		else
			r = add_function(c, die, name);
		if (r < 0)
			return r;
		c->found[i] = true;
		c->nr_found++;
	}
	return 0;
}

/* Unit after unit until all is found: most is in the first that includes <linux/mm.h>. */
static int convert_units(struct converter *c, Dwarf *dwarf)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die top, split, child;
	int r = 0, more;
	uint8_t kind;

	while (!r && c->nr_found < ARRAY_SIZE(wanted) &&
	       (more = dwarf_get_units(dwarf, unit, &unit, NULL, &kind, &top, &split)) == 0) {
		/* a skeleton has its types in a file of its own */
		Dwarf_Die *parent = kind == DW_UT_skeleton && split.addr ? &split : &top;

		for (bool next = first_child(parent, &child); next && !r; next = next_child(&child))
			r = convert(c, &child);
	}
	return r;
}

static int copy_raw(const struct btf *btf, void **ret, size_t *ret_len)
{
	__u32 len;
	const void *raw = btf__raw_data(btf, &len);

	if (!raw)
		return -ENOMEM;
	*ret = xcalloc(1, len);
	memcpy(*ret, raw, len);
	*ret_len = len;
	return 0;
}

int dwarf_types_to_btf(Elf *elf, void **ret, size_t *ret_len, struct rig_err *err)
{
	Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	struct converter c = { 0 };
	int r;

	if (!dwarf)
		return rig_err_set(err, RIG_HOST, ENOENT, "no debug information: %s", dwarf_errmsg(-1));
	c.btf = btf__new_empty();
	r = c.btf ? convert_units(&c, dwarf) : -ENOMEM;
	if (r >= 0 && !c.nr_found)
		r = rig_err_set(err, RIG_HOST, ENOENT, "debug information without the types of memory");
	else if (r < 0 || (r = copy_raw(c.btf, ret, ret_len)) < 0)
		r = rig_err_set(err, RIG_HOST, EINVAL, "its debug information makes no sense: %s",
				strerror(-r));
	btf__free(c.btf);
	dwarf_end(dwarf);
	return r;
}
