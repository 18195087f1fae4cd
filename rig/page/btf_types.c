// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "page/btf_types.h"

const struct btf_type *btf_peel(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

const struct btf_type *btf_struct(const struct btf *btf, const char *name)
{
	__s32 id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);
}

bool btf_member(const struct btf *btf, const struct btf_type *t, const char *name, __u32 base,
		struct layout_field *ret)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++, m++) {
		const char *mname = btf__name_by_offset(btf, m->name_off);
		__u32 offset = base + btf_member_bit_offset(t, (__u32)i) / 8;
		const struct btf_type *mt = btf_peel(btf, m->type);

		if (*mname && !strcmp(mname, name)) {
			__s64 size = btf__resolve_size(btf, m->type);

			*ret = (struct layout_field){ offset, size > 0 ? (__u32)size : 0, true };
			return true;
		}
		if (!*mname && mt && btf_is_composite(mt) && btf_member(btf, mt, name, offset, ret))
			return true;
	}
	return false;
}

bool btf_enum_value(const struct btf *btf, const char *name, const char *value, uint32_t *ret)
{
	__s32 id = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);

	for (int i = 0; t && i < btf_vlen(t); i++) {
		const struct btf_enum *e = btf_enum(t) + i;

		if (strcmp(btf__name_by_offset(btf, e->name_off), value))
			continue;
		*ret = (uint32_t)e->val;
		return true;
	}
	return false;
}
