// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's page tables: its direct map, and what is mapped for struct pages. */
#include "base/clean.h"
#include "wrong_details.h"

#define D0	SAMPLE_D0_PFN
#define NAMESPACE 0x180000ull
#define MEMMAP(pfn) ((pfn) * 64 / 4096)

static void map(struct snapshot *w, uint64_t pfn, uint64_t nr, uint64_t to, unsigned int attributes)
{
	sample_map(&w->direct_map, &(struct mapping){ pfn, nr, to, attributes });
}

#define SPOIL(name, ...)							\
	static void name(const struct sample *s, struct snapshot *w)		\
	{									\
		(void)s;							\
		map(w, __VA_ARGS__);						\
	}

SPOIL(hole, D0 + 0x200, 0x200, SAMPLE_UNMAPPED, 0)
SPOIL(hole_at_start, D0, 1, SAMPLE_UNMAPPED, 0)
SPOIL(hole_at_end, D0 + 0xffff, 1, SAMPLE_UNMAPPED, 0)
SPOIL(shifted, D0 + 0x400, 0x200, D0 + 0x200, MAPPING_WRITABLE)
SPOIL(elsewhere, D0 + 0x400, 0x200, 0x1000, MAPPING_WRITABLE)
SPOIL(executable, D0 + 0x600, 0x200, D0 + 0x600, MAPPING_WRITABLE | MAPPING_EXECUTABLE)
SPOIL(for_programs, D0 + 0x600, 1, D0 + 0x600, MAPPING_WRITABLE | MAPPING_USER)
SPOIL(read_only, D0 + 0x8000, 0x8000, D0 + 0x8000, 0)
SPOIL(device_uncached, NAMESPACE, 0x200, NAMESPACE, MAPPING_WRITABLE | MAPPING_UNCACHED)
SPOIL(left, D0 + 0x8000, 0x8000, D0 + 0x8000, MAPPING_WRITABLE)
SPOIL(left_readable, D0, 1, 0x1000, 0)

/* Around a page that was mapped at boot, beside the spans. */
static void left_beside(const struct sample *s, struct snapshot *w)
{
	(void)s;
	map(w, D0 - 0x200, 0x200, D0 - 0x200, MAPPING_WRITABLE);
	map(w, D0 + 0x10000, 1, D0 + 0x10000, MAPPING_WRITABLE);
}

static void memmap_left(const struct sample *s, struct snapshot *w)
{
	(void)s;
	sample_map(&w->memmap_map, &(struct mapping){ MEMMAP(D0), 512, 0x2e00, MAPPING_WRITABLE });
}

static void piece_of_memmap_left(const struct sample *s, struct snapshot *w)
{
	(void)s;
	sample_map(&w->memmap_map, &(struct mapping){ MEMMAP(D0 + SAMPLE_BLOCK_PAGES) + 7, 1, 0x2e00, MAPPING_WRITABLE });
}

#define MEMMAP_SPOIL(name, pfn, nr, to)						\
	static void name(const struct sample *s, struct snapshot *w)		\
	{									\
		(void)s;							\
		sample_map(&w->memmap_map, &(struct mapping){ MEMMAP(pfn), nr, to, MAPPING_WRITABLE });	\
	}

MEMMAP_SPOIL(over_info_block, NAMESPACE, 1, NAMESPACE)
MEMMAP_SPOIL(over_data, NAMESPACE + SAMPLE_BLOCK_PAGES - 64, 1, NAMESPACE + SAMPLE_BLOCK_PAGES - 1)
MEMMAP_SPOIL(in_namespace, NAMESPACE + 0x80, 4, NAMESPACE + 0x4000)
MEMMAP_SPOIL(not_at_start, D0 + 0x40, 2, D0 + 0x200)
MEMMAP_SPOIL(in_offline_block, D0, 2, D0 + 0x9000)

#define ROW(what, state, spoil, invariant, pfn, nr, ...)	\
	{ what, state, BY_COMPARE, 0, { 0 }, spoil, invariant, pfn, nr, __VA_ARGS__ }
#define TO_ITSELF "each page is mapped to itself"
#define PLAIN "mapped writable, not executable, for the kernel alone, cached"

const struct wrong_detail wrong_mappings[] = {
	ROW("hole in the direct map", SAMPLE_ADDED, hole, "directmap.mapped", D0 + 0x200, 0x200, TO_ITSELF, "not mapped"),
	ROW("first page not mapped", SAMPLE_OFFLINED, hole_at_start, "directmap.mapped", D0, 1, TO_ITSELF, "not mapped"),
	ROW("last page not mapped", SAMPLE_ADDED, hole_at_end, "directmap.mapped", D0 + 0xffff, 1, TO_ITSELF, "not mapped"),
	ROW("mapped twice", SAMPLE_OFFLINED, shifted, "directmap.mapped", D0 + 0x400, 0x200, TO_ITSELF,
	    "its first page leads to pfn 0x100200"),
	ROW("online page that leads elsewhere", SAMPLE_ONLINE, elsewhere, "directmap.mapped", D0 + 0x400, 0x200, TO_ITSELF,
	    "its first page leads to pfn 0x1000"),
	ROW("executable", SAMPLE_ADDED, executable, "directmap.attributes", D0 + 0x600, 0x200, PLAIN,
	    "mapped writable, executable"),
	ROW("executable and online", SAMPLE_ONLINE, executable, "directmap.attributes", D0 + 0x600, 0x200, PLAIN, NULL),
	ROW("for programs", SAMPLE_ONLINE, for_programs, "directmap.attributes", D0 + 0x600, 1, PLAIN, "for programs too"),
	ROW("read-only", SAMPLE_HALF, read_only, "directmap.attributes", D0 + 0x8000, 0x8000, PLAIN, "mapped not writable"),
	ROW("namespace not cached", SAMPLE_FSDAX, device_uncached, "directmap.attributes", NAMESPACE, 0x200, PLAIN,
	    "not cached"),
	ROW("direct map of what is gone", SAMPLE_UNPLUGGED, left, "directmap.residue", D0 + 0x8000, 0x8000,
	    "not mapped: nothing is there", "mapped to pfn 0x108000"),
	ROW("a page of it", SAMPLE_UNPLUGGED, left_readable, "directmap.residue", D0, 1, NULL, "mapped to pfn 0x1000"),
	ROW("before and behind a device", SAMPLE_ONLINE, left_beside, "directmap.residue", D0 - 0x200, 0x200, NULL, NULL),
	ROW("memmap over the info block", SAMPLE_FSDAX_DEV, over_info_block, "memmap.place", NAMESPACE, 64,
	    "struct pages of a namespace with map=dev: between its info block and its data", "the first lie in pfn 0x180000"),
	ROW("memmap in the data", SAMPLE_DEVDAX_DEV, over_data, "memmap.place", NAMESPACE + SAMPLE_BLOCK_PAGES - 64, 64, NULL,
	    "the first lie in pfn 0x187fff"),
	ROW("memmap in a namespace", SAMPLE_DEVDAX, in_namespace, "memmap.place", NAMESPACE + 0x80, 256,
	    "struct pages of a namespace with map=mem: in RAM that is online", "the first lie in pfn 0x184000"),
	ROW("memmap in the data of its own block", SAMPLE_HOSTED_ONLINE, not_at_start, "memmap.place", D0 + 0x40, 128,
	    "struct pages of a block that holds its own memmap: at its start", "the first lie in pfn 0x100200"),
	ROW("memmap in a block that is not online", SAMPLE_HALF, in_offline_block, "memmap.place", D0, 128,
	    "struct pages of memory: in RAM that is online", "the first lie in pfn 0x109000"),
	ROW("memmap of what is gone", SAMPLE_UNPLUGGED, memmap_left, "memmap.residue", D0, 0x8000, NULL, NULL),
	ROW("a page of that", SAMPLE_UNPLUGGED, piece_of_memmap_left, "memmap.residue", D0 + 0x8000, 0x8000, NULL, NULL),
};
const size_t nr_wrong_mappings = ARRAY_SIZE(wrong_mappings);
