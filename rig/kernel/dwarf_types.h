/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dwarf_types: the few types that a page layout is made of, taken out of DWARF and put into BTF.  Level 2.
 *
 * So that there is one reader of types, layout_from_btf(), whatever a kernel was built with.  A type
 * has only what that one looks at: members by name, offset and size, anonymous structs and unions in
 * place, the length of arrays, the values of enums, the number of parameters and whether there is a
 * result.  Everything else becomes a nameless struct of its size.
 */
#ifndef RIG_KERNEL_DWARF_TYPES_H
#define RIG_KERNEL_DWARF_TYPES_H

#include <libelf.h>
#include <stddef.h>

#include "base/err.h"

/**
 * dwarf_types_to_btf() - raw BTF of the types in @elf that layouts are made of
 * @elf: opened on a file; the .dwo files of split DWARF are found beside what the file names
 * @ret: caller frees.  Types that are not there are left out: layout_from_btf() names the first.
 * Errors: -ENOENT: there is no DWARF, or none of these types in it; -EINVAL: it is damaged.
 */
int dwarf_types_to_btf(Elf *elf, void **ret, size_t *ret_len, struct rig_err *err) RIG_CHECKED;

#endif
