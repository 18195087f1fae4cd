/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_tables: x86-64 page tables, walked in guest memory.  Level 4, part of witness.
 *
 * A walk reads at most one table per level, whatever the tables hold: loops and garbage cannot make
 * it longer.  The last table of each level is kept until page_tables_forget(), as neighbours share
 * them all but the lowest.
 */
#ifndef RIG_WITNESS_PAGE_TABLES_H
#define RIG_WITNESS_PAGE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "page/mapping.h"
#include "witness/guest_memory.h"

#define PAGE_TABLES_MAX_LEVELS 5
#define PAGE_TABLE_ENTRIES 512

struct page_tables {
	const struct guest_memory *memory;
	uint64_t root;		/* guest-physical address of the highest table */
	unsigned int levels;	/* 4 or 5 */

	/* private */
	struct page_table {
		uint64_t gpa;	/* GUEST_MEMORY_END: none */
		uint64_t entry[PAGE_TABLE_ENTRIES];
	} last[PAGE_TABLES_MAX_LEVELS];		/* by level, 0 the lowest */
};

void page_tables_init(struct page_tables *t, const struct guest_memory *memory, uint64_t root,
		      unsigned int levels);
void page_tables_forget(struct page_tables *t);

/* What the tables say of an address. */
struct page_mapping {
	bool mapped;
	uint64_t len;		/* bytes from there on of which the same entry speaks, at least 1 */
	uint64_t gpa;		/* where they lead */
	unsigned int attributes;	/* page/mapping.h */
};

/**
 * page_tables_look() - what the tables say of kernel address @addr, canonical or not
 * Errors: -EBADMSG: an entry that the processor would refuse, or a table that is not in RAM, and @ret's len
 * tells how far that reaches; else as guest_memory.read.
 */
int page_tables_look(struct page_tables *t, uint64_t addr, struct page_mapping *ret) RIG_CHECKED;

/**
 * page_tables_translate() - where the byte at kernel address @addr is
 * @len: bytes from there on that lie behind it in guest memory too, at least 1
 * Errors: -EFAULT: not mapped, or not canonical; else as page_tables_look().
 */
int page_tables_translate(struct page_tables *t, uint64_t addr, uint64_t *gpa, uint64_t *len)
	RIG_CHECKED;

#endif
