/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness_layout: what the witness decodes with: the layout of the kernel's file, completed by its
 * note, or what the note alone gives, calibrated on pages of the guest.  Level 4, part of witness.
 */
#ifndef RIG_WITNESS_WITNESS_LAYOUT_H
#define RIG_WITNESS_WITNESS_LAYOUT_H

#include "page/kernel_memory.h"
#include "witness/witness.h"

/**
 * witness_layout_find() - @config has the layout of the file, or none
 * @source: a constant, or @config's
 * Errors: RIG_KERNEL -ENOENT when not even struct pages can be found with what is known.
 */
int witness_layout_find(const struct witness_config *config, const struct kernel_memory *kernel,
			const char *note, struct page_layout *ret, const char **source,
			struct rig_err *err) RIG_CHECKED;

#endif
